/* Tables of results on paper: for people (columns line up in any script), as JSON, as CSV (RFC 4180). Owns nothing. The same
 * book gives the same bytes. Machines get whole numbers of milliseconds and shares from 0 to 1; people get words, signs and
 * an asterisk where a figure is made of few cases. */
#include "rehearse/sheet.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/case_number.h"
#include "clients/cli/table.h"
#include "schema/instant.h"
#include "workers/wording.h"

#define CELL_MOST 46 /* places of a text in a table for people */

static struct span text_of(const struct book *book, const struct cell *cell)
{
	return (struct span){book->texts.data + cell->text, cell->text_len};
}

/* 31,828 */
static void grouped(struct buf *buf, int64_t number, bool sign)
{
	char digits[24];
	int len = snprintf(digits, sizeof digits, "%" PRIu64, (uint64_t)(number < 0 ? -number : number));

	if (number < 0)
		buf_add_text(buf, "−");
	else if (sign && number > 0)
		buf_add_text(buf, "+");
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_add_text(buf, ",");
		buf_add(buf, digits + i, 1);
	}
}

static void signed_real(struct buf *buf, double real, const char *unit)
{
	if (fabs(real) < 0.05)
		real = 0;
	buf_printf(buf, "%s%.1f%s", real < 0 ? "−" : real > 0 ? "+" : "", fabs(real), unit);
}

static void shift(struct buf *buf, int64_t milliseconds)
{
	if (!milliseconds) {
		buf_add_text(buf, "0");
		return;
	}
	buf_add_text(buf, milliseconds < 0 ? "−" : "+");
	wording_duration(buf, milliseconds);
}

static void cell_words(struct buf *buf, const struct book *book, const struct cell *cell, const struct policy *policy)
{
	char number[CASE_NUMBER_TEXT];

	switch (cell->kind) {
	case CELL_NONE:
		break;
	case CELL_TEXT:
		buf_add_span(buf, text_of(book, cell));
		break;
	case CELL_COUNT:
		grouped(buf, cell->number, false);
		break;
	case CELL_CHANGE:
		grouped(buf, cell->number, true);
		break;
	case CELL_MEAN:
		buf_printf(buf, "%.1f", cell->real);
		break;
	case CELL_SHARE:
		buf_printf(buf, "%.1f %%", cell->real * 100);
		break;
	case CELL_POINTS:
		signed_real(buf, cell->real * 100, " pt");
		break;
	case CELL_SPAN:
		wording_duration(buf, cell->number);
		break;
	case CELL_SHIFT:
		shift(buf, cell->number);
		break;
	case CELL_TIME:
		wording_time(buf, policy, cell->number);
		break;
	case CELL_CASE:
		case_number_write(cell->number, number);
		buf_add_text(buf, number);
		break;
	case CELL_FLAG:
		buf_add_text(buf, cell->number ? "yes" : "no");
		break;
	}
	if (cell->few)
		buf_add_text(buf, "*");
}

/* The columns that people see. */
static size_t columns_shown(const struct sheet *sheet, struct table_column *ret_columns)
{
	size_t count = 0;

	for (size_t i = 0; i < sheet->column_count; i++)
		if (sheet->columns[i].heading)
			ret_columns[count++] = (struct table_column){sheet->columns[i].heading, sheet->columns[i].right, sheet->columns[i].right ? 0 : CELL_MOST};
	if (count)
		ret_columns[count - 1].most = 0; /* nothing stands behind it */
	return count;
}

static bool sheet_table(const struct book *book, const struct sheet *sheet, const struct sheet_print *how, size_t rows, FILE *out)
{
	struct table_column *columns = must_calloc(sheet->column_count, sizeof *columns);
	struct table *table = table_new(columns, columns_shown(sheet, columns));
	struct buf words = {0};
	bool few = false;

	for (size_t i = 0; i < rows * sheet->column_count; i++) {
		if (!sheet->columns[i % sheet->column_count].heading)
			continue;
		buf_clear(&words);
		cell_words(&words, book, &sheet->cells[i], how->policy);
		table_add(table, buf_span(&words));
		few = few || sheet->cells[i].few;
	}
	table_print(table, out, how->color);
	table_free(table);
	free(columns);
	buf_free(&words);
	return few;
}

static bool sheet_print(const struct book *book, const struct sheet *sheet, const struct sheet_print *how, FILE *out)
{
	size_t rows = sheet->cell_count / sheet->column_count, shown = rows;
	bool few = false;

	if (!how->all && sheet->rows_shown && rows > sheet->rows_shown)
		shown = sheet->rows_shown;
	fprintf(out, "\n%s%s%s\n", how->color ? "\033[1m" : "", sheet->title, how->color ? "\033[0m" : "");
	if (sheet->note)
		fprintf(out, "%s\n", sheet->note);
	if (rows)
		few = sheet_table(book, sheet, how, shown, out);
	else
		fputs("none\n", out);
	if (shown < rows)
		fprintf(out, "and %zu more rows: --all, --json or --csv\n", rows - shown);
	return few;
}

