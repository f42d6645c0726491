/* The simulator's parts, shared by its files. One struct sim is one run: a whole hotline in one process and one thread, in virtual time, all of
 * it from a seed.
 *
 *   main.c     arguments, processes, shrinking, totals   run.c      one seed: phases, steps, what a step is
 *   dice.c     chance and faults                         shared.c   what survives the process of a run: complaints, counts, rare states
 *   wire.c     the network, the daemon's end of it       zmq.c      the programs' end: libzmq as they call it
 *   policies.c what may be adopted                       fiber.c    worker processes as coroutines, the machine's clocks
 *   daemon.c   the daemon: turns, deaths, restarts       check.c    what must hold: counts, replay, promises kept
 *   people.c   publishers, units, dispatchers, the       ask.c      what they ask, made of the cases there are
 *              administrator                             watch.c    subscribers
 *   staff.c    the worker processes                      trace.c    what happened, in words and as one number
 *
 * Real, and linked as they are: core, engine, policy, codec, timekeeper, the workers' loop with its decisions, and libreeve. In the
 * place of others: libzmq (zmq.c), journal and archive (in memory, with scripted faults), clocks, process ids and randomness (fiber.c). */
#ifndef REEVE_TESTS_SIM_SIM_H
#define REEVE_TESTS_SIM_SIM_H

#include "engine/inside.h"
#include "net/timekeeper.h"
#include "store/journal_memory.h"
#include "tests/fuzz/stage.h"
#include "tests/sim/model.h"
#include "tests/sim/shared.h"

#define SIM_START_US (STAGE_START * 1000)
#define WATCHERS 3
#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

enum fault {
#define FAULT(name, per_mille, words) FAULT_##name,
#include "tests/sim/faults.def"
	FAULT_COUNT
};

/* How a run is to be done. */
struct plan {
	uint64_t seed;
	int64_t steps;
	uint64_t faults;           /* bits of those that may happen */
	const unsigned char *skip; /* skip[step]: left out; NULL: none is */
	bool prints;               /* the trace is printed */
};

struct daemon {
	struct settings settings;
	struct journal *journal;
	struct archive *archive;
	struct engine *engine;    /* NULL: it is not running */
	struct timekeeper keeper;
	int64_t up_us;            /* not running: when it is started */
	int64_t wake_us;          /* running: when it wants a turn */
	int64_t stop_us;          /* being stopped: until then; 0: it is not */
	bool received, lags;
	int64_t seen_seq;         /* what the model was told */
	int64_t archived_seq;     /* before this turn */
	int64_t room_low_until_us;
};

struct people;
struct watcher;
struct staff;
struct wire_context;

struct sim {
	struct plan plan;
	int64_t step;
	uint64_t rolls;            /* dice thrown in this step */
	uint16_t rates[FAULT_COUNT];
	bool faulty;               /* faults may happen now */
	bool liveness;
	bool slow;                 /* leases and signs of life in hours instead of seconds */
	int64_t now_us;            /* monotonic */
	int64_t skew_us;           /* wall clock = monotonic + skew */
	struct daemon daemon;
	struct people *people;
	struct watcher *watchers;
	struct staff *staff;
	struct model *model;
	uint64_t hash;             /* of the trace */
	int64_t pids, randoms;     /* given out */
	struct record record;      /* for whoever reads one map at a time */
};

/* The one that runs: foreign code (libzmq's callers) has no place to carry it. */
extern struct sim *sim;

/* run.c: a whole run; ends the process with a complaint when something does not hold. Returns the trace's hash. */
uint64_t run_seed(const struct plan *plan);
/* Time passes, and everything happens that is due. most: rounds at the most, then the rest passes at once, as if all had been asleep. */
void run_until(int64_t until_us, int most);

/* dice.c */
uint64_t dice(uint64_t below);
/* A number from low to high, small ones as likely as large ones. */
int64_t dice_spread(int64_t low, int64_t high);
bool fault_happens(enum fault fault);
const char *fault_words(enum fault fault);
void dice_rates(void);

