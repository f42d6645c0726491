/* One LMDB environment in one file. Owns the environment, its path, and the words for LMDB's codes; never knows what the
 * tables hold.
 *
 * Invariants: commits are synced (no NOSYNC, no WRITEMAP); the data descriptor is closed on exec, which LMDB 0.9.24 forgets;
 * the file is never shorter than its last page, because touching a page behind the end is SIGBUS and not an error.
 * A new file appears under its name when its two heads are synced, and never before.
 * A short file need not be damage: LMDB leaves out pages that were taken and given back within one transaction. Therefore it is
 * made whole with zeros after each commit and at open; at open the caller decides what to think of it.
 *
 * LMDB has no checksums and trusts its pages: they are checked before it opens the file (lmdb_check.c), and what goes wrong later ends the process with
 * our words, a spare file having been moved aside, so that the next start succeeds (lmdb_fault.c). */
#include "store/lmdb_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/lmdb_check.h"
#include "store/lmdb_fault.h"

#define CHECK_WHOLE_BYTES ((off_t)1 << 30) /* about a second; of larger files the skeleton */
#define FILE_MODE 0600 /* the journal's private table holds names and phones */
#define READERS 256
#define FREE_TABLE 0 /* LMDB's own: free pages, and the directory of named tables */
#define MAIN_TABLE 1

bool lmdb_code_is_damage(int code)
{
	return code == MDB_INVALID || code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_VERSION_MISMATCH
		|| code == MDB_INCOMPATIBLE || code == MDB_CURSOR_FULL;
}

static const char *remedy_for(const struct lmdb_file *file, int code)
{
	switch (code) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return "free space on its file system";
	case EACCES:
	case EPERM:
	case EROFS:
		if (file->readonly)
			return "make directory and file readable for this user, or run this as the daemon's user";
		return "make directory and file writable for the daemon's user";
	case ENOENT:
		return file->readonly ? "name a directory with a journal.mdb: a state directory or a backup" : "create the directory";
	case EIO:
		return "check the disk, then restart";
	case MDB_READERS_FULL:
		return "end readers that hang";
	default:
		return lmdb_code_is_damage(code) ? file->remedy : "restart";
	}
}

void lmdb_file_explain(const struct lmdb_file *file, const char *what, int code, char *error, size_t error_size)
{
	if (code == MDB_MAP_FULL)
		snprintf(error, error_size, "%s: %s: its map is full; raise %s and restart", file->label, what, file->setting);
	else
		snprintf(error, error_size, "%s: %s: %s; %s (%s)", file->label, what, mdb_strerror(code), remedy_for(file, code), file->path);
}

int lmdb_directory_sync(const char *directory)
{
	int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (descriptor < 0)
		return errno;
	int code = fsync(descriptor) == 0 ? 0 : errno;
	close(descriptor);
	return code;
}

/* How long a file with all its pages is, and whether this one is shorter. 0 or errno. */
static int file_length(MDB_env *env, int *ret_descriptor, off_t *ret_whole, bool *ret_short)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat status;

	mdb_env_info(env, &info);
	mdb_env_stat(env, &stat);
	mdb_env_get_fd(env, ret_descriptor);
	if (fstat(*ret_descriptor, &status) != 0)
		return errno;
	*ret_whole = (off_t)(info.me_last_pgno + 1) * (off_t)stat.ms_psize;
	*ret_short = status.st_size < *ret_whole;
	return 0;
}

/* Zeros up to the last page. 0 or errno; *ret_short: there was something to add. */
static int file_complete(MDB_env *env, bool *ret_short)
{
	int descriptor;
	off_t whole;
	int code = file_length(env, &descriptor, &whole, ret_short);

	return code == 0 && *ret_short && ftruncate(descriptor, whole) != 0 ? errno : code;
}

#define HEADS 2
#define HEAD_BYTES 256 /* what is in use of the page */

struct heads {
	char bytes[HEADS][HEAD_BYTES];
	bool known;
};

static off_t head_place(MDB_env *env, int head)
{
	MDB_stat stat;

	mdb_env_stat(env, &stat);
	return (off_t)head * (off_t)stat.ms_psize;
}

static void heads_keep(MDB_env *env, struct heads *heads)
{
	int descriptor;

	mdb_env_get_fd(env, &descriptor);
	heads->known = true;
	for (int i = 0; i < HEADS; i++)
		heads->known = heads->known && pread(descriptor, heads->bytes[i], HEAD_BYTES, head_place(env, i)) == HEAD_BYTES;
}

/* When its head cannot be written LMDB puts the old transaction's number back, and leaves the trees of the one that failed beside it: the same as
 * a head whose number was damaged after a good commit. So the old head is put back as a whole. What fails here leaves things to the next start. */
