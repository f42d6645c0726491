/* Refused commands belong to the audit too: who asked for what the rules do not allow. They are events of no case's life, in
 * the chain like all others. So many a second are kept that nobody can fill the disk by being refused. */
#include "engine/inside.h"

/* What the rules of the city refuse, as against what is badly written, repeated, late or busy. */
static bool wanted(enum error_kind error)
{
	switch (error) {
	case ERROR_not_permitted:
	case ERROR_not_admitted:
	case ERROR_illegal_transition:
	case ERROR_wrong_unit:
	case ERROR_window_passed:
	case ERROR_limit_passed:
	case ERROR_cannot_return:
	case ERROR_capped:
	case ERROR_cannot_merge:
	case ERROR_check_first:
	case ERROR_call_first:
		return true;
	default:
		return false;
	}
}

static bool has_room(struct engine *engine)
{
	if (engine->real / 1000 != engine->audit_second) {
		engine->audit_second = engine->real / 1000;
		engine->audited = 0;
	}
	if (engine->audited >= engine->settings->limits_audited_refusals || engine->low_room)
		return false;
	engine->audited++;
	return true;
}

void audit_refusal(struct engine *engine, const struct record *request, enum error_kind error, enum field field)
{
	struct record event;

	if (!wanted(error) || command_door(request->command) != DOOR_SERVICE || !has_room(engine))
		return;
	record_clear(&event);
	record_set(&event, event, EVENT_command_refused);
	record_set(&event, at, engine->now);
	record_set(&event, refused, request->command);
	record_set(&event, error, (uint8_t)error);
	if (field < FIELD_COUNT)
		record_set(&event, field, span_of(field_name(field)));
	record_copy(&event, request, actor);
	record_copy(&event, request, case_id);
	record_copy(&event, request, source);
	record_copy(&event, request, source_ref);
	record_copy(&event, request, department);
	record_copy(&event, request, unit);
	round_record(engine, &event, NULL);
}
