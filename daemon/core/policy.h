/* A city's rules, compiled and immutable. policy/ makes it from CSV and YAML; core, the workers and the simulator decide
 * by it. Every table is an array; things refer to each other by index, -1 is none. All text is owned by the policy.
 *
 * Lookups never fail on well-formed input: they return -1 or NULL for "the policy says nothing". */
#ifndef REEVE_CORE_POLICY_H
#define REEVE_CORE_POLICY_H

#include "core/arena.h"
#include "core/calendar.h"
#include "core/record.h"

struct policy_index;

struct area {
	struct span code, name, name_en;
	struct span path; /* codes from the root joined by '/', e.g. 3701/370102/370102001 */
	int parent;
	int level;     /* index in policy.levels: 0 is the root's level */
	int duty_desk; /* unit that takes what nobody else does; inherited from the parent when the row leaves it empty */
	double latitude, longitude; /* of its centre; NAN when not given */
};

struct category {
	struct span code, name, name_en;
	int parent;
	int kind;    /* enum report_kind; inherited, KIND_help at the root */
	int urgency; /* 1 to 4; inherited, 3 at the root */
	struct span *words; /* triage words: a text that holds one speaks for this category */
	size_t word_count;
};

struct unit {
	struct span code, kind, name, name_en;
	int area;      /* its seat; it serves that area and everything below */
	int calendar;  /* its hours, -1: always */
	int64_t capacity; /* open cases it can carry, 0: no limit */
};

/* A catalogue row: category x area x urgency -> lead unit and promise. -1 / 0 match everything. */
struct catalogue_row {
	struct span line;
	int category; /* the category or one below it */
	int area;     /* the area or one below it */
	int urgency;  /* 0: any */
	int unit;     /* -1: says nothing about the unit */
	int promise;  /* limit index; -1: says nothing; CATALOGUE_NO_PROMISE: no promise is made */
	int *assist;  /* units that help the lead */
	size_t assist_count;
};
#define CATALOGUE_NO_PROMISE (-2)

/* Which limit a clock has. First matching row wins. Also used for the promise when no catalogue row speaks. */
struct clock_row {
	struct span line;
	int clock; /* enum clock_kind */
	int category, area, urgency; /* -1, -1, 0: any */
	int limit; /* -1: the clock does not run */
};

struct rung {
	int after_percent;      /* of the clock's counted time; >= 100 for breaches */
	struct span role;       /* who at the level, e.g. supervisor */
	int level;              /* index in levels: the ancestor of the case's area at this level is told; a case above it tells its own area */
	int64_t acknowledge_ms; /* wall time for a person to answer; 0: none is asked for */
	int64_t repeat_ms;      /* last rung only: tell again after this; 0: once */
	int64_t hold_ms;        /* an acknowledgement expires after this when nothing moved; 0: never */
};

/* What sets a ladder off. Only a breach waits for thresholds of a clock; the others are told as soon as it happens. */
enum ladder_cause {
	LADDER_BREACH,      /* a clock is over its limit */
	LADDER_URGENCY,     /* the case is known to match: urgency 1 at intake */
	LADDER_RETURNS,     /* returned as often as the policy lets: the coordinating level decides */
	LADDER_REMINDERS,   /* reminded of again and again */
	LADDER_UNSATISFIED, /* called back, and not satisfied */
	LADDER_UNASSIGNED,  /* a stage with nobody to do it */
	LADDER_SUPERVISION, /* a supervision record was opened */
	LADDER_CAUSES
};

struct ladder {
	struct span name, line;
	int clock;   /* enum clock_kind, CLOCK_none: every clock */
	int category, area, urgency; /* -1, -1, 0: any. First matching ladder wins. */
	enum ladder_cause cause;
	bool at_once; /* cause is LADDER_URGENCY: the first rung is told as soon as the case is known to match, not at a breach */
	struct rung *rungs;
	size_t rung_count;
};

/* Somebody is there for a role in an area. An audience without a duty is empty. */
struct duty {
	struct span line, role, name;
	int area;
	int calendar; /* -1: always */
};

struct danger_word {
	struct span word;
	int urgency;
	int category; /* -1: says nothing */
};

/* A step of the life that is switched on for what matches: checking, calling back. */
struct step_row {
	struct span line;
	int category;        /* the category or one below it; -1: any */
	struct span channel; /* empty: any */
	int kind;            /* enum report_kind, 0: any */
};

/* A source that normally publishes: silence for longer than this is worth a notice. */
struct source_row {
	struct span line;
	struct span name;
	int64_t quiet_ms;
	int calendar; /* counted in its open time; -1: always */
};

/* Who takes fire, crime and medical emergencies. */
struct emergency_row {
	struct span line;
	struct span number, name;
	struct span *words; /* a text that holds one speaks for this number */
	size_t word_count;
};

/* A department's own task that it may put on others: under which authority, with whose money, from when to when. */
struct admission_row {
	struct span line;
	struct span record, item, authority, funding;
	int unit;     /* the department */
	int category; /* the category or one below it; -1: any */
	int area;     /* the area or one below it; -1: any */
	int64_t from_ms, to_ms; /* [from, to); INT64_MIN and INT64_MAX: open */
};

struct policy {
	struct span name;
	struct span title;
	struct span zone; /* IANA name */
	struct zone *time_zone; /* the same, compiled: local time to UTC and back */
	int64_t version;  /* set when adopted */

