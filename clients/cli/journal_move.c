/* `reeve journal export`, and what reads its stream: `journal import`, `journal check` and `restore`, which are the program reeve-journal.
 *
 * The daemon hands its records over as they are stored, slice after slice, up to the number that was the last when the export began. Names and
 * numbers of callers stay behind unless they are asked for. A file gets its name when it was written, synced, and checked by reading it back. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/cli/command.h"
#include "clients/cli/progress.h"
#include "clients/cli/tool.h"
#include "transfer/stream.h"

#define FILE_MODE 0600

const struct option_row journal_export_options[] = {
	OPTION_FLAG("with-private", "callers' names, phones and contacts as well; that they left is an event"),
	OPTION_END,
};
const struct option_row journal_import_options[] = {
	OPTION_VALUE("into", "DIR", "a directory without a journal, to be a state directory; it is created"),
	OPTION_VALUE("until", "SEQ", "the journal as it was after this record"),
	OPTION_END,
};

struct export {
	struct cli *cli;
	FILE *file;
	struct stream_writer *writer; /* NULL: nothing came yet */
	struct progress progress;
	bool with_private;
	int64_t next, last; /* sequence numbers: to ask for, and the end */
	int64_t first;      /* what the stream begins with: above 1 the records before were pruned */
	char segment[64];   /* then: the file that record 1 is in */
};

/* One record of a slice; false when it is not the one that comes next. */
static bool record_write(struct export *export, struct span map)
{
	struct record row;
	struct flaw flaw;

	record_clear(&row);
	if (codec_read_lenient(map, &row, &flaw) != 0 || !record_has(&row, record) || !record_has(&row, hash) || row.hash.len != STREAM_HASH_BYTES)
		return false;
	bool pruned = record_get(&row, seq, 0) < export->first; /* only its private row is wanted */
	if (!pruned && row.seq != (export->next < export->first ? export->first : export->next))
		return false;
	if (!pruned)
		stream_write_record(export->writer, row.seq, row.record, (const unsigned char *)row.hash.data);
	export->next = row.seq + 1;
	if (record_has(&row, private_row) && record_has(&row, case_id))
		stream_write_private(export->writer, row.case_id, row.private_row);
	return true;
}

/* The first answer says where the journal begins. */
static void stream_begin(struct export *export, const struct record *reply)
{
	struct span file = record_get(reply, file, ((struct span){0}));
	bool pruned = record_get(reply, gap, false) && record_has(reply, from_seq) && record_has(reply, hash) && reply->hash.len == STREAM_HASH_BYTES;

	export->first = pruned ? reply->from_seq : 1;
	snprintf(export->segment, sizeof export->segment, "%.*s", (int)file.len, file.data);
	export->writer = stream_write_begin_behind(export->file, export->with_private, export->first - 1, pruned ? (const unsigned char *)reply->hash.data : NULL);
	if (!export->with_private && export->next < export->first)
		export->next = export->first;
}

static int slice_write(struct export *export)
{
	struct record command, reply;
	struct span rest, map;
	int64_t begun = export->next;

	record_clear(&command);
	record_set(&command, command, COMMAND_journal_read);
	record_set(&command, from_seq, export->next);
	record_set(&command, raw, true);
	if (export->with_private)
		record_set(&command, private, true);
	int result = cli_request(export->cli, &command, &reply);
	if (result != DONE)
		return result;
	if (!export->writer)
		stream_begin(export, &reply);
	list_open(record_get(&reply, events, ((struct span){0})), &rest);
	while (export->next <= export->last && frame_next(&rest, &map))
		if (!record_write(export, map))
			break;
	if (export->next < export->first && record_get(&reply, next_seq, 0) > export->next) /* of those, only some were kept */
		export->next = reply.next_seq;
	if (export->next > begun)
		return DONE;
	fprintf(stderr, "reeve: record %" PRId64 " did not come: look at it with reeve journal verify\n", export->next);
	return REFUSED;
}

static int export_run(struct export *export, FILE *file)
{
	int result = DONE;

	export->file = file;
	progress_begin(&export->progress, "export", export->last);
	while (result == DONE && export->next <= export->last) {
		result = slice_write(export);
		progress_update(&export->progress, export->next - 1, export->next - 1);
	}
	progress_end(&export->progress);
	if (!export->writer)
		export->writer = stream_write_begin(file, export->with_private);
	int code = stream_write_end(export->writer);
	if (result == DONE && code) {
		fprintf(stderr, "reeve: the stream cannot be written: %s; free space there, or name another file\n", strerror(code));
		return REFUSED;
	}
	return result;
}

