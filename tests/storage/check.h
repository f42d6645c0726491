/* What must hold of a folder after a crash: opened with the real code, compared with what the finished run left. */
#ifndef REEVE_TESTS_STORAGE_CHECK_H
#define REEVE_TESTS_STORAGE_CHECK_H

#include "tests/storage/workload.h"

struct reference;

/* What the notes have said so far. */
struct progress {
	int64_t committed, acknowledged, backed;
};
/* One or more whole lines. */
void progress_note(struct progress *progress, struct span lines);

/* Reads the folder that the workload left when nothing went wrong, with all of its notes. scratch: a folder for a moment's files. NULL with a line on
 * standard error. */
struct reference *reference_read(const struct workload *workload, struct span notes, const char *scratch);
void reference_free(struct reference *reference);

struct verdict {
	char why[600];   /* what does not hold; empty: everything does */
	int64_t last;    /* records in the journal */
	bool rebuilt;    /* the archive was begun anew */
};
/* Opens what is in folder, goes on working in it for a moment, and says what is wrong. */
void check_folder(const struct reference *reference, const char *folder, const struct progress *progress, bool thorough, struct verdict *ret_verdict);
/* Removes what is in a folder, and with itself the folder too. */
void folder_empty(const char *folder, bool itself);

#endif
