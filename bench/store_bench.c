/* The store alone, without sockets, codec and rules: what journal and archive can carry on this disk, beside a raw append
 * with fdatasync in the same run. Only ratios within one run mean anything on a shared disk.
 *
 *   store-bench [directory=DIR] [n=RECORDS] [cases=LIFECYCLES] [old=CASES]
 *
 * old: cases that are in the archive before the lifecycles are timed. A lifecycle here is four records of 400 bytes in the journal,
 * and in the archive a record that changes four times and three index keys, one of which moves with each change. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/archive.h"
#include "store/journal.h"

#define RECORD_BYTES 400
#define PAGE_BYTES 4096
#define MAP_BYTES (INT64_C(1) << 38)
#define STEPS 4
#define AREAS 1000

enum table { TABLE_CASES, TABLE_BY_STATE, TABLE_BY_AREA, TABLE_BY_TIME };

struct options {
	char directory[1024];
	int64_t n, cases, old;
};

struct bench {
	struct journal *journal;
	struct archive *archive;
	int64_t seq;
	char record[RECORD_BYTES];
};

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "store-bench: %s: %s\n", what, why);
	exit(1);
}

static void figure(const char *what, int64_t batch, int64_t n, double began)
{
	double secs = now() - began;

	printf("store cfg=sync %s batch=%" PRId64 " n=%" PRId64 " secs=%.2f rate=%.0f/s\n", what, batch, n, secs, (double)n / secs);
	fflush(stdout);
}

static void path_in(const struct options *options, const char *name, char *ret_path, size_t size)
{
	snprintf(ret_path, size, "%s/%s", options->directory, name);
}

static void store_unlink(const struct options *options)
{
	static const char *const names[] = {"journal.mdb", "journal.mdb-lock", "archive.mdb", "archive.mdb-lock", "append.raw"};
	char path[1100];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		path_in(options, names[i], path, sizeof path);
		unlink(path);
	}
}

static void raw_append(const struct options *options, int64_t n)
{
	char path[1100], page[PAGE_BYTES];

	memset(page, 'r', sizeof page);
	path_in(options, "append.raw", path, sizeof path);
	int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	if (file < 0)
		fail(path, strerror(errno));
	double began = now();
	for (int64_t i = 0; i < n; i++)
		if (write(file, page, sizeof page) != sizeof page || fdatasync(file) != 0)
			fail(path, strerror(errno));
	figure("raw4k", 1, n, began);
	close(file);
}

static struct journal *journal_open(const struct options *options)
{
	char error[256];
	struct journal *journal = journal_lmdb_open(options->directory, MAP_BYTES, error, sizeof error);

	if (!journal)
		fail("journal", error);
	return journal;
}

static void journal_add(struct bench *bench)
{
	bench->seq++;
	memcpy(bench->record, &bench->seq, sizeof bench->seq);
	if (bench->journal->ops->append(bench->journal, bench->seq, (struct span){bench->record, RECORD_BYTES}))
		fail("append", bench->journal->error);
}

static void journal_commit(struct bench *bench)
{
	if (bench->journal->ops->commit(bench->journal))
		fail("commit", bench->journal->error);
}

static void journal_appends(const struct options *options, int64_t batch, int64_t n)
{
	struct bench bench = {.journal = journal_open(options)};

	bench.seq = bench.journal->last_seq;
	double began = now();
	for (int64_t i = 0; i < n; i++) {
		journal_add(&bench);
		if ((i + 1) % batch == 0)
			journal_commit(&bench);
	}
	journal_commit(&bench);
	figure("append", batch, n, began);
	bench.journal->ops->close(bench.journal);
}

static void journal_check(const struct options *options)
{
	struct journal *journal = journal_open(options);
	int64_t bad = 0;
	double began = now();

	if (journal_verify(journal, 1, journal->last_seq, &bad))
		fail("verify", "the journal that was just written does not verify");
	figure("verify", 1, journal->last_seq, began);
	journal->ops->close(journal);
}

/* ---- lifecycles ---- */

static struct span key_make(char room[32], uint64_t first, size_t first_bytes, uint64_t second)
{
	size_t len = 0;

	for (size_t i = 0; i < first_bytes; i++)
		room[len++] = (char)(first >> (8 * (first_bytes - 1 - i)));
	for (int i = 7; i >= 0; i--)
		room[len++] = (char)(second >> (8 * i));
	return (struct span){room, len};
}

