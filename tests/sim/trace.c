/* What happened, one line each, and all of it as one number: two runs of a seed are the same when their numbers are. */
#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>

static void hash_add(const char *bytes, size_t len)
{
	uint64_t hash = sim->hash;

	for (; len >= 8; bytes += 8, len -= 8) {
		uint64_t word;
		memcpy(&word, bytes, 8);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 29;
	}
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3ull;
	sim->hash = hash;
}

void trace(const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	int len = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	hash_add(line, (size_t)len < sizeof line ? (size_t)len : sizeof line - 1);
	if (sim->plan.prints)
		printf("%6lld %14.6f %s\n", (long long)sim->step, (double)sim->now_us / 1e6, line);
}

/* Signs of life, and their answers: too many to be read. */
static bool dull(const struct record *record)
{
	return record_get(record, reply, COMMAND_none) == COMMAND_credit || (record_get(record, command, COMMAND_none) == COMMAND_credit && !record_get(record, credit, 1));
}

void trace_frame(const char *whose, const char *way, struct span frame)
{
	struct buf text = {0};
	struct flaw flaw;
	struct span map;
	size_t objects;

	hash_add(frame.data, frame.len);
	if (!sim->plan.prints)
		return;
	if (frame_scan(frame, &(struct frame_limits){.bytes = 1 << 28, .objects = 1 << 20, .depth = 8, .nodes = 1 << 24}, &objects, &flaw)) {
		printf("%6lld %14.6f %s %s %zu bytes that are no frame\n", (long long)sim->step, (double)sim->now_us / 1e6, whose, way, frame.len);
		return;
	}
	while (frame_next(&frame, &map)) {
		struct record record;
		buf_clear(&text);
		if (codec_read_lenient(map, &record, &flaw) == 0) {
			record_drop(&record, FIELD_files);
			record_drop(&record, FIELD_events);
			codec_json(&text, &record);
		}
		if (text.len && dull(&record))
			continue;
		printf("%6lld %14.6f %s %s %.*s\n", (long long)sim->step, (double)sim->now_us / 1e6, whose, way, (int)(text.len < 700 ? text.len : 700), text.data ? text.data : "?");
	}
	buf_free(&text);
}
