/* What was pruned is not lost: every record below the journal's first is in a segment whose chain leads there. Owns nothing but what it opens. */
#include "tests/storage/check_inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/segment.h"

/* Reading segments: `next` is the record that comes next. */
struct following {
	struct reference *reference;
	bool fills; /* into the reference instead of comparing with it */
	int64_t next, below;
};

static bool follow(void *context, int64_t seq, struct span record, const unsigned char hash[JOURNAL_HASH_BYTES])
{
	struct following *following = context;

	if (seq != following->next || seq >= following->below)
		return false;
	if (following->fills) {
		struct stored *stored = &following->reference->records[seq - 1];
		stored->bytes = span_dup(record);
		stored->len = record.len;
		memcpy(stored->hash, hash, JOURNAL_HASH_BYTES);
	} else if (!record_is(following->reference, seq, record, hash)) {
		return false;
	}
	following->next++;
	return true;
}

/* True: every record below the journal's first came. */
static bool segments_follow(struct following *following, struct journal *journal, const char *state, char *error, size_t error_size)
{
	struct segments segments = {0};
	bool good = true;

	following->below = journal->first_seq;
	segments_find(&segments, state, journal);
	for (size_t i = 0; i < segments.count && good; i++)
		good = segment_read(segments.directory, &segments.rows[i], segments.rows[i].from, follow, following, error, error_size) == 0;
	segments_free(&segments);
	return good && following->next == journal->first_seq;
}

bool segments_into(struct reference *reference, struct journal *journal, const char *state, char *error, size_t error_size)
{
	struct following following = {.reference = reference, .fills = true, .next = 1};

	return segments_follow(&following, journal, state, error, error_size);
}

static bool kept_hold(struct looking *looking, struct journal *journal)
{
	struct span record;

	if (journal->ops->read_begin(journal))
		return wrong(looking, "%s", journal->error);
	for (int64_t seq = 1; seq < journal->first_seq && !looking->verdict->why[0]; seq++) {
		int found = journal->ops->kept_read(journal, seq, &record);
		const struct stored *stored = &looking->reference->records[seq - 1];
		if ((found == 0) != plain_keeps(seq) || (found == 0 && !span_equal(record, (struct span){stored->bytes, stored->len})))
			wrong(looking, "record %" PRId64 " was pruned, and is %s kept", seq, found == 0 ? "wrongly" : "not");
	}
	journal->ops->read_end(journal);
	return !looking->verdict->why[0];
}

bool segments_hold(struct looking *looking, struct journal *journal)
{
	struct following following = {.reference = (struct reference *)looking->reference, .next = 1};
	char error[512] = "";

	if (!segments_follow(&following, journal, looking->state, error, sizeof error))
		return wrong(looking, "the journal begins with record %" PRId64 ", and record %" PRId64 " is in no segment: %s", journal->first_seq, following.next, error);
	return kept_hold(looking, journal);
}

static int segment_make(struct looking *looking, int64_t to, char *error, size_t error_size)
{
	struct segment_job *job = segment_job_start(looking->journal, looking->state, to, error, error_size);
	struct segment_job_state state;

	if (!job)
		return -1;
	do {
		usleep(100);
		segment_job_poll(job, &state);
	} while (!state.over);
	memcpy(error, state.error, error_size < sizeof state.error ? error_size : sizeof state.error);
	segment_job_end(job);
	return state.failed ? -1 : 0;
}

bool pruning_goes_on(struct looking *looking)
{
	struct journal *journal = looking->journal;
	struct segments segments = {0};
	char error[512] = "";
	int64_t to = journal->last_seq - 1;

	if (to < journal->first_seq)
		return true;
	segments_find(&segments, looking->state, journal);
	const struct segment *half = segments_with(&segments, journal->first_seq);
	to = half ? half->to : to;
	bool found = half != NULL;
	segments_free(&segments);
	if (!found && segment_make(looking, to, error, sizeof error))
		return wrong(looking, "no new segment: %s", error);
	for (int64_t seq = journal->first_seq; seq <= to; seq++)
		if (journal->ops->prune(journal, seq, plain_keeps(seq)))
			return wrong(looking, "pruning does not go on: %s", journal->error);
	if (journal->ops->commit(journal))
		return wrong(looking, "pruning does not go on: %s", journal->error);
	return journal->first_seq == to + 1 || wrong(looking, "pruning went on to %" PRId64 ", and the journal begins with %" PRId64, to, journal->first_seq);
}
