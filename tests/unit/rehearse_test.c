/* The rehearsal: events back to commands, a small past played under its own and under other rules, the tables, and the journal that
 * is opened for reading only. */
#include "rehearse/rehearsal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>

#include "rehearse/fact.h"
#include "store/journal.h"
#include "store_place.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define MONDAY_10 INT64_C(1309788000000) /* 2011-07-04T14:00:00Z: ten o'clock in the bench's city */

/* --- policies and pasts --- */

static struct policy_file *files;
static size_t file_count;

static int files_begin(void **state)
{
	char error[256];

	(void)state;
	return policy_files_read(BENCH_DIR, &files, &file_count, error, sizeof error);
}

static int files_end(void **state)
{
	(void)state;
	policy_files_free(files, file_count);
	return 0;
}

/* The bench's policy with one text in one file replaced. */
static struct policy_file *files_with(const char *file, const char *from, const char *to)
{
	struct policy_file *copy = must_calloc(file_count, sizeof *copy);
	bool replaced = !file;

	for (size_t i = 0; i < file_count; i++) {
		char *text = span_dup(files[i].content), *at = file && span_is(files[i].name, file) ? strstr(text, from) : NULL;
		struct buf content = {0};
		if (at) {
			buf_add(&content, text, (size_t)(at - text));
			buf_add_text(&content, to);
			buf_add_text(&content, at + strlen(from));
			replaced = true;
		} else {
			buf_add_text(&content, text);
		}
		free(text);
		copy[i] = (struct policy_file){files[i].name, buf_span(&content)};
	}
	assert_true(replaced);
	return copy;
}

static void copy_free(struct policy_file *copy)
{
	for (size_t i = 0; i < file_count; i++)
		free((char *)copy[i].content.data);
	free(copy);
}

static struct policy *policy_with(const char *file, const char *from, const char *to)
{
	struct policy_file *copy = files_with(file, from, to);
	struct findings findings = {0};
	struct policy *policy = policy_compile(copy, file_count, &findings);

	if (!policy)
		fail_msg("%s:%d: %s", findings.rows[0].file, (int)findings.rows[0].row, findings.rows[0].message);
	findings_free(&findings);
	copy_free(copy);
	policy->version = 1;
	return policy;
}

static void past_add(struct history *history, const struct record *event)
{
	history->ends = must_realloc(history->ends, (history->count + 1) * sizeof *history->ends);
	codec_write(&history->bytes, event, CODEC_NUMBERS);
	history->ends[history->count++] = history->bytes.len;
	if (record_has(event, case_id) && event->case_id > history->cases)
		history->cases = event->case_id;
	history->policies += event->event == EVENT_policy_adopted;
	history->first_at = history->first_at ? history->first_at : event->at;
	history->last_at = event->at;
}

static void event_begin(struct record *event, uint8_t kind, int64_t number, int64_t at)
{
	record_clear(event);
	record_set(event, event, kind);
	record_set(event, at, at);
	if (number)
		record_set(event, case_id, number);
	record_set(event, actor, span_of("people"));
}

static void past_adopts(struct history *history, int64_t at)
{
	struct record event;

	event_begin(&event, EVENT_policy_adopted, 0, at);
	record_set(&event, policy, 1);
	past_add(history, &event);
}

static void past_opens(struct history *history, int64_t number, const char *category, int64_t at)
{
	struct record event;
	char ref[24];

	event_begin(&event, EVENT_case_opened, number, at);
	snprintf(ref, sizeof ref, "R%d", (int)number);
	record_set(&event, source, span_of("town"));
	record_set(&event, source_ref, span_of(ref));
	record_set(&event, text, span_of("the lamp is dark"));
	record_set(&event, area, span_of("b1a"));
	record_set(&event, reported_at, at);
	if (category)
		record_set(&event, category, span_of(category));
	past_add(history, &event);
}

static void past_does(struct history *history, uint8_t kind, int64_t number, int64_t at)
{
	struct record event;

	event_begin(&event, kind, number, at);
	if (kind == EVENT_case_closed) {
		record_set(&event, outcome, OUTCOME_solved);
		record_set(&event, late, false);
	} else {
		record_set(&event, unit, span_of("signals"));
	}
	past_add(history, &event);
}

