/* "Why is it due then?": each clock of a case as counted and uncounted intervals, from its start to its due time, with the
 * lines of the policy behind it. The last interval ends at the stored due time. */
#include "engine/inside.h"

#include <stdio.h>

#define PAUSES_MOST 32

/* When the case was suspended, newest first: its clocks stood still. */
struct pauses {
	int64_t from[PAUSES_MOST], to[PAUSES_MOST];
	int count;
	int64_t lacks; /* a record that would have to be read, and was pruned; 0: none */
};

struct explanation {
	struct list_writer list;
	const struct pauses *pauses;
	int64_t end;
};

/* Walks back along the events of the case. */
static void pauses_read(struct engine *engine, const struct casefile *casefile, struct pauses *ret)
{
	struct record *event = &engine->scratch;
	int64_t seq = casefile->last_seq, end = engine->now;

	ret->count = 0;
	ret->lacks = 0;
	while (casefile->details && seq > 0 && ret->count < PAUSES_MOST && journal_record(engine, seq, event)) {
		if (event->event == EVENT_case_resumed || event->event == EVENT_case_closed)
			end = event->at;
		if (event->event == EVENT_case_suspended) {
			ret->from[ret->count] = event->at;
			ret->to[ret->count++] = end;
		}
		seq = record_get(event, previous, 0);
	}
	if (casefile->details && ret->count < PAUSES_MOST)
		ret->lacks = seq;
}

static void interval_write(struct explanation *explanation, int64_t from, int64_t to, bool counted)
{
	struct record one;

	if (from >= to)
		return;
	record_clear(&one);
	record_set(&one, from, from);
	record_set(&one, to, to);
	record_set(&one, counted, counted);
	list_add(&explanation->list, &one);
	explanation->end = to;
}

/* What counts for the limit does not count while the case is suspended. */
static void interval_add(void *context, int64_t from, int64_t to, bool counted)
{
	struct explanation *explanation = context;

	for (int i = explanation->pauses->count; counted && i-- > 0;) {
		int64_t begin = explanation->pauses->from[i], end = explanation->pauses->to[i];
		if (end <= from || begin >= to)
			continue;
		interval_write(explanation, from, begin > from ? begin : from, true);
		interval_write(explanation, begin > from ? begin : from, end < to ? end : to, false);
		from = end < to ? end : to;
	}
	interval_write(explanation, from, to, counted);
}

static struct span lines_of(struct engine *engine, const struct policy *policy, const struct casefile *casefile, const struct sla *sla, int limit,
	char *text, size_t size)
{
	int category = casefile->category ? policy_category(policy, state_text(engine->state, casefile->category)) : -1;
	int area = policy_area(policy, state_text(engine->state, casefile->area));
	struct span row = {0};
	int now = area < 0 ? -1 : sla->kind == CLOCK_promise ? policy_promise(policy, category, area, casefile->urgency, &row)
		: policy_stage_limit(policy, sla->kind, category, area, casefile->urgency, &row);
	struct span line = policy->limits[limit].line;

	if (now == limit && row.len)
		snprintf(text, size, "%.*s, %.*s", (int)row.len, row.data, (int)line.len, line.data);
	else
		snprintf(text, size, "%.*s", (int)line.len, line.data);
	return span_of(text);
}

static void clock_add(struct engine *engine, const struct casefile *casefile, const struct sla *sla, const struct pauses *pauses, struct list_writer *clocks)
{
	const struct policy *policy = state_policy_of(engine->state, sla->policy);
	int limit = policy ? policy_limit(policy, state_text(engine->state, sla->limit)) : -1;
	struct explanation explanation = {.pauses = pauses};
	struct buf intervals = {0};
	struct record one;
	char text[128];

	record_clear(&one);
	record_set(&one, clock, sla->kind);
	record_set(&one, limit, state_text(engine->state, sla->limit));
	record_set(&one, start, sla->start);
	record_set(&one, warn, sla->warn);
	record_set(&one, due, sla->due);
	record_set(&one, policy, sla->policy);
	record_set(&one, running, casefile->state != STATE_closed);
	record_set(&one, warned, sla->warned);
	record_set(&one, breached, sla->breached);
	list_begin(&explanation.list, &intervals, CODEC_NAMES);
	if (limit >= 0) {
		record_set(&one, line, lines_of(engine, policy, casefile, sla, limit, text, sizeof text));
		limit_intervals(&policy->limits[limit], &policy->calendars[policy->limits[limit].calendar], sla->start, sla->due, interval_add, &explanation);
	}
	record_set(&one, intervals, list_end(&explanation.list));
	list_add(clocks, &one);
	buf_free(&intervals);
}

/* An old case's clocks were set by policies that nothing else needs: they are there as long as they are asked. */
static int policies_borrow(struct engine *engine, const struct casefile *casefile, int64_t versions[SLA_ALL + 1])
{
	char error[300];
	int count = 0;

	while ((versions[count] = state_missing_policy(engine->state, casefile)) && adopt_version(engine, versions[count], error, sizeof error))
		count++;
	return count;
}

void query_explain(struct engine *engine, const struct caller *caller)
{
	const struct casefile *casefile = query_case(engine, caller);
	int64_t borrowed[SLA_ALL + 1];
	struct list_writer clocks;
	struct pauses pauses;
	struct buf buf = {0};
	struct record reply;

	if (!casefile || engine->journal->ops->read_begin(engine->journal))
		return;
	int borrowed_count = policies_borrow(engine, casefile, borrowed);
	pauses_read(engine, casefile, &pauses);
	list_begin(&clocks, &buf, CODEC_NAMES);
	for (int slot = 0; slot < SLA_ALL; slot++) {
		const struct sla *sla = casefile_sla(casefile, slot);
		if (sla && sla->limit)
			clock_add(engine, casefile, sla, &pauses, &clocks);
	}
	reply_begin(caller, &reply);
	record_set(&reply, case_id, casefile->number);
	record_set(&reply, now, engine->now);
	record_set(&reply, state, casefile->state);
	record_set(&reply, clocks, list_end(&clocks));
	prune_into(engine, &reply, pauses.lacks);
	peer_send(engine, caller->peer, &reply);
	buf_free(&buf);
	while (borrowed_count > 0)
		state_drop_policy(engine->state, borrowed[--borrowed_count]);
	engine->journal->ops->read_end(engine->journal);
}
