/* The gate: frames that lie about their lengths, depth and number of values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "schema/codec.h"

#define FRAME(text) ((struct span){text, sizeof(text) - 1})

static int scan(struct span frame, size_t *ret_objects)
{
	struct frame_limits limits = FRAME_LIMITS_DEFAULT;
	struct flaw flaw = {0};
	/* in a block of its own size, so that the sanitizer sees a read beyond the end */
	char *exact = malloc(frame.len ? frame.len : 1);
	memcpy(exact, frame.data, frame.len);
	int error = frame_scan((struct span){exact, frame.len}, &limits, ret_objects, &flaw);
	free(exact);
	assert_int_equal(flaw.error, error);
	assert_true(!error || flaw.detail[0]);
	return error;
}

static void whole_maps_are_counted_and_cut(void **state)
{
	struct span frame = FRAME("\x80\x81\x01\xa1x\x82\xa1y\x93\x01\x02\x03\x05\xc0"), map;
	size_t objects = 0;

	(void)state;
	assert_int_equal(scan(frame, &objects), 0);
	assert_int_equal(objects, 3);
	static const size_t sizes[] = {1, 4, 9};
	for (size_t i = 0; i < 3; i++) {
		assert_true(frame_next(&frame, &map));
		assert_int_equal(map.len, sizes[i]);
	}
	assert_false(frame_next(&frame, &map));
}

static void lies_are_found(void **state)
{
	static const struct { struct span frame; enum error_kind error; } lies[] = {
		{{"", 0}, ERROR_malformed},
		{FRAME("\xdd\x0f\xff\xff\xff"), ERROR_not_a_map},
		{FRAME("\x81\x01\xdd\x0f\xff\xff\xff"), ERROR_truncated},
		{FRAME("\xdf\x7f\xff\xff\xff"), ERROR_truncated},
		{FRAME("\xdf\xff\xff\xff\xff\x01"), ERROR_truncated},
		{FRAME("\x81\x01\xdb\xff\xff\xff\xff" "abc"), ERROR_truncated},
		{FRAME("\x81\x01\xc6\x00\x00\x00\x04" "abc"), ERROR_truncated},
		{FRAME("\x81\x01"), ERROR_truncated},
		{FRAME("\x81\x01\xcb\x00"), ERROR_truncated},
		{FRAME("\x81\x01\xd9"), ERROR_truncated},
		{FRAME("\x80\x05"), ERROR_not_a_map},
		{FRAME("\xa3" "abc"), ERROR_not_a_map},
		{FRAME("\x81\x01\xc1"), ERROR_malformed},
		{FRAME("\x81\x01\xd4\x01\x02"), ERROR_malformed},
		{FRAME("\x81\x01\xc7\x00\x01"), ERROR_malformed},
		{FRAME("\x81\x01\xd6\xff\x00\x00\x00\x00"), ERROR_malformed},
		{FRAME("\x81\x01\x91\x91\x91\x91\x91\x91\x01"), ERROR_too_deep},
	};
	size_t objects = 0;

	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
		if (scan(lies[i].frame, &objects) != (int)lies[i].error)
			fail_msg("lie %zu: wanted %s", i, error_name(lies[i].error));
}

static void every_cut_of_a_good_frame_is_truncated(void **state)
{
	struct span frame = FRAME("\x84\x01\xa1x\x02\xcb\x00\x00\x00\x00\x00\x00\x00\x00\x03\x92\x81\x01\x02\x80\x04\xc4\x02zz");
	size_t objects;

	(void)state;
	assert_int_equal(scan(frame, &objects), 0);
	for (size_t len = 1; len < frame.len; len++)
		assert_int_equal(scan((struct span){frame.data, len}, &objects), ERROR_truncated);
}

static void limits_hold_at_their_edge(void **state)
{
	struct span frame = FRAME("\x81\x01\x92\x02\x03\x80");
	struct frame_limits exact = {.bytes = 6, .objects = 2, .depth = 2, .nodes = 6}, tight;
	struct flaw flaw;
	size_t objects;

	(void)state;
	assert_int_equal(frame_scan(frame, &exact, &objects, &flaw), 0);
	tight = exact, tight.bytes--;
	assert_int_equal(frame_scan(frame, &tight, &objects, &flaw), ERROR_oversized);
	tight = exact, tight.objects--;
	assert_int_equal(frame_scan(frame, &tight, &objects, &flaw), ERROR_too_many_objects);
	tight = exact, tight.depth--;
	assert_int_equal(frame_scan(frame, &tight, &objects, &flaw), ERROR_too_deep);
	for (tight = exact; tight.nodes-- > 0;)
		assert_int_equal(frame_scan(frame, &tight, &objects, &flaw), ERROR_too_many_nodes);
}

/* Nodes are counted over the whole frame, not per map. */
static void many_small_maps_share_one_count(void **state)
{
	struct frame_limits limits = FRAME_LIMITS_DEFAULT;
	char frame[300];
	struct flaw flaw;
	size_t objects;

	(void)state;
	for (size_t i = 0; i < sizeof frame; i += 3)
		memcpy(frame + i, "\x81\x01\x02", 3);
	limits.nodes = 300;
	assert_int_equal(frame_scan((struct span){frame, sizeof frame}, &limits, &objects, &flaw), 0);
	assert_int_equal(objects, 100);
	limits.nodes = 299;
	assert_int_equal(frame_scan((struct span){frame, sizeof frame}, &limits, &objects, &flaw), ERROR_too_many_nodes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_maps_are_counted_and_cut),
		cmocka_unit_test(lies_are_found),
		cmocka_unit_test(every_cut_of_a_good_frame_is_truncated),
		cmocka_unit_test(limits_hold_at_their_edge),
		cmocka_unit_test(many_small_maps_share_one_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
