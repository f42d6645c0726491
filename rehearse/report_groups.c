/* Cases by area and by category: how many, how late, how many notices. Owns nothing. Invariant: each case is in one group, and the
 * groups' cases and notices add up to the stream's. */
#include "rehearse/report.h"

#include <assert.h>
#include <stdlib.h>

struct group {
	uint32_t name;
	int64_t cases[STREAMS], promised[STREAMS], late[STREAMS], notices[STREAMS];
};

typedef uint32_t group_key(const struct case_tally *row);

static uint32_t key_area(const struct case_tally *row)
{
	return row->area;
}

static uint32_t key_category(const struct case_tally *row)
{
	return row->category;
}

static struct group *groups_count(const struct report *report, group_key *key)
{
	struct group *groups = must_calloc(report->names->count + 1, sizeof *groups);

	for (int stream = BEFORE; stream < STREAMS; stream++) {
		int64_t cases = 0, notices = 0;
		for (int64_t i = 1; i <= report->cases; i++) {
			const struct case_tally *row = report_case(report, stream, i);
			if (!row->known)
				continue;
			struct group *group = &groups[key(row)];
			group->name = key(row);
			group->cases[stream]++;
			group->promised[stream] += row->due != 0;
			group->late[stream] += row->due && case_overdue(row, report->streams[stream]->end);
			group->notices[stream] += row->notices;
			cases++;
			notices += row->notices;
		}
		for (uint32_t i = 0; i <= report->names->count; i++) {
			cases -= groups[i].cases[stream];
			notices -= groups[i].notices[stream];
		}
		assert(cases == 0 && notices == 0);
	}
	return groups;
}

static int64_t distance(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

/* Where most changes, first. */
static int group_order(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	int64_t late_a = distance(a->late[BEFORE], a->late[AFTER]), late_b = distance(b->late[BEFORE], b->late[AFTER]);
	int64_t notices_a = distance(a->notices[BEFORE], a->notices[AFTER]), notices_b = distance(b->notices[BEFORE], b->notices[AFTER]);

	if (late_a != late_b)
		return late_a > late_b ? -1 : 1;
	if (notices_a != notices_b)
		return notices_a > notices_b ? -1 : 1;
	if (a->cases[BEFORE] != b->cases[BEFORE])
		return a->cases[BEFORE] > b->cases[BEFORE] ? -1 : 1;
	return a->name < b->name ? -1 : a->name > b->name;
}

static void groups_sheet(const struct report *report, struct sheet *sheet, group_key *key, struct span (*name)(const struct report *, uint32_t))
{
	struct group *groups = groups_count(report, key);

	qsort(groups, report->names->count + 1, sizeof *groups, group_order);
	for (uint32_t i = 0; i <= report->names->count; i++) {
		const struct group *group = &groups[i];
		if (!group->cases[BEFORE] && !group->cases[AFTER])
			continue;
		cells_name(report, sheet, group->name, name(report, group->name));
		cell_number(sheet, CELL_COUNT, group->cases[BEFORE]);
		cell_number(sheet, CELL_CHANGE, group->cases[AFTER] - group->cases[BEFORE]);
		cells_change(sheet, group->late[BEFORE], group->late[AFTER]);
		cells_shares(sheet, group->late[BEFORE], group->promised[BEFORE], group->late[AFTER], group->promised[AFTER]);
		cells_change(sheet, group->notices[BEFORE], group->notices[AFTER]);
	}
	free(groups);
}

#define GROUP_COLUMNS(key, heading) \
	{key, NULL, false}, {"name", heading, false}, {"cases", "cases", true}, {"cases_change", "change", true}, {"late_before", "late or overdue", true}, \
	{"late_after", "proposed", true}, {"late_change", "change", true}, {"late_share_before", "of promised", true}, {"late_share_after", "proposed", true}, \
	{"late_share_change", "change", true}, {"notices_before", "notices", true}, {"notices_after", "proposed", true}, {"notices_change", "change", true}

void report_groups(const struct report *report)
{
	static const struct sheet_column areas[] = {GROUP_COLUMNS("area", "area")};
	static const struct sheet_column categories[] = {GROUP_COLUMNS("category", "category")};
	const char *note = "Late or overdue: closed after its promise, or open at the end with the promise behind it. Where most changes, first.";

	groups_sheet(report, book_sheet(report->book, "areas", "By area", note, areas, 13, 20), key_area, area_name);
	groups_sheet(report, book_sheet(report->book, "categories", "By category", NULL, categories, 13, 15), key_category, category_name);
}
