/* Which endpoints a door may have. Pure: no file, no socket. Used by the configuration check and by binding.
 *
 * tcp is taken on loopback only: until doors have keys (CURVE), a door that other machines reach would let anybody in.
 * ipc wants an absolute path, because a file's mode is the gate there; abstract names (ipc://@...) have no mode. */
#include "net/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define IPC "ipc://"
#define TCP "tcp://"

const char *endpoint_path(const char *endpoint)
{
	return strncmp(endpoint, IPC, strlen(IPC)) == 0 ? endpoint + strlen(IPC) : NULL;
}

static bool path_check(const char *path, char *reason, size_t reason_size)
{
	size_t most = sizeof ((struct sockaddr_un *)NULL)->sun_path - 1;

	if (path[0] != '/')
		snprintf(reason, reason_size, "an ipc endpoint needs an absolute path, e.g. ipc:///run/reeve/service");
	else if (path[strlen(path) - 1] == '/')
		snprintf(reason, reason_size, "the ipc endpoint names a folder; name the socket file in it");
	else if (strlen(path) > most)
		snprintf(reason, reason_size, "the path has %zu bytes; a Unix socket's takes at most %zu", strlen(path), most);
	else
		return true;
	return false;
}

static bool host_is_loopback(const char *host)
{
	struct in_addr four;
	struct in6_addr six;

	if (strcmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	size_t len = strlen(host);
	if (len < 3 || host[0] != '[' || host[len - 1] != ']' || len > 60)
		return false;
	char inner[64];
	snprintf(inner, sizeof inner, "%.*s", (int)(len - 2), host + 1);
	return inet_pton(AF_INET6, inner, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool port_check(const char *port)
{
	char *end;
	long number = strtol(port, &end, 10);

	return port[0] >= '0' && port[0] <= '9' && !*end && number >= 1 && number <= 65535;
}

static bool address_check(const char *address, char *reason, size_t reason_size)
{
	const char *colon = strrchr(address, ':');
	char host[ENDPOINT_ROOM];

	if (!colon || colon == address || !port_check(colon + 1)) {
		snprintf(reason, reason_size, "a tcp endpoint is tcp://HOST:PORT with a port from 1 to 65535");
		return false;
	}
	snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
	if (host_is_loopback(host))
		return true;
	snprintf(reason, reason_size,
		"'%s' is not a loopback address (127.0.0.0/8, [::1] or localhost): a door that other machines reach needs keys, "
		"which this version does not have; use ipc:// or loopback, with a tunnel if need be", host);
	return false;
}

bool endpoint_check(const char *endpoint, char *reason, size_t reason_size)
{
	const char *path = endpoint_path(endpoint);

	if (strlen(endpoint) >= ENDPOINT_ROOM) {
		snprintf(reason, reason_size, "the endpoint is longer than %d bytes", ENDPOINT_ROOM - 1);
		return false;
	}
	if (path)
		return path_check(path, reason, reason_size);
	if (strncmp(endpoint, TCP, strlen(TCP)) == 0)
		return address_check(endpoint + strlen(TCP), reason, reason_size);
	snprintf(reason, reason_size, "an endpoint begins with ipc:// or tcp://");
	return false;
}

void endpoint_numeric(const char *endpoint, char ret_endpoint[ENDPOINT_ROOM])
{
	static const char name[] = TCP "localhost:";

	if (strncmp(endpoint, name, sizeof name - 1) == 0)
		snprintf(ret_endpoint, ENDPOINT_ROOM, TCP "127.0.0.1:%s", endpoint + sizeof name - 1);
	else
		snprintf(ret_endpoint, ENDPOINT_ROOM, "%s", endpoint);
}
