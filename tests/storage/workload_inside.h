/* What the workloads share: workload.c (plain, city), workload_copies.c (backup, prune, import). */
#ifndef REEVE_TESTS_WORKLOAD_INSIDE_H
#define REEVE_TESTS_WORKLOAD_INSIDE_H

#include "tests/storage/workload.h"

struct store {
	int lock; /* -1: none */
	struct journal *journal;
	struct archive *archive;
};

/* 0 or an exit code; spies on the journal. */
int store_open(const struct workload *workload, int64_t format, struct store *store);
/* Takes one that is half open. */
void store_close(struct store *store);
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* An exit code, with the line on standard error. */
int complain(const char *error);
/* A few records with rows, one commit, then the word that it is safe. 0 or an exit code. */
int plain_round(const struct workload *workload, struct store *store, int round);

int backup_run(const struct workload *workload);
int import_run(const struct workload *workload);
int prune_run(const struct workload *workload);

#endif
