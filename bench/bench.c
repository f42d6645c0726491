/* reeve-bench: the command line of the load generator. The modes are in load.c and machine.c, the connection in door.c,
 * clock and samples in measure.c. It never starts or stops a daemon: bench/run.sh does. */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

static const struct mode {
	const char *name;
	int (*run)(const struct options *options);
	const char *meaning;
} modes[] = {
	{"ingest", mode_ingest, "submit n reports; until each is acknowledged"},
	{"life", mode_life, "submit n reports and close each when it was dispatched; until each closing is acknowledged"},
	{"lat", mode_lat, "submit n reports at a steady rate; time from each one's sending to its acknowledgement"},
	{"answer", mode_answer, "how long until the daemon answers a query: start it just before"},
	{"append", mode_append, "the machine: 4 KiB append + fdatasync in directory="},
	{"pingpong", mode_pingpong, "the machine: ZeroMQ round trip of 400 bytes between two processes"},
};
#define MODE_COUNT (sizeof modes / sizeof modes[0])

static void usage(void)
{
	puts("usage: reeve-bench MODE [service=ADDRESS] [feed=ADDRESS] [directory=DIR] [label=NAME] [n=N] [first=N] [batch=N] [window=N] [rate=N] [patience=SECONDS]");
	for (size_t i = 0; i < MODE_COUNT; i++)
		printf("  %-9s %s\n", modes[i].name, modes[i].meaning);
}

static int64_t number_of(const char *word, const char *value)
{
	char *end;
	long long number = strtoll(value, &end, 10);

	if (*end || end == value || number < 0)
		bench_fail("%s: a whole number is wanted", word);
	return number;
}

static void option_take(struct options *options, const char *word)
{
	const struct {
		const char *key;
		const char **text;
		int64_t *number;
	} known[] = {
		{"service=", &options->service, NULL}, {"feed=", &options->feed, NULL}, {"directory=", &options->directory, NULL},
		{"label=", &options->label, NULL},     {"n=", NULL, &options->n},       {"first=", NULL, &options->first},
		{"batch=", NULL, &options->batch},     {"window=", NULL, &options->window}, {"rate=", NULL, &options->rate},
		{"patience=", NULL, &options->patience},
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		size_t length = strlen(known[i].key);

		if (strncmp(word, known[i].key, length) != 0)
			continue;
		if (known[i].text)
			*known[i].text = word + length;
		else
			*known[i].number = number_of(word, word + length);
		return;
	}
	bench_fail("%s: no such parameter; reeve-bench alone lists them", word);
}

int main(int argc, char **argv)
{
	struct options options = {.service = "ipc://service", .feed = "ipc://feed", .directory = ".", .label = "sync",
		.n = 10000, .batch = 64, .window = 2048, .rate = 200, .patience = 60};

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2) {
		usage();
		return 2;
	}
	for (int i = 2; i < argc; i++)
		option_take(&options, argv[i]);
	if (!options.n || !options.batch || !options.window || !options.rate || !options.patience)
		bench_fail("n, batch, window, rate and patience start at 1");
	for (size_t i = 0; i < MODE_COUNT; i++)
		if (strcmp(argv[1], modes[i].name) == 0)
			return modes[i].run(&options);
	usage();
	return 2;
}