/* A lamp that was closed after nine days and a pothole that was closed after six hours. */
static struct history past_make(void)
{
	struct history history = {0};

	past_adopts(&history, MONDAY_10);
	past_opens(&history, 1, "light", MONDAY_10);
	past_opens(&history, 2, "pothole", MONDAY_10 + HOUR_MS);
	past_does(&history, EVENT_case_signed, 1, MONDAY_10 + 2 * HOUR_MS);
	past_does(&history, EVENT_case_signed, 2, MONDAY_10 + 3 * HOUR_MS);
	past_does(&history, EVENT_case_closed, 2, MONDAY_10 + 7 * HOUR_MS);
	past_does(&history, EVENT_case_closed, 1, MONDAY_10 + 9 * DAY_MS);
	return history;
}

/* Takes the policy. */
static void past_play(const struct history *history, struct policy *policy, struct play *play)
{
	static const struct policy *recorded[1];

	recorded[0] = policy_with(NULL, NULL, NULL);
	*play = (struct play){.history = history, .recorded = recorded, .policies = must_calloc(1, sizeof(struct policy *)), .policy_count = 1};
	play->policies[0] = policy;
	play_run(play);
	policy_free((struct policy *)recorded[0]);
	assert_string_equal(play->fault, "");
}

static struct span tally_name(const struct play *play, uint32_t name)
{
	return names_text(&play->tally.names, name);
}

/* --- events back to commands --- */

static enum fact fact_for(const struct record *event, struct record *ret_command)
{
	struct policy *policy = policy_with(NULL, NULL, NULL);
	enum fact fact = fact_of(event, 7, NULL, policy, ret_command);

	policy_free(policy);
	return fact;
}

static void what_the_daemon_filled_in_is_left_open(void **state)
{
	struct record event, command;

	(void)state;
	event_begin(&event, EVENT_case_opened, 1, MONDAY_10);
	record_set(&event, source, span_of("town"));
	record_set(&event, source_ref, span_of("R1"));
	record_set(&event, text, span_of("A gas smell"));
	record_set(&event, area, span_of("b"));
	record_set(&event, reported_at, MONDAY_10);
	record_set(&event, category, span_of("gas"));
	record_set(&event, urgency, 1);
	record_set(&event, kind, KIND_incident);
	record_set(&event, reason, span_of("danger word \"gas smell\""));
	assert_int_equal(fact_for(&event, &command), FACT_COMMAND);
	assert_int_equal(command.command, COMMAND_submit);
	assert_true(record_has(&command, text) && record_has(&command, source) && record_has(&command, source_ref));
	assert_false(record_has(&command, category)); /* the danger word's */
	assert_false(record_has(&command, urgency));  /* the danger word's */
	assert_false(record_has(&command, kind));     /* the category's */
	assert_false(record_has(&command, area));     /* the policy's default */
	assert_false(record_has(&command, reason));
	assert_false(record_has(&command, caller_contact));
}

static void what_somebody_said_stays(void **state)
{
	struct record event, command;

	(void)state;
	event_begin(&event, EVENT_case_opened, 1, MONDAY_10);
	record_set(&event, source, span_of("town"));
	record_set(&event, source_ref, span_of("R1"));
	record_set(&event, text, span_of("dark"));
	record_set(&event, area, span_of("b1a"));
	record_set(&event, reported_at, MONDAY_10 - 5);
	record_set(&event, category, span_of("light"));
	record_set(&event, urgency, 2);
	record_set(&event, kind, KIND_complaint);
	record_set(&event, contact_kept, true);
	assert_int_equal(fact_for(&event, &command), FACT_COMMAND);
	assert_true(span_is(command.category, "light"));
	assert_true(record_has(&command, category) && record_has(&command, urgency) && record_has(&command, kind) && record_has(&command, area));
	assert_int_equal(command.urgency, 2);
	assert_int_equal(command.reported_at, MONDAY_10 - 5);
	assert_true(record_has(&command, caller_contact)); /* that there was one, not what it was */
}

