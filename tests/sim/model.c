/* The naive model: what outsiders were told, held against the journal. Keeps what was asked, what was answered, and every event as bytes.
 * Knows nothing of how the engine works; see model.h. */
#include "tests/sim/model_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/codec.h"

/* ---- small things ---- */

void model_complain(struct model *model, const char *format, ...)
{
	va_list arguments;

	if (model->complaint[0])
		return;
	va_start(arguments, format);
	vsnprintf(model->complaint, sizeof model->complaint, format, arguments);
	va_end(arguments);
}

const char *model_complaint(const struct model *model)
{
	return model->complaint[0] ? model->complaint : NULL;
}

void index_add(struct index *index, uint64_t key, int64_t value)
{
	int64_t *head = &index->heads[key % (sizeof index->heads / sizeof *index->heads)];

	if (index->count + 1 >= index->room) {
		index->room = index->room ? index->room * 2 : 64;
		index->links = must_realloc(index->links, (size_t)index->room * sizeof *index->links);
	}
	index->links[++index->count] = (struct index_link){key, value, *head};
	*head = index->count;
}

int64_t index_after(const struct index *index, uint64_t key, int64_t link)
{
	link = link ? index->links[link].next : index->heads[key % (sizeof index->heads / sizeof *index->heads)];
	while (link && index->links[link].key != key)
		link = index->links[link].next;
	return link;
}

void index_clear(struct index *index)
{
	free(index->links);
	*index = (struct index){0};
}

void *model_grow(void *array, int64_t *count, int64_t *room, size_t size)
{
	if (*count == *room) {
		*room = *room ? *room * 2 : 64;
		array = must_realloc(array, (size_t)*room * size);
	}
	memset((char *)array + (size_t)*count * size, 0, size);
	++*count;
	return array;
}

uint64_t hash_text(struct span text)
{
	return span_hash(text) | 1;
}

uint64_t hash_ref(struct span source, struct span ref)
{
	return (span_hash(source) * 1099511628211u ^ span_hash(ref)) | 1;
}

int word_of(struct model *model, struct span text)
{
	uint64_t key = hash_text(text);
	struct word_known *word;

	if (!text.len)
		return 0;
	for (int64_t link = 0; (link = index_after(&model->word_index, key, link));)
		if (span_equal(word_text(model, (int)model->word_index.links[link].value), text))
			return (int)model->word_index.links[link].value;
	if (model->word_count + 1 >= model->word_room) {
		model->word_room = model->word_room ? model->word_room * 2 : 128;
		model->words = must_realloc(model->words, (size_t)model->word_room * sizeof *model->words);
		model->words[0] = (struct word_known){0};
	}
	word = &model->words[++model->word_count];
	*word = (struct word_known){.text = span_dup(text), .len = text.len};
	index_add(&model->word_index, key, model->word_count);
	return model->word_count;
}

struct span word_text(const struct model *model, int word)
{
	return word ? (struct span){model->words[word].text, model->words[word].len} : (struct span){"", 0};
}

struct account *account_of(const struct model *model, int64_t number)
{
	return number > 0 && number <= model->case_count ? model->cases[number] : NULL;
}

void account_touch(struct model *model, struct account *account)
{
	if (account->touched)
		return;
	account->touched = true;
	model->touched = model_grow(model->touched, &model->touched_count, &model->touched_room, sizeof *model->touched);
	model->touched[model->touched_count - 1] = account->number;
}

bool heard_read(const struct model *model, int64_t seq, struct record *ret)
{
	struct flaw flaw;

	record_clear(ret);
	return seq > 0 && seq <= model->last_seq && codec_read_lenient(buf_span(&model->journal[seq].bytes), ret, &flaw) == 0;
}

/* ---- birth and death ---- */

struct model *model_new(void)
{
	struct model *model = must_calloc(1, sizeof *model);

	model->soonest = INT64_MAX;
	return model;
}

