/* Frames: whatever frame_scan lets through is read without a step outside, and what was read comes back the same when it is written
 * and read again: by name over the wire, by number through the journal, and once more byte for byte. */
#include <msgpack.h>

#include "tests/fuzz/fuzz.h"

/* msgpack-c takes what the scanner lets through, as just as many maps. (Not the other way round: it trusts declared lengths.) */
static void msgpack_agrees(struct span frame, size_t objects)
{
	size_t at = 0, maps = 0;

	while (at < frame.len) {
		msgpack_unpacked unpacked;
		msgpack_unpacked_init(&unpacked);
		msgpack_unpack_return got = msgpack_unpack_next(&unpacked, frame.data, frame.len, &at);
		FUZZ_CHECK(got == MSGPACK_UNPACK_SUCCESS && unpacked.data.type == MSGPACK_OBJECT_MAP, "msgpack-c does not take map %zu: %d", maps + 1, (int)got);
		msgpack_unpacked_destroy(&unpacked);
		maps++;
	}
	FUZZ_CHECK(maps == objects, "%zu maps by msgpack-c, %zu by the scanner", maps, objects);
}

static void same_again(const struct record *record, enum codec_style style)
{
	static struct record back;
	struct buf first = {0}, second = {0};
	struct flaw flaw;
	size_t objects;
	const struct frame_limits wide = {.bytes = 1 << 26, .objects = 1, .depth = 32, .nodes = 1 << 24};

	codec_write(&first, record, style);
	FUZZ_CHECK(frame_scan(buf_span(&first), &wide, &objects, &flaw) == 0 && objects == 1, "what was written is no frame: %s", flaw.detail);
	FUZZ_CHECK((style == CODEC_NAMES ? codec_read : codec_read_lenient)(buf_span(&first), &back, &flaw) == 0, "what was written is refused: %s: %s", flaw.name, flaw.detail);
	msgpack_agrees(buf_span(&first), 1);
	codec_write(&second, &back, style);
	FUZZ_CHECK(span_equal(buf_span(&first), buf_span(&second)), "a record changed when it was read and written again");
	buf_free(&first);
	buf_free(&second);
}

static void map_check(struct span map)
{
	static struct record record, lenient;
	struct flaw flaw;
	struct buf out = {0};
	int error = codec_read(map, &record, &flaw);

	if (!error) {
		codec_check_command(&record, &flaw);
		FUZZ_CHECK(codec_read_lenient(map, &lenient, &flaw) == 0, "taken on the wire, but not leniently: %s", flaw.detail);
		same_again(&record, CODEC_NAMES);
		same_again(&record, CODEC_NUMBERS);
		codec_write_all(&out, &record);
		codec_write_private(&out, &record);
		codec_json_all(&out, &record);
	} else {
		FUZZ_CHECK(error_name(error), "a refusal without a name: %d", error);
	}
	if (codec_read_lenient(map, &lenient, &flaw) == 0) {
		same_again(&lenient, CODEC_NUMBERS);
		codec_json(&out, &lenient);
		buf_clear(&out);
		codec_write(&out, &lenient, CODEC_NAMES);
	}
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct frame_limits limits = {.bytes = 1 << 16, .objects = 64, .depth = 6, .nodes = 4096};
	struct span frame = {(const char *)data, size}, map, rest;
	struct flaw flaw;
	size_t objects, seen = 0;
	static struct record record;

	/* the reader alone must be safe too: journal records are not scanned */
	codec_read(frame, &record, &flaw);
	codec_read_lenient(frame, &record, &flaw);
	list_open(frame, &rest);
	if (frame_scan(frame, &limits, &objects, &flaw))
		return 0;
	msgpack_agrees(frame, objects);
	for (rest = frame; frame_next(&rest, &map); seen++)
		map_check(map);
	FUZZ_CHECK(seen == objects && rest.len == 0, "%zu maps were counted and %zu cut off", objects, seen);
	return 0;
}
