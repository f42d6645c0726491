/* A case as a row of bytes: the same when it is read back, refused at every length that is too short; and when its clocks want attention. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/state.h"

static struct casefile plain(void)
{
	struct casefile casefile = {.number = 31828, .reported_at = 1, .opened_at = 2, .first_seq = 3, .last_seq = 4, .work_until = 5,
		.latitude_e6 = NO_PLACE, .longitude_e6 = -71000000, .area = 6, .category = 7, .source = 8, .epoch = 9, .reopens = 2,
		.state = STATE_triaged, .kind = KIND_help, .urgency = 3, .task = TASK_assign, .priority = true, .contact = true, .ref = "12-abc"};

	casefile.sla[SLOT_PROMISE] = (struct sla){.start = 10, .due = 20, .warn = 18, .limit = 11, .policy = 1, .kind = CLOCK_promise, .warned = true};
	casefile.sla[SLOT_ALARM] = (struct sla){.next = 30, .ladder = 12, .epoch = 4, .kind = CLOCK_alarm, .phase = LADDER_TOLD, .rung = 2};
	return casefile;
}

static struct casefile rare(void)
{
	struct casefile casefile = plain();

	casefile.details = must_calloc(1, sizeof *casefile.details);
	casefile.details->sla[SLOT_RETURN - SLA_SLOTS] = (struct sla){.due = 99, .limit = 3, .kind = CLOCK_approve};
	casefile.details->sla[SLA_ALL - 1 - SLA_SLOTS] = (struct sla){.due = 98, .limit = 3, .kind = CLOCK_assist, .breached = true};
	casefile.details->assistants[ASSISTANTS_MOST - 1] = 44;
	casefile.details->until = 1234;
	casefile.details->returns = 2;
	casefile.details->final = true;
	casefile.details->followers = must_calloc(2, sizeof(int64_t));
	casefile.details->follower_count = 2;
	casefile.details->followers[1] = 31829;
	casefile.details->pauses = must_calloc(1, sizeof *casefile.details->pauses);
	casefile.details->pause_count = 1;
	casefile.details->pauses[0] = (struct pause){1000, 2000};
	return casefile;
}

static void row_comes_back(const struct casefile *casefile)
{
	struct buf row = {0}, again = {0};
	struct casefile read;
	struct span ref;

	casefile_write(&row, casefile);
	assert_true(casefile_read(buf_span(&row), &read, &ref));
	assert_true(span_is(ref, casefile->ref));
	read.ref = casefile->ref;
	casefile_write(&again, &read);
	assert_true(span_equal(buf_span(&row), buf_span(&again)));
	casefile_release(&read);
	buf_free(&row);
	buf_free(&again);
}

static void a_row_read_back_is_the_same_case(void **state)
{
	struct casefile casefile = plain(), details = rare(), read;
	struct buf row = {0};
	struct span ref;

	(void)state;
	row_comes_back(&casefile);
	row_comes_back(&details);
	casefile_write(&row, &details);
	assert_true(casefile_read(buf_span(&row), &read, &ref));
	assert_int_equal(read.number, 31828);
	assert_int_equal(read.latitude_e6, NO_PLACE);
	assert_true(read.priority && read.contact && !read.late && !read.attention);
	assert_int_equal(read.sla[SLOT_ALARM].rung, 2);
	assert_int_equal(read.sla[SLOT_STAGE].kind, CLOCK_none);
	assert_int_equal(casefile_sla(&read, SLA_ALL - 1)->due, 98);
	assert_true(casefile_sla(&read, SLA_ALL - 1)->breached);
	assert_int_equal(read.details->followers[1], 31829);
	assert_int_equal(read.details->pauses[0].to, 2000);
	assert_true(read.details->final);
	casefile_release(&read);
	casefile_release(&details);
	buf_free(&row);
}

static void a_row_that_is_cut_off_is_refused(void **state)
{
	struct casefile casefile = rare(), read;
	struct buf row = {0};
	struct span ref;
	size_t whole;

	(void)state;
	casefile.ref = "";
	casefile_write(&row, &casefile);
	whole = row.len;
	for (size_t len = 0; len < whole; len++) {
		char *cut = malloc(len + 1); /* of its own, so that a byte too far shows under the sanitizer */
		memcpy(cut, row.data, len);
		assert_false(casefile_read((struct span){cut, len}, &read, &ref));
		free(cut);
	}
	casefile_release(&casefile);
	buf_free(&row);
}

static void a_clock_wants_attention_at_its_warning_then_at_its_due_time_then_for_its_ladder(void **state)
{
	struct sla sla = {.kind = CLOCK_promise, .limit = 1, .warn = 80, .due = 100};

	(void)state;
	assert_int_equal(sla_deadline(&sla), 80);
	sla.warned = true;
	assert_int_equal(sla_deadline(&sla), 100);
	sla.next = 90;
	assert_int_equal(sla_deadline(&sla), 90);
	sla.breached = true;
	sla.next = 0;
	assert_int_equal(sla_deadline(&sla), 0);
	sla.next = 130;
	assert_int_equal(sla_deadline(&sla), 130);
	assert_int_equal(sla_deadline(&(struct sla){.next = 5}), 0);
}

static void clocks_stand_in_slots_and_rare_ones_only_with_details(void **state)
{
	struct casefile casefile = plain();

	(void)state;
	assert_int_equal(sla_slot(CLOCK_promise), SLOT_PROMISE);
	assert_int_equal(sla_slot(CLOCK_sign), SLOT_SIGN);
	assert_int_equal(sla_slot(CLOCK_alarm), SLOT_ALARM);
	assert_int_equal(sla_slot(CLOCK_handle), SLOT_STAGE);
	assert_null(casefile_sla(&casefile, SLOT_RETURN));
	assert_int_equal(casefile_details(&casefile)->returns, 0);
	casefile.state = STATE_closed;
	assert_false(casefile_lives(&casefile));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_read_back_is_the_same_case),
		cmocka_unit_test(a_row_that_is_cut_off_is_refused),
		cmocka_unit_test(a_clock_wants_attention_at_its_warning_then_at_its_due_time_then_for_its_ladder),
		cmocka_unit_test(clocks_stand_in_slots_and_rare_ones_only_with_details),
	};

	return cmocka_run_group_tests_name("casefile", tests, NULL, NULL);
}
