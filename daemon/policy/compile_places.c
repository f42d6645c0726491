/* areas.csv, units.csv and duties.csv: where things are and who is there. Areas and units name each other (a desk is a
 * unit, a unit has a seat), so they are compiled together.
 *
 * Owns nothing. Invariants of what it makes: one root; parents without cycles, each at a higher level than its child;
 * every area has a path, and the desk of the nearest area above it that names one. */
#include <math.h>
#include <string.h>

#include "policy/sheet.h"
#include "policy/words.h"

enum { AREA_CODE, AREA_PARENT, AREA_LEVEL, AREA_NAME, AREA_NAME_EN, AREA_DESK, AREA_LATITUDE, AREA_LONGITUDE, AREA_COLUMNS };
static const struct sheet_column area_columns[] = {
	{"code", true}, {"parent", true}, {"level", true}, {"name", true}, {"name_en", false}, {"duty_desk", false}, {"latitude", false}, {"longitude", false},
};

enum { UNIT_CODE, UNIT_KIND, UNIT_NAME, UNIT_NAME_EN, UNIT_AREA, UNIT_CALENDAR, UNIT_CAPACITY, UNIT_COLUMNS };
static const struct sheet_column unit_columns[] = {
	{"code", true}, {"kind", false}, {"name", true}, {"name_en", false}, {"area", false}, {"calendar", false}, {"capacity", false},
};

enum { DUTY_AREA, DUTY_ROLE, DUTY_NAME, DUTY_CALENDAR, DUTY_COLUMNS };
static const struct sheet_column duty_columns[] = {{"area", true}, {"role", true}, {"name", false}, {"calendar", false}};

static void area_degrees(const struct sheet *sheet, size_t row, int column, double limit, double *ret_degrees)
{
	struct span text = sheet_text(sheet, row, column);

	*ret_degrees = NAN;
	if (text.len && !degrees_read(text, limit, ret_degrees))
		finding_error(sheet->compiler->findings, sheet_place(sheet, row, column), "expected decimal degrees within %.0f, such as 42.3601", limit);
}

static void area_read(struct compiler *compiler, const struct sheet *sheet, size_t row, struct area *area)
{
	compiler->policy->area_lines[row] = sheet_place(sheet, row, AREA_CODE).row;
	area->code = sheet_keep(sheet, row, AREA_CODE);
	area->name = sheet_keep(sheet, row, AREA_NAME);
	area->name_en = sheet_keep(sheet, row, AREA_NAME_EN);
	area->parent = area->duty_desk = -1;
	compiler_name(compiler, sheet_place(sheet, row, AREA_CODE), &compiler->areas, area->code, (int)row, "area");
	if (area->code.len && memchr(area->code.data, '/', area->code.len))
		finding_error(compiler->findings, sheet_place(sheet, row, AREA_CODE), "an area's code may not hold a '/': it separates codes in a path");
	struct span level = sheet_text(sheet, row, AREA_LEVEL);
	int index = compiler_refer(compiler, sheet_place(sheet, row, AREA_LEVEL), &compiler->levels, level, "level");
	area->level = index < 0 ? 0 : index;
	area_degrees(sheet, row, AREA_LATITUDE, 90, &area->latitude);
	area_degrees(sheet, row, AREA_LONGITUDE, 180, &area->longitude);
}

static void area_parent(struct compiler *compiler, const struct sheet *sheet, size_t row, int *root)
{
	struct policy *policy = compiler->policy;
	struct area *area = &policy->areas[row];

	area->parent = sheet_refer(sheet, row, AREA_PARENT, &compiler->areas, "area");
	if (area->parent >= 0) {
		if (policy->areas[area->parent].level >= area->level)
			finding_error(compiler->findings, sheet_place(sheet, row, AREA_LEVEL), "an area lies at a deeper level than its parent; the levels are in policy.yaml, root first");
		return;
	}
	if (!sheet_any(sheet, row, AREA_PARENT))
		return;
	if (*root >= 0)
		finding_error(compiler->findings, sheet_place(sheet, row, AREA_PARENT), "a second area without a parent: only one is the root, '%.*s' on line %lld",
			(int)policy->areas[*root].code.len, policy->areas[*root].code.data, (long long)sheet->csv.rows[*root].line);
	else
		*root = (int)row;
}

