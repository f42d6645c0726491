/* Figures from events made by hand: which month a case falls into, quantiles, ranking, depth, and cases older than the events. That all
 * figures agree with a recount of whole journals is tested end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "figures/figures.h"

#define HOUR INT64_C(3600000)

/* One event of a case that happens in "town/north" unless the test says otherwise. */
static struct record event_at(int kind, int64_t number, int64_t at)
{
	struct record event;

	record_clear(&event);
	record_set(&event, event, (uint8_t)kind);
	record_set(&event, case_id, number);
	record_set(&event, at, at);
	record_set(&event, path, span_of("town/north"));
	return event;
}

static void take_opened(struct figures *figures, int64_t number, int64_t at, int64_t due)
{
	struct record event = event_at(EVENT_case_opened, number, at);

	record_set(&event, reported_at, at);
	if (due) {
		record_set(&event, limit, span_of("days"));
		record_set(&event, due, due);
		record_set(&event, warn, at + (due - at) / 10 * 8);
	}
	figures_take(figures, &event);
}

static void take_dispatched(struct figures *figures, int64_t number, int64_t at, const char *unit, int64_t sign_due)
{
	struct record event = event_at(EVENT_case_dispatched, number, at);

	record_set(&event, unit, span_of(unit));
	if (sign_due)
		record_set(&event, sign_due, sign_due);
	figures_take(figures, &event);
}

static void take_closed(struct figures *figures, int64_t number, int64_t at, int outcome)
{
	struct record event = event_at(EVENT_case_closed, number, at);

	record_set(&event, outcome, (uint8_t)outcome);
	figures_take(figures, &event);
}

static void take_plain(struct figures *figures, int kind, int64_t number, int64_t at)
{
	struct record event = event_at(kind, number, at);

	figures_take(figures, &event);
}

static struct figure_value total_of(const struct figures *figures, enum figure figure)
{
	struct grouping *grouping = figures_group(figures, BY_UNIT, 0);
	struct figure_value value = group_value(&grouping->total, figure);

	grouping_free(grouping);
	return value;
}

static void due_month_decides(void **state)
{
	/* Opened and closed before the period, due in it; and due at its very end, which is the next one's. */
	struct figures *figures = figures_new(100 * HOUR, 200 * HOUR);

	(void)state;
	take_opened(figures, 1, 50 * HOUR, 150 * HOUR);
	take_closed(figures, 1, 60 * HOUR, OUTCOME_solved);
	take_opened(figures, 2, 50 * HOUR, 200 * HOUR);
	take_opened(figures, 3, 50 * HOUR, 100 * HOUR);
	take_closed(figures, 3, 100 * HOUR, OUTCOME_solved);
	take_opened(figures, 4, 50 * HOUR, 199 * HOUR);
	take_closed(figures, 4, 199 * HOUR + 1, OUTCOME_solved);
	figures_settle(figures);
	assert_int_equal(total_of(figures, FIGURE_due).part, 3);
	assert_int_equal(total_of(figures, FIGURE_on_time).part, 2);
	assert_int_equal(total_of(figures, FIGURE_late).part, 1);
	assert_int_equal(total_of(figures, FIGURE_opened).part, 0);
	assert_int_equal(total_of(figures, FIGURE_closed).part, 2);
	assert_int_equal(total_of(figures, FIGURE_open).part, 1);
	assert_int_equal(total_of(figures, FIGURE_yellow).part, 1);
	figures_free(figures);
}

static void later_events_do_not_count(void **state)
{
	struct figures *figures = figures_new(0, 100 * HOUR);
	struct record late = event_at(EVENT_case_reopened, 1, 100 * HOUR);

	(void)state;
	take_opened(figures, 1, HOUR, 0);
	take_closed(figures, 1, 2 * HOUR, OUTCOME_answered);
	assert_false(figures_take(figures, &late));
	figures_settle(figures);
	assert_int_equal(total_of(figures, FIGURE_closed).part, 1);
	assert_int_equal(total_of(figures, FIGURE_reopens).part, 0);
	figures_free(figures);
}

static void signature_taken_away(void **state)
{
	/* Returned in time: nobody's fault. Returned too late: the unit's. Signed at the very moment: in time. Never: missed. */
	struct figures *figures = figures_new(0, 100 * HOUR);

	(void)state;
	for (int64_t number = 1; number <= 4; number++) {
		take_opened(figures, number, 0, 0);
		take_dispatched(figures, number, HOUR, number == 4 ? "b" : "a", 10 * HOUR);
	}
	take_plain(figures, EVENT_case_returned, 1, 9 * HOUR);
	take_plain(figures, EVENT_case_returned, 2, 11 * HOUR);
	take_plain(figures, EVENT_case_signed, 3, 10 * HOUR);
	figures_settle(figures);
	assert_int_equal(total_of(figures, FIGURE_response_rate).whole, 3);
	assert_int_equal(total_of(figures, FIGURE_response_rate).part, 1);
	assert_int_equal(total_of(figures, FIGURE_returns).part, 2);
	assert_int_equal(total_of(figures, FIGURE_passing).part, 2);
	figures_free(figures);
}

