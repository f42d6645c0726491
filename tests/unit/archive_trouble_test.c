/* The archive in trouble: it never lies and never stops the daemon. Another format, damage, a full map, a full disk. */
#include "store/archive.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "store_place.h"

#define FORMAT 3

static struct archive *open_sized(const char *directory, int64_t map_bytes, int64_t format, bool expect_rebuilt)
{
	char error[256] = "";
	bool rebuilt = !expect_rebuilt;
	struct archive *archive = archive_open(directory, map_bytes, format, NULL, NULL, &rebuilt, error, sizeof error);

	if (!archive)
		print_error("%s\n", error);
	assert_non_null(archive);
	assert_int_equal(rebuilt, expect_rebuilt);
	/* Why it was begun anew. */
	assert_int_equal(error[0] != '\0', expect_rebuilt);
	return archive;
}

static struct archive *open_archive(const char *directory, bool expect_rebuilt)
{
	return open_sized(directory, PLACE_MAP_BYTES, FORMAT, expect_rebuilt);
}

static void fill(struct archive *archive, int64_t seq, int keys)
{
	char key[32];

	for (int i = 0; i < keys; i++) {
		snprintf(key, sizeof key, "key %06d", i);
		archive_put(archive, 0, span_of(key), span_of("some value that is long enough to fill pages"));
	}
	archive_hand_over(archive, seq);
}

static int64_t rows(struct archive *archive)
{
	struct archive_reader *reader = archive_read_begin(archive);
	int64_t count = archive_count(reader, 0);

	archive_read_end(reader);
	return count;
}

static void make_filled(const char *directory)
{
	struct archive *archive = open_archive(directory, false);

	fill(archive, 9, 3000);
	archive_close(archive);
}

static void assert_begun_anew(struct archive *archive)
{
	assert_int_equal(archive_reached(archive), 0);
	assert_int_equal(rows(archive), 0);
	fill(archive, 1, 10);
	assert_int_equal(archive_flush(archive), 0);
	assert_int_equal(rows(archive), 10);
}

static void another_format_is_emptied(void **state)
{
	make_filled(*state);
	struct archive *archive = open_sized(*state, PLACE_MAP_BYTES, FORMAT + 1, true);
	assert_begun_anew(archive);
	archive_close(archive);
	assert_false(place_has(*state, "archive.mdb.damaged"));
	archive = open_sized(*state, PLACE_MAP_BYTES, FORMAT + 1, false);
	assert_int_equal(archive_reached(archive), 1);
	archive_close(archive);
}

static void assert_set_aside(const char *directory)
{
	struct archive *archive = open_archive(directory, true);

	assert_true(place_has(directory, "archive.mdb.damaged"));
	assert_begun_anew(archive);
	archive_close(archive);
	archive = open_archive(directory, false);
	assert_int_equal(archive_reached(archive), 1);
	archive_close(archive);
}

static void overwrite(const char *directory, long offset, int bytes)
{
	FILE *file = fopen(place_path(directory, "archive.mdb"), "r+");

	fseek(file, offset, SEEK_SET);
	while (bytes--)
		fputc('#', file);
	fclose(file);
}

static void a_file_that_is_no_archive_is_set_aside(void **state)
{
	make_filled(*state);
	overwrite(*state, 0, 8192);
	assert_set_aside(*state);
}

static void a_cut_file_is_set_aside(void **state)
{
	make_filled(*state);
	assert_int_equal(truncate(place_path(*state, "archive.mdb"), place_size(*state, "archive.mdb") / 2), 0);
	assert_set_aside(*state);
}

static void a_file_without_its_last_page_is_set_aside(void **state)
{
	make_filled(*state);
	assert_int_equal(truncate(place_path(*state, "archive.mdb"), place_size(*state, "archive.mdb") - 1), 0);
	assert_set_aside(*state);
}

static void a_file_shorter_than_its_head_is_set_aside(void **state)
{
	make_filled(*state);
	assert_int_equal(truncate(place_path(*state, "archive.mdb"), 100), 0);
	assert_set_aside(*state);
}

/* A clean file is never taken for a cut one, also when LMDB gave back pages at its end. */
static void shrinking_and_growing_is_no_damage(void **state)
{
	char key[32];

	for (int round = 0; round < 20; round++) {
		struct archive *archive = open_archive(*state, false);
		fill(archive, round * 2 + 1, 200 * (round % 5 + 1));
		archive_flush(archive);
		for (int i = 0; i < 900; i++) {
			snprintf(key, sizeof key, "key %06d", i);
			archive_remove(archive, 0, span_of(key));
			archive_put(archive, 1, span_of(key), span_of("moved"));
		}
		archive_hand_over(archive, round * 2 + 2);
		archive_close(archive);
	}
	assert_false(place_has(*state, "archive.mdb.damaged"));
}

static void a_missing_directory_is_said(void **state)
{
	char error[256] = "";

	assert_null(archive_open(place_path(*state, "nowhere"), PLACE_MAP_BYTES, FORMAT, NULL, NULL, NULL, error, sizeof error));
	assert_non_null(strstr(error, "archive: cannot open"));
	assert_non_null(strstr(error, "create the directory"));
}

