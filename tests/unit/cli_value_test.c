/* Fields from text and to text, by the types of schema/fields.def. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "clients/cli/value.h"

static char wrong[200];

static bool take(struct record *record, enum field field, const char *text)
{
	return value_read(record, field, span_of(text), "Asia/Taipei", wrong, sizeof wrong);
}

static void assert_shown(const struct record *record, enum field field, const char *wanted)
{
	struct buf text = {0};

	value_write(&text, record, field, "Asia/Taipei");
	buf_add(&text, "", 1);
	assert_string_equal(text.data, wanted);
	buf_free(&text);
}

static void test_each_type_is_read_and_shown(void **state)
{
	struct record record;

	(void)state;
	record_clear(&record);
	assert_true(take(&record, FIELD_urgency, "2"));
	assert_true(take(&record, FIELD_latitude, "-33.5"));
	assert_true(take(&record, FIELD_reported_at, "2015-04-15 00:02"));
	assert_true(take(&record, FIELD_priority, "yes"));
	assert_true(take(&record, FIELD_text, "永康區"));
	assert_true(take(&record, FIELD_case_id, "0000-0000-0013"));
	assert_true(take(&record, FIELD_kind, "complaint"));
	assert_true(take(&record, FIELD_outcome, "handed_over"));
	assert_shown(&record, FIELD_urgency, "2");
	assert_shown(&record, FIELD_latitude, "-33.5");
	assert_shown(&record, FIELD_reported_at, "2015-04-15T00:02:00+08:00");
	assert_shown(&record, FIELD_priority, "yes");
	assert_shown(&record, FIELD_text, "永康區");
	assert_shown(&record, FIELD_case_id, "0000-0000-0013");
	assert_shown(&record, FIELD_kind, "complaint");
	assert_shown(&record, FIELD_outcome, "handed_over");
	assert_shown(&record, FIELD_title, "");
}

static void test_what_does_not_fit_is_refused_and_leaves_the_field_absent(void **state)
{
	static const struct { enum field field; const char *text; const char *says; } tries[] = {
		{FIELD_urgency, "5", "from 0 to 4"}, {FIELD_urgency, "-1", "from 0"}, {FIELD_urgency, "two", "whole number"}, {FIELD_urgency, "", "whole number"},
		{FIELD_latitude, "91", "-90 to 90"}, {FIELD_latitude, "nan", "number"}, {FIELD_reported_at, "noon", "a time"},
		{FIELD_case_id, "0000-0000-0014", "check digit"}, {FIELD_kind, "gossip", "complaint"}, {FIELD_priority, "maybe", "true or false"},
		{FIELD_text, "\xff\xff", "UTF-8"}, {FIELD_text, "bell\a", "control"}, {FIELD_cases, "x", "list"}, {FIELD_source, "0123456789012345678901234567890123", "32 bytes"},
	};
	struct record record;

	(void)state;
	record_clear(&record);
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		assert_false(take(&record, tries[i].field, tries[i].text));
		if (!strstr(wrong, tries[i].says))
			fail_msg("%s: '%s' does not say '%s'", tries[i].text, wrong, tries[i].says);
		assert_false(record_holds(&record, tries[i].field));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_type_is_read_and_shown), cmocka_unit_test(test_what_does_not_fit_is_refused_and_leaves_the_field_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