/* What one step of a case changes in the archive. */
static void case_step(struct bench *bench, int64_t number, int step)
{
	uint64_t area = (uint64_t)number * 2654435761u % AREAS;
	char key[32];

	memcpy(bench->record, &number, sizeof number);
	archive_put(bench->archive, TABLE_CASES, key_make(key, 0, 0, (uint64_t)number), (struct span){bench->record, RECORD_BYTES});
	if (step > 0)
		archive_remove(bench->archive, TABLE_BY_STATE, key_make(key, (uint64_t)step - 1, 1, (uint64_t)number));
	archive_put(bench->archive, TABLE_BY_STATE, key_make(key, (uint64_t)step, 1, (uint64_t)number), (struct span){0});
	if (step == 0) {
		archive_put(bench->archive, TABLE_BY_AREA, key_make(key, area, 4, (uint64_t)number), (struct span){0});
		archive_put(bench->archive, TABLE_BY_TIME, key_make(key, (uint64_t)number / 10, 8, (uint64_t)number), (struct span){0});
	}
}

static void cases_fill(struct bench *bench, int64_t old)
{
	for (int64_t number = 1; number <= old; number++) {
		case_step(bench, number, 0);
		if (number % 1000 == 0)
			archive_hand_over(bench->archive, number);
	}
	archive_hand_over(bench->archive, old);
	if (archive_flush(bench->archive))
		fail("archive", archive_fault(bench->archive));
}

/* A round: `batch` new cases, and the next step of those of each of the three rounds before. */
static void round_run(struct bench *bench, int64_t first, int64_t last, int64_t batch, int64_t round)
{
	for (int step = 0; step < STEPS; step++) {
		int64_t from = first + (round - step) * batch;
		for (int64_t number = from; number < from + batch; number++) {
			if (number < first || number >= last)
				continue;
			journal_add(bench);
			case_step(bench, number, step);
		}
	}
	journal_commit(bench);
	archive_hand_over(bench->archive, bench->seq);
}

static void lifecycles(const struct options *options, int64_t batch, int64_t old)
{
	struct bench bench = {.journal = journal_open(options)};
	char error[256];
	bool rebuilt;

	bench.seq = bench.journal->last_seq;
	bench.archive = archive_open(options->directory, MAP_BYTES, 1, NULL, NULL, &rebuilt, error, sizeof error);
	if (!bench.archive)
		fail("archive", error);
	if (old)
		cases_fill(&bench, old);
	int64_t first = 1 + options->old + options->cases * batch; /* beyond those of other runs */
	double began = now();
	for (int64_t round = 0; round * batch < options->cases + (STEPS - 1) * batch; round++)
		round_run(&bench, first, first + options->cases, batch, round);
	figure("acknowledged", batch, options->cases, began);
	if (archive_flush(bench.archive))
		fail("archive", archive_fault(bench.archive));
	figure("life", batch, options->cases, began);
	archive_close(bench.archive);
	bench.journal->ops->close(bench.journal);
}

static void option_read(struct options *options, const char *word)
{
	const char *value = strchr(word, '=');

	if (value && strncmp(word, "directory=", 10) == 0)
		snprintf(options->directory, sizeof options->directory, "%s", value + 1);
	else if (value && strncmp(word, "n=", 2) == 0)
		options->n = atoll(value + 1);
	else if (value && strncmp(word, "cases=", 6) == 0)
		options->cases = atoll(value + 1);
	else if (value && strncmp(word, "old=", 4) == 0)
		options->old = atoll(value + 1);
	else
		fail(word, "no such option; directory=DIR n=RECORDS cases=LIFECYCLES old=CASES");
}

int main(int argc, char **argv)
{
	struct options options = {.directory = "", .n = 200000, .cases = 200000, .old = 0};

	for (int i = 1; i < argc; i++)
		option_read(&options, argv[i]);
	bool own = !options.directory[0];
	if (own) {
		snprintf(options.directory, sizeof options.directory, "/var/tmp/store-bench-XXXXXX");
		if (!mkdtemp(options.directory))
			fail(options.directory, strerror(errno));
	}
	raw_append(&options, options.n / 100 + 1);
	journal_appends(&options, 1, options.n / 100 + 1);
	journal_appends(&options, 64, options.n / 4 + 1);
	journal_appends(&options, 1000, options.n);
	journal_check(&options);
	lifecycles(&options, 64, options.old);
	lifecycles(&options, 1000, 0);
	store_unlink(&options);
	return own ? rmdir(options.directory) : 0;
}
