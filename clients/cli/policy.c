/* `reeve policy check|apply|show` (versions and back are in policy_versions.c): a policy is a directory of CSV and YAML files; the daemon compiles it and says what is
 * wrong by file, line and column, as compilers do, so that editors can jump there. apply asks for the findings first and
 * adopts only after they were seen. Owns the files' texts while they are sent; writes files only for show DIR. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/cli/command.h"

#define FILE_BYTES_MOST (4u << 20)

const struct option_row policy_check_options[] = {OPTION_END};
const struct option_row policy_apply_options[] = {
	OPTION_FLAG("yes", "do not ask"),
	OPTION_FIELD("reason", "TEXT", reason, "why, in words; kept with the version"),
	OPTION_VALUE("clocks", "keep|restage", "open cases' stages: keep their limits, or get those of this policy (keep); promises are kept always"),
	OPTION_FIELD("at", "TIME", at, "driven clock: advance to this first"),
	OPTION_END,
};
const struct option_row policy_show_options[] = {OPTION_FIELD("policy", "VERSION", policy, "which version (the newest)"), OPTION_END};

static bool ends_in(const char *name, const char *ending)
{
	size_t len = strlen(name), end = strlen(ending);

	return len > end && strcmp(name + len - end, ending) == 0;
}

static int is_policy_file(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return name[0] != '.' && (ends_in(name, ".csv") || ends_in(name, ".yaml") || ends_in(name, ".yml"));
}

/* The whole file into content. False with errno. */
static bool file_read(const char *directory, const char *name, struct buf *content)
{
	struct buf path = {0};
	char chunk[8192];
	size_t len;

	buf_printf(&path, "%s/%s", directory, name);
	buf_add(&path, "", 1);
	FILE *file = fopen(path.data, "rb");
	buf_free(&path);
	if (!file)
		return false;
	while ((len = fread(chunk, 1, sizeof chunk, file)) > 0 && content->len <= FILE_BYTES_MOST)
		buf_add(content, chunk, len);
	bool good = !ferror(file);
	fclose(file);
	if (content->len > FILE_BYTES_MOST) {
		errno = EFBIG;
		return false;
	}
	return good;
}

static bool file_add(const char *directory, const char *name, struct list_writer *writer)
{
	struct record row;
	struct buf content = {0};
	bool good = file_read(directory, name, &content);

	record_clear(&row);
	record_set(&row, name, span_of(name));
	record_set(&row, content, buf_span(&content));
	if (good)
		list_add(writer, &row);
	buf_free(&content);
	return good;
}

/* Every file of a directory, in the order of names, as a list field's bytes in buf. */
static int files_read(const char *directory, struct buf *buf, struct span *ret_files)
{
	struct list_writer writer;
	struct dirent **entries;
	int count = scandir(directory, &entries, is_policy_file, alphasort);
	int result = DONE;

	if (count <= 0) {
		fprintf(stderr, "reeve: %s: %s\n", directory, count < 0 ? strerror(errno) : "no *.csv or *.yaml file is in it");
		if (count == 0)
			free(entries);
		return REFUSED;
	}
	list_begin(&writer, buf, CODEC_NAMES);
	for (int i = 0; i < count; i++) {
		if (result == DONE && !file_add(directory, entries[i]->d_name, &writer)) {
			fprintf(stderr, "reeve: %s/%s: %s\n", directory, entries[i]->d_name, strerror(errno));
			result = REFUSED;
		}
		free(entries[i]);
	}
	free(entries);
	*ret_files = list_end(&writer);
	return result;
}

/* file:row:column: level: message, as compilers print it. Returns how many are not warnings. */
static int64_t findings_print(const char *directory, const struct record *reply)
{
	struct record row;
	struct flaw flaw;
	struct span rest, map;
	int64_t errors = 0;

	list_open(record_get(reply, findings, ((struct span){0})), &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&row);
		if (codec_read_lenient(map, &row, &flaw) != 0)
			continue;
		struct span file = record_get(&row, file, span_of("")), level = record_get(&row, level, span_of("error")), message = record_get(&row, message, span_of(""));
		printf("%s/%.*s", directory, (int)file.len, file.data);
		if (record_get(&row, row, 0) > 0)
			printf(":%" PRId64 ":%" PRId64, row.row, record_get(&row, column, 0));
		printf(": %.*s: %.*s\n", (int)level.len, level.data, (int)message.len, message.data);
		errors += !span_is(level, "warning");
	}
	return errors;
}

