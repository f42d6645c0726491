/* reeved.yaml: every mistake with its line and column, all at once; units; what a reload takes over; and the lock on
 * the state directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "config.h"
#include "core/record.h"
#include "lock.h"

/* One mistake: where it is and what the message says of it. */
struct mistake {
	const char *content;
	int64_t row, column;
	const char *says;
};

static void each_mistake_has_its_place_and_its_remedy(void **state)
{
	static const struct mistake mistakes[] = {
		{"daemon:\n  clock: sometimes\n", 2, 10, "real or driven"},
		{"daemon:\n  log_level: inof\n", 2, 14, "did you mean 'info'?"},
		{"daemon:\n  state_dir: relative/path\n", 2, 14, "not an absolute path"},
		{"daemon:\n  state_dirr: /x\n", 2, 3, "did you mean 'state_dir'?"},
		{"daemon:\n  state_dir:\n", 2, 3, "has no value"},
		{"daemon:\n  state_dir: [a, b]\n", 2, 14, "takes one value, not a list"},
		{"daemon:\n  driven_start: yesterday\n", 2, 17, "2000-01-01T00:00:00Z"},
		{"daemon:\n  driven_start: 2000-01-01T00:00:00Zx\n", 2, 17, "2000-01-01T00:00:00Z"},
		{"daemon:\n  frame_bytes: 4096\n", 2, 3, "belongs into the section limits"},
		{"frame_bytes: 4096\n", 1, 1, "belongs into the section limits"},
		{"deamon:\n  clock: real\n", 1, 1, "did you mean 'daemon'?"},
		{"daemon: real\n", 1, 9, "is a map"},
		{"- daemon\n", 1, 1, "is a map"},
		{"doors:\n  service: tcp://0.0.0.0:80\n", 2, 12, "needs keys"},
		{"doors:\n  work: /run/reeve/work\n", 2, 9, "begins with ipc:// or tcp://"},
		{"doors:\n  mode: 0999\n", 2, 9, "octal"},
		{"doors:\n  feed: ipc:///run/reeve/work\n", 2, 9, "needs its own"},
		{"doors:\n  work: ipc:///run/reeve/service\n", 2, 9, "same endpoint as doors.service"},
		{"limits:\n  peers: 0\n", 2, 10, "it may be 1 to 1000000"},
		{"limits:\n  peers: many\n", 2, 10, "is not a whole number"},
		{"limits:\n  frame_bytes: 8 megabytes\n", 2, 16, "e.g. 64 MiB"},
		{"limits:\n  frame_bytes: 1.5 MiB\n", 2, 16, "e.g. 64 MiB"},
		{"limits:\n  frame_bytes: 512 MiB\n", 2, 16, "it may be 1 KiB to 256 MiB"},
		{"limits:\n  frame_bytes: -1\n", 2, 16, "is not a whole number"},
		{"limits:\n  peer_bytes: 99999999999999999999\n", 2, 15, "too large a number"},
		{"limits:\n  peer_bytes: 9999999999 GiB\n", 2, 15, "too large a number"},
		{"limits:\n  peer_bytes: 1 MiB\n", 2, 15, "smaller than limits.frame_bytes"},
		{"work:\n  lease_ms: 10 seconds\n", 2, 13, "e.g. 10 s"},
		{"work:\n  restart_ms: 1 min\n  restart_most_ms: 1 s\n", 3, 20, "shorter than work.restart_ms"},
		{"workers: 3\n", 1, 10, "is a list"},
		{"workers:\n  - {count: 2}\n", 2, 5, "needs 'task'"},
		{"workers:\n  - {task: triege}\n", 2, 12, "did you mean 'triage'?"},
		{"workers:\n  - {task: assign, number: 2}\n", 2, 20, "has no key 'number'"},
		{"workers:\n  - {task: assign, count: 5000}\n", 2, 27, "it may be 0 to 1000"},
		{"access:\n  defaults: []\n", 2, 3, "did you mean 'default'?"},
		{"access:\n  default: [intake, boss]\n", 2, 21, "role is 'boss'"},
		{"access:\n  actors:\n    - {roles: [unit]}\n", 3, 7, "needs 'name'"},
		{"access:\n  actors:\n    - {name: a, roles: [unit]}\n    - {name: a, roles: [unit]}\n", 4, 14, "listed twice"},
		{"daemon:\n  clock: real\n  clock: driven\n", 3, 3, "clock"},
		{"daemon:\n\tclock: real\n", 2, 1, "YAML"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		const struct mistake *mistake = &mistakes[i];
		struct settings settings;
		struct config_problems problems;

		if (config_read(span_of(mistake->content), &settings, &problems))
			fail_msg("taken for good: %s", mistake->content);
		if (problems.count != 1 || problems.rows[0].row != mistake->row || problems.rows[0].column != mistake->column ||
		    !strstr(problems.rows[0].message, mistake->says))
			fail_msg("%s\n%zu problems, the first at %lld:%lld: %s\nwanted at %lld:%lld: ...%s...", mistake->content, problems.count,
				(long long)problems.rows[0].row, (long long)problems.rows[0].column, problems.rows[0].message,
				(long long)mistake->row, (long long)mistake->column, mistake->says);
		config_problems_free(&problems);
		settings_free(&settings);
	}
}

static void all_mistakes_are_reported_at_once_in_the_order_of_the_file(void **state)
{
	static const char content[] =
		"workers:\n"
		"  - {task: nothing}\n"
		"daemon:\n"
		"  clock: x\n"
		"  nonsense: 1\n"
		"limits:\n"
		"  peers: 0\n"
		"access:\n"
		"  default: [x]\n";
	static const int64_t rows[] = {2, 4, 5, 7, 9};
	struct settings settings;
	struct config_problems problems;

	(void)state;
	assert_false(config_read(span_of(content), &settings, &problems));
	assert_int_equal(problems.count, 5);
	for (size_t i = 0; i < problems.count; i++)
		assert_int_equal(problems.rows[i].row, rows[i]);
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	config_problems_print(stream, "some/reeved.yaml", &problems);
	fclose(stream);
	assert_non_null(strstr(text, "some/reeved.yaml:4:10: daemon.clock is 'x'; it is one of real or driven\n"));
	free(text);
	config_problems_free(&problems);
	settings_free(&settings);
}

static void read_good(const char *content, struct settings *ret_settings)
{
	struct config_problems problems;

	if (!config_read(span_of(content), ret_settings, &problems))
		fail_msg("%lld:%lld: %s", (long long)problems.rows[0].row, (long long)problems.rows[0].column, problems.rows[0].message);
	config_problems_free(&problems);
}

static void a_good_file_sets_what_it_names_and_nothing_else(void **state)
{
	struct settings settings;

	(void)state;
	read_good("daemon:\n  clock: driven\n  state_dir: /tmp/städte\n"
		"doors:\n  service: tcp://127.0.0.1:5555\n"
		"limits:\n  frame_bytes: 64 KiB\n  peers: 7\n"
		"work:\n  lease_ms: 5 min\n  restart_ms: 5\n"
		"workers:\n  - task: triage\n    count: 2\n    command: /bin/echo hello\n  - {task: triage}\n"
		"access:\n  default: [intake, unit]\n  actors:\n    - {name: 王, roles: [supervisor, administrator]}\n    - {name: nobody, roles: []}\n", &settings);
	assert_string_equal(settings.daemon_clock, "driven");
	assert_string_equal(settings.daemon_state_dir, "/tmp/städte");
	assert_string_equal(settings.doors_service, "tcp://127.0.0.1:5555");
	assert_string_equal(settings.doors_work, "ipc:///run/reeve/work");
	assert_int_equal(settings.limits_frame_bytes, 65536);
	assert_int_equal(settings.limits_peers, 7);
	assert_int_equal(settings.limits_peer_requests, 8192);
	assert_int_equal(settings.work_lease_ms, 300000);
	assert_int_equal(settings.work_restart_ms, 5);
	assert_int_equal(settings.worker_count, 2);
	assert_string_equal(settings.workers[0].command, "/bin/echo hello");
	assert_int_equal(settings.workers[0].count, 2);
	assert_string_equal(settings.workers[1].command, "");
	assert_int_equal(settings.workers[1].count, 1);
	assert_int_equal(settings.default_roles, ROLE_BIT(intake) | ROLE_BIT(unit));
	assert_int_equal(settings.actor_count, 2);
	assert_string_equal(settings.actors[0].name, "王");
	assert_int_equal(settings.actors[0].roles, ROLE_BIT(supervisor) | ROLE_BIT(administrator));
	assert_int_equal(settings.actors[1].roles, 0);
	settings_free(&settings);
}

static void an_empty_file_and_no_file_are_the_defaults_with_one_worker_of_each_task(void **state)
{
	static const char *const tasks[] = {"triage", "assign", "escalate"};
	struct settings settings;
	struct config_problems problems;

	(void)state;
	for (int with = 0; with < 3; with++) {
		if (with < 2)
			read_good(with ? "# nothing\n" : "", &settings);
		else
			assert_true(config_load(NULL, &settings, &problems));
		assert_string_equal(settings.daemon_state_dir, "/var/lib/reeve");
		assert_int_equal(settings.default_roles, ~0u);
		assert_int_equal(settings.worker_count, 3);
		for (int i = 0; i < 3; i++)
			assert_string_equal(settings.workers[i].task, tasks[i]);
		settings_free(&settings);
	}
	read_good("workers: []\naccess:\ndaemon:\n", &settings);
	assert_int_equal(settings.worker_count, 0);
	settings_free(&settings);
	assert_false(config_load("/nonexistent/reeved.yaml", &settings, &problems));
	assert_int_equal(problems.count, 1);
	assert_non_null(strstr(problems.rows[0].message, "No such file"));
	config_problems_free(&problems);
	settings_free(&settings);
}

static void assert_same_settings(const struct settings *a, const struct settings *b)
{
	for (size_t i = 0; i < setting_row_count; i++) {
		const struct setting_row *row = &setting_rows[i];
		const char *one = (const char *)a + row->offset, *two = (const char *)b + row->offset;

		if (row->type == SETTING_TYPE_TEXT || row->type == SETTING_TYPE_WORD)
			assert_string_equal(*(char *const *)one, *(char *const *)two);
		else
			assert_int_equal(*(const int64_t *)one, *(const int64_t *)two);
	}
}

static void the_printed_defaults_are_complete_and_read_back_as_the_defaults(void **state)
{
	struct settings printed, defaults;
	char *text = NULL;
	size_t len = 0;

	(void)state;
	FILE *stream = open_memstream(&text, &len);
	config_print_defaults(stream);
	fclose(stream);
	for (size_t i = 0; i < setting_row_count; i++) {
		char line[96];
		snprintf(line, sizeof line, "\n  %s: ", setting_rows[i].name);
		assert_non_null(strstr(text, line));
	}
	read_good(text, &printed);
	read_good("", &defaults);
	assert_same_settings(&printed, &defaults);
	assert_int_equal(printed.worker_count, defaults.worker_count);
	for (int64_t i = 0; i < printed.worker_count; i++)
		assert_string_equal(printed.workers[i].task, defaults.workers[i].task);
	unsigned every_role = 0;
#define ROLE(number, name, chinese, meaning) every_role |= ROLE_BIT(name);
#include "schema/names.def"
	assert_int_equal(printed.default_roles, every_role);
	settings_free(&printed);
	settings_free(&defaults);
	free(text);
}

static void numbers_are_written_so_that_they_read_back(void **state)
{
	static const int64_t numbers[] = {0, 1, 999, 1000, 1023, 1024, 1536, 60000, 90000, 3600000, 86400000, 67108864, INT64_C(1) << 40, INT64_MAX};
	char text[32], error[192];
	int64_t back;

	(void)state;
	for (enum setting_type type = SETTING_TYPE_COUNT; type <= SETTING_TYPE_MS; type++) {
		for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
			config_number_write(numbers[i], type, text);
			assert_true(config_number_read(span_of(text), type, &back, error, sizeof error));
			assert_int_equal(back, numbers[i]);
		}
	}
	config_number_write(67108864, SETTING_TYPE_BYTES, text);
	assert_string_equal(text, "64 MiB");
	config_number_write(300000, SETTING_TYPE_MS, text);
	assert_string_equal(text, "5 min");
	assert_true(config_number_read(span_of("3GB"), SETTING_TYPE_BYTES, &back, error, sizeof error));
	assert_int_equal(back, INT64_C(3000000000));
	assert_false(config_number_read(span_of("3 s"), SETTING_TYPE_BYTES, &back, error, sizeof error));
	assert_false(config_number_read(span_of(""), SETTING_TYPE_COUNT, &back, error, sizeof error));
	assert_false(config_number_read(span_of("3 "), SETTING_TYPE_TEXT, &back, error, sizeof error) && back != 3);
}

