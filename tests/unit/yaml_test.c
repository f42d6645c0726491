/* YAML: values with their places; one line for every mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/yaml.h"

static void values_keep_their_places(void **state)
{
	struct yaml_problem problem;
	struct yaml_file *file = yaml_read(span_of("a: 1\nlist:\n  - x\n  - {k: \"v\"}\nnone: ~\nempty:\nquoted: \"\"\n"), &problem);

	(void)state;
	assert_non_null(file);
	const struct yaml_value *root = yaml_root(file), *list = yaml_get(root, "list");
	assert_int_equal(root->count, 5);
	assert_int_equal(list->kind, YAML_KIND_LIST);
	assert_int_equal(list->items[0]->row, 3);
	assert_int_equal(list->items[0]->column, 5);
	const struct yaml_value *inner = yaml_get(list->items[1], "k");
	assert_true(span_is(inner->text, "v"));
	assert_false(inner->plain);
	assert_int_equal(inner->row, 4);
	assert_int_equal(inner->column, 9);
	assert_true(yaml_nothing(yaml_get(root, "none")));
	assert_true(yaml_nothing(yaml_get(root, "empty")));
	assert_false(yaml_nothing(yaml_get(root, "quoted")));
	assert_true(yaml_nothing(yaml_get(root, "absent")));
	assert_null(yaml_get(list, "a"));
	assert_null(yaml_get(NULL, "a"));
	yaml_close(file);
	yaml_close(NULL);
}

static void empty_documents_have_no_root(void **state)
{
	static const char *const texts[] = {"", "# only words\n", "\n\n"};
	struct yaml_problem problem;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct yaml_file *file = yaml_read(span_of(texts[i]), &problem);
		assert_non_null(file);
		assert_true(yaml_nothing(yaml_root(file)));
		yaml_close(file);
	}
}

static void refuse(const char *text, int64_t row, int64_t column, const char *words)
{
	struct yaml_problem problem;
	struct yaml_file *file = yaml_read(span_of(text), &problem);

	if (file || problem.row != row || problem.column != column || !strstr(problem.message, words))
		fail_msg("%s: got %lld:%lld %s", text, (long long)problem.row, (long long)problem.column, problem.message);
}

static void mistakes_are_named(void **state)
{
	(void)state;
	refuse("a: 1\nb: 2\na: 3\n", 3, 1, "second time (first on line 1)");
	refuse("x:\n  - {k: 1, k: 2}\n", 2, 12, "second time");
	refuse("a: [1\n", 2, 1, "not readable as YAML");
	refuse("a: b: c\n", 1, 5, "not readable as YAML");
	refuse("a: 1\nb: \xff\n", 2, 4, "not UTF-8");
	refuse("a: 1\n---\nb: 2\n", 3, 1, "second document");
	refuse("? [a, b]\n: 1\n", 1, 3, "a key must be plain text");
	refuse("a: *b\n", 1, 4, "not readable as YAML");
	refuse("a: &a\n  - *a\n", 1, 4, "a value inside itself");
}

static void bombs_end_early(void **state)
{
	struct yaml_problem problem;
	char text[4096] = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
	size_t len = strlen(text);

	(void)state;
	for (int i = 1; i < 12; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1, i - 1, i - 1,
			i - 1, i - 1, i - 1);
	assert_null(yaml_read(span_of(text), &problem));
	assert_non_null(strstr(problem.message, "too many values"));
	memset(text, '[', 2000);
	text[2000] = 0;
	assert_null(yaml_read(span_of(text), &problem));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_keep_their_places), cmocka_unit_test(empty_documents_have_no_root), cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(bombs_end_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
