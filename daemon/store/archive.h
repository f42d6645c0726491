/* The archive: every case and the indexes that queries need, written behind the journal by one thread. It can be deleted
 * and rebuilt. It moves bytes under keys in numbered tables and has never heard of a case.
 *
 * The loop queues changes (archive_put, archive_remove) and hands over whole rounds (archive_hand_over with the journal
 * sequence number they reach). The archivist thread gathers rounds, keeps the last value of each key, and writes them in
 * one transaction together with the sequence number. Reads come from the loop's thread, or any other one. */
#ifndef REEVE_STORE_ARCHIVE_H
#define REEVE_STORE_ARCHIVE_H

#include "base/span.h"

#define ARCHIVE_TABLES 16 /* table numbers are below */

struct archive;
struct archive_reader;

/* Opens or creates DIR/archive.mdb. format: a number of the caller's; an archive with another one is emptied (it is rebuilt from the journal).
 * wake is called from the archivist's thread after each commit (to wake a loop); may be NULL. NULL with one line in error.
 * A damaged archive is moved aside to archive.mdb.damaged and a new one begun; *ret_rebuilt: the archive was begun anew
 * for either reason, and error says which (may be NULL). */
struct archive *archive_open(const char *directory, int64_t map_bytes, int64_t format, void (*wake)(void *context), void *context,
	bool *ret_rebuilt, char *error, size_t error_size);
/* Takes the file of a closed archive out of the way, as archive.mdb.damaged. 0 or errno. */
int archive_set_aside(const char *directory);
/* Writes what was handed over, stops the thread, closes. Takes NULL. */
void archive_close(struct archive *archive);

/* Queue changes for the round under way. Copies key and value. Keys are 1 to 500 bytes, ordered by memcmp. */
void archive_put(struct archive *archive, int table, struct span key, struct span value);
void archive_remove(struct archive *archive, int table, struct span key);
/* The round is complete and durable in the journal up to seq: the archivist may write it. Blocks only when more than
 * backlog limit bytes wait (64 MiB), so that memory stays bounded; when the archivist is stuck meanwhile (archive_fault), what waits
 * is dropped and the archive stays at the number it reached until the next start catches up from the journal. */
void archive_hand_over(struct archive *archive, int64_t seq);
/* What a committed transaction holds: everything up to this number. */
int64_t archive_reached(struct archive *archive);
/* A write failed: the archive is stuck, in words; NULL when all is well. The journal goes on; queries get older. */
const char *archive_fault(struct archive *archive);
/* Only closing and opening it again helps: LMDB gave it up after a head that could not be written, or it is damaged and was moved aside.
 * archive_fault says why; wake was called. */
bool archive_broken(const struct archive *archive);
/* Bytes of changes that are handed over and not yet written. */
int64_t archive_backlog(struct archive *archive);
/* Somebody waits for this number: the archivist, which otherwise gathers changes for up to a second (fewer syncs beside those of
 * the journal), writes now. Returns at once; wake tells when it is there. */
void archive_hurry(struct archive *archive, int64_t seq);
/* Waits until everything handed over is written. 0, or -1 on a fault. */
int archive_flush(struct archive *archive);
/* Bytes in the file that are in use. */
int64_t archive_used(struct archive *archive);

/* A snapshot for reading. Spans live until archive_read_end. NULL on a fault. Keep it short. */
struct archive_reader *archive_read_begin(struct archive *archive);
void archive_read_end(struct archive_reader *reader);
/* True when something in this snapshot could not be read (also when there is none: NULL): what was not found may be there. */
bool archive_read_failed(const struct archive_reader *reader);
/* The sequence number of the snapshot. */
int64_t archive_read_seq(struct archive_reader *reader);
bool archive_get(struct archive_reader *reader, int table, struct span key, struct span *ret_value);
/* Walks keys that begin with prefix, from key `from` (inclusive; empty: the first or, backwards, the last one of the prefix) until each returns false.
 * The same table may be walked again or read from within each. */
typedef bool archive_each(void *context, struct span key, struct span value);
void archive_walk(struct archive_reader *reader, int table, struct span prefix, struct span from, bool backwards, archive_each *each, void *context);
/* Rows in a table. */
int64_t archive_count(struct archive_reader *reader, int table);

#endif
