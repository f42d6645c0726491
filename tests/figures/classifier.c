/* How often the classifier is right, on a split by time: what it learned from was reported before what it is asked about.
 *
 * Tainan: requests before 25 April 2015 teach, those from then on are asked about; the text is the description; one class that the city spells in two ways
 * (髒亂及汙染, 髒亂及污染) is one. Boston: July and August 2011 teach, September is asked about. Boston published no words of residents but a title, and nine
 * titles in ten are the type itself: `all titles` therefore only shows that nothing breaks. `own titles` leaves those out, from teaching too; what is left
 * was still written by the city's staff and software ("Missed Trash: District 07"), so it flatters. Beside the title the text says whether the place is
 * an address or an intersection. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "clients/cli/moment.h"
#include "clients/cli/rows.h"
#include "figures.h"
#include "learn/train.h"

#define CONFIDENCE 0.6

struct source {
	const char *name, *file, *zone, *split;
	const char *text, *place, *time; /* columns; place NULL: none */
	const char *label, *sublabel;    /* sublabel NULL: none */
	const char *from, *to;           /* a label's two spellings; NULL: none */
	bool own;                        /* without rows whose text is their label */
};

static const struct source sources[] = {
	{"tainan class", "tainan/tainan1999-2015-04.csv", "Asia/Taipei", "2015-04-25", "description", NULL, "requested_datetime", "service_name", NULL,
		"髒亂及污染", "髒亂及汙染", false},
	{"tainan class+subclass", "tainan/tainan1999-2015-04.csv", "Asia/Taipei", "2015-04-25", "description", NULL, "requested_datetime", "service_name",
		"subproject", "髒亂及污染", "髒亂及汙染", false},
	{"boston type, own titles", "boston/boston311-2011q3.csv.gz", "America/New_York", "2011-09-01", "case_title", "location", "open_dt", "type", NULL, NULL,
		NULL, true},
	{"boston type, all titles", "boston/boston311-2011q3.csv.gz", "America/New_York", "2011-09-01", "case_title", "location", "open_dt", "type", NULL, NULL,
		NULL, false},
};

struct collection {
	struct example *examples;
	size_t count, room;
};

static struct span copy(struct span text)
{
	return (struct span){span_dup(text), text.len};
}

static void collection_free(struct collection *collection)
{
	for (size_t i = 0; i < collection->count; i++) {
		free((char *)collection->examples[i].label.data);
		free((char *)collection->examples[i].texts[0].data);
		free((char *)collection->examples[i].texts[1].data);
	}
	free(collection->examples);
}

static struct span cell(const struct rows *rows, const char *column)
{
	return rows_cell(rows, rows_column(rows, column));
}

static struct span label_of(const struct source *source, const struct rows *rows)
{
	struct span label = cell(rows, source->label);
	struct buf both = {0};

	if (source->from && span_is(label, source->from))
		label = span_of(source->to);
	buf_add_span(&both, label);
	if (source->sublabel) {
		buf_add_text(&both, "/");
		buf_add_span(&both, cell(rows, source->sublabel));
	}
	struct span kept = copy(buf_span(&both));
	buf_free(&both);
	return kept;
}

static bool is_its_label(struct span text, struct span label)
{
	while (text.len && text.data[text.len - 1] == ' ')
		text.len--;
	return text.len == label.len && strncasecmp(text.data, label.data, text.len) == 0;
}

static bool row_take(const struct source *source, const struct rows *rows, struct collection *collection)
{
	struct span text = cell(rows, source->text);
	int64_t at;

	if (!moment_read(cell(rows, source->time), source->zone, &at))
		return false;
	if (source->own && is_its_label(text, cell(rows, source->label)))
		return true;
	if (collection->count == collection->room) {
		collection->room = collection->room ? collection->room * 2 : 1024;
		collection->examples = must_realloc(collection->examples, collection->room * sizeof *collection->examples);
	}
	struct span place = source->place ? cell(rows, source->place) : span_of("");
	const char *kind = !source->place ? "" : span_starts(place, span_of("INTERSECTION")) ? "at an intersection" : "at an address";
	collection->examples[collection->count++] =
		(struct example){.label = label_of(source, rows), .texts = {copy(text), copy(span_of(kind))}, .at = at};
	return true;
}

static bool collect(const struct source *source, const char *examples, struct collection *collection)
{
	char path[4096], error[256];
	int found;

	snprintf(path, sizeof path, "%s/%s", examples, source->file);
	struct rows *rows = rows_open(path, error, sizeof error);
	if (!rows) {
		fprintf(stderr, "%s: %s\n", path, error);
		return false;
	}
	while ((found = rows_next(rows)) > 0) {
		if (!row_take(source, rows, collection))
			fprintf(stderr, "%s: row %lld has no time\n", path, (long long)rows_number(rows));
	}
	if (found < 0)
		fprintf(stderr, "%s: %s\n", path, rows_error(rows));
	rows_close(rows);
	return found == 0;
}

static double share(size_t part, size_t all)
{
	return all ? (double)part / (double)all : 0;
}

static bool figure(const struct source *source, const char *examples)
{
	struct collection collection = {0};
	struct measure measure;
	char error[256] = "the table cannot be read";
	int64_t split;
	bool good = collect(source, examples, &collection) && moment_read(span_of(source->split), source->zone, &split) &&
		train_measure(collection.examples, collection.count, split, CONFIDENCE, &measure, error, sizeof error);

	if (good)
		printf("figures classifier %s accuracy=%.3f baseline=%.3f n=%zu learned=%zu confident=%.3f accuracy_of_confident=%.3f claimed=%.3f\n", source->name,
			share(measure.right, measure.asked), share(measure.baseline, measure.asked), measure.asked, measure.learned, share(measure.sure, measure.asked),
			share(measure.sure_right, measure.sure), measure.claimed);
	else
		fprintf(stderr, "%s: %s\n", source->name, error);
	collection_free(&collection);
	return good;
}

bool figures_classifier(const char *examples)
{
	bool good = true;

	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
		good = figure(&sources[i], examples) && good;
	return good;
}
