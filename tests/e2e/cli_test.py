#!/usr/bin/python3
"""The reeve program against the real daemon: what it prints, its exit codes, imports that are interrupted, plays, watches."""
import gzip
import json
import os
import shutil
import signal
import subprocess
import time

from harness import PATIENCE_S, SHORT, TREE, Daemon, equal, new_directory, program, run_tests, true

POLICY = os.path.join(TREE, "bench", "policy")
DRIVEN = {"daemon": {"clock": "driven", "driven_start": "2011-07-01T00:00:00Z"}}
ROWS = 500 if SHORT else 4000

MAPPING = """
zone: Asia/Taipei
format: "%Y-%m-%d %H:%M"
fields:
  source: {constant: town}
  source_ref: id
  text: {template: "{what} {where}"}
  category: {column: category, default: light}
  area: {constant: b1a}
  title: what
"""
PLAY = MAPPING + """
  reported_at: opened
play:
  - {do: sign, between: [opened, closed], share: 0.5}
  - {do: close, at: closed, fields: {outcome: {constant: solved}, reason: {constant: 已修復}}}
"""


def table(directory, rows, mapping=MAPPING, packed=False):
    """A table and its mapping file."""
    path, map_path = os.path.join(directory, "rows.csv" + ".gz" * packed), os.path.join(directory, "map.yaml")
    text = "id,opened,closed,category,what,where\r\n" + "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)
    with (gzip.open(path, "wt", encoding="utf-8", newline="") if packed else open(path, "w", encoding="utf-8", newline="")) as file:
        file.write(text)
    with open(map_path, "w", encoding="utf-8") as file:
        file.write(mapping)
    return path, map_path


def plain_rows(count):
    return [(f"R{index}", "", "", "", f"路燈 {index}", "永康區") for index in range(count)]


