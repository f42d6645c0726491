/* A call centre and a supervisor over libreeve, for the soak: both may be killed at any moment and go on from the log that they keep.
 *
 *   soak_client SERVICE FEED publish LOG NAME SEED RATE   reports in bursts, RATE a second in the mean, until SIGTERM; then it waits
 *                                                         until each one is answered
 *   soak_client SERVICE FEED watch LOG NAME TOPIC...      events under the topics, without those in the log
 *
 * Every line of a log is written whole, before a report leaves and after its answer came; nothing else is remembered. Never decides what
 * is right: tests/soak/oracle.py compares the logs with the journal. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clients/c/reeve.h"

#define LINES_BYTES 65536
#define TURN_MS 20

static volatile sig_atomic_t stopping;

static void on_signal(int number)
{
	(void)number;
	stopping = 1;
}

static void fail(const char *what)
{
	fprintf(stderr, "soak_client: %s\n", what);
	exit(1);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* ---- the log ---- */

struct log {
	int fd;
	size_t len;
	char lines[LINES_BYTES];
};

static void log_flush(struct log *log)
{
	if (log->len && write(log->fd, log->lines, log->len) != (ssize_t)log->len)
		fail("the log cannot be written");
	log->len = 0;
}

__attribute__((format(printf, 2, 3))) static void log_add(struct log *log, const char *format, ...)
{
	va_list arguments;

	if (log->len > LINES_BYTES - 1024)
		log_flush(log);
	va_start(arguments, format);
	log->len += (size_t)vsnprintf(log->lines + log->len, LINES_BYTES - log->len, format, arguments);
	va_end(arguments);
}

/* Opens the log for appending and gives each whole line that is there to take; what follows the last one is cut off. */
static void log_open(struct log *log, const char *path, void (*take)(void *context, const char *line), void *context)
{
	FILE *file = fopen(path, "re");
	char line[1024];
	off_t whole = 0;

	while (file && fgets(line, sizeof line, file) && strchr(line, '\n')) {
		whole = ftello(file);
		take(context, line);
	}
	if (file)
		fclose(file);
	log->len = 0;
	log->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log->fd < 0 || ftruncate(log->fd, whole))
		fail("the log cannot be opened");
}

/* ---- a call centre ---- */

struct centre {
	struct reeve_client *client;
	struct log log;
	const char *name;
	unsigned char *answered; /* by number, from 1 */
	int64_t last, room;
	unsigned seed;
};

static void centre_room(struct centre *centre, int64_t number)
{
	if (number >= centre->room) {
		int64_t room = number * 2 + 1024;
		centre->answered = realloc(centre->answered, (size_t)room);
		if (!centre->answered)
			fail("out of memory");
		memset(centre->answered + centre->room, 0, (size_t)(room - centre->room));
		centre->room = room;
	}
	if (number > centre->last)
		centre->last = number;
}

static void centre_take(void *context, const char *line)
{
	struct centre *centre = context;
	long long number = 0;

	if (sscanf(line, "sent %lld", &number) == 1 && number > 0) {
		centre_room(centre, number);
	} else if (sscanf(line, "acknowledged %lld", &number) == 1 && number > 0) {
		centre_room(centre, number);
		centre->answered[number] = 1;
	}
}

struct sent {
	struct centre *centre;
	int64_t number;
};

static void centre_answered(void *context, int result, const struct reeve_message *reply)
{
	struct sent *sent = context;
	struct centre *centre = sent->centre;

	if (result == REEVE_OK)
		log_add(&centre->log, "acknowledged %lld %s %lld%s\n", (long long)sent->number, reeve_message_text(reply, "case"),
			(long long)reeve_message_int(reply, "seq", 0), reeve_message_flag(reply, "duplicate", false) ? " known" : "");
	else if (reply)
		log_add(&centre->log, "refused %lld %s\n", (long long)sent->number, reeve_message_text(reply, "error"));
	if (reply)
		centre->answered[sent->number] = 1;
	free(sent);
}

/* The same number always makes the same report: it is sent again after a restart. */
static struct reeve_message *report_of(const struct centre *centre, int64_t number)
{
	static const char *const words[] = {"the street lamp is dark", "a pothole", "a burst pipe", "noise all night", "litter everywhere", "something else"};
	static const char *const areas[] = {"n1", "n2", "s1", "s2", "n", "c"};
	struct reeve_message *report = reeve_message_new("submit");
	char text[256];

	reeve_message_set_text(report, "source", centre->name);
	snprintf(text, sizeof text, "%lld", (long long)number);
	reeve_message_set_text(report, "source_ref", text);
	snprintf(text, sizeof text, "wordsmark: %s, says caller %lld%s", words[number % 6], (long long)number, number % 97 == 5 ? ", and a gas smell" : "");
	reeve_message_set_text(report, "text", text);
	reeve_message_set_text(report, "area", areas[number / 6 % 6]);
	reeve_message_set_text(report, "channel", number % 3 ? "app" : "phone");
	snprintf(text, sizeof text, "namemark %s %lld", centre->name, (long long)number);
	reeve_message_set_text(report, "caller_name", text);
	snprintf(text, sizeof text, "phonemark-%lld", (long long)number);
	reeve_message_set_text(report, "caller_phone", text);
	reeve_message_set_text(report, "caller_contact", "contactmark, third window");
	if (number % 61 == 7)
		reeve_message_set_flag(report, "confidential", true);
	return report;
}