/* Of a first policy no changes are told. A dry run's answer has no version: then the list of versions says whether there is one. */
static bool is_first(struct cli *cli, const struct record *reply)
{
	struct record command, known;
	struct span rest, map;

	if (record_has(reply, policy))
		return reply->policy == 1;
	record_clear(&command);
	record_set(&command, command, COMMAND_policy_list);
	if (cli_ask(cli, &command, &known) != DONE || record_has(&known, error))
		return false;
	list_open(record_get(&known, versions, ((struct span){0})), &rest);
	return !frame_next(&rest, &map);
}

/* What the adoption changes, a row each: + added, - removed, ~ changed. Of the reply no words are left then. */
static void changes_print(struct cli *cli, const struct record *reply)
{
	struct record row;
	struct flaw flaw;
	struct span rest, map;
	int64_t added = 0, removed = 0, changed = 0;

	list_open(record_get(reply, changes, ((struct span){0})), &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&row);
		if (codec_read_lenient(map, &row, &flaw) != 0)
			continue;
		struct span file = record_get(&row, file, span_of("")), name = record_get(&row, name, span_of("")), message = record_get(&row, message, span_of(""));
		bool is_new = span_is(record_get(&row, level, span_of("")), "added"), is_gone = span_is(record_get(&row, level, span_of("")), "removed");
		printf("%c %.*s: %.*s%s%.*s\n", is_new ? '+' : is_gone ? '-' : '~', (int)file.len, file.data, (int)name.len, name.data, message.len ? ": " : "",
			(int)message.len, message.data);
		added += is_new;
		removed += is_gone;
		changed += !is_new && !is_gone;
	}
	if (!record_has(reply, changes))
		return;
	if (added + removed + changed == 0 && is_first(cli, reply))
		puts("the first policy: all of it is new");
	else
		printf("%" PRId64 " added, %" PRId64 " removed, %" PRId64 " changed\n", added, removed, changed);
}

static int policy_send(struct cli *cli, struct record *command, const char *directory, struct record *ret_reply)
{
	int result = cli_ask(cli, command, ret_reply);

	if (result == NO_DAEMON)
		return result;
	if (cli->json) {
		cli_json(ret_reply);
	} else {
		int64_t errors = findings_print(directory, ret_reply);
		if (result == REFUSED)
			cli_refusal(cli, ret_reply);
		else
			changes_print(cli, ret_reply);
		if (errors)
			result = REFUSED;
	}
	if (result == DONE && record_has(ret_reply, error))
		result = REFUSED;
	return result;
}

static int check_directory(struct cli *cli, const char *directory, struct span files)
{
	struct record command, reply;

	record_clear(&command);
	record_set(&command, command, COMMAND_policy_check);
	record_set(&command, files, files);
	int result = policy_send(cli, &command, directory, &reply);
	if (result == DONE && !cli->json)
		printf("%s: can be adopted\n", directory);
	return result;
}

int run_policy_check(struct cli *cli, const struct options *options)
{
	const char *directory = options_argument(options, 0);
	struct buf buf = {0};
	struct span files;
	int result = files_read(directory, &buf, &files);

	if (result == DONE)
		result = check_directory(cli, directory, files);
	buf_free(&buf);
	return result;
}

static bool answer_is_yes(const char *question)
{
	char line[16] = "";

	fprintf(stderr, "%s [y/N] ", question);
	return fgets(line, sizeof line, stdin) && (line[0] == 'y' || line[0] == 'Y');
}

/* --clocks: what a new policy means for the stages of open cases is said, not guessed. */
static bool clocks_fill(struct cli *cli, const struct options *options, struct record *command)
{
	const char *clocks = options_text(options, "clocks");

	if (!clocks || strcmp(clocks, "keep") == 0)
		return true;
	record_set(command, restage, true);
	return strcmp(clocks, "restage") == 0 || cli_usage(cli, "--clocks is keep or restage") != USAGE;
}

