/* Out of descriptors, libzmq 4.3.4 ends the process (ipc) or asks accept again and again as fast as it can (tcp). So its call of accept4 comes here
 * first: a connection over the limit is taken and closed at once, which its libzmq sees as a connection that was aborted, and some
 * descriptors always stay free for the daemon's own files. Who was closed tries again, as every ZeroMQ client does.
 *
 * libzmq cannot end the connection of a peer either. As the process has the descriptors, shutdown() on one does: libzmq sees an end and frees all that waits
 * for it. A descriptor belongs to a door if its own address is the door's; should libzmq close it meanwhile, shutdown hits nobody, or at worst a new
 * connection, whose peer connects again. Nothing is ever closed here that libzmq has.
 *
 * And a connection that broke while its receive queue was full ends the process, when libzmq 4.3.4 is told so before it has room again (a heartbeat may stand behind what it
 * has read). So its call of epoll_wait comes here, too: a hang-up is never told by itself. A connection that is read hears of it by reading.
 *
 * The lowest free number is what the kernel gives, so a number is a count: a descriptor of N means that N are in use.
 * One set of figures for the process, since accept4 has no context; changed by libzmq's thread, read by the loop. */
#include "net/connections.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "net/endpoint.h"
#include "net/timekeeper.h"

#define HANGUP_MS 1   /* between two calls of epoll_wait while there are only hang-ups */
#define SIGNAL_SET_BYTES 8 /* of the kernel's */
#define OWN_FILES 64  /* descriptors of the daemon itself: store, sockets' mailboxes, a backup, workers being started */
#define SAY_MS 10000  /* between lines about the same thing */
#define LOOK_MS 100   /* between two looks at a door */
#define SHED_MS 5     /* between two looks at the memory: what libzmq's thread reads in that time is what goes over */
#define SHUT_MS 200   /* who was ended for flooding comes back at once, and would have all its queues anew while the old ones are still being emptied */
#define FLOOD_BYTES 65536 /* in the kernel's receive buffer: libzmq has stopped taking from this one */
#define FULL_LOOKS 3  /* in a row: this one does not read, or far too slowly */

static _Atomic int64_t ceiling = INT64_MAX, highest, refused;
static _Atomic bool refusing;
static _Atomic int64_t shut_until_ms; /* the monotonic clock: nobody new until then */
static void (*wake_call)(void *context);
static void *wake_context;

/* The loop's own memory of what it said. */
static int64_t said_ms, said_refused, shed_ms, shed_memory;

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
	if (made >= 0 && monotonic_ms() < atomic_load(&shut_until_ms)) {
		close(made);
		errno = ECONNABORTED;
		return -1;
	}
	if (made >= 0 && made < atomic_load(&ceiling)) {
		if (made > atomic_load(&highest))
			atomic_store(&highest, made);
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

/* How a thread of libzmq's that has sockets is called. */
static bool of_libzmq(void)
{
	static _Thread_local int known; /* 1: yes, -1: no */
	char name[16] = "";

	if (!known)
		known = prctl(PR_GET_NAME, name) == 0 && strncmp(name, "ZMQbg/IO/", 9) == 0 ? 1 : -1;
	return known > 0;
}

/* Takes hang-ups out of events; how many events are left. One that has to be read is told as such by the kernel, at least when it can be read no more. */
static int without_hangups(struct epoll_event *events, int count)
{
	int left = 0;

	for (int i = 0; i < count; i++) {
		events[i].events &= ~(uint32_t)(EPOLLHUP | EPOLLERR);
		if (events[i].events)
			events[left++] = events[i];
	}
	return left;
}

__attribute__((visibility("default"))) int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout)
{
	int64_t until_ms = timeout > 0 ? monotonic_ms() + timeout : 0;
	int count;

	for (;;) {
		count = (int)syscall(SYS_epoll_pwait, epoll, events, most, timeout, NULL, SIGNAL_SET_BYTES);
		if (count <= 0 || !of_libzmq() || (count = without_hangups(events, count)) > 0 || timeout == 0)
			return count;
		/* Only connections that are gone and have to wait until their queue has room: libzmq's next look would come at once. */
		poll(NULL, 0, HANGUP_MS);
		if (timeout > 0)
			timeout = until_ms > monotonic_ms() ? (int)(until_ms - monotonic_ms()) : 0;
	}
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

static bool of_door(int fd, const char *endpoint)
{
	struct sockaddr_storage address = {0};
	socklen_t len = sizeof address;
	int listens = 0;
	const char *path = endpoint_path(endpoint), *port = strrchr(endpoint, ':');

	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return false;
	if (path ? address.ss_family != AF_UNIX || strncmp(((struct sockaddr_un *)&address)->sun_path, path, sizeof((struct sockaddr_un *)0)->sun_path) != 0
		: address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port != htons((uint16_t)atoi(port + 1))
		: address.ss_family != AF_INET6 || ((struct sockaddr_in6 *)&address)->sin6_port != htons((uint16_t)atoi(port + 1)))
		return false;
	len = sizeof listens;
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && !listens;
}

/* The kernel has as much for the peer as it takes, or nearly. */
static bool send_buffer_full(int fd)
{
	int waiting = 0, room = 0;
	socklen_t len = sizeof room;

	return ioctl(fd, TIOCOUTQ, &waiting) == 0 && getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &len) == 0 && waiting >= room / 4;
}

