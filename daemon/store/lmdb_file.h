/* One LMDB environment in one file: what journal and archive share. Internal to store. */
#ifndef REEVE_STORE_LMDB_FILE_H
#define REEVE_STORE_LMDB_FILE_H

#include <lmdb.h>

#include "base/span.h"

struct lmdb_file {
	MDB_env *env;
	const char *label;   /* "journal": begins every message */
	const char *setting; /* raised when the map is full */
	const char *remedy;  /* what to do when the file is damaged */
	bool is_spare;       /* it can be rebuilt: moved aside when it is damaged */
	char *path;
	bool readonly; /* as lmdb_file_open_readonly opened it, also when it failed */
	const char *growing;   /* a table of integer keys whose last one never falls, NULL: none */
	const char *(*row)(void *context, struct span table, struct span key, struct span value); /* may be NULL: what is wrong with a row, when it is checked before opening */
	void *row_context;
	bool was_short; /* the file ended before its last page: cut, or ended by kill at a bad moment */
};

/* Opens or creates DIR/LABEL.mdb: synced commits, close-on-exec, directory synced, dead readers cleared.
 * 0, or LMDB's code or errno, with one line in error; then nothing is open. */
int lmdb_file_open(struct lmdb_file *file, const char *directory, int64_t map_bytes, unsigned tables, char *error, size_t error_size);
/* Opens DIR/LABEL.mdb for reading only, beside a program that may be writing to it: nothing is created, completed or synced. While there
 * is no lock file nobody has it open, and none is made. The map's size is the file's own. 0, or a code with one line in error. */
int lmdb_file_open_readonly(struct lmdb_file *file, const char *directory, unsigned tables, char *error, size_t error_size);
/* Takes what a failed open left. */
void lmdb_file_close(struct lmdb_file *file);
/* Commits and ends the transaction, and gives the file its full length. 0; or LMDB's code or errno: then nothing of it is in the file. */
int lmdb_file_commit(const struct lmdb_file *file, MDB_txn *txn);
/* Renames the file to PATH.damaged, open or not. */
void lmdb_file_set_aside(const char *path);
/* The code means that the file's content cannot be trusted. */
bool lmdb_code_is_damage(int code);
/* Says what failed, why, and the remedy. */
void lmdb_file_explain(const struct lmdb_file *file, const char *what, int code, char *error, size_t error_size);
/* Walks every page that a key leads to. 0, or what LMDB found; damage that LMDB asserts on ends the process, in words. */
int lmdb_file_sound(const struct lmdb_file *file);
/* Bytes in pages that hold something, free pages in the file not counted. */
int64_t lmdb_file_used(const struct lmdb_file *file, MDB_txn *txn, const MDB_dbi *tables, size_t count);
/* Makes names in the directory durable. 0 or errno. */
int lmdb_directory_sync(const char *directory);

#endif
