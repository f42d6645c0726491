/* What write_log.c writes down, in the order in which it happened: a head, then name_len bytes of the (first) name, other_len bytes of the
 * second one, and len bytes written. Names are relative to the watched folder. */
#ifndef REEVE_TESTS_WRITE_LOG_H
#define REEVE_TESTS_WRITE_LOG_H

#include <stdint.h>

#define WRITE_LOG_FILE "REEVE_WRITE_LOG"      /* environment: where the log goes */
#define WRITE_LOG_FOLDER "REEVE_WRITE_FOLDER" /* the watched folder, absolute */
#define WRITE_LOG_NOTES "REEVE_WRITE_NOTES"   /* lines written to this file become notes */

enum logged {
	LOGGED_CREATE = 1, /* name */
	LOGGED_WRITE,      /* name, inode, offset, bytes; synced: through a descriptor with O_DSYNC or O_SYNC */
	LOGGED_TRUNCATE,   /* inode, offset: the new length */
	LOGGED_SYNC,       /* inode: everything of this file */
	LOGGED_SYNC_NAMES, /* name of a folder: its entries */
	LOGGED_RENAME,     /* name, other */
	LOGGED_UNLINK,     /* name; also of an empty folder */
	LOGGED_MKDIR,      /* name */
	LOGGED_NOTE,       /* bytes: a line of the workload's */
	LOGGED_ALIEN,      /* name: changed in a way that this log does not know */
};

struct logged_head {
	uint32_t kind;
	uint32_t synced;
	uint64_t inode;
	int64_t offset;
	uint32_t len, name_len, other_len, unused;
};

#endif