static void acts_of_people_become_commands(void **state)
{
	struct record event, command;

	(void)state;
	event_begin(&event, EVENT_case_signed, 4, MONDAY_10);
	record_set(&event, unit, span_of("roads"));
	assert_int_equal(fact_for(&event, &command), FACT_COMMAND);
	assert_int_equal(command.command, COMMAND_sign);
	assert_int_equal(command.case_id, 4);
	assert_false(record_has(&command, unit)); /* whoever has the case */
	event_begin(&event, EVENT_case_transferred, 4, MONDAY_10);
	record_set(&event, unit, span_of("roads"));
	assert_int_equal(fact_for(&event, &command), FACT_COMMAND);
	assert_int_equal(command.command, COMMAND_transfer);
	assert_true(span_is(command.unit, "roads"));
	event_begin(&event, EVENT_case_closed, 4, MONDAY_10);
	record_set(&event, outcome, OUTCOME_void);
	assert_int_equal(fact_for(&event, &command), FACT_COMMAND);
	assert_int_equal(command.command, COMMAND_cancel);
	record_set(&event, outcome, OUTCOME_solved);
	record_set(&event, contacted, true);
	record_set(&event, solved, true);
	assert_int_equal(fact_for(&event, &command), FACT_COMMAND);
	assert_int_equal(command.command, COMMAND_call_back);
	assert_true(command.contacted && command.solved);
}

static void decisions_and_consequences_are_ours(void **state)
{
	struct record event, command, before;
	struct policy *policy = policy_with(NULL, NULL, NULL);

	(void)state;
	event_begin(&event, EVENT_case_triaged, 4, MONDAY_10);
	record_set(&event, worker, span_of("triage-1"));
	assert_int_equal(fact_for(&event, &command), FACT_OURS);
	event_begin(&event, EVENT_escalation_due, 4, MONDAY_10);
	assert_int_equal(fact_for(&event, &command), FACT_OURS);
	event_begin(&event, EVENT_case_dispatched, 4, MONDAY_10);
	record_drop(&event, FIELD_actor); /* fallen back */
	assert_int_equal(fact_for(&event, &command), FACT_OURS);
	event_begin(&before, EVENT_case_returned, 4, MONDAY_10);
	record_set(&before, request, span_of("r1"));
	event_begin(&event, EVENT_case_dispatched, 4, MONDAY_10);
	record_set(&event, previous, 6);
	assert_int_equal(fact_of(&event, 7, &before, policy, &command), FACT_OURS); /* of the same command as the one before */
	assert_int_equal(fact_of(&event, 7, NULL, policy, &command), FACT_COMMAND);
	policy_free(policy);
}

/* --- playing --- */

static void own_rules_repeat_the_past(void **state)
{
	struct history history = past_make();
	struct play play;

	(void)state;
	past_play(&history, policy_with(NULL, NULL, NULL), &play);
	assert_int_equal(play.repeated, 6);
	assert_int_equal(undone_total(&play.undone), 0);
	assert_true(span_is(tally_name(&play, play.tally.cases[1].unit), "signals"));
	assert_true(span_is(tally_name(&play, play.tally.cases[2].unit), "roads"));
	assert_int_equal(play.tally.cases[1].state, STATE_closed);
	assert_false(play.tally.cases[1].late);
	assert_false(play.tally.cases[2].late);
	assert_int_equal(play.tally.notice_count, 0);
	play_free(&play);
	history_free(&history);
}

static void a_shorter_promise_is_broken(void **state)
{
	struct history history = past_make();
	struct play play;

	(void)state;
	past_play(&history, policy_with("catalogue.csv", "light,,,signals,ten_days", "light,,,signals,two_working_days"), &play);
	assert_true(play.tally.cases[1].late);
	assert_int_equal(play.tally.breached[CLOCK_promise], 1);
	assert_int_equal(play.tally.notice_count, 2); /* district, then city: nobody acknowledged */
	assert_int_equal(play.tally.cases[1].notices, 2);
	assert_true(span_is(tally_name(&play, play.tally.notices[0].audience), "supervisor@district"));
	assert_true(span_is(tally_name(&play, play.tally.notices[1].audience), "supervisor@city"));
	assert_false(play.tally.cases[2].late);
	play_free(&play);
	history_free(&history);
}

