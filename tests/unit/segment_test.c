/* Segments: written whole or not at all, found by their chain whatever else lies in the folder, and read with every hash computed anew. */
#include "store/segment.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/journal_memory.h"
#include "store_place.h"

#define RECORDS 500

static struct journal *open_lmdb(const char *directory)
{
	char error[256] = "";
	struct journal *journal = journal_lmdb_open(directory, PLACE_MAP_BYTES, error, sizeof error);

	if (!journal)
		print_error("%s\n", error);
	assert_non_null(journal);
	return journal;
}

static void fill(struct journal *journal, int64_t last, const char *words)
{
	char text[128];

	for (int64_t seq = journal->last_seq + 1; seq <= last; seq++) {
		snprintf(text, sizeof text, "%s, number %lld", words, (long long)seq);
		assert_int_equal(journal->ops->append(journal, seq, span_of(text)), 0);
	}
	assert_int_equal(journal->ops->commit(journal), 0);
}

static void prune_to(struct journal *journal, int64_t last)
{
	for (int64_t seq = journal->first_seq; seq <= last; seq++)
		assert_int_equal(journal->ops->prune(journal, seq, false), 0);
	assert_int_equal(journal->ops->commit(journal), 0);
}

/* Waits for it. */
static struct segment_job_state write_one(struct journal *journal, const char *directory, int64_t to)
{
	struct segment_job_state state;
	char error[256];
	struct segment_job *job = segment_job_start(journal, directory, to, error, sizeof error);

	assert_non_null(job);
	do {
		usleep(500);
		segment_job_poll(job, &state);
	} while (!state.over);
	segment_job_end(job);
	return state;
}

static void write_and_prune(struct journal *journal, const char *directory, int64_t to)
{
	struct segment_job_state state = write_one(journal, directory, to);

	assert_false(state.failed);
	prune_to(journal, to);
}

struct count {
	int64_t next, last;
};

static bool count_each(void *context, int64_t seq, struct span record, const unsigned char hash[JOURNAL_HASH_BYTES])
{
	struct count *count = context;

	(void)record;
	(void)hash;
	assert_int_equal(seq, count->next++);
	return seq < count->last;
}

/* All of what was pruned is there and whole. */
static void assert_whole(const char *directory, struct journal *journal, size_t segments_wanted)
{
	struct segments segments;
	struct count count = {.next = 1, .last = INT64_MAX};
	char error[512] = "";

	segments_find(&segments, directory, journal);
	assert_int_equal(segments.lacks_to, 0);
	assert_int_equal(segments.count, segments_wanted);
	for (size_t i = 0; i < segments.count; i++) {
		if (segment_read(segments.directory, &segments.rows[i], 1, count_each, &count, error, sizeof error))
			print_error("%s\n", error);
		assert_int_equal(error[0], '\0');
	}
	for (int64_t seq = 1; seq < journal->first_seq; seq++) {
		const struct segment *with = segments_with(&segments, seq);
		assert_non_null(with);
		assert_true(with->from <= seq && with->to >= seq);
	}
	assert_null(segments_with(&segments, count.next));
	assert_null(segments_with(&segments, 0));
	segments_free(&segments);
}

static size_t files_in(const char *directory)
{
	DIR *folder = opendir(place_path(directory, "segments"));
	size_t count = 0;

	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return folder ? count - 2 : 0;
}

static void check_written(struct journal *journal, const char *directory)
{
	fill(journal, RECORDS, "a record");
	assert_whole(directory, journal, 0);
	write_and_prune(journal, directory, 100);
	write_and_prune(journal, directory, 101);
	write_and_prune(journal, directory, 400);
	assert_whole(directory, journal, 3);
	assert_int_equal(files_in(directory), 3);
}

static void written_one_after_the_other(void **state)
{
	struct journal *journal = open_lmdb(*state);

	check_written(journal, *state);
	journal->ops->close(journal);
}

static void a_journal_in_memory_is_written_at_once(void **state)
{
	struct journal *journal = journal_memory_open();

	check_written(journal, *state);
	journal->ops->close(journal);
}

