/* What a step was expected to bring about against what it did: line by line, with only the fields that the story names. */
#include "tests/story/script.h"

#include <stdio.h>

/* Fields that a story written anew does not name by itself: envelopes, texts, and what follows from other fields. */
static bool worth_telling(enum field field, bool several)
{
	static const enum field dull[] = {FIELD_event, FIELD_at, FIELD_previous, FIELD_path, FIELD_stream, FIELD_epoch, FIELD_request, FIELD_actor, FIELD_seq,
		FIELD_source, FIELD_source_ref, FIELD_title, FIELD_text, FIELD_address, FIELD_latitude, FIELD_longitude, FIELD_channel, FIELD_reported_at,
		FIELD_contact_kept, FIELD_limit, FIELD_start, FIELD_warn, FIELD_stage_limit, FIELD_stage_start, FIELD_stage_warn, FIELD_sign_limit,
		FIELD_sign_start, FIELD_sign_warn, FIELD_policy, FIELD_next_at, FIELD_worker, FIELD_confidence, FIELD_threshold, FIELD_message,
		FIELD_ladder, FIELD_slot, FIELD_kind, FIELD_reason, FIELD_result, FIELD_audience};

	for (size_t i = 0; i < sizeof dull / sizeof *dull; i++)
		if (dull[i] == field)
			return false;
	return field != FIELD_case_id || several;
}

static void item_begin(const struct player *player, const struct item *item, struct buf *buf)
{
	buf_add_text(buf, "  => ");
	if (item->at != player->world->now) {
		moment_write(player->zone, item->at, buf);
		buf_add_text(buf, " ");
	}
	buf_add_text(buf, item->name);
	if (item->also)
		buf_printf(buf, " %s", item->also);
}

static void item_field(const struct player *player, const struct item *item, enum field field, struct buf *buf)
{
	buf_printf(buf, " %s=", field_name(field));
	field_write(player->zone, &item->record, field, buf);
}

/* As an expectation: with the fields that one named before, or with those that are worth it. */
static void item_write(const struct player *player, const struct item *item, const struct expectation *like, struct buf *buf)
{
	bool several = state_next_number(player->world->state) > 2;
	enum field field;

	item_begin(player, item, buf);
	for (int i = 0; like && i < like->word_count; i++)
		if (story_field(like->words[i].key, &field))
			item_field(player, item, field, buf);
	for (int i = 0; !like && i < FIELD_COUNT; i++)
		if (record_holds(&item->record, (enum field)i) && worth_telling((enum field)i, several))
			item_field(player, item, (enum field)i, buf);
	buf_add_text(buf, "\n");
}

bool expectation_read(struct player *player, struct span line, struct expectation *ret)
{
	struct word words[WORDS_MOST];
	char moment[40];
	int count = words_split(line, player->world->arena, words), at = 0;

	*ret = (struct expectation){.line = line};
	if (count > 2 && words[0].bare && words[0].key.len == 10 && words[0].key.data[4] == '-') {
		int len = snprintf(moment, sizeof moment, "%.*s %.*s", (int)words[0].key.len, words[0].key.data, (int)words[1].key.len, words[1].key.data);
		if (!moment_read(player->zone, (struct span){moment, (size_t)len}, &ret->at))
			return false;
		ret->timed = true;
		at = 2;
	}
	if (count <= at)
		return false;
	ret->name = words[at++].key;
	if (at < count && words[at].bare)
		ret->also = words[at++].key;
	while (at < count)
		ret->words[ret->word_count++] = words[at++];
	return true;
}

static bool same_name(const struct expectation *expected, const struct item *item)
{
	return span_is(expected->name, item->name) && span_equal(expected->also, span_of(item->also ? item->also : ""));
}

/* Values are compared as the story writes them, so that "the same" is what a reader sees. */
static bool same_value(const struct player *player, struct word word, const struct item *item, struct buf *difference)
{
	struct record *wanted = player->wanted;
	struct buf is = {0}, should = {0};
	char problem[200] = "";
	enum field field;
	bool same;

	record_clear(wanted);
	if (!story_field(word.key, &field)) {
		buf_printf(difference, " there is no field %.*s;", (int)word.key.len, word.key.data);
		return false;
	}
	if (span_is(word.value, "-") || span_is(span_of(field_type_name(field)), "LIST"))
		buf_add_span(&should, word.value);
	else if (field_read(player->zone, word, wanted, problem, sizeof problem))
		field_write(player->zone, wanted, field, &should);
	field_write(player->zone, &item->record, field, &is);
	same = !problem[0] && span_equal(buf_span(&is), buf_span(&should));
	if (problem[0])
		buf_printf(difference, " %s;", problem);
	else if (!same)
		buf_printf(difference, " %s is %.*s;", field_name(field), (int)is.len, is.data);
	buf_free(&is);
	buf_free(&should);
	return same;
}

