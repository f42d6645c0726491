/* How much room the journal has, and what is refused because of it. Owns the two watermarks; never frees anything.
 *
 *   store.low_room_bytes                new reports are refused, with `busy: disk`; what was accepted is finished
 *   an eighth of it, at most 64 MiB     everything that writes is refused, deadlines wait: a commit must never meet a full disk
 *
 * A journal whose file was deleted has no room at all: what would be acknowledged is in no directory.
 *
 * Each ends only with more room than it began with (a quarter more, twice as much), so that nothing flaps. Both are said in the log, and
 * the first in an event for whoever watches the feed. */
#include "engine/inside.h"

#include "base/log.h"

#define CHECK_MS 1000
#define CHECK_BYTES (INT64_C(64) << 10) /* at least */
#define RESERVE_MOST (INT64_C(64) << 20)
#define RESERVE_WITHOUT (INT64_C(1) << 20) /* when low_room_bytes is 0 */

const char *room_refusal(const struct engine *engine)
{
	return engine->journal->gone ? "disk: journal.mdb was deleted, and only the running daemon has it: reeve backup DIR, stop it, reeve restore"
		: "disk: less room than store.low_room_bytes; free some space";
}

static int64_t reserve_of(const struct settings *settings)
{
	int64_t part = settings->store_low_room_bytes / 8;

	if (!settings->store_low_room_bytes)
		return RESERVE_WITHOUT;
	return part < RESERVE_MOST ? part : RESERVE_MOST;
}

static void tell(struct engine *engine, enum event_kind kind, int64_t room)
{
	struct record event;

	record_clear(&event);
	record_set(&event, event, kind);
	record_set(&event, at, engine->now);
	record_set(&event, bytes, room);
	round_record(engine, &event, NULL);
}

static void look_at_low(struct engine *engine, int64_t room)
{
	int64_t low = engine->settings->store_low_room_bytes;

	if (engine->journal->gone)
		return;

	if (!engine->low_room && room < low) {
		engine->low_room = true;
		log_line(LOG_LEVEL_WARNING, "disk low", "room_bytes", log_number(room), "effect", "new reports are refused, work in progress goes on",
			"remedy", "free space on the file system of daemon.state_dir, or raise store.journal_bytes if the journal has reached it", NULL);
	} else if (engine->low_room && room >= low + low / 4) {
		engine->low_room = false;
		log_line(LOG_LEVEL_NOTICE, "disk well", "room_bytes", log_number(room), "effect", "new reports are taken", NULL);
	}
}

static void look_at_reserve(struct engine *engine, int64_t room)
{
	int64_t reserve = reserve_of(engine->settings);

	if (!engine->no_room && engine->journal->gone) {
		engine->no_room = true;
		log_line(LOG_LEVEL_ERROR, "journal deleted", "effect", "everything that writes is refused, deadlines wait", "remedy",
			"the daemon still has the file: reeve backup DIR while it runs, then stop it and reeve restore DIR", NULL);
	} else if (!engine->no_room && room < reserve) {
		engine->no_room = true;
		log_line(LOG_LEVEL_ERROR, "disk full", "room_bytes", log_number(room), "effect", "everything that writes is refused, deadlines wait",
			"remedy", "free space on the file system of daemon.state_dir, or raise store.journal_bytes if the journal has reached it", NULL);
	} else if (engine->no_room && room >= 2 * reserve) {
		engine->no_room = false;
		log_line(LOG_LEVEL_NOTICE, "disk not full any more", "room_bytes", log_number(room), "effect", "work in progress goes on", NULL);
	}
}

void room_look(struct engine *engine)
{
	int64_t used;

	engine->room_at = engine->real + CHECK_MS;
	engine->room_written = 0;
	if (engine->journal->ops->room(engine->journal, &used, &engine->room) != 0)
		return;
	look_at_low(engine, engine->room);
	look_at_reserve(engine, engine->room);
	figure_set(engine, "disk_low", engine->low_room + engine->no_room);
}

void room_turn(struct engine *engine)
{
	int64_t much = engine->settings->store_low_room_bytes / 64;

	/* Also after much was written: a second is long for a small store. */
	if (engine->real >= engine->room_at || engine->room_written >= (much > CHECK_BYTES ? much : CHECK_BYTES))
		room_look(engine);
	if (engine->no_room || engine->low_told == engine->low_room)
		return;
	tell(engine, engine->low_room ? EVENT_store_low : EVENT_store_well, engine->room);
}
