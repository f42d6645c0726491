/* One request: read it, check it against the tables, see whether the actor may, and hand it to whoever knows it. Every
 * refusal names its reason and field, is counted by name, and leaves the connection usable. */
#include "engine/inside.h"

#include <stdio.h>
#include <stdlib.h>

void reply_begin(const struct caller *caller, struct record *reply)
{
	record_clear(reply);
	record_copy(reply, caller->request, request);
	if (record_has(caller->request, command))
		record_set(reply, reply, caller->request->command);
}

static void reply_error(struct engine *engine, const struct caller *caller, enum error_kind error, struct span field, const char *detail)
{
	struct record reply;
	char message[512], name[64];

	reply_begin(caller, &reply);
	record_set(&reply, error, (uint8_t)error);
	snprintf(message, sizeof message, "%s%s%s%s", error_text((int)error), detail && *detail ? " (" : "", detail ? detail : "", detail && *detail ? ")" : "");
	record_set(&reply, message, span_of(message));
	if (field.len)
		record_set(&reply, field, field);
	if (error == ERROR_busy || error == ERROR_stopping)
		record_set(&reply, retry_after_ms, engine->settings->limits_retry_after_ms);
	snprintf(name, sizeof name, "refused_%s", error_name((int)error));
	figure_add(engine, name, 1);
	peer_send(engine, caller->peer, &reply);
}

void reply_refusal(struct engine *engine, const struct caller *caller, enum error_kind error, enum field field, const char *detail)
{
	reply_error(engine, caller, error, field < FIELD_COUNT ? span_of(field_name(field)) : (struct span){0}, detail);
}

void reply_flaw(struct engine *engine, const struct caller *caller, const struct flaw *flaw)
{
	struct span field = flaw->name[0] ? span_of(flaw->name) : flaw->field < FIELD_COUNT ? span_of(field_name(flaw->field)) : (struct span){0};

	reply_error(engine, caller, flaw->error, field, flaw->detail);
}

void waiting_add(struct waiting_list *list, const struct caller *caller, int64_t need_seq, int64_t until)
{
	struct waiting *made = must_calloc(1, sizeof *made + caller->map.len);

	made->peer = caller->peer;
	made->need_seq = need_seq;
	made->until = until;
	made->len = caller->map.len;
	memcpy(made->map, caller->map.data, caller->map.len);
	if (list->last)
		list->last->next = made;
	else
		list->first = made;
	list->last = made;
	list->count++;
	caller->peer->waiting++;
	caller->peer->waiting_bytes += (int64_t)made->len;
}

struct waiting *waiting_take(struct waiting_list *list)
{
	struct waiting *first = list->first;

	if (!first)
		return NULL;
	list->first = first->next;
	if (!list->first)
		list->last = NULL;
	list->count--;
	first->peer->waiting--;
	first->peer->waiting_bytes -= (int64_t)first->len;
	return first;
}

void waiting_free(struct waiting_list *list)
{
	struct waiting *one;

	while ((one = waiting_take(list)))
		free(one);
}

void waiting_drop_peer(struct waiting_list *list, const struct peer *peer)
{
	struct waiting_list kept = {0};
	struct waiting *one;

	if (!peer->waiting)
		return;
	while ((one = list->first)) {
		list->first = one->next;
		one->next = NULL;
		if (one->peer == peer) {
			one->peer->waiting--;
			one->peer->waiting_bytes -= (int64_t)one->len;
			free(one);
			continue;
		}
		if (kept.last)
			kept.last->next = one;
		else
			kept.first = one;
		kept.last = one;
		kept.count++;
	}
	*list = kept;
}

/* NULL: the configuration does not list the actor. */
const struct actor_setting *actor_of(const struct engine *engine, const struct record *request)
{
	const struct settings *settings = engine->settings;

	for (int64_t i = 0; record_has(request, actor) && i < settings->actor_count; i++)
		if (span_is(request->actor, settings->actors[i].name))
			return &settings->actors[i];
	return NULL;
}

static unsigned actor_roles(const struct engine *engine, const struct record *request)
{
	const struct actor_setting *actor = actor_of(engine, request);

	return actor ? actor->roles : engine->settings->default_roles;
}

