/* calendars.yaml: weekly patterns, holidays and make-up workdays become UTC intervals for the years 2000 to 2100.
 *
 * Owns nothing but a scratch list while one calendar is laid out. Invariants of what it makes: intervals are sorted, do
 * not touch (24:00 and the next day's 00:00 grow together) and carry prefix sums; there is one day for each local date.
 * A stated date always wins over the week; of two statements on one date the later in the order holidays, workdays. */
#include <stdlib.h>
#include <string.h>

#include "policy/compiler.h"
#include "policy/words.h"

#define FILE_NAME "calendars.yaml"
#define LAST_DATE 47846 /* 2100-12-31 */
#define DAY_COUNT (LAST_DATE - CALENDAR_FIRST_DATE + 1)
#define HOURS_MOST 12 /* intervals in a day */
#define RANGE_DAYS_MOST 366
#define CALENDARS_MOST 200 /* each takes about 2 MB */

/* The open hours of a day, from local midnight. */
struct hours {
	int count;
	int64_t from[HOURS_MOST], to[HOURS_MOST];
};

struct pattern {
	struct hours week[7];
	int16_t *stated; /* by date: 0 as the week says, else index + 1 in overrides */
	struct hours *overrides;
	size_t override_count;
	int64_t last_stated; /* the last date that holidays or workdays name, 0: none */
};

static bool hours_add(struct compiler *compiler, const struct yaml_value *value, struct hours *hours)
{
	int64_t from, to;

	if (value->kind != YAML_KIND_TEXT || !hours_read(value->text, &from, &to)) {
		finding_error(compiler->findings, value_place(FILE_NAME, value),
			"expected hours such as \"09:00-12:00\"; 24:00 may be an end, and hours over midnight are two: until 24:00, and from 00:00 on the next day");
		return false;
	}
	if (hours->count == HOURS_MOST) {
		finding_error(compiler->findings, value_place(FILE_NAME, value), "more than %d intervals in one day", HOURS_MOST);
		return false;
	}
	if (hours->count && from < hours->to[hours->count - 1]) {
		finding_error(compiler->findings, value_place(FILE_NAME, value), "these hours begin before the ones before them end: put them in order, without overlap");
		return false;
	}
	hours->from[hours->count] = from;
	hours->to[hours->count++] = to;
	return true;
}

/* A list of hours; one alone may stand without a list. */
static void hours_fill(struct compiler *compiler, const struct yaml_value *value, struct hours *hours)
{
	*hours = (struct hours){0};
	if (yaml_nothing(value))
		return;
	if (value->kind != YAML_KIND_LIST) {
		hours_add(compiler, value, hours);
		return;
	}
	for (size_t i = 0; i < value->count; i++)
		if (!hours_add(compiler, value->items[i], hours))
			return;
}

/* "mon", or "mon-fri"; a range may go over the weekend. */
static bool weekdays_read(struct span text, int *ret_first, int *ret_last)
{
	const char *dash = text.len ? memchr(text.data, '-', text.len) : NULL;

	if (!dash)
		return weekday_read(text, ret_first) && weekday_read(text, ret_last);
	struct span first = {text.data, (size_t)(dash - text.data)}, last = {dash + 1, text.len - first.len - 1};
	return weekday_read(first, ret_first) && weekday_read(last, ret_last);
}

static void week_fill(struct compiler *compiler, const struct yaml_value *week, struct pattern *pattern)
{
	bool seen[7] = {false};
	int first, last;

	if (week->kind != YAML_KIND_MAP) {
		finding_error(compiler->findings, value_place(FILE_NAME, week), "week: expected days with hours, such as mon-fri: [\"09:00-17:00\"]");
		return;
	}
	for (size_t i = 0; i < week->count; i++) {
		const struct yaml_entry *entry = &week->entries[i];
		if (!weekdays_read(entry->key->text, &first, &last)) {
			finding_error(compiler->findings, value_place(FILE_NAME, entry->key), "expected mon, tue, wed, thu, fri, sat, sun or a range such as mon-fri");
			continue;
		}
		struct hours hours;
		hours_fill(compiler, entry->value, &hours);
		for (int day = first;; day = (day + 1) % 7) {
			if (seen[day])
				finding_error(compiler->findings, value_place(FILE_NAME, entry->key), "a day of the week is named twice: keep one");
			seen[day] = true;
			pattern->week[day] = hours;
			if (day == last)
				break;
		}
	}
}

