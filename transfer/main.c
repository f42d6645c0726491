/* reeve-journal: what `reeve journal import`, `reeve journal check` and `reeve restore` do, because a client does not link the store. Needs no
 * daemon. Opens the sources, runs one copy, prints one line. Writes into the directory that was named and nowhere else.
 *
 * Exit codes: 0 done, 1 it cannot be done, 2 wrong usage. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transfer/source.h"

enum { DONE, CANNOT, USAGE };

struct choices {
	const char *verb, *into;
	char **names; /* of the sources */
	int count;
	int64_t until;
	bool json;
};

static const struct option options[] = {
	{"into", required_argument, NULL, 'i'},
	{"until", required_argument, NULL, 'u'},
	{"json", no_argument, NULL, 'j'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'v'},
	{NULL, 0, NULL, 0},
};

static int help(void)
{
	puts("usage: reeve-journal import FILE|-... --into DIR [--until SEQ]\n"
		"       reeve-journal check FILE|-|DIR...\n"
		"       reeve-journal restore BACKUP_DIR --into DIR [--until SEQ]\n\n"
		"Writes a new state directory from streams of reeve journal export and segments, one after the other, or from a backup with its segments; check\n"
		"only looks at every record. DIR: a state directory, also while its daemon runs, or a backup.\n\n"
		"  --into DIR       a directory without a journal; it is created\n"
		"  --until SEQ      the journal as it was after this record\n"
		"  --json, --help, --version\n\n"
		"Exit codes: 0 done, 1 it cannot be done, 2 wrong usage. Manual: reeve(1).");
	return DONE;
}

static int usage(const char *what, const char *value)
{
	fprintf(stderr, "reeve-journal: %s%s%s; reeve-journal --help tells more\n", what, value ? ": " : "", value ? value : "");
	return USAGE;
}

static bool is_directory(const char *name)
{
	struct stat status;

	return strcmp(name, "-") != 0 && stat(name, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The first one that was named, or NULL. */
static const char *directory_among(const struct choices *choices)
{
	for (int i = 0; i < choices->count; i++)
		if (is_directory(choices->names[i]))
			return choices->names[i];
	return NULL;
}

static bool is_journal_file(const char *name)
{
	const char *last = strrchr(name, '/');

	return strcmp(last ? last + 1 : name, "journal.mdb") == 0 && access(name, F_OK) == 0;
}

/* An import would leave a directory's private rows behind, and a file has no segments beside it. 0, or what to exit with. */
static int sources_fit(const struct choices *choices)
{
	const char *directory = directory_among(choices);

	if (strcmp(choices->verb, "import") == 0 && directory) {
		fprintf(stderr, "reeve-journal: %s: it is a directory, and import takes streams and segments; use reeve restore, which takes the private rows along\n", directory);
		return USAGE;
	}
	if (strcmp(choices->verb, "restore") == 0 && !directory && access(choices->names[0], F_OK) == 0) {
		fprintf(stderr, "reeve-journal: %s: it is a file; name the directory of the backup, or use reeve journal import if it is a stream\n", choices->names[0]);
		return USAGE;
	}
	for (int i = 0; i < choices->count; i++)
		if (is_journal_file(choices->names[i]) && !is_directory(choices->names[i])) {
			fprintf(stderr, "reeve-journal: %s: it is a journal and no stream; name the directory that it is in, for reeve journal check or reeve restore\n", choices->names[i]);
			return USAGE;
		}
	return DONE;
}

static void result_print(const struct choices *choices, const struct copy_result *result)
{
	char hash[2 * STREAM_HASH_BYTES + 1];

	for (int i = 0; i < STREAM_HASH_BYTES; i++)
		snprintf(hash + 2 * i, 3, "%02x", result->last_hash[i]);
	if (!choices->into && directory_among(choices)) /* whose private rows are not looked at */
		printf(choices->json ? "{\"last_seq\":%" PRId64 ",\"hash\":\"%s\"}\n" : "good: records 1 to %" PRId64 " in sequence and chained; chain hash %s\n",
			result->last_seq, hash);
	else if (choices->json)
		printf("{\"last_seq\":%" PRId64 ",\"private_rows\":%" PRId64 ",\"hash\":\"%s\"}\n", result->last_seq, result->rows, hash);
	else
		printf("%s: records 1 to %" PRId64 " in sequence and chained, %" PRId64 " private rows; chain hash %s\n", choices->into ? choices->into : "good",
			result->last_seq, result->rows, hash);
}

static int number_take(const char *text, int64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoll(text, &end, 10);
	return errno || *end || *ret_number < 1 ? -1 : 0;
}

static int run(const struct choices *choices)
{
	bool restores = strcmp(choices->verb, "restore") == 0;
	struct copy_result result;
	char error[512] = "";
	size_t count = 0;
	struct sources *sources = sources_open(choices->names, choices->count, restores, error, sizeof error);
	const struct copy_source *list = sources ? sources_list(sources, &count) : NULL;
	int failed = !sources || copy_run(list, count, choices->into, choices->until, &result, error, sizeof error);

	sources_close(sources);
	if (failed) {
		fprintf(stderr, "reeve-journal: %s: %s\n", choices->names[0], error);
		return CANNOT;
	}
	result_print(choices, &result);
	return DONE;
}

int main(int argc, char **argv)
{
	struct choices choices = {.until = INT64_MAX};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h')
			return help();
		if (option == 'v')
			return puts("reeve-journal " REEVE_VERSION), DONE;
		if (option == 'i')
			choices.into = optarg;
		else if (option == 'j')
			choices.json = true;
		else if (option != 'u')
			return usage("that is not how it is called", NULL);
		else if (number_take(optarg, &choices.until))
			return usage("a number from 1 on is wanted", optarg);
	}
	if (argc - optind < 2)
		return usage("import, check or restore and a source are wanted", NULL);
	choices.verb = argv[optind];
	choices.names = argv + optind + 1;
	choices.count = argc - optind - 1;
	bool checks = strcmp(choices.verb, "check") == 0;
	if (!checks && strcmp(choices.verb, "import") != 0 && strcmp(choices.verb, "restore") != 0)
		return usage("nothing is called", choices.verb);
	if (strcmp(choices.verb, "restore") == 0 && choices.count != 1)
		return usage("one backup is wanted", NULL);
	if (checks != !choices.into)
		return usage(checks ? "check takes no --into" : "--into DIR is wanted", NULL);
	int unfit = sources_fit(&choices);
	return unfit ? unfit : run(&choices);
}