/* The new policy adopted after the changes were seen; what was seen is not printed again. */
static int adopt_files(struct cli *cli, struct record *command, const char *directory, bool seen)
{
	struct record reply;
	int result = seen && !cli->json ? cli_request(cli, command, &reply) : policy_send(cli, command, directory, &reply);

	if (result == DONE && !cli->json)
		printf("%s: adopted as version %" PRId64 "\n", directory, record_get(&reply, policy, 0));
	return result;
}

int policy_apply_files(struct cli *cli, const struct options *options, const char *directory, struct span files, const char *reason)
{
	struct record command, reply;
	int result;

	record_clear(&command);
	record_set(&command, command, COMMAND_policy_apply);
	record_set(&command, files, files);
	if (reason)
		record_set(&command, reason, span_of(reason));
	if (!options_fill(options, cli->zone, &command) || !clocks_fill(cli, options, &command))
		return USAGE;
	if (!options_flag(options, "yes")) {
		record_set(&command, dry_run, true);
		result = policy_send(cli, &command, directory, &reply);
		if (result != DONE)
			return result;
		if (!isatty(STDIN_FILENO))
			return cli_usage(cli, "nobody is at a terminal to be asked: --yes adopts without asking");
		if (!answer_is_yes("Adopt this policy for all that happens from now on?"))
			return REFUSED;
		record_drop(&command, FIELD_dry_run);
	}
	return adopt_files(cli, &command, directory, !options_flag(options, "yes"));
}

int run_policy_apply(struct cli *cli, const struct options *options)
{
	const char *directory = options_argument(options, 0);
	struct buf buf = {0};
	struct span files;
	int result = files_read(directory, &buf, &files);

	if (result == DONE)
		result = policy_apply_files(cli, options, directory, files, NULL);
	buf_free(&buf);
	return result;
}

/* One file of the answer: to standard output under a heading, or into the directory. */
static bool file_show(const struct record *row, const char *directory)
{
	struct buf path = {0};

	if (!directory) {
		printf("==> %.*s <==\n%.*s\n", (int)row->name.len, row->name.data, (int)row->content.len, row->content.data);
		return true;
	}
	/* The name comes from outside: it must not lead out of the directory. */
	if (row->name.len == 0 || memchr(row->name.data, '/', row->name.len) || row->name.data[0] == '.') {
		errno = EINVAL;
		return false;
	}
	buf_printf(&path, "%s/%.*s", directory, (int)row->name.len, row->name.data);
	buf_add(&path, "", 1);
	FILE *file = fopen(path.data, "wb");
	bool good = file && fwrite(row->content.data, 1, row->content.len, file) == row->content.len;
	if (file && fclose(file) != 0)
		good = false;
	buf_free(&path);
	return good;
}

static int files_show(const struct record *reply, const char *directory)
{
	struct record row;
	struct flaw flaw;
	struct span rest, map;

	if (directory && mkdir(directory, 0777) != 0 && errno != EEXIST) {
		fprintf(stderr, "reeve: %s: %s\n", directory, strerror(errno));
		return REFUSED;
	}
	list_open(record_get(reply, files, ((struct span){0})), &rest);
	while (frame_next(&rest, &map)) {
		record_clear(&row);
		if (codec_read_lenient(map, &row, &flaw) != 0 || !record_has(&row, name) || !record_has(&row, content))
			continue;
		if (!file_show(&row, directory)) {
			fprintf(stderr, "reeve: %s/%.*s: %s\n", directory, (int)row.name.len, row.name.data, strerror(errno));
			return REFUSED;
		}
	}
	return DONE;
}

int run_policy_show(struct cli *cli, const struct options *options)
{
	const char *directory = options_argument(options, 0);
	struct record command, reply;

	record_clear(&command);
	record_set(&command, command, COMMAND_policy_read);
	if (!options_fill(options, cli->zone, &command))
		return USAGE;
	int result = cli_request(cli, &command, &reply);
	if (result != DONE)
		return result;
	if (cli->json) {
		cli_json(&reply);
		return DONE;
	}
	struct span name = record_get(&reply, policy_name, span_of(""));
	fprintf(stderr, "policy %.*s version %" PRId64 "\n", (int)name.len, name.data, record_get(&reply, policy, 0));
	return files_show(&reply, directory);
}
