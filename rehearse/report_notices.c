/* Notices: by ladder and rung, and by the people who get them. Owns nothing. Invariant: the rows of both sheets add up to all
 * notices of each stream. */
#include "rehearse/report.h"

#include <assert.h>
#include <stdlib.h>

/* One notice with the stream it is from. */
struct sent {
	uint32_t first, second; /* what rows are made by */
	uint32_t third;         /* and within them */
	uint8_t rung;
	uint8_t stream;
	bool empty, repeat;
	int64_t at;
};

struct sents {
	struct sent *rows;
	size_t count;
};

static int sent_order(const void *left, const void *right)
{
	const struct sent *a = left, *b = right;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->second != b->second)
		return a->second < b->second ? -1 : 1;
	if (a->rung != b->rung)
		return a->rung < b->rung ? -1 : 1;
	if (a->repeat != b->repeat)
		return a->repeat < b->repeat ? -1 : 1;
	if (a->third != b->third)
		return a->third < b->third ? -1 : 1;
	if (a->stream != b->stream)
		return a->stream < b->stream ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static bool sent_same(const struct sent *a, const struct sent *b)
{
	return a->first == b->first && a->second == b->second && a->rung == b->rung && a->repeat == b->repeat && a->third == b->third;
}

/* Rungs of a ladder as the stream's rules have it; 0: unknown. */
static uint8_t rungs_of(const struct report *report, int stream, uint32_t ladder)
{
	const struct policy *policy = stream == AFTER || !report->old ? report->policy : report->old;
	int found = policy_ladder_named(policy, names_text(report->names, ladder));

	return found < 0 ? 0 : (uint8_t)policy->ladders[found].rung_count;
}

static struct sent sent_by_ladder(const struct report *report, int stream, const struct notice_tally *notice)
{
	uint8_t rungs = rungs_of(report, stream, notice->ladder);
	bool repeat = rungs && notice->rung > rungs;

	return (struct sent){.first = notice->ladder, .third = notice->audience, .rung = repeat ? rungs : notice->rung, .repeat = repeat,
		.stream = (uint8_t)stream, .at = notice->at, .empty = notice->empty};
}

static struct sent sent_by_audience(const struct report *report, int stream, const struct notice_tally *notice)
{
	(void)report;
	return (struct sent){.first = notice->audience, .second = notice->area, .stream = (uint8_t)stream, .at = notice->at, .empty = notice->empty};
}

static struct sents sents_gather(const struct report *report, struct sent (*make)(const struct report *, int, const struct notice_tally *))
{
	struct sents sents = {0};
	size_t room = 1;

	for (int stream = 0; stream < STREAMS; stream++)
		room += report->streams[stream]->notice_count;
	sents.rows = must_calloc(room, sizeof *sents.rows);
	for (int stream = 0; stream < STREAMS; stream++)
		for (size_t i = 0; i < report->streams[stream]->notice_count; i++)
			sents.rows[sents.count++] = make(report, stream, &report->streams[stream]->notices[i]);
	qsort(sents.rows, sents.count, sizeof *sents.rows, sent_order);
	return sents;
}

/* A row of a sheet: sents [from, to). */
struct heap {
	size_t from, to;
	int64_t counts[STREAMS], empty[STREAMS], busiest[STREAMS];
};

/* The most notices of one local day; the rows of a stream stand in the order of time. */
static void busiest_note(const struct report *report, const struct sents *sents, struct heap *heap)
{
	int64_t date = INT64_MIN, count = 0;
	int stream = -1;

	for (size_t i = heap->from; i < heap->to; i++) {
		const struct sent *row = &sents->rows[i];
		int64_t day = zone_date(report->policy->time_zone, row->at);
		if (row->stream != stream || day != date)
			count = 0;
		stream = row->stream;
		date = day;
		if (++count > heap->busiest[stream])
			heap->busiest[stream] = count;
	}
}

