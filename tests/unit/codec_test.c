/* The codec: what goes in comes out, what is wrong is named, and what is private stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <msgpack.h>
#include <stdio.h>

#include "base/case_number.h"
#include "schema/codec.h"

static void report_fill(struct record *record)
{
	record_clear(record);
	record_set(record, command, COMMAND_submit);
	record_set(record, request, span_of("r-1"));
	record_set(record, source, span_of("1999"));
	record_set(record, source_ref, span_of("T-77"));
	record_set(record, kind, KIND_incident);
	record_set(record, urgency, 1);
	record_set(record, text, span_of("燃气泄漏, strong smell"));
	record_set(record, latitude, 22.99);
	record_set(record, longitude, -120.2);
	record_set(record, reported_at, 1309498353000);
	record_set(record, priority, true);
	record_set(record, caller_name, span_of("Wang Xiaoming"));
	record_set(record, caller_phone, span_of("0912-345-678"));
}

static void assert_same_json(const struct record *a, const struct record *b)
{
	struct buf left = {0}, right = {0};

	codec_json(&left, a);
	codec_json(&right, b);
	buf_add(&left, "", 1);
	buf_add(&right, "", 1);
	assert_string_equal(left.data, right.data);
	buf_free(&left);
	buf_free(&right);
}

static bool holds_text(const struct buf *buf, const char *text)
{
	return memmem(buf->data, buf->len, text, strlen(text)) != NULL;
}

static void both_styles_read_back_the_same(void **state)
{
	struct record record, back;
	struct buf buf = {0};
	struct flaw flaw;

	(void)state;
	report_fill(&record);
	codec_write(&buf, &record, CODEC_NAMES);
	assert_int_equal(codec_read(buf_span(&buf), &back, &flaw), 0);
	assert_same_json(&record, &back);
	buf_clear(&buf);
	codec_write(&buf, &record, CODEC_NUMBERS);
	assert_int_equal(codec_read_lenient(buf_span(&buf), &back, &flaw), 0);
	assert_same_json(&record, &back);
	buf_free(&buf);
}

/* msgpack-c itself must agree about what was written. */
static void what_is_written_is_msgpack(void **state)
{
	struct record record;
	struct buf buf = {0};
	msgpack_unpacked unpacked;
	size_t at = 0;

	(void)state;
	report_fill(&record);
	codec_write_all(&buf, &record);
	msgpack_unpacked_init(&unpacked);
	assert_int_equal(msgpack_unpack_next(&unpacked, buf.data, buf.len, &at), MSGPACK_UNPACK_SUCCESS);
	assert_int_equal(at, buf.len);
	assert_int_equal(unpacked.data.type, MSGPACK_OBJECT_MAP);
	assert_int_equal(unpacked.data.via.map.size, 13);
	msgpack_unpacked_destroy(&unpacked);
	buf_free(&buf);
}

static void private_fields_leave_only_by_their_own_doors(void **state)
{
	struct record record, back;
	struct buf buf = {0};

	(void)state;
	report_fill(&record);
	codec_write(&buf, &record, CODEC_NAMES);
	codec_write(&buf, &record, CODEC_NUMBERS);
	codec_json(&buf, &record);
	assert_false(holds_text(&buf, "Wang"));
	assert_false(holds_text(&buf, "0912"));
	assert_false(holds_text(&buf, "caller_"));

	buf_clear(&buf);
	codec_write_private(&buf, &record);
	assert_false(holds_text(&buf, "T-77"));
	assert_int_equal(codec_read_lenient(buf_span(&buf), &back, NULL), 0);
	assert_true(span_is(back.caller_name, "Wang Xiaoming"));
	assert_true(span_is(back.caller_phone, "0912-345-678"));
	assert_false(record_has(&back, source_ref));

	buf_clear(&buf);
	codec_json_all(&buf, &record);
	assert_true(holds_text(&buf, "\"caller_name\":\"Wang Xiaoming\""));
	buf_free(&buf);
}

static void case_numbers_carry_their_digit_on_the_wire_only(void **state)
{
	struct record record, back;
	struct buf buf = {0};
	char text[CASE_NUMBER_TEXT];
	struct flaw flaw;

	(void)state;
	record_clear(&record);
	record_set(&record, case_id, 31829);
	case_number_write(31829, text);
	codec_write(&buf, &record, CODEC_NAMES);
	assert_true(holds_text(&buf, text));
	assert_int_equal(codec_read(buf_span(&buf), &back, &flaw), 0);
	assert_int_equal(back.case_id, 31829);

	/* number keys, bare number: 12 -> 31829 */
	buf_clear(&buf);
	codec_write(&buf, &record, CODEC_NUMBERS);
	assert_int_equal(buf.len, 5);
	assert_int_equal(codec_read_lenient(buf_span(&buf), &back, &flaw), 0);
	assert_int_equal(back.case_id, 31829);
	assert_int_equal(codec_read(buf_span(&buf), &back, &flaw), ERROR_bad_case_number);

	/* an integer under a name carries the digit, lenient or not */
	uint32_t digits = 318290 + (uint32_t)case_number_check_digit(31829);
	char named[] = "\x81\xa4" "case\xce....";
	for (int i = 0; i < 4; i++)
		named[7 + i] = (char)(digits >> (24 - 8 * i));
	assert_int_equal(codec_read((struct span){named, 11}, &back, &flaw), 0);
	assert_int_equal(back.case_id, 31829);
	assert_int_equal(codec_read_lenient((struct span){named, 11}, &back, &flaw), 0);
	assert_int_equal(back.case_id, 31829);
	buf_free(&buf);
}