bool engine_bring_case(struct engine *engine, int64_t number)
{
	struct archive_reader *reader;
	struct casefile row;
	struct span value, ref;
	char key[8], text[128];
	bool found = false;

	if (state_case(engine->state, number))
		return true;
	if (number <= 0 || number >= state_next_number(engine->state))
		return false;
	reader = archive_read_begin(engine->archive);
	number_key(key, number);
	if (reader && archive_get(reader, TABLE_CASES, (struct span){key, sizeof key}, &value) && casefile_read(value, &row, &ref) && ref.len < sizeof text) {
		memcpy(text, ref.data, ref.len); /* the row's details are the state's from here on */
		state_restore_case(engine->state, &row, (struct span){text, ref.len});
		found = true;
	}
	engine->archive_unread |= archive_read_failed(reader);
	archive_read_end(reader);
	return found;
}

const char archive_unread[] = "the archive cannot be read at the moment; if it stays so, the operator starts reeved again";

static int64_t archived_ref(struct engine *engine, const struct record *command)
{
	struct archive_reader *reader = archive_read_begin(engine->archive);
	struct span value;
	char key[256];
	size_t len = command->source.len + 1 + command->source_ref.len;
	int64_t number = 0;

	memcpy(key, command->source.data, command->source.len);
	key[command->source.len] = '\0';
	memcpy(key + command->source.len + 1, command->source_ref.data, command->source_ref.len);
	if (reader && archive_get(reader, TABLE_REFS, (struct span){key, len}, &value) && value.len == 8)
		number = number_of_key(value.data);
	engine->archive_unread |= archive_read_failed(reader);
	archive_read_end(reader);
	return number;
}

bool engine_bring(struct engine *engine, const struct record *command)
{
	if (record_has(command, case_id))
		return engine_bring_case(engine, command->case_id);
	if (!record_has(command, source) || !record_has(command, source_ref) || !command->source.len || !command->source_ref.len)
		return false;
	if (state_case_by_ref(engine->state, command->source, command->source_ref))
		return true;
	return engine_bring_case(engine, archived_ref(engine, command));
}

/* The caller's contact, read from the private table after the event that says so is on disk. */
static void send_contact(struct engine *engine, const struct caller *caller, struct record *reply)
{
	struct record row;
	struct flaw flaw;
	struct span bytes;

	if (round_commit(engine) || engine->journal->ops->read_begin(engine->journal))
		return;
	record_clear(&row);
	int found = engine->journal->ops->private_get(engine->journal, reply->case_id, &bytes);
	if (found == JOURNAL_DAMAGED || found == JOURNAL_MISSING) {
		engine->journal->ops->read_end(engine->journal);
		reply_refusal(engine, caller, ERROR_no_contact, FIELD_case_id, found == JOURNAL_DAMAGED ? "what is stored of it is damaged: restore a backup"
			: "there was one: it was destroyed when the policy's retention was over, or left out when this journal was exported");
		if (found == JOURNAL_DAMAGED)
			scrub_row_found(engine, reply->case_id, engine->damaged_rows ? engine->damaged_rows : 1);
		return;
	}
	if (found == 0 && codec_read_lenient(bytes, &row, &flaw) == 0) {
		record_copy(reply, &row, caller_name);
		record_copy(reply, &row, caller_phone);
		record_copy(reply, &row, caller_contact);
	}
	peer_send_all(engine, caller->peer, reply);
	engine->journal->ops->read_end(engine->journal);
}

/* New reports at the first watermark, everything that writes at the second. */
static enum error_kind write_refused(const struct engine *engine, enum command_kind command, const char **ret_detail)
{
	bool submits = command == COMMAND_submit;

	*ret_detail = NULL;
	if (submits && engine->stopping)
		return ERROR_stopping;
	if (!engine->no_room && !(submits && engine->low_room))
		return ERROR_none;
	*ret_detail = room_refusal(engine);
	return ERROR_busy;
}

/* In memory; NULL: not there. */
static const struct casefile *case_named(const struct engine *engine, const struct record *request)
{
	if (record_has(request, case_id))
		return state_case(engine->state, request->case_id);
	return record_has(request, source) && record_has(request, source_ref) ? state_case_by_ref(engine->state, request->source, request->source_ref) : NULL;
}

