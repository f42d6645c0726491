/* The archive when all goes well: coalescing, walks, snapshots, closing and reopening, readers from many threads. */
#include "store/archive.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store_place.h"

#define FORMAT 3

static struct archive *open_archive(const char *directory)
{
	char error[256] = "";
	bool rebuilt = true;
	struct archive *archive = archive_open(directory, PLACE_MAP_BYTES, FORMAT, NULL, NULL, &rebuilt, error, sizeof error);

	assert_string_equal(error, "");
	assert_non_null(archive);
	assert_false(rebuilt);
	return archive;
}

static void put(struct archive *archive, int table, const char *key, const char *value)
{
	archive_put(archive, table, span_of(key), span_of(value));
}

static void write_round(struct archive *archive, int64_t seq)
{
	archive_hand_over(archive, seq);
	assert_int_equal(archive_flush(archive), 0);
	assert_int_equal(archive_reached(archive), seq);
}

/* NULL: there must be none. */
static void assert_value(struct archive *archive, int table, const char *key, const char *expected)
{
	struct archive_reader *reader = archive_read_begin(archive);
	struct span value;

	assert_non_null(reader);
	assert_int_equal(archive_get(reader, table, span_of(key), &value), expected != NULL);
	assert_true(!expected || span_is(value, expected));
	archive_read_end(reader);
}

static void the_last_change_of_a_key_wins(void **state)
{
	struct archive *archive = open_archive(*state);

	put(archive, 0, "a", "1");
	put(archive, 0, "b", "1");
	put(archive, 0, "c", "1");
	put(archive, 1, "a", "other table");
	archive_hand_over(archive, 1);
	put(archive, 0, "a", "2");
	archive_remove(archive, 0, span_of("b"));
	archive_remove(archive, 0, span_of("c"));
	put(archive, 0, "c", "again");
	archive_remove(archive, 0, span_of("never there"));
	write_round(archive, 2);
	assert_value(archive, 0, "a", "2");
	assert_value(archive, 0, "b", NULL);
	assert_value(archive, 0, "c", "again");
	assert_value(archive, 1, "a", "other table");
	assert_value(archive, 0, "", NULL);
	archive_remove(archive, 0, span_of("a"));
	write_round(archive, 3);
	assert_value(archive, 0, "a", NULL);
	archive_close(archive);
}

/* Rounds that wait together are one transaction: it is woken fewer times than there are rounds, and last for the last one. */
struct wakes {
	struct archive *_Atomic archive;
	atomic_int count;
	_Atomic int64_t seq;
};

static void note_wake(void *context)
{
	struct wakes *wakes = context;
	struct archive *archive = atomic_load(&wakes->archive);

	atomic_fetch_add(&wakes->count, 1);
	if (archive)
		atomic_store(&wakes->seq, archive_reached(archive));
}

static void many_rounds_become_few_transactions(void **state)
{
	struct wakes wakes = {0};
	char error[256], key[16], value[16];
	struct archive *archive = archive_open(*state, PLACE_MAP_BYTES, FORMAT, note_wake, &wakes, NULL, error, sizeof error);

	assert_non_null(archive);
	atomic_store(&wakes.archive, archive);
	for (int round = 1; round <= 1000; round++) {
		snprintf(key, sizeof key, "case %d", round % 10);
		snprintf(value, sizeof value, "%d", round);
		put(archive, 0, key, value);
		archive_hand_over(archive, round);
	}
	assert_int_equal(archive_flush(archive), 0);
	assert_value(archive, 0, "case 0", "1000");
	assert_value(archive, 0, "case 9", "999");
	struct archive_reader *reader = archive_read_begin(archive);
	assert_int_equal(archive_read_seq(reader), 1000);
	assert_int_equal(archive_count(reader, 0), 10);
	archive_read_end(reader);
	archive_close(archive);
	assert_in_range(atomic_load(&wakes.count), 1, 500);
	assert_int_equal(atomic_load(&wakes.seq), 1000);
}

/* ---- walks ---- */

struct list {
	struct buf text;
	int most;
};

static bool note_key(void *context, struct span key, struct span value)
{
	struct list *list = context;

	(void)value;
	if (list->text.len)
		buf_add_text(&list->text, " ");
	buf_add_span(&list->text, key);
	return --list->most != 0;
}

static void assert_walk(struct archive_reader *reader, const char *prefix, const char *from, bool backwards, int most, const char *expected)
{
	struct list list = {.most = most};

	archive_walk(reader, 2, span_of(prefix), span_of(from), backwards, note_key, &list);
	buf_add(&list.text, "", 1);
	assert_string_equal(list.text.data, expected);
	buf_free(&list.text);
}

static struct archive *open_with_keys(const char *directory)
{
	static const char *const keys[] = {"b/2", "a/1", "b/1", "b", "b/3", "c/1", "b\xff", "b\xff\xff", "b\xff\xff/1"};
	struct archive *archive = open_archive(directory);

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		put(archive, 2, keys[i], "x");
	write_round(archive, 1);
	return archive;
}

