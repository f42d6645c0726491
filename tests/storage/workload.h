/* What is run while its calls are written down or made to fail, and what it says about itself in notes, one line each:
 *
 *   row NUMBER HASH     a private row is part of the transaction under way; HASH 0: destroyed
 *   committed SEQ       the journal's commit returned
 *   acknowledged SEQ    somebody was told that everything up to SEQ is safe
 *   backed SEQ          somebody was told that a backup with everything up to SEQ is whole */
#ifndef REEVE_TESTS_WORKLOAD_H
#define REEVE_TESTS_WORKLOAD_H

#include "base/settings.h"
#include "engine/engine.h"

#define WORKLOAD_MAP_BYTES ((int64_t)64 << 20)
#define WORKLOAD_FORMAT 7 /* of the archive, where no engine is on top */
#define WORKLOAD_NOW INT64_C(1790000000000) /* 2026-09-21T13:33:20Z, a Monday */

#define PLAIN_TABLES 4
#define PLAIN_KEYS 37

enum workload_kind {
	WORKLOAD_PLAIN,  /* journal, private rows and archive by themselves, closed and opened again on the way */
	WORKLOAD_CITY,   /* the engine on top, in DIR/state as reeved makes it: a policy, reports with callers, the life of cases, a restart */
	WORKLOAD_BACKUP, /* a backup into DIR/backup while the journal goes on */
	WORKLOAD_PRUNE,  /* old records go into segments and out of the journal, some are kept */
	WORKLOAD_IMPORT, /* the journal, record by record, into another one in DIR/backup */
	WORKLOAD_COUNT
};
extern const char *const workload_names[WORKLOAD_COUNT];
/* -1: no such name. */

struct workload {
	enum workload_kind kind;
	const char *directory;
	const char *policy; /* folder */
	int notes;          /* descriptor */
	int rounds;         /* 0: opened, brought up to date and closed */
	bool early;         /* says acknowledged before the commit: what the checker must catch */
	bool loose;         /* the archive writes whenever it likes, not only when it is waited for */
};

/* Where journal and archive lie: DIR, or DIR/state. */
#define WORKLOAD_REFUSED 7 /* exit code: a report was not taken, twice, by a process that goes on */
#define WORKLOAD_PATH_MOST 512
void workload_state(enum workload_kind kind, const char *directory, char ret_path[WORKLOAD_PATH_MOST]);
/* 0, or an exit code with one line on standard error. */
int workload_run(const struct workload *workload);

/* The plain workload's record of a number: into a buffer of PLAIN_RECORD_MOST bytes. */
#define PLAIN_RECORD_MOST 12000
struct span plain_record(char *buffer, int64_t seq);
/* A pruned record that stays readable. */
static inline bool plain_keeps(int64_t seq)
{
	return seq % 5 == 0;
}
/* What the plain workload's archive holds at a number: the number that wrote each key last, 0 when it is not there. */
void plain_archive(int64_t seq, int64_t ret_rows[PLAIN_TABLES][PLAIN_KEYS]);
struct span plain_value(char *buffer, int64_t seq);

/* The engine's settings, the same for workload and checker. */
void city_settings(struct settings *settings);
/* One request and what became of it; commits. 0, or -1 with a line on standard error. ret_reply's texts live until the next call. */
int city_ask(struct engine *engine, int64_t now, struct record *request, struct record *ret_reply);
/* The submit of report number index. */
void city_report(struct record *request, int index);

#endif
