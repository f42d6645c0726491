/* What is asked of a desk: mostly what the state of a case allows, so that cases get somewhere; now and then anything at all, so that it is
 * refused. It looks at the daemon's state, as people look at their screens; never changes it. */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

#include "schema/fields.h"

#define CASES_MOST 256

static const struct state *state_now_there(void)
{
	return sim->daemon.engine ? sim->daemon.engine->state : NULL;
}

struct gathered {
	const struct casefile *cases[CASES_MOST];
	size_t count;
};

static void gather(void *context, const struct casefile *casefile)
{
	struct gathered *gathered = context;

	if (gathered->count < CASES_MOST)
		gathered->cases[gathered->count++] = casefile;
}

const struct casefile *ask_case(void)
{
	static struct gathered open;

	open.count = 0;
	state_each_open(state_now_there(), gather, &open);
	return open.count ? open.cases[dice(open.count)] : NULL;
}

struct span ask_report(void)
{
	static const char *const words[] = {"路灯不亮", "燃气泄漏", "噪音扰民", "垃圾没人收", "爆管了", "说不清楚", "井盖不见了", "gas smell in the hall", "street light", "请问怎么办", "着火"};

	return span_of(words[dice(sizeof words / sizeof *words)]);
}

struct span ask_area(void)
{
	static const char *const codes[] = {"3701", "370102", "370103", "370102001", "370102002", "370103001", "370102001001", "370102001002"};

	return span_of(codes[dice(sizeof codes / sizeof *codes)]);
}

struct span ask_category(void)
{
	static const char *const codes[] = {"other", "city-works", "street-light", "manhole", "water", "burst-pipe", "gas", "noise", "litter", "advice"};

	return span_of(codes[dice(sizeof codes / sizeof *codes)]);
}

static struct span any_unit(void)
{
	static const char *const codes[] = {"desk", "desk-shizhong", "works", "works-lixia", "water-group", "gas-company", "urban-order", "lishan"};

	return span_of(codes[dice(sizeof codes / sizeof *codes)]);
}

/* ---- which command ---- */

#define PICK(...) ((const uint8_t[]){__VA_ARGS__})[dice(sizeof((const uint8_t[]){__VA_ARGS__}))]

static uint8_t for_request(const struct casefile *casefile)
{
	static const uint8_t approvals[] = {COMMAND_approve_return, COMMAND_approve_extension, COMMAND_approve_suspension};

	for (int slot = SLOT_RETURN; slot <= SLOT_SUSPENSION; slot++)
		if (casefile_sla(casefile, slot) && casefile_sla(casefile, slot)->kind && dice(2))
			return dice(4) ? approvals[slot - SLOT_RETURN] : COMMAND_deny;
	return 0;
}

static uint8_t for_state(const struct casefile *casefile)
{
	switch (casefile->state) {
	case STATE_received:
		return PICK(COMMAND_triage, COMMAND_triage, COMMAND_answer, COMMAND_reject, COMMAND_cancel, COMMAND_merge, COMMAND_hand_over);
	case STATE_triaged:
		return PICK(COMMAND_dispatch, COMMAND_dispatch, COMMAND_dispatch, COMMAND_triage, COMMAND_answer, COMMAND_reject, COMMAND_cancel, COMMAND_merge);
	case STATE_dispatched:
		return PICK(COMMAND_sign, COMMAND_sign, COMMAND_sign, COMMAND_sign, COMMAND_report, COMMAND_request_return, COMMAND_request_extension,
			COMMAND_request_suspension, COMMAND_transfer, COMMAND_recall, COMMAND_assist, COMMAND_merge, COMMAND_close);
	case STATE_in_progress:
		return PICK(COMMAND_report, COMMAND_report, COMMAND_report, COMMAND_report, COMMAND_report, COMMAND_request_return, COMMAND_request_extension,
			COMMAND_request_suspension, COMMAND_transfer, COMMAND_recall, COMMAND_assist, COMMAND_merge, COMMAND_close);
	case STATE_suspended:
		return PICK(COMMAND_resume, COMMAND_resume, COMMAND_close);
	case STATE_reported:
		return PICK(COMMAND_check, COMMAND_check, COMMAND_check, COMMAND_rework, COMMAND_close);
	case STATE_calling_back:
		return PICK(COMMAND_call_back, COMMAND_call_back, COMMAND_call_back, COMMAND_close);
	default:
		return casefile_details(casefile)->master ? COMMAND_unmerge : COMMAND_reopen;
	}
}

static uint8_t for_any(void)
{
	return PICK(COMMAND_acknowledge, COMMAND_acknowledge, COMMAND_remind, COMMAND_supervise, COMMAND_supervise_reply, COMMAND_supervise_close, COMMAND_seal,
		COMMAND_contact, COMMAND_assist_report, COMMAND_assist_report, COMMAND_reach, COMMAND_mute_notices, COMMAND_unmute, COMMAND_reopen, COMMAND_reopen, COMMAND_unmerge);
}

static uint8_t for_nothing(void)
{
	static const uint8_t all[] = {
#define MOVE(state, command, event, next) COMMAND_##command,
#define MANY(state, command, event, next)
#include "schema/lifecycle.def"
	};
	uint8_t command = all[dice(sizeof all)];

	return command_door(command) == DOOR_SERVICE ? command : COMMAND_show;
}

