/* A program that reads the journal's file beside its writer, and what becomes of the file: bounded when it goes on, growing while it stands still, bounded
 * again when it was ended. Prints what it measured. */
#include "store/journal.h"

#include <errno.h>
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

#define HELD 1000   /* records that stay */
#define COMMITS 120 /* in one phase, each of PER records */
#define PER 10

enum behaviour { GOES_ON, STANDS_STILL };

static struct journal *open_journal(const char *directory)
{
	char error[256] = "";
	struct journal *journal = journal_lmdb_open(directory, PLACE_MAP_BYTES, error, sizeof error);

	if (!journal)
		print_error("%s\n", error);
	assert_non_null(journal);
	return journal;
}

/* As many leave as come. */
static int64_t phase(struct journal *journal, const char *directory)
{
	char text[600];

	memset(text, 'x', sizeof text);
	for (int i = 0; i < COMMITS; i++) {
		for (int k = 0; k < PER; k++)
			assert_int_equal(journal->ops->append(journal, journal->last_seq + 1 + k, (struct span){text, sizeof text}), 0);
		int64_t first = journal->first_seq, last = journal->last_seq + PER;
		for (int64_t seq = first; last - seq >= HELD && seq < first + 2 * PER; seq++)
			assert_int_equal(journal->ops->prune(journal, seq, false), 0);
		assert_int_equal(journal->ops->commit(journal), 0);
	}
	return place_size(directory, "journal.mdb");
}

/* A process of its own that has begun to read when this returns. */
static pid_t reader_start(const char *directory, enum behaviour behaviour)
{
	int pipes[2];
	char byte, error[256];

	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child)
		assert_int_equal(read(pipes[0], &byte, 1), 1);
	if (child) {
		close(pipes[0]);
		close(pipes[1]);
		return child;
	}
	struct journal *journal = journal_lmdb_open_readonly(directory, error, sizeof error);
	if (!journal || journal->ops->read_begin(journal))
		_exit(1);
	if (write(pipes[1], "b", 1) != 1)
		_exit(1);
	for (;;) {
		if (behaviour == STANDS_STILL) {
			pause();
			continue;
		}
		journal->ops->read_end(journal);
		usleep(500);
		if (journal->ops->read_begin(journal))
			_exit(1);
	}
}

static int ended_by(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static void the_file_stays_bounded(void **state)
{
	struct journal *journal = open_journal(*state);
	struct journal_reader reader;

	phase(journal, *state);
	int64_t alone = phase(journal, *state);
	assert_false(journal->ops->slowest_reader(journal, &reader));
	pid_t moving = reader_start(*state, GOES_ON);
	phase(journal, *state);
	int64_t beside_moving = phase(journal, *state);
	kill(moving, SIGKILL);
	assert_int_equal(ended_by(moving), SIGKILL);

	pid_t standing = reader_start(*state, STANDS_STILL);
	int64_t first_standing = phase(journal, *state), second_standing = phase(journal, *state);
	assert_true(journal->ops->slowest_reader(journal, &reader));
	assert_int_equal(reader.pid, standing);
	assert_true(reader.behind >= 2 * COMMITS - 1 && reader.behind <= 2 * COMMITS + 1);
	struct journal_reader other = reader;
	other.state--;
	assert_int_equal(journal->ops->end_reader(journal, &other), ESRCH); /* it went on meanwhile: another state */
	other = reader;
	other.pid = getpid();
	assert_int_equal(journal->ops->end_reader(journal, &other), ESRCH); /* never ourselves */
	assert_int_equal(journal->ops->end_reader(journal, &reader), 0);
	assert_int_equal(ended_by(standing), SIGKILL);
	assert_false(journal->ops->slowest_reader(journal, &reader));
	phase(journal, *state);
	int64_t afterwards = phase(journal, *state), much_later = phase(journal, *state);

	printf("readers: %d records of 600 bytes stay, %d commits a phase; file KiB: alone %lld, beside one that goes on %lld, beside one that stands still %lld and %lld, "
		"when that was ended %lld and %lld\n", HELD, COMMITS, (long long)alone / 1024, (long long)beside_moving / 1024, (long long)first_standing / 1024,
		(long long)second_standing / 1024, (long long)afterwards / 1024, (long long)much_later / 1024);
	assert_true(beside_moving <= alone + alone / 4);
	assert_true(second_standing > first_standing + alone / 2); /* or this test shows nothing */
	assert_int_equal(much_later, afterwards);
	assert_true(afterwards <= second_standing + alone / 4);
	journal->ops->close(journal);
}

/* A process that died in the middle is forgotten at once. */
static void the_dead_hold_nothing(void **state)
{
	struct journal *journal = open_journal(*state);
	struct journal_reader reader;

	phase(journal, *state);
	pid_t standing = reader_start(*state, STANDS_STILL);
	phase(journal, *state);
	assert_true(journal->ops->slowest_reader(journal, &reader));
	kill(standing, SIGKILL);
	assert_int_equal(ended_by(standing), SIGKILL);
	assert_false(journal->ops->slowest_reader(journal, &reader));
	journal->ops->close(journal);
}

/* Our own reading is seen, and is no reason to end anybody. */
static void our_own_reading_is_seen(void **state)
{
	struct journal *journal = open_journal(*state);
	struct journal_reader reader;

	phase(journal, *state);
	assert_int_equal(journal->ops->read_begin(journal), 0);
	phase(journal, *state);
	assert_true(journal->ops->slowest_reader(journal, &reader));
	assert_int_equal(reader.pid, getpid());
	assert_int_equal(journal->ops->end_reader(journal, &reader), ESRCH);
	journal->ops->read_end(journal);
	assert_false(journal->ops->slowest_reader(journal, &reader));
	journal->ops->close(journal);
}

#define file_test(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		file_test(the_file_stays_bounded),
		file_test(the_dead_hold_nothing),
		file_test(our_own_reading_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
