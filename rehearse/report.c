/* The comparison as a whole: its order, and what its parts share. Owns nothing; reads tallies and names. Invariant: parts
 * add up to wholes, or the process ends by assertion, because a comparison that does not add up is worse than none. */
#include "rehearse/report.h"

#include "policy/compare.h"

const struct case_tally *report_case(const struct report *report, int stream, int64_t number)
{
	return &report->streams[stream]->cases[number];
}

bool case_overdue(const struct case_tally *row, int64_t end)
{
	if (!row->known)
		return false;
	return row->state == STATE_closed ? row->late : row->due && row->due < end;
}

static struct span name_or(const struct policy *policy, int index, struct span name)
{
	return policy && index >= 0 ? name : (struct span){0};
}

struct span area_name(const struct report *report, uint32_t area)
{
	struct span code = names_text(report->names, area);
	int found = policy_area(report->policy, code), old = report->old ? policy_area(report->old, code) : -1;

	if (found >= 0)
		return name_or(report->policy, found, report->policy->areas[found].name);
	return old >= 0 ? report->old->areas[old].name : (struct span){0};
}

struct span unit_name(const struct report *report, uint32_t unit)
{
	struct span code = names_text(report->names, unit);
	int found = policy_unit(report->policy, code), old = report->old ? policy_unit(report->old, code) : -1;

	if (found >= 0)
		return name_or(report->policy, found, report->policy->units[found].name);
	return old >= 0 ? report->old->units[old].name : (struct span){0};
}

struct span category_name(const struct report *report, uint32_t category)
{
	struct span code = names_text(report->names, category);
	int found = policy_category(report->policy, code), old = report->old ? policy_category(report->old, code) : -1;

	if (found >= 0)
		return name_or(report->policy, found, report->policy->categories[found].name);
	return old >= 0 ? report->old->categories[old].name : (struct span){0};
}

void cells_name(const struct report *report, struct sheet *sheet, uint32_t code, struct span name)
{
	struct span text = names_text(report->names, code);

	cell_text(report->book, sheet, text);
	cell_text(report->book, sheet, name.len ? name : text.len ? text : span_of("(none)"));
}

void cells_change(struct sheet *sheet, int64_t before, int64_t after)
{
	cell_number(sheet, CELL_COUNT, before);
	cell_number(sheet, CELL_COUNT, after);
	cell_number(sheet, CELL_CHANGE, after - before);
}

static double share_of(int64_t part, int64_t all)
{
	return all ? (double)part / (double)all : 0;
}

static void cell_share(struct sheet *sheet, int64_t part, int64_t all)
{
	if (!all)
		cell_none(sheet);
	else
		cell_real(sheet, CELL_SHARE, share_of(part, all));
	cell_few(sheet, all > 0 && all < FEW);
}

void cells_shares(struct sheet *sheet, int64_t before, int64_t before_all, int64_t after, int64_t after_all)
{
	cell_share(sheet, before, before_all);
	cell_share(sheet, after, after_all);
	if (!before_all || !after_all)
		cell_none(sheet);
	else
		cell_real(sheet, CELL_POINTS, share_of(after, after_all) - share_of(before, before_all));
}

struct fidelity report_fidelity(const struct report *report)
{
	struct fidelity fidelity = {0};

	for (int64_t i = 1; i <= report->cases; i++) {
		const struct case_tally *was = report_case(report, RECORDED, i), *is = report_case(report, BEFORE, i);
		bool due = was->due == is->due, unit = was->unit == is->unit, late = was->late == is->late;
		bool state = was->state == is->state, notices = was->notices == is->notices;
		if (!was->known)
			continue;
		fidelity.cases++;
		fidelity.due += due;
		fidelity.unit += unit;
		fidelity.late += late;
		fidelity.state += state;
		fidelity.notices += notices;
		fidelity.all += due && unit && late && state && notices;
	}
	return fidelity;
}

/* The rules themselves, as `reeve policy apply` tells them. */
void report_rules(const struct report *report)
{
	static const struct sheet_column columns[] = {{"file", "file", false}, {"name", "what", false}, {"kind", "change", false}, {"message", "in words", false}};
	struct sheet *sheet = book_sheet(report->book, "rules", "What is proposed", NULL, columns, 4, 20);
	struct changes changes = {0};

	policy_compare(report->old, report->policy, &changes);
	for (size_t i = 0; i < changes.count; i++) {
		cell_text(report->book, sheet, span_of(changes.rows[i].file));
		cell_text(report->book, sheet, span_of(changes.rows[i].name));
		cell_text(report->book, sheet, span_of(change_words[changes.rows[i].kind]));
		cell_text(report->book, sheet, span_of(changes.rows[i].message));
	}
	changes_free(&changes);
}

void report_make(const struct report *report)
{
	report_rules(report);
	report_figures(report);
	report_promises(report);
	report_groups(report);
	report_notices(report);
	report_units(report);
	report_cases(report);
}
