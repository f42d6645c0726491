/* The checkpoint of an import: read back whole, ignored when anything has changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/cli/checkpoint.h"

static char path[] = "/tmp/reeve-state-XXXXXX", table[] = "/tmp/reeve-csv-XXXXXX";

static void test_round_trip_and_change(void **state)
{
	struct checkpoint written = {.row = 1234, .opened = 1000, .known = 200, .refused = 34}, read = {0};

	(void)state;
	assert_true(checkpoint_write(path, table, table, "ipc:///x", &written));
	assert_true(checkpoint_read(path, table, table, "ipc:///x", &read));
	assert_memory_equal(&read, &written, sizeof read);
	assert_false(checkpoint_read(path, table, table, "ipc:///y", &read));
	FILE *file = fopen(table, "ab");
	fputs("another row\n", file);
	fclose(file);
	assert_false(checkpoint_read(path, table, table, "ipc:///x", &read));
	assert_false(checkpoint_write("/nowhere/at/all", table, table, "ipc:///x", &written));
}

static void test_damaged(void **state)
{
	struct checkpoint written = {.row = 9}, read = {.row = 5};

	(void)state;
	assert_true(checkpoint_write(path, table, table, "ipc:///x", &written));
	assert_int_equal(truncate(path, 30), 0);
	assert_false(checkpoint_read(path, table, table, "ipc:///x", &read));
	assert_int_equal(read.row, 5);
	unlink(path);
	assert_false(checkpoint_read(path, table, table, "ipc:///x", &read));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip_and_change), cmocka_unit_test(test_damaged)};

	close(mkstemp(path));
	close(mkstemp(table));
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	unlink(table);
	return failed;
}