/* Everything that the decision reads: also the case that one is merged into, which may be closed for long and has to let it go. */
static void bring_all(struct engine *engine, const struct record *request)
{
	const struct casefile *casefile;

	engine_bring(engine, request);
	if (record_has(request, into))
		engine_bring_case(engine, request->into);
	casefile = request->command == COMMAND_unmerge ? case_named(engine, request) : NULL;
	if (casefile)
		engine_bring_case(engine, casefile_details(casefile)->master);
}

/* Decisions about a case need the policies by which its clocks were set; a closed one's may not be in memory. */
static bool policies_there(struct engine *engine, const struct caller *caller)
{
	const struct record *request = caller->request;
	const struct casefile *casefile = case_named(engine, request), *into = record_has(request, into) ? state_case(engine->state, request->into) : NULL;
	char why[300];

	if (adopt_for_case(engine, casefile, why, sizeof why) && adopt_for_case(engine, into, why, sizeof why) &&
		adopt_for_case(engine, casefile ? state_case(engine->state, casefile_details(casefile)->master) : NULL, why, sizeof why))
		return true;
	reply_refusal(engine, caller, ERROR_bad_policy, FIELD_policy, why);
	return false;
}

/* The contact of a confidential case is for those who may see it, and none outlives its case's retention. */
static bool run_visible(struct engine *engine, const struct caller *caller)
{
	const struct record *request = caller->request;
	const struct casefile *casefile;

	if (request->command != COMMAND_contact)
		return true;
	casefile = case_named(engine, request);
	if (casefile && !case_visible(engine, request, casefile))
		reply_refusal(engine, caller, ERROR_sealed, FIELD_case_id, NULL);
	else if (casefile && prune_took_contact(engine, casefile))
		reply_refusal(engine, caller, ERROR_no_contact, FIELD_case_id, "it was destroyed when the policy's retention was over");
	else
		return true;
	return false;
}

void request_run(struct engine *engine, const struct caller *caller)
{
	const struct decision *decision = &engine->decision;
	const struct record *request = caller->request;
	const char *detail;
	struct record reply;
	enum error_kind refused = write_refused(engine, request->command, &detail);

	if (refused) {
		reply_refusal(engine, caller, refused, FIELD_COUNT, detail);
		return;
	}
	engine->archive_unread = false;
	bring_all(engine, request);
	if (engine->archive_unread) { /* "not there" would open a second case for the same report */
		reply_refusal(engine, caller, ERROR_busy, FIELD_COUNT, archive_unread);
		return;
	}
	if (!run_visible(engine, caller) || !policies_there(engine, caller))
		return;
	refused = (enum error_kind)round_decide(engine, request);
	if (refused) {
		reply_refusal(engine, caller, refused, decision->field, decision->detail);
		audit_refusal(engine, request, refused, decision->field);
		return;
	}
	reply_begin(caller, &reply);
	if (decision->number)
		record_set(&reply, case_id, decision->number);
	record_set(&reply, seq, decision->seq);
	if (decision->duplicate) {
		record_set(&reply, duplicate, true);
		figure_add(engine, "repeated_requests", 1);
	}
	figure_add(engine, command_name(request->command), 1);
	if (request->command == COMMAND_contact)
		send_contact(engine, caller, &reply);
	else
		peer_send(engine, caller->peer, &reply);
}

static void answer_hello(struct engine *engine, const struct caller *caller)
{
	struct record reply;

	reply_begin(caller, &reply);
	record_set(&reply, version, span_of(REEVE_VERSION));
	record_set(&reply, protocol, 1);
	record_set(&reply, seq, state_last_seq(engine->state));
	record_set(&reply, now, engine->now);
	record_set(&reply, policy, state_policy_version(engine->state));
	peer_send(engine, caller->peer, &reply);
}

