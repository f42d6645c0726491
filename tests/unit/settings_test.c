/* Settings: the struct is filled from settings.def, and every default keeps its own range. */
#include "base/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/span.h"

static void defaults_are_those_of_the_table(void **unused)
{
	(void)unused;
	struct settings settings;
	enum log_level level;

	settings_default(&settings);
	assert_string_equal(settings.daemon_clock, "real");
	assert_string_equal(settings.doors_service, "ipc:///run/reeve/service");
	assert_int_equal(settings.work_lease_ms, 10000);
	assert_int_equal(settings.store_journal_bytes, INT64_C(1) << 40);
	assert_true(log_level_find(settings.daemon_log_level, &level));
	assert_int_equal(settings.default_roles, ~0u);
	assert_int_equal(settings.actor_count + settings.worker_count, 0);
	settings_free(&settings);
}

#define RANGE_TEXT(value, smallest, largest) assert_true(*(value) != '\0')
#define RANGE_WORD(value, smallest, largest) assert_true(*(value) != '\0')
#define RANGE_COUNT(value, smallest, largest) assert_in_range(value, smallest, largest)
#define RANGE_BYTES(value, smallest, largest) assert_in_range(value, smallest, largest)
#define RANGE_MS(value, smallest, largest) assert_in_range(value, smallest, largest)

static void defaults_keep_their_ranges(void **unused)
{
	(void)unused;
	struct settings settings;

	settings_default(&settings);
#define SETTING(section, name, type, otherwise, smallest, largest, reload, meaning) \
	RANGE_##type(settings.section##_##name, smallest, largest);
#include "base/settings.def"
	settings_free(&settings);
}

static void free_takes_lists_and_nothing(void **unused)
{
	(void)unused;
	struct settings settings;

	settings_default(&settings);
	settings.actors = must_calloc(1, sizeof *settings.actors);
	settings.actors[0].name = span_dup(span_of("duty officer"));
	settings.actor_count = 1;
	settings.workers = must_calloc(1, sizeof *settings.workers);
	settings.workers[0].task = span_dup(span_of("triage"));
	settings.worker_count = 1;
	settings_free(&settings);
	assert_null(settings.actors);
	assert_null(settings.daemon_state_dir);
	settings_free(&settings);
	settings_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_table),
		cmocka_unit_test(defaults_keep_their_ranges),
		cmocka_unit_test(free_takes_lists_and_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
