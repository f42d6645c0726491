/* Log lines: one key=value line per call, quoted so that no value can end the line or forge a key. Standard error is a
 * temporary file during each test. */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static FILE *captured;
static int kept_stderr;

static int capture(void **unused)
{
	(void)unused;
	fflush(stderr);
	captured = tmpfile();
	kept_stderr = dup(STDERR_FILENO);
	unsetenv("JOURNAL_STREAM");
	log_set_level(LOG_LEVEL_INFO);
	log_set_program(NULL);
	return captured && dup2(fileno(captured), STDERR_FILENO) >= 0 ? 0 : -1;
}

static int release(void **unused)
{
	(void)unused;
	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
	fclose(captured);
	return 0;
}

static const char *written(void)
{
	static char text[4096];
	ssize_t len = pread(fileno(captured), text, sizeof text - 1, 0);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

/* What follows the time. */
static const char *after_time(void)
{
	const char *blank = strchr(written(), ' ');

	return blank ? blank + 1 : "";
}

static void writes_pairs_in_order(void **unused)
{
	(void)unused;
	int year, month, day, hour, minute, second, ms;

	log_line(LOG_LEVEL_INFO, "started", "state_dir", "/var/lib/reeve", "open_cases", log_number(12), NULL);
	assert_int_equal(sscanf(written(), "time=%4d-%2d-%2dT%2d:%2d:%2d.%3dZ ", &year, &month, &day, &hour, &minute, &second, &ms), 7);
	assert_string_equal(after_time(), "level=info msg=started state_dir=/var/lib/reeve open_cases=12\n");
}

static void quotes_blanks_quotes_and_controls(void **unused)
{
	(void)unused;
	log_line(LOG_LEVEL_ERROR, "cannot open", "empty", "", "quote", "say \"no\"", "path", "a\\b", "forged", "x\nlevel=info", "pair", "a=b",
		"bell", "\a\x7f", "tab", "a\tb", NULL);
	assert_string_equal(after_time(), "level=error msg=\"cannot open\" empty=\"\" quote=\"say \\\"no\\\"\" path=\"a\\\\b\" "
		"forged=\"x\\nlevel=info\" pair=\"a=b\" bell=\"\\x07\\x7f\" tab=\"a\\tb\"\n");
}

static void keeps_utf8_and_escapes_what_is_not(void **unused)
{
	(void)unused;
	log_line(LOG_LEVEL_INFO, "x", "unit", "\xe9\x95\xbf\xe6\xb8\x85\xe8\xa1\x97", "cut", "\xe9\x95", "overlong", "\xc0\xaf", "surrogate", "\xed\xa0\x80",
		"c1", "\xc2\x9b", "astral", "\xf0\x9f\x9a\x92", "high", "\xf4\x90\x80\x80", NULL);
	assert_string_equal(after_time(), "level=info msg=x unit=\xe9\x95\xbf\xe6\xb8\x85\xe8\xa1\x97 cut=\"\\xe9\\x95\" overlong=\"\\xc0\\xaf\" "
		"surrogate=\"\\xed\\xa0\\x80\" c1=\"\\xc2\\x9b\" astral=\xf0\x9f\x9a\x92 high=\"\\xf4\\x90\\x80\\x80\"\n");
}

static void leaves_out_lower_levels(void **unused)
{
	(void)unused;
	log_line(LOG_LEVEL_DEBUG, "quiet", NULL);
	log_set_level(LOG_LEVEL_WARNING);
	log_line(LOG_LEVEL_NOTICE, "quiet", NULL);
	assert_string_equal(written(), "");
	log_line(LOG_LEVEL_WARNING, "loud", NULL);
	assert_string_equal(after_time(), "level=warning msg=loud\n");
}

static void names_the_program(void **unused)
{
	(void)unused;
	log_set_program("reeve-triage");
	log_line(LOG_LEVEL_NOTICE, "hello", NULL);
	assert_string_equal(after_time(), "level=notice program=reeve-triage msg=hello\n");
}

static void ends_at_a_missing_value(void **unused)
{
	(void)unused;
	const char *missing = NULL;

	log_line(LOG_LEVEL_INFO, "hello", "first", "ends >", "reason", missing, NULL);
	assert_string_equal(after_time(), "level=info msg=hello first=\"ends >\" reason=\"\"\n");
}

static void writes_priority_for_the_systemd_journal(void **unused)
{
	(void)unused;
	struct stat status;
	char stream[64];

	fstat(STDERR_FILENO, &status);
	snprintf(stream, sizeof stream, "%llu:%llu", (unsigned long long)status.st_dev, (unsigned long long)status.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_line(LOG_LEVEL_ERROR, "late", NULL);
	assert_memory_equal(written(), "<3>time=", 8);
}

static void writes_no_priority_when_the_stream_is_another(void **unused)
{
	(void)unused;
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_line(LOG_LEVEL_ERROR, "late", NULL);
	assert_memory_equal(written(), "time=", 5);
}

static void finds_levels_by_name(void **unused)
{
	(void)unused;
	enum log_level level = LOG_LEVEL_DEBUG;

	assert_true(log_level_find("notice", &level));
	assert_int_equal(level, LOG_LEVEL_NOTICE);
	assert_false(log_level_find("loud", &level));
	assert_int_equal(level, LOG_LEVEL_NOTICE);
}

static void numbers_live_through_sixteen_calls(void **unused)
{
	(void)unused;
	const char *first = log_number(INT64_MIN);

	for (int i = 0; i < 15; i++)
		log_number(i);
	assert_string_equal(first, "-9223372036854775808");
}

#define captured_test(name) cmocka_unit_test_setup_teardown(name, capture, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		captured_test(writes_pairs_in_order),
		captured_test(quotes_blanks_quotes_and_controls),
		captured_test(keeps_utf8_and_escapes_what_is_not),
		captured_test(leaves_out_lower_levels),
		captured_test(names_the_program),
		captured_test(ends_at_a_missing_value),
		captured_test(writes_priority_for_the_systemd_journal),
		captured_test(writes_no_priority_when_the_stream_is_another),
		cmocka_unit_test(finds_levels_by_name),
		cmocka_unit_test(numbers_live_through_sixteen_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