/* Pruning that stopped on the way: the last one reaches into the journal. */
static void one_that_is_half_pruned(void **state)
{
	struct journal *journal = open_lmdb(*state);
	struct segments segments;

	fill(journal, RECORDS, "a record");
	write_and_prune(journal, *state, 100);
	assert_false(write_one(journal, *state, 300).failed);
	prune_to(journal, 150);
	segments_clean(*state, journal);
	segments_find(&segments, *state, journal);
	assert_int_equal(segments.count, 2);
	assert_int_equal(segments.rows[1].to, 300);
	assert_int_equal(segments.lacks_to, 0);
	segments_free(&segments);
	journal->ops->close(journal);
}

/* What an interrupted writing leaves goes; a finished one of which nothing left, too; anything else stays. */
static void leftovers(void **state)
{
	struct journal *journal = open_lmdb(*state);

	fill(journal, RECORDS, "a record");
	write_and_prune(journal, *state, 100);
	fclose(fopen(place_path(*state, "segments/000000000077.unfinished"), "w"));
	fclose(fopen(place_path(*state, "segments/notes.txt"), "w"));
	fclose(fopen(place_path(*state, "segments/000000000101-000000000200-0011223344556677.rjs"), "w"));
	assert_false(write_one(journal, *state, 300).failed);
	assert_int_equal(files_in(*state), 5);
	segments_clean(*state, journal);
	assert_int_equal(files_in(*state), 3);
	assert_whole(*state, journal, 1);
	journal->ops->close(journal);
}

/* Another life of the journal, restored from before a segment, that went another way. */
static void of_another_life(void **state)
{
	struct journal *journal = open_lmdb(*state);

	fill(journal, 200, "a record");
	write_and_prune(journal, *state, 100);
	fill(journal, RECORDS, "another life");
	write_and_prune(journal, *state, 300);
	write_and_prune(journal, *state, 400);
	journal->ops->close(journal);
	unlink(place_path(*state, "journal.mdb"));
	unlink(place_path(*state, "journal.mdb-lock"));
	journal = open_lmdb(*state);
	fill(journal, RECORDS, "a record");
	prune_to(journal, 100); /* its first segment is the same, byte for byte */
	segments_clean(*state, journal);
	assert_int_equal(files_in(*state), 3);
	assert_whole(*state, journal, 1);
	write_and_prune(journal, *state, 350);
	assert_whole(*state, journal, 2);
	segments_clean(*state, journal);
	assert_int_equal(files_in(*state), 4); /* nothing of the other life was removed */
	journal->ops->close(journal);
}

static void a_missing_one_is_named(void **state)
{
	struct journal *journal = open_lmdb(*state);
	struct segments segments;
	char path[512];

	fill(journal, RECORDS, "a record");
	write_and_prune(journal, *state, 100);
	write_and_prune(journal, *state, 200);
	write_and_prune(journal, *state, 300);
	segments_find(&segments, *state, journal);
	snprintf(path, sizeof path, "%s/%s", segments.directory, segments.rows[1].name);
	segments_free(&segments);
	unlink(path);
	segments_find(&segments, *state, journal);
	assert_int_equal(segments.count, 1);
	assert_int_equal(segments.lacks_to, 200);
	assert_non_null(strstr(segments.lack, "-000000000200-"));
	assert_non_null(strstr(segments.lack, "copy it back"));
	segments_free(&segments);
	journal->ops->close(journal);
}

static void flip(const char *path, long at)
{
	FILE *file = fopen(path, "r+b");
	int byte;

	assert_non_null(file);
	fseek(file, at, SEEK_SET);
	byte = fgetc(file);
	fseek(file, at, SEEK_SET);
	fputc(byte ^ 0x10, file);
	fclose(file);
}

