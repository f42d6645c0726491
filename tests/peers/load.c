/* reeve-peer-load: peers that the tests need fast or in thousands. Three modes:
 *
 *   steady   a well-behaved client: reports at a steady rate, whatever comes back; times each one from the moment at which it was due
 *            until its acknowledgement, so that a stall is not hidden by sending less meanwhile
 *   flood    a publisher that sends frames as fast as it can, without a window; with read=0 it never reads an answer
 *   connect  thousands of bare connections to one door: with a ZMTP handshake (greet=2), half of one (1), none (0) or garbage (3)
 *
 * What was acknowledged is written as ranges of numbers to the file acked=. Never judges: the scenarios do. flood and connect go on until
 * their standard input ends, or for seconds=. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "base/memory.h"
#include "schema/codec.h"

#define AGAIN_US 50000    /* after a busy answer */
#define PATIENCE_US 60000000

struct options {
	const char *address, *source, *acked, *type;
	int64_t rate, n, batch, seconds, read, text, greet;
};

struct load {
	const struct options *options;
	void *context, *socket;
	struct buf frame;
	int64_t sent, acknowledged, refused, errors;
	unsigned char *known; /* by number: acknowledged */
	size_t known_room;
	int64_t *due_us, *took_us; /* steady: by number */
	int64_t *again;            /* numbers that were answered busy */
	size_t again_count;
	char *words;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "reeve-peer-load: %s: %s\n", what, why);
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void load_open(struct load *load, const struct options *options)
{
	const int reconnect_ms = 5, none = 0, few = options->read ? 0 : 1;

	*load = (struct load){.options = options, .context = zmq_ctx_new()};
	load->socket = zmq_socket(load->context, ZMQ_DEALER);
	zmq_setsockopt(load->socket, ZMQ_RECONNECT_IVL, &reconnect_ms, sizeof reconnect_ms);
	zmq_setsockopt(load->socket, ZMQ_LINGER, &none, sizeof none);
	zmq_setsockopt(load->socket, ZMQ_RCVHWM, &few, sizeof few);
	if (zmq_connect(load->socket, options->address) != 0)
		die(options->address, zmq_strerror(errno));
	load->words = must_calloc(1, (size_t)options->text + 1);
	memset(load->words, 'w', (size_t)options->text);
}

static void load_close(struct load *load)
{
	zmq_close(load->socket);
	zmq_ctx_term(load->context);
	buf_free(&load->frame);
	free(load->known);
	free(load->due_us);
	free(load->took_us);
	free(load->again);
	free(load->words);
}

static void report_add(struct load *load, int64_t number)
{
	struct record report;
	char id[32];

	snprintf(id, sizeof id, "%lld", (long long)number);
	record_clear(&report);
	record_set(&report, command, COMMAND_submit);
	record_set(&report, request, span_of(id));
	record_set(&report, actor, span_of(load->options->source));
	record_set(&report, source, span_of(load->options->source));
	record_set(&report, source_ref, span_of(id));
	record_set(&report, text, span_of(load->words));
	record_set(&report, category, span_of("light"));
	record_set(&report, area, span_of("b1a"));
	codec_write(&load->frame, &report, CODEC_NAMES);
}

static void note_known(struct load *load, int64_t number)
{
	if ((size_t)number >= load->known_room) {
		size_t room = (size_t)number * 2 + 1024;

		load->known = must_realloc(load->known, room);
		memset(load->known + load->known_room, 0, room - load->known_room);
		load->known_room = room;
	}
	load->acknowledged += !load->known[number];
	load->known[number] = 1;
}

static void answer_take(struct load *load, const struct record *reply)
{
	struct span request = record_get(reply, request, ((struct span){"", 0}));
	char digits[32] = "";

	memcpy(digits, request.data, request.len < sizeof digits ? request.len : sizeof digits - 1);
	int64_t number = strtoll(digits, NULL, 10);
	if (!record_has(reply, error)) {
		if (load->took_us)
			load->took_us[number] = now_us() - load->due_us[number];
		note_known(load, number);
		return;
	}
	if (reply->error != ERROR_busy) {
		load->errors++;
		return;
	}
	load->refused++;
	if (!load->took_us)
		return;
	load->again = must_realloc(load->again, (load->again_count + 1) * sizeof *load->again);
	load->again[load->again_count++] = number;
}

static void answers_take(struct load *load)
{
	zmq_msg_t message;
	struct record reply;
	struct flaw flaw;

	for (;;) {
		zmq_msg_init(&message);
		if (zmq_msg_recv(&message, load->socket, ZMQ_DONTWAIT) < 0)
			break;
		struct span rest = {zmq_msg_data(&message), zmq_msg_size(&message)}, map;
		const struct frame_limits limits = {.bytes = 1 << 28, .objects = 1 << 20, .depth = 16, .nodes = 1 << 26};
		size_t objects;
		if (frame_scan(rest, &limits, &objects, &flaw))
			die("an answer is no frame", flaw.detail);
		while (frame_next(&rest, &map))
			if (codec_read_lenient(map, &reply, &flaw) == 0)
				answer_take(load, &reply);
		zmq_msg_close(&message);
	}
	zmq_msg_close(&message);
}