static bool date_text_read(struct compiler *compiler, const struct yaml_value *value, struct span text, int64_t *ret_date)
{
	if (!date_read(text, ret_date)) {
		finding_error(compiler->findings, value_place(FILE_NAME, value), "expected a date that exists, written 2026-10-01");
		return false;
	}
	if (*ret_date >= CALENDAR_FIRST_DATE && *ret_date <= LAST_DATE)
		return true;
	finding_error(compiler->findings, value_place(FILE_NAME, value), "calendars cover the years 2000 to 2100");
	return false;
}

/* "2026-10-01", "2026-10-01..2026-10-07", {date: ...} or {from: ..., to: ...}. */
static bool dates_read(struct compiler *compiler, const struct yaml_value *item, int64_t *ret_first, int64_t *ret_last)
{
	const struct yaml_value *first = item, *last = item;
	struct span first_text, last_text;

	if (item->kind == YAML_KIND_MAP) {
		bool range = !yaml_nothing(yaml_get(item, "from"));
		first = yaml_get(item, range ? "from" : "date");
		last = range ? yaml_get(item, "to") : first;
	}
	if (yaml_nothing(first) || yaml_nothing(last) || first->kind != YAML_KIND_TEXT || last->kind != YAML_KIND_TEXT) {
		finding_error(compiler->findings, value_place(FILE_NAME, item), "expected a date: 2026-10-01, 2026-10-01..2026-10-07, {date: ...} or {from: ..., to: ...}");
		return false;
	}
	first_text = words_trim(first->text);
	last_text = words_trim(last->text);
	const char *dots = first == last && first_text.len ? memmem(first_text.data, first_text.len, "..", 2) : NULL;
	if (dots) {
		last_text = (struct span){dots + 2, (size_t)(first_text.data + first_text.len - dots - 2)};
		first_text.len = (size_t)(dots - first_text.data);
	}
	if (!date_text_read(compiler, first, first_text, ret_first) || !date_text_read(compiler, last, last_text, ret_last))
		return false;
	if (*ret_first <= *ret_last && *ret_last - *ret_first < RANGE_DAYS_MOST)
		return true;
	finding_error(compiler->findings, value_place(FILE_NAME, item), "the last date lies before the first, or more than a year after it");
	return false;
}

static void pattern_state(struct pattern *pattern, int64_t first, int64_t last, const struct hours *hours)
{
	if (pattern->override_count == INT16_MAX)
		return;
	if (pattern->override_count % 64 == 0)
		pattern->overrides = must_realloc(pattern->overrides, (pattern->override_count + 64) * sizeof *pattern->overrides);
	pattern->overrides[pattern->override_count++] = *hours;
	pattern->last_stated = last > pattern->last_stated ? last : pattern->last_stated;
	for (int64_t date = first; date <= last; date++)
		pattern->stated[date - CALENDAR_FIRST_DATE] = (int16_t)pattern->override_count;
}

static void holidays_fill(struct compiler *compiler, const struct yaml_value *list, struct pattern *pattern)
{
	static const char *const known[] = {"date", "from", "to", "name", NULL};
	int64_t first, last;

	for (size_t i = 0; list && i < list->count; i++) {
		if (list->items[i]->kind == YAML_KIND_MAP)
			value_keys(compiler, FILE_NAME, list->items[i], known, "holiday");
		if (dates_read(compiler, list->items[i], &first, &last))
			pattern_state(pattern, first, last, &(struct hours){0});
	}
}

/* The hours of a make-up workday: its own, those of the weekday that it is like, or Monday's. */
static void workday_hours(struct compiler *compiler, const struct yaml_value *item, const struct pattern *pattern, struct hours *ret_hours)
{
	const struct yaml_value *hours = yaml_get(item, "hours");
	struct span like;
	struct place place;
	int weekday = 0;

	if (!yaml_nothing(hours)) {
		hours_fill(compiler, hours, ret_hours);
		return;
	}
	if (item->kind == YAML_KIND_MAP && value_text(compiler, FILE_NAME, item, "like", &like, &place) && !weekday_read(like, &weekday))
		finding_error(compiler->findings, place, "like: expected mon, tue, wed, thu, fri, sat or sun");
	*ret_hours = pattern->week[weekday];
	if (ret_hours->count == 0)
		finding_error(compiler->findings, value_place(FILE_NAME, item), "this workday has no hours: say hours: [...] or like: a weekday that has some");
}

