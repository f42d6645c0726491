/* CSV files of a policy. Owns the parsed table until sheet_close; what must outlive it is kept in the policy's arena. */
#include "policy/sheet.h"

#include "policy/words.h"


static int column_of(const struct sheet *sheet, struct span name)
{
	for (int i = 0; i < sheet->column_count; i++)
		if (span_is(name, sheet->columns[i].name))
			return i;
	return -1;
}

static void unknown_column(const struct sheet *sheet, size_t at)
{
	const char *names[SHEET_COLUMNS_MOST + 1] = {0};
	struct span name = sheet->csv.columns[at];

	for (int i = 0; i < sheet->column_count; i++)
		names[i] = sheet->columns[i].name;
	const char *near = words_near(names, name);
	finding_error(sheet->compiler->findings, (struct place){sheet->file, 1, (int64_t)at + 1}, "this file has no column '%.*s'%s%s%s", SPAN_SHOWN(name),
		near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "; reeve-policy(5) lists them");
}

static bool columns_find(struct sheet *sheet)
{
	bool complete = true;

	for (int i = 0; i < SHEET_COLUMNS_MOST; i++)
		sheet->where[i] = -1;
	for (size_t at = 0; at < sheet->csv.column_count; at++) {
		int column = column_of(sheet, sheet->csv.columns[at]);
		if (column < 0)
			unknown_column(sheet, at);
		else
			sheet->where[column] = (int)at;
	}
	for (int i = 0; i < sheet->column_count; i++) {
		if (!sheet->columns[i].required || sheet->where[i] >= 0)
			continue;
		finding_error(sheet->compiler->findings, (struct place){sheet->file, 1, 0}, "the column '%s' is missing", sheet->columns[i].name);
		complete = false;
	}
	return complete;
}

bool sheet_open(struct sheet *sheet, struct compiler *compiler, const char *file, bool required, const struct sheet_column *columns, int column_count)
{
	struct csv_problem problem;
	struct span content;

	*sheet = (struct sheet){.compiler = compiler, .file = file, .columns = columns, .column_count = column_count};
	if (!compiler_content(compiler, file, required, &content))
		return false;
	if (csv_table_read(content, &sheet->csv, &problem)) {
		finding_error(compiler->findings, (struct place){file, problem.line, problem.column}, "%s", problem.message);
		return false;
	}
	return columns_find(sheet);
}

void sheet_close(struct sheet *sheet)
{
	csv_table_free(&sheet->csv);
}

size_t sheet_rows(const struct sheet *sheet)
{
	return sheet->csv.row_count;
}

struct span sheet_text(const struct sheet *sheet, size_t row, int column)
{
	if (sheet->where[column] < 0)
		return (struct span){"", 0};
	return words_trim(sheet->csv.rows[row].fields[sheet->where[column]]);
}

struct span sheet_keep(const struct sheet *sheet, size_t row, int column)
{
	return arena_copy(sheet->compiler->arena, sheet_text(sheet, row, column));
}

struct place sheet_place(const struct sheet *sheet, size_t row, int column)
{
	return (struct place){sheet->file, sheet->csv.rows[row].line, sheet->where[column] + 1};
}

struct span sheet_line(const struct sheet *sheet, size_t row)
{
	return compiler_line(sheet->compiler, sheet->file, sheet->csv.rows[row].line);
}

bool sheet_any(const struct sheet *sheet, size_t row, int column)
{
	struct span text = sheet_text(sheet, row, column);

	return text.len == 0 || span_is(text, "*");
}

int sheet_refer(const struct sheet *sheet, size_t row, int column, const struct codes *codes, const char *what)
{
	if (sheet_any(sheet, row, column))
		return -1;
	return compiler_refer(sheet->compiler, sheet_place(sheet, row, column), codes, sheet_text(sheet, row, column), what);
}

int sheet_urgency(const struct sheet *sheet, size_t row, int column, int otherwise)
{
	struct span text = sheet_text(sheet, row, column);
	int64_t urgency;

	if (sheet_any(sheet, row, column))
		return otherwise;
	if (number_read(text, &urgency) && urgency >= 1 && urgency <= 4)
		return (int)urgency;
	finding_error(sheet->compiler->findings, sheet_place(sheet, row, column), "'%.*s' is no urgency; they go from 1 (danger to life) to 4 (low)", SPAN_SHOWN(text));
	return otherwise;
}
