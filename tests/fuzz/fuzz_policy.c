/* Arbitrary sets of policy files: either findings that name file and place, or a policy that can be asked, compared and described.
 * The input: for each file a byte for its name (0 to 10 by turns) and its text up to a line "=====". */
#include <stdlib.h>
#include <string.h>

#include "policy/compare.h"
#include "policy/compile.h"
#include "schema/text.h"
#include "tests/fuzz/fuzz.h"

#define FILES_MOST 16
static const char *const names[] = {"policy.yaml", "areas.csv", "categories.csv", "units.csv", "catalogue.csv", "calendars.yaml", "clocks.yaml", "ladders.yaml",
	"duties.csv", "admissions.csv", "other.csv"};
#define NAMES (sizeof names / sizeof *names)
static const char border[] = "\n=====\n";

static size_t files_cut(struct span input, struct policy_file files[FILES_MOST])
{
	size_t count = 0;

	while (input.len && count < FILES_MOST) {
		const char *end;
		files[count].name = span_of(names[(unsigned char)*input.data % 16 < NAMES ? (unsigned char)*input.data % 16 : NAMES - 1]);
		input.data++;
		input.len--;
		end = input.len ? memmem(input.data, input.len, border, sizeof border - 1) : NULL;
		files[count].content = (struct span){input.data, end ? (size_t)(end - input.data) + 1 : input.len};
		size_t used = end ? (size_t)(end - input.data) + sizeof border - 1 : input.len;
		input.data += used;
		input.len -= used;
		count++;
	}
	return count;
}

static void limits_ask(const struct policy *policy)
{
	int64_t due;

	for (size_t i = 0; i < policy->limit_count; i++) {
		const struct limit *limit = &policy->limits[i];
		const struct calendar *calendar = limit->calendar >= 0 ? &policy->calendars[limit->calendar] : NULL;
		if (calendar && limit_at(limit, calendar, INT64_C(1790000000000), 100, &due) == 0)
			FUZZ_CHECK(due >= INT64_C(1790000000000), "a promise is due before it begins");
	}
}

static void findings_check(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		FUZZ_CHECK(findings->rows[i].message && findings->rows[i].message[0], "a finding without words");
		FUZZ_CHECK(findings->rows[i].row >= 0 && findings->rows[i].column >= 0, "a finding at a place that is none");
		FUZZ_CHECK(text_is_clean(span_of(findings->rows[i].message)), "a finding in words that are not clean UTF-8");
	}
}

/* The same files make the same policy. */
static void twin_check(const struct policy *policy, const struct policy_file *files, size_t count)
{
	struct findings again = {0};
	struct changes changes = {0};
	struct policy *twin = policy_compile(files, count, &again);

	FUZZ_CHECK(twin, "taken once and refused then");
	policy_compare(policy, twin, &changes);
	FUZZ_CHECK(changes.count == 0, "a policy differs from itself: %s", changes.rows[0].message);
	changes_free(&changes);
	policy_free(twin);
	findings_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy_file files[FILES_MOST];
	struct findings findings = {0}, more = {0};
	size_t count = files_cut((struct span){(const char *)data, size}, files);
	struct policy *policy = policy_compile(files, count, &findings);

	findings_check(&findings);
	FUZZ_CHECK(!policy == (findings.errors > 0), "a policy with %zu errors, or none without", findings.errors);
	if (policy) {
		limits_ask(policy);
		policy_review(policy, INT64_C(1790000000000), &more);
		findings_check(&more);
		if (*data & 0x40) /* compiling takes long: not each time */
			twin_check(policy, files, count);
	}
	policy_free(policy);
	findings_free(&findings);
	findings_free(&more);
	return 0;
}