static void walks_forwards_from_a_key(void **state)
{
	struct archive *archive = open_with_keys(*state);
	struct archive_reader *reader = archive_read_begin(archive);

	assert_walk(reader, "b/", "", false, 99, "b/1 b/2 b/3");
	assert_walk(reader, "b/", "b/2", false, 99, "b/2 b/3");
	assert_walk(reader, "b/", "b/1x", false, 99, "b/2 b/3");
	assert_walk(reader, "b/", "b/4", false, 99, "");
	assert_walk(reader, "b/", "a", false, 99, "b/1 b/2 b/3");
	assert_walk(reader, "b/", "c", false, 99, "");
	assert_walk(reader, "b/", "", false, 2, "b/1 b/2");
	assert_walk(reader, "", "", false, 99, "a/1 b b/1 b/2 b/3 b\xff b\xff\xff b\xff\xff/1 c/1");
	assert_walk(reader, "", "b/3", false, 2, "b/3 b\xff");
	assert_walk(reader, "b\xff\xff", "", false, 99, "b\xff\xff b\xff\xff/1");
	assert_walk(reader, "d", "", false, 99, "");
	archive_read_end(reader);
	archive_close(archive);
}

static void walks_backwards_from_a_key(void **state)
{
	struct archive *archive = open_with_keys(*state);
	struct archive_reader *reader = archive_read_begin(archive);

	assert_walk(reader, "b/", "", true, 99, "b/3 b/2 b/1");
	assert_walk(reader, "b/", "b/2", true, 99, "b/2 b/1");
	assert_walk(reader, "b/", "b/2x", true, 99, "b/2 b/1");
	assert_walk(reader, "b/", "b/0", true, 99, "");
	assert_walk(reader, "b/", "a", true, 99, "");
	assert_walk(reader, "b/", "c", true, 99, "b/3 b/2 b/1");
	assert_walk(reader, "c/", "", true, 99, "c/1");
	assert_walk(reader, "b\xff\xff", "", true, 99, "b\xff\xff/1 b\xff\xff");
	assert_walk(reader, "\xff", "", true, 99, "");
	assert_walk(reader, "", "", true, 3, "c/1 b\xff\xff/1 b\xff\xff");
	assert_walk(reader, "", "zzz", true, 1, "c/1");
	assert_walk(reader, "a", "", true, 99, "a/1");
	archive_read_end(reader);
	archive_close(archive);
}

static void a_from_longer_than_any_key_keeps_the_order(void **state)
{
	struct archive *archive = open_with_keys(*state);
	struct archive_reader *reader = archive_read_begin(archive);
	char from[1000] = "b/2";

	memset(from + 3, 'x', sizeof from - 4);
	assert_walk(reader, "b/", from, false, 99, "b/3");
	assert_walk(reader, "b/", from, true, 99, "b/2 b/1");
	archive_read_end(reader);
	archive_close(archive);
}

struct inner {
	struct archive_reader *reader;
	struct list list;
	int values;
};

static bool walk_again(void *context, struct span key, struct span value)
{
	struct inner *inner = context;
	struct span found;

	(void)value;
	inner->values += archive_get(inner->reader, 2, key, &found);
	archive_walk(inner->reader, 2, key, (struct span){0}, false, note_key, &inner->list);
	return true;
}

static void a_walk_may_walk_and_read(void **state)
{
	struct archive *archive = open_with_keys(*state);
	struct inner inner = {.reader = archive_read_begin(archive)};

	archive_walk(inner.reader, 2, span_of("b/"), (struct span){0}, false, walk_again, &inner);
	buf_add(&inner.list.text, "", 1);
	assert_string_equal(inner.list.text.data, "b/1 b/2 b/3");
	assert_int_equal(inner.values, 3);
	buf_free(&inner.list.text);
	archive_read_end(inner.reader);
	archive_close(archive);
}

static void keys_and_values_of_every_size(void **state)
{
	struct archive *archive = open_archive(*state);
	static const size_t sizes[] = {0, 1, 7, 8, 9, 2000, 4096, 100000, 3000000};
	char key[500], *value = malloc(3000000);
	struct span found;

	memset(key, 'k', sizeof key);
	memset(value, 'v', 3000000);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		archive_put(archive, 0, (struct span){key, 500 - i}, (struct span){value, sizes[i]});
	write_round(archive, 1);
	struct archive_reader *reader = archive_read_begin(archive);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		assert_true(archive_get(reader, 0, (struct span){key, 500 - i}, &found));
		assert_int_equal(found.len, sizes[i]);
		assert_memory_equal(found.data, value, sizes[i]);
	}
	archive_read_end(reader);
	assert_true(archive_used(archive) > 3000000);
	archive_close(archive);
	free(value);
}

/* ---- snapshots ---- */

static void a_snapshot_stays_as_it_was(void **state)
{
	struct archive *archive = open_archive(*state);
	struct span value;

	put(archive, 0, "key", "old");
	write_round(archive, 1);
	struct archive_reader *before = archive_read_begin(archive);
	put(archive, 0, "key", "new");
	write_round(archive, 2);
	assert_int_equal(archive_read_seq(before), 1);
	assert_true(archive_get(before, 0, span_of("key"), &value));
	assert_true(span_is(value, "old"));
	archive_read_end(before);
	assert_value(archive, 0, "key", "new");
	archive_close(archive);
}

