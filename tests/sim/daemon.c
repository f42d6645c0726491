/* The daemon as a process: it starts from journal and archive, takes what has come, turns, shows, and dies in all the ways a process dies. It
 * owns the journal and the archive in memory, which outlive it as files do.
 *
 * Conversation with the engine as in daemon/net/loop.c: frames, one turn, its outputs, and only then who could not be reached. */
#include "tests/sim/sim.h"

#include <inttypes.h>
#include <stdlib.h>

#define SLEEP_MOST_MS 3600000
#define FRAMES_PER_TURN 64
#define TURNS_AT_ONCE 3000
#define ROOM INT64_C(1099511627776)

enum doom { DOOM_NONE, DOOM_BEFORE_COMMIT, DOOM_WHILE_REVEALING };

static struct {
	enum doom doom;
	int64_t outputs;    /* shown before it dies */
	int64_t turns;      /* at one instant */
	int64_t turns_at_us;
	bool was_low;       /* a report was refused for the disk since it was well */
} fate;

int64_t daemon_wall_us(void)
{
	return sim->now_us + sim->skew_us;
}

static int64_t daemon_time(void)
{
	return timekeeper_advance(&sim->daemon.keeper, daemon_wall_us(), sim->now_us) / 1000;
}

static void settings_make(struct settings *settings)
{
	settings_default(settings);
	settings->limits_open_cases = 20 + (int64_t)dice(80);
	settings->limits_page_cases = 5;
	settings->limits_page_bytes = 4096 << dice(6);
	settings->limits_scan_rows = 20 << dice(8);
	settings->limits_waiting_requests = 4;
	settings->limits_peers = 20;
	settings->limits_peer_requests = 6 << dice(8);
	settings->limits_audited_refusals = 5;
	settings->limits_round_requests = 3 << dice(8);
	settings->limits_future_ms = 300000;
	settings->limits_retry_after_ms = 250 << dice(7);
	settings->store_low_room_bytes = 1000000;
	settings->work_lease_ms = sim->slow ? 1200000 : 10000;
	settings->work_worker_silence_ms = sim->slow ? 3000000 : 15000;
	settings->feed_mark_ms = sim->slow ? 600000 : 1000;
}

void daemon_begin(void)
{
	struct daemon *daemon = &sim->daemon;
	struct record *adoption = &sim->record;
	struct span files = policies_first();

	fate.doom = DOOM_NONE;
	fate.was_low = false;
	settings_make(&daemon->settings);
	daemon->journal = journal_memory_open();
	daemon->archive = stand_in_open();
	stage_adoption(adoption, &files, 1, daemon_wall_us() / 1000);
	stage_append(daemon->journal, adoption);
	daemon->up_us = sim->now_us;
}

/* What is committed and the model has not seen. */
static void events_tell(void)
{
	struct daemon *daemon = &sim->daemon;
	struct journal *journal = daemon->journal;
	struct span bytes;
	struct flaw flaw;

	journal->ops->read_begin(journal);
	while (daemon->seen_seq < journal->last_seq) {
		if (journal->ops->read(journal, ++daemon->seen_seq, &bytes, NULL) || codec_read_lenient(bytes, &sim->record, &flaw))
			complain("journal record %" PRId64 " cannot be read", daemon->seen_seq);
		trace_frame("journal", event_name(sim->record.event), bytes);
		model_event(sim->model, daemon->seen_seq, &sim->record);
		check_rare_event(&sim->record);
		shared->counts[COUNT_events]++;
	}
	journal->ops->read_end(journal);
}

static void figures_look(void)
{
	const struct figure *figure;

	HASH_FIND_STR(sim->daemon.engine->figures, "leases_expired", figure);
	SOMETIMES(lease_expired, figure && figure->value);
}

/* The process is gone; what it had committed is there. */
static void die(const char *how, int64_t away_us)
{
	struct daemon *daemon = &sim->daemon;

	trace("daemon: %s, away for %" PRId64 " ms", how, away_us / 1000);
	SOMETIMES(tail_dropped, daemon->engine->dirty_journal > 0);
	figures_look();
	engine_close(daemon->engine);
	daemon->engine = NULL;
	daemon->stop_us = 0;
	fate.doom = DOOM_NONE;
	wire_daemon_down();
	daemon->journal = journal_memory_reopen(daemon->journal);
	stand_in_crash(daemon->archive);
	events_tell();
	model_crashed(sim->model, daemon->journal->last_seq);
	daemon->up_us = sim->now_us + away_us;
	shared->counts[COUNT_crashes]++;
}

