/* What must hold in an engine whatever it was told: counts, credit, replay, and outputs that can be read and hold nothing private. */
#include "tests/fuzz/stage.h"

#include <stdlib.h>
#include <string.h>

struct recount {
	int64_t open;
	int64_t *held; /* by name of the unit */
};

static void recount_case(void *context, const struct casefile *casefile)
{
	struct recount *recount = context;
	bool waits = casefile->unit || casefile->attention || casefile->task;

	recount->open++;
	if (casefile->unit && casefile->state >= STATE_dispatched)
		recount->held[casefile->unit]++;
	for (int slot = 0; !waits && slot < TIMER_SLOTS; slot++)
		waits = casefile_timer(casefile, slot) != 0;
	FUZZ_CHECK(waits, "case %lld is open and waits for nothing", (long long)casefile->number);
	FUZZ_CHECK(!casefile->task || casefile_timer(casefile, TIMER_WORK), "case %lld waits for a worker without an end", (long long)casefile->number);
}

static void rules_counts(const struct engine *engine)
{
	const struct state *state = engine->state;
	struct recount recount = {.held = must_calloc((size_t)state_interned_count(state) + 1, sizeof(int64_t))};

	state_each_open(state, recount_case, &recount);
	FUZZ_CHECK(recount.open == state_open_cases(state), "%lld cases are open, not %lld", (long long)recount.open, (long long)state_open_cases(state));
	for (uint32_t unit = 1; unit <= state_interned_count(state); unit++)
		FUZZ_CHECK(recount.held[unit] == state_unit_open(state, unit), "unit %u holds %lld, not %lld", unit, (long long)recount.held[unit], (long long)state_unit_open(state, unit));
	free(recount.held);
}

static void rules_peers(const struct engine *engine)
{
	int64_t waiting = 0, leased = 0;

	for (const struct peer *peer = engine->peers; peer; peer = peer->hh.next) {
		FUZZ_CHECK(peer->requests >= 0 && peer->bytes >= 0 && peer->waiting >= 0 && peer->waiting_bytes >= 0, "a peer's account is below zero");
		FUZZ_CHECK(peer->waiting <= peer->requests, "more of a peer's requests wait than it has");
		waiting += peer->waiting;
	}
	FUZZ_CHECK(waiting == engine->queries.count + engine->driven_commands.count, "%lld requests wait, and peers are charged for %lld",
		(long long)(engine->queries.count + engine->driven_commands.count), (long long)waiting);
	for (const struct worker *worker = engine->workers; worker; worker = worker->hh.next) {
		FUZZ_CHECK(worker->credit >= 0 && worker->leased >= 0, "a worker's credit is %lld, its leases %lld", (long long)worker->credit, (long long)worker->leased);
		leased += worker->leased;
	}
	FUZZ_CHECK(leased == (int64_t)HASH_COUNT(engine->leases), "%lld tasks are leased and %lld held", (long long)HASH_COUNT(engine->leases), (long long)leased);
}

void rules_engine(const struct engine *engine)
{
	FUZZ_CHECK(!engine->fault[0], "fault: %s", engine->fault);
	rules_counts(engine);
	rules_peers(engine);
}

static void same_state(const struct engine *engine, struct journal *journal, struct archive *archive, const struct settings *settings, int64_t now, const char *what)
{
	unsigned char here[32], there[32];
	char error[400] = "";
	struct engine *other = engine_open(settings, journal, archive, now, error, sizeof error);

	FUZZ_CHECK(other, "its own journal is refused %s: %s", what, error);
	engine_digest(engine, here);
	engine_digest(other, there);
	FUZZ_CHECK(!memcmp(here, there, sizeof here), "the state differs when it is read again %s", what);
	rules_counts(other);
	engine_close(other);
}

void rules_replay(const struct engine *engine, struct journal *journal, struct archive *archive, const struct settings *settings, int64_t now)
{
	struct archive *empty = stand_in_open();
	int64_t bad = 0;

	FUZZ_CHECK(journal_verify(journal, 1, journal->last_seq, &bad) == 0, "journal record %lld is broken", (long long)bad);
	FUZZ_CHECK(journal->last_seq == state_last_seq(engine->state), "the state is at %lld, the journal at %lld", (long long)state_last_seq(engine->state), (long long)journal->last_seq);
	same_state(engine, journal, empty, settings, now, "from the journal");
	stand_in_close(empty);
	stand_in_crash(archive);
	same_state(engine, journal, archive, settings, now, "from archive and journal");
}

bool rules_marked(struct span bytes)
{
	return bytes.len && memmem(bytes.data, bytes.len, RULES_MARK, sizeof RULES_MARK - 1);
}

void rules_output(const struct engine_output *output, struct record *ret_record)
{
	static const struct frame_limits limits = {.bytes = 1 << 26, .objects = 1 << 20, .depth = 8, .nodes = 1 << 24};
	struct span rest = output->payload, map;
	struct flaw flaw;
	size_t objects;

	FUZZ_CHECK(frame_scan(output->payload, &limits, &objects, &flaw) == 0, "what goes out is no frame: %s", flaw.detail);
	while (frame_next(&rest, &map))
		FUZZ_CHECK(codec_read_lenient(map, ret_record, &flaw) == 0, "what goes out cannot be read: %s: %s", flaw.name, flaw.detail);
	if (output->door == DOOR_FEED || output->door == DOOR_WORK)
		FUZZ_CHECK(!rules_marked(output->payload), "something private is shown");
}
