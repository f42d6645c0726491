/* CSV: fields, lines, and what is no CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/csv.h"

static void rows_know_their_lines(void **state)
{
	struct csv_table table;
	struct csv_problem problem;

	(void)state;
	assert_int_equal(csv_table_read(span_of("\xef\xbb\xbf" "code,name\r\na, Anne \r\n\r\n\"b\",\"two\r\nlines, \"\"quoted\"\"\"\r\nc,\n\nd,最后"), &table, &problem), 0);
	assert_int_equal(table.column_count, 2);
	assert_int_equal(csv_table_column(&table, "name"), 1);
	assert_int_equal(csv_table_column(&table, "nothing"), -1);
	assert_int_equal(table.row_count, 4);
	assert_int_equal(table.rows[0].line, 2);
	assert_true(span_is(table.rows[0].fields[1], "Anne"));
	assert_int_equal(table.rows[1].line, 4);
	assert_true(span_is(table.rows[1].fields[1], "two\r\nlines, \"quoted\""));
	assert_int_equal(table.rows[2].line, 6);
	assert_int_equal(table.rows[2].fields[1].len, 0);
	assert_int_equal(table.rows[3].line, 8);
	assert_true(span_is(table.rows[3].fields[1], "最后"));
	csv_table_free(&table);
}

static void refuse(struct span text, int64_t line, const char *words)
{
	struct csv_table table;
	struct csv_problem problem;

	if (csv_table_read(text, &table, &problem) == 0 || problem.line != line || !strstr(problem.message, words))
		fail_msg("%.*s: got line %lld, %s", (int)text.len, text.data, (long long)problem.line, problem.message);
	csv_table_free(&table);
}

static void mistakes_are_named(void **state)
{
	(void)state;
	refuse(span_of(""), 1, "no first row");
	refuse(span_of("a,b\n1,2\n1,2,3\n"), 3, "3 fields where the first row has 2");
	refuse(span_of("a,b\n\n1\n"), 3, "1 fields");
	refuse(span_of("a,a\n"), 1, "two columns have the name 'a'");
	refuse(span_of("a,\n"), 1, "a column without a name");
	refuse(span_of("a,b\n1,\"open\n2,3\n"), 2, "never closed");
	refuse(span_of("a,b\n1,x\"y\n"), 2, "a quote in the wrong place");
	refuse(span_of("a,b\n1,\xff\n"), 2, "not UTF-8");
	refuse((struct span){"a,b\n1,\0\n", 9}, 2, "NUL");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rows_know_their_lines), cmocka_unit_test(mistakes_are_named)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
