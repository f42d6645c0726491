/* Which records leave the journal, and what stays of them. A record leaves when it is older than the policy's retention. Of what leaves, the
 * journal keeps readable: every policy (cases name the version of each promise), and the records of cases that still live, or in whose life something
 * happened later. A case is over when its last record leaves: then what was kept of it goes too, and its caller's name, phone and contact.
 *
 * Invariant: the kept records of a case are a chain, each naming the one before it, that ends at the oldest of its records in the journal, or at its
 * last one. So the first record of a case that leaves for good takes the whole chain with it. */
#include "engine/inside.h"

/* The time of a record; INT64_MAX when it cannot be read: it stays. */
static int64_t time_of(struct engine *engine, int64_t seq)
{
	return journal_record(engine, seq, &engine->scratch) ? record_get(&engine->scratch, at, INT64_MAX) : INT64_MAX;
}

/* Times never fall along the journal. */
static int64_t last_before(struct engine *engine, int64_t time, int64_t low, int64_t high)
{
	while (low < high) {
		int64_t middle = low + (high - low + 1) / 2;
		if (time_of(engine, middle) < time)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

int64_t prune_limit(struct engine *engine)
{
	const struct policy *policy = state_policy(engine->state);
	int64_t high = engine->journal->last_seq - 1, reached = archive_reached(engine->archive);

	if (!policy || !policy->retention_ms || engine->journal->ops->read_begin(engine->journal))
		return 0;
	if (reached < high)
		high = reached;
	int64_t limit = last_before(engine, engine->now - policy->retention_ms, engine->journal->first_seq - 1, high);
	engine->journal->ops->read_end(engine->journal);
	return limit;
}

/* What is known of a case, wherever it is. ret_row: casefile_release it. False: nothing. */
static bool case_of(struct engine *engine, int64_t number, struct casefile *ret_row)
{
	const struct casefile *casefile = state_case(engine->state, number);
	struct archive_reader *reader;
	struct span value, ref;
	char key[8];

	if (casefile) {
		buf_clear(&engine->encoded);
		casefile_write(&engine->encoded, casefile);
		return casefile_read(buf_span(&engine->encoded), ret_row, &ref);
	}
	number_key(key, number);
	reader = archive_read_begin(engine->archive);
	bool found = reader && archive_get(reader, TABLE_CASES, (struct span){key, sizeof key}, &value) && casefile_read(value, ret_row, &ref);
	archive_read_end(reader);
	return found;
}

/* Closed, and its last record leaves. A merged case ends with the one that carries its work, once its own caller needs not be called any more. */
static bool is_over(struct engine *engine, const struct casefile *row, int64_t until)
{
	const struct details *details = casefile_details(row);
	struct casefile master;

	if (row->state != STATE_closed || row->last_seq > until)
		return false;
	if (!details->master)
		return true;
	if (details->call_at != -1 || !case_of(engine, details->master, &master))
		return false;
	bool over = master.state == STATE_closed && master.last_seq <= until;
	casefile_release(&master);
	return over;
}

/* What was kept of a case, from this record back. */
static void chain_drop(struct engine *engine, int64_t seq)
{
	struct record event;
	struct span bytes;
	struct flaw flaw;

	while (seq > 0 && engine->journal->ops->kept_read(engine->journal, seq, &bytes) == 0) {
		engine->journal->ops->unkeep(engine->journal, seq);
		seq = codec_read_lenient(bytes, &event, &flaw) == 0 ? record_get(&event, previous, 0) : 0;
	}
}

static void private_destroy(struct engine *engine, int64_t number)
{
	if (engine->journal->ops->private_put(engine->journal, number, (struct span){0}))
		round_fault(engine, "a caller's contact could not be destroyed");
}

/* A case that was merged into one that is over lived as long as that one, and may have no later record of its own. */
static void followers_end(struct engine *engine, const struct casefile *row, int64_t until)
{
	const struct details *details = casefile_details(row);
	struct casefile follower;

	for (uint32_t i = 0; i < details->follower_count; i++) {
		if (!case_of(engine, details->followers[i], &follower))
			continue;
		if (is_over(engine, &follower, until) && follower.last_seq < row->last_seq) {
			chain_drop(engine, follower.last_seq);
			private_destroy(engine, follower.number);
		}
		casefile_release(&follower);
	}
}

/* True when the record stays readable. */
static bool record_wanted(struct engine *engine, int64_t seq, const struct record *event, int64_t until)
{
	struct casefile row;
	bool over;

	if (event->event == EVENT_policy_adopted)
		return true;
	if (!record_has(event, case_id) || !record_has(event, path))
		return false;
	if (!case_of(engine, event->case_id, &row))
		return true; /* there is no such case: whatever it is, it is not ours to take */
	over = is_over(engine, &row, until);
	if (over)
		chain_drop(engine, record_get(event, previous, 0));
	if (over && row.last_seq == seq) {
		private_destroy(engine, row.number);
		followers_end(engine, &row, until);
	}
	casefile_release(&row);
	return !over;
}

void prune_slice(struct engine *engine, int64_t until, int64_t most)
{
	struct record *event = &engine->scratch;
	int64_t first = engine->journal->first_seq;

	if (engine->journal->ops->read_begin(engine->journal)) {
		round_fault(engine, "the journal cannot be read");
		return;
	}
	for (int64_t seq = first; seq < first + most && !engine->fault[0]; seq++) {
		bool keep = !journal_record(engine, seq, event) || record_wanted(engine, seq, event, until);
		if (engine->journal->ops->prune(engine->journal, seq, keep))
			round_fault(engine, "a record could not be pruned");
		engine->dirty_journal++;
	}
	engine->journal->ops->read_end(engine->journal);
}

bool prune_took_contact(struct engine *engine, const struct casefile *casefile)
{
	struct span row;

	if (!casefile->contact || casefile->first_seq >= engine->journal->first_seq || engine->journal->ops->read_begin(engine->journal))
		return false;
	bool gone = engine->journal->ops->private_get(engine->journal, casefile->number, &row) == JOURNAL_MISSING;
	engine->journal->ops->read_end(engine->journal);
	return gone;
}
