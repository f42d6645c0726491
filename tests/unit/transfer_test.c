/* A journal as a stream and back: the same records, hashes and rows; what was changed, cut or is newer is refused in words. */
#include "transfer/copy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zstd.h>

#include "store/journal.h"
#include "store_place.h"

#define RECORDS 40

/* What is done to record `at` on its way into the stream. */
enum harm { HARM_NONE, HARM_BYTES, HARM_HASH, HARM_LEFT_OUT, HARM_TWICE, HARM_NUMBER };

static void stream_make(FILE *file, bool with_private, enum harm harm, int64_t at)
{
	struct stream_writer *writer = stream_write_begin(file, with_private);
	unsigned char hash[STREAM_HASH_BYTES] = {0}, other[STREAM_HASH_BYTES] = {1};
	char text[64];

	for (int64_t seq = 1; seq <= RECORDS; seq++) {
		snprintf(text, sizeof text, "the record with number %lld", (long long)seq);
		enum harm now = seq == at ? harm : HARM_NONE;
		journal_chain(hash, seq, span_of(text), hash);
		if (now == HARM_BYTES)
			text[4] ^= 1;
		if (now != HARM_LEFT_OUT)
			stream_write_record(writer, now == HARM_NUMBER ? seq + 1 : seq, span_of(text), now == HARM_HASH ? other : hash);
		if (now == HARM_TWICE)
			stream_write_record(writer, seq, span_of(text), hash);
		if (with_private && seq % 4 == 0)
			stream_write_private(writer, seq, span_of("a name and a number"));
	}
	assert_int_equal(stream_write_end(writer), 0);
	rewind(file);
}

static int next(void *context, struct stream_entry *ret_entry, char *error, size_t error_size)
{
	return stream_read(context, ret_entry, error, error_size);
}

/* 0, or -1 with error. */
static int stream_copy(FILE *file, const char *into, int64_t until, struct copy_result *ret_result, char *error, size_t error_size)
{
	bool with_private;
	struct stream_reader *reader = stream_read_begin(file, &with_private, error, error_size);
	int failed = -1;

	if (reader)
		failed = copy_run(&(struct copy_source){next, reader}, 1, into, until, ret_result, error, error_size);
	stream_read_end(reader);
	return failed;
}

static void place_sweep(char *directory)
{
	unlink(place_path(directory, "journal.mdb"));
	unlink(place_path(directory, "journal.mdb-lock"));
	rmdir(directory);
	free(directory);
}

static void comes_back_as_it_was(void **state)
{
	for (int with_private = 0; with_private < 2; with_private++) {
		char *into = span_dup(span_of(place_path(*state, "new")));
		struct copy_result result = {0};
		FILE *file = tmpfile();
		char error[512] = "";
		struct span record;
		int64_t bad = 0, rows = 0;

		stream_make(file, with_private, HARM_NONE, 0);
		assert_int_equal(stream_copy(file, into, INT64_MAX, &result, error, sizeof error), 0);
		fclose(file);
		assert_int_equal(result.last_seq, RECORDS);
		struct journal *journal = journal_lmdb_open(into, PLACE_MAP_BYTES, error, sizeof error);
		assert_non_null(journal);
		assert_int_equal(journal->last_seq, RECORDS);
		assert_memory_equal(journal->last_hash, result.last_hash, STREAM_HASH_BYTES);
		assert_int_equal(journal_verify(journal, 1, RECORDS, &bad), 0);
		assert_int_equal(journal_lmdb_private_count(journal, &rows), 0);
		assert_int_equal(rows, with_private ? RECORDS / 4 : 0);
		assert_int_equal(journal->ops->read_begin(journal), 0);
		assert_int_equal(journal->ops->read(journal, 17, &record, NULL), 0);
		assert_true(span_is(record, "the record with number 17"));
		journal->ops->read_end(journal);
		journal->ops->close(journal);
		place_sweep(into);
	}
}

static void ends_at_any_record(void **state)
{
	for (int64_t until = 1; until <= RECORDS; until++) {
		char *into = span_dup(span_of(place_path(*state, "new")));
		struct copy_result result = {0};
		FILE *file = tmpfile();
		char error[512] = "";

		stream_make(file, true, HARM_NONE, 0);
		assert_int_equal(stream_copy(file, into, until, &result, error, sizeof error), 0);
		assert_int_equal(result.last_seq, until);
		assert_int_equal(result.rows, until / 4);
		fclose(file);
		place_sweep(into);
	}
}