/* All that is made of events. */
static void history_drop(struct model *model)
{
	for (int64_t number = 1; number <= model->case_count; number++) {
		free((char *)model->cases[number]->ref.data);
		free(model->cases[number]);
	}
	for (int word = 1; word <= model->word_count; word++) {
		free(model->words[word].streams);
		model->words[word].streams = NULL;
		model->words[word].unit_open = 0;
		model->words[word].unit_touched = false;
	}
	model->case_count = model->touched_count = model->open = model->last_seq = model->policy = model->last_at = 0;
	model->source_count = model->mute_count = 0;
	index_clear(&model->refs);
	index_clear(&model->notices);
	model->soonest = INT64_MAX;
}

static void subscriber_free(struct subscriber *subscriber)
{
	if (!subscriber)
		return;
	free(subscriber->seen);
	index_clear(&subscriber->streams);
	free(subscriber);
}

void model_end(struct model *model)
{
	if (!model)
		return;
	for (int64_t seq = 1; seq < model->journal_room; seq++) /* a complaint leaves some behind the last one heard */
		buf_free(&model->journal[seq].bytes);
	history_drop(model);
	for (int word = 1; word <= model->word_count; word++)
		free(model->words[word].text);
	for (int i = 0; i < SUBSCRIBERS_MOST; i++)
		subscriber_free(model->subscribers[i]);
	index_clear(&model->word_index);
	index_clear(&model->asked_ids);
	index_clear(&model->asked_refs);
	index_clear(&model->asked_cases);
	buf_free(&model->bytes);
	free(model->words);
	free(model->journal);
	free(model->cases);
	free(model->asked);
	free(model->promised);
	free(model->sources);
	free(model->mutes);
	free(model->touched);
	free(model);
}

/* ---- what was asked ---- */

/* What a command's event may be. The first column of an event that a command answers with. */
static const struct {
	uint8_t command, events[3];
} answers[] = {
	{COMMAND_submit, {EVENT_case_opened}},
	{COMMAND_triage, {EVENT_case_triaged}},
	{COMMAND_triage_result, {EVENT_case_triaged}},
	{COMMAND_dispatch, {EVENT_case_dispatched}},
	{COMMAND_assign_result, {EVENT_case_dispatched}},
	{COMMAND_escalate_result, {EVENT_case_escalated, EVENT_notice_withheld}},
	{COMMAND_sign, {EVENT_case_signed}},
	{COMMAND_report, {EVENT_case_reported}},
	{COMMAND_close, {EVENT_case_closed}},
	{COMMAND_reject, {EVENT_case_closed}},
	{COMMAND_answer, {EVENT_case_closed}},
	{COMMAND_cancel, {EVENT_case_closed}},
	{COMMAND_hand_over, {EVENT_case_closed}},
	{COMMAND_reopen, {EVENT_case_reopened}},
	{COMMAND_acknowledge, {EVENT_escalation_acknowledged}},
	{COMMAND_contact, {EVENT_contact_read}},
	{COMMAND_request_return, {EVENT_return_requested}},
	{COMMAND_request_extension, {EVENT_extension_requested}},
	{COMMAND_request_suspension, {EVENT_suspension_requested}},
	{COMMAND_approve_return, {EVENT_case_returned}},
	{COMMAND_approve_extension, {EVENT_clock_extended}},
	{COMMAND_approve_suspension, {EVENT_case_suspended}},
	{COMMAND_deny, {EVENT_request_denied}},
	{COMMAND_resume, {EVENT_case_resumed}},
	{COMMAND_transfer, {EVENT_case_transferred}},
	{COMMAND_recall, {EVENT_case_recalled}},
	{COMMAND_assist, {EVENT_assistant_added}},
	{COMMAND_assist_report, {EVENT_assistant_reported}},
	{COMMAND_check, {EVENT_case_checked, EVENT_case_closed}},
	{COMMAND_rework, {EVENT_case_reworked}},
	{COMMAND_call_back, {EVENT_case_closed, EVENT_case_redone, EVENT_resident_called}},
	{COMMAND_remind, {EVENT_case_reminded}},
	{COMMAND_supervise, {EVENT_supervision_opened}},
	{COMMAND_supervise_reply, {EVENT_supervision_answered}},
	{COMMAND_supervise_close, {EVENT_supervision_closed}},
	{COMMAND_merge, {EVENT_case_merged}},
	{COMMAND_unmerge, {EVENT_case_unmerged}},
	{COMMAND_seal, {EVENT_case_sealed}},
	{COMMAND_mute_notices, {EVENT_mute_set}},
	{COMMAND_unmute, {EVENT_mute_lifted}},
	{COMMAND_reach, {EVENT_milestone_reached}},
	{COMMAND_policy_apply, {EVENT_policy_adopted}},
};

