/* Numbers with units, both ways. Whole numbers only: a fraction of a byte or a millisecond is a mistake, and 1.5 GiB can be
 * written 1536 MiB. Pure. */
#include "config.h"

#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

/* From large to small; the ones that are written come first. */
static const struct unit bytes_units[] = {
	{"TiB", INT64_C(1) << 40}, {"GiB", INT64_C(1) << 30}, {"MiB", INT64_C(1) << 20}, {"KiB", INT64_C(1) << 10},
	{"B", 1}, {"TB", INT64_C(1000000000000)}, {"GB", 1000000000}, {"MB", 1000000}, {"kB", 1000}, {NULL, 0},
};
static const struct unit time_units[] = {
	{"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0},
};
static const struct unit no_units[] = {{NULL, 0}};

static const struct unit *units_of(enum setting_type type)
{
	return type == SETTING_TYPE_BYTES ? bytes_units : type == SETTING_TYPE_MS ? time_units : no_units;
}

static const char *units_named(enum setting_type type)
{
	return type == SETTING_TYPE_BYTES ? "a whole number, alone (bytes) or with B, KiB, MiB, GiB or TiB, e.g. 64 MiB"
		: type == SETTING_TYPE_MS ? "a whole number, alone (milliseconds) or with ms, s, min, h or d, e.g. 10 s"
		: "a whole number";
}

static const struct unit *unit_find(enum setting_type type, struct span name)
{
	static const struct unit plain = {"", 1};

	if (name.len == 0)
		return &plain;
	for (const struct unit *unit = units_of(type); unit->name; unit++) {
		if (span_is(name, unit->name))
			return unit;
	}
	return NULL;
}

bool config_number_read(struct span text, enum setting_type type, int64_t *ret_number, char *error, size_t error_size)
{
	int64_t number = 0;
	size_t at = 0;
	bool fits = true;

	for (; at < text.len && text.data[at] >= '0' && text.data[at] <= '9'; at++)
		fits = fits && !__builtin_mul_overflow(number, 10, &number) && !__builtin_add_overflow(number, text.data[at] - '0', &number);
	size_t digits = at;
	while (at < text.len && text.data[at] == ' ')
		at++;
	const struct unit *unit = unit_find(type, (struct span){text.data + at, text.len - at});
	if (digits == 0 || !unit) {
		snprintf(error, error_size, "'%.*s' is not %s", (int)(text.len < 60 ? text.len : 60), text.data, units_named(type));
		return false;
	}
	if (!fits || __builtin_mul_overflow(number, unit->factor, ret_number)) {
		snprintf(error, error_size, "'%.*s' is too large a number", (int)(text.len < 60 ? text.len : 60), text.data);
		return false;
	}
	return true;
}

void config_number_write(int64_t number, enum setting_type type, char ret_text[32])
{
	const struct unit *best = NULL;

	for (const struct unit *unit = units_of(type); unit->name && unit->factor > 1 && !best; unit++) {
		if (number > 0 && number % unit->factor == 0)
			best = unit;
	}
	if (best)
		snprintf(ret_text, 32, "%lld %s", (long long)(number / best->factor), best->name);
	else
		snprintf(ret_text, 32, "%lld%s", (long long)number, type == SETTING_TYPE_MS && number ? " ms" : "");
}
