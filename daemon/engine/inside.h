/* The engine's insides, shared by its files. One struct, one thread.
 *
 *   engine.c   open, close, receive, turn          peers.c    peers and what is to be sent to them
 *   inbox.c    what was not looked at yet, turn by turn
 *   request.c  one map: check, permit, hand on     round.c    events: decide, apply, append, commit, reveal to the feed
 *   work.c     the queue, leases and workers       task.c     what a worker is told
 *   query.c    show, timeline, explain, list       admin.c    status, workers, journal, policy, replay
 *   drive.c    a driven clock                      recover.c  start from archive and journal
 *   project.c  changed cases into archive rows   backup.c   the backup under way
 *   room.c     how much room the journal has     scrub.c    whether its records are still what they were
 *   readers.c  who reads the files beside us
 *   prune.c    when old records leave            prune_slice.c   which, and what is kept of them */
#ifndef REEVE_ENGINE_INSIDE_H
#define REEVE_ENGINE_INSIDE_H

#include "base/memory.h"
#include <uthash.h>

#include "core/decide.h"
#include "engine/engine.h"
#include "store/backup.h"
#include "store/segment.h"

#define PREFIX_MOST 512   /* fields.def: topic; a longer one can be no event's */
#define FENCE_KEY_MAX 300 /* door byte and a ZeroMQ routing id (at most 255 bytes) */
#define ARCHIVE_FORMAT 6

/* Tables of the archive. Numbers in keys are big-endian, so that memcmp orders them. */
enum table {
	TABLE_CASES,       /* number -> casefile_write row */
	TABLE_REFS,        /* source, NUL, source_ref -> number */
	TABLE_OPEN,        /* number -> nothing */
	TABLE_BY_AREA,     /* area name, number -> nothing */
	TABLE_BY_UNIT,     /* unit name, number -> nothing */
	TABLE_BY_CATEGORY, /* category name, number -> nothing */
	TABLE_NAMES,       /* name -> text */
	TABLE_STREAMS,     /* event kind, path name -> last number */
	TABLE_POLICIES,    /* version -> sequence number of its event */
	TABLE_SCALARS,     /* "scalars" -> now, next number, policy version, ... */
};

struct worker;

struct peer {
	UT_hash_handle hh;
	enum door door;
	bool dirty;          /* in engine.dirty_peers */
	struct buf out;      /* maps to send, packed */
	size_t *cuts;        /* ends of full frames in out */
	size_t cut_count, cut_room;
	size_t cut_sent;     /* while outputs are taken */
	int64_t requests;    /* under way: in this round or waiting */
	int64_t bytes;
	int64_t waiting;     /* of those, waiting for time or for the archive */
	int64_t waiting_bytes;
	int64_t refused;     /* requests over its credit in this round */
	bool refused_unread; /* and more that were not looked at */
	struct worker *worker;
	struct buf inbox;    /* maps that were not looked at yet */
	size_t inbox_at;
	int64_t queued, queued_bytes; /* in the inbox */
	struct peer *previous_pending, *next_pending; /* the ring that it is in */
	bool fresh;          /* in engine.fresh, not engine.pending */
	unsigned char key_len;
	char key[];          /* door byte, routing id */
};

/* Where a reply goes. */
struct caller {
	struct peer *peer;
	struct record *request;
	struct span map; /* the bytes behind it */
};

struct touched {
	UT_hash_handle hh;
	int64_t number;
	uint32_t area, unit, category; /* as the archive has them */
	bool known;                    /* the archive has, or will have, the case */
};

struct task_entry {
	int64_t number, fence;
	int64_t since; /* real time */
	uint16_t attempts;
	uint8_t task, slot;
};

struct task_queue {
	struct task_entry *entries;
	size_t head, count, room; /* a ring */
};

struct lease {
	UT_hash_handle hh;
	int64_t key;
	struct task_entry entry;
	struct worker *worker;
	int64_t since, until; /* real time */
};

struct worker {
	UT_hash_handle hh; /* by peer */
	struct peer *peer;
	char name[65];
	uint8_t task;
	int64_t pid, credit, leased, done, failed, heard; /* heard: real time */
};

/* A query waiting for the archive, or a command waiting for driven time. */
struct waiting {
	struct waiting *next;
	struct peer *peer;
	int64_t need_seq, until;
	size_t len;
	char map[];
};

