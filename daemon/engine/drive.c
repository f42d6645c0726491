/* A driven clock. Time stands still until a command says otherwise: `advance`, or any command that carries `at`. Such
 * commands wait in one line; time moves from one deadline to the next and never past work that is still being done, so
 * that a quarter of a year replays in seconds and always in the same order. */
#include "engine/inside.h"

#include <stdlib.h>

/* 2100-12-31T23:59:59.999Z, where calendars end: from much later times due times would follow that no record can hold. */
#define DRIVEN_LAST INT64_C(4133980799999)

/* A command behind one that waits must wait too: a client's commands keep their order. */
bool drive_takes(struct engine *engine, const struct caller *caller)
{
	if (!engine->driven || caller->peer->door != DOOR_SERVICE)
		return false;
	if (!record_has(caller->request, at) && caller->request->command != COMMAND_advance && !caller->peer->waiting)
		return false;
	waiting_add(&engine->driven_commands, caller, 0, 0);
	return true;
}

/* One step towards the target: true when it is reached and everything due by then is done or being done. */
static bool step_to(struct engine *engine, int64_t target)
{
	const struct casefile *casefile;
	int64_t at;
	int slot;

	if (state_next_timer(engine->state, &at, &casefile, &slot) == 0 && at <= target) {
		if (at > engine->now)
			engine->now = at;
		engine_tick(engine, 1);
		return false;
	}
	engine->now = target;
	return true;
}

static void run_first(struct engine *engine)
{
	struct waiting *one = waiting_take(&engine->driven_commands);

	request_handle(engine, one->peer, (struct span){one->map, one->len}, false);
	free(one);
}

static bool target_of(struct engine *engine, const struct waiting *one, struct record *request, int64_t *ret_target)
{
	struct flaw flaw;

	*ret_target = engine->now;
	if (codec_read((struct span){one->map, one->len}, request, &flaw))
		return true;
	*ret_target = request->command == COMMAND_advance ? request->to : record_get(request, at, engine->now);
	if (*ret_target >= engine->now && *ret_target <= DRIVEN_LAST)
		return true;
	struct caller caller = {one->peer, request, {0}};
	bool back = *ret_target < engine->now;
	reply_refusal(engine, &caller, back ? ERROR_backwards : ERROR_out_of_range, request->command == COMMAND_advance ? FIELD_to : FIELD_at,
		back ? NULL : "a driven clock ends with the year 2100, as calendars do");
	return false;
}

void drive_turn(struct engine *engine)
{
	struct record request;
	int64_t target;

	while (engine->driven_commands.first && !engine->fault[0] && !engine->no_room && engine->round_events < engine->settings->limits_round_requests && work_quiet(engine)) {
		if (!target_of(engine, engine->driven_commands.first, &request, &target))
			free(waiting_take(&engine->driven_commands));
		else if (step_to(engine, target) && work_quiet(engine))
			run_first(engine);
	}
}
