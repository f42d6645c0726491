/* Figures of a period from the events of the journal: rates, counts, stage times, traffic lights, by unit, area or category.
 *
 * Pure: events in, figures out. Whoever has events (a report over the protocol, a rehearsal in memory) feeds them in the order of
 * their sequence numbers, from the first that is kept, settles once, and then groups as often as wanted.
 *
 * Everything counted is a FACT: one case, one unit, one moment. A figure is a count of facts, or a quantile of how long they
 * took, so every figure can name the cases behind it. */
#ifndef REEVE_FIGURES_FIGURES_H
#define REEVE_FIGURES_FIGURES_H

#include "core/record.h"

enum figure {
#define COUNT(name, better, chinese, label, meaning) FIGURE_##name,
#define TIME(name, better, chinese, label, meaning) FIGURE_##name,
#define MET(name, of, better, chinese, label, meaning) FIGURE_##name,
#define MISSED(name, of, better, chinese, label, meaning) FIGURE_##name,
#define SHARE(name, of, better, chinese, label, meaning) FIGURE_##name,
#define SUM(name, one, other, better, chinese, label, meaning) FIGURE_##name,
#include "figures/figures.def"
	FIGURE_COUNT
};

enum figure_shape { SHAPE_COUNT, SHAPE_TIME, SHAPE_MET, SHAPE_MISSED, SHAPE_SHARE, SHAPE_SUM };

struct figure_row {
	const char *name;
	enum figure_shape shape;
	enum figure of, other; /* itself for COUNT and TIME */
	int better;            /* 1 more is better, -1 less, 0 neither */
	const char *chinese, *label, *meaning;
};
extern const struct figure_row figure_rows[FIGURE_COUNT];
/* FIGURE_COUNT when there is none of this name. */
enum figure figure_find(struct span name);

struct fact {
	int64_t number;     /* the case; 0: none came of it */
	int64_t at;         /* when it happened or fell due */
	int64_t span_ms;    /* TIME: how long it took */
	uint32_t unit;      /* names: see figures_name; 0: none */
	uint32_t area, category, first_contact; /* of the case, as they stand at the end of the period */
	uint8_t figure;
	bool met;
};

struct figures;

/* The period: from inclusive, to exclusive, milliseconds. An unfinished period ends where the daemon's time is. */
struct figures *figures_new(int64_t from, int64_t to);
/* Takes NULL. */
void figures_free(struct figures *figures);
/* The next event, with its seq or without. False: it lies after the period and counts for nothing. */
bool figures_take(struct figures *figures, const struct record *event);
/* After the last event, once: what stands open, closed and due at the end of the period. */
void figures_settle(struct figures *figures);
size_t figures_facts(const struct figures *figures, const struct fact **ret_facts);
struct span figures_name(const struct figures *figures, uint32_t name);
/* Events of cases whose opening was not among the events: older than what the journal keeps. */
int64_t figures_unknown(const struct figures *figures);
/* Whether the fact is one of those behind the figure. */
bool fact_counts(const struct fact *fact, enum figure figure);

enum figures_by { BY_UNIT, BY_AREA, BY_CATEGORY, BY_FIRST_CONTACT };

struct group {
	struct span name; /* borrowed from the figures; empty: of no unit, ... */
	int64_t count[FIGURE_COUNT], met[FIGURE_COUNT]; /* of the shapes with facts of their own */
	int64_t median_ms[FIGURE_COUNT], p90_ms[FIGURE_COUNT];
	size_t rank; /* 1 is best, equal figures have the same; 0: the figure is not known for it */
};
struct grouping {
	struct group *groups;
	size_t count;
	struct group total;
};
struct figure_value {
	bool known;          /* a share of nothing and the time of nobody are not */
	int64_t part, whole; /* SHARE: both; every other but TIME: part */
	int64_t median_ms, p90_ms;
};

/* depth: names are cut after so many parts (a/b/c); 0: whole. Groups come in the order of their names. */
struct grouping *figures_group(const struct figures *figures, enum figures_by by, size_t depth);
void grouping_free(struct grouping *grouping);
/* Puts the groups in order, best first, and sets their ranks. */
void grouping_rank(struct grouping *grouping, enum figure figure);
struct figure_value group_value(const struct group *group, enum figure figure);
/* The name that a fact is grouped under. */
struct span fact_group(const struct figures *figures, const struct fact *fact, enum figures_by by, size_t depth);
/* Ten-thousandths, rounded half up. */
int64_t share_of(int64_t part, int64_t whole);
/* How many facts behind a figure lie between each bound and the next: count - 1 sums. */
void figures_bins(const struct figures *figures, enum figure figure, const int64_t *bounds, size_t count, int64_t *ret_sums);

#endif