static void heads_restore(MDB_env *env, const struct heads *heads)
{
	char found[HEAD_BYTES];
	bool any = false;
	int descriptor;

	mdb_env_get_fd(env, &descriptor);
	for (int i = 0; i < HEADS && heads->known; i++) {
		off_t place = head_place(env, i);
		if (pread(descriptor, found, HEAD_BYTES, place) == HEAD_BYTES && memcmp(found, heads->bytes[i], HEAD_BYTES) == 0)
			continue;
		any = pwrite(descriptor, heads->bytes[i], HEAD_BYTES, place) == HEAD_BYTES || any;
	}
	if (any)
		(void)fdatasync(descriptor);
}

int lmdb_file_commit(const struct lmdb_file *file, MDB_txn *txn)
{
	struct heads heads;
	bool was_short;

	heads_keep(file->env, &heads);
	int code = mdb_txn_commit(txn);
	if (code)
		heads_restore(file->env, &heads);
	else
		(void)file_complete(file->env, &was_short); /* only saves trouble after a kill: failing is harmless */
	return code;
}

void lmdb_file_set_aside(const char *path)
{
	struct buf aside = {0};

	buf_printf(&aside, "%s.damaged", path);
	rename(path, aside.data);
	buf_free(&aside);
}

static void damage_asserted(MDB_env *env, const char *what)
{
	lmdb_fault_end(mdb_env_get_userctx(env), what);
}

/* Before LMDB sees it. Of a large file only what leads to the rows: the rest is found when it is read. 0, or a code with one line in error. */
static int content_check(struct lmdb_file *file, char *error, size_t error_size)
{
	struct lmdb_check check = {.path = file->path, .integer_table = file->growing, .row = file->row, .context = file->row_context};
	struct stat status;
	char found[256];

	check.skeleton = stat(file->path, &status) == 0 && status.st_size > CHECK_WHOLE_BYTES;
	int result = lmdb_check_file(&check, found, sizeof found);
	if (result < 0)
		lmdb_file_explain(file, "cannot be checked", -result, error, error_size);
	else if (result > 0)
		snprintf(error, error_size, "%s: the file is damaged: %s; %s (%s)", file->label, found, file->remedy, file->path);
	return result > 0 ? MDB_CORRUPTED : -result;
}

static int close_on_exec(MDB_env *env)
{
	int descriptor;

	mdb_env_get_fd(env, &descriptor);
	return fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 ? 0 : errno;
}

static bool is_empty(const char *path)
{
	struct stat status;

	return stat(path, &status) != 0 ? errno == ENOENT : status.st_size == 0;
}

/* LMDB would write the two heads of a new file in its place, and sync them only with the first commit: after a power cut one of them may be missing, and the
 * file is no store any more. So it is made beside its place, synced, and then gets its name. 0, or LMDB's code or errno. */
static int file_create(const char *path, size_t map_bytes)
{
	struct buf fresh = {0};
	MDB_env *env = NULL;

	buf_printf(&fresh, "%s.new", path);
	buf_add(&fresh, "", 1);
	unlink(fresh.data); /* of a creation that was interrupted */
	int code = mdb_env_create(&env);
	if (!code)
		code = mdb_env_set_mapsize(env, map_bytes);
	if (!code)
		code = mdb_env_open(env, fresh.data, MDB_NOSUBDIR | MDB_NOLOCK, FILE_MODE);
	if (!code)
		code = mdb_env_sync(env, 1);
	if (env)
		mdb_env_close(env);
	if (!code && rename(fresh.data, path) != 0)
		code = errno;
	if (code)
		unlink(fresh.data);
	buf_free(&fresh);
	return code;
}

static int environment_open(struct lmdb_file *file, const char *directory, int64_t map_bytes, unsigned tables)
{
	long page = sysconf(_SC_PAGESIZE);
	size_t map_size = (size_t)(map_bytes / page * page);
	int code = is_empty(file->path) ? file_create(file->path, map_size) : 0;

	if (!code)
		code = mdb_env_create(&file->env);
	if (!code)
		code = mdb_env_set_mapsize(file->env, map_size);
	if (!code)
		code = mdb_env_set_maxdbs(file->env, tables);
	if (!code)
		code = mdb_env_set_maxreaders(file->env, READERS);
	if (!code)
		code = mdb_env_set_userctx(file->env, file);
	if (!code)
		code = mdb_env_set_assert(file->env, damage_asserted);
	if (!code)
		code = mdb_env_open(file->env, file->path, MDB_NOSUBDIR | MDB_NOTLS, FILE_MODE);
	if (!code)
		code = close_on_exec(file->env);
	if (!code)
		code = file_complete(file->env, &file->was_short);
	/* What a process wrote that was killed before its sync came back is there to read, and yet not on the disk: nobody may be told of it before it is. */
	if (!code)
		code = mdb_env_sync(file->env, 1);
	if (!code)
		code = mdb_reader_check(file->env, NULL);
	return code ? code : lmdb_directory_sync(directory);
}

static void path_make(struct lmdb_file *file, const char *directory)
{
	struct buf path = {0};

	buf_printf(&path, "%s/%s.mdb", directory, file->label);
	file->path = span_dup(buf_span(&path));
	buf_free(&path);
}

