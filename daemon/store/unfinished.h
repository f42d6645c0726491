/* A journal that is being written where none is yet: it lies in DIR/unfinished until it is whole, so that what is left of an
 * interrupted one is never taken for a journal. */
#ifndef REEVE_STORE_UNFINISHED_H
#define REEVE_STORE_UNFINISHED_H

#include "base/span.h"

struct unfinished {
	char *directory; /* where the journal will be */
	char *path;      /* where it is being written: DIR/unfinished */
	int descriptor;  /* of the directory, locked */
};

/* Creates DIR (its parent has to exist) and an empty DIR/unfinished; what an interrupted one left there is removed. Refused when DIR holds
 * a journal or an archive, or another program is writing one into it. 0, or -1 with one line in error and nothing open. */
int unfinished_begin(struct unfinished *unfinished, const char *directory, char *error, size_t error_size);
/* Syncs DIR/unfinished/journal.mdb, moves it to DIR/journal.mdb and makes the name durable. 0, or -1 with one line in error. */
int unfinished_finish(struct unfinished *unfinished, char *error, size_t error_size);
/* Removes what is not finished, unlocks. Takes one that never began. */
void unfinished_end(struct unfinished *unfinished);

#endif