static void acked_write(const struct load *load)
{
	FILE *file = load->options->acked ? fopen(load->options->acked, "w") : NULL;

	for (size_t at = 0; file && at < load->known_room; at++) {
		size_t begin = at;

		while (at < load->known_room && load->known[at])
			at++;
		if (at > begin)
			fprintf(file, "%zu %zu\n", begin, at);
	}
	if (file && fclose(file))
		die(load->options->acked, strerror(errno));
}

static int by_size(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static bool input_ended(void)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char byte;

	return poll(&input, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) <= 0;
}

static void wait_for_answers(struct load *load, int64_t until_us)
{
	int64_t left = until_us - now_us();
	zmq_pollitem_t item = {.socket = load->socket, .events = ZMQ_POLLIN};
	struct timespec nap = {.tv_nsec = left % 1000000 * 1000};

	if (left > 1000)
		zmq_poll(&item, 1, (long)(left / 1000));
	else if (left > 0 && !load->options->read)
		nanosleep(&nap, NULL);
	answers_take(load);
}

static void send_one(struct load *load, int64_t number)
{
	buf_clear(&load->frame);
	report_add(load, number);
	if (zmq_send(load->socket, load->frame.data, load->frame.len, 0) < 0)
		die("cannot send", zmq_strerror(errno));
}

static int mode_steady(const struct options *options)
{
	struct load load;
	int64_t gap_us = 1000000 / options->rate, next_us, again_us = 0, last_us;

	load_open(&load, options);
	load.due_us = must_calloc((size_t)options->n, sizeof *load.due_us);
	load.took_us = must_calloc((size_t)options->n, sizeof *load.took_us);
	next_us = now_us() + 200000; /* connected by then */
	last_us = next_us + options->n * gap_us + PATIENCE_US;
	while (load.acknowledged < options->n && now_us() < last_us) {
		int64_t now = now_us();
		if (load.sent < options->n && now >= next_us) {
			load.due_us[load.sent] = next_us;
			send_one(&load, load.sent++);
			next_us += gap_us;
		}
		if (load.again_count && now >= again_us) {
			again_us = now + AGAIN_US;
			while (load.again_count)
				send_one(&load, load.again[--load.again_count]);
		}
		wait_for_answers(&load, load.sent < options->n ? next_us : now + 10000);
	}
	qsort(load.took_us, (size_t)options->n, sizeof *load.took_us, by_size);
	printf("acked=%lld refused=%lld errors=%lld p50_us=%lld p99_us=%lld max_us=%lld\n", (long long)load.acknowledged, (long long)load.refused,
		(long long)load.errors, (long long)load.took_us[options->n / 2], (long long)load.took_us[options->n * 99 / 100],
		(long long)load.took_us[options->n - 1]);
	acked_write(&load);
	bool all = load.acknowledged == options->n;
	load_close(&load);
	return all ? 0 : 1;
}

static int mode_flood(const struct options *options)
{
	struct load load;
	int64_t until_us = now_us() + options->seconds * 1000000;

	load_open(&load, options);
	puts("begun");
	fflush(stdout);
	while (now_us() < until_us && (!options->n || load.sent < options->n) && !input_ended()) {
		buf_clear(&load.frame);
		for (int64_t i = 0; i < options->batch; i++)
			report_add(&load, load.sent + i);
		/* A full pipe is what the daemon does about a flood: it is waited for, and answers are read meanwhile. */
		while (zmq_send(load.socket, load.frame.data, load.frame.len, ZMQ_DONTWAIT) < 0 && now_us() < until_us && !input_ended()) {
			poll(NULL, 0, 1);
			if (options->read)
				answers_take(&load);
		}
		load.sent += options->batch;
		if (options->read)
			answers_take(&load);
	}
	for (int quiet = 0; options->read && quiet < 40 && load.acknowledged + load.refused + load.errors < load.sent; quiet++) {
		int64_t before = load.acknowledged + load.refused;
		wait_for_answers(&load, now_us() + 50000);
		quiet = load.acknowledged + load.refused > before ? 0 : quiet;
	}
	printf("sent=%lld acked=%lld refused=%lld errors=%lld\n", (long long)load.sent, (long long)load.acknowledged, (long long)load.refused,
		(long long)load.errors);
	acked_write(&load);
	load_close(&load);
	return 0;
}

/* Bare connections */