/* Steps to the root; -1: there is none, the parents go round. */
static int area_depth(const struct policy *policy, int area)
{
	int depth = 0;

	for (; area >= 0; area = policy->areas[area].parent)
		if ((size_t)depth++ > policy->area_count)
			return -1;
	return depth;
}

static void area_path(struct compiler *compiler, const struct sheet *sheet, size_t row)
{
	struct policy *policy = compiler->policy;
	size_t len = 0;

	for (int at = (int)row; at >= 0; at = policy->areas[at].parent)
		len += policy->areas[at].code.len + 1;
	if (len - 1 > PATH_BYTES_MOST) {
		finding_error(compiler->findings, sheet_place(sheet, row, AREA_CODE), "the codes from the root to here are longer than %d bytes together: use shorter ones", PATH_BYTES_MOST);
		return;
	}
	char *path = arena_alloc(compiler->arena, len, 1);
	size_t end = len - 1;
	for (int at = (int)row; at >= 0; at = policy->areas[at].parent) {
		struct span code = policy->areas[at].code;
		end -= code.len;
		if (code.len)
			memcpy(path + end, code.data, code.len);
		if (end > 0)
			path[--end] = '/';
	}
	policy->areas[row].path = (struct span){path, len - 1};
}

/* Parents, levels, cycles, paths. False when the tree cannot be climbed. */
static bool areas_join(struct compiler *compiler, const struct sheet *sheet)
{
	struct policy *policy = compiler->policy;
	int root = -1;
	bool fine = true;

	for (size_t i = 0; i < policy->area_count; i++)
		area_parent(compiler, sheet, i, &root);
	for (size_t i = 0; i < policy->area_count; i++)
		if (area_depth(policy, (int)i) < 0) {
			finding_error(compiler->findings, sheet_place(sheet, i, AREA_PARENT), "the parents of '%.*s' go round in a circle", (int)policy->areas[i].code.len,
				policy->areas[i].code.data);
			fine = false;
		}
	if (fine && root < 0)
		finding_error(compiler->findings, (struct place){.file = sheet->file}, "no area without a parent: the root is missing");
	for (size_t i = 0; fine && i < policy->area_count; i++)
		area_path(compiler, sheet, i);
	policy->default_area = root < 0 ? 0 : root;
	return fine;
}

static void unit_read(struct compiler *compiler, const struct sheet *sheet, size_t row, struct unit *unit)
{
	struct span capacity = sheet_text(sheet, row, UNIT_CAPACITY);

	compiler->policy->unit_lines[row] = sheet_place(sheet, row, UNIT_CODE).row;
	unit->code = sheet_keep(sheet, row, UNIT_CODE);
	unit->kind = sheet_keep(sheet, row, UNIT_KIND);
	unit->name = sheet_keep(sheet, row, UNIT_NAME);
	unit->name_en = sheet_keep(sheet, row, UNIT_NAME_EN);
	compiler_name(compiler, sheet_place(sheet, row, UNIT_CODE), &compiler->units, unit->code, (int)row, "unit");
	unit->area = compiler->policy->default_area;
	if (!sheet_any(sheet, row, UNIT_AREA)) {
		int area = sheet_refer(sheet, row, UNIT_AREA, &compiler->areas, "area");
		unit->area = area < 0 ? unit->area : area;
	}
	unit->calendar = sheet_refer(sheet, row, UNIT_CALENDAR, &compiler->calendars, "calendar");
	if (capacity.len && !number_read(capacity, &unit->capacity))
		finding_error(compiler->findings, sheet_place(sheet, row, UNIT_CAPACITY), "capacity: expected a whole number of open cases; empty or 0 is no limit");
}