#define THREADS 4
#define ROUNDS 2000

struct watch {
	struct archive *archive;
	atomic_bool stop;
	atomic_int snapshots, wrong;
};

/* Every round writes its number under both keys: a snapshot must hold the same in both, and its own number. */
static void *watch_run(void *context)
{
	struct watch *watch = context;
	struct span left, right;

	while (!atomic_load(&watch->stop)) {
		struct archive_reader *reader = archive_read_begin(watch->archive);
		int64_t seq = archive_read_seq(reader), number = -1;
		bool has_left = archive_get(reader, 0, span_of("left"), &left), has_right = archive_get(reader, 5, span_of("right"), &right);
		if (has_left && has_right && left.len == sizeof number)
			memcpy(&number, left.data, sizeof number);
		if (seq && (!has_left || !has_right || !span_equal(left, right) || number != seq))
			atomic_fetch_add(&watch->wrong, 1);
		archive_read_end(reader);
		atomic_fetch_add(&watch->snapshots, 1);
	}
	return NULL;
}

static void snapshots_hold_whole_rounds_with_their_number(void **state)
{
	struct watch watch = {.archive = open_archive(*state)};
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, watch_run, &watch), 0);
	for (int64_t seq = 1; seq <= ROUNDS; seq++) {
		struct span number = {(const char *)&seq, sizeof seq};
		archive_put(watch.archive, 0, span_of("left"), number);
		archive_put(watch.archive, 5, span_of("right"), number);
		archive_hand_over(watch.archive, seq);
		if (seq % 100 == 0)
			assert_int_equal(archive_flush(watch.archive), 0);
	}
	while (atomic_load(&watch.snapshots) < 100)
		sched_yield();
	atomic_store(&watch.stop, true);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&watch.wrong), 0);
	archive_close(watch.archive);
}

static void many_readers_at_once(void **state)
{
	struct archive *archive = open_archive(*state);
	struct archive_reader *readers[100];
	struct span value;

	put(archive, 0, "key", "value");
	write_round(archive, 1);
	for (int i = 0; i < 100; i++) {
		readers[i] = archive_read_begin(archive);
		assert_non_null(readers[i]);
		assert_true(archive_get(readers[i], 0, span_of("key"), &value));
	}
	for (int i = 0; i < 100; i++)
		archive_read_end(readers[i]);
	archive_read_end(NULL);
	assert_value(archive, 0, "key", "value");
	archive_close(archive);
}

/* ---- closing and opening ---- */

static void closing_writes_what_was_handed_over(void **state)
{
	struct archive *archive = open_archive(*state);
	char key[32];

	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof key, "key %05d", i);
		put(archive, 0, key, key);
	}
	archive_hand_over(archive, 41);
	put(archive, 0, "key 00000", "of a round that was not handed over");
	archive_close(archive);
	archive = open_archive(*state);
	assert_int_equal(archive_reached(archive), 41);
	assert_int_equal(archive_flush(archive), 0);
	assert_value(archive, 0, "key 00000", "key 00000");
	assert_value(archive, 0, "key 04999", "key 04999");
	archive_close(archive);
}

static void an_empty_round_moves_the_number(void **state)
{
	struct archive *archive = open_archive(*state);

	assert_int_equal(archive_reached(archive), 0);
	write_round(archive, 7);
	assert_null(archive_fault(archive));
	assert_int_equal(archive_backlog(archive), 0);
	archive_close(archive);
	archive_close(NULL);
}

/* ---- the bound ---- */

static void the_backlog_is_bounded(void **state)
{
	struct archive *archive = open_archive(*state);
	size_t size = (size_t)1 << 20;
	char *value = calloc(1, size), key[16];
	int64_t bound = (INT64_C(64) << 20) + (INT64_C(2) << 20);

	for (int i = 0; i < 200; i++) {
		snprintf(key, sizeof key, "%d", i % 4);
		archive_put(archive, 0, span_of(key), (struct span){value, size});
		archive_hand_over(archive, i + 1);
		assert_true(archive_backlog(archive) <= bound);
	}
	assert_int_equal(archive_flush(archive), 0);
	assert_int_equal(archive_reached(archive), 200);
	assert_null(archive_fault(archive));
	archive_close(archive);
	free(value);
}

#define place_test(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(the_last_change_of_a_key_wins),
		place_test(many_rounds_become_few_transactions),
		place_test(walks_forwards_from_a_key),
		place_test(walks_backwards_from_a_key),
		place_test(a_from_longer_than_any_key_keeps_the_order),
		place_test(a_walk_may_walk_and_read),
		place_test(keys_and_values_of_every_size),
		place_test(a_snapshot_stays_as_it_was),
		place_test(snapshots_hold_whole_rounds_with_their_number),
		place_test(many_readers_at_once),
		place_test(closing_writes_what_was_handed_over),
		place_test(an_empty_round_moves_the_number),
		place_test(the_backlog_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