/* Wherever a bit flips, nothing wrong is handed out: either the segment is not found, or reading it fails behind the last good record. */
static void no_damage_passes(void **state)
{
	struct journal *journal = open_lmdb(*state);
	struct segments segments;
	char path[512], error[512];

	fill(journal, 60, "a record");
	write_and_prune(journal, *state, 20);
	write_and_prune(journal, *state, 40);
	segments_find(&segments, *state, journal);
	snprintf(path, sizeof path, "%s/%s", segments.directory, segments.rows[1].name);
	int64_t len = segments.rows[1].bytes;
	assert_true(len > 100);
	segments_free(&segments);
	for (long at = 0; at < len; at++) {
		struct count count = {.next = 21, .last = INT64_MAX};
		flip(path, at);
		segments_find(&segments, *state, journal);
		assert_true(segments.lacks_to == 40 || segments.lacks_to == 20 || segments.count == 2);
		/* some bits mean nothing to zstd, or the same: then all of it is read, and the chain says that it is right */
		if (!segments.lacks_to && segment_read(segments.directory, &segments.rows[1], 1, count_each, &count, error, sizeof error) == 0)
			assert_int_equal(count.next, 41);
		segments_free(&segments);
		flip(path, at);
	}
	assert_whole(*state, journal, 2);
	journal->ops->close(journal);
}

/* A full disk: a limit on a file's size makes the write itself fail. */
static void a_full_disk_leaves_nothing(void **state)
{
	struct journal *journal = open_lmdb(*state);
	struct rlimit before, small;
	char words[8192];

	for (size_t i = 0; i < sizeof words - 1; i++)
		words[i] = (char)('a' + rand() % 26); /* does not compress */
	words[sizeof words - 1] = '\0';
	fill(journal, 2, "a record");
	for (int64_t seq = 3; seq <= 60; seq++) {
		words[seq] ^= 1;
		assert_int_equal(journal->ops->append(journal, seq, span_of(words)), 0);
	}
	assert_int_equal(journal->ops->commit(journal), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 2000;
	setrlimit(RLIMIT_FSIZE, &small);
	struct segment_job_state failed = write_one(journal, *state, 50);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_true(failed.failed);
	assert_non_null(strstr(failed.error, "free space"));
	assert_int_equal(files_in(*state), 0);
	write_and_prune(journal, *state, 50);
	assert_whole(*state, journal, 1);
	journal->ops->close(journal);
}

static void given_up_leaves_nothing(void **state)
{
	struct journal *journal = open_lmdb(*state);
	char error[256];

	fill(journal, 20000, "a record");
	for (int i = 0; i < 10; i++) {
		struct segment_job *job = segment_job_start(journal, *state, 19000, error, sizeof error);
		assert_non_null(job);
		usleep((useconds_t)(i * 700));
		segment_job_end(job);
		assert_true(files_in(*state) <= 1); /* or it was finished already */
		segments_clean(*state, journal);
		assert_int_equal(files_in(*state), 0);
	}
	journal->ops->close(journal);
}

static bool always(void *context)
{
	(void)context;
	return true;
}

static void copied_elsewhere(void **state)
{
	struct journal *journal = open_lmdb(*state);
	struct segments segments;
	char error[512] = "", path[512], *to = span_dup(span_of(place_path(*state, "copy")));

	fill(journal, RECORDS, "a record");
	write_and_prune(journal, *state, 100);
	write_and_prune(journal, *state, 400);
	assert_int_equal(mkdir(to, 0700), 0);
	segments_find(&segments, *state, journal);
	assert_int_equal(segments_copy(&segments, to, always, NULL, error, sizeof error), 0);
	assert_whole(to, journal, 2);
	/* One that is damaged is found before anybody relies on the copy. */
	snprintf(path, sizeof path, "%s/%s", segments.directory, segments.rows[0].name);
	flip(path, 60);
	assert_int_equal(segments_copy(&segments, to, always, NULL, error, sizeof error), -1);
	assert_non_null(strstr(error, segments.rows[0].name));
	segments_free(&segments);
	free(to);
	journal->ops->close(journal);
}

static void folder_remove(const char *path)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	rmdir(path);
}

static int folders_remove(void **state)
{
	static const char *const folders[] = {"segments", "copy/segments", "copy"};

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		folder_remove(place_path(*state, folders[i]));
	return place_remove(state);
}

#define file_test(name) cmocka_unit_test_setup_teardown(name, place_make, folders_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		file_test(written_one_after_the_other),
		file_test(a_journal_in_memory_is_written_at_once),
		file_test(one_that_is_half_pruned),
		file_test(leftovers),
		file_test(of_another_life),
		file_test(a_missing_one_is_named),
		file_test(no_damage_passes),
		file_test(a_full_disk_leaves_nothing),
		file_test(given_up_leaves_nothing),
		file_test(copied_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
