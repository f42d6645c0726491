/* The tests' city. Owns its tables as static data; the policy that city_new returns only points to copies of them, so that a test can
 * change one without the next test seeing it. Never reads a file: decisions are tested without the compiler of policies. */
#include "city.h"

#include <string.h>

#define S(text) {text, sizeof(text) - 1}
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define MONDAY (CITY_MONDAY_10 - 10 * HOUR)

static struct area areas[AREA_COUNT] = {
	[AREA_CITY] = {S("3701"), S("济南市"), S("Jinan"), S("3701"), -1, 0, UNIT_DESK, 36.65, 117.0},
	[AREA_LIXIA] = {S("370102"), S("历下区"), S("Lixia"), S("3701/370102"), AREA_CITY, 1, -1, 36.66, 117.08},
	[AREA_STREET] = {S("370102001"), S("解放路街道"), S("Jiefang Road"), S("3701/370102/370102001"), AREA_LIXIA, 2, -1, 36.66, 117.05},
	[AREA_SHIZHONG] = {S("370103"), S("市中区"), S("Shizhong"), S("3701/370103"), AREA_CITY, 1, -1, 36.65, 117.0},
};
static struct span light_words[] = {S("路灯"), S("street light"), S("streetlight")};
static struct span light_out_words[] = {S("路灯不亮"), S("Street Light Out")};
static struct span water_words[] = {S("停水"), S("water")};
static struct span burst_words[] = {S("爆管"), S("水管爆裂"), S("burst pipe")};
static struct span gas_words[] = {S("燃气"), S("gas")};
static struct span noise_words[] = {S("噪音"), S("noise"), S("扰民")};
static struct category categories[CATEGORY_COUNT] = {
	[CATEGORY_LIGHT] = {S("LIGHT"), S("路灯"), S("Lighting"), -1, KIND_help, 3, light_words, 3},
	[CATEGORY_LIGHT_OUT] = {S("LIGHT-OUT"), S("路灯不亮"), S("Lamp out"), CATEGORY_LIGHT, KIND_help, 3, light_out_words, 2},
	[CATEGORY_WATER] = {S("WATER"), S("供水"), S("Water"), -1, KIND_help, 3, water_words, 2},
	[CATEGORY_BURST] = {S("BURST"), S("水管爆裂"), S("Burst pipe"), CATEGORY_WATER, KIND_incident, 2, burst_words, 3},
	[CATEGORY_GAS] = {S("GAS"), S("燃气"), S("Gas"), -1, KIND_incident, 2, gas_words, 2},
	[CATEGORY_NOISE] = {S("NOISE"), S("噪音"), S("Noise"), -1, KIND_complaint, 4, noise_words, 3},
	[CATEGORY_OTHER] = {S("OTHER"), S("其他"), S("Other"), -1, KIND_help, 3, NULL, 0},
};
static struct unit units[UNIT_COUNT] = {
	[UNIT_LAMPS] = {S("LAMPS"), S("department"), S("路灯管理处"), S("Lamp office"), AREA_CITY, 0, 10},
	[UNIT_LIGHTING] = {S("LIGHTING"), S("utility"), S("照明公司"), S("Lighting company"), AREA_CITY, -1, 5},
	[UNIT_DESK] = {S("DESK"), S("department"), S("市值班室"), S("City duty desk"), AREA_CITY, -1, 0},
	[UNIT_STREET] = {S("STREET"), S("street"), S("解放路街道办"), S("Street office"), AREA_STREET, 0, 20},
};
static struct danger_word danger_words[] = {
	{S("燃气泄漏"), 1, CATEGORY_GAS},
	{S("gas leak"), 1, CATEGORY_GAS},
	{S("触电"), 1, -1},
	{S("trapped"), 2, -1},
};
static struct rung rungs[] = {
	{100, S("supervisor"), 2, 30 * 60000, 0, 0},
	{120, S("supervisor"), 1, 60 * 60000, 0, 0},
	{150, S("director"), 0, 0, 24 * HOUR, 0},
};
static struct ladder ladders[] = {{S("late"), S("ladders.yaml:1"), CLOCK_none, -1, -1, 0, LADDER_BREACH, false, rungs, 3}};
static struct duty duties[] = {
	{S("duties.csv:2"), S("supervisor"), S("街道督办"), AREA_STREET, 0},
	{S("duties.csv:3"), S("supervisor"), S("区督办"), AREA_LIXIA, -1},
};
static struct span levels[] = {S("city"), S("district"), S("street")};
static struct zone_shift shifts[] = {{INT64_MIN, 8 * HOUR}};
static struct zone zone = {shifts, 1};

#define WEEKS 3
static struct calendar_interval intervals[WEEKS * 5 * 2];
static struct calendar_day days[WEEKS * 7];
static struct calendar calendars[] = {{.name = S("office"), .line = S("calendars.yaml:1"), .zone = &zone, .intervals = intervals, .days = days}};

static void calendar_fill(struct calendar *calendar)
{
	static const int hours[2][2] = {{9, 12}, {13, 17}};
	int64_t before = 0;

	calendar->interval_count = calendar->day_count = 0;
	for (int day = 0; day < WEEKS * 7; day++) {
		int64_t midnight = MONDAY + day * DAY;
		days[calendar->day_count++] = (struct calendar_day){midnight, day % 7 < 5};
		for (int part = 0; part < 2 && day % 7 < 5; part++) {
			int64_t from = midnight + hours[part][0] * HOUR, to = midnight + hours[part][1] * HOUR;
			intervals[calendar->interval_count++] = (struct calendar_interval){from, to, before};
			before += to - from;
		}
	}
}

static void *copy(struct arena *arena, const void *table, size_t count, size_t size)
{
	return memcpy(arena_alloc(arena, count, size), table, count * size);
}

struct policy *city_new(void)
{
	struct policy *policy = must_calloc(1, sizeof *policy);
	struct arena *arena = arena_new();

	calendar_fill(&calendars[0]);
	*policy = (struct policy){
		.name = S("jinan"), .title = S("济南"), .zone = S("Asia/Shanghai"), .version = 7, .time_zone = &zone,
		.levels = levels, .level_count = 3,
		.areas = copy(arena, areas, AREA_COUNT, sizeof *areas), .area_count = AREA_COUNT,
		.categories = copy(arena, categories, CATEGORY_COUNT, sizeof *categories), .category_count = CATEGORY_COUNT,
		.units = copy(arena, units, UNIT_COUNT, sizeof *units), .unit_count = UNIT_COUNT,
		.calendars = calendars, .calendar_count = 1,
		.ladders = copy(arena, ladders, 1, sizeof *ladders), .ladder_count = 1,
		.duties = copy(arena, duties, 2, sizeof *duties), .duty_count = 2,
		.danger_words = danger_words, .danger_word_count = sizeof danger_words / sizeof *danger_words,
		.default_area = AREA_CITY, .similar_radius_m = 200, .similar_window_ms = 7 * DAY,
		.warn_percent = 80, .fallback_category = CATEGORY_OTHER, .arena = arena,
	};
	policy_index(policy);
	return policy;
}

const char *city_text(struct span text)
{
	static char copied[4][9000];
	static int next;
	char *to = copied[next++ % 4];
	size_t len = text.len < sizeof copied[0] - 1 ? text.len : sizeof copied[0] - 1;

	memcpy(to, text.data, len);
	to[len] = 0;
	return to;
}
