/* All that the daemon knows, in memory: open cases, their clocks, what each waits for, and the counts. Made of events and of nothing else.
 *
 * Two ways in: state_apply (apply.c) changes it by one event and never fails; decide (decide.c) only reads it. Closed cases
 * stay until the archive has them (state_forget). Names (areas, units, categories, limits, sources, paths) are interned:
 * a number per text, in order of first appearance, the same in every replay. */
#ifndef REEVE_CORE_STATE_H
#define REEVE_CORE_STATE_H

#include "core/policy.h"
#include "core/record.h"

/* The clocks that can run at once for one case, and the timer of the work it waits for. */
enum sla_slot {
	SLOT_PROMISE, /* promise */
	SLOT_STAGE,   /* triage, dispatch, handle, check, call back: whichever stage it is in */
	SLOT_SIGN,    /* sign */
	SLOT_ALARM,   /* no limit, only a ladder that began at once */
	SLA_SLOTS,
	/* rarely used ones, in struct details */
	SLOT_RETURN = SLA_SLOTS, /* approve: the open request to return, */
	SLOT_EXTENSION,          /* to extend, */
	SLOT_SUSPENSION,         /* to suspend */
	SLOT_SUPERVISION,        /* supervision */
	SLOT_ASSIST,             /* assist: one for each assisting unit */
	ASSISTANTS_MOST = 8,
	SLA_ALL = SLOT_ASSIST + ASSISTANTS_MOST,
	DETAIL_SLOTS = SLA_ALL - SLA_SLOTS,
	/* timers: one for each of the first slots, and */
	TIMER_WORK = SLA_SLOTS, /* patience with the worker of the stage */
	TIMER_DETAILS,          /* the earliest deadline in struct details */
	TIMER_SLOTS,
	TIMER_SOURCE = TIMER_SLOTS /* no case: a source went quiet */
};

/* Where a clock's ladder stands. */
enum ladder_phase {
	LADDER_QUIET,   /* nobody has to be told now */
	LADDER_WANTING, /* somebody has to be told: waits for the escalation worker */
	LADDER_TOLD,    /* told; waits for an answer, or for the next rung */
	LADDER_ANSWERED /* a person answered */
};

/* One clock. Times in milliseconds UTC, 0: none. 56 bytes. */
struct sla {
	int64_t start, due, warn;
	int64_t next;    /* when the ladder looks again; LADDER_WANTING: when patience with the worker ends */
	uint32_t limit;  /* name; 0: the clock does not run */
	uint32_t ladder; /* name */
	uint32_t policy; /* version that set it */
	uint32_t epoch;  /* the case's epoch when the ladder began; part of the notice's key */
	uint32_t hold_s; /* an answer lasts so long, in seconds, when nothing moves; 0: for ever */
	uint8_t kind;    /* enum clock_kind; CLOCK_none: the slot is empty */
	uint8_t phase;   /* enum ladder_phase */
	uint8_t rung;    /* told or being told; counts on past the ladder's end for repeats */
	bool warned : 1, breached : 1;
};

/* While it was suspended. */
struct pause {
	int64_t from, to;
};

/* What most cases never have. */
struct details {
	struct sla sla[DETAIL_SLOTS];
	uint32_t assistants[ASSISTANTS_MOST]; /* names; 0: none */
	int64_t until;                        /* suspended: when it resumes; 0: when somebody says so */
	int64_t asked_until;                  /* the date an open request for suspension names */
	int64_t paused_at;                    /* suspended: since when the clocks stand still */
	int64_t master;                       /* merged: the case that carries the work */
	int64_t milestone_at;                 /* staged promise: when its next stage is due; 0: none is left */
	int64_t call_at;                      /* merged: its own caller is to be called back; 0: the master is not done, -1: settled */
	int64_t settled_seq;                  /* the master's closing, which settled it; not in the row */
	int64_t *followers;                   /* cases merged into this one */
	struct pause *pauses;                 /* those that are over, since the promise was made */
	uint32_t follower_count, pause_count;
	uint32_t admission, department, milestone; /* names */
	uint32_t returned_by;                 /* name of the unit that returned it last, until another one has it */
	uint16_t returns, transfers, extensions, reworks, redos, reminders, calls;
	bool final : 1, supervised : 1;
};

