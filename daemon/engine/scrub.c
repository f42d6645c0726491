/* Whether the journal's records are still what was stored. The newest ones are checked before a start makes anything of them; the older ones
 * afterwards, some at a time beside the work, because a hundred million take minutes. Owns the place where it is; never changes a record.
 *
 * What is found before the doors open ends the start. What is found later cannot be undone by ending: the daemon goes on, since its state was made of
 * records that were whole, and says so in the log, in the status and in an event. */
#include "engine/inside.h"

#include <stdio.h>

#include "base/case_number.h"
#include "base/log.h"

#define PIECE 512 /* records: half a millisecond */
#define PAUSE_MS 25
#define LOGGED_MOST 20

static const char *words_for(int found)
{
	return found == JOURNAL_MISSING ? "is missing" : "does not match its hash";
}

int scrub_start(struct engine *engine, int64_t reached, char *error, size_t error_size)
{
	struct journal *journal = engine->journal;
	int64_t from = journal->last_seq - engine->settings->store_checked_at_start + 1, bad = 0;

	if (from > reached + 1) /* what is applied is always checked */
		from = reached + 1;
	if (from < journal->first_seq)
		from = journal->first_seq;
	engine->scrub_next = journal->first_seq;
	engine->scrub_last = from - 1;
	int found = from <= journal->last_seq ? journal_verify(journal, from, journal->last_seq, &bad) : 0;
	if (!found)
		return 0;
	if (found < 0)
		snprintf(error, error_size, "%s", journal->error);
	else
		snprintf(error, error_size, "journal record %lld %s: restore a backup (docs/OPERATING.md), nothing was changed%s", (long long)bad, words_for(found),
			bad <= reached ? "; to go on without that record meanwhile, set store.checked_at_start to 0" : "");
	return -1;
}

void scrub_found(struct engine *engine, int64_t seq, int found)
{
	struct record event;

	if (engine->damaged_seq == seq)
		return;
	if (!engine->damaged_seq)
		engine->damaged_seq = seq;
	if (engine->damaged_count++ >= LOGGED_MOST)
		return;
	log_line(LOG_LEVEL_ERROR, "journal damaged", "record", log_number(seq), "found", words_for(found), "remedy",
		"keep a copy of journal.mdb, look at the disk, and restore a backup (docs/OPERATING.md)", NULL);
	if (engine->no_room)
		return;
	record_clear(&event);
	record_set(&event, event, EVENT_journal_damaged);
	record_set(&event, at, engine->now);
	record_set(&event, from_seq, seq);
	record_set(&event, reason, span_of(words_for(found)));
	round_record(engine, &event, NULL);
}

void scrub_row_found(struct engine *engine, int64_t number, int64_t rows)
{
	struct record event;
	char text[CASE_NUMBER_TEXT];

	case_number_write(number, text);
	log_line(LOG_LEVEL_ERROR, "caller's row damaged", "case", text, "rows", log_number(rows), "remedy",
		"look at the disk; an earlier backup may have it (docs/OPERATING.md)", NULL);
	engine->damaged_rows = rows;
	if (engine->no_room)
		return;
	record_clear(&event);
	record_set(&event, event, EVENT_journal_damaged);
	record_set(&event, at, engine->now);
	record_set(&event, case_id, number);
	record_set(&event, reason, span_of("the caller's row does not match its seal"));
	round_record(engine, &event, NULL);
}

void scrub_turn(struct engine *engine)
{
	int64_t to = engine->scrub_next + PIECE - 1, bad = 0;

	if (engine->journal->damaged_rows && !engine->damaged_rows)
		scrub_row_found(engine, engine->journal->damaged_row, engine->journal->damaged_rows);
	if (engine->scrub_next > engine->scrub_last || engine->real < engine->scrub_at)
		return;
	engine->scrub_at = engine->real + PAUSE_MS;
	if (to > engine->scrub_last)
		to = engine->scrub_last;
	int found = journal_verify(engine->journal, engine->scrub_next, to, &bad);
	engine->scrub_next = to + 1;
	if (found < 0) {
		round_fault(engine, "the journal could not be checked");
	} else if (found) {
		engine->scrub_next = (bad < engine->scrub_next ? bad : to) + 1;
		scrub_found(engine, bad, found);
	}
}

void scrub_figures(struct engine *engine)
{
	figure_set(engine, "journal_unchecked", engine->scrub_last >= engine->scrub_next ? engine->scrub_last - engine->scrub_next + 1 : 0);
	figure_set(engine, "journal_damaged", engine->damaged_count);
	figure_set(engine, "journal_damaged_seq", engine->damaged_seq);
	figure_set(engine, "private_damaged", engine->damaged_rows);
}
