/* A story, line by line: set the stage, let time pass, ask for something, look at something. Whatever a step brings about must stand in
 * the "=>" lines below it, all of it and in order; a mistake in the story's own wording counts as a mismatch too. */
#include "tests/story/script.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct step {
	struct span line; /* without the blanks in front */
	struct word words[WORDS_MOST];
	int count;
	int number; /* of the line */
	struct items items;
	struct buf rewritten; /* the step's own line with what is true now; empty: as it is */
};

static void complain(struct player *player, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void complain(struct player *player, int line, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	buf_printf(player->report, "%s:%d: %s\n", player->file, line, text);
	player->mismatches++;
}

static bool line_take(struct player *player, struct span *ret_line)
{
	const char *end;

	if (!player->rest.len)
		return false;
	end = memchr(player->rest.data, '\n', player->rest.len);
	ret_line->data = player->rest.data;
	ret_line->len = end ? (size_t)(end - player->rest.data) : player->rest.len;
	size_t used = ret_line->len + (end ? 1 : 0);
	player->rest = (struct span){player->rest.data + used, player->rest.len - used};
	player->line++;
	return true;
}

static struct span stripped(struct span line)
{
	while (line.len && (line.data[0] == ' ' || line.data[0] == '\t'))
		line = (struct span){line.data + 1, line.len - 1};
	while (line.len && (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\r'))
		line.len--;
	return line;
}

static bool word_is(const struct step *step, int word, const char *text)
{
	return word < step->count && step->words[word].bare && span_is(step->words[word].key, text);
}

static int64_t word_number(const struct step *step, int word)
{
	char text[32] = "";

	if (word < step->count)
		snprintf(text, sizeof text, "%.*s", (int)step->words[word].key.len, step->words[word].key.data);
	return strtoll(text, NULL, 10);
}

/* What the journal got since then. */
static void items_since(struct player *player, int64_t before, struct items *items)
{
	struct record event;

	for (int64_t seq = before + 1; seq <= (int64_t)player->world->journal_count; seq++) {
		world_event(player->world, seq, &event);
		if (event.event != EVENT_policy_adopted)
			items_add(items, event_name(event.event), event.at)->record = event;
	}
}

static void step_policy(struct player *player, struct step *step)
{
	struct policy_source source = {.layer_count = 0};
	char problem[512] = "too many policies";

	for (int i = 1; i < step->count && source.layer_count < LAYERS_MOST; i++)
		source.layers[source.layer_count++] = step->words[i].key;
	if (!world_adopt(player->world, &source, problem, sizeof problem))
		complain(player, step->number, "the policy cannot be used: %s", problem);
	player->zone = world_zone(player->world);
}

static void step_zone(struct player *player, struct step *step)
{
	const struct policy *policy = state_policy(player->world->state);

	if (step->count != 2 || !policy || !span_equal(policy->zone, step->words[1].key))
		complain(player, step->number, "the policy's zone is %.*s", policy ? (int)policy->zone.len : 0, policy ? policy->zone.data : "");
}

static void step_workers(struct player *player, struct step *step)
{
	unsigned on = 0;

	for (int i = 1; i < step->count; i++) {
		int task = task_find(step->words[i].key);
		if (word_is(step, i, "on"))
			on = ~0u;
		else if (task)
			on |= 1u << task;
		else if (!word_is(step, i, "off"))
			complain(player, step->number, "workers: on, off, or their tasks");
	}
	player->world->workers = on;
	if (player->world->now)
		world_advance(player->world, player->world->now);
}

static void step_limits(struct player *player, struct step *step)
{
	struct state_limits limits = *state_limits(player->world->state);

	for (int i = 1; i < step->count; i++) {
		struct word word = step->words[i];
		int64_t value = strtoll(word.value.data, NULL, 10);
		if (span_is(word.key, "open_cases"))
			limits.open_cases = value;
		else if (span_is(word.key, "remembered_requests"))
			limits.remembered_requests = value;
		else
			complain(player, step->number, "limits: open_cases or remembered_requests");
	}
	state_set_limits(player->world->state, limits);
}

static void step_time(struct player *player, struct step *step)
{
	char text[40] = "";
	int64_t at;

	if (step->count == 3)
		snprintf(text, sizeof text, "%.*s %.*s", (int)step->words[1].key.len, step->words[1].key.data, (int)step->words[2].key.len, step->words[2].key.data);
	if (!moment_read(player->zone, span_of(text), &at))
		complain(player, step->number, "a time is written 2026-09-28 22:10");
	else if (at < player->world->now)
		complain(player, step->number, "time cannot go back");
	else
		world_advance(player->world, at);
}

static void step_restart(struct player *player, struct step *step)
{
	struct world *world = player->world;

	world_take(world, word_is(step, 1, "from") ? world_restore(world) : world_replay(world));
	player->zone = world_zone(world);
	world_advance(world, world->now);
}

static void rewrite(struct step *step, int keep)
{
	buf_add_text(&step->rewritten, "  ");
	for (int i = 0; i < keep; i++)
		buf_printf(&step->rewritten, "%s%.*s", i ? " " : "", (int)step->words[i].key.len, step->words[i].key.data);
}

/* The words from `from` on against a record; a key of "none" in their place says that there should be nothing to look at. */
static void check_record(struct player *player, struct step *step, int from, bool there, const struct record *record)
{
	struct expectations *expected = player->expected;
	struct items items = {0};
	struct buf verdict = {0}, anew = {0};
	bool none = word_is(step, from, "none");

	if (none || !there) {
		if (there == none)
			complain(player, step->number, there ? "it is there: %.*s" : "there is nothing to check: %.*s", (int)step->line.len, step->line.data);
		return;
	}
	expected->count = 1;
	expected->list[0] = (struct expectation){.line = step->line, .name = span_of("check")};
	for (int i = from; i < step->count; i++)
		expected->list[0].words[expected->list[0].word_count++] = step->words[i];
	items_add(&items, "check", player->world->now)->record = *record;
	if (!expectations_met(player, expected, &items, &verdict, &anew)) {
		complain(player, step->number, "it is not so\n%.*s", (int)verdict.len, verdict.data);
		rewrite(step, from);
		buf_add_span(&step->rewritten, (struct span){anew.data + 10, anew.len - 11});
	}
	items_free(&items);
	buf_free(&verdict);
	buf_free(&anew);
}

static void check_count(struct player *player, struct step *step, int at, int64_t is)
{
	if (at < step->count && word_number(step, at) == is)
		return;
	complain(player, step->number, "%.*s: it is %lld", (int)step->line.len, step->line.data, (long long)is);
	rewrite(step, at);
	buf_printf(&step->rewritten, " %lld", (long long)is);
}

static void step_check(struct player *player, struct step *step)
{
	const struct state *state = player->world->state;
	bool there;

	if (word_is(step, 1, "case") && step->count > 3) {
		there = see_case(player->world, word_number(step, 2), player->command);
		check_record(player, step, 3, there, player->command);
	} else if (word_is(step, 1, "clock") && step->count > 4) {
		there = see_clock(player->world, word_number(step, 2), clock_find(step->words[3].key), player->command);
		check_record(player, step, 4, there, player->command);
	} else if (word_is(step, 1, "open") && step->count == 3) {
		check_count(player, step, 2, state_open_cases(state));
	} else if (word_is(step, 1, "unit") && step->count == 4) {
		check_count(player, step, 3, state_unit_open(state, state_interned(state, step->words[2].key)));
	} else {
		complain(player, step->number, "check case N ..., clock N CLOCK ..., open N, or unit CODE N");
	}
}

static void step_explain(struct player *player, struct step *step)
{
	if (step->count != 3 || !see_intervals(player->world, word_number(step, 1), clock_find(step->words[2].key), &step->items))
		complain(player, step->number, "explain N CLOCK: there is no such clock with a limit");
}

static void step_feed(struct player *player, struct step *step)
{
	see_feed(player->world, step->count > 1 ? step->words[1].key : span_of(""), word_is(step, 2, "after") ? word_number(step, 3) : 0, &step->items);
}

static bool command_read(struct player *player, struct step *step, int command)
{
	char problem[256];

	record_clear(player->command);
	record_set(player->command, command, (uint8_t)command);
	for (int i = 1; i < step->count; i++)
		if (!field_read(player->zone, step->words[i], player->command, problem, sizeof problem)) {
			complain(player, step->number, "%s", problem);
			return false;
		}
	return true;
}

/* As the service door does it: first what the command takes, then what the core says. */
static void step_command(struct player *player, struct step *step)
{
	int command = command_find(step->words[0].key);
	struct world *world = player->world;
	struct flaw flaw = {.field = FIELD_COUNT};
	struct item *item;
	int refused;

	if (!command) {
		complain(player, step->number, "there is no command %.*s", (int)step->words[0].key.len, step->words[0].key.data);
		return;
	}
	if (!command_read(player, step, command))
		return;
	refused = codec_check_command(player->command, &flaw);
	if (!refused) {
		refused = world_command(world, player->command);
		flaw.field = world->decision.field;
	}
	if (refused) {
		item = items_add(&step->items, "refused", world->now);
		item->also = error_name(refused);
		if (flaw.field < FIELD_COUNT)
			record_set(&item->record, field, span_of(field_name(flaw.field)));
	} else if (world->decision.duplicate) {
		item = items_add(&step->items, "duplicate", world->now);
		record_set(&item->record, case_id, world->decision.number);
	}
	world_advance(world, world->now);
}

struct verb {
	const char *name;
	void (*run)(struct player *player, struct step *step);
};

static const struct verb verbs[] = {
	{"policy", step_policy}, {"zone", step_zone}, {"workers", step_workers}, {"limits", step_limits}, {"at", step_time}, {"until", step_time},
	{"restart", step_restart}, {"check", step_check}, {"explain", step_explain}, {"feed", step_feed},
};

static void step_run(struct player *player, struct step *step)
{
	int64_t before = (int64_t)player->world->journal_count;
	void (*run)(struct player *, struct step *) = step_command;

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (word_is(step, 0, verbs[i].name) && (verbs[i].run != step_check || (step->count > 1 && step->words[1].bare))) /* check case=1 is a command */
			run = verbs[i].run;
	if (run != step_policy && !state_policy(player->world->state))
		complain(player, step->number, "a story begins with its policy");
	else
		run(player, step);
	items_since(player, before, &step->items);
	if (player->world->broken[0])
		complain(player, step->number, "%s", player->world->broken);
}

/* The "=>" lines that follow; lines gets them as they are written. */
static void expectations_take(struct player *player, struct buf *lines)
{
	struct expectations *expected = player->expected;
	struct player ahead = *player;
	struct span line;

	expected->count = 0;
	while (line_take(&ahead, &line) && span_starts(stripped(line), span_of("=>"))) {
		struct span text = stripped(line);
		*player = ahead;
		buf_add_span(lines, line);
		buf_add_text(lines, "\n");
		if (expected->count == EXPECTATIONS_MOST)
			complain(player, player->line, "at most %d lines", EXPECTATIONS_MOST);
		else if (!expectation_read(player, stripped((struct span){text.data + 2, text.len - 2}), &expected->list[expected->count]))
			complain(player, player->line, "expected: => [2026-09-28 22:10] event field=value ...");
		else
			expected->count++;
		ahead.mismatches = player->mismatches;
	}
}

static void step_judge(struct player *player, struct step *step, struct span whole)
{
	struct buf lines = {0}, verdict = {0}, anew = {0};
	bool met;

	expectations_take(player, &lines);
	met = expectations_met(player, player->expected, &step->items, &verdict, &anew);
	if (!met)
		complain(player, step->number, "%.*s\n%.*s", (int)step->line.len, step->line.data, verdict.len > 900 ? 900 : (int)verdict.len, verdict.data ? verdict.data : "");
	buf_add_span(player->written, step->rewritten.len ? buf_span(&step->rewritten) : whole);
	buf_add_text(player->written, "\n");
	buf_add_span(player->written, buf_span(met ? &lines : &anew));
	buf_free(&lines);
	buf_free(&verdict);
	buf_free(&anew);
}

static void line_play(struct player *player, struct span whole)
{
	struct step step = {.line = stripped(whole), .number = player->line};

	if (!step.line.len || step.line.data[0] == '#') {
		buf_add_span(player->written, whole);
		buf_add_text(player->written, "\n");
		return;
	}
	step.count = words_split(step.line, player->world->arena, step.words);
	if (step.count < 1) {
		complain(player, step.number, "a quote is not closed");
		return;
	}
	step_run(player, &step);
	step_judge(player, &step, whole);
	items_free(&step.items);
	buf_free(&step.rewritten);
}

int script_play(const char *file, struct span text, struct world *world, struct buf *report, struct buf *written)
{
	struct player player = {.file = file, .world = world, .rest = text, .report = report, .written = written};
	struct span line;

	player.command = must_calloc(1, sizeof *player.command);
	player.wanted = must_calloc(1, sizeof *player.wanted);
	player.expected = must_calloc(1, sizeof *player.expected);
	while (!world->broken[0] && line_take(&player, &line))
		line_play(&player, line);
	free(player.command);
	free(player.wanted);
	free(player.expected);
	return player.mismatches;
}
