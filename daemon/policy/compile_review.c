/* What is allowed but probably not meant. Runs on a finished policy and only adds warnings. Owns nothing. */
#include <stdlib.h>

#include "policy/compiler.h"

/* An area whose cases nobody takes when the catalogue is silent, and where no unit has its seat above or in it. */
static void areas_review(struct compiler *compiler)
{
	const struct policy *policy = compiler->policy;
	bool *served = must_calloc(policy->area_count, sizeof *served);

	for (size_t i = 0; i < policy->unit_count; i++)
		served[policy->units[i].area] = true;
	for (size_t i = 0; i < policy->area_count; i++) {
		int at = (int)i;
		while (at >= 0 && !served[at])
			at = policy->areas[at].parent;
		if (policy->areas[i].duty_desk < 0)
			finding_warning(compiler->findings, (struct place){.file = "areas.csv"}, "area '%.*s' has no duty desk, nor has any area above it: a case that nobody takes waits for people there",
				(int)policy->areas[i].code.len, policy->areas[i].code.data);
		else if (at < 0)
			finding_warning(compiler->findings, (struct place){.file = "units.csv"}, "no unit serves area '%.*s': give one a seat there or above", (int)policy->areas[i].code.len,
				policy->areas[i].code.data);
	}
	free(served);
}

static bool rung_heard(const struct policy *policy, const struct rung *rung)
{
	for (size_t i = 0; i < policy->duty_count; i++)
		if (policy->areas[policy->duties[i].area].level == rung->level && span_equal(policy->duties[i].role, rung->role))
			return true;
	return false;
}

static void ladders_review(struct compiler *compiler)
{
	const struct policy *policy = compiler->policy;

	for (size_t i = 0; i < policy->ladder_count; i++)
		for (size_t j = 0; j < policy->ladders[i].rung_count; j++) {
			const struct ladder *ladder = &policy->ladders[i];
			const struct rung *rung = &ladder->rungs[j];
			if (!rung_heard(policy, rung))
				finding_warning(compiler->findings, (struct place){.file = "ladders.yaml"}, "ladder '%.*s', rung %zu: no duty in duties.csv has the role '%.*s' at level '%.*s', so nobody hears it",
					(int)ladder->name.len, ladder->name.data, j + 1, (int)rung->role.len, rung->role.data, (int)policy->levels[rung->level].len,
					policy->levels[rung->level].data);
		}
}

void compile_review(struct compiler *compiler)
{
	areas_review(compiler);
	ladders_review(compiler);
}