	struct span *levels;
	size_t level_count;
	struct area *areas;
	size_t area_count;
	struct category *categories;
	size_t category_count;
	struct unit *units;
	size_t unit_count;
	struct calendar *calendars;
	size_t calendar_count;
	struct limit *limits;
	size_t limit_count;
	struct catalogue_row *catalogue;
	size_t catalogue_count;
	struct clock_row *clocks;
	size_t clock_count;
	struct ladder *ladders;
	size_t ladder_count;
	struct duty *duties;
	size_t duty_count;
	struct danger_word *danger_words;
	size_t danger_word_count;

	struct step_row *checking;
	size_t checking_count;
	struct step_row *calling_back;
	size_t calling_back_count;
	struct source_row *sources;
	size_t source_count;
	struct emergency_row *emergencies;
	size_t emergency_count;
	struct admission_row *admissions;
	size_t admission_count;

	int returns_cap;             /* returns of one case that a unit may ask for: 2 */
	int extensions_cap;          /* 1 */
	int extension_limit;         /* limit of an extension, -1: extensions are refused */
	bool extension_moves_promise;
	int64_t suspension_longest_ms; /* 90 days */
	int call_attempts;           /* calls back before the step ends without an answer: 3 */
	int reminders_urgent_after;  /* so many reminders raise the urgency by one; 0: never */
	int reminders_escalate_after; /* so many set off the ladder for reminders; 0: never */

	int default_area;         /* a report without area, or with one nobody knows from a worker; the root when not named */
	int64_t reopen_window_ms; /* after closing */
	int64_t retention_ms;     /* a closed case's records leave the journal so long after the last of them; 0: never */
	int64_t similar_radius_m; /* candidates for "the same thing" */
	int64_t similar_window_ms;
	int64_t patience_ms[TASK_LIMIT]; /* by enum task_kind: how long a stage waits for its worker before the core falls back */
	int warn_percent;         /* 80 */
	int fallback_category;    /* for what nobody could classify */
	double classifier_confidence; /* a trained classifier's word is taken from here on, below it people decide; 0: it is not asked */

	int64_t *area_lines, *category_lines, *unit_lines; /* where each stands in its file; NULL: made by hand */

	struct policy_index *index; /* tables by code, private to policy_index.c */
	struct arena *arena; /* what everything above points into; NULL: somebody else owns it */
};

int policy_area(const struct policy *policy, struct span code);
int policy_category(const struct policy *policy, struct span code);
int policy_unit(const struct policy *policy, struct span code);
int policy_limit(const struct policy *policy, struct span name);
int policy_ladder_named(const struct policy *policy, struct span name);
int policy_level(const struct policy *policy, struct span name);

/* True when `inner` is `outer` or below it; outer -1 holds everything. */
bool policy_area_within(const struct policy *policy, int inner, int outer);
bool policy_category_within(const struct policy *policy, int inner, int outer);
/* The ancestor (or itself) at a level; the area itself when it lies above that level. */
int policy_area_at_level(const struct policy *policy, int area, int level);

/* The promise: the most specific catalogue row that speaks of one (deepest category first, then deepest area, then urgency named),
 * else the first clock row for CLOCK_promise. -1: no promise is made. ret_line gets the row behind it (may be NULL). */
int policy_promise(const struct policy *policy, int category, int area, int urgency, struct span *ret_line);
/* The limit of a stage's clock, -1: it does not run. */
int policy_stage_limit(const struct policy *policy, int clock, int category, int area, int urgency, struct span *ret_line);
/* Units that may take it, most specific catalogue row first, each once; up to `room`. Returns how many. ret_lines may be NULL.
 * A row that names an area offers its unit there whatever the unit's seat; a row for any area offers it only where the unit serves. */
size_t policy_units_for(const struct policy *policy, int category, int area, int urgency, int *ret_units, struct span *ret_lines, size_t room);
/* The most specific catalogue row that names a unit, or that names this one (unit -1: any); NULL: none. Its `assist` are the
 * units that help. */
const struct catalogue_row *policy_lead_row(const struct policy *policy, int category, int area, int urgency, int unit);
/* The first ladder for a cause; clock: the one that was broken (LADDER_BREACH), else CLOCK_none or the one it is about. NULL: none. */
const struct ladder *policy_ladder_for(const struct policy *policy, enum ladder_cause cause, int clock, int category, int area, int urgency);
/* The same for LADDER_URGENCY (at_once) or LADDER_BREACH. */
const struct ladder *policy_ladder(const struct policy *policy, int clock, int category, int area, int urgency, bool at_once);
/* Somebody has the role in the area at this time. */
bool policy_somebody(const struct policy *policy, int area, struct span role, int64_t at);

/* The step is switched on for such a case. channel: empty when unknown. */
bool policy_checks(const struct policy *policy, int category, struct span channel, int kind);
bool policy_calls_back(const struct policy *policy, int category, struct span channel, int kind);
/* Index, or -1. */
int policy_source(const struct policy *policy, struct span name);
int policy_emergency(const struct policy *policy, struct span number);
/* The record under which a department may put a task of this category on this area now: index, or -1. A resident's own report
 * is not asked for one. */
int policy_admission(const struct policy *policy, int unit, int category, int area, int64_t at);

/* Builds the tables by code after the arrays are filled; policy/ calls it once. A parent may stand before or after its children. */
void policy_index(struct policy *policy);
/* Takes NULL. Frees the tables, the arena and the struct itself (made with must_calloc). */
void policy_free(struct policy *policy);

#endif