static void quantiles_are_real_times(void **state)
{
	struct figures *figures = figures_new(0, 1000 * HOUR);

	(void)state;
	assert_false(total_of(figures, FIGURE_time_total).known);
	for (int64_t number = 1; number <= 10; number++) {
		take_opened(figures, number, 0, 0);
		take_closed(figures, number, number * number * HOUR, OUTCOME_solved);
	}
	figures_settle(figures);
	assert_int_equal(total_of(figures, FIGURE_time_total).median_ms, 25 * HOUR);
	assert_int_equal(total_of(figures, FIGURE_time_total).p90_ms, 81 * HOUR);
	assert_int_equal(total_of(figures, FIGURE_time_received).part, 10);
	figures_free(figures);
}

static void ranks_and_depth(void **state)
{
	static const char *const units[] = {"b/one", "b/two", "a", "c"};
	struct figures *figures = figures_new(0, 100 * HOUR);
	struct grouping *grouping;

	(void)state;
	for (int64_t number = 1; number <= 8; number++) { /* each unit two; c has no promise */
		size_t unit = (size_t)(number - 1) / 2;
		take_opened(figures, number, 0, unit == 3 ? 0 : 50 * HOUR);
		take_dispatched(figures, number, HOUR, units[unit], 0);
		take_closed(figures, number, unit == 0 && number == 1 ? 60 * HOUR : 40 * HOUR, OUTCOME_solved);
	}
	figures_settle(figures);
	grouping = figures_group(figures, BY_UNIT, 0);
	grouping_rank(grouping, FIGURE_on_time_rate);
	assert_int_equal(grouping->count, 5); /* and the time before a unit led */
	assert_true(span_is(grouping->groups[0].name, "a") && span_is(grouping->groups[1].name, "b/two"));
	assert_true(grouping->groups[0].rank == 1 && grouping->groups[1].rank == 1 && grouping->groups[2].rank == 3 && grouping->groups[3].rank == 0 && grouping->groups[4].rank == 0);
	grouping_free(grouping);
	grouping = figures_group(figures, BY_UNIT, 1);
	assert_int_equal(grouping->count, 4);
	assert_true(span_is(grouping->groups[2].name, "b"));
	assert_int_equal(group_value(&grouping->groups[2], FIGURE_on_time_rate).part, 3);
	assert_int_equal(share_of(3, 4), 7500);
	assert_int_equal(share_of(2, 3), 6667);
	grouping_free(grouping);
	grouping = figures_group(figures, BY_AREA, 1);
	assert_true(grouping->count == 1 && span_is(grouping->groups[0].name, "town"));
	grouping_free(grouping);
	figures_free(figures);
}

static void unknown_cases_are_counted(void **state)
{
	struct figures *figures = figures_new(0, 100 * HOUR);

	(void)state;
	take_closed(figures, 7, HOUR, OUTCOME_solved);
	figures_settle(figures);
	assert_int_equal(figures_unknown(figures), 1);
	assert_int_equal(total_of(figures, FIGURE_closed).part, 0);
	figures_free(figures);
	figures_free(NULL);
}

static void facts_stand_behind(void **state)
{
	struct figures *figures = figures_new(0, 100 * HOUR);
	const struct fact *facts;
	size_t late = 0, rate = 0;

	(void)state;
	take_opened(figures, 1, 0, 10 * HOUR);
	take_opened(figures, 2, 0, 10 * HOUR);
	take_closed(figures, 2, 5 * HOUR, OUTCOME_solved);
	figures_settle(figures);
	for (size_t i = figures_facts(figures, &facts); i-- > 0;) {
		late += fact_counts(&facts[i], FIGURE_late);
		rate += fact_counts(&facts[i], FIGURE_on_time_rate);
		if (fact_counts(&facts[i], FIGURE_late))
			assert_int_equal(facts[i].number, 1);
	}
	assert_int_equal(late, 1);
	assert_int_equal(rate, 2);
	assert_int_equal(figure_find(span_of("late")), FIGURE_late);
	assert_int_equal(figure_find(span_of("later")), FIGURE_COUNT);
	figures_free(figures);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(due_month_decides),       cmocka_unit_test(later_events_do_not_count), cmocka_unit_test(signature_taken_away),
		cmocka_unit_test(quantiles_are_real_times), cmocka_unit_test(ranks_and_depth),          cmocka_unit_test(unknown_cases_are_counted),
		cmocka_unit_test(facts_stand_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
