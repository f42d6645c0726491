/* Numbers and times in words: case numbers, instants, moments and durations of the command line, sizes and times of the configuration.
 * What is understood is understood the same when it is written again. */
#include <string.h>

#include "base/case_number.h"
#include "clients/cli/moment.h"
#include "config.h"
#include "schema/instant.h"
#include "schema/text.h"
#include "tests/fuzz/fuzz.h"

static void case_number_check(struct span text)
{
	char written[CASE_NUMBER_TEXT];
	int64_t number, again;

	if (!case_number_read(text, &number))
		return;
	FUZZ_CHECK(number >= 0 && number <= CASE_NUMBER_MAX, "case number %lld is out of range", (long long)number);
	case_number_write(number, written);
	FUZZ_CHECK(case_number_read(span_of(written), &again) && again == number, "case number %lld reads back as %lld", (long long)number, (long long)again);
}

static void instant_check(struct span text)
{
	char written[INSTANT_TEXT], more[MOMENT_TEXT];
	int64_t at, again;

	if (instant_read(text, &at)) {
		FUZZ_CHECK(at >= INSTANT_FIRST && at <= INSTANT_LAST, "instant %lld is out of range", (long long)at);
		instant_write(at, written);
		FUZZ_CHECK(instant_read(span_of(written), &again) && again == at, "%s reads back as %lld", written, (long long)again);
	}
	for (int zone = 0; zone < 3; zone++) {
		const char *name = (const char *[]){"UTC", "Asia/Shanghai", "Australia/Lord_Howe"}[zone];
		if (moment_read(text, name, &at))
			moment_write(at, name, more);
	}
}

static void size_check(struct span text)
{
	char written[32], wrong[200];
	int64_t number, again;

	for (int type = SETTING_TYPE_COUNT; type <= SETTING_TYPE_MS; type++)
		if (config_number_read(text, (enum setting_type)type, &number, wrong, sizeof wrong)) {
			config_number_write(number, (enum setting_type)type, written);
			FUZZ_CHECK(config_number_read(span_of(written), (enum setting_type)type, &again, wrong, sizeof wrong) && again == number,
				"%lld reads back as %lld", (long long)number, (long long)again);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size};
	char tame[100], duration[DURATION_TEXT];
	int64_t ms;

	case_number_check(text);
	instant_check(text);
	size_check(text);
	if (moment_duration_read(text, &ms))
		duration_write(ms, duration);
	text_tame(text, tame, sizeof tame);
	FUZZ_CHECK(text_is_clean(span_of(tame)), "tamed text is not clean");
	return 0;
}