def lines_of(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def exits(wanted, said, daemon, *arguments):
    result = daemon.cli(*arguments, check=False)
    equal(result.returncode, wanted, f"exit code of {arguments}")
    true(said in result.stderr + result.stdout, f"{arguments} says {result.stderr!r} and not {said!r}")


def opened_refs(client):
    return [event["source_ref"] for event in client.events() if event["event"] == "case_opened"]


def test_one_case_by_hand():
    """submit, show, sign, report, close, timeline, explain, list: by number and by reference, for people and as JSON."""
    daemon = Daemon(workers=()).start()
    exits(1, "no_policy", daemon, "submit", "--source", "town", "--ref", "1", "--text", "x")
    true("can be adopted" in daemon.cli("policy", "check", POLICY).stdout, "policy check")
    true("version 1" in daemon.cli("policy", "apply", POLICY, "--yes").stdout, "policy apply")
    report = ("submit", "--source", "town", "--ref", "1", "--title", "路灯", "--category", "light", "--area", "b1a", "--caller-name", "王先生")
    number = daemon.cli(*report, "--text", "-", input="路灯不亮了\n").stdout.strip()
    equal(daemon.cli(*report, "--text", "again").stdout.strip(), number + " (known already)")
    case = json.loads(daemon.cli("case", "show", number, "--json").stdout)
    equal((case["text"], case["title"], case["state"]), ("路灯不亮了", "路灯", "received"))
    true("王先生" not in json.dumps(case, ensure_ascii=False), "the caller's name is in show")
    true("王先生" in daemon.cli("contact", number).stdout, "contact")
    daemon.cli("triage", number, "--category", "light")
    units = [row for row in open(os.path.join(POLICY, "units.csv"), encoding="utf-8").read().splitlines()[1:] if row]
    unit = units[0].split(",")[0]
    daemon.cli("dispatch", "--source", "town", "--ref", "1", "--unit", unit)
    equal(daemon.cli("unit", "sign", number, "--unit", unit).stdout.split()[0], number)
    daemon.cli("unit", "report", number, "--result", "灯泡已换")
    exits(1, "illegal_transition", daemon, "unit", "sign", number)
    explained = daemon.cli("case", "explain", number, "--zone", "Asia/Shanghai").stdout
    due = json.loads(daemon.cli("case", "show", number, "--json").stdout)["due"]
    clocks = json.loads(daemon.cli("case", "explain", number, "--json").stdout)["clocks"]
    promise = next(clock for clock in clocks if clock["clock"] == "promise")
    equal(promise["due"], due)
    if promise.get("intervals"):
        equal(promise["intervals"][-1]["to"], due, "where the last interval ends")
    true("+08:00" in explained and "  due 2" in explained, explained)
    daemon.cli("close", number, "--outcome", "solved", "--reason", "完成")
    timeline = daemon.cli("case", "timeline", number).stdout
    for event in ("case_opened", "case_triaged", "case_dispatched", "case_signed", "case_reported", "case_closed"):
        true(event in timeline, f"{event} is not in the timeline")
    last = json.loads(daemon.cli("case", "timeline", number, "--json").stdout)["events"][-1]["seq"]
    rows = lines_of(daemon.cli("list", "--closed", "--area", "b1a", "--json", "--min-seq", str(last)))
    equal([row["case"] for row in rows], [number])
    equal(lines_of(daemon.cli("list", "--open", "--json")), [])
    daemon.cli("reopen", number, "--reason", "又坏了")
    equal(json.loads(daemon.cli("case", "show", number, "--json").stdout)["state"], "triaged")


def test_exit_codes():
    """1 refused, 2 wrong usage, 3 nobody there; a refusal is JSON when JSON is wanted."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    exits(2, "no command is called dance", daemon, "dance")
    exits(2, "check digit", daemon, "case", "show", "0000-0000-0014")
    exits(2, "name the case", daemon, "close")
    exits(2, "--unit", daemon, "dispatch", "0000-0000-0013")
    exits(2, "Mars", daemon, "status", "--zone", "Mars/Olympus")
    exits(2, "from 0 to 4", daemon, "list", "--urgency", "7")
    exits(1, "unknown_case", daemon, "case", "show", "0000-0000-0013")
    exits(1, "unknown_area", daemon, "submit", "--source", "s", "--ref", "1", "--text", "x", "--area", "atlantis")
    refusal = daemon.cli("case", "show", "0000-0000-0013", "--json", check=False)
    equal((refusal.returncode, json.loads(refusal.stdout)["error"]), (1, "unknown_case"))
    exits(3, "could not be reached", daemon, "status", "--service", "ipc:///tmp/reeve-nobody", "--timeout", "100")
    exits(1, "not_driven", daemon, "advance", "--by", "1h")
    equal(daemon.cli("--json", "status").stdout[:1], "{")
    true(daemon.cli("help", "case").stdout.count("\n") >= 3 and daemon.cli("--version").stdout.startswith("reeve "), "help and version")


def test_import_counts_and_never_doubles():
    """Each row once; rows known already are counted; refused rows are named by number; the second run opens nothing."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    rows = plain_rows(ROWS)
    rows[6] = ("R6", "", "", "no-such-category", "x", "y")
    rows[8] = ("", "", "", "", "no number", "")
    path, mapping = table(new_directory(), rows, packed=True)
    result = daemon.cli("import", path, "--map", mapping, "--json", check=False)
    summary = json.loads(result.stdout)
    equal(result.returncode, 1, "exit code with refused rows")
    equal((summary["rows"], summary["opened"], summary["known"], summary["refused"]), (ROWS, ROWS - 2, 0, 2))
    equal(summary["refusals"], {"unknown_category": 1, "mapping": 1})
    true("row 7: unknown_category (category)" in result.stderr and "row 9: source" in result.stderr, result.stderr)
    again = json.loads(daemon.cli("import", path, "--map", mapping, "--json", check=False).stdout)
    equal((again["opened"], again["known"]), (0, ROWS - 2))
    refs = opened_refs(daemon.client())
    equal((len(refs), len(set(refs))), (ROWS - 2, ROWS - 2))
    stopped = daemon.cli("import", path, "--map", mapping, "--stop-on-error", "--frame", "1", "--window", "1", "--state", "none", "--json", check=False)
    true(json.loads(stopped.stdout)["rows"] < 12, "--stop-on-error went on")
    other, _ = table(new_directory(), [])
    with open(other, "w", encoding="utf-8") as file:
        file.write("id,opened\n1,2\n")
    exits(1, "has no column", daemon, "import", other, "--map", mapping)


def test_import_survives_kills_of_both_sides():
    """kill -9 of the import and of the daemon in mid-load: it goes on, and every row is there once."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    path, mapping = table(new_directory(), plain_rows(4 * ROWS))
    environment = dict(os.environ, REEVE_SERVICE=daemon.service)
    command = [program("reeve"), "import", path, "--map", mapping, "--window", "16", "--frame", "4", "--json"]

    def stored():
        return daemon.client().ask("status")["seq"]

    def wait_for(least):
        deadline = time.monotonic() + PATIENCE_S
        while stored() < least:
            true(time.monotonic() < deadline, "the import does not get on")

    with open(os.devnull, "wb") as nothing:
        first = subprocess.Popen(command, env=environment, stdout=nothing, stderr=nothing)
        wait_for(ROWS // 2)
        first.send_signal(signal.SIGKILL)
        first.wait()
        before = stored()
        second = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=nothing, text=True)
        wait_for(before + ROWS // 2)
        daemon.kill()
        daemon.start()
        summary = json.loads(second.communicate(timeout=4 * PATIENCE_S)[0])
    equal(second.returncode, 0, "exit code")
    equal((summary["rows"], summary["refused"]), (4 * ROWS, 0))
    refs = opened_refs(daemon.client())
    equal((len(refs), len(set(refs))), (4 * ROWS, 4 * ROWS))
    true(not os.path.exists(path + ".reeve-state"), "the checkpoint is still there")


def test_play_in_time_order():
    """Steps of all rows in the order of their times; what lies after --until is left out; time ends at --until."""
    daemon = Daemon(policy=POLICY, settings=DRIVEN).start()
    rows = [("A", "2011-07-01 10:00", "2011-07-03 10:00", "", "甲", ""), ("B", "2011-07-01 09:00", "2011-07-01 12:00", "", "乙", ""),
            ("C", "2011-07-02 09:00", "", "", "丙", ""), ("D", "2011-07-09 09:00", "2011-07-09 10:00", "", "丁", "")]
    path, mapping = table(new_directory(), rows, PLAY)
    summary = json.loads(daemon.cli("import", "--play", path, "--map", mapping, "--until", "2011-07-05", "--zone", "Asia/Taipei", "--json").stdout)
    equal((summary["opened"], summary["left_out"], summary["done"]), (3, 3, {"submit": 3, "sign": 2, "close": 2}))
    steps = [(event["event"], event["at"]) for event in daemon.client().events() if event["event"] in ("case_opened", "case_signed", "case_closed")]
    equal([at for _, at in steps], sorted(at for _, at in steps))
    equal([name for name, _ in steps], ["case_opened", "case_opened", "case_signed", "case_closed", "case_opened", "case_signed", "case_closed"])
    equal(json.loads(daemon.cli("status", "--json").stdout)["now"], "2011-07-04T16:00:00Z")
    equal(daemon.cli("advance", "--by", "1d", "--zone", "Asia/Taipei").stdout.strip(), "2011-07-06T00:00:00+08:00")
    exits(1, "backwards", daemon, "advance", "--to", "2011-07-01")


def test_watch_misses_nothing():
    """From any number, over kill -9 of the daemon, and to the end with --until-caught-up; a prefix chooses."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    environment = dict(os.environ, REEVE_SERVICE=daemon.service, REEVE_FEED=daemon.feed_address)
    path, mapping = table(new_directory(), plain_rows(ROWS))
    with open(os.path.join(daemon.directory, "seen"), "w+", encoding="utf-8") as seen:
        watch = subprocess.Popen([program("reeve"), "watch", "--from", "1", "--count", str(ROWS + 2), "--json"], env=environment, stdout=seen)
        daemon.cli("import", path, "--map", mapping)
        daemon.kill()
        daemon.start()
        daemon.cli("submit", "--source", "last", "--ref", "1", "--text", "最後", "--category", "light", "--area", "b1a")
        equal(watch.wait(timeout=2 * PATIENCE_S), 0, "exit code of watch")
        seen.seek(0)
        events = [json.loads(line) for line in seen]
    equal([event["seq"] for event in events], list(range(1, ROWS + 3)))
    equal(events[-1]["text"], "最後")
    equal(len(lines_of(daemon.cli("watch", "--from", "1", "--until-caught-up", "--json"))), ROWS + 2)
    equal(len(lines_of(daemon.cli("watch", "case_opened/", "--from", "3", "--until-caught-up", "--json"))), ROWS)
    equal(daemon.cli("watch", "case_closed/", "--from", "1", "--until-caught-up").stdout, "")
    exits(3, "", daemon, "watch", "--until-caught-up", "--service", "ipc:///tmp/reeve-nobody", "--timeout", "300")


def test_journal_and_policy():
    """journal print and verify; policy check names file, line and column; show gives back what was adopted."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    for ref in range(5):
        daemon.cli("submit", "--source", "town", "--ref", str(ref), "--text", "x", "--category", "light", "--area", "b1a", "--caller-phone", "555-0100")
    records = lines_of(daemon.cli("journal", "print", "--json"))
    equal([record["seq"] for record in records], list(range(1, 7)))
    true("555-0100" not in json.dumps(records), "the caller's phone is in the journal")
    equal(len(lines_of(daemon.cli("journal", "print", "--from", "3", "--to", "4", "--json"))), 2)
    equal(len(daemon.cli("journal", "print", "--from", "2", "--count", "3").stdout.splitlines()), 3)
    true("records 1 to 6" in daemon.cli("journal", "verify").stdout, "journal verify")
    true("records 1 to 6" in daemon.cli("journal", "verify", "--to", "50").stdout, "up to its end")
    exits(2, "no such records: the journal ends with 6", daemon, "journal", "verify", "--from", "50")
    exits(2, "--to 3 is before --from 5", daemon, "journal", "verify", "--from", "5", "--to", "3")
    broken = os.path.join(new_directory(), "policy")
    shutil.copytree(POLICY, broken)
    with open(os.path.join(broken, "areas.csv"), "a", encoding="utf-8") as file:
        file.write("lost,nowhere,grid,Lost\n")
    result = daemon.cli("policy", "check", broken, check=False)
    equal(result.returncode, 1, "exit code of policy check")
    true(any(line.startswith(f"{broken}/areas.csv:") and ": error: " in line for line in result.stdout.splitlines()), result.stdout)
    exits(1, "areas.csv", daemon, "policy", "apply", broken, "--yes")
    shown = os.path.join(new_directory(), "shown")
    daemon.cli("policy", "show", shown)
    for name in os.listdir(shown):
        with open(os.path.join(shown, name), encoding="utf-8") as one, open(os.path.join(POLICY, name), encoding="utf-8") as other:
            equal(one.read(), other.read(), name)


if __name__ == "__main__":
    run_tests(globals())
