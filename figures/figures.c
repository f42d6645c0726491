/* The figures of one period: names, facts, and the table of figures. Owns all memory of struct figures.
 *
 * A fact outside of the period is never kept, so memory follows the period and not the journal (but for one small entry a case).
 * Nothing here knows an event: take.c does; nothing knows a group: group.c does. */
#include "figures/inside.h"

#include <stdlib.h>

#define MORE 1
#define LESS (-1)
#define EVEN 0
#define ROW(name, shape, of, other, better, chinese, label, meaning) \
	[FIGURE_##name] = {#name, SHAPE_##shape, FIGURE_##of, FIGURE_##other, better, chinese, label, meaning},
const struct figure_row figure_rows[FIGURE_COUNT] = {
#define COUNT(name, better, chinese, label, meaning) ROW(name, COUNT, name, name, better, chinese, label, meaning)
#define TIME(name, better, chinese, label, meaning) ROW(name, TIME, name, name, better, chinese, label, meaning)
#define MET(name, of, better, chinese, label, meaning) ROW(name, MET, of, of, better, chinese, label, meaning)
#define MISSED(name, of, better, chinese, label, meaning) ROW(name, MISSED, of, of, better, chinese, label, meaning)
#define SHARE(name, of, better, chinese, label, meaning) ROW(name, SHARE, of, of, better, chinese, label, meaning)
#define SUM(name, one, other, better, chinese, label, meaning) ROW(name, SUM, one, other, better, chinese, label, meaning)
#include "figures/figures.def"
};

enum figure figure_find(struct span name)
{
	for (int figure = 0; figure < FIGURE_COUNT; figure++)
		if (span_is(name, figure_rows[figure].name))
			return (enum figure)figure;
	return FIGURE_COUNT;
}

struct figures *figures_new(int64_t from, int64_t to)
{
	struct figures *figures = must_calloc(1, sizeof *figures);

	figures->from = from;
	figures->to = to;
	return figures;
}

void figures_free(struct figures *figures)
{
	struct subject *subject, *next;

	if (!figures)
		return;
	HASH_ITER(hh, figures->subjects, subject, next) {
		HASH_DEL(figures->subjects, subject);
		free(subject);
	}
	HASH_CLEAR(hh, figures->by_text);
	for (size_t i = 0; i < figures->name_count; i++)
		free(figures->names[i]);
	free(figures->names);
	free(figures->facts);
	free(figures);
}

uint32_t name_of(struct figures *figures, struct span text)
{
	struct name *name;

	if (!text.len)
		return 0;
	HASH_FIND(hh, figures->by_text, text.data, text.len, name);
	if (name)
		return name->id;
	name = must_calloc(1, sizeof *name + text.len + 1);
	memcpy(name->text, text.data, text.len);
	if (figures->name_count == figures->name_room) {
		figures->name_room = figures->name_room ? figures->name_room * 2 : 64;
		figures->names = must_realloc(figures->names, figures->name_room * sizeof *figures->names);
	}
	figures->names[figures->name_count++] = name;
	name->id = (uint32_t)figures->name_count;
	HASH_ADD_KEYPTR(hh, figures->by_text, name->text, text.len, name);
	return name->id;
}

struct span figures_name(const struct figures *figures, uint32_t name)
{
	return name && name <= figures->name_count ? span_of(figures->names[name - 1]->text) : span_of("");
}

void fact_add(struct figures *figures, enum figure figure, const struct subject *subject, uint32_t unit, int64_t at, int64_t span_ms, bool met)
{
	if (at < figures->from || at >= figures->to)
		return;
	if (figures->fact_count == figures->fact_room) {
		figures->fact_room = figures->fact_room ? figures->fact_room * 2 : 1024;
		figures->facts = must_realloc(figures->facts, figures->fact_room * sizeof *figures->facts);
	}
	figures->facts[figures->fact_count++] = (struct fact){.number = subject->number, .at = at, .span_ms = span_ms, .unit = unit,
		.figure = (uint8_t)figure, .met = met};
}

size_t figures_facts(const struct figures *figures, const struct fact **ret_facts)
{
	*ret_facts = figures->facts;
	return figures->fact_count;
}

int64_t figures_unknown(const struct figures *figures)
{
	return figures->unknown;
}

bool fact_counts(const struct fact *fact, enum figure figure)
{
	const struct figure_row *row = &figure_rows[figure];

	if (fact->figure != row->of && fact->figure != row->other)
		return false;
	return row->shape == SHAPE_MET ? fact->met : row->shape == SHAPE_MISSED ? !fact->met : true;
}

int64_t share_of(int64_t part, int64_t whole)
{
	return whole ? (20000 * part + whole) / (2 * whole) : 0;
}

void figures_bins(const struct figures *figures, enum figure figure, const int64_t *bounds, size_t count, int64_t *ret_sums)
{
	for (size_t i = 0; i + 1 < count; i++)
		ret_sums[i] = 0;
	for (size_t i = 0; i < figures->fact_count; i++) {
		const struct fact *fact = &figures->facts[i];
		if (!fact_counts(fact, figure))
			continue;
		for (size_t bin = 0; bin + 1 < count; bin++)
			if (fact->at >= bounds[bin] && fact->at < bounds[bin + 1])
				ret_sums[bin]++;
	}
}