static void lists_change_style_with_their_record(void **state)
{
	struct buf maps = {0}, buf = {0};
	struct record record, inner, back;
	struct list_writer writer;
	struct span list, map;
	struct flaw flaw;

	(void)state;
	record_clear(&record);
	record_clear(&inner);
	record_set(&inner, case_id, 7);
	record_set(&inner, caller_name, span_of("Wang"));
	record_set(&inner, distance_m, 40);
	list_begin(&writer, &maps, CODEC_NUMBERS);
	list_add(&writer, &inner);
	list_add(&writer, &inner);
	record_set(&record, similar, list_end(&writer));
	codec_write(&buf, &record, CODEC_NAMES);
	assert_true(holds_text(&buf, "distance_m"));
	assert_false(holds_text(&buf, "Wang"));
	assert_int_equal(codec_read(buf_span(&buf), &back, &flaw), 0);
	assert_int_equal(list_open(back.similar, &list), 2);
	assert_true(frame_next(&list, &map));
	assert_int_equal(codec_read(map, &inner, &flaw), 0);
	assert_int_equal(inner.case_id, 7);
	assert_int_equal(inner.distance_m, 40);

	/* and to numbers again */
	struct buf again = {0};
	codec_write(&again, &back, CODEC_NUMBERS);
	assert_false(holds_text(&again, "distance_m"));
	assert_int_equal(codec_read_lenient(buf_span(&again), &record, &flaw), 0);
	list_open(record.similar, &list);
	assert_true(frame_next(&list, &map));
	assert_int_equal(codec_read_lenient(map, &inner, &flaw), 0);
	assert_int_equal(inner.case_id, 7);
	buf_free(&again);
	buf_free(&buf);
	buf_free(&maps);
}

static void lists_in_lists_are_settled_too(void **state)
{
	struct buf buf = {0}, out = {0};
	struct record record, clock, interval;
	struct list_writer writer;
	struct flaw flaw;

	(void)state;
	record_clear(&interval);
	record_set(&interval, from, 1000);
	record_set(&interval, counted, true);
	list_begin(&writer, &buf, CODEC_NUMBERS);
	list_add(&writer, &interval);
	record_clear(&clock);
	record_set(&clock, clock, CLOCK_promise);
	record_set(&clock, intervals, list_end(&writer));
	struct buf outer = {0};
	list_begin(&writer, &outer, CODEC_NAMES);
	list_add(&writer, &clock);
	record_clear(&record);
	record_set(&record, clocks, list_end(&writer));
	codec_write(&out, &record, CODEC_NAMES);
	buf_clear(&buf);
	assert_int_equal(codec_read(buf_span(&out), &record, &flaw), 0);
	codec_json(&buf, &record);
	buf_add(&buf, "", 1);
	assert_string_equal(buf.data, "{\"clocks\":[{\"clock\":\"promise\",\"intervals\":[{\"from\":\"1970-01-01T00:00:01Z\",\"counted\":true}]}]}");
	buf_free(&outer);
	buf_free(&buf);
	buf_free(&out);
}

static void strict_refuses_and_lenient_skips_the_unknown(void **state)
{
	const struct span map = {"\x83\xa7request\xa1x\xa6novice\x81\x01\x02\xcd\x03\xe7\x05", 29 - 3};
	struct record record;
	struct flaw flaw;

	(void)state;
	assert_int_equal(codec_read(map, &record, &flaw), ERROR_unknown_field);
	assert_string_equal(flaw.name, "novice");
	assert_int_equal(flaw.field, FIELD_COUNT);
	assert_true(record_has(&record, request));
	assert_int_equal(codec_read_lenient(map, &record, &flaw), 0);
	assert_true(span_is(record.request, "x"));
}

/* A bad field does not hide request and command that come after it. */
static void reading_goes_on_after_a_flaw(void **state)
{
	const struct span map = {"\x83\xa7urgency\xa1x\xa7request\xa1y\xa7" "command\xa6status", 1 + 10 + 10 + 15};
	struct record record;
	struct flaw flaw;

	(void)state;
	assert_int_equal(codec_read(map, &record, &flaw), ERROR_wrong_type);
	assert_int_equal(flaw.field, FIELD_urgency);
	assert_false(record_has(&record, urgency));
	assert_true(span_is(record.request, "y"));
	assert_int_equal(record.command, COMMAND_status);
}