static bool lock_file_exists(const struct lmdb_file *file)
{
	struct buf path = {0};

	buf_printf(&path, "%s-lock", file->path);
	buf_add(&path, "", 1);
	bool exists = access(path.data, F_OK) == 0;
	buf_free(&path);
	return exists;
}

static int length_check(MDB_env *env)
{
	int descriptor;
	off_t whole;
	bool cut = false;
	int code = file_length(env, &descriptor, &whole, &cut);

	return code ? code : cut ? MDB_CORRUPTED : 0;
}

#define WHOLE_TRIES 50
#define WHOLE_WAIT_MS 4

/* A page behind the end of the file would be SIGBUS, and a reader may not write the zeros that are missing. A writer completes the file a
 * moment after each commit: that moment is waited for. */
static int whole_check(MDB_env *env)
{
	int code;

	for (int i = 0; (code = length_check(env)) == MDB_CORRUPTED && i < WHOLE_TRIES; i++)
		poll(NULL, 0, WHOLE_WAIT_MS);
	return code;
}

int lmdb_file_open_readonly(struct lmdb_file *file, const char *directory, unsigned tables, char *error, size_t error_size)
{
	struct stat status;

	path_make(file, directory);
	file->readonly = true;
	bool alone = !lock_file_exists(file);
	unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_RDONLY | (alone ? MDB_NOLOCK : 0);
	int code = alone ? content_check(file, error, error_size) : 0;
	if (!code && stat(file->path, &status) == 0 && status.st_size == 0) { /* to LMDB one to be begun, which it cannot write */
		snprintf(error, error_size, "%s: the file is empty; %s (%s)", file->label, file->remedy, file->path);
		code = MDB_INVALID;
	}
	if (code) {
		lmdb_file_close(file);
		return code;
	}
	code = mdb_env_create(&file->env);

	if (!code)
		code = mdb_env_set_maxdbs(file->env, tables);
	if (!code)
		code = mdb_env_set_userctx(file->env, file);
	if (!code)
		code = mdb_env_set_assert(file->env, damage_asserted);
	if (!code)
		code = mdb_env_open(file->env, file->path, flags, FILE_MODE);
	if (!code)
		code = close_on_exec(file->env);
	if (!code)
		code = whole_check(file->env);
	if (!code) {
		lmdb_fault_watch(file);
		return 0;
	}
	lmdb_file_explain(file, "cannot open", code, error, error_size);
	lmdb_file_close(file);
	return code;
}

int lmdb_file_open(struct lmdb_file *file, const char *directory, int64_t map_bytes, unsigned tables, char *error, size_t error_size)
{
	path_make(file, directory);
	int code = content_check(file, error, error_size);
	if (code) {
		lmdb_file_close(file);
		return code;
	}
	code = environment_open(file, directory, map_bytes, tables);
	if (!code) {
		lmdb_fault_watch(file);
		return 0;
	}
	lmdb_file_explain(file, "cannot open", code, error, error_size);
	lmdb_file_close(file);
	return code;
}

void lmdb_file_close(struct lmdb_file *file)
{
	lmdb_fault_forget(file);
	if (file->env)
		mdb_env_close(file->env);
	free(file->path);
	file->env = NULL;
	file->path = NULL;
}

static int table_walk(MDB_txn *txn, MDB_dbi table, bool holds_tables)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	int code = mdb_cursor_open(txn, table, &cursor);

	if (code)
		return code;
	for (code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST); !code; code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
		MDB_dbi inner;
		char name[64];
		if (!holds_tables)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)key.mv_size, (const char *)key.mv_data);
		code = mdb_dbi_open(txn, name, 0, &inner);
		if (!code)
			code = table_walk(txn, inner, false);
		if (code)
			break;
	}
	mdb_cursor_close(cursor);
	return code == MDB_NOTFOUND ? 0 : code;
}

int lmdb_file_sound(const struct lmdb_file *file)
{
	MDB_txn *txn;
	int code = mdb_txn_begin(file->env, NULL, MDB_RDONLY, &txn);

	if (code)
		return code;
	code = table_walk(txn, FREE_TABLE, false);
	if (!code)
		code = table_walk(txn, MAIN_TABLE, true);
	mdb_txn_abort(txn);
	return code;
}

static int64_t table_pages(MDB_txn *txn, MDB_dbi table)
{
	MDB_stat stat;

	if (mdb_stat(txn, table, &stat) != 0)
		return 0;
	return (int64_t)(stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages);
}

int64_t lmdb_file_used(const struct lmdb_file *file, MDB_txn *txn, const MDB_dbi *tables, size_t count)
{
	MDB_stat stat;
	int64_t pages = 2 + table_pages(txn, FREE_TABLE) + table_pages(txn, MAIN_TABLE); /* two meta pages */

	mdb_env_stat(file->env, &stat);
	for (size_t i = 0; i < count; i++)
		pages += table_pages(txn, tables[i]);
	return pages * stat.ms_psize;
}