static void another_unit_gets_it_and_signs(void **state)
{
	struct history history = past_make();
	struct play play;

	(void)state;
	past_play(&history, policy_with("catalogue.csv", "light,,,signals", "light,,,parks"), &play);
	assert_true(span_is(tally_name(&play, play.tally.cases[1].unit), "parks"));
	assert_int_equal(play.repeated, 6);
	assert_int_equal(play.tally.load_count, 4); /* two taken, two given back */
	play_free(&play);
	history_free(&history);
}

static void a_category_that_is_gone_is_left_to_the_triage(void **state)
{
	struct history history = past_make();
	struct play play;

	(void)state;
	past_opens(&history, 3, "lamp-post", MONDAY_10 + 10 * DAY_MS);
	past_play(&history, policy_with(NULL, NULL, NULL), &play);
	assert_int_equal(undone_total(&play.undone), 0);
	assert_int_equal(play.undone.count, 1);
	assert_int_equal(play.undone.rows[0].why, UNDONE_CHANGED);
	assert_int_equal(play.undone.rows[0].error, ERROR_unknown_category);
	assert_int_equal(play.undone.rows[0].example, 3);
	assert_true(span_is(tally_name(&play, play.tally.cases[3].category), "light")); /* by its words */
	play_free(&play);
	history_free(&history);
}

static void what_is_not_allowed_is_counted(void **state)
{
	struct history history = past_make();
	struct play play;

	(void)state;
	past_does(&history, EVENT_case_signed, 1, MONDAY_10 + 10 * DAY_MS); /* closed already */
	past_does(&history, EVENT_case_signed, 1, MONDAY_10 + 10 * DAY_MS);
	past_play(&history, policy_with(NULL, NULL, NULL), &play);
	assert_int_equal(undone_total(&play.undone), 2);
	assert_int_equal(play.undone.count, 1);
	assert_int_equal(play.undone.rows[0].command, COMMAND_sign);
	assert_int_equal(play.undone.rows[0].error, ERROR_illegal_transition);
	play_free(&play);
	history_free(&history);
}

/* --- tables --- */

static char *printed(const struct book *book, bool json)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct sheet_print how = {0};

	if (json)
		book_json(book, out);
	else
		book_print(book, &how, out);
	fclose(out);
	return text;
}

static void tables_line_up_and_say_signs(void **state)
{
	static const struct sheet_column columns[] = {{"unit", "unit", false}, {"code", NULL, false}, {"change", "change", true}, {"share", "share", true}};
	struct book book = {0};
	struct sheet *sheet = book_sheet(&book, "units", "Load", NULL, columns, 4, 0);

	(void)state;
	cell_text(&book, sheet, span_of("市政"));
	cell_text(&book, sheet, span_of("A \"1\""));
	cell_number(sheet, CELL_CHANGE, -1234);
	cell_real(sheet, CELL_POINTS, 0.125);
	cell_text(&book, sheet, span_of("Roads"));
	cell_text(&book, sheet, span_of("B"));
	cell_number(sheet, CELL_CHANGE, 5);
	cell_few(sheet, true);
	cell_none(sheet);
	char *text = printed(&book, false);
	assert_string_equal(text, "\nLoad\nunit   change     share\n市政   −1,234  +12.5 pt\nRoads     +5*          \n"
		"\n* made of fewer than 30 cases: chance weighs more than the rules\n");
	free(text);
	text = printed(&book, true);
	assert_string_equal(text, ",\n\"units\":[\n{\"unit\":\"市政\",\"code\":\"A \\\"1\\\"\",\"change\":-1234,\"share\":0.125000},"
		"\n{\"unit\":\"Roads\",\"code\":\"B\",\"change\":5,\"share\":null}]");
	free(text);
	book_free(&book);
}

