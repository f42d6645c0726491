#!/usr/bin/env bash
# Runs the benchmark: starts a real reeved with its worker processes for each figure, in a new directory on the disk of the
# build folder (never in memory), and prints one line a figure. usage: bench/run.sh BUILD-DIR [MODE... [--open N] [--closed N]]
#
# Modes: machine ingest life lat restart bytes (all of them when none is named), and by name only: scale and policies. Sizes by environment:
#   N=100000 reports (ingest, life)   OPEN=30000 open cases (restart)   SECONDS_LAT=10   RUNS=1   KEEP=1 keeps the directory
# scale takes --open N (1000000) and --closed N (5000000): the cases that are in the store beforehand.
set -euo pipefail

build=$(readlink -f "$1")
shift
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
n=${N:-100000}
open=${OPEN:-30000}
lat_seconds=${SECONDS_LAT:-10}
runs=${RUNS:-1}
bench=$build/bench/reeve-bench
fill=$build/bench/reeve-fill
reeved=$(find "$build" -name reeved -type f -perm -u+x | head -n 1)
reeve=$(find "$build" -name reeve -type f -perm -u+x | head -n 1)

fail() { printf 'bench: %s\n' "$*" >&2; exit 1; }
misuse() { printf 'bench: %s\n' "$*" >&2; exit 2; }

# What is asked for, before anything is done.
scale_open=1000000 scale_closed=5000000
modes=()
while [ $# -gt 0 ]; do
	case $1 in
	--open | --closed)
		[[ ${2-} =~ ^[1-9][0-9]{0,8}$ ]] || misuse "$1 takes a number from 1 to 999999999, not ${2-nothing}"
		declare "scale_${1#--}=$2"
		shift
		;;
	machine | ingest | life | lat | restart | bytes | scale | policies) modes+=("$1") ;;
	*) misuse "no mode is called $1: machine ingest life lat restart bytes scale policies; options: --open N --closed N" ;;
	esac
	shift