static int64_t away_us(void)
{
	return dice_spread(10000, dice(4) ? 5 * SECOND_US : 20 * MINUTE_US);
}

static void start(void)
{
	struct daemon *daemon = &sim->daemon;
	char error[400] = "";

	if (daemon->seen_seq > 1 && fault_happens(FAULT_archive_lost)) {
		SOMETIMES(archive_gone, true);
		trace("daemon: the archive is lost");
		stand_in_close(daemon->archive);
		daemon->archive = stand_in_open();
		stand_in_lag(daemon->archive, daemon->lags);
	}
	SOMETIMES(archive_behind, archive_reached(daemon->archive) > 0 && archive_reached(daemon->archive) < daemon->journal->last_seq);
	daemon->keeper = (struct timekeeper){0};
	daemon->engine = engine_open(&daemon->settings, daemon->journal, daemon->archive, daemon_time(), error, sizeof error);
	if (!daemon->engine)
		complain("the daemon does not start: %s", error);
	trace("daemon: started at %" PRId64, daemon->journal->last_seq);
	daemon->wake_us = sim->now_us;
	events_tell();
	if (dice(3) == 0) /* it takes as long as everything since the last one */
		check_replay();
	wire_daemon_up();
}

static void gone_add(struct engine_output *output, char gone[][8], enum door *doors, int *count)
{
	if (*count == 64 || output->peer.len != 8)
		return;
	doors[*count] = output->door;
	memcpy(gone[(*count)++], output->peer.data, 8);
}

/* False: it died meanwhile. */
static bool outputs_show(void)
{
	struct daemon *daemon = &sim->daemon;
	struct engine_output output;
	enum door doors[64];
	char gone[64][8];
	int gone_count = 0;

	while (engine_output(daemon->engine, &output)) {
		if (fate.doom == DOOM_WHILE_REVEALING && fate.outputs-- <= 0) {
			SOMETIMES(commit_unknown, true);
			die("died while it showed what it had stored", away_us());
			return false;
		}
		if (output.door == DOOR_FEED) {
			if (memmem(output.payload.data, output.payload.len, "GEHEIM", 6))
				complain("something private is in the feed");
			wire_publish(output.topic, output.payload);
			shared->counts[COUNT_published]++;
		} else if (!wire_send(output.door, output.peer, output.payload)) {
			SOMETIMES(peer_gone, true);
			gone_add(&output, gone, doors, &gone_count);
		}
	}
	for (int i = 0; i < gone_count; i++) {
		engine_unreachable(daemon->engine, doors[i], (struct span){gone[i], 8});
		daemon->received = true;
	}
	return true;
}

static void stopping_look(void)
{
	struct daemon *daemon = &sim->daemon;

	if (!daemon->stop_us || (!engine_idle(daemon->engine) && sim->now_us < daemon->stop_us))
		return;
	int64_t away = away_us();
	archive_flush(daemon->archive);
	die("stopped", away);
}

static void spinning_look(void)
{
	fate.turns = fate.turns_at_us == sim->now_us ? fate.turns + 1 : 0;
	fate.turns_at_us = sim->now_us;
	if (fate.turns > TURNS_AT_ONCE)
		complain("the daemon wants one turn after the other without an end");
}

static void turn(void)
{
	struct daemon *daemon = &sim->daemon;
	int64_t now = daemon_time();

	daemon->received = false;
	spinning_look();
	SOMETIMES(clock_behind, daemon->keeper.behind);
	SOMETIMES(disk_full, daemon->engine->no_room);
	if (fate.doom == DOOM_BEFORE_COMMIT && daemon->engine->dirty_journal) {
		SOMETIMES(tail_dropped, true);
		die("died with a round that was not committed", away_us());
		return;
	}
	shared->counts[COUNT_turns]++;
	daemon->archived_seq = archive_reached(daemon->archive);
	if (engine_turn(daemon->engine, now)) {
		trace("daemon: fault: %s", engine_fault(daemon->engine));
		die("ended by a fault", away_us());
		return;
	}
	events_tell();
	if (!daemon->engine->more && !daemon->engine->no_room) /* with no room at all nothing is stored, not even that time has passed */
		model_time(sim->model, daemon->engine->now);
	if (!outputs_show())
		return;
	int64_t wait_ms = engine_wait_ms(daemon->engine, now);
	if (wait_ms < 0 || wait_ms > SLEEP_MOST_MS)
		wait_ms = SLEEP_MOST_MS;
	daemon->wake_us = sim->now_us + wait_ms * 1000;
	stopping_look();
}