static int check_run(const char *path)
{
	char *arguments[] = {(char *)"reeve-journal", (char *)"check", (char *)path, NULL};
	int code = tool_run(arguments);

	if (code < 0)
		fprintf(stderr, "reeve: reeve-journal, which checks the file, is not installed beside this program\n");
	return code == 0 ? DONE : REFUSED;
}

static int file_fault(const char *path)
{
	fprintf(stderr, "reeve: %s: %s\n", path, strerror(errno));
	return REFUSED;
}

/* Into a file beside it, which gets the name when it is whole. */
static int export_file(struct export *export, const char *path)
{
	struct buf unfinished = {0};
	int descriptor, result = DONE;

	buf_printf(&unfinished, "%s.unfinished", path);
	buf_add(&unfinished, "", 1);
	if (access(path, F_OK) == 0) {
		errno = EEXIST;
		result = file_fault(path);
	} else if ((descriptor = open(unfinished.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE)) < 0) {
		result = file_fault(unfinished.data);
	} else {
		FILE *file = fdopen(descriptor, "wb");
		result = export_run(export, file);
		if (result == DONE && fsync(descriptor) != 0)
			result = file_fault(unfinished.data);
		fclose(file);
		if (result == DONE && export->first <= 1) /* one that does not begin with record 1 can be checked only together with the segments */
			result = check_run(unfinished.data);
		if (result == DONE && rename(unfinished.data, path) != 0)
			result = file_fault(path);
		if (result != DONE)
			unlink(unfinished.data);
	}
	buf_free(&unfinished);
	return result;
}

int run_journal_export(struct cli *cli, const struct options *options)
{
	struct export export = {.cli = cli, .with_private = options_flag(options, "with-private"), .next = 1};
	const char *path = options_argument(options, 0);
	bool is_standard = strcmp(path, "-") == 0;

	if (is_standard && isatty(STDOUT_FILENO))
		return cli_usage(cli, "a stream is not for a terminal: name a file, or send it somewhere");
	int result = journal_last(cli, &export.last);
	if (result == DONE)
		result = is_standard ? export_run(&export, stdout) : export_file(&export, path);
	if (result != DONE)
		return result;
	int64_t pruned = export.first > 1 ? export.first - 1 : 0;
	fprintf(stderr, "reeve: %" PRId64 " records%s", export.last - pruned, is_standard ? "; check it where it arrives: reeve journal check\n" : "\n");
	if (export.first > 1)
		fprintf(stderr, "reeve: records 1 to %" PRId64 " were pruned before: they are in the segments of the daemon's state directory, from %s on; name those first: "
			"reeve journal check SEGMENT... %s\n", export.first - 1, export.segment, path);
	if (!export.with_private)
		fputs("reeve: callers' names, phones and contacts were left out; --with-private takes them along\n", stderr);
	return DONE;
}

/* Takes the arguments. */
static int become(struct cli *cli, char **arguments)
{
	tool_become(arguments);
	free(arguments);
	return cli_usage(cli, "reeve-journal is not installed beside this program: %s", strerror(errno));
}

static int journal_become(struct cli *cli, const char *verb, const struct options *options)
{
	bool writes = strcmp(verb, "check") != 0;
	int64_t until;
	size_t count = 0;

	if (writes && !options_text(options, "into"))
		return cli_usage(cli, "--into DIR is wanted: the state directory to be made");
	if (writes && !options_number(options, "until", 1, INT64_MAX, 1, &until))
		return USAGE;
	char **arguments = must_calloc(options->argument_count + 8, sizeof *arguments);
	arguments[count++] = (char *)"reeve-journal";
	arguments[count++] = (char *)verb;
	for (size_t i = 0; i < options->argument_count; i++)
		arguments[count++] = (char *)options_argument(options, i);
	if (writes) {
		arguments[count++] = (char *)"--into";
		arguments[count++] = (char *)options_text(options, "into");
	}
	if (writes && options_text(options, "until")) {
		arguments[count++] = (char *)"--until";
		arguments[count++] = (char *)options_text(options, "until");
	}
	if (cli->json)
		arguments[count++] = (char *)"--json";
	return become(cli, arguments);
}

int run_journal_import(struct cli *cli, const struct options *options)
{
	return journal_become(cli, "import", options);
}

int run_journal_check(struct cli *cli, const struct options *options)
{
	return journal_become(cli, "check", options);
}

int run_restore(struct cli *cli, const struct options *options)
{
	return journal_become(cli, "restore", options);
}