static void centre_send(struct centre *centre, int64_t number)
{
	struct sent *sent = malloc(sizeof *sent);
	struct reeve_message *report = report_of(centre, number);
	int result;

	if (!sent)
		fail("out of memory");
	*sent = (struct sent){centre, number};
	centre_room(centre, number);
	log_add(&centre->log, "sent %lld\n", (long long)number);
	log_flush(&centre->log);
	while ((result = reeve_publish(centre->client, report, centre_answered, sent)) == REEVE_FULL)
		reeve_run(centre->client, TURN_MS);
	if (result != REEVE_OK)
		fail(reeve_result_text(result));
	reeve_message_free(report);
}

/* Bursts of random length, and so long a silence after each that the mean is the rate. */
static void centre_work(struct centre *centre, double rate)
{
	const int64_t most = 2 + (int64_t)(rate * 4);
	double allowed = 0;
	int64_t then = now_ms(), burst = 1;

	while (!stopping) {
		int64_t now = now_ms();
		allowed += (double)(now - then) * rate / 1000;
		allowed = allowed > 5 * (double)most ? 5 * (double)most : allowed;
		then = now;
		if (allowed >= (double)burst && reeve_held(centre->client) < 2000) {
			for (int64_t i = 0; i < burst; i++)
				centre_send(centre, centre->last + 1);
			if (centre->last > 10 && rand_r(&centre->seed) % 4 == 0) /* a caller's ticket that comes once more */
				centre_send(centre, 1 + rand_r(&centre->seed) % centre->last);
			allowed -= (double)burst;
			burst = 1 + rand_r(&centre->seed) % most;
		}
		reeve_run(centre->client, TURN_MS);
		log_flush(&centre->log);
	}
}

static int publish(struct reeve_client *client, char **words)
{
	struct centre centre = {.client = client, .name = words[1], .seed = (unsigned)atoi(words[2])};
	int64_t before;

	log_open(&centre.log, words[0], centre_take, &centre);
	centre.seed += (unsigned)centre.last;
	before = centre.last;
	for (int64_t number = 1; number <= before; number++)
		if (!centre.answered[number])
			centre_send(&centre, number);
	centre_work(&centre, atof(words[3]));
	while (reeve_held(client) > 0) {
		reeve_run(client, TURN_MS);
		log_flush(&centre.log);
	}
	log_flush(&centre.log);
	free(centre.answered);
	return 0;
}

/* ---- a supervisor ---- */

struct supervisor {
	struct reeve_subscription *subscription;
	struct log log;
	int64_t reached;     /* nothing is missing up to here */
	unsigned char *seen; /* by sequence number */
	int64_t room;
};

/* True when it was not seen before. */
static bool supervisor_new(struct supervisor *supervisor, int64_t seq)
{
	if (seq >= supervisor->room) {
		int64_t room = seq * 2 + 4096;
		supervisor->seen = realloc(supervisor->seen, (size_t)room);
		if (!supervisor->seen)
			fail("out of memory");
		memset(supervisor->seen + supervisor->room, 0, (size_t)(room - supervisor->room));
		supervisor->room = room;
	}
	bool before = supervisor->seen[seq];
	supervisor->seen[seq] = 1;
	return !before;
}

static void supervisor_take(void *context, const char *line)
{
	struct supervisor *supervisor = context;
	long long seq = 0;

	if (sscanf(line, "# reached %lld", &seq) == 1)
		supervisor->reached = seq;
	else if (sscanf(line, "%lld", &seq) == 1 && seq > 0)
		supervisor_new(supervisor, seq);
}

static void supervisor_event(void *context, const struct reeve_message *event)
{
	struct supervisor *supervisor = context;
	int64_t seq = reeve_message_int(event, "seq", 0);

	if (supervisor_new(supervisor, seq))
		log_add(&supervisor->log, "%lld %lld %s\n", (long long)seq, (long long)reeve_message_int(event, "stream", 0), reeve_message_text(event, "event"));
}

static void supervisor_note(void *context, enum reeve_note what, int64_t seq)
{
	static const char *const names[] = {"caught_up", "repair", "gap", "refused"};
	struct supervisor *supervisor = context;

	log_add(&supervisor->log, "# %s %lld\n", names[what], (long long)seq);
}

static int watch(struct reeve_client *client, char **words, int count)
{
	struct supervisor supervisor = {0};
	const struct reeve_listener listener = {.event = supervisor_event, .note = supervisor_note, .context = &supervisor};

	log_open(&supervisor.log, words[0], supervisor_take, &supervisor);
	supervisor.subscription = reeve_subscribe(client, (const char *const *)words + 2, (size_t)(count - 2), supervisor.reached + 1, &listener);
	if (!supervisor.subscription)
		fail("cannot subscribe");
	while (!stopping) {
		reeve_run(client, 200);
		int64_t reached = reeve_subscription_reached(supervisor.subscription);
		if (reached > supervisor.reached)
			log_add(&supervisor.log, "# reached %lld\n", (long long)reached);
		supervisor.reached = reached;
		log_flush(&supervisor.log);
	}
	reeve_unsubscribe(supervisor.subscription);
	free(supervisor.seen);
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal};
	int status = 1;

	if (argc < 7)
		fail("arguments: SERVICE FEED publish LOG NAME SEED RATE | SERVICE FEED watch LOG NAME TOPIC...");
	sigaction(SIGTERM, &action, NULL);
	struct reeve_options options = {.service = argv[1], .feed = argv[2], .actor = argv[5], .resend_ms = 15000};
	struct reeve_client *client = reeve_open(&options);
	if (!client)
		fail("cannot open");
	if (strcmp(argv[3], "publish") == 0 && argc == 8)
		status = publish(client, argv + 4);
	else if (strcmp(argv[3], "watch") == 0)
		status = watch(client, argv + 4, argc - 4);
	reeve_close(client);
	return status;
}