static void workdays_fill(struct compiler *compiler, const struct yaml_value *list, struct pattern *pattern)
{
	static const char *const known[] = {"date", "from", "to", "hours", "like", "name", NULL};
	struct hours hours;
	int64_t first, last;

	for (size_t i = 0; list && i < list->count; i++) {
		if (list->items[i]->kind == YAML_KIND_MAP)
			value_keys(compiler, FILE_NAME, list->items[i], known, "workday");
		if (!dates_read(compiler, list->items[i], &first, &last))
			continue;
		workday_hours(compiler, list->items[i], pattern, &hours);
		pattern_state(pattern, first, last, &hours);
	}
}

static const struct hours *hours_on(const struct pattern *pattern, int64_t date)
{
	int stated = pattern->stated[date - CALENDAR_FIRST_DATE];

	return stated ? &pattern->overrides[stated - 1] : &pattern->week[date_weekday(date)];
}

struct layout {
	struct calendar_interval *intervals;
	size_t count, room;
};

static void layout_add(struct layout *layout, int64_t from, int64_t to)
{
	struct calendar_interval *last = layout->count ? &layout->intervals[layout->count - 1] : NULL;
	int64_t before = last ? last->before + (last->to - last->from) : 0;

	if (last && from < last->to)
		from = last->to;
	if (from >= to)
		return; /* hours that daylight saving skips */
	if (last && last->to == from) {
		last->to = to;
		return;
	}
	if (layout->count == layout->room) {
		layout->room = layout->room ? layout->room * 2 : 4096;
		layout->intervals = must_realloc(layout->intervals, layout->room * sizeof *layout->intervals);
	}
	layout->intervals[layout->count++] = (struct calendar_interval){.from = from, .to = to, .before = before};
}

static void calendar_days(struct compiler *compiler, struct calendar *calendar, const struct pattern *pattern)
{
	calendar->zone = compiler->policy->time_zone;
	calendar->day_count = DAY_COUNT;
	calendar->days = arena_alloc(compiler->arena, DAY_COUNT, sizeof *calendar->days);
	for (int64_t date = CALENDAR_FIRST_DATE; date <= LAST_DATE; date++)
		calendar->days[date - CALENDAR_FIRST_DATE] = (struct calendar_day){
			.midnight = zone_instant(calendar->zone, date * ZONE_DAY_MS),
			.working = !pattern || hours_on(pattern, date)->count > 0,
		};
}

static void calendar_lay_out(struct compiler *compiler, struct calendar *calendar, const struct pattern *pattern)
{
	struct layout layout = {0};

	for (int64_t date = CALENDAR_FIRST_DATE; date <= LAST_DATE; date++) {
		const struct hours *hours = hours_on(pattern, date);
		for (int i = 0; i < hours->count; i++)
			layout_add(&layout, zone_instant(calendar->zone, date * ZONE_DAY_MS + hours->from[i]),
				zone_instant(calendar->zone, date * ZONE_DAY_MS + hours->to[i]));
	}
	calendar->interval_count = layout.count;
	calendar->intervals = arena_alloc(compiler->arena, layout.count, sizeof *layout.intervals);
	if (layout.count)
		memcpy(calendar->intervals, layout.intervals, layout.count * sizeof *layout.intervals);
	free(layout.intervals);
}

/* Holidays are published year by year: a calendar that names some is complete until the end of the last year that has any,
 * unless it says itself how far it is known. */
static void calendar_horizon(struct compiler *compiler, const struct yaml_value *item, struct calendar *calendar, const struct pattern *pattern)
{
	struct span text;
	struct place place;
	int64_t year = 2000, date;

	if (pattern->last_stated) {
		while (date_of(year + 1, 1, 1) <= pattern->last_stated)
			year++;
		calendar->known_until = date_of(year, 12, 31);
	}
	if (!value_text(compiler, FILE_NAME, item, "known_until", &text, &place))
		return;
	if (date_read(text, &date))
		calendar->known_until = date;
	else
		finding_error(compiler->findings, place, "known_until: expected a date that exists, written 2026-12-31");
}

