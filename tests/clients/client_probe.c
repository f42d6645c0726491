/* Drives libreeve for the tests: client_probe SERVICE FEED publish COUNT PREFIX | ask JSONLIKE... | watch FROM COUNT TOPIC...
 *
 * publish: COUNT reports, source_ref PREFIX-1 and so on; prints "ref result case|error duplicate" for each answer.
 * bad: one report among good ones that the daemon refuses.
 * ask COMMAND [FIELD=TEXT...]: prints the result and the reply as JSON.
 * watch: prints "seq source_ref" for each event and "# note seq" for notes, until COUNT events came. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/c/reeve.h"

#define PATIENCE_MS 60000

static void fail(const char *what)
{
	fprintf(stderr, "client_probe: %s\n", what);
	exit(1);
}

static void report_answered(void *context, int result, const struct reeve_message *reply)
{
	const char *what = reply ? reeve_message_text(reply, result == REEVE_REFUSED ? "error" : "case") : "-";

	printf("%s %d %s %d\n", (char *)context, result, what, reply && reeve_message_flag(reply, "duplicate", false));
	free(context);
}

static void report_send(struct reeve_client *client, const char *ref, const char *text)
{
	struct reeve_message *report = reeve_message_new("submit");
	int result = reeve_message_set_text(report, "source", "1999");

	result = result ? result : reeve_message_set_text(report, "source_ref", ref);
	result = result ? result : reeve_message_set_text(report, "text", text);
	if (result)
		fail(reeve_message_fault(report));
	char *name = strdup(ref);
	while ((result = reeve_publish(client, report, report_answered, name)) == REEVE_FULL)
		reeve_run(client, PATIENCE_MS);
	if (result)
		fail(reeve_result_text(result));
	reeve_message_free(report);
}

static int publish(struct reeve_client *client, int count, const char *prefix)
{
	char ref[64];

	for (int i = 1; i <= count; i++) {
		snprintf(ref, sizeof ref, "%s-%d", prefix, i);
		report_send(client, ref, i % 100 == 50 ? "outside of town" : "a hole in the street");
	}
	if (reeve_flush(client, PATIENCE_MS) != REEVE_OK)
		fail("reports stayed unanswered");
	return reeve_held(client) == 0 ? 0 : 1;
}

static int ask(struct reeve_client *client, char **words, int count)
{
	struct reeve_message *request = reeve_message_new(words[0]), *reply = NULL;

	for (int i = 1; i < count; i++) {
		char *value = strchr(words[i], '=');
		if (!value)
			fail("FIELD=TEXT is wanted");
		*value++ = '\0';
		char *end;
		long long number = strtoll(value, &end, 10);
		int result = *end ? reeve_message_set_text(request, words[i], value) : reeve_message_set_int(request, words[i], number);
		if (result)
			fail(reeve_message_fault(request));
	}
	int result = reeve_ask(client, request, 5000, &reply);
	char *json = reply ? reeve_message_json(reply) : NULL;
	printf("%d %s\n", result, json ? json : "");
	free(json);
	reeve_message_free(reply);
	reeve_message_free(request);
	return 0;
}

static int events_left;

static void watch_event(void *context, const struct reeve_message *event)
{
	(void)context;
	printf("%lld %s\n", (long long)reeve_message_int(event, "seq", -1), reeve_message_has(event, "source_ref") ? reeve_message_text(event, "source_ref") : "-");
	fflush(stdout);
	events_left--;
}

static void watch_note(void *context, enum reeve_note what, int64_t seq)
{
	static const char *const names[] = {"caught_up", "repair", "gap", "refused"};

	(void)context;
	printf("# %s %lld\n", names[what], (long long)seq);
	fflush(stdout);
}

static int watch(struct reeve_client *client, int64_t from, int count, const char *const *topics, size_t topic_count)
{
	const struct reeve_listener listener = {.event = watch_event, .note = watch_note};
	struct reeve_subscription *subscription = reeve_subscribe(client, topics, topic_count, from, &listener);

	if (!subscription)
		fail("cannot subscribe");
	events_left = count;
	while (events_left > 0)
		if (reeve_run(client, PATIENCE_MS) <= 0)
			fail("no event came");
	reeve_unsubscribe(subscription);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 5)
		fail("arguments: SERVICE FEED publish|ask|watch ...");
	struct reeve_options options = {.service = argv[1], .feed = argv[2], .actor = "probe", .resend_ms = 400, .queue = 4000};
	struct reeve_client *client = reeve_open(&options);
	int status = 1;

	if (!client)
		fail("cannot open");
	if (strcmp(argv[3], "publish") == 0 && argc == 6)
		status = publish(client, atoi(argv[4]), argv[5]);
	else if (strcmp(argv[3], "ask") == 0)
		status = ask(client, argv + 4, argc - 4);
	else if (strcmp(argv[3], "watch") == 0 && argc >= 6)
		status = watch(client, atoll(argv[4]), atoi(argv[5]), (const char *const *)(argv + 6), (size_t)(argc - 6));
	reeve_close(client);
	return status;
}