void book_print(const struct book *book, const struct sheet_print *how, FILE *out)
{
	bool few = false;

	for (size_t i = 0; i < book->count; i++)
		few = sheet_print(book, &book->sheets[i], how, out) || few;
	if (few)
		fputs("\n* made of fewer than 30 cases: chance weighs more than the rules\n", out);
}

void json_text(struct span text, FILE *out)
{
	fputc('"', out);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

/* The cell for machines, without quotes. */
static void cell_plain(struct buf *buf, const struct book *book, const struct cell *cell)
{
	char text[INSTANT_TEXT > CASE_NUMBER_TEXT ? INSTANT_TEXT : CASE_NUMBER_TEXT];

	switch (cell->kind) {
	case CELL_NONE:
		break;
	case CELL_TEXT:
		buf_add_span(buf, text_of(book, cell));
		break;
	case CELL_MEAN:
		buf_printf(buf, "%.3f", cell->real);
		break;
	case CELL_SHARE:
	case CELL_POINTS:
		buf_printf(buf, "%.6f", cell->real);
		break;
	case CELL_TIME:
		instant_write(cell->number, text);
		buf_add_text(buf, text);
		break;
	case CELL_CASE:
		case_number_write(cell->number, text);
		buf_add_text(buf, text);
		break;
	case CELL_FLAG:
		buf_add_text(buf, cell->number ? "true" : "false");
		break;
	default:
		buf_printf(buf, "%" PRId64, cell->number);
	}
}

static void cell_json(const struct book *book, const struct cell *cell, FILE *out)
{
	struct buf plain = {0};

	cell_plain(&plain, book, cell);
	if (cell->kind == CELL_NONE)
		fputs("null", out);
	else if (cell->kind == CELL_TEXT || cell->kind == CELL_TIME || cell->kind == CELL_CASE)
		json_text(buf_span(&plain), out);
	else
		fwrite(plain.data, 1, plain.len, out);
	buf_free(&plain);
}

void book_json(const struct book *book, FILE *out)
{
	for (size_t i = 0; i < book->count; i++) {
		const struct sheet *sheet = &book->sheets[i];
		fprintf(out, ",\n\"%s\":[", sheet->key);
		for (size_t at = 0; at < sheet->cell_count; at++) {
			size_t column = at % sheet->column_count;
			fputs(column ? "," : at ? ",\n{" : "\n{", out);
			fprintf(out, "\"%s\":", sheet->columns[column].key);
			cell_json(book, &sheet->cells[at], out);
			if (column + 1 == sheet->column_count)
				fputc('}', out);
		}
		fputc(']', out);
	}
}

static void csv_field(struct span text, FILE *out)
{
	bool quoted = memchr(text.data ? text.data : "", ',', text.len) || memchr(text.data ? text.data : "", '"', text.len) ||
		memchr(text.data ? text.data : "", '\n', text.len);

	if (quoted)
		fputc('"', out);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"')
			fputc('"', out);
		fputc(text.data[i], out);
	}
	if (quoted)
		fputc('"', out);
}

static void sheet_csv(const struct book *book, const struct sheet *sheet, FILE *out)
{
	struct buf plain = {0};

	for (size_t i = 0; i < sheet->column_count; i++)
		fprintf(out, "%s%s", i ? "," : "", sheet->columns[i].key);
	for (size_t i = 0; i < sheet->cell_count; i++) {
		buf_clear(&plain);
		cell_plain(&plain, book, &sheet->cells[i]);
		fputs(i % sheet->column_count ? "," : "\n", out);
		csv_field(buf_span(&plain), out);
	}
	fputc('\n', out);
	buf_free(&plain);
}

int book_csv(const struct book *book, const char *directory, char *error, size_t error_size)
{
	int failed = 0;

	for (size_t i = 0; !failed && i < book->count; i++) {
		struct buf path = {0};
		buf_printf(&path, "%s/%s.csv", directory, book->sheets[i].key);
		buf_add(&path, "", 1);
		FILE *out = fopen(path.data, "we");
		if (out)
			sheet_csv(book, &book->sheets[i], out);
		if (!out || (ferror(out) | fclose(out)) != 0) {
			snprintf(error, error_size, "%s: %s", path.data, strerror(errno));
			failed = -1;
		}
		buf_free(&path);
	}
	return failed;
}
