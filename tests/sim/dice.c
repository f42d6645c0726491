/* Chance. Every number comes from the seed, the step and how many were thrown in this step, never from a running generator: so a step that is left
 * out takes nothing away from the others. */
#include "tests/sim/sim.h"

static uint64_t mix(uint64_t value)
{
	/* splitmix64: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators, 2014 */
	value += 0x9e3779b97f4a7c15ull;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ull;
	value = (value ^ value >> 27) * 0x94d049bb133111ebull;
	return value ^ value >> 31;
}

uint64_t dice(uint64_t below)
{
	uint64_t value = mix(mix(mix(sim->plan.seed) + (uint64_t)sim->step) + sim->rolls++);

	return below ? value % below : 0;
}

int64_t dice_spread(int64_t low, int64_t high)
{
	int bits = 0;

	while (bits < 62 && (high - low) >> bits)
		bits++;
	int64_t most = INT64_C(1) << dice((uint64_t)bits + 1);
	int64_t value = low + (int64_t)dice((uint64_t)most);
	return value > high ? high : value;
}

static const struct {
	uint16_t per_mille;
	const char *words;
} faults[] = {
#define FAULT(name, per_mille, words) {per_mille, words},
#include "tests/sim/faults.def"
};

const char *fault_words(enum fault fault)
{
	return faults[fault].words;
}

/* Always throws, so that a kind of fault that is switched off leaves the rest of the step as it is. */
bool fault_happens(enum fault fault)
{
	bool hit = dice(1000) < sim->rates[fault];

	return hit && sim->faulty && sim->plan.faults >> fault & 1;
}

void dice_rates(void)
{
	static const uint16_t tenths[] = {0, 0, 0, 2, 10, 10, 10, 25, 60};
	bool calm = dice(20) == 0;

	for (int fault = 0; fault < FAULT_COUNT; fault++) {
		unsigned rate = faults[fault].per_mille * tenths[dice(sizeof tenths / sizeof *tenths)] / 10u;
		sim->rates[fault] = (uint16_t)(calm ? 0 : rate > 1000 ? 1000 : rate);
	}
}
