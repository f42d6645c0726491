/* Out of descriptors, libzmq 4.3.4 ends the process (ipc) or asks accept again and again as fast as it can (tcp). So its call of accept4 comes here
 * first: a connection over the limit is taken and closed at once, which its libzmq sees as a connection that was aborted, and some
 * descriptors always stay free for the daemon's own files. Who was closed tries again, as every ZeroMQ client does.
 *
 * The lowest free number is what the kernel gives, so a number is a count: a descriptor of N means that N are in use.
 * One set of figures for the process, since accept4 has no context; changed by libzmq's thread, read by the loop. */
#include "net/connections.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

#define OWN_FILES 64  /* descriptors of the daemon itself: store, sockets' mailboxes, a backup, workers being started */
#define SAY_MS 10000  /* between lines about the same thing */

static _Atomic int64_t ceiling = INT64_MAX, taken, refused;
static _Atomic bool refusing;
static void (*wake_call)(void *context);
static void *wake_context;

/* The loop's own memory of what it said. */
static int64_t said_ms, said_refused;

static int64_t descriptors_most(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < INT32_MAX ? (int64_t)limit.rlim_cur : INT32_MAX;
}

void connections_limit(int64_t most, void (*wake)(void *context), void *context)
{
	int64_t room = descriptors_most() - OWN_FILES / 2;

	wake_call = wake;
	wake_context = context;
	said_ms = -SAY_MS;
	said_refused = atomic_load(&refused);
	atomic_store(&ceiling, most + OWN_FILES < room ? most + OWN_FILES : room);
}

int64_t connections_refused(void)
{
	return atomic_load(&refused);
}

static void turn_to(bool now_refusing)
{
	if (atomic_exchange(&refusing, now_refusing) != now_refusing && wake_call)
		wake_call(wake_context);
}

/* libzmq takes connections through this name: the program's own symbol comes before libc's. */
__attribute__((visibility("default"))) int accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict len, int flags)
{
	int made = (int)syscall(SYS_accept4, fd, address, len, flags);

	if (made < 0 && errno != EMFILE && errno != ENFILE)
		return made;
	if (made >= 0 && made < atomic_load(&ceiling)) {
		atomic_fetch_add(&taken, 1);
		turn_to(false);
		return made;
	}
	if (made >= 0)
		close(made);
	atomic_fetch_add(&refused, 1);
	turn_to(true);
	errno = ECONNABORTED;
	return -1;
}

void connections_look(int64_t now_ms)
{
	int64_t count = atomic_load(&refused);
	bool still = atomic_load(&refusing);

	if (count == said_refused || now_ms - said_ms < SAY_MS)
		return;
	said_ms = now_ms;
	log_line(LOG_LEVEL_WARNING, "connections refused", "count", log_number(count - said_refused), "limit", log_number(atomic_load(&ceiling) - OWN_FILES),
		"effect", still ? "who is connected is served; others try again" : "connections are taken again",
		"remedy", "raise limits.connections and the limit of open files", NULL);
	said_refused = count;
}