struct casefile {
	int64_t number;
	int64_t reported_at, opened_at, stage_at, closed_at;
	int64_t first_seq, last_seq;
	int64_t work_until; /* patience; 0: not waiting for a worker of the stage */
	struct sla sla[SLA_SLOTS];
	int32_t latitude_e6, longitude_e6; /* NO_PLACE: not given */
	uint32_t address;                  /* hash of the address in words, 0: none */
	uint32_t area, category, unit, first_contact, source, channel; /* names, 0: none */
	uint32_t epoch;                    /* counts the stages it entered */
	uint32_t timer_at;                 /* place in the timers' heap plus 1, 0: not there */
	uint16_t reopens;
	uint8_t state, kind, urgency, outcome;
	uint8_t task; /* enum task_kind of the stage it waits for: triage or assign; 0: none */
	bool priority : 1, late : 1, attention : 1, contact : 1, confidential : 1;
	struct details *details;                      /* NULL: nothing rare ever happened */
	struct casefile *next, *before; /* neighbours: near each other while open, by time of closing once closed */
	struct casefile *ref_next; /* in the table of references */
	const char *ref;           /* source_ref, NUL-terminated; lives behind the struct */
};
#define NO_PLACE INT32_MIN

/* A clock of any slot; NULL when the case has no details for it. */
const struct sla *casefile_sla(const struct casefile *casefile, int slot);
/* The details, all zero when it has none. */
const struct details *casefile_details(const struct casefile *casefile);
/* Open, or merged and still to be called back (or to be told that nobody calls back) when the master is closed. */
bool casefile_lives(const struct casefile *casefile);
/* When a timer of the case goes off, 0: it is not set. */
int64_t casefile_timer(const struct casefile *casefile, int slot);

/* No notices of these until then; never hides urgency 1. Names, 0: any. */
struct mute {
	int64_t number, until;
	uint32_t area, category;
	uint8_t clock;
	struct mute *next;
};

/* When a source was last heard, and whether its silence was told. */
struct source {
	uint32_t name;
	bool silent;
	int64_t heard;
	struct source *next;
};

struct state_limits {
	int64_t future_ms, past_ms, open_cases, remembered_requests;
};

struct state;

struct state *state_new(void);
/* Takes NULL. Frees the policies too. */
void state_free(struct state *state);
void state_set_limits(struct state *state, struct state_limits limits);
const struct state_limits *state_limits(const struct state *state);

/* A policy is given before a decision needs it; state owns it from then on. Decisions need the newest one, and those by which the clocks of their case
 * were set. */
void state_take_policy(struct state *state, struct policy *policy);
const struct policy *state_policy(const struct state *state); /* the newest adopted, NULL: none */
const struct policy *state_policy_of(const struct state *state, int64_t version); /* NULL: not kept */
/* A version by which a clock of the case was set and that is not kept, 0: there is none. */
int64_t state_missing_policy(const struct state *state, const struct casefile *casefile);
/* Frees one; those that no case in memory needs. Never the newest. */
void state_drop_policy(struct state *state, int64_t version);
void state_drop_unneeded_policies(struct state *state);
int64_t state_kept_policies(const struct state *state);
int64_t state_policy_version(const struct state *state);

/* Names. 0 is the empty name. state_interned: 0 when unknown. */
uint32_t state_intern(struct state *state, struct span text);
uint32_t state_interned(const struct state *state, struct span text);
struct span state_text(const struct state *state, uint32_t name);
uint32_t state_interned_count(const struct state *state);

