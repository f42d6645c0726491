/* reeve-journal: what `reeve journal import`, `reeve journal check` and `reeve restore` do, because a client does not link the store. Needs no
 * daemon. Opens one source, runs one copy, prints one line. Writes into the directory that was named and nowhere else.
 *
 * Exit codes: 0 done, 1 it cannot be done, 2 wrong usage. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/codec.h"
#include "store/journal.h"
#include "transfer/copy.h"

enum { DONE, CANNOT, USAGE };

struct choices {
	const char *verb, *source, *into;
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
	puts("usage: reeve-journal import FILE|- --into DIR [--until SEQ]\n"
		"       reeve-journal check FILE|-\n"
		"       reeve-journal restore BACKUP_DIR --into DIR [--until SEQ]\n\n"
		"Writes a new state directory from a stream of reeve journal export, or from a backup; check only looks at every record of a stream.\n\n"
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

static int stream_next(void *context, struct stream_entry *ret_entry, char *error, size_t error_size)
{
	return stream_read(context, ret_entry, error, error_size);
}

/* A journal's file as entries: each record, and behind one that opens a case its private row. */
struct file_source {
	struct journal *journal;
	int64_t seq, row_of, rows; /* row_of: the case whose row comes next, 0: none */
	struct record *event;
};

static int file_row(struct file_source *source, struct stream_entry *ret_entry)
{
	int64_t number = source->row_of;

	source->row_of = 0;
	if (source->journal->ops->private_get(source->journal, number, &ret_entry->bytes) != 0)
		return 1; /* it was destroyed, or left out of an export */
	ret_entry->part = STREAM_PRIVATE;
	ret_entry->number = number;
	source->rows++;
	return 0;
}

static int file_next(void *context, struct stream_entry *ret_entry, char *error, size_t error_size)
{
	struct file_source *source = context;
	struct flaw flaw;

	*ret_entry = (struct stream_entry){.part = STREAM_RECORD};
	if (source->row_of && file_row(source, ret_entry) == 0)
		return 0;
	if (source->seq == source->journal->last_seq) {
		*ret_entry = (struct stream_entry){.part = STREAM_END, .number = source->seq, .records = source->seq, .rows = source->rows};
		memcpy(ret_entry->hash, source->journal->last_hash, sizeof ret_entry->hash);
		return 0;
	}
	ret_entry->number = ++source->seq;
	if (source->journal->ops->read(source->journal, source->seq, &ret_entry->bytes, ret_entry->hash)) {
		snprintf(error, error_size, "record %" PRId64 " cannot be read; go back to an earlier backup", source->seq);
		return -1;
	}
	if (codec_read_lenient(ret_entry->bytes, source->event, &flaw) == 0 && source->event->event == EVENT_case_opened
		&& record_get(source->event, contact_kept, false))
		source->row_of = source->event->case_id;
	return 0;
}

static int restore(const struct choices *choices, struct copy_result *ret_result, char *error, size_t error_size)
{
	struct file_source source = {.journal = journal_lmdb_open_backup(choices->source, error, error_size)};
	struct journal *journal = source.journal;
	int failed = -1;

	if (!journal)
		return -1;
	if (journal->ops->read_begin(journal)) {
		snprintf(error, error_size, "%s", journal->error);
	} else {
		source.event = must_calloc(1, sizeof *source.event);
		failed = copy_run(&(struct copy_source){file_next, &source}, choices->into, choices->until, ret_result, error, error_size);
		journal->ops->read_end(journal);
		free(source.event);
	}
	journal->ops->close(journal);
	return failed;
}

static int import(const struct choices *choices, struct copy_result *ret_result, char *error, size_t error_size)
{
	bool is_standard = strcmp(choices->source, "-") == 0, with_private = false;
	FILE *file = is_standard ? stdin : fopen(choices->source, "rb");
	int failed = -1;

	if (!file) {
		snprintf(error, error_size, "it cannot be opened: %s", strerror(errno));
		return -1;
	}
	struct stream_reader *reader = stream_read_begin(file, &with_private, error, error_size);
	if (reader)
		failed = copy_run(&(struct copy_source){stream_next, reader}, choices->into, choices->until, ret_result, error, error_size);
	stream_read_end(reader);
	if (!is_standard)
		fclose(file);
	return failed;
}

static void result_print(const struct choices *choices, const struct copy_result *result)
{
	char hash[2 * STREAM_HASH_BYTES + 1];

	for (int i = 0; i < STREAM_HASH_BYTES; i++)
		snprintf(hash + 2 * i, 3, "%02x", result->last_hash[i]);
	if (choices->json)
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
	struct copy_result result;
	char error[512] = "";
	int failed = strcmp(choices->verb, "restore") == 0 ? restore(choices, &result, error, sizeof error) : import(choices, &result, error, sizeof error);

	if (failed) {
		fprintf(stderr, "reeve-journal: %s: %s\n", choices->source, error);
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
	if (argc - optind != 2)
		return usage("import, check or restore and one source are wanted", NULL);
	choices.verb = argv[optind];
	choices.source = argv[optind + 1];
	bool checks = strcmp(choices.verb, "check") == 0;
	if (!checks && strcmp(choices.verb, "import") != 0 && strcmp(choices.verb, "restore") != 0)
		return usage("nothing is called", choices.verb);
	if (checks != !choices.into)
		return usage(checks ? "check takes no --into" : "--into DIR is wanted", NULL);
	return run(&choices);
}
