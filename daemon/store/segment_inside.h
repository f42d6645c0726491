/* Names of segments, shared by segment.c (finding, reading) and segment_job.c (writing). Internal to store. */
#ifndef REEVE_STORE_SEGMENT_INSIDE_H
#define REEVE_STORE_SEGMENT_INSIDE_H

#include "store/segment.h"

#define SEGMENT_FOLDER "segments"
#define SEGMENT_ENDING ".rjs"
#define SEGMENT_UNFINISHED ".unfinished"
#define SEGMENT_NAME_HASH 8 /* bytes of the hash in a name */

/* Sets the name from the range and the hash of its last record. */
void segment_name(struct segment *segment, const unsigned char hash[JOURNAL_HASH_BYTES]);
/* Owned by the caller. */
char *segment_path(const char *directory, const char *name);
/* segment_read for a file that is called otherwise yet. */
int segment_read_file(const char *path, const struct segment *segment, int64_t from, journal_each *each, void *context, char *error, size_t error_size);

#endif
