/* The archive's inside, shared by archive.c (door, readers) and archivist.c (the writing thread). Internal to store. */
#ifndef REEVE_STORE_ARCHIVE_PARTS_H
#define REEVE_STORE_ARCHIVE_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/archive.h"
#include "store/archive_backlog.h"
#include "store/lmdb_file.h"
#include "store/seal.h"

#define ARCHIVE_WORDS 512

struct archive {
	struct lmdb_file file;
	MDB_dbi tables[ARCHIVE_TABLES], meta;
	void (*wake)(void *context);
	void *context;
	int64_t format;
	bool foreign; /* while it is checked: rows of another format */
	pthread_t thread;

	/* The loop's thread only. */
	struct buf round;
	char fault_shown[ARCHIVE_WORDS];

	/* Under lock. */
	pthread_mutex_t lock;
	pthread_cond_t work;     /* to the archivist */
	pthread_cond_t progress; /* from the archivist */
	struct buf queued;       /* whole rounds that the archivist has not taken */
	size_t taken_bytes;      /* what it has taken and not written */
	int64_t handed_seq;
	int flushers;
	int64_t wanted_seq; /* somebody waits for it: no gathering until it is reached */
	bool stop;
	bool frozen; /* rounds were lost: nothing later may be written; the next start catches up from the journal */
	char fault[ARCHIVE_WORDS];
	struct archive_reader *idle;
	int idle_count;

	_Atomic int64_t reached;
	atomic_bool broken; /* until it is opened again */

	/* The archivist's thread only. */
	struct buf taken;
	size_t taken_done;
	struct archive_batch batch;
};

/* The thread. */
void *archivist_run(void *archive);
/* Remembers a fault in words; with one that only opening it again mends nothing more is written, and with damage the file is moved aside. Lock held. */
void archive_note_fault(struct archive *archive, const char *what, int code);

#endif