static void request_dispatch(struct engine *engine, const struct caller *caller)
{
	switch (caller->request->command) {
	case COMMAND_hello:
		answer_hello(engine, caller);
		break;
	case COMMAND_show:
		query_show(engine, caller);
		break;
	case COMMAND_timeline:
		query_timeline(engine, caller);
		break;
	case COMMAND_explain:
		query_explain(engine, caller);
		break;
	case COMMAND_list:
		query_list(engine, caller);
		break;
	case COMMAND_status:
		admin_status(engine, caller);
		break;
	case COMMAND_workers:
		admin_workers(engine, caller);
		break;
	case COMMAND_list_mutes:
		admin_mutes(engine, caller);
		break;
	case COMMAND_replay:
		admin_replay(engine, caller);
		break;
	case COMMAND_journal_read:
		admin_journal_read(engine, caller);
		break;
	case COMMAND_journal_verify:
		admin_journal_verify(engine, caller);
		break;
	case COMMAND_backup:
		backup_command(engine, caller);
		break;
	case COMMAND_prune:
		prune_command(engine, caller);
		break;
	case COMMAND_policy_check:
		adopt_check(engine, caller);
		break;
	case COMMAND_policy_apply:
		adopt_apply(engine, caller);
		break;
	case COMMAND_policy_read:
		adopt_read(engine, caller);
		break;
	case COMMAND_policy_list:
		adopt_list(engine, caller);
		break;
	case COMMAND_advance: /* reached by drive.c only */
		answer_hello(engine, caller);
		break;
	default:
		if (caller->peer->door == DOOR_WORK)
			work_request(engine, caller);
		else
			request_run(engine, caller);
	}
}

static bool permitted(struct engine *engine, const struct caller *caller)
{
	enum command_kind command = caller->request->command;
	enum door door = command_door(command);
	struct flaw flaw;

	if (door == DOOR_INSIDE) {
		reply_refusal(engine, caller, ERROR_unknown_command, FIELD_command, NULL);
		return false;
	}
	if (door != caller->peer->door && command != COMMAND_policy_read) {
		reply_refusal(engine, caller, ERROR_wrong_door, FIELD_command, NULL);
		return false;
	}
	if (codec_check_command(caller->request, &flaw)) {
		reply_flaw(engine, caller, &flaw);
		work_flaw(engine, caller);
		return false;
	}
	if (!(command_roles(command) & actor_roles(engine, caller->request))) {
		reply_refusal(engine, caller, ERROR_not_permitted, FIELD_actor, NULL);
		audit_refusal(engine, caller->request, ERROR_not_permitted, FIELD_actor);
		return false;
	}
	if (!engine->driven && (record_has(caller->request, at) || command == COMMAND_advance)) {
		reply_refusal(engine, caller, ERROR_not_driven, record_has(caller->request, at) ? FIELD_at : FIELD_command, NULL);
		return false;
	}
	return true;
}

/* Workers have credit of their own; everybody else may have so much under way. */
static bool over_credit(struct engine *engine, struct peer *peer, size_t bytes)
{
	if (peer->door != DOOR_SERVICE)
		return false;
	peer->requests++;
	peer->bytes += (int64_t)bytes;
	return peer->requests > engine->settings->limits_peer_requests || peer->bytes > engine->settings->limits_peer_bytes;
}

static void request_do(struct engine *engine, struct peer *peer, struct span map, bool fresh, bool over)
{
	struct record request;
	struct caller caller = {peer, &request, map};
	struct flaw flaw;

	engine->round_requests++;
	if (codec_read(map, &request, &flaw)) {
		reply_flaw(engine, &caller, &flaw);
		work_flaw(engine, &caller);
		return;
	}
	if (!record_has(&request, command)) {
		reply_refusal(engine, &caller, ERROR_missing_field, FIELD_command, NULL);
		return;
	}
	if (over) {
		reply_refusal(engine, &caller, ERROR_busy, FIELD_COUNT, "limits.peer_requests or limits.peer_bytes are under way: wait for answers");
		return;
	}
	if (!permitted(engine, &caller))
		return;
	if (!(fresh && drive_takes(engine, &caller)))
		request_dispatch(engine, &caller);
}

void request_handle(struct engine *engine, struct peer *peer, struct span map, bool fresh)
{
	request_do(engine, peer, map, fresh, fresh && over_credit(engine, peer, map.len));
}

void request_queued(struct engine *engine, struct peer *peer, struct span map)
{
	request_do(engine, peer, map, true, false);
}

void request_over(struct engine *engine, struct peer *peer, struct span map)
{
	peer->refused++;
	request_do(engine, peer, map, true, true);
}
