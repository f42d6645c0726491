/* CSV files as rows: quoting, blanks, compression, faults with their row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <zlib.h>

#include "clients/cli/rows.h"

static char path[] = "/tmp/reeve-rows-XXXXXX";
static char error[300];

static struct rows *rows_of(const char *text)
{
	FILE *file = fopen(path, "wb");

	fwrite(text, 1, strlen(text), file);
	fclose(file);
	return rows_open(path, error, sizeof error);
}

static void assert_cell(const struct rows *rows, const char *heading, const char *wanted)
{
	struct span cell = rows_cell(rows, rows_column(rows, heading));

	if (!span_is(cell, wanted))
		fail_msg("%s is '%.*s' and not '%s'", heading, (int)cell.len, cell.data, wanted);
}

static void test_quotes_blanks_and_short_rows(void **state)
{
	struct rows *rows = rows_of("\xef\xbb\xbf" "id,text,area\r\n1,\"a \"\"word\"\", and\r\nanother\", 07 \r\n\r\n2,永康區\n");

	(void)state;
	assert_non_null(rows);
	assert_int_equal(rows_column(rows, "id"), 0);
	assert_int_equal(rows_column(rows, "nothing"), -1);
	assert_int_equal(rows_next(rows), 1);
	assert_int_equal(rows_number(rows), 1);
	assert_cell(rows, "text", "a \"word\", and\r\nanother");
	assert_cell(rows, "area", " 07 ");
	assert_int_equal(rows_next(rows), 1);
	assert_int_equal(rows_number(rows), 2);
	assert_cell(rows, "text", "永康區");
	assert_cell(rows, "area", "");
	assert_int_equal(rows_next(rows), 0);
	rows_close(rows);
}

static void test_faults_name_the_row(void **state)
{
	struct rows *rows = rows_of("id,text\n1,a\n2,\"never closed\n");

	(void)state;
	assert_non_null(rows);
	int found = rows_next(rows);
	while (found == 1)
		found = rows_next(rows);
	assert_int_equal(found, -1);
	assert_non_null(strstr(rows_error(rows), "row 2"));
	rows_close(rows);
	assert_null(rows_of(""));
	assert_non_null(strstr(error, "heading"));
	assert_null(rows_open("/nowhere/at-all.csv", error, sizeof error));
	rows_close(NULL);
}

static void test_compressed_and_large(void **state)
{
	gzFile file = gzopen(path, "wb");

	(void)state;
	gzprintf(file, "id,text\n");
	for (int i = 1; i <= 20000; i++)
		gzprintf(file, "%d,\"text, %d\"\n", i, i * 7);
	gzclose(file);
	struct rows *rows = rows_open(path, error, sizeof error);
	for (int i = 1; i <= 20000; i++) {
		char wanted[32];
		assert_int_equal(rows_next(rows), 1);
		snprintf(wanted, sizeof wanted, "text, %d", i * 7);
		assert_cell(rows, "text", wanted);
	}
	assert_int_equal(rows_next(rows), 0);
	int64_t read, size;
	rows_progress(rows, &read, &size);
	assert_true(size > 0 && read <= size + 64);
	rows_close(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quotes_blanks_and_short_rows), cmocka_unit_test(test_faults_name_the_row), cmocka_unit_test(test_compressed_and_large),
	};

	close(mkstemp(path));
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