static void flaws_never_hold_private_values(void **state)
{
	struct record record, back;
	struct buf buf = {0};
	struct flaw flaw;
	char name[120];

	(void)state;
	memset(name, 'W', sizeof name);
	record_clear(&record);
	record_set(&record, caller_name, ((struct span){name, sizeof name}));
	codec_write_all(&buf, &record);
	assert_int_equal(codec_read(buf_span(&buf), &back, &flaw), ERROR_too_long);
	assert_string_equal(flaw.name, "caller_name");
	assert_null(strstr(flaw.detail, "WW"));
	buf_free(&buf);
}

/* Bytes that nobody scanned: any cut is refused or skipped, and nothing is read beyond the end (the sanitizer looks on). */
static void unscanned_bytes_do_no_harm(void **state)
{
	struct record record, back;
	struct buf buf = {0};
	struct flaw flaw;

	(void)state;
	report_fill(&record);
	codec_write_all(&buf, &record);
	for (size_t len = 0; len < buf.len; len++) {
		char *exact = must_calloc(1, len);
		memcpy(exact, buf.data, len);
		assert_int_not_equal(codec_read((struct span){exact, len}, &back, &flaw), 0);
		assert_int_not_equal(codec_read_lenient((struct span){exact, len}, &back, &flaw), 0);
		free(exact);
	}
	buf_free(&buf);
}

static void commands_are_checked_against_their_row(void **state)
{
	struct record record;
	struct flaw flaw;

	(void)state;
	report_fill(&record);
	assert_int_equal(codec_check_command(&record, &flaw), 0);
	record_set(&record, at, 5);
	record_set(&record, actor, span_of("hall"));
	assert_int_equal(codec_check_command(&record, &flaw), 0);
	record_set(&record, unit, span_of("u"));
	assert_int_equal(codec_check_command(&record, &flaw), ERROR_unexpected_field);
	assert_string_equal(flaw.name, "unit");
	record_drop(&record, FIELD_unit);
	record_drop(&record, FIELD_text);
	assert_int_equal(codec_check_command(&record, &flaw), ERROR_missing_field);
	assert_int_equal(flaw.field, FIELD_text);
	record_set(&record, text, span_of(""));
	assert_int_equal(codec_check_command(&record, &flaw), ERROR_missing_field);
	record_clear(&record);
	assert_int_equal(codec_check_command(&record, &flaw), ERROR_missing_field);
	assert_int_equal(flaw.field, FIELD_command);
	record_set(&record, command, COMMAND_status);
	assert_int_equal(codec_check_command(&record, &flaw), 0);
	assert_int_equal(command_door(COMMAND_submit), DOOR_SERVICE);
	assert_int_equal(command_door(COMMAND_enlist), DOOR_WORK);
	assert_int_equal(command_door(COMMAND_tick), DOOR_INSIDE);
	assert_int_equal(command_roles(COMMAND_submit), ROLE_BIT(intake) | ROLE_BIT(dispatcher));
	assert_int_equal(command_roles(COMMAND_tick), 0);
}

static void names_and_numbers_agree(void **state)
{
	enum field field;
	int names = 0;

	(void)state;
	for (int i = 0; i < FIELD_COUNT; i++) {
		assert_true(field_find(span_of(field_name((enum field)i)), &field));
		assert_int_equal(field, i);
		assert_non_null(field_type_name((enum field)i));
	}
	for (int i = 0; i < 256; i++) {
		names += error_name(i) != NULL;
		assert_true(!error_name(i) == !error_text(i));
		assert_true(!command_name(i) || command_find(span_of(command_name(i))) == i);
		assert_true(!event_name(i) || event_find(span_of(event_name(i))) == i);
	}
	assert_true(names > 30);
	assert_int_equal(state_find(span_of("calling_back")), STATE_calling_back);
	assert_int_equal(kind_find(span_of("incidents")), 0);
	assert_int_equal(outcome_find(span_of("")), 0);
	assert_string_equal(clock_name(CLOCK_call_back), "call_back");
	assert_string_equal(task_name(TASK_assign), "assign");
	assert_int_equal(role_find(span_of("administrator")), ROLE_administrator);
	assert_null(state_name(0));
	assert_null(state_name(-1));
	assert_null(field_name(FIELD_COUNT));
	assert_false(field_find(span_of("case_id"), &field));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_styles_read_back_the_same),
		cmocka_unit_test(what_is_written_is_msgpack),
		cmocka_unit_test(private_fields_leave_only_by_their_own_doors),
		cmocka_unit_test(case_numbers_carry_their_digit_on_the_wire_only),
		cmocka_unit_test(lists_change_style_with_their_record),
		cmocka_unit_test(lists_in_lists_are_settled_too),
		cmocka_unit_test(strict_refuses_and_lenient_skips_the_unknown),
		cmocka_unit_test(reading_goes_on_after_a_flaw),
		cmocka_unit_test(flaws_never_hold_private_values),
		cmocka_unit_test(unscanned_bytes_do_no_harm),
		cmocka_unit_test(commands_are_checked_against_their_row),
		cmocka_unit_test(names_and_numbers_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