/* -1: the command changes nothing. */
static int answer_row(int command)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (answers[i].command == command)
			return (int)i;
	return -1;
}

static bool answered_by(int command, int event)
{
	int row = answer_row(command);

	return row >= 0 && (answers[row].events[0] == event || (event && (answers[row].events[1] == event || answers[row].events[2] == event)));
}

static bool case_there(const struct model *model, const struct asked *asked)
{
	if (asked->number)
		return account_of(model, asked->number) != NULL;
	return asked->ref && index_after(&model->refs, asked->ref, 0);
}

void model_asked(struct model *model, const struct record *request)
{
	struct asked *asked;

	if (model->complaint[0])
		return;
	model->asked = model_grow(model->asked, &model->asked_count, &model->asked_room, sizeof *model->asked);
	asked = &model->asked[model->asked_count - 1];
	*asked = (struct asked){
		.command = record_get(request, command, 0),
		.request = record_has(request, request) ? hash_text(request->request) : 0,
		.actor = record_has(request, actor) ? hash_text(request->actor) : 0,
		.ref = record_has(request, source) && record_has(request, source_ref) ? hash_ref(request->source, request->source_ref) : 0,
		.text = record_has(request, text) ? hash_text(request->text) : 0,
		.number = record_get(request, case_id, 0),
		.fence = record_get(request, fence, 0),
		.clock = record_get(request, clock, 0),
		.rung = record_get(request, rung, 0),
		.chosen = request->command == COMMAND_triage_result && record_has(request, category) ? hash_text(request->category)
			: request->command == COMMAND_assign_result && record_has(request, unit) ? hash_text(request->unit) : 0,
	};
	asked->known = case_there(model, asked);
	if (asked->request)
		index_add(&model->asked_ids, asked->request, model->asked_count - 1);
	if (asked->ref)
		index_add(&model->asked_refs, asked->ref, model->asked_count - 1);
	if (asked->number)
		index_add(&model->asked_cases, (uint64_t)asked->number, model->asked_count - 1);
}

static bool report_asked(const struct model *model, const struct record *event)
{
	uint64_t ref = hash_ref(event->source, event->source_ref), text = hash_text(event->text);

	for (int64_t link = 0; (link = index_after(&model->asked_refs, ref, link));) {
		const struct asked *asked = &model->asked[model->asked_refs.links[link].value];
		if (asked->command == COMMAND_submit && asked->text == text)
			return true;
	}
	return false;
}

/* A worker's result counts by the fence of the attempt that runs: a stage's is the case's count of stages. */
static bool result_asked(const struct model *model, const struct account *account, const struct record *event)
{
	uint64_t chosen = event->event == EVENT_case_triaged ? hash_text(event->category) : event->event == EVENT_case_dispatched ? hash_text(event->unit) : 0;

	for (int64_t link = 0; (link = index_after(&model->asked_cases, (uint64_t)event->case_id, link));) {
		const struct asked *asked = &model->asked[model->asked_cases.links[link].value];
		if (!answered_by(asked->command, event->event))
			continue;
		if (asked->command == COMMAND_escalate_result ? asked->clock == event->clock && asked->rung == event->rung
			: asked->fence == account->epoch && asked->chosen == chosen)
			return true;
	}
	return false;
}

static bool request_asked(const struct model *model, const struct record *event)
{
	uint64_t request = hash_text(event->request), actor = record_has(event, actor) ? hash_text(event->actor) : 0;

	for (int64_t link = 0; (link = index_after(&model->asked_ids, request, link));) {
		const struct asked *asked = &model->asked[model->asked_ids.links[link].value];
		if (asked->actor == actor && answered_by(asked->command, event->event))
			return true;
	}
	return false;
}

