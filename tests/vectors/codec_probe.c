/* Reads frames as lines of hex; answers each with one line of JSON: {"records":[...]} or {"error":...,"field":...}. For the
 * differential test, which holds the answers against an independent reader. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/codec.h"

static size_t hex_read(char *line)
{
	size_t len = strspn(line, "0123456789abcdef") / 2;

	for (size_t i = 0; i < len; i++) {
		const char pair[3] = {line[2 * i], line[2 * i + 1], '\0'};
		line[i] = (char)strtoul(pair, NULL, 16);
	}
	return len;
}

static int frame_json(struct buf *out, struct span frame, struct flaw *flaw)
{
	const struct frame_limits limits = FRAME_LIMITS_DEFAULT;
	struct record record, back;
	struct span map;
	struct buf again = {0};
	size_t objects, done = 0;
	int error = frame_scan(frame, &limits, &objects, flaw);

	buf_add_text(out, "{\"records\":[");
	while (!error && frame_next(&frame, &map)) {
		error = codec_read(map, &record, flaw);
		if (error)
			break;
		buf_add_text(out, done++ ? "," : "");
		codec_json(out, &record);
		/* through the journal's form and back: the same JSON, or the probe fails */
		struct buf left = {0}, right = {0};
		buf_clear(&again);
		codec_write(&again, &record, CODEC_NUMBERS);
		if (codec_read_lenient(buf_span(&again), &back, flaw) != 0)
			abort();
		codec_json(&left, &record);
		codec_json(&right, &back);
		if (!span_equal(buf_span(&left), buf_span(&right)))
			abort();
		buf_free(&left);
		buf_free(&right);
	}
	buf_add_text(out, "]}");
	buf_free(&again);
	return error;
}

int main(void)
{
	struct buf out = {0};
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		struct flaw flaw = {0};
		size_t len = hex_read(line);
		char *exact = must_calloc(1, len); /* so that the sanitizer sees a read beyond the end */
		memcpy(exact, line, len);
		buf_clear(&out);
		if (frame_json(&out, (struct span){exact, len}, &flaw) != 0)
			printf("{\"error\":\"%s\",\"field\":\"%s\"}\n", error_name(flaw.error), strpbrk(flaw.name, "\"\\") ? "?" : flaw.name);
		else
			printf("%.*s\n", (int)out.len, out.data);
		free(exact);
	}
	free(line);
	buf_free(&out);
	return 0;
}