static void units_compile(struct compiler *compiler)
{
	struct policy *policy = compiler->policy;
	struct sheet sheet;

	if (sheet_open(&sheet, compiler, "units.csv", true, unit_columns, UNIT_COLUMNS)) {
		policy->unit_count = sheet_rows(&sheet);
		policy->units = arena_alloc(compiler->arena, policy->unit_count, sizeof *policy->units);
		policy->unit_lines = arena_alloc(compiler->arena, policy->unit_count, sizeof *policy->unit_lines);
		for (size_t i = 0; i < policy->unit_count; i++)
			unit_read(compiler, &sheet, i, &policy->units[i]);
		if (policy->unit_count == 0)
			finding_error(compiler->findings, (struct place){.file = sheet.file}, "no units: somebody must handle the cases");
	}
	sheet_close(&sheet);
}

static void desks_join(struct compiler *compiler, const struct sheet *sheet)
{
	struct policy *policy = compiler->policy;
	int *own = arena_alloc(compiler->arena, policy->area_count, sizeof *own);

	for (size_t i = 0; i < policy->area_count; i++)
		own[i] = sheet_refer(sheet, i, AREA_DESK, &compiler->units, "unit");
	for (size_t i = 0; i < policy->area_count; i++) {
		int at = (int)i;
		while (at >= 0 && own[at] < 0)
			at = policy->areas[at].parent;
		policy->areas[i].duty_desk = at < 0 ? -1 : own[at];
	}
}

void compile_areas_and_units(struct compiler *compiler)
{
	struct policy *policy = compiler->policy;
	struct sheet sheet;
	bool readable = sheet_open(&sheet, compiler, "areas.csv", true, area_columns, AREA_COLUMNS);

	if (readable) {
		policy->area_count = sheet_rows(&sheet);
		policy->areas = arena_alloc(compiler->arena, policy->area_count, sizeof *policy->areas);
		policy->area_lines = arena_alloc(compiler->arena, policy->area_count, sizeof *policy->area_lines);
		for (size_t i = 0; i < policy->area_count; i++)
			area_read(compiler, &sheet, i, &policy->areas[i]);
		readable = areas_join(compiler, &sheet);
	}
	units_compile(compiler);
	if (readable)
		desks_join(compiler, &sheet);
	sheet_close(&sheet);
}

static void duty_read(struct compiler *compiler, const struct sheet *sheet, size_t row, struct duty *duty)
{
	duty->line = sheet_line(sheet, row);
	duty->role = sheet_keep(sheet, row, DUTY_ROLE);
	duty->name = sheet_keep(sheet, row, DUTY_NAME);
	if (!duty->role.len || duty->role.len > CODE_BYTES_MOST)
		finding_error(compiler->findings, sheet_place(sheet, row, DUTY_ROLE), "role: expected 1 to %d bytes, such as supervisor", CODE_BYTES_MOST);
	if (sheet_any(sheet, row, DUTY_AREA))
		finding_error(compiler->findings, sheet_place(sheet, row, DUTY_AREA), "a duty is in one area: name it");
	duty->area = sheet_refer(sheet, row, DUTY_AREA, &compiler->areas, "area");
	duty->calendar = sheet_refer(sheet, row, DUTY_CALENDAR, &compiler->calendars, "calendar");
}

void compile_duties(struct compiler *compiler)
{
	struct policy *policy = compiler->policy;
	struct sheet sheet;

	if (sheet_open(&sheet, compiler, "duties.csv", false, duty_columns, DUTY_COLUMNS)) {
		policy->duty_count = sheet_rows(&sheet);
		policy->duties = arena_alloc(compiler->arena, policy->duty_count, sizeof *policy->duties);
		for (size_t i = 0; i < policy->duty_count; i++)
			duty_read(compiler, &sheet, i, &policy->duties[i]);
	}
	sheet_close(&sheet);
}
