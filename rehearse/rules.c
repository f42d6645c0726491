/* Policies from a journal and from directories. Owns nothing that it hands out. Compiling reads time zones through the process's
 * environment, so all of it happens before any thread begins. */
#include "rehearse/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct policy *compile_event(const struct record *event, size_t index, char *error, size_t error_size)
{
	struct findings findings = {0};
	size_t count;
	struct policy_file *files = history_policy_files(event, &count);
	struct policy *policy = policy_compile(files, count, &findings);
	const struct finding *row = findings.count ? &findings.rows[0] : NULL;

	if (!policy)
		snprintf(error, error_size, "the policy of journal record %zu cannot be compiled any more: %s:%" PRId64 ": %s", index + 1,
			row && row->file ? row->file : "?", row ? row->row : 0, row ? row->message : "no reason given");
	findings_free(&findings);
	free(files);
	return policy;
}

struct policy **rules_recorded(const struct history *history, size_t *ret_count, char *error, size_t error_size)
{
	struct policy **policies = must_calloc(history->policies, sizeof *policies);
	struct record *event = must_calloc(1, sizeof *event);
	size_t count = 0;

	for (size_t i = 0; i < history->count && count < history->policies; i++) {
		if (!history_record(history, i, event) || event->event != EVENT_policy_adopted)
			continue;
		policies[count] = compile_event(event, i, error, error_size);
		if (!policies[count])
			break;
		policies[count]->version = (int64_t)count + 1;
		count++;
	}
	free(event);
	if (count == history->policies) {
		*ret_count = count;
		return policies;
	}
	rules_free(policies, count);
	return NULL;
}

void rules_free(struct policy **policies, size_t count)
{
	for (size_t i = 0; policies && i < count; i++)
		policy_free(policies[i]);
	free(policies);
}

/* Takes the contents of `more`: what has the same name is replaced, the rest is added. */
static struct policy_file *files_lay_over(struct policy_file *files, size_t *count, struct policy_file *more, size_t more_count)
{
	files = must_realloc(files, (*count + more_count + 1) * sizeof *files);
	for (size_t i = 0; i < more_count; i++) {
		size_t at = 0;
		while (at < *count && !span_equal(files[at].name, more[i].name))
			at++;
		if (at < *count) {
			free((char *)files[at].name.data);
			free((char *)files[at].content.data);
		} else {
			++*count;
		}
		files[at] = more[i];
	}
	free(more);
	return files;
}

static struct policy *compile_files(const struct policy_file *files, size_t count)
{
	struct findings findings = {0};
	struct policy *policy = policy_compile(files, count, &findings);

	for (size_t i = 0; !policy && i < findings.count; i++) {
		const struct finding *row = &findings.rows[i];
		fprintf(stderr, "%s:%" PRId64 ":%" PRId64 ": %s: %s\n", row->file ? row->file : "?", row->row, row->column, row->warning ? "warning" : "error", row->message);
	}
	findings_free(&findings);
	return policy;
}

struct policy *rules_directories(const char *const *directories, size_t count, char *error, size_t error_size)
{
	struct policy_file *files = NULL;
	struct policy *policy = NULL;
	size_t file_count = 0;
	int failed = 0;

	error[0] = '\0';
	for (size_t i = 0; !failed && i < count; i++) {
		struct policy_file *more;
		size_t more_count;
		failed = policy_files_read(directories[i], &more, &more_count, error, error_size);
		if (!failed)
			files = files_lay_over(files, &file_count, more, more_count);
	}
	if (!failed)
		policy = compile_files(files, file_count);
	policy_files_free(files, file_count);
	return policy;
}