static void take(void)
{
	struct daemon *daemon = &sim->daemon;
	struct span peer, frame;
	enum door door;

	for (int i = 0; i < FRAMES_PER_TURN && wire_receive(&door, &peer, &frame); i++) {
		engine_receive(daemon->engine, door, peer, frame);
		daemon->received = true;
	}
}

void daemon_run(void)
{
	struct daemon *daemon = &sim->daemon;

	if (!daemon->engine && daemon->up_us <= sim->now_us)
		start();
	if (!daemon->engine)
		return;
	take();
	if (daemon->received || daemon->wake_us <= sim->now_us)
		turn();
}

int64_t daemon_next_us(void)
{
	const struct daemon *daemon = &sim->daemon;

	if (!daemon->engine)
		return daemon->up_us;
	if (daemon->stop_us && daemon->stop_us < daemon->wake_us)
		return daemon->stop_us;
	return daemon->received ? sim->now_us : daemon->wake_us;
}

static void clock_faults(void)
{
	if (fault_happens(FAULT_clock_forward)) {
		int64_t by_us = dice_spread(SECOND_US, 3 * DAY_US);
		SOMETIMES(clock_leapt, by_us > HOUR_US);
		sim->skew_us += by_us;
		trace("clock: forward by %" PRId64 " s", by_us / SECOND_US);
	}
	if (fault_happens(FAULT_clock_back)) {
		int64_t by_us = dice_spread(SECOND_US, DAY_US);
		sim->skew_us -= by_us;
		trace("clock: back by %" PRId64 " s", by_us / SECOND_US);
	}
}

static void disk_faults(void)
{
	struct daemon *daemon = &sim->daemon;

	if (fault_happens(FAULT_disk_low)) {
		daemon->room_low_until_us = sim->now_us + dice_spread(SECOND_US, HOUR_US);
		journal_memory_set_free(daemon->journal, (int64_t)dice(1000000));
		trace("disk: low");
	} else if (daemon->room_low_until_us && daemon->room_low_until_us <= sim->now_us) {
		daemon->room_low_until_us = 0;
		journal_memory_set_free(daemon->journal, ROOM);
		trace("disk: well");
	}
	if (fault_happens(FAULT_archive_lags)) {
		daemon->lags = !daemon->lags;
		stand_in_lag(daemon->archive, daemon->lags);
		if (!daemon->lags)
			stand_in_catch_up(daemon->archive);
	}
}

static void death_faults(void)
{
	struct daemon *daemon = &sim->daemon;
	bool fails = fault_happens(FAULT_commit_fails), lost = fault_happens(FAULT_reply_lost);

	if (fails || lost) {
		SOMETIMES(commit_failed, fails);
		SOMETIMES(commit_unknown, !fails);
		journal_memory_script(daemon->journal, 1 + (int64_t)dice(3), fails ? JOURNAL_MEMORY_FAILS : JOURNAL_MEMORY_REPLY_LOST, 0);
	}
	if (fault_happens(FAULT_tail_lost))
		fate.doom = DOOM_BEFORE_COMMIT;
	if (fault_happens(FAULT_reveal_cut)) {
		fate.doom = DOOM_WHILE_REVEALING;
		fate.outputs = (int64_t)dice(4);
	}
	if (fault_happens(FAULT_crash))
		die("killed", away_us());
	else if (fault_happens(FAULT_stop) && !daemon->stop_us) {
		trace("daemon: told to stop");
		engine_stop(daemon->engine);
		daemon->stop_us = sim->now_us + daemon->settings.service_stop_ms * 1000;
	}
}

void daemon_faults(void)
{
	clock_faults();
	disk_faults();
	if (sim->daemon.engine)
		death_faults();
}

void daemon_heal(void)
{
	struct daemon *daemon = &sim->daemon;

	journal_memory_script(daemon->journal, 0, JOURNAL_MEMORY_FINE, 0);
	journal_memory_set_free(daemon->journal, ROOM);
	fate.doom = DOOM_NONE;
	daemon->lags = false;
	stand_in_lag(daemon->archive, false);
	stand_in_catch_up(daemon->archive);
	daemon->settings.limits_open_cases = 1000000;
	if (!daemon->engine)
		daemon->up_us = sim->now_us;
	else
		engine_reload(daemon->engine, &daemon->settings);
}

void daemon_end(void)
{
	struct daemon *daemon = &sim->daemon;

	if (daemon->engine)
		figures_look();
	engine_close(daemon->engine);
	stand_in_close(daemon->archive);
	daemon->journal->ops->close(daemon->journal);
	settings_free(&daemon->settings);
}
