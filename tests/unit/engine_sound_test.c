/* Records that no decision makes are refused with a reason before they reach core. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "engine/sound.h"

static struct record opened(int64_t number, int64_t stream)
{
	struct record event;

	record_clear(&event);
	record_set(&event, event, EVENT_case_opened);
	record_set(&event, at, 1790000000000);
	record_set(&event, case_id, number);
	record_set(&event, previous, 0);
	record_set(&event, path, span_of("city"));
	record_set(&event, stream, stream);
	record_set(&event, epoch, 0);
	record_set(&event, source, span_of("web"));
	record_set(&event, source_ref, span_of("1"));
	record_set(&event, text, span_of("lamp"));
	record_set(&event, area, span_of("city"));
	record_set(&event, reported_at, 1790000000000);
	return event;
}

static void refused(const struct state *state, struct record event, const char *reason)
{
	char why[200] = "";

	if (!reason) {
		assert_true(event_sound(state, &event, why, sizeof why));
		return;
	}
	assert_false(event_sound(state, &event, why, sizeof why));
	if (!strstr(why, reason))
		fail_msg("%s: the reason is: %s", reason, why);
}

static void a_place_in_a_stream_is_not_beyond_the_journal(void **unused)
{
	struct state *state = state_new();

	(void)unused;
	refused(state, opened(1, 1), NULL);
	refused(state, opened(1, 2), "number 2 of its stream");
	refused(state, opened(1, INT64_MAX), "longer than the journal");
	refused(state, opened(1, 0), "number 0 of its stream");
	state_free(state);
}

static void what_apply_relies_on_is_there(void **unused)
{
	struct state *state = state_new();
	struct record event = opened(1, 1);

	(void)unused;
	record_drop(&event, FIELD_source_ref);
	refused(state, event, "case_opened lacks source_ref");
	event = opened(1, 1);
	event.event = 250;
	refused(state, event, "no event that this version knows");
	refused(state, opened(2, 1), "case");
	event = opened(1, 1);
	record_set(&event, policy, 1);
	refused(state, event, "policy version 1, which was not adopted");
	event = opened(1, 1);
	record_set(&event, stage_limit, span_of("an-hour"));
	refused(state, event, "stage_limit without");
	state_free(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_in_a_stream_is_not_beyond_the_journal),
		cmocka_unit_test(what_apply_relies_on_is_there),
	};

	return cmocka_run_group_tests_name("sound records", tests, NULL, NULL);
}
