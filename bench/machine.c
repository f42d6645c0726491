/* What the machine itself can do, measured in the same run: only the ratio of two figures of one run means anything on
 * a shared disk. */
#include "bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#define APPEND_BYTES 4096
#define PING_BYTES 400

int mode_append(const struct options *options)
{
	struct samples samples = {NULL, 0, 0};
	char path[4096], page[APPEND_BYTES];
	int64_t began = now_us();
	int file;

	snprintf(path, sizeof path, "%s/append.bench", options->directory);
	memset(page, 'r', sizeof page);
	file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	if (file < 0)
		bench_fail("cannot write %s: %s", path, strerror(errno));
	for (int64_t i = 0; i < options->n; i++) {
		int64_t at = now_us();

		if (write(file, page, sizeof page) != sizeof page || fdatasync(file) != 0)
			bench_fail("cannot append to %s: %s", path, strerror(errno));
		samples_add(&samples, now_us() - at);
	}
	printf("machine append bytes=%d n=%lld rate=%.0f/s ", APPEND_BYTES, (long long)options->n,
		(double)options->n * 1e6 / (double)(now_us() - began));
	samples_print(&samples);
	close(file);
	unlink(path);
	free(samples.us);
	return 0;
}

static void *ping_socket(void *context, const char *address, bool bind)
{
	void *socket = zmq_socket(context, ZMQ_PAIR);
	const int linger_ms = 1000;

	zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
	if ((bind ? zmq_bind(socket, address) : zmq_connect(socket, address)) != 0)
		bench_fail("cannot open %s: %s", address, zmq_strerror(zmq_errno()));
	return socket;
}

/* The other process: sends back what comes, until an empty message. */
static void echo(const char *address)
{
	void *context = zmq_ctx_new();
	void *socket = ping_socket(context, address, true);
	char bytes[PING_BYTES];
	int len;

	while ((len = zmq_recv(socket, bytes, sizeof bytes, 0)) > 0)
		zmq_send(socket, bytes, (size_t)len, 0);
	zmq_close(socket);
	zmq_ctx_term(context);
	_exit(0);
}

static void ping(void *socket, int64_t n, struct samples *samples)
{
	char bytes[PING_BYTES];

	memset(bytes, 'p', sizeof bytes);
	for (int64_t i = 0; i < n; i++) {
		int64_t at = now_us();

		if (zmq_send(socket, bytes, sizeof bytes, 0) < 0 || zmq_recv(socket, bytes, sizeof bytes, 0) != PING_BYTES)
			bench_fail("ping: %s", zmq_strerror(zmq_errno()));
		samples_add(samples, now_us() - at);
	}
}

int mode_pingpong(const struct options *options)
{
	struct samples samples = {NULL, 0, 0};
	char address[4096];
	void *context, *socket;
	pid_t child;

	snprintf(address, sizeof address, "ipc://%s/ping", options->directory);
	child = fork(); /* before any ZeroMQ context exists */
	if (child < 0)
		bench_fail("cannot fork: %s", strerror(errno));
	if (child == 0)
		echo(address);
	context = zmq_ctx_new();
	socket = ping_socket(context, address, false);
	ping(socket, options->n, &samples);
	zmq_send(socket, "", 0, 0);
	printf("machine pingpong bytes=%d n=%lld ", PING_BYTES, (long long)options->n);
	samples_print(&samples);
	zmq_close(socket);
	zmq_ctx_term(context);
	waitpid(child, NULL, 0);
	free(samples.us);
	return 0;
}