static bool item_fits(const struct player *player, const struct expectation *expected, const struct item *item, struct buf *difference)
{
	bool fits = same_name(expected, item);

	if (fits && item->at != (expected->timed ? expected->at : player->world->now)) {
		buf_add_text(difference, " it happened at ");
		moment_write(player->zone, item->at, difference);
		buf_add_text(difference, ";");
		fits = false;
	}
	for (int i = 0; same_name(expected, item) && i < expected->word_count; i++)
		fits &= same_value(player, expected->words[i], item, difference);
	return fits;
}

static bool comes_later(const struct expectation *expected, const struct items *items, size_t from)
{
	for (size_t i = from; i < items->count; i++)
		if (same_name(expected, &items->list[i]))
			return true;
	return false;
}

struct comparison {
	struct player *player;
	const struct expectations *expected;
	const struct items *items;
	size_t e, a;
	struct buf verdict; /* for people */
	struct buf anew;    /* the expectations as they should have been */
	bool differs;
};

static void told(struct comparison *comparison, const char *verdict, struct span line)
{
	buf_printf(&comparison->verdict, "    %-15s %.*s\n", verdict, (int)line.len, line.data);
}

static void pair(struct comparison *comparison)
{
	const struct expectation *expected = &comparison->expected->list[comparison->e++];
	const struct item *item = &comparison->items->list[comparison->a++];
	struct buf difference = {0};

	if (item_fits(comparison->player, expected, item, &difference)) {
		told(comparison, "", expected->line);
	} else {
		comparison->differs = true;
		told(comparison, "differs", expected->line);
		told(comparison, "", buf_span(&difference));
	}
	item_write(comparison->player, item, expected, &comparison->anew);
	buf_free(&difference);
}

static void extra(struct comparison *comparison)
{
	const struct item *item = &comparison->items->list[comparison->a++];
	size_t from = comparison->anew.len;

	comparison->differs = true;
	item_write(comparison->player, item, NULL, &comparison->anew);
	told(comparison, "not expected", (struct span){comparison->anew.data + from + 5, comparison->anew.len - from - 6});
}

/* `...` lets pass whatever comes until what stands behind it. */
static void wildcard(struct comparison *comparison)
{
	const struct expectations *expected = comparison->expected;
	const struct expectation *next = comparison->e + 1 < expected->count ? &expected->list[comparison->e + 1] : NULL;
	struct buf ignored = {0};

	while (comparison->a < comparison->items->count && !(next && item_fits(comparison->player, next, &comparison->items->list[comparison->a], &ignored)))
		comparison->a++;
	comparison->e++;
	buf_add_text(&comparison->anew, "  => ...\n");
	buf_free(&ignored);
}

static void compare_all(struct comparison *comparison)
{
	const struct expectations *expected = comparison->expected;
	const struct items *items = comparison->items;

	while (comparison->e < expected->count || comparison->a < items->count) {
		const struct expectation *next = comparison->e < expected->count ? &expected->list[comparison->e] : NULL;
		if (next && span_is(next->name, "...")) {
			wildcard(comparison);
		} else if (next && comparison->a < items->count && same_name(next, &items->list[comparison->a])) {
			pair(comparison);
		} else if (next && !comes_later(next, items, comparison->a)) {
			comparison->differs = true;
			told(comparison, "did not happen", next->line);
			comparison->e++;
		} else {
			extra(comparison);
		}
	}
}

bool expectations_met(struct player *player, const struct expectations *expected, const struct items *items, struct buf *verdict, struct buf *anew)
{
	struct expectations none = {0};
	bool nothing = expected->count == 1 && span_is(expected->list[0].name, "nothing");
	struct comparison comparison = {.player = player, .expected = nothing ? &none : expected, .items = items};

	compare_all(&comparison);
	if (!items->count && expected->count && !comparison.anew.len)
		buf_add_text(&comparison.anew, "  => nothing\n");
	buf_add_span(verdict, buf_span(&comparison.verdict));
	buf_add_span(anew, buf_span(&comparison.anew));
	buf_free(&comparison.verdict);
	buf_free(&comparison.anew);
	return !comparison.differs;
}