static void names_meet_in_one_table(void **state)
{
	struct names one = {0}, common = {0};

	(void)state;
	names_add(&common, span_of("b"));
	assert_int_equal(names_add(&one, span_of("a")), 1);
	assert_int_equal(names_add(&one, span_of("b")), 2);
	assert_int_equal(names_add(&one, span_of("a")), 1);
	assert_int_equal(names_add(&one, span_of("")), 0);
	uint32_t *map = names_take_all(&common, &one);
	assert_int_equal(map[0], 0);
	assert_int_equal(map[1], 2);
	assert_int_equal(map[2], 1);
	free(map);
	names_free(&one);
	names_free(&common);
}

/* --- the journal, for reading only --- */

static uint64_t content_of(const char *path)
{
	struct buf bytes = {0};
	char piece[4096];
	size_t got;
	FILE *file = fopen(path, "rb");

	assert_non_null(file);
	while ((got = fread(piece, 1, sizeof piece, file)) > 0)
		buf_add(&bytes, piece, got);
	fclose(file);
	uint64_t hash = span_hash(buf_span(&bytes));
	buf_free(&bytes);
	return hash;
}

static void journal_is_read_and_left_as_it_is(void **state)
{
	const char *directory = *state;
	char error[256];
	struct span bytes;
	struct journal *journal = journal_lmdb_open(directory, PLACE_MAP_BYTES, error, sizeof error);

	assert_non_null(journal);
	assert_int_equal(journal->ops->append(journal, 1, span_of("first")), 0);
	assert_int_equal(journal->ops->append(journal, 2, span_of("second")), 0);
	assert_int_equal(journal->ops->private_put(journal, 1, span_of("a name")), 0);
	assert_int_equal(journal->ops->commit(journal), 0);
	journal->ops->close(journal);
	assert_int_equal(remove(place_path(directory, "journal.mdb-lock")), 0);
	uint64_t before = content_of(place_path(directory, "journal.mdb"));
	journal = journal_lmdb_open_readonly(directory, error, sizeof error);
	assert_non_null(journal);
	assert_int_equal(journal->last_seq, 2);
	assert_int_equal(journal->ops->read_begin(journal), 0);
	assert_int_equal(journal->ops->read(journal, 2, &bytes, NULL), 0);
	assert_true(span_is(bytes, "second"));
	assert_int_equal(journal->ops->private_get(journal, 1, &bytes), JOURNAL_MISSING);
	journal->ops->read_end(journal);
	assert_true(journal->ops->append(journal, 3, span_of("third")) < 0);
	journal->ops->close(journal);
	assert_int_equal(content_of(place_path(directory, "journal.mdb")), before);
	assert_false(place_has(directory, "journal.mdb-lock"));
}

static void no_journal_is_said(void **state)
{
	struct history history;
	char error[256] = "";

	assert_int_equal(history_read(&history, *state, error, sizeof error), -1);
	assert_non_null(strstr(error, "journal"));
	assert_false(place_has(*state, "journal.mdb"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_daemon_filled_in_is_left_open),
		cmocka_unit_test(what_somebody_said_stays),
		cmocka_unit_test(acts_of_people_become_commands),
		cmocka_unit_test(decisions_and_consequences_are_ours),
		cmocka_unit_test(own_rules_repeat_the_past),
		cmocka_unit_test(a_shorter_promise_is_broken),
		cmocka_unit_test(another_unit_gets_it_and_signs),
		cmocka_unit_test(a_category_that_is_gone_is_left_to_the_triage),
		cmocka_unit_test(what_is_not_allowed_is_counted),
		cmocka_unit_test(tables_line_up_and_say_signs),
		cmocka_unit_test(names_meet_in_one_table),
		cmocka_unit_test_setup_teardown(journal_is_read_and_left_as_it_is, place_make, place_remove),
		cmocka_unit_test_setup_teardown(no_journal_is_said, place_make, place_remove),
	};

	return cmocka_run_group_tests(tests, files_begin, files_end);
}
