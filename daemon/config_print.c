/* What the configuration looks like on paper: the defaults as a complete, commented file, and the list of problems.
 * The printed file is the one that is installed, and a test reads it back. */
#include "config.h"

#include <string.h>

#include "core/record.h"

#define WIDTH 110

/* Writes words as comment lines. */
static void print_comment(FILE *to, const char *indent, const char *text)
{
	size_t room = WIDTH - strlen(indent) - 2;

	while (*text) {
		size_t len = strlen(text);

		if (len > room) {
			for (len = room; len > 0 && text[len] != ' '; len--)
				continue;
			len = len ? len : room;
		}
		fprintf(to, "%s# %.*s\n", indent, (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
}

static void print_setting(FILE *to, const struct setting_row *row)
{
	char comment[512], smallest[32], largest[32], number[32] = "", error[8];
	int64_t value = 0;

	if (row->type == SETTING_TYPE_TEXT || row->type == SETTING_TYPE_WORD) {
		snprintf(comment, sizeof comment, "%s%s", row->meaning, row->reload ? " (reload)" : "");
		print_comment(to, "  ", comment);
		/* Quotes keep 0660 from looking like a number to other readers of YAML. */
		fprintf(to, row->type == SETTING_TYPE_WORD ? "  %s: %s\n" : "  %s: \"%s\"\n", row->name, row->otherwise);
		return;
	}
	config_number_write(row->smallest, row->type, smallest);
	config_number_write(row->largest, row->type, largest);
	config_number_read(span_of(row->otherwise), row->type, &value, error, sizeof error);
	config_number_write(value, row->type, number);
	snprintf(comment, sizeof comment, "%s; %s to %s%s", row->meaning, smallest, largest, row->reload ? " (reload)" : "");
	print_comment(to, "  ", comment);
	fprintf(to, "  %s: %s\n", row->name, number);
}

static void print_lists(FILE *to)
{
	fprintf(to, "\n# Worker processes that reeved starts itself and starts again when they end. Without command: the program that\n"
		"# comes with Reeve. An empty list starts none; workers may come from elsewhere too, see reeve-worker@.service.\n"
		"workers:\n");
#define TASK(number, name, chinese, meaning) fprintf(to, "  - task: %s # %s\n    count: 1\n    command: \"\"\n", #name, meaning);
#include "schema/names.def"
	fprintf(to, "\n# Who may do what (reload). The roles:\n");
#define ROLE(number, name, chinese, meaning) fprintf(to, "#   %-14s %s\n", #name, meaning);
#include "schema/names.def"
	fprintf(to, "access:\n"
		"  # Roles of every actor that is not listed. The sockets' file mode (doors.mode) is the first gate.\n"
		"  default: [");
	const char *comma = "";
#define ROLE(number, name, chinese, meaning) fprintf(to, "%s%s", comma, #name), comma = ", ";
#include "schema/names.def"
	fprintf(to, "]\n"
		"  # One row for each actor, for example\n"
		"  #   - name: ana\n"
		"  #     roles: [dispatcher, supervisor]\n"
		"  #     area: 370102        # confidential cases of this area are visible to her; unit: of this unit\n"
		"  actors: []\n");
}

void config_print_defaults(FILE *to)
{
	const char *section = "";

	fprintf(to, "# reeved.yaml: every setting of reeved(8) at its default. What is left out keeps its default, so a short file is fine.\n"
		"# Sizes are bytes or like 64 MiB, times are milliseconds or like 10 s, 5 min, 2 h, 1 d.\n"
		"# (reload): takes effect at SIGHUP (systemctl reload reeved); everything else needs a restart.\n"
		"# Check it with: reeved --check-config FILE\n");
	for (size_t i = 0; i < setting_row_count; i++) {
		if (strcmp(section, setting_rows[i].section) != 0)
			fprintf(to, "\n%s:\n", setting_rows[i].section);
		section = setting_rows[i].section;
		print_setting(to, &setting_rows[i]);
	}
	print_lists(to);
}

void config_problems_print(FILE *to, const char *path, const struct config_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problem *problem = &problems->rows[i];

		if (problem->row > 0)
			fprintf(to, "%s:%lld:%lld: %s\n", path, (long long)problem->row, (long long)problem->column, problem->message);
		else
			fprintf(to, "%s: %s\n", path, problem->message);
	}
}

#define FIXED_BYTES (INT64_C(192) << 20)     /* program, allocator, changes on their way to the archive (twice 64 MiB) */
#define CASE_BYTES 512
#define REMEMBERED_BYTES 256
#define CONNECTION_BYTES 32768               /* libzmq's for one that is idle: measured by tests/peers */

int64_t config_memory_most(const struct settings *settings)
{
	/* What peers cause is counted as such; what libzmq has read for floods is held down by limits.memory_bytes. */
	int64_t sum = FIXED_BYTES + settings->limits_open_cases * CASE_BYTES + settings->limits_remembered_requests * REMEMBERED_BYTES +
		settings->limits_connections * CONNECTION_BYTES + 6 * settings->limits_backlog_bytes + 2 * settings->feed_backlog_bytes +
		settings->feed_subscriptions_bytes;

	return sum > settings->limits_memory_bytes ? sum : settings->limits_memory_bytes;
}
