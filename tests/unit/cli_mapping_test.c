/* Mapping files: rules, transforms, later steps, and mistakes with their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/cli/mapping.h"
#include "clients/cli/moment.h"
#include "clients/cli/rule.h"

static char map_path[] = "/tmp/reeve-map-XXXXXX", table_path[] = "/tmp/reeve-table-XXXXXX";
static char error[400];

static void file_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	fwrite(text, 1, strlen(text), file);
	fclose(file);
}

static struct mapping *mapping_of(const char *text)
{
	file_write(map_path, text);
	return mapping_open(map_path, "Asia/Taipei", error, sizeof error);
}

static struct rows *rows_of(const char *text)
{
	file_write(table_path, text);
	return rows_open(table_path, error, sizeof error);
}

static void assert_text(struct span text, const char *wanted)
{
	if (!span_is(text, wanted))
		fail_msg("'%.*s' is not '%s'", (int)text.len, text.data, wanted);
}

static void assert_transformed(enum transform transform, const char *text, size_t room, const char *wanted)
{
	struct buf made = {0};

	transform_apply(transform, span_of(text), room, &made);
	assert_text(buf_span(&made), wanted);
	buf_free(&made);
}

static void test_transforms(void **state)
{
	(void)state;
	assert_transformed(TRANSFORM_slug, "Heat - Excessive  Insufficient", 0, "heat-excessive-insufficient");
	assert_transformed(TRANSFORM_slug, " (Work w/out Permit) ", 0, "work-w-out-permit");
	assert_transformed(TRANSFORM_slug, "髒亂及汙染", 0, "髒亂及汙染");
	assert_transformed(TRANSFORM_squeeze, "a  b \t c", 0, "a b c");
	assert_transformed(TRANSFORM_trim, "  a b ", 0, "a b");
	assert_transformed(TRANSFORM_lower, "ÄPFEL", 0, "äpfel");
	assert_transformed(TRANSFORM_upper, "straße", 0, "STRAẞE");
	assert_transformed(TRANSFORM_cut, "永康區", 5, "永");
	assert_transformed(TRANSFORM_cut, "abc", 3, "abc");
}

static const char map[] =
	"zone: America/New_York\n"
	"format: \"%Y-%m-%d %H:%M:%S\"\n"
	"fields:\n"
	"  source: {constant: town}\n"
	"  source_ref: id\n"
	"  reported_at: opened\n"
	"  text: {template: \"{what}: {{{where}}}\", transform: [squeeze, trim]}\n"
	"  category: {column: what, transform: slug, default: unknown}\n"
	"  area: {column: where, transform: trim, lookup: {\"9\": \"09\", \"07\": \"07\"}, default: town}\n"
	"  kind: {column: what, lookup: {Noise: complaint}, otherwise: help}\n"
	"  latitude: lat\n"
	"play:\n"
	"  - {do: sign, between: [opened, closed], share: 0.25}\n"
	"  - {do: close, at: closed, plus: 1h, fields: {outcome: {constant: solved}, reason: note}}\n";
static const char heading[] = "id,opened,closed,what,where,lat,note\n";

static struct rows *bound_rows(struct mapping *mapping, const char *text)
{
	char whole[1000];

	snprintf(whole, sizeof whole, "%s%s", heading, text);
	struct rows *rows = rows_of(whole);
	assert_true(mapping_bind(mapping, rows, error, sizeof error));
	assert_int_equal(rows_next(rows), 1);
	return rows;
}

static void test_a_row_becomes_a_report(void **state)
{
	struct mapping *mapping = mapping_of(map);
	struct record command;

	(void)state;
	struct rows *rows = bound_rows(mapping, "17,2011-07-01 01:32:33,,Noise, 9 , 42.27 ,\n");
	assert_true(mapping_report(mapping, rows, &command, error, sizeof error));
	assert_int_equal(command.command, COMMAND_submit);
	assert_text(command.source, "town");
	assert_text(command.source_ref, "17");
	assert_int_equal(command.reported_at, INT64_C(1309498353000));
	assert_text(command.text, "Noise: { 9 }");
	assert_text(command.category, "noise");
	assert_text(command.area, "09");
	assert_int_equal(command.kind, KIND_complaint);
	assert_true(command.latitude > 42.26 && command.latitude < 42.28);
	assert_int_equal(mapping_steps(mapping), 2);
	assert_int_equal(mapping_step(mapping, 0, rows, &command, error, sizeof error), 0);
	assert_int_equal(mapping_step(mapping, 1, rows, &command, error, sizeof error), 0);
	rows_close(rows);
	mapping_close(mapping);
}

static void test_later_steps_have_times_and_fields(void **state)
{
	struct mapping *mapping = mapping_of(map);
	struct record command;

	(void)state;
	struct rows *rows = bound_rows(mapping, "17,2011-07-01 00:00:00,2011-07-01 04:00:00,Other,07,,fixed\n");
	assert_true(mapping_report(mapping, rows, &command, error, sizeof error));
	int64_t opened = command.reported_at;
	assert_int_equal(command.kind, KIND_help);
	assert_int_equal(mapping_step(mapping, 0, rows, &command, error, sizeof error), 1);
	assert_int_equal(command.command, COMMAND_sign);
	assert_int_equal(command.at, opened + 3600000);
	assert_text(command.source, "town");
	assert_text(command.source_ref, "17");
	assert_false(record_has(&command, outcome));
	assert_int_equal(mapping_step(mapping, 1, rows, &command, error, sizeof error), 1);
	assert_int_equal(command.command, COMMAND_close);
	assert_int_equal(command.at, opened + 5 * 3600000);
	assert_int_equal(command.outcome, OUTCOME_solved);
	assert_text(command.reason, "fixed");
	rows_close(rows);
	mapping_close(mapping);
}

static void test_rows_that_do_not_fit_say_why(void **state)
{
	static const struct { const char *row; const char *says; } tries[] = {
		{"17,2011-07-01,,Noise,07,,\n", "reported_at"}, {"17,,,Noise,12,,\n", "lookup"}, {",,,Noise,07,,\n", "source_ref"}, {"17,,,Noise,07,north,\n", "latitude"},
		{"17,,,\xff,07,,\n", "UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct mapping *mapping = mapping_of(map);
		struct rows *rows = bound_rows(mapping, tries[i].row);
		struct record command;
		assert_false(mapping_report(mapping, rows, &command, error, sizeof error));
		if (!strstr(error, tries[i].says))
			fail_msg("'%s' does not say '%s'", error, tries[i].says);
		rows_close(rows);
		mapping_close(mapping);
	}
}

static void test_mistakes_name_their_place(void **state)
{
	static const struct { const char *text; const char *says; } tries[] = {
		{"fields: {text: {colum: a}}", ":1:17: colum"}, {"fields:\n  txt: a\n", ":2:3: txt"}, {"zone: Mars/Olympus\nfields: {text: a}", ":1:7: Mars"},
		{"fields: {text: {template: \"{a\"}}", "brace"}, {"fields: {text: {column: a, transform: [shout]}}", "shout"}, {"play: []", "fields"},
		{"fields: {text: {column: a, constant: b}}", "one of column"}, {"fields: {text: a}\nplay: [{do: dance, at: a}]", ":2:13"},
		{"fields: {text: a}\nplay: [{do: sign}]", "between"}, {"fields: {text: a}\nplay: [{do: sign, between: [a, b], share: 2}]", "share"},
		{"fields: {text: [a]}", "heading"}, {"fields: {", "did not find"}, {"", "fields"}, {"fields: {cases: a}", "cases"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		assert_null(mapping_of(tries[i].text));
		if (!strstr(error, tries[i].says))
			fail_msg("'%s' does not say '%s'", error, tries[i].says);
	}
	struct mapping *mapping = mapping_of("fields:\n  text: lost\n");
	struct rows *rows = rows_of("id\n1\n");
	assert_false(mapping_bind(mapping, rows, error, sizeof error));
	assert_non_null(strstr(error, ":2:9: the table has no column lost"));
	rows_close(rows);
	mapping_close(mapping);
}

static void test_boston(void **state)
{
	struct mapping *mapping = mapping_open(BOSTON_DIR "/import.yaml", NULL, error, sizeof error);
	struct rows *rows = rows_open(BOSTON_DIR "/boston311-2011q3.csv.gz", error, sizeof error);
	struct record command;
	int count = 0, closes = 0;

	(void)state;
	assert_true(mapping_bind(mapping, rows, error, sizeof error));
	while (rows_next(rows) == 1) {
		if (!mapping_report(mapping, rows, &command, error, sizeof error))
			fail_msg("row %lld: %s", (long long)rows_number(rows), error);
		closes += mapping_step(mapping, 1, rows, &command, error, sizeof error);
		count++;
	}
	assert_int_equal(count, 31828);
	assert_int_equal(closes, 31828 - 1747);
	rows_close(rows);
	mapping_close(mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transforms), cmocka_unit_test(test_a_row_becomes_a_report), cmocka_unit_test(test_later_steps_have_times_and_fields),
		cmocka_unit_test(test_rows_that_do_not_fit_say_why), cmocka_unit_test(test_mistakes_name_their_place), cmocka_unit_test(test_boston),
	};

	close(mkstemp(map_path));
	close(mkstemp(table_path));
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(map_path);
	unlink(table_path);
	return failed;
}