static void pattern_compile(struct compiler *compiler, const struct yaml_value *item, struct calendar *calendar)
{
	struct pattern pattern = {.stated = must_calloc(DAY_COUNT, sizeof *pattern.stated)};
	const struct yaml_value *week = yaml_get(item, "week");

	if (yaml_nothing(week))
		finding_error(compiler->findings, value_place(FILE_NAME, item), "a calendar says always: true, or week: with the hours of its days");
	else
		week_fill(compiler, week, &pattern);
	holidays_fill(compiler, value_list(compiler, FILE_NAME, item, "holidays"), &pattern);
	workdays_fill(compiler, value_list(compiler, FILE_NAME, item, "workdays"), &pattern);
	calendar_horizon(compiler, item, calendar, &pattern);
	calendar_days(compiler, calendar, &pattern);
	calendar_lay_out(compiler, calendar, &pattern);
	if (!yaml_nothing(week) && calendar->interval_count == 0)
		finding_error(compiler->findings, value_place(FILE_NAME, item), "this calendar is never open: give it hours, or always: true");
	free(pattern.overrides);
	free(pattern.stated);
}

static void calendar_compile(struct compiler *compiler, const struct yaml_value *item, struct calendar *calendar, int index)
{
	static const char *const known[] = {"name", "always", "week", "holidays", "workdays", "known_until", NULL};
	struct span name;
	struct place place;

	if (!value_keys(compiler, FILE_NAME, item, known, "calendar"))
		return;
	calendar->line = compiler_line(compiler, FILE_NAME, item->row);
	if (value_need(compiler, FILE_NAME, item, "name", &name, &place)) {
		calendar->name = arena_copy(compiler->arena, name);
		compiler_name(compiler, place, &compiler->calendars, calendar->name, index, "calendar");
	}
	value_flag(compiler, FILE_NAME, item, "always", &calendar->always);
	if (!calendar->always) {
		pattern_compile(compiler, item, calendar);
		return;
	}
	calendar_days(compiler, calendar, NULL);
	for (size_t i = 0; i < item->count; i++)
		if (!span_is(item->entries[i].key->text, "name") && !span_is(item->entries[i].key->text, "always"))
			finding_error(compiler->findings, value_place(FILE_NAME, item->entries[i].key), "a calendar that is always open has no hours and no holidays: remove one of the two");
}

/* Limits that name no calendar count always: there is a calendar for that in every policy. */
static void calendar_always(struct compiler *compiler)
{
	struct policy *policy = compiler->policy;
	struct calendar *calendar = &policy->calendars[policy->calendar_count];

	if (codes_find(&compiler->calendars, span_of("always")) >= 0)
		return;
	calendar->name = arena_copy(compiler->arena, span_of("always"));
	calendar->line = arena_copy(compiler->arena, span_of(FILE_NAME));
	calendar->always = true;
	calendar_days(compiler, calendar, NULL);
	codes_add(&compiler->calendars, calendar->name, (int)policy->calendar_count++);
}

void compile_calendars(struct compiler *compiler)
{
	static const char *const known[] = {"calendars", NULL};
	struct policy *policy = compiler->policy;
	struct yaml_file *file;
	const struct yaml_value *root = compiler_yaml(compiler, FILE_NAME, false, &file);
	const struct yaml_value *list = NULL;

	if (root && value_keys(compiler, FILE_NAME, root, known, "calendar file"))
		list = value_list(compiler, FILE_NAME, root, "calendars");
	if (list && list->count > CALENDARS_MOST) {
		finding_error(compiler->findings, value_place(FILE_NAME, list), "more than %d calendars", CALENDARS_MOST);
		list = NULL;
	}
	size_t count = list ? list->count : 0;
	policy->calendars = arena_alloc(compiler->arena, count + 1, sizeof *policy->calendars);
	policy->calendar_count = count;
	for (size_t i = 0; i < count; i++)
		calendar_compile(compiler, list->items[i], &policy->calendars[i], (int)i);
	calendar_always(compiler);
	yaml_close(file);
}
