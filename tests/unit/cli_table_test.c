/* Tables whose columns line up in any script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/cli/table.h"

static void test_widths(void **state)
{
	(void)state;
	assert_int_equal(text_width(span_of("abc")), 3);
	assert_int_equal(text_width(span_of("路灯")), 4);
	assert_int_equal(text_width(span_of("e\xcc\x81")), 1);
	assert_int_equal(text_width(span_of("\xff\xfe")), 2);
	assert_int_equal(text_fit(span_of("路灯a"), 3), 3);
	assert_int_equal(text_fit(span_of("路灯a"), 5), 7);
	assert_int_equal(text_fit(span_of("路灯a"), 1), 0);
}

static char *printed(const struct table *table)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	table_print(table, out, false);
	fclose(out);
	return text;
}

static void test_columns_line_up(void **state)
{
	static const struct table_column columns[] = {{"AREA", false, 0}, {"N", true, 0}, {"TITLE", false, 8}};
	struct table *table = table_new(columns, 3);

	(void)state;
	table_add_text(table, "永康區");
	table_add_number(table, 7);
	table_add_text(table, "妨害安寧噪音");
	table_add_text(table, "a");
	table_add_number(table, 1234);
	table_add_text(table, "two\nlines");
	char *text = printed(table);
	assert_string_equal(text,
		"AREA       N  TITLE\n"
		"永康區     7  妨害安…\n"
		"a       1234  two lin…\n");
	free(text);
	table_free(table);
}

static void test_no_rows(void **state)
{
	static const struct table_column columns[] = {{"A", false, 0}, {"B", true, 0}};
	struct table *table = table_new(columns, 2);
	char *text = printed(table);

	(void)state;
	assert_string_equal(text, "A  B\n");
	free(text);
	table_free(table);
	table_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_widths), cmocka_unit_test(test_columns_line_up), cmocka_unit_test(test_no_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
