/* Examples from the rows of a table: history that never went through Reeve.
 *
 * Owns the open table. A row without a label, or with a time that cannot be read, is left out and counted. Without a column of times the rows'
 * numbers stand for them, so the table's order is the order of time. */
#include <inttypes.h>
#include <stdlib.h>

#include "clients/cli/moment.h"
#include "clients/cli/rows.h"
#include "clients/cli/train.h"

#define COLUMNS_MOST 16

struct columns {
	int index[COLUMNS_MOST];
	size_t count;
};

struct table_reading {
	struct cli *cli;
	struct rows *rows;
	struct columns texts, labels;
	int time; /* -1: none */
	const char *same;
	int64_t from, to, left_out;
	struct buf label, text;
};

/* The next piece of a list with commas; false at its end. */
static bool piece_next(struct span *list, struct span *ret_piece)
{
	const char *comma = list->len ? memchr(list->data, ',', list->len) : NULL;

	if (!list->len)
		return false;
	*ret_piece = (struct span){list->data, comma ? (size_t)(comma - list->data) : list->len};
	size_t used = ret_piece->len + (comma != NULL);
	*list = (struct span){list->data + used, list->len - used};
	return true;
}

static bool columns_find(const struct table_reading *reading, const char *option, const char *names, struct columns *ret_columns)
{
	struct span list = span_of(names ? names : ""), name;

	while (piece_next(&list, &name) && ret_columns->count < COLUMNS_MOST) {
		char *text = span_dup(name);
		int index = rows_column(reading->rows, text);
		if (index < 0)
			cli_usage(reading->cli, "--%s %s: the table has no such column", option, text);
		free(text);
		if (index < 0)
			return false;
		ret_columns->index[ret_columns->count++] = index;
	}
	if (!ret_columns->count)
		cli_usage(reading->cli, "with --csv, --%s COLUMN is wanted", option);
	return ret_columns->count > 0;
}

/* A=B of --same, for one cell. */
static struct span spelling(const char *same, struct span cell)
{
	struct span list = span_of(same ? same : ""), pair;

	while (piece_next(&list, &pair)) {
		const char *equals = memchr(pair.data, '=', pair.len);
		size_t len = equals ? (size_t)(equals - pair.data) : 0;
		if (equals && span_equal((struct span){pair.data, len}, cell))
			return (struct span){equals + 1, pair.len - len - 1};
	}
	return cell;
}

static void columns_join(const struct table_reading *reading, const struct columns *columns, const char *between, const char *same, struct buf *ret_text)
{
	buf_clear(ret_text);
	for (size_t i = 0; i < columns->count; i++) {
		if (i)
			buf_add_text(ret_text, between);
		buf_add_span(ret_text, spelling(same, rows_cell(reading->rows, columns->index[i])));
	}
}

static void row_take(struct table_reading *reading, struct lessons *lessons)
{
	struct example example = {.at = rows_number(reading->rows)};

	if (reading->time >= 0 && !moment_read(rows_cell(reading->rows, reading->time), reading->cli->zone, &example.at)) {
		reading->left_out++;
		return;
	}
	if (reading->time >= 0 && (example.at < reading->from || example.at >= reading->to))
		return;
	columns_join(reading, &reading->labels, "/", reading->same, &reading->label);
	columns_join(reading, &reading->texts, "\n", NULL, &reading->text);
	example.label = buf_span(&reading->label);
	example.texts[1] = buf_span(&reading->text);
	if (rows_cell(reading->rows, reading->labels.index[0]).len)
		lessons_add(lessons, &example);
	else
		reading->left_out++;
}

static bool period_read(struct table_reading *reading, const struct options *options)
{
	const char *from = options_text(options, "from"), *to = options_text(options, "to");

	reading->from = INT64_MIN;
	reading->to = INT64_MAX;
	if ((from || to || options_text(options, "split")) && reading->time < 0)
		return cli_usage(reading->cli, "with --csv, --from, --to and --split need --time COLUMN"), false;
	if (from && !moment_read(span_of(from), reading->cli->zone, &reading->from))
		return cli_usage(reading->cli, "--from %s: a time like 2015-04-25 is wanted", from), false;
	if (to && !moment_read(span_of(to), reading->cli->zone, &reading->to))
		return cli_usage(reading->cli, "--to %s: a time like 2015-04-25 is wanted", to), false;
	return true;
}

static int rows_take(struct table_reading *reading, const char *path, struct lessons *lessons)
{
	int found;

	while ((found = rows_next(reading->rows)) > 0)
		row_take(reading, lessons);
	if (found < 0) {
		fprintf(stderr, "reeve: %s: %s\n", path, rows_error(reading->rows));
		return REFUSED;
	}
	if (reading->left_out)
		fprintf(stderr, "reeve: %s: %" PRId64 " rows without a label, or with a time that cannot be read, are left out\n", path, reading->left_out);
	return DONE;
}

int lessons_from_table(struct cli *cli, const struct options *options, struct lessons *ret_lessons)
{
	const char *path = options_text(options, "csv"), *time = options_text(options, "time");
	struct table_reading reading = {.cli = cli, .time = -1, .same = options_text(options, "same")};
	char error[256];
	int result = USAGE;

	reading.rows = rows_open(path, error, sizeof error);
	if (!reading.rows) {
		fprintf(stderr, "reeve: %s: %s\n", path, error);
		return REFUSED;
	}
	reading.time = time ? rows_column(reading.rows, time) : -1;
	if (time && reading.time < 0)
		cli_usage(cli, "--time %s: the table has no such column", time);
	else if (columns_find(&reading, "text", options_text(options, "text"), &reading.texts) &&
		 columns_find(&reading, "label", options_text(options, "label"), &reading.labels) && period_read(&reading, options))
		result = rows_take(&reading, path, ret_lessons);
	rows_close(reading.rows);
	buf_free(&reading.label);
	buf_free(&reading.text);
	return result;
}