static socklen_t address_of(const char *text, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in *tcp = (struct sockaddr_in *)ret_address;
	struct sockaddr_un *local = (struct sockaddr_un *)ret_address;

	memset(ret_address, 0, sizeof *ret_address);
	if (strncmp(text, "ipc://", 6) == 0) {
		local->sun_family = AF_UNIX;
		snprintf(local->sun_path, sizeof local->sun_path, "%s", text + 6);
		return sizeof *local;
	}
	tcp->sin_family = AF_INET;
	tcp->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tcp->sin_port = htons((uint16_t)atoi(strrchr(text, ':') + 1));
	return sizeof *tcp;
}

/* RFC 37 (ZMTP 3.1): greeting with the NULL mechanism, then READY. */
static size_t greeting(const struct options *options, char *ret_bytes)
{
	char ready[128];
	size_t len = 0, type = strlen(options->type);

	memset(ret_bytes, 0, 64);
	ret_bytes[0] = (char)0xff;
	ret_bytes[8] = 1;
	ret_bytes[9] = 0x7f;
	ret_bytes[10] = 3;
	memcpy(ret_bytes + 12, "NULL", 4);
	if (options->greet < 2)
		return options->greet ? 11 : 0;
	memcpy(ready, "\x05READY\x0bSocket-Type\0\0\0", 21);
	len = 21;
	ready[len++] = (char)type;
	memcpy(ready + len, options->type, type);
	len += type;
	ret_bytes[64] = 4;
	ret_bytes[65] = (char)len;
	memcpy(ret_bytes + 66, ready, len);
	return 66 + len;
}

static size_t garbage(char *ret_bytes, size_t room, unsigned seed)
{
	for (size_t i = 0; i < room; i++)
		ret_bytes[i] = (char)(rand_r(&seed) >> 8);
	return room;
}

static int connect_one(const struct options *options, unsigned number)
{
	struct sockaddr_storage address;
	socklen_t len = address_of(options->address, &address);
	int fd = socket(address.ss_family, SOCK_STREAM, 0);
	char bytes[512];

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&address, len) < 0) {
		close(fd);
		return -1;
	}
	size_t count = options->greet == 3 ? garbage(bytes, sizeof bytes, number) : greeting(options, bytes);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (count && send(fd, bytes, count, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
		die("cannot greet", strerror(errno));
	return fd;
}

/* Open: the other side has not hung up. */
static bool still_open(int fd)
{
	char bytes[4096];
	ssize_t got;

	while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0)
		continue;
	return got < 0 && errno == EAGAIN;
}

static int64_t count_open(const int *fds, int64_t count)
{
	int64_t open = 0;

	for (int64_t i = 0; i < count; i++)
		open += still_open(fds[i]);
	return open;
}

static int mode_connect(const struct options *options)
{
	int *fds = must_calloc((size_t)options->n, sizeof *fds);
	int64_t made = 0;

	while (made < options->n && (fds[made] = connect_one(options, (unsigned)made)) >= 0)
		made++;
	printf("connected=%lld\n", (long long)made);
	fflush(stdout);
	int64_t until_us = now_us() + options->seconds * 1000000;
	while (now_us() < until_us && !input_ended())
		poll(NULL, 0, 20);
	printf("open=%lld\n", (long long)count_open(fds, made));
	free(fds);
	return 0;
}

static void option_take(struct options *options, char *word)
{
	const struct {
		const char *key;
		const char **text;
		int64_t *number;
	} known[] = {
		{"address", &options->address, NULL}, {"source", &options->source, NULL}, {"acked", &options->acked, NULL},
		{"type", &options->type, NULL}, {"rate", NULL, &options->rate}, {"n", NULL, &options->n}, {"batch", NULL, &options->batch},
		{"seconds", NULL, &options->seconds}, {"read", NULL, &options->read}, {"text", NULL, &options->text}, {"greet", NULL, &options->greet},
	};
	char *value = strchr(word, '=');

	if (!value)
		die(word, "KEY=VALUE is wanted");
	*value++ = 0;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(word, known[i].key) != 0)
			continue;
		if (known[i].text)
			*known[i].text = value;
		else
			*known[i].number = strtoll(value, NULL, 10);
		return;
	}
	die(word, "no such option");
}

int main(int argc, char **argv)
{
	struct options options = {.source = "steady", .type = "DEALER", .rate = 200, .batch = 64, .seconds = 600, .read = 1, .text = 300, .greet = 2};
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	for (int i = 2; i < argc; i++)
		option_take(&options, argv[i]);
	if (argc > 1 && options.address && strcmp(argv[1], "steady") == 0 && options.n > 0)
		return mode_steady(&options);
	if (argc > 1 && options.address && strcmp(argv[1], "flood") == 0)
		return mode_flood(&options);
	if (argc > 1 && options.address && strcmp(argv[1], "connect") == 0 && options.n > 0)
		return mode_connect(&options);
	die("usage", "steady|flood|connect address=ADDRESS [n=N] [rate=N] [batch=N] [seconds=N] [read=0|1] [text=N] [greet=0..3] [type=T] [source=S] [acked=FILE]");
	return 2;
}