/* NULL: not in memory. */
const struct casefile *state_case(const struct state *state, int64_t number);
const struct casefile *state_case_by_ref(const struct state *state, struct span source, struct span ref);
int64_t state_open_cases(const struct state *state);
int64_t state_held_cases(const struct state *state); /* open, and closed but not archived yet */
int64_t state_next_number(const struct state *state);
int64_t state_last_seq(const struct state *state);
int64_t state_now(const struct state *state); /* the latest event's time */
int64_t state_unit_open(const struct state *state, uint32_t unit); /* open cases with it */
int64_t state_stream(const struct state *state, int event, uint32_t path); /* last number used */
/* Calls each for every open case, in the order of their numbers. */
void state_each_open(const struct state *state, void (*each)(void *context, const struct casefile *casefile), void *context);
/* The numbers of the open cases, ascending, for who changes cases while going through them; the caller frees them. */
int64_t *state_open_numbers(const struct state *state, size_t *ret_count);

const struct mute *state_mutes(const struct state *state); /* in the order they were set */
int64_t state_next_mute(const struct state *state);
const struct source *state_source(const struct state *state, struct span name); /* NULL: never heard */
/* The source whose silence is to be told first: when, by the newest policy. NULL: none. */
const struct source *state_next_silence(const struct state *state, int64_t *ret_at, int64_t *ret_row);

/* The earliest timer: 0 and its place, or -1 when there is none. */
int state_next_timer(const struct state *state, int64_t *ret_at, const struct casefile **ret_casefile, int *ret_slot);

/* Open cases near another one, of any category, nearest buckets first; up to room. For "the same thing" candidates. */
struct neighbour {
	const struct casefile *casefile;
	int64_t distance_m; /* -1: unknown, the same address in words */
	bool same_address;
};
size_t state_neighbours(const struct state *state, const struct casefile *casefile, const struct policy *policy, int64_t now,
	struct neighbour *ret_neighbours, size_t room);

/* What a repeated request was answered with; seq 0: not known. */
struct remembered {
	int64_t seq;
	int64_t number;
};
struct remembered state_remembered(const struct state *state, struct span actor, struct span request);

/* ---- writing: apply.c and the engine's recovery only ---- */

/* Changes the state by one event. seq must be state_last_seq + 1. Returns the case it changed, NULL for none. */
const struct casefile *state_apply(struct state *state, int64_t seq, const struct record *event);
/* Drops closed cases when the archive has the last event that changed them. */
void state_forget(struct state *state, int64_t archived_seq);

/* The state as rows, for the archive: a case, and the scalars. Little-endian, format ENGINE's archive format. */
void casefile_write(struct buf *buf, const struct casefile *casefile);
/* Reads a row; ref is borrowed in *ret_ref (ret->ref stays NULL). False when the row is not one. */
bool casefile_read(struct span row, struct casefile *ret, struct span *ret_ref);
/* Ends what casefile_read made beside the struct itself. */
void casefile_release(struct casefile *row);
/* Puts a case from the archive back: the open ones at start, a closed one when somebody asks for it. Names must be there.
 * Takes the row's details. */
void state_restore_case(struct state *state, const struct casefile *casefile, struct span ref);
void state_restore_name(struct state *state, uint32_t name, struct span text);
/* Mutes and sources as one row, for the archive. */
void state_write_watch(const struct state *state, struct buf *buf);
bool state_restore_watch(struct state *state, struct span row);
void state_restore_stream(struct state *state, int event, uint32_t path, int64_t number);
void state_restore_scalars(struct state *state, int64_t seq, int64_t now, int64_t next_number, int64_t policy_version);
/* An answered request from a journal record read at start. */
void state_restore_request(struct state *state, int64_t seq, const struct record *event);

/* Which slot a clock stands in. */
int sla_slot(int clock);
/* When a clock wants attention next, 0: never. */
int64_t sla_deadline(const struct sla *sla);

#endif
