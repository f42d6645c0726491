/* Interned names: numbers in order of first appearance, 0 for the empty text, texts that stay where they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/intern.h"

static void numbers_follow_the_order_of_first_appearance(void **state)
{
	struct intern names = {0};

	(void)state;
	assert_int_equal(intern_add(&names, span_of("north")), 1);
	assert_int_equal(intern_add(&names, span_of("south")), 2);
	assert_int_equal(intern_add(&names, span_of("north")), 1);
	assert_int_equal(intern_add(&names, span_of("历下区")), 3);
	assert_int_equal(names.count, 3);
	assert_true(span_is(intern_text(&names, 3), "历下区"));
	intern_free(&names);
}

static void the_empty_text_is_0_and_what_nobody_added_is_too(void **state)
{
	struct intern names = {0};

	(void)state;
	assert_int_equal(intern_add(&names, span_of("")), 0);
	assert_int_equal(intern_find(&names, span_of("x")), 0);
	assert_int_equal(intern_text(&names, 0).len, 0);
	assert_int_equal(intern_text(&names, 7).len, 0);
	assert_int_equal(names.count, 0);
	intern_free(&names);
}

static void a_text_is_its_bytes_and_not_what_begins_it(void **state)
{
	struct intern names = {0};

	(void)state;
	uint32_t whole = intern_add(&names, (struct span){"a\0b", 3});
	uint32_t part = intern_add(&names, (struct span){"a", 1});
	assert_int_not_equal(whole, part);
	assert_int_equal(intern_text(&names, whole).len, 3);
	intern_free(&names);
}

static void texts_stay_where_they_are_while_the_table_grows(void **state)
{
	struct intern names = {0};
	char text[32];

	(void)state;
	intern_add(&names, span_of("first"));
	const char *first = intern_text(&names, 1).data;
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof text, "name %d", i);
		assert_int_equal(intern_add(&names, span_of(text)), i + 2);
	}
	assert_ptr_equal(intern_text(&names, 1).data, first);
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof text, "name %d", i);
		assert_int_equal(intern_find(&names, span_of(text)), i + 2);
		assert_true(span_is(intern_text(&names, (uint32_t)i + 2), text));
	}
	intern_free(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_follow_the_order_of_first_appearance),
		cmocka_unit_test(the_empty_text_is_0_and_what_nobody_added_is_too),
		cmocka_unit_test(a_text_is_its_bytes_and_not_what_begins_it),
		cmocka_unit_test(texts_stay_where_they_are_while_the_table_grows),
	};

	return cmocka_run_group_tests_name("intern", tests, NULL, NULL);
}
