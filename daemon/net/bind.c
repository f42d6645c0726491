/* libzmq unlinks whatever lies at an ipc path before it binds there: another daemon's socket, or a file that only has
 * the wrong name. So this looks first. A socket that nobody listens on is what a killed daemon leaves behind, and goes; one that
 * answers belongs to somebody; anything that is not a socket stays. The mode is set through the umask, so that the socket is never
 * open wider than asked, not even for a moment. libzmq binds in the calling thread, which makes both possible. */
#include "net/bind.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "net/endpoint.h"
#include "net/manager.h"

/* Who may use the sockets may enter their folder. */
static mode_t folder_mode(mode_t mode)
{
	return 0700 | mode | (mode & 0444) >> 2;
}

static int folder_create(const char *path, mode_t mode, char *error, size_t error_size)
{
	char folder[ENDPOINT_ROOM];
	struct stat found;

	snprintf(folder, sizeof folder, "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (stat(folder, &found) < 0 && (mkdir(folder, folder_mode(mode)) < 0 || chmod(folder, folder_mode(mode)) < 0)) {
			snprintf(error, error_size, "cannot create the folder %s of a door: %s; create it, or set doors in the configuration",
				folder, strerror(errno));
			return -1;
		}
		*slash = '/';
	}
	return 0;
}

/* True when a process listens on the socket file. */
static bool somebody_listens(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return false;
	memcpy(address.sun_path, path, strnlen(path, sizeof address.sun_path - 1));
	int refused = connect(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno == ECONNREFUSED;
	close(fd);
	return !refused;
}

static int path_is_free(const char *path, char *error, size_t error_size)
{
	struct stat found;

	if (lstat(path, &found) < 0)
		return 0;
	if (!S_ISSOCK(found.st_mode))
		snprintf(error, error_size, "%s is there and is not a socket; move it away, or set doors in the configuration", path);
	else if (somebody_listens(path))
		snprintf(error, error_size, "another process listens on %s; stop it, or set doors in the configuration", path);
	else
		return 0;
	return -1;
}

static int bind_plain(void *zmq, const char *endpoint, char *error, size_t error_size)
{
	char numeric[ENDPOINT_ROOM];

	endpoint_numeric(endpoint, numeric);
	if (zmq_bind(zmq, numeric) == 0)
		return 0;
	snprintf(error, error_size, "cannot open the door %s: %s", endpoint, zmq_strerror(errno));
	return -1;
}

int door_bind(void *zmq, const char *endpoint, mode_t mode, char *error, size_t error_size)
{
	const char *path = endpoint_path(endpoint);
	int fd = manager_socket(endpoint);

	if (fd >= 0) {
		zmq_setsockopt(zmq, ZMQ_USE_FD, &fd, sizeof fd);
		return bind_plain(zmq, endpoint, error, error_size);
	}
	if (!path)
		return bind_plain(zmq, endpoint, error, error_size);
	if (folder_create(path, mode, error, error_size) < 0 || path_is_free(path, error, error_size) < 0)
		return -1;
	mode_t old = umask(0777 & ~mode);
	int bound = bind_plain(zmq, endpoint, error, error_size);
	umask(old);
	return bound;
}