struct waiting_list {
	struct waiting *first, *last;
	int64_t count;
};

struct subscription {
	UT_hash_handle hh;
	int64_t last_seq;   /* last event published under it */
	int64_t count;      /* events published under it since it was subscribed */
	bool changed;       /* in engine.changed: a mark is due */
	struct subscription *prev, *next;
	size_t len;
	char topic[];
};

struct feed_item {
	size_t topic, topic_len, payload, payload_len; /* in feed_bytes */
};

struct figure {
	UT_hash_handle hh;
	int64_t value;
	char name[];
};

/* The worst of those who read the journal's file beside us. */
struct readers {
	struct journal_reader worst;
	int64_t look_at, since, lag_ms; /* real time */
	bool warned, ended;
};

/* Old records on their way out of the journal. */
struct prune {
	struct segments segments;   /* where those that left are */
	struct segment_job *job;    /* NULL: none is being written */
	int64_t until;              /* records up to here are in a segment and leave now; below first_seq: none */
	int64_t look_at, slice_at;  /* real time */
	int64_t next_at;            /* case time: when to look again by ourselves; 0: at once */
	int64_t gone;               /* records that left since the oldest of those who wait asked */
	bool asked;                 /* somebody waits: everything whose time is over leaves now */
	struct waiting_list waits;
};

struct engine {
	const struct settings *settings;
	struct journal *journal;
	struct archive *archive;
	struct state *state;
	char fault[320];
	bool driven, stopping;
	bool low_room; /* new reports are refused */
	bool no_room;  /* everything that writes is refused; no deadline is dealt with */
	bool low_told; /* of store_low and store_well, the first was written last */
	int64_t room;         /* bytes there were at the last look */
	int64_t room_written; /* bytes of records since the room was looked at */
	bool revealed; /* outputs may be taken, until the next frame or turn */
	bool more;     /* deadlines are left over from this turn */
	bool archive_unread; /* a case was looked for in the archive, and that could not be read */
	int64_t real, now;        /* real time; case time */
	int64_t started, room_at; /* real time */

	/* the round under way */
	struct decision decision;
	struct buf encoded;
	int64_t round_events, round_requests;
	int64_t dirty_journal;    /* appends and private rows not committed yet */
	struct touched *touched;
	uint32_t names_kept;      /* names the archive has */

	/* the feed of this round */
	struct subscription *subscriptions;
	uint32_t prefixes[PREFIX_MOST + 1]; /* how many subscriptions there are of each length */
	struct subscription *changed;       /* those that wait for a mark, the longest first */
	struct buf feed_bytes;
	struct feed_item *feed;
	size_t feed_count, feed_room, feed_sent;
	int64_t mark_at;

	struct peer *peers;
	struct peer *fresh, *pending; /* rings of peers whose inbox holds something: since a moment, and those that ask much */
	uint64_t slices;
	int64_t inbox_bytes;
	bool hurried;            /* an answer to somebody who asks little waits for this round's commit */
	bool sliced;             /* frames are queued and handled in slices */
	bool left;               /* the last slice was not the end */
	bool (*clear)(void *context, enum door door, struct span peer);
	void *clear_context;
	struct peer **dirty_peers;
	size_t dirty_count, dirty_room, dirty_sent;

	struct task_queue queues[TASK_LIMIT];
	struct lease *leases;    /* oldest first */
	struct worker *workers;
	int64_t worker_grace[TASK_LIMIT]; /* driven clock: until then a missing worker is waited for */

	struct waiting_list queries, driven_commands;
	int64_t audit_second, audited; /* refusals kept in this second of real time */
	struct journal_backup *backup;    /* NULL: none is under way */
	struct waiting_list backup_waits; /* who asked for it */
	struct prune prune;
	struct readers readers;
	int64_t backup_look_at;           /* real time */
	int64_t *policy_seqs;    /* by version */
	size_t policy_seq_count;
	int64_t scrub_next, scrub_last; /* records that are still to be checked against their hashes */
	int64_t scrub_at;               /* real time */
	int64_t damaged_seq, damaged_count, damaged_rows;
	struct figure *figures;
	struct record scratch;   /* for records read from the journal */
};

