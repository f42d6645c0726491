/* One run of import: what it reads, what it has counted. Shared by import.c (rows as they come) and import_play.c (by time). */
#ifndef REEVE_CLI_IMPORT_H
#define REEVE_CLI_IMPORT_H

#include "clients/cli/checkpoint.h"
#include "clients/cli/command.h"
#include "clients/cli/mapping.h"
#include "clients/cli/progress.h"
#include "clients/cli/rows.h"
#include "clients/cli/sender.h"

#define ERROR_MOST 128

struct import {
	struct cli *cli;
	const struct options *options;
	const char *table, *map, *state; /* state NULL: none is kept */
	struct rows *rows;
	struct mapping *mapping;
	struct sender *sender;
	struct progress progress;
	int64_t frame, window, until;    /* until: INT64_MAX, none */
	bool stop_on_error;
	struct checkpoint counts;
	int64_t skipped;                 /* rows that the mapping refused, within counts.refused */
	int64_t refusals[ERROR_MOST];    /* by error */
	int64_t begun_ms, saved_ms;
	/* of play */
	struct play *play;
	int64_t done[64], undone[64];    /* by command */
	int64_t left_out;                /* steps after until */
};

/* A row that was not taken: one line with its number on standard error. */
void import_row_refused(struct import *import, int64_t row, const char *wrong);
void import_reply_refused(struct import *import, int64_t row, const struct record *reply);
/* --stop-on-error was given and a row was refused. */
bool import_should_stop(const struct import *import);
/* Where an earlier run ended, 0: begin. unit: what is counted. */
int64_t import_resume(struct import *import, const char *unit);
/* Writes the checkpoint now, or when the last one is a second old: everything below the lowest unanswered one is done; with nothing
 * under way, everything that was read. */
void import_save(struct import *import, int64_t read, bool now);
int import_play(struct import *import);

#endif
