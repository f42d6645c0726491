/* A journal as a portable stream: every record with its number and hash, the private rows if they are wanted, and an end that says how much
 * it was. Compressed with zstd. The form is described in docs/JOURNAL-FORMAT.md. */
#ifndef REEVE_TRANSFER_STREAM_H
#define REEVE_TRANSFER_STREAM_H

#include <stdio.h>

#include "base/span.h"

#define STREAM_HASH_BYTES 32
#define STREAM_ENTRY_MOST (64u << 20) /* bytes of a record */

struct stream_writer;
struct stream_reader;

enum stream_part {
	STREAM_BASE = 'B',    /* the first one of a stream that does not begin with record 1: number and hash of the record before it */
	STREAM_END = 'E',     /* the last one */
	STREAM_PRIVATE = 'P', /* the private row of the record before it */
	STREAM_RECORD = 'R',
};

struct stream_entry {
	enum stream_part part;
	int64_t number;    /* record, base: a sequence number; private: the case; end: the last sequence number */
	struct span bytes; /* record, private; until the next one is read */
	unsigned char hash[STREAM_HASH_BYTES]; /* record, base: its own; end: that of the last one */
	int64_t records, rows; /* end */
};

/* Borrows the file. */
struct stream_writer *stream_write_begin(FILE *file, bool with_private);
/* A stream that begins behind record `base`, whose hash is given; 0: with record 1. */
struct stream_writer *stream_write_begin_behind(FILE *file, bool with_private, int64_t base, const unsigned char hash[STREAM_HASH_BYTES]);
/* Errors are kept until stream_write_end. */
void stream_write_record(struct stream_writer *writer, int64_t seq, struct span bytes, const unsigned char hash[STREAM_HASH_BYTES]);
void stream_write_private(struct stream_writer *writer, int64_t number, struct span row);
/* Ends the stream and the writer. 0, or errno of what went wrong first. */
int stream_write_end(struct stream_writer *writer);

/* Borrows the file. NULL with one line in error: no such stream, or one of a newer version. */
struct stream_reader *stream_read_begin(FILE *file, bool *ret_with_private, char *error, size_t error_size);
/* 0, or -1 with one line in error. Nothing may be read after the end. Numbers, lengths and counts are as the stream says: to judge them
 * and the hashes is for the caller. */
int stream_read(struct stream_reader *reader, struct stream_entry *ret_entry, char *error, size_t error_size);
/* Takes NULL. */
void stream_read_end(struct stream_reader *reader);

#endif