static void a_reload_takes_over_what_may_change_and_keeps_the_rest(void **state)
{
	struct settings running, fresh;

	(void)state;
	read_good("", &running);
	read_good("daemon:\n  state_dir: /elsewhere\n  log_level: debug\ndoors:\n  mode: \"0600\"\nlimits:\n  peers: 5\n"
		"store:\n  journal_bytes: 1 GiB\nworkers: []\naccess:\n  default: [unit]\n  actors: [{name: a, roles: [unit]}]\n", &fresh);
	config_take_over(&running, &fresh);
	assert_string_equal(running.daemon_state_dir, "/var/lib/reeve");
	assert_string_equal(running.daemon_log_level, "debug");
	assert_string_equal(running.doors_mode, "0660");
	assert_int_equal(running.limits_peers, 5);
	assert_int_equal(running.store_journal_bytes, INT64_C(1) << 40);
	assert_int_equal(running.worker_count, 3);
	assert_int_equal(running.default_roles, ROLE_BIT(unit));
	assert_int_equal(running.actor_count, 1);
	settings_free(&fresh);
	assert_string_equal(running.actors[0].name, "a");
	settings_free(&running);
}

static void a_second_process_is_refused_with_the_pid_of_the_first(void **state)
{
	char folder[] = "/tmp/reeve-lock-XXXXXX", path[64], error[512] = "", wanted[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/state", folder);
	int lock = state_lock(path, error, sizeof error);
	assert_true(lock >= 0);
	/* flock belongs to the open file, so a second open in this process is as good as a second process. */
	assert_int_equal(state_lock(path, error, sizeof error), LOCK_TAKEN);
	snprintf(wanted, sizeof wanted, "in use by process %d (", getpid());
	assert_non_null(strstr(error, wanted));
	assert_non_null(strstr(error, "config_test"));
	close(lock);
	lock = state_lock(path, error, sizeof error);
	assert_true(lock >= 0);
	close(lock);
	snprintf(path, sizeof path, "%s/state/lock/below", folder);
	assert_int_equal(state_lock(path, error, sizeof error), -1);
	assert_non_null(strstr(error, "cannot create the state directory"));
	snprintf(path, sizeof path, "%s/state/lock", folder);
	assert_int_equal(state_lock(path, error, sizeof error), -1);
	assert_non_null(strstr(error, "is not a directory"));
	snprintf(path, sizeof path, "rm -r %s", folder);
	assert_int_equal(system(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_has_its_place_and_its_remedy),
		cmocka_unit_test(all_mistakes_are_reported_at_once_in_the_order_of_the_file),
		cmocka_unit_test(a_good_file_sets_what_it_names_and_nothing_else),
		cmocka_unit_test(an_empty_file_and_no_file_are_the_defaults_with_one_worker_of_each_task),
		cmocka_unit_test(the_printed_defaults_are_complete_and_read_back_as_the_defaults),
		cmocka_unit_test(numbers_are_written_so_that_they_read_back),
		cmocka_unit_test(a_reload_takes_over_what_may_change_and_keeps_the_rest),
		cmocka_unit_test(a_second_process_is_refused_with_the_pid_of_the_first),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
