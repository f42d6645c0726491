/* The state directory belongs to one daemon at a time. */
#ifndef REEVE_LOCK_H
#define REEVE_LOCK_H

#include <stddef.h>

#define LOCK_TAKEN (-2) /* another process holds it */

/* Creates the directory (0750) and DIR/lock when they are missing, and locks it for this process. The descriptor that holds the lock
 * until the process ends; LOCK_TAKEN or -1 with one line in error. */
int state_lock(const char *directory, char *error, size_t error_size);

#endif