/* trace.c */
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
void trace_frame(const char *whose, const char *way, struct span frame);

/* wire.c */
void wire_begin(void);
void wire_end(void);
/* The daemon's end. The frame lives until the next call. */
bool wire_receive(enum door *ret_door, struct span *ret_peer, struct span *ret_frame);
/* False: nobody is there (any more). */
bool wire_send(enum door door, struct span peer, struct span frame);
void wire_publish(struct span topic, struct span frame);
/* Connections come up, subscriptions reach the daemon, broken ones are noticed. */
void wire_turn(void);
void wire_daemon_up(void);
void wire_daemon_down(void);
/* When the next thing happens on the wire. */
int64_t wire_next_us(void);
/* Breaks one connection by chance, in one of the ways connections break; heal ends everything that is wrong. */
void wire_break_one(void);
void wire_heal(void);
/* A program died: its connections are gone, and nothing of it is heard any more. */
void wire_context_dies(struct wire_context *context);
bool wire_context_readable(const struct wire_context *context);
/* The context whose program runs now; contexts are made for it. */
struct fiber;
struct wire_context *wire_context_of(const struct fiber *fiber);

/* fiber.c */
struct fiber *fiber_start(void (*body)(void *context), void *context);
/* Runs it if it has anything to do. False when it ended (and is freed). */
bool fiber_run(struct fiber *fiber);
/* The program is told to stop (SIGTERM). */
void fiber_stop(struct fiber *fiber);
/* SIGKILL: it ends without a word. Frees it. */
void fiber_kill(struct fiber *fiber);
/* SIGSTOP until then. */
void fiber_freeze(struct fiber *fiber, int64_t until_us);
int64_t fiber_next_us(const struct fiber *fiber);
/* Called inside of a fiber: it does something that takes time. */
void fiber_work(int64_t us);
struct fiber *fiber_current(void);
/* For wire.c: waits until then, or until something of it can be read, or it is told to stop and looks for that. Only inside of a fiber. */
void fiber_wait(int64_t until_us, bool sees_stop);
bool fiber_dead(const struct fiber *fiber);
bool fiber_stopping(const struct fiber *fiber);
void fibers_end(void);

/* daemon.c */
void daemon_begin(void);
void daemon_end(void);
/* Starts, receives, turns: whatever is due. */
void daemon_run(void);
int64_t daemon_next_us(void);
void daemon_faults(void);
void daemon_heal(void);
int64_t daemon_wall_us(void);

/* check.c */
void check_step(void);
void check_replay(void);
void check_acknowledged(void);
void check_rare_event(const struct record *event);

/* staff.c */
void staff_begin(void);
void staff_end(void);
void staff_run(void);
void staff_step(void);
void staff_heal(void);
/* For zmq.c: what reaches a worker. */
void staff_answered(struct span frame);
int64_t staff_next_us(void);

/* people.c */
void people_begin(void);
void people_end(void);
void people_step(void);
void people_run(void);
void people_heal(void);
/* What is due by now, without new requests. */
void people_wait(void);
/* For wire.c: what leaves and reaches programs at the service door. */
void people_asked(const struct wire_context *whose, struct span frame);
void people_answered(const struct wire_context *whose, struct span frame);
/* Commands that wait for their answer. */
int64_t people_waiting(void);
/* What was acknowledged: report by report. */
void people_each_acknowledged(void (*each)(struct span source, struct span ref, int64_t number, int64_t seq));

/* ask.c: fills in a command for the desk; texts are static or in room. */
#define ASK_ROOM 64
void ask_make(struct record *command, char room[ASK_ROOM]);
struct span ask_report(void);
struct span ask_area(void);
struct span ask_category(void);
const struct casefile *ask_case(void);

/* watch.c */
void watch_begin(void);
void watch_end(void);
void watch_step(void);
void watch_run(void);
void watch_heal(void);
/* Every event up to the journal's end was delivered; otherwise a complaint if it is final, or false. */
bool watch_complete(bool final);

/* policies.c */
void policies_prepare(void);
struct span policies_any(void);
struct span policies_first(void);

#endif
