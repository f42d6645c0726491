/* Records made of choices: fields that a command needs, some that it takes, now and then one that it does not; values that the policy
 * knows more often than not. What is made need not be right: only worth trying. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/stage.h"

#include "schema/fields.h"

struct shape {
	int kind;
	uint64_t needs[FIELD_WORDS], takes[FIELD_WORDS];
};

#define MARK(set, member) shape->set[FIELD_##member / 64] |= 1ull << (FIELD_##member % 64);
static void command_shape(int kind, struct shape *shape)
{
	switch (kind) {
#define NEEDS(member) MARK(needs, member)
#define TAKES(member) MARK(takes, member)
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

static void event_shape(int kind, struct shape *shape)
{
	switch (kind) {
#define HAS(member) MARK(needs, member)
#define MAY(member) MARK(takes, member)
#define EVENT(number, name, fields, meaning) case number: fields break;
#include "schema/events.def"
#undef HAS
#undef MAY
	default:
		break;
	}
}

static struct span pick(struct choices *choices, const char *const *words, size_t count)
{
	uint8_t which = choose(choices);

	if (which == 255)
		return choose_bytes(choices);
	return span_of(words[which % count]);
}
#define PICK(choices, ...) pick(choices, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static struct span text_value(struct choices *choices, const struct grammar *grammar, enum field field)
{
	switch (field) {
	case FIELD_area: case FIELD_audience_area:
		return PICK(choices, "3701", "370102", "370103", "370102001", "370102001001", "nowhere");
	case FIELD_category:
		return PICK(choices, "street-light", "manhole", "gas", "water", "burst-pipe", "noise", "litter", "advice", "other", "city-works", "unknown");
	case FIELD_unit: case FIELD_assistant: case FIELD_department: case FIELD_first_contact:
		return PICK(choices, "works", "works-lixia", "water-group", "gas-company", "urban-order", "lishan", "desk", "nobody", "none");
	case FIELD_source:
		return PICK(choices, "12345", "app");
	case FIELD_source_ref: case FIELD_request:
		return PICK(choices, "1", "2", "3", "4", "5", "6", "7", "8", "9");
	case FIELD_actor:
		return PICK(choices, "dora", "ana", "ben", "cem", "");
	case FIELD_path:
		return PICK(choices, "3701", "3701/370102", "3701/370102/370102001");
	case FIELD_notice:
		return choose(choices) & 1 ? grammar->notice : PICK(choices, "1.promise.1.1", "1.handle.2.1");
	case FIELD_topic:
		return PICK(choices, "", "case_opened/", "case_escalated/3701/", "case_closed/3701/370102/");
	case FIELD_cursor:
		return PICK(choices, "", "1", "5", "99999999999", "-1", "x");
	case FIELD_limit: case FIELD_stage_limit: case FIELD_sign_limit:
		return PICK(choices, "15-days", "30-minutes", "1-working-day", "", "gone");
	case FIELD_ladder:
		return PICK(choices, "danger", "promise", "rest", "returned", "gone", "");
	case FIELD_emergency:
		return PICK(choices, "119", "110", "999");
	case FIELD_channel:
		return PICK(choices, "phone", "app");
	case FIELD_text:
		return PICK(choices, "路灯不亮", "燃气泄漏 gas smell", "着火", "", "x");
	default:
		return PICK(choices, "a", "", "路灯", "a longer text that says more than is needed by anybody");
	}
}

static int64_t time_value(struct choices *choices, const struct grammar *grammar)
{
	static const int64_t offsets[] = {0, -60000, 60000, -3600000, 3600000, -86400000, 86400000, 864000000, -864000000, INT64_C(31536000000), INT64_C(-31536000000)};
	uint8_t which = choose(choices);

	if (which >= 250)
		return (const int64_t[]){0, -62135596800000, 253402300799999, 1, -1, 4102444800000}[which - 250];
	return grammar->now + offsets[which % (sizeof offsets / sizeof *offsets)];
}

static int64_t whole_value(struct choices *choices, const struct grammar *grammar, enum field field)
{
	uint8_t which = choose(choices);
	int64_t most = field_table[field].limit;

	if (field == FIELD_fence && which < 200)
		return grammar->fence;
	if (which >= 240)
		return most;
	return which % 32 > most ? most : which % 32;
}

static struct span list_value(struct choices *choices, const struct grammar *grammar, enum field field)
{
	static struct buf bytes;
	struct list_writer list;
	struct record one;
	uint8_t which = choose(choices);

	if (field == FIELD_files && which < 200 && grammar->policy_count)
		return grammar->policies[which % grammar->policy_count];
	buf_clear(&bytes);
	list_begin(&list, &bytes, CODEC_NAMES);
	for (int i = which % 3; i > 0; i--) {
		record_clear(&one);
		record_set(&one, case_id, choose(choices) % 8 + 1);
		record_set(&one, name, PICK(choices, "policy.yaml", "areas.csv", "units.csv"));
		record_set(&one, content, PICK(choices, "name: x\n", "code,name\n1,a\n", ""));
		list_add(&list, &one);
	}
	return list_end(&list);
}

void grammar_field(struct choices *choices, const struct grammar *grammar, struct record *record, enum field field)
{
	const struct field_info *info = &field_table[field];
	void *member = (char *)record + info->offset;
	static const double reals[] = {0, 0.5, 1, 36.66, 117.02, -36.5, 0.001, 90, 180, -180};

	record_mark(record, field);
	switch (info->type) {
	case TYPE_INT:
		*(int64_t *)member = whole_value(choices, grammar, field);
		break;
	case TYPE_CASE: {
		uint8_t which = choose(choices);
		*(int64_t *)member = which == 255 ? 99999999999999 : which % 9 + 1;
		break;
	}
	case TYPE_TIME:
		*(int64_t *)member = time_value(choices, grammar);
		break;
	case TYPE_FLAG:
		*(bool *)member = choose(choices) & 1;
		break;
	case TYPE_REAL:
		*(double *)member = reals[choose(choices) % (sizeof reals / sizeof *reals)];
		break;
	case TYPE_TEXT: case TYPE_BYTES:
		*(struct span *)member = text_value(choices, grammar, field);
		break;
	case TYPE_PRIVATE:
		*(struct span *)member = span_of(RULES_MARK);
		break;
	case TYPE_LIST:
		*(struct span *)member = list_value(choices, grammar, field);
		break;
	default: {
		int number = choose(choices) % 100;
		*(uint8_t *)member = names_name((enum field_type)info->type, number) ? (uint8_t)number : 1;
		break;
	}
	}
}

static void fields_fill(struct choices *choices, const struct grammar *grammar, const struct shape *shape, struct record *ret)
{
	uint8_t odd = choose(choices);

	for (int field = 0; field < FIELD_COUNT; field++) {
		bool needed = shape->needs[field / 64] >> (field % 64) & 1, taken = shape->takes[field / 64] >> (field % 64) & 1;
		if (needed || (taken && choose(choices) & 1))
			grammar_field(choices, grammar, ret, (enum field)field);
	}
	if (odd >= 240)
		grammar_field(choices, grammar, ret, (enum field)(choose_wide(choices) % FIELD_COUNT));
	if (odd % 16 == 15)
		record_drop(ret, (enum field)(choose_wide(choices) % FIELD_COUNT));
}

void grammar_command(struct choices *choices, const struct grammar *grammar, struct record *ret)
{
	struct shape shape = {0};

	shape.kind = choose(choices) % 128;
	if (!command_name(shape.kind))
		shape.kind = COMMAND_submit;
	command_shape(shape.kind, &shape);
	record_clear(ret);
	record_set(ret, command, (uint8_t)shape.kind);
	fields_fill(choices, grammar, &shape, ret);
	ret->command = (uint8_t)shape.kind;
	record_mark(ret, FIELD_command);
	if (shape.takes[FIELD_case_id / 64] >> (FIELD_case_id % 64) & 1 && (!record_has(ret, source) || !record_has(ret, source_ref)) && !record_has(ret, case_id))
		grammar_field(choices, grammar, ret, FIELD_case_id);
	if (record_has(ret, case_id) && choose(choices) & 3) { /* the case alone names it */
		record_drop(ret, FIELD_source);
		record_drop(ret, FIELD_source_ref);
	}
	uint8_t envelope = choose(choices);
	if (envelope & 1)
		grammar_field(choices, grammar, ret, FIELD_request);
	if (envelope & 2)
		grammar_field(choices, grammar, ret, FIELD_actor);
	if ((envelope & 12) == 12)
		grammar_field(choices, grammar, ret, FIELD_at);
}

void grammar_event(struct choices *choices, const struct grammar *grammar, struct record *ret)
{
	struct shape shape = {0};

	shape.kind = choose(choices) % 64;
	if (!event_name(shape.kind))
		shape.kind = EVENT_case_opened;
	event_shape(shape.kind, &shape);
	record_clear(ret);
	fields_fill(choices, grammar, &shape, ret);
	ret->event = (uint8_t)shape.kind;
	record_mark(ret, FIELD_event);
}