void event_asked(struct model *model, int64_t seq, const struct record *event)
{
	const struct account *account = account_of(model, record_get(event, case_id, 0));

	if (!model->asked_count)
		return;
	if (event->event == EVENT_case_opened && !report_asked(model, event))
		model_complain(model, "event %lld: nobody submitted the report of case %lld", (long long)seq, (long long)event->case_id);
	if (account && record_has(event, worker) && !result_asked(model, account, event))
		model_complain(model, "event %lld, %s of case %lld: no worker sent this result for the attempt that runs (epoch %lld)", (long long)seq,
			event_name(event->event), (long long)event->case_id, (long long)account->epoch);
	if (record_has(event, request) && !request_asked(model, event))
		model_complain(model, "event %lld, %s: nobody asked for it as request %.*s", (long long)seq, event_name(event->event), (int)event->request.len, event->request.data);
}

/* ---- what was answered ---- */

static void report_acknowledged(struct model *model, const struct asked *asked, const struct record *reply)
{
	const struct account *account = account_of(model, record_get(reply, case_id, 0));
	struct promised *promised;

	if (!account || hash_ref(word_text(model, account->source), account->ref) != asked->ref) {
		model_complain(model, "a report was acknowledged as case %lld, which the journal does not hold", (long long)record_get(reply, case_id, 0));
		return;
	}
	if (record_get(reply, seq, 0) != account->first_seq)
		model_complain(model, "case %lld was acknowledged as event %lld, but event %lld opened it", (long long)account->number,
			(long long)record_get(reply, seq, 0), (long long)account->first_seq);
	model->promised = model_grow(model->promised, &model->promised_count, &model->promised_room, sizeof *model->promised);
	promised = &model->promised[model->promised_count - 1];
	*promised = (struct promised){asked->ref, account->number, account->first_seq};
}

/* "Done with event N": N is there, of the kind that the command makes, and of the case that was named. */
static void change_acknowledged(struct model *model, const struct asked *asked, const struct record *reply)
{
	int64_t seq = record_get(reply, seq, 0);
	const struct heard *heard = seq > 0 && seq <= model->last_seq ? &model->journal[seq] : NULL;

	if (!heard)
		model_complain(model, "%s was answered with event %lld, but the journal ends at %lld", command_name(asked->command), (long long)seq, (long long)model->last_seq);
	else if (!record_get(reply, duplicate, false) && !answered_by(asked->command, heard->event))
		model_complain(model, "%s was answered with event %lld, which is %s", command_name(asked->command), (long long)seq, event_name(heard->event));
	else if (record_has(reply, case_id) && heard->number != reply->case_id)
		model_complain(model, "%s of case %lld was answered with event %lld of case %lld", command_name(asked->command), (long long)reply->case_id,
			(long long)seq, (long long)heard->number);
	else if (asked->number && record_has(reply, case_id) && asked->number != reply->case_id)
		model_complain(model, "%s of case %lld was answered for case %lld", command_name(asked->command), (long long)asked->number, (long long)reply->case_id);
	else if (asked->request && heard->request && asked->request != heard->request)
		model_complain(model, "%s was answered with event %lld of another request", command_name(asked->command), (long long)seq);
}

/* The oldest of the same request that has no answer yet, else any of them: a request sent twice is answered twice. */
static struct asked *asked_of(struct model *model, const struct record *reply)
{
	struct asked *found = NULL;

	if (!record_has(reply, request))
		return NULL;
	for (int64_t link = 0; (link = index_after(&model->asked_ids, hash_text(reply->request), link));) {
		struct asked *asked = &model->asked[model->asked_ids.links[link].value];
		if (asked->command == record_get(reply, reply, 0) && (!found || !asked->answered))
			found = asked;
	}
	return found;
}

/* Every copy of a request is answered by one answer: the client wants no more. */
static void mark_answered(struct model *model, const struct record *reply)
{
	for (int64_t link = 0; (link = index_after(&model->asked_ids, hash_text(reply->request), link));)
		model->asked[model->asked_ids.links[link].value].answered = true;
}