/* ---- with which fields ---- */

static void fields_of(int command, uint64_t needs[FIELD_WORDS], uint64_t takes[FIELD_WORDS])
{
	switch (command) {
#define NEEDS(member) needs[FIELD_##member / 64] |= 1ull << (FIELD_##member % 64);
#define TAKES(member) takes[FIELD_##member / 64] |= 1ull << (FIELD_##member % 64);
#define R(role) 0
#define COMMAND(number, name, door, roles, fields, meaning) case number: fields break;
#include "schema/commands.def"
#undef NEEDS
#undef TAKES
#undef R
	default:
		break;
	}
}

static struct span text_of(enum field field, const struct casefile *casefile)
{
	const struct state *state = state_now_there();

	switch (field) {
	case FIELD_category: return ask_category();
	case FIELD_area: return ask_area();
	case FIELD_department: return any_unit();
	case FIELD_unit: return casefile && casefile->unit && dice(8) ? state_text(state, casefile->unit) : any_unit();
	case FIELD_assistant:
		for (int i = 0; casefile && i < ASSISTANTS_MOST; i++)
			if (casefile_details(casefile)->assistants[i] && dice(2))
				return state_text(state, casefile_details(casefile)->assistants[i]);
		return any_unit();
	case FIELD_emergency: return span_of(dice(2) ? "119" : "120");
	case FIELD_text: case FIELD_title: return ask_report();
	case FIELD_milestone: return span_of(dice(2) ? "cordon" : "repair");
	default: return span_of("because");
	}
}

static void field_fill(enum field field, const struct casefile *casefile, struct record *record)
{
	void *place = (char *)record + field_table[field].offset;
	int64_t now = daemon_wall_us() / 1000;

	switch (field_table[field].type) {
	case TYPE_TEXT:
		*(struct span *)place = text_of(field, casefile);
		break;
	case TYPE_TIME:
		*(int64_t *)place = now + dice_spread(1000, 3 * DAY_US / 1000) - (dice(10) ? 0 : DAY_US / 1000);
		break;
	case TYPE_CASE:
		*(int64_t *)place = 1 + (int64_t)dice((uint64_t)state_next_number(state_now_there()));
		break;
	case TYPE_INT:
		*(int64_t *)place = 1 + (int64_t)dice(4);
		break;
	case TYPE_FLAG:
		*(bool *)place = dice(2);
		break;
	case TYPE_COMMAND:
		*(uint8_t *)place = (uint8_t)(COMMAND_request_return + dice(3));
		break;
	case TYPE_KIND: case TYPE_OUTCOME: case TYPE_CLOCK:
		*(uint8_t *)place = (uint8_t)(1 + dice(3));
		break;
	default:
		return;
	}
	record_mark(record, field);
}

static void fill(struct record *command, const struct casefile *casefile)
{
	uint64_t needs[FIELD_WORDS] = {0}, takes[FIELD_WORDS] = {0};

	fields_of(command->command, needs, takes);
	for (int field = 0; field < FIELD_COUNT; field++) {
		bool needed = needs[field / 64] >> (field % 64) & 1, taken = takes[field / 64] >> (field % 64) & 1;
		if (field == FIELD_case_id || field == FIELD_source || field == FIELD_source_ref || field == FIELD_notice)
			continue;
		if (needed || (taken && dice(3) == 0))
			field_fill((enum field)field, casefile, command);
	}
}

/* The case by its number, or by the reference that its publisher gave it. */
static void aim(struct record *command, const struct casefile *casefile, char room[ASK_ROOM])
{
	const struct state *state = state_now_there();
	const struct casefile *other;

	if (command->command == COMMAND_mute_notices || command->command == COMMAND_unmute)
		return;
	if (casefile && casefile->ref && dice(8) == 0) {
		snprintf(room, ASK_ROOM, "%s", casefile->ref);
		record_set(command, source, state_text(state, casefile->source));
		record_set(command, source_ref, span_of(room));
	} else {
		record_set(command, case_id, casefile ? casefile->number : 1 + (int64_t)dice((uint64_t)state_next_number(state) + 1));
	}
	other = ask_case();
	if (command->command == COMMAND_merge && other)
		record_set(command, into, other->number);
}

void ask_make(struct record *command, char room[ASK_ROOM])
{
	const struct casefile *casefile = dice(8) ? ask_case() : NULL;
	uint8_t kind = 0;

	if (!casefile)
		casefile = state_case(state_now_there(), 1 + (int64_t)dice((uint64_t)state_next_number(state_now_there())));
	if (casefile)
		kind = for_request(casefile);
	if (!kind)
		kind = dice(10) == 0 ? for_nothing() : dice(4) == 0 || !casefile ? for_any() : for_state(casefile);
	record_clear(command);
	record_set(command, command, kind);
	fill(command, casefile);
	if ((kind == COMMAND_sign || kind == COMMAND_report || kind == COMMAND_close) && dice(4))
		record_drop(command, FIELD_unit);
	if (kind == COMMAND_call_back)
		record_set(command, solved, dice(3) != 0);
	if (kind == COMMAND_mute_notices)
		record_set(command, until, daemon_wall_us() / 1000 + dice_spread(1000, DAY_US / 1000));
	aim(command, casefile, room);
}