done
[ ${#modes[@]} -gt 0 ] || modes=(machine ingest life lat restart bytes)
[[ $runs =~ ^[1-9][0-9]{0,5}$ ]] || misuse "RUNS is a number from 1, not $runs"
[ -x "$bench" ] && [ -n "$reeved" ] && [ -n "$reeve" ] || fail "reeved, reeve and reeve-bench are not built in $build: ./run build release"

# The store goes to the build folder's disk; the sockets to a short path (their names have at most 107 bytes).
case $(stat -f -c %T "$build") in
tmpfs | ramfs) fail "$build is in memory: an fsync there says nothing; build on a disk" ;;
esac
disk=$(mktemp -d "$build/bench-XXXXXX")
sockets=$(mktemp -d)
pid=
stop() {
	[ -n "$pid" ] || return 0
	kill -TERM "$pid" 2>/dev/null || true
	wait "$pid" || true
	pid=
}
clean() {
	stop
	[ "${KEEP:-}" = 1 ] || rm -rf "$disk"
	rm -rf "$sockets"
}
trap clean EXIT
trap 'exit 130' INT TERM

doors=(service="ipc://$sockets/service" feed="ipc://$sockets/feed")

# start WORKERS: a daemon on $disk/state with so many triage and assignment workers each.
start() {
	local workers=$1 task
	{
		printf 'daemon:\n  state_dir: %s/state\n  log_level: warning\n' "$disk"
		printf 'doors:\n  service: ipc://%s/service\n  work: ipc://%s/work\n  feed: ipc://%s/feed\n' "$sockets" "$sockets" "$sockets"
		printf 'feed:\n  mark_ms: 100\n  high_water: 1000000\n'
		printf 'store:\n  low_room_bytes: 0\n'
		if [ "$workers" -eq 0 ]; then
			printf 'workers: []\n'
		else
			printf 'workers:\n'
			for task in triage assign; do
				printf '  - task: %s\n    command: %s\n    count: %s\n' "$task" "$(find "$build" -name "reeve-$task" -type f -perm -u+x | head -n 1)" "$workers"
			done
		fi
	} >"$disk/reeved.yaml"
	mkdir -p "$disk/state"
	"$reeved" --config "$disk/reeved.yaml" >"$disk/log" 2>&1 &
	pid=$!
}

# fresh WORKERS: the same with an empty store and the bench policy.
fresh() {
	stop
	rm -rf "$disk/state"
	start "$1"
	"$reeve" --service "ipc://$sockets/service" --timeout 10000 policy apply "$here/policy" --yes >/dev/null || {
		tail -n 20 "$disk/log" >&2
		fail "the bench policy could not be applied"
	}
}

load() {
	"$bench" "$@" "${doors[@]}" directory="$disk" || {
		tail -n 20 "$disk/log" >&2
		fail "reeve-bench $* failed"
	}
}

append_p50= pingpong_p50= lat_p50=
p50_of() { sed -n 's/.* p50=\([0-9]*\)us.*/\1/p' <<<"$1"; }

mode_machine() {
	local line
	line=$(load append n=5000)
	append_p50=$(p50_of "$line")
	printf '%s\n' "$line"
	line=$(load pingpong n=20000)
	pingpong_p50=$(p50_of "$line")
	printf '%s\n' "$line"
}

mode_ingest() {
	fresh 0
	load ingest batch=1 n=$((n / 2)) window=1024
	fresh 0
	load ingest batch=64 n="$n" window=4096
}

mode_life() {
	fresh 1
	load life batch=64 n="$n" window=4096
}

mode_lat() {
	local line
	fresh 1
	load ingest batch=64 n=2000 >/dev/null # the first touch of new pages is not what is asked
	line=$(load lat rate=200 n=$((200 * lat_seconds)) first=2000)
	lat_p50=$(p50_of "$line")
	printf '%s\n' "$line"
}

mode_restart() {
	fresh 0
	load ingest batch=64 n="$open" >/dev/null
	stop
	start 0
	load answer n="$open"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	start 0
	load answer n="$open" label=after-kill
}

# Bytes that the files really take on disk (LMDB's are sparse), after a clean stop.
used_of() { echo $((512 * $(stat -c %b "$disk/state/$1"))); }
mode_bytes() {
	local count=$((n / 2))
	fresh 1
	load life batch=64 n="$count" window=4096 >/dev/null
	stop
	printf 'reeve cfg=sync bytes n=%s journal=%s/case archive=%s/case\n' "$count" $(($(used_of journal.mdb) / count)) $(($(used_of archive.mdb) / count))
}

# Memory of the daemon's own in kB: not the pages of the store's files, which are the kernel's to give back.
memory() { sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$pid/status"; }
rate_of() { sed -n 's/.* rate=\([0-9]*\).*/\1/p' <<<"$1"; }
crash() {
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	pid=
}

# The same with an empty store and with a full one.
mode_scale() {
	local line empty_memory empty_rate full_memory
	fresh 0
	empty_memory=$(memory)
	fresh 1
	line=$(load life batch=64 n="$n" window=4096 label=empty)
	empty_rate=$(rate_of "$line")
	printf '%s\n' "$line"
	stop
	rm -rf "$disk/state"
	mkdir "$disk/state"
	"$fill" "$disk/state" "$here/policy" "$scale_open" "$scale_closed" || fail "the store could not be filled"
	start 1
	load answer n="$scale_open" label=filled patience=600
	line=$(load life batch=64 n="$n" window=4096 first=$((scale_open + scale_closed + 1)) label=filled)
	printf '%s\n' "$line"
	awk -v a="$(rate_of "$line")" -v b="$empty_rate" 'BEGIN { printf "ratio life filled=%d/s empty=%d/s share=%.2f\n", a, b, a / b }'
	crash
	start 0
	load answer n="$scale_open" label=after-kill patience=600
	full_memory=$(memory)
	printf 'reeve cfg=filled open-case bytes=%s n=%s\n' $(((full_memory - empty_memory) * 1024 / scale_open)) "$scale_open"
	crash
	rm -f "$disk/state/archive.mdb" "$disk/state/archive.mdb-lock"
	start 0
	load answer n="$scale_open" label=archive-lost patience=3600
	printf 'reeve cfg=filled bytes journal=%s/case archive=%s/case\n' $(($(used_of journal.mdb) / (scale_open + scale_closed))) \
		$(($(used_of archive.mdb) / (scale_open + scale_closed)))
	stop
}

# Weeks of changes to a large city's policy.
mode_policies() {
	local before version
	fresh 0
	cp -r "$here/../examples/jinan" "$disk/rules"
	before=$(memory)
	for ((version = 1; version <= 100; version++)); do
		printf '# week %d\n' "$version" >>"$disk/rules/policy.yaml"
		"$reeve" --service "ipc://$sockets/service" --timeout 10000 policy apply "$disk/rules" --yes >/dev/null || fail "version $version was not adopted"
	done
	printf 'reeve cfg=sync policies n=100 files=%dB memory=+%dkB\n' "$(cat "$disk"/rules/*.csv "$disk"/rules/*.yaml | wc -c)" $(($(memory) - before))
	"$reeve" --service "ipc://$sockets/service" --timeout 10000 submit --source web --ref 1 --text lamp >/dev/null
	crash
	start 0
	load answer n=1 label=policies
	rm -rf "$disk/rules"
	stop
}

for ((run = 0; run < runs; run++)); do
	for mode in "${modes[@]}"; do
		"mode_$mode"
	done
done
if [ -n "$append_p50" ] && [ -n "$pingpong_p50" ] && [ -n "$lat_p50" ]; then
	awk -v a="$append_p50" -v p="$pingpong_p50" -v l="$lat_p50" \
		'BEGIN { printf "ratio lat_p50=%dus machine=%dus (append + pingpong) times=%.1f\n", l, a + p, l / (a + p) }'
fi