void model_answered(struct model *model, const struct record *reply)
{
	struct asked *asked = asked_of(model, reply);

	if (model->complaint[0])
		return;
	if (!asked) {
		if (record_has(reply, request) && record_has(reply, reply) && answer_row(reply->reply) >= 0)
			model_complain(model, "request %.*s was answered, but nobody asked it", (int)reply->request.len, reply->request.data);
		return;
	}
	if (record_has(reply, error)) {
		if (reply->error == ERROR_unknown_case && asked->known && !(record_has(reply, field) && span_is(reply->field, "into"))) /* the other case of a merge */
			model_complain(model, "%s was refused as unknown_case, but the case was there", command_name(asked->command));
		if (reply->error != ERROR_busy && reply->error != ERROR_stopping)
			mark_answered(model, reply);
		return;
	}
	mark_answered(model, reply);
	shown_compare(model, reply);
	if (asked->command == COMMAND_submit)
		report_acknowledged(model, asked, reply);
	else if (answer_row(asked->command) >= 0 && record_has(reply, seq))
		change_acknowledged(model, asked, reply);
	else
		return;
	if (record_get(reply, seq, 0) > model->answered_seq)
		model->answered_seq = reply->seq;
}

/* ---- the journal ---- */

void model_event(struct model *model, int64_t seq, const struct record *event)
{
	struct heard *heard;

	if (model->complaint[0])
		return;
	if (seq != model->last_seq + 1) {
		model_complain(model, "event %lld follows event %lld in the journal", (long long)seq, (long long)model->last_seq);
		return;
	}
	if (seq >= model->journal_room) {
		int64_t room = model->journal_room ? model->journal_room * 2 : 1024;
		model->journal = must_realloc(model->journal, (size_t)room * sizeof *model->journal);
		memset(model->journal + model->journal_room, 0, (size_t)(room - model->journal_room) * sizeof *model->journal);
		model->journal_room = room;
	}
	heard = &model->journal[seq];
	if (!heard->bytes.len) /* kept already when a history is heard anew after a crash */
		codec_write(&heard->bytes, event, CODEC_NUMBERS);
	heard->event = record_get(event, event, 0);
	heard->number = record_get(event, case_id, 0);
	heard->request = record_has(event, request) ? hash_text(event->request) : 0;
	model_take(model, seq, event);
	model->last_seq = seq;
}

static void check_promises(struct model *model)
{
	for (int64_t i = 0; i < model->promised_count; i++) {
		const struct promised *promised = &model->promised[i];
		const struct account *account = account_of(model, promised->number);
		if (!account || account->first_seq != promised->seq || hash_ref(word_text(model, account->source), account->ref) != promised->ref)
			model_complain(model, "case %lld was acknowledged with event %lld and is lost", (long long)promised->number, (long long)promised->seq);
	}
}

/* What came after last_seq never was: the history is heard anew up to there. */
void model_crashed(struct model *model, int64_t last_seq)
{
	int64_t before = model->last_seq;

	if (model->answered_seq > last_seq)
		model_complain(model, "event %lld was acknowledged, but the journal ends at %lld", (long long)model->answered_seq, (long long)last_seq);
	if (last_seq >= before) {
		check_promises(model);
		return;
	}
	for (int subscriber = 0; subscriber < SUBSCRIBERS_MOST; subscriber++)
		for (int64_t seq = last_seq + 1; model->subscribers[subscriber] && seq <= before && seq < model->subscribers[subscriber]->seen_room; seq++)
			if (model->subscribers[subscriber]->seen[seq])
				model_complain(model, "subscriber %d was told event %lld, which is lost", subscriber, (long long)seq);
	for (int64_t seq = last_seq + 1; seq <= before; seq++)
		buf_free(&model->journal[seq].bytes);
	history_drop(model);
	for (int64_t seq = 1; seq <= last_seq; seq++) {
		model->last_seq = seq; /* readable */
		if (!heard_read(model, seq, &model->scratch))
			model_complain(model, "event %lld cannot be read again", (long long)seq);
		model->last_seq = seq - 1;
		model_event(model, seq, &model->scratch);
	}
	for (int64_t i = 0; i < model->asked_count; i++)
		model->asked[i].known = false;
	check_promises(model);
}