static void view_grow(struct connections_view *view, int64_t room)
{
	if (room <= view->room)
		return;
	view->full = must_realloc(view->full, (size_t)room);
	memset(view->full + view->room, 0, (size_t)(room - view->room));
	view->room = room;
}

void connections_view(struct connections_view *view, const char *endpoint, int64_t now_ms, bool cut)
{
	if (view->looked_ms && now_ms - view->looked_ms < LOOK_MS)
		return;
	view->looked_ms = now_ms;
	view->slow = 0;
	view_grow(view, atomic_load(&highest) + 1);
	for (int fd = 0; fd < view->room; fd++) {
		bool full = of_door(fd, endpoint) && send_buffer_full(fd);
		view->full[fd] = full ? (unsigned char)(view->full[fd] + (view->full[fd] < 255)) : 0;
		view->slow += full;
		if (!cut || view->full[fd] < FULL_LOOKS)
			continue;
		shutdown(fd, SHUT_RDWR);
		view->full[fd] = 0;
		view->slow--;
		view->cut++;
	}
}

int64_t connections_memory(void)
{
	long long size, resident, shared;
	FILE *file = fopen("/proc/self/statm", "r");
	int read = file ? fscanf(file, "%lld %lld %lld", &size, &resident, &shared) : 0;

	if (file)
		fclose(file);
	return read == 3 ? (resident - shared) * sysconf(_SC_PAGESIZE) : 0;
}

static bool of_doors(int fd, const char *const *endpoints, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (of_door(fd, endpoints[i]))
			return true;
	return false;
}

static bool floods(int fd)
{
	int waiting = 0;

	return ioctl(fd, FIONREAD, &waiting) == 0 && waiting >= FLOOD_BYTES;
}

int64_t connections_shed(const char *const *endpoints, size_t count, int64_t most_bytes, int64_t now_ms)
{
	int64_t before = shed_memory, ended = 0;

	if (now_ms - shed_ms < SHED_MS)
		return 0;
	shed_ms = now_ms;
	shed_memory = connections_memory();
	if (shed_memory > most_bytes && shed_memory > before)
		for (int fd = 0; fd <= atomic_load(&highest); fd++)
			if (floods(fd) && of_doors(fd, endpoints, count))
				ended += shutdown(fd, SHUT_RDWR) == 0;
	if (ended)
		atomic_store(&shut_until_ms, now_ms + SHUT_MS);
	return ended;
}

void connections_view_free(struct connections_view *view)
{
	free(view->full);
	*view = (struct connections_view){0};
}