static int heap_order(const void *left, const void *right)
{
	const struct heap *a = left, *b = right;
	int64_t most_a = a->counts[BEFORE] > a->counts[AFTER] ? a->counts[BEFORE] : a->counts[AFTER];
	int64_t most_b = b->counts[BEFORE] > b->counts[AFTER] ? b->counts[BEFORE] : b->counts[AFTER];

	if (most_a != most_b)
		return most_a > most_b ? -1 : 1;
	return a->from < b->from ? -1 : a->from > b->from;
}

static struct heap *heaps_make(const struct report *report, const struct sents *sents, size_t *ret_count)
{
	struct heap *heaps = must_calloc(sents->count + 1, sizeof *heaps);
	int64_t sums[STREAMS] = {0};
	size_t count = 0;

	for (size_t from = 0; from < sents->count; from = heaps[count++].to) {
		struct heap *heap = &heaps[count];
		heap->from = from;
		for (heap->to = from; heap->to < sents->count && sent_same(&sents->rows[from], &sents->rows[heap->to]); heap->to++) {
			heap->counts[sents->rows[heap->to].stream]++;
			heap->empty[sents->rows[heap->to].stream] += sents->rows[heap->to].empty;
		}
		for (int stream = 0; stream < STREAMS; stream++)
			sums[stream] += heap->counts[stream];
		busiest_note(report, sents, heap);
	}
	for (int stream = 0; stream < STREAMS; stream++)
		assert(sums[stream] == (int64_t)report->streams[stream]->notice_count);
	*ret_count = count;
	return heaps;
}

static void ladders(const struct report *report)
{
	static const struct sheet_column columns[] = {{"ladder", "ladder", false}, {"rung", "rung", true}, {"repeat", "repeat", false}, {"audience", "audience", false},
		{"recorded", "recorded", true}, {"before", "before", true}, {"after", "proposed", true}, {"change", "change", true}};
	struct sheet *sheet = book_sheet(report->book, "ladders", "Escalations by ladder, rung and level", NULL, columns, 8, 0);
	struct sents sents = sents_gather(report, sent_by_ladder);
	size_t count;
	struct heap *heaps = heaps_make(report, &sents, &count);

	for (size_t i = 0; i < count; i++) {
		const struct sent *row = &sents.rows[heaps[i].from];
		cell_text(report->book, sheet, names_text(report->names, row->first));
		cell_number(sheet, CELL_COUNT, row->rung);
		cell_number(sheet, CELL_FLAG, row->repeat);
		cell_text(report->book, sheet, names_text(report->names, row->third));
		cell_number(sheet, CELL_COUNT, heaps[i].counts[RECORDED]);
		cells_change(sheet, heaps[i].counts[BEFORE], heaps[i].counts[AFTER]);
	}
	free(heaps);
	free(sents.rows);
}

static void audiences(const struct report *report)
{
	static const struct sheet_column columns[] = {{"audience", "audience", false}, {"area", NULL, false}, {"name", "of area", false},
		{"before", "notices", true}, {"after", "proposed", true}, {"change", "change", true}, {"busiest_before", "busiest day", true},
		{"busiest_after", "proposed", true}, {"busiest_change", "change", true}, {"empty_after", "nobody there", true}};
	struct sheet *sheet = book_sheet(report->book, "audiences", "The load on supervisors: notices by audience", NULL, columns, 10, 20);
	struct sents sents = sents_gather(report, sent_by_audience);
	size_t count;
	struct heap *heaps = heaps_make(report, &sents, &count);

	qsort(heaps, count, sizeof *heaps, heap_order);
	for (size_t i = 0; i < count; i++) {
		const struct sent *row = &sents.rows[heaps[i].from];
		cell_text(report->book, sheet, names_text(report->names, row->first));
		cells_name(report, sheet, row->second, area_name(report, row->second));
		cells_change(sheet, heaps[i].counts[BEFORE], heaps[i].counts[AFTER]);
		cells_change(sheet, heaps[i].busiest[BEFORE], heaps[i].busiest[AFTER]);
		cell_number(sheet, CELL_COUNT, heaps[i].empty[AFTER]);
	}
	free(heaps);
	free(sents.rows);
}

void report_notices(const struct report *report)
{
	ladders(report);
	audiences(report);
}
