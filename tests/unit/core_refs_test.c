/* The table of references against a plain list: found when it is there, by source and reference together, through growth and removal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/refs.h"

#define CASES 5000 /* through 1,024 lists, 2,048 and 4,096, each doubled one list at a time */

static struct casefile cases[CASES];
static char texts[CASES][16];

static void found_while_it_is_there_and_never_after(void **state)
{
	struct refs refs = {0};

	(void)state;
	for (int i = 0; i < CASES; i++) {
		snprintf(texts[i], sizeof texts[i], "%d", i / 2);
		cases[i] = (struct casefile){.number = i + 1, .source = 1 + (uint32_t)i % 2, .ref = texts[i]};
		assert_null(refs_find(&refs, cases[i].source, span_of(texts[i])));
		refs_add(&refs, &cases[i]);
		for (int j = 0; j <= i; j += 1 + i / 16)
			assert_ptr_equal(refs_find(&refs, cases[j].source, span_of(texts[j])), &cases[j]);
	}
	assert_int_equal(refs.lists, CASES);
	for (int i = 0; i < CASES; i += 3)
		refs_remove(&refs, &cases[i]);
	for (int i = 0; i < CASES; i++)
		assert_ptr_equal(refs_find(&refs, cases[i].source, span_of(texts[i])), i % 3 ? &cases[i] : NULL);
	assert_null(refs_find(&refs, 3, span_of("7")));
	assert_int_equal(refs.count, CASES - (CASES + 2) / 3);
	refs_free(&refs, NULL);
}

static void a_reference_is_not_its_beginning(void **state)
{
	struct casefile one = {.source = 1, .ref = "12"};
	struct refs refs = {0};

	(void)state;
	assert_null(refs_find(&refs, 1, span_of("12")));
	refs_add(&refs, &one);
	assert_null(refs_find(&refs, 1, span_of("1")));
	assert_null(refs_find(&refs, 1, span_of("123")));
	assert_null(refs_find(&refs, 1, (struct span){NULL, 0}));
	assert_ptr_equal(refs_find(&refs, 1, span_of("12")), &one);
	refs_free(&refs, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_while_it_is_there_and_never_after),
		cmocka_unit_test(a_reference_is_not_its_beginning),
	};

	return cmocka_run_group_tests_name("references", tests, NULL, NULL);
}
