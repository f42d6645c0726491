/* Acknowledged is there: a child appends, commits and reports each committed number over a pipe, and is killed somewhere in the
 * middle, twenty times over the same file. Everything reported must be there and the chain whole. */
#include "store/journal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store_place.h"

#define KILLS 20

static void record_write(char *text, size_t size, int64_t seq)
{
	snprintf(text, size, "record %lld %.*s", (long long)seq, (int)(seq % 300),
		"................................................................................................................................................................"
		"................................................................................................................................................................");
}

/* Never returns: appends rounds of changing length until it is killed. */
static void write_until_killed(const char *directory, int pipe_end)
{
	char error[256], text[512];
	struct journal *journal = journal_lmdb_open(directory, PLACE_MAP_BYTES, error, sizeof error);

	if (!journal)
		_exit(9);
	for (int64_t seq = journal->last_seq + 1;; seq++) {
		record_write(text, sizeof text, seq);
		if (journal->ops->append(journal, seq, span_of(text)) || journal->ops->private_put(journal, seq, span_of(text)))
			_exit(8);
		if (seq > 10 && journal->ops->private_put(journal, seq - 10, (struct span){0}))
			_exit(7);
		if (seq % 7 > 3)
			continue;
		if (journal->ops->commit(journal))
			_exit(6);
		if (write(pipe_end, &seq, sizeof seq) != sizeof seq)
			_exit(5);
	}
}

/* Kills after so many reports; returns the last one. */
static int64_t kill_after(pid_t child, int pipe_end, int reports)
{
	int64_t seq = 0, last = 0;

	for (int i = 0; i < reports && read(pipe_end, &seq, sizeof seq) == sizeof seq; i++)
		last = seq;
	/* Somewhere within the next rounds, not right behind a report. */
	usleep((useconds_t)(rand() % 700));
	kill(child, SIGKILL);
	while (read(pipe_end, &seq, sizeof seq) == sizeof seq)
		last = seq;
	return last;
}

static void assert_all_there(const char *directory, int64_t reported)
{
	char error[256] = "", text[512];
	struct journal *journal = journal_lmdb_open(directory, PLACE_MAP_BYTES, error, sizeof error);
	struct span record;
	int64_t bad = 0;

	assert_string_equal(error, "");
	assert_non_null(journal);
	assert_true(journal->last_seq >= reported);
	assert_int_equal(journal_verify(journal, 1, journal->last_seq, &bad), 0);
	assert_int_equal(journal->ops->read_begin(journal), 0);
	for (int64_t seq = 1; seq <= journal->last_seq; seq++) {
		record_write(text, sizeof text, seq);
		assert_int_equal(journal->ops->read(journal, seq, &record, NULL), 0);
		assert_true(span_is(record, text));
		/* Rows go with their records: the last ten are there, older ones destroyed. */
		int expected = seq > journal->last_seq - 10 ? 0 : JOURNAL_MISSING;
		assert_int_equal(journal->ops->private_get(journal, seq, &record), expected);
	}
	journal->ops->read_end(journal);
	journal->ops->close(journal);
}

static void reported_records_survive_kill(void **state)
{
	srand(20);
	for (int round = 0; round < KILLS; round++) {
		int ends[2], status;
		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		if (child == 0) {
			close(ends[0]);
			write_until_killed(*state, ends[1]);
		}
		close(ends[1]);
		int64_t reported = kill_after(child, ends[0], 1 + rand() % 60);
		close(ends[0]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		assert_true(reported > 0);
		assert_all_there(*state, reported);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reported_records_survive_kill, place_make, place_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