/* peers.c */
struct peer *peer_of(struct engine *engine, enum door door, struct span id);
void peer_forget(struct engine *engine, struct peer *peer);
void peer_send(struct engine *engine, struct peer *peer, const struct record *record);
void peer_send_all(struct engine *engine, struct peer *peer, const struct record *record); /* PRIVATE fields too */
void peers_sent(struct engine *engine); /* outputs were taken: begin anew */
void peers_free(struct engine *engine);
bool peers_output(struct engine *engine, struct engine_output *ret_output);

/* engine.c */
/* What comes now belongs to the next turn. False after a fault. */
bool engine_begin(struct engine *engine);
int engine_scan(const struct engine *engine, struct span frame, size_t *ret_objects, struct flaw *ret_flaw);

/* inbox.c */
void inbox_drop(struct engine *engine, struct peer *peer);

/* request.c */
/* One that was queued, and one over its peer's credit. */
void request_queued(struct engine *engine, struct peer *peer, struct span map);
void request_over(struct engine *engine, struct peer *peer, struct span map);
void reply_begin(const struct caller *caller, struct record *reply);
void reply_refusal(struct engine *engine, const struct caller *caller, enum error_kind error, enum field field, const char *detail);
/* Results of a worker that cannot even be read cost their task an attempt at once. */
void work_flaw(struct engine *engine, const struct caller *caller);
void reply_flaw(struct engine *engine, const struct caller *caller, const struct flaw *flaw);
/* Keeps a refused command in the journal, if it is one that the audit wants. */
void audit_refusal(struct engine *engine, const struct record *request, enum error_kind error, enum field field);
/* One map of a scanned frame. fresh: it just came; otherwise it waited. */
void request_handle(struct engine *engine, struct peer *peer, struct span map, bool fresh);
/* Runs a state-changing command and answers it. */
void request_run(struct engine *engine, const struct caller *caller);
/* True when the case named by a request is in memory (brought back from the archive if need be). */
bool engine_bring(struct engine *engine, const struct record *command);
/* Why a question is refused when it could not: "not there" would be a wrong answer. */
extern const char archive_unread[];
/* For exact numbers; used by recovery too. */
bool engine_bring_case(struct engine *engine, int64_t number);
void waiting_add(struct waiting_list *list, const struct caller *caller, int64_t need_seq, int64_t until);
struct waiting *waiting_take(struct waiting_list *list);
void waiting_free(struct waiting_list *list);
void waiting_drop_peer(struct waiting_list *list, const struct peer *peer);

/* round.c */
/* Decides and records; 0 or the refusal. The decision stays readable until the next call. */
int round_decide(struct engine *engine, const struct record *command);
void round_record(struct engine *engine, struct record *event, const struct record *command);
int round_commit(struct engine *engine);
/* The number a stream has reached, for the archive. */
void stream_keep(struct engine *engine, const struct record *event);
void round_marks(struct engine *engine);
bool round_output(struct engine *engine, struct engine_output *ret_output);
void round_sent(struct engine *engine);
int round_fault(struct engine *engine, const char *what);

/* project.c */
void project_touch(struct engine *engine, int64_t number);
void project_event(struct engine *engine, const struct record *event);
void project_round(struct engine *engine);
void number_key(char key[8], int64_t number);
int64_t number_of_key(const char *key);
void name_key(char key[4], uint32_t name);

/* work.c */
void work_note(struct engine *engine, const struct casefile *casefile, const struct record *event);
void work_note_open(struct engine *engine, const struct casefile *casefile);
void work_turn(struct engine *engine);
void work_offer(struct engine *engine);
bool work_quiet(struct engine *engine);
void work_request(struct engine *engine, const struct caller *caller);
void work_leave(struct engine *engine, struct worker *worker);
void work_free(struct engine *engine);
int64_t work_waiting(const struct engine *engine, int task);
int64_t work_wait_ms(const struct engine *engine);

/* task.c */
/* Builds the map for a worker; false when the case no longer waits for it. */
bool task_send(struct engine *engine, struct worker *worker, const struct task_entry *entry);
bool task_wanted(const struct engine *engine, const struct task_entry *entry);