static void a_record_behind_the_end_is_refused(void **state)
{
	struct copy_result result;
	FILE *file = tmpfile();
	char error[512] = "";

	(void)state;
	stream_make(file, true, HARM_NONE, 0);
	assert_int_equal(stream_copy(file, NULL, RECORDS + 1, &result, error, sizeof error), -1);
	assert_non_null(strstr(error, "record 41 is behind the end"));
	fclose(file);
}

static void what_was_changed_is_named(void **state)
{
	static const struct {
		enum harm harm;
		const char *said;
	} rows[] = {
		{HARM_BYTES, "record 7 does not match its hash"},
		{HARM_HASH, "record 7 does not match its hash"},
		{HARM_LEFT_OUT, "record 7 is missing"},
		{HARM_TWICE, "record 8 is missing"},
		{HARM_NUMBER, "record 7 is missing"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *into = span_dup(span_of(place_path(*state, "new")));
		struct copy_result result;
		FILE *file = tmpfile();
		char error[512] = "";

		stream_make(file, true, rows[i].harm, 7);
		assert_int_equal(stream_copy(file, into, INT64_MAX, &result, error, sizeof error), -1);
		assert_non_null(strstr(error, rows[i].said));
		assert_false(place_has(into, "journal.mdb"));
		assert_false(place_has(into, "unfinished"));
		fclose(file);
		place_sweep(into);
	}
}

/* Every byte of the file, changed; and every length that is too short or too long. */
static void no_damage_of_the_file_passes(void **state)
{
	struct copy_result result;
	char bytes[8192], error[512];
	FILE *file = tmpfile();

	(void)state;
	stream_make(file, true, HARM_NONE, 0);
	size_t len = fread(bytes, 1, sizeof bytes - 1, file);
	assert_true(len > 100 && len < sizeof bytes - 1);
	fclose(file);
	for (size_t at = 0; at < len; at++) {
		bytes[at] ^= 0x10;
		file = fmemopen(bytes, len, "rb");
		/* A bit of zstd's own header may mean nothing; then the content is still the whole one. */
		if (stream_copy(file, NULL, INT64_MAX, &result, error, sizeof error) == 0)
			assert_int_equal(result.last_seq, RECORDS);
		else
			assert_true(strlen(error) > 10);
		fclose(file);
		bytes[at] ^= 0x10;
	}
	for (size_t size = 1; size <= len + 1; size++) {
		file = fmemopen(bytes, size, "rb");
		assert_int_equal(stream_copy(file, NULL, INT64_MAX, &result, error, sizeof error), size == len ? 0 : -1);
		fclose(file);
	}
}

static void a_newer_version_is_refused(void **state)
{
	static const char head[] = "REEVEJNL\0\0\0\3\0\0\0\0";
	struct copy_result result;
	char packed[256], error[512] = "";
	size_t len = ZSTD_compress(packed, sizeof packed, head, sizeof head - 1, 1);
	FILE *file = fmemopen(packed, len, "rb");

	(void)state;
	assert_int_equal(stream_copy(file, NULL, INT64_MAX, &result, error, sizeof error), -1);
	assert_non_null(strstr(error, "version is 3"));
	fclose(file);
}

static void a_length_is_not_taken_on_trust(void **state)
{
	static const char bytes[] = "REEVEJNL\0\0\0\1\0\0\0\0R\0\0\0\0\0\0\0\1\xff\xff\xff\xff";
	struct copy_result result;
	char packed[256], error[512] = "";
	size_t len = ZSTD_compress(packed, sizeof packed, bytes, sizeof bytes - 1, 1);
	FILE *file = fmemopen(packed, len, "rb");

	(void)state;
	assert_int_equal(stream_copy(file, NULL, INT64_MAX, &result, error, sizeof error), -1);
	assert_non_null(strstr(error, "too long"));
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back_as_it_was, place_make, place_remove),
		cmocka_unit_test_setup_teardown(ends_at_any_record, place_make, place_remove),
		cmocka_unit_test(a_record_behind_the_end_is_refused),
		cmocka_unit_test_setup_teardown(what_was_changed_is_named, place_make, place_remove),
		cmocka_unit_test(no_damage_of_the_file_passes),
		cmocka_unit_test(a_newer_version_is_refused),
		cmocka_unit_test(a_length_is_not_taken_on_trust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
