/* Tables of results: made once, printed for people, as JSON or as CSV. */
#ifndef REEVE_REHEARSE_SHEET_H
#define REEVE_REHEARSE_SHEET_H

#include <stdio.h>

#include "core/policy.h"

enum cell_kind {
	CELL_NONE,   /* nothing to say here */
	CELL_TEXT,
	CELL_COUNT,
	CELL_CHANGE, /* of counts: with its sign */
	CELL_MEAN,   /* one decimal */
	CELL_SHARE,  /* 0 to 1, shown in percent */
	CELL_POINTS, /* a difference of shares, shown in percent points with its sign */
	CELL_SPAN,   /* milliseconds */
	CELL_SHIFT,  /* milliseconds with their sign */
	CELL_TIME,
	CELL_CASE,
	CELL_FLAG,
};

struct cell {
	enum cell_kind kind;
	bool few; /* made of few cases: chance weighs more than the rules */
	int64_t number;
	double real;
	size_t text, text_len; /* in the book's texts */
};

struct sheet_column {
	const char *key;     /* in JSON and CSV */
	const char *heading; /* for people; NULL: only in JSON and CSV */
	bool right;
};

struct sheet {
	const char *key, *title, *note; /* note: NULL or a sentence for people */
	const struct sheet_column *columns;
	size_t column_count;
	size_t rows_shown; /* to people; 0: all */
	struct cell *cells;
	size_t cell_count, cell_room;
};

#define BOOK_SHEETS 24

struct book {
	struct sheet sheets[BOOK_SHEETS];
	size_t count;
	struct buf texts;
};

/* A new sheet; valid as long as the book. The texts of title, note and columns must outlive it. */
struct sheet *book_sheet(struct book *book, const char *key, const char *title, const char *note, const struct sheet_column *columns, size_t count,
	size_t rows_shown);
void book_free(struct book *book);

/* The next cell, row after row. */
void cell_text(struct book *book, struct sheet *sheet, struct span text);
void cell_number(struct sheet *sheet, enum cell_kind kind, int64_t number);
void cell_real(struct sheet *sheet, enum cell_kind kind, double real);
void cell_none(struct sheet *sheet);
/* Marks the cell that was added last. */
void cell_few(struct sheet *sheet, bool few);

struct sheet_print {
	const struct policy *policy; /* whose clock times are shown by */
	bool all;                    /* every row, also of long tables */
	bool color;
};

void book_print(const struct book *book, const struct sheet_print *how, FILE *out);
/* ,"KEY":[{...},...] for each sheet, to go into an object that has been begun. */
void book_json(const struct book *book, FILE *out);
/* DIRECTORY/KEY.csv for each sheet. 0, or -1 with one line in error. */
int book_csv(const struct book *book, const char *directory, char *error, size_t error_size);
/* Text as a JSON string, quotes included. */
void json_text(struct span text, FILE *out);

#endif
