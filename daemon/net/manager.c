/* Home of libsystemd. Sockets are matched by their address and not by their name (FileDescriptorName): one unit
 * reeved.socket then serves all three doors, and a socket that listens elsewhere than the configuration says is never
 * taken for a door. The descriptors are marked close-on-exec by libsystemd, so workers do not inherit them. */
#include "net/manager.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "net/endpoint.h"

bool manager_listens(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

void manager_ready(void)
{
	sd_notify(0, "READY=1");
}

void manager_reloading(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)time.tv_sec * 1000000 + time.tv_nsec / 1000);
}

void manager_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void manager_status(const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	sd_notifyf(0, "STATUS=%s", line);
}

int64_t manager_watchdog_ms(void)
{
	uint64_t period_us = 0;

	if (sd_watchdog_enabled(0, &period_us) <= 0)
		return 0;
	return period_us >= 2000 ? (int64_t)(period_us / 2000) : 1;
}

void manager_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}

/* Writes where a listening socket is bound in the form of our endpoints. */
static void socket_endpoint(int fd, char ret_endpoint[ENDPOINT_ROOM])
{
	union {
		struct sockaddr any;
		struct sockaddr_un local;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} address = {0};
	socklen_t size = sizeof address;
	char host[INET6_ADDRSTRLEN] = "";

	ret_endpoint[0] = 0;
	if (getsockname(fd, &address.any, &size) < 0)
		return;
	if (address.any.sa_family == AF_UNIX) {
		snprintf(ret_endpoint, ENDPOINT_ROOM, "ipc://%.*s", (int)sizeof address.local.sun_path, address.local.sun_path);
	} else if (address.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address.four.sin_addr, host, sizeof host);
		snprintf(ret_endpoint, ENDPOINT_ROOM, "tcp://%s:%d", host, ntohs(address.four.sin_port));
	} else if (address.any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &address.six.sin6_addr, host, sizeof host);
		snprintf(ret_endpoint, ENDPOINT_ROOM, "tcp://[%s]:%d", host, ntohs(address.six.sin6_port));
	}
}

int manager_socket_count(void)
{
	int count = sd_listen_fds(0);

	return count > 0 ? count : 0;
}

int manager_socket(const char *endpoint)
{
	char wanted[ENDPOINT_ROOM], found[ENDPOINT_ROOM];
	int count = manager_socket_count();

	endpoint_numeric(endpoint, wanted);
	for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; fd++) {
		socket_endpoint(fd, found);
		if (strcmp(found, wanted) == 0)
			return fd;
	}
	return -1;
}
