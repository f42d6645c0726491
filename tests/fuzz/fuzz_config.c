/* reeved.yaml: a configuration is taken, or every problem has its place and words; what was refused is freed like what was taken. */
#include "config.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings settings;
	struct config_problems problems = {0};
	bool taken = config_read((struct span){(const char *)data, size}, &settings, &problems);

	FUZZ_CHECK(taken == (problems.count == 0), "taken with problems, or refused without");
	for (size_t i = 0; i < problems.count; i++)
		FUZZ_CHECK(problems.rows[i].message[0] && problems.rows[i].row >= 0 && problems.rows[i].column >= 0, "a problem without place or words");
	for (size_t i = 0; taken && i < setting_row_count; i++) {
		const struct setting_row *row = &setting_rows[i];
		if (row->type == SETTING_TYPE_TEXT || row->type == SETTING_TYPE_WORD)
			continue;
		int64_t value = *(const int64_t *)((const char *)&settings + row->offset);
		FUZZ_CHECK(value >= row->smallest && value <= row->largest, "%s.%s is %lld", row->section, row->name, (long long)value);
	}
	config_problems_free(&problems);
	settings_free(&settings);
	return 0;
}