/* A map that is too small: the fault is said, the number stays, readers go on, and nothing blocks when the backlog overflows. */
static void a_full_map_is_said_and_never_blocks(void **state)
{
	size_t size = (size_t)1 << 20;
	char *value = calloc(1, size);
	struct archive *archive = open_sized(*state, INT64_C(1) << 20, FORMAT, false);

	fill(archive, 1, 10);
	assert_int_equal(archive_flush(archive), 0);
	for (int i = 0; i < 100; i++) {
		archive_put(archive, 1, span_of("big"), (struct span){value, size});
		archive_hand_over(archive, i + 2);
		assert_true(archive_backlog(archive) <= INT64_C(66) << 20);
	}
	assert_int_equal(archive_flush(archive), -1);
	assert_non_null(strstr(archive_fault(archive), "raise store.archive_bytes and restart"));
	assert_non_null(strstr(archive_fault(archive), "stays behind until reeved is restarted"));
	assert_int_equal(archive_reached(archive), 1);
	assert_int_equal(rows(archive), 10);
	archive_hand_over(archive, 500);
	archive_close(archive);
	/* What it reached is still true: the caller catches up from there. */
	archive = open_archive(*state, false);
	assert_int_equal(archive_reached(archive), 1);
	assert_int_equal(rows(archive), 10);
	archive_close(archive);
	free(value);
}

static void a_full_disk_is_said_and_retried(void **state)
{
	struct rlimit before, tight;
	struct archive *archive = open_archive(*state, false);

	fill(archive, 1, 10);
	assert_int_equal(archive_flush(archive), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	tight = before;
	tight.rlim_cur = (rlim_t)place_size(*state, "archive.mdb");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	fill(archive, 2, 5000);
	int result = archive_flush(archive);
	bool said = archive_fault(archive) != NULL;
	fill(archive, 3, 6000);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(result, -1);
	assert_true(said);
	/* The archivist tries again about once a second; flush returns at the old fault until then. */
	while (archive_reached(archive) < 3)
		usleep(10000);
	assert_null(archive_fault(archive));
	assert_int_equal(archive_flush(archive), 0);
	assert_int_equal(rows(archive), 6000);
	archive_close(archive);
}

static atomic_bool head_fails;

/* LMDB's: the next head fails once. */
ssize_t pwrite(int descriptor, const void *data, size_t len, off_t offset)
{
	if (offset < 2 * sysconf(_SC_PAGESIZE) && atomic_exchange(&head_fails, false)) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pwrite64, descriptor, data, len, offset);
}

static void a_head_that_cannot_be_written_is_mended_by_opening_again(void **state)
{
	struct archive *archive = open_archive(*state, false);

	fill(archive, 1, 10);
	assert_int_equal(archive_flush(archive), 0);
	assert_false(archive_broken(archive));
	atomic_store(&head_fails, true);
	fill(archive, 2, 20);
	assert_int_equal(archive_flush(archive), -1);
	assert_false(atomic_load(&head_fails));
	/* LMDB reads nothing of it any more, which is no answer. */
	assert_null(archive_read_begin(archive));
	assert_true(archive_read_failed(NULL));
	assert_true(archive_broken(archive));
	assert_non_null(strstr(archive_fault(archive), "Input/output error"));
	fill(archive, 3, 30);
	archive_close(archive);
	/* What was written before is there, and nothing of what was not. */
	archive = open_archive(*state, false);
	assert_false(archive_broken(archive));
	assert_int_equal(archive_reached(archive), 1);
	assert_int_equal(rows(archive), 10);
	fill(archive, 3, 30);
	assert_int_equal(archive_flush(archive), 0);
	assert_int_equal(rows(archive), 30);
	archive_close(archive);
	assert_false(place_has(*state, "archive.mdb.damaged"));
}

/* Nobody reads: the thread finds out by itself, and tells. */
static void a_head_that_cannot_be_written_is_told(void **state)
{
	struct archive *archive = open_archive(*state, false);

	atomic_store(&head_fails, true);
	fill(archive, 1, 10);
	while (!archive_broken(archive))
		usleep(10000);
	assert_non_null(strstr(archive_fault(archive), "Input/output error"));
	archive_close(archive);
}

#define place_test(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(another_format_is_emptied),
		place_test(a_file_that_is_no_archive_is_set_aside),
		place_test(a_cut_file_is_set_aside),
		place_test(a_file_without_its_last_page_is_set_aside),
		place_test(a_file_shorter_than_its_head_is_set_aside),
		place_test(shrinking_and_growing_is_no_damage),
		place_test(a_missing_directory_is_said),
		place_test(a_full_map_is_said_and_never_blocks),
		place_test(a_full_disk_is_said_and_retried),
		place_test(a_head_that_cannot_be_written_is_mended_by_opening_again),
		place_test(a_head_that_cannot_be_written_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