/* query.c */
void query_show(struct engine *engine, const struct caller *caller);
void query_timeline(struct engine *engine, const struct caller *caller);
void query_list(struct engine *engine, const struct caller *caller);
const struct actor_setting *actor_of(const struct engine *engine, const struct record *request);
bool case_visible(const struct engine *engine, const struct record *request, const struct casefile *casefile);
const struct casefile *query_case(struct engine *engine, const struct caller *caller);
void query_turn(struct engine *engine);
/* Answers one query that has waited long enough; false: there is none. */
bool query_ready(struct engine *engine);
void case_into(struct engine *engine, struct record *record, const struct casefile *casefile, struct span ref);
/* Reads a journal record; its spans live until the journal's read_end. False: not there. */
bool journal_record(struct engine *engine, int64_t seq, struct record *ret);

/* explain.c */
void query_explain(struct engine *engine, const struct caller *caller);

/* admin.c */
void admin_status(struct engine *engine, const struct caller *caller);
void admin_mutes(struct engine *engine, const struct caller *caller);
/* Takes out of an event what only those who may see a confidential case read. */
void event_strip(struct record *event);
void admin_workers(struct engine *engine, const struct caller *caller);
void admin_replay(struct engine *engine, const struct caller *caller);
void admin_journal_read(struct engine *engine, const struct caller *caller);
void admin_journal_verify(struct engine *engine, const struct caller *caller);
void figure_add(struct engine *engine, const char *name, int64_t by);
void figure_set(struct engine *engine, const char *name, int64_t value);
void figures_free(struct engine *engine);

/* backup.c */
void backup_command(struct engine *engine, const struct caller *caller);
void backup_turn(struct engine *engine);
void backup_figures(struct engine *engine);
void backup_free(struct engine *engine);

/* room.c */
/* At once, without an event: room_turn writes it. */
void room_look(struct engine *engine);
void room_turn(struct engine *engine);
/* What is told to whoever is refused for want of room. */
const char *room_refusal(const struct engine *engine);

/* scrub.c */
/* The newest records, before anything is made of them. 0, or -1 with one line in error. */
int scrub_start(struct engine *engine, int64_t reached, char *error, size_t error_size);
void scrub_turn(struct engine *engine);
/* A record that does not match its hash: said in the log, in the status, and in an event. found: what journal_verify answered. */
void scrub_found(struct engine *engine, int64_t seq, int found);
/* The same of callers' rows: the first one's case, and how many. */
void scrub_row_found(struct engine *engine, int64_t number, int64_t rows);
void scrub_figures(struct engine *engine);
/* readers.c */
void readers_turn(struct engine *engine);
void readers_figures(struct engine *engine);

/* prune.c */
void prune_open(struct engine *engine);
void prune_command(struct engine *engine, const struct caller *caller);
void prune_turn(struct engine *engine);
void prune_figures(struct engine *engine);
int64_t prune_wait_ms(const struct engine *engine, int64_t now);
void prune_free(struct engine *engine);
/* The name of the segment that a pruned record is in, for an answer that lacks it. */
void prune_into(const struct engine *engine, struct record *reply, int64_t seq);

/* prune_slice.c */
/* The caller left something, and it was destroyed. */
bool prune_took_contact(struct engine *engine, const struct casefile *casefile);
/* The last record that may leave: older than the policy's retention, and the archive has what follows from it. Below first_seq: none. */
int64_t prune_limit(struct engine *engine);
/* Takes so many of the oldest records out of the journal, in the transaction under way. */
void prune_slice(struct engine *engine, int64_t until, int64_t most);

/* adopt.c */
void adopt_check(struct engine *engine, const struct caller *caller);
void adopt_apply(struct engine *engine, const struct caller *caller);
void adopt_read(struct engine *engine, const struct caller *caller);
void adopt_list(struct engine *engine, const struct caller *caller);
/* Remembers in which record a version was adopted. archived: the archive has it already. */
void adopt_note(struct engine *engine, int64_t version, int64_t seq, bool archived);
/* Compiles an adopted version again and gives it to the state, if the state does not have it. False with a line in error. */
bool adopt_version(struct engine *engine, int64_t version, char *error, size_t error_size);
/* The same for every version by which a clock of the case was set. NULL takes none. */
bool adopt_for_case(struct engine *engine, const struct casefile *casefile, char *error, size_t error_size);

/* drive.c */
void drive_turn(struct engine *engine);
bool drive_takes(struct engine *engine, const struct caller *caller);

/* ticks: as many as are due, bounded; true when some are left */
bool engine_tick(struct engine *engine, int64_t most);

/* recover.c */
int recover(struct engine *engine, char *error, size_t error_size);

#endif
