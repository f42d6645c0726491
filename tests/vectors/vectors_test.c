/* The C codec against the golden vectors in schema/vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <cjson/cJSON.h>

#include "schema/codec.h"

static cJSON *vectors_read(const char *name)
{
	char path[512];
	struct buf text = {0};
	int byte;

	snprintf(path, sizeof path, "%s/%s", REEVE_VECTORS, name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while ((byte = getc(file)) != EOF)
		buf_add(&text, &(char){(char)byte}, 1);
	fclose(file);
	buf_add(&text, "", 1);
	cJSON *vectors = cJSON_Parse(text.data);
	buf_free(&text);
	assert_true(cJSON_IsArray(vectors) && cJSON_GetArraySize(vectors) > 30);
	return vectors;
}

static const char *text_of(const cJSON *vector, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(vector, name));

	assert_non_null(text);
	return text;
}

static char byte_of(const char *hex)
{
	const char pair[3] = {hex[0], hex[1], '\0'};

	return (char)strtoul(pair, NULL, 16);
}

/* Hex, or {"repeat": hex of one byte, "count": n}. */
static struct buf frame_of(const cJSON *vector)
{
	const cJSON *frame = cJSON_GetObjectItemCaseSensitive(vector, "frame");
	struct buf buf = {0};

	buf_reserve(&buf, 1);
	if (cJSON_IsObject(frame)) {
		char byte = byte_of(text_of(frame, "repeat"));
		for (int i = 0; i < cJSON_GetObjectItem(frame, "count")->valueint; i++)
			buf_add(&buf, &byte, 1);
		return buf;
	}
	for (const char *hex = text_of(vector, "frame"); hex[0] && hex[1]; hex += 2)
		buf_add(&buf, &(char){byte_of(hex)}, 1);
	return buf;
}

static int frame_read(struct span frame, struct buf *ret_json, struct buf *ret_again, struct flaw *ret_flaw)
{
	const struct frame_limits limits = FRAME_LIMITS_DEFAULT;
	struct record record;
	struct span map;
	size_t objects = 0, done = 0;
	int error = frame_scan(frame, &limits, &objects, ret_flaw);

	buf_add_text(ret_json, "[");
	while (!error && frame_next(&frame, &map)) {
		error = codec_read(map, &record, ret_flaw);
		buf_add_text(ret_json, done++ ? "," : "");
		codec_json(ret_json, &record);
		codec_write(ret_again, &record, CODEC_NAMES);
	}
	buf_add(ret_json, "]", 2);
	return error;
}

static void golden_records_read_as_written_down(void **state)
{
	cJSON *vectors = vectors_read("records.json"), *vector;

	(void)state;
	cJSON_ArrayForEach(vector, vectors) {
		struct buf frame = frame_of(vector), json = {0}, again = {0};
		struct flaw flaw = {0};
		if (frame_read(buf_span(&frame), &json, &again, &flaw) != 0)
			fail_msg("%s: refused as %s, %s", text_of(vector, "name"), error_name(flaw.error), flaw.detail);
		cJSON *got = cJSON_Parse(json.data);
		if (!cJSON_Compare(got, cJSON_GetObjectItem(vector, "records"), true))
			fail_msg("%s: read as %s", text_of(vector, "name"), json.data);
		if (cJSON_IsTrue(cJSON_GetObjectItem(vector, "canonical")) && !span_equal(buf_span(&frame), buf_span(&again)))
			fail_msg("%s: written with other bytes than it was read from", text_of(vector, "name"));
		cJSON_Delete(got);
		buf_free(&frame);
		buf_free(&json);
		buf_free(&again);
	}
	cJSON_Delete(vectors);
}

static void golden_refusals_are_refused_for_their_reason(void **state)
{
	cJSON *vectors = vectors_read("refusals.json"), *vector;

	(void)state;
	cJSON_ArrayForEach(vector, vectors) {
		struct buf frame = frame_of(vector), json = {0}, again = {0};
		struct flaw flaw = {0};
		int error = frame_read(buf_span(&frame), &json, &again, &flaw);
		if (!error || error != (int)flaw.error || strcmp(error_name(error), text_of(vector, "error")) != 0 || strcmp(flaw.name, text_of(vector, "field")) != 0)
			fail_msg("%s: wanted %s of %s, got %s of %s", text_of(vector, "name"), text_of(vector, "error"), text_of(vector, "field"),
				error ? error_name(error) : "no refusal", flaw.name);
		buf_free(&frame);
		buf_free(&json);
		buf_free(&again);
	}
	cJSON_Delete(vectors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_records_read_as_written_down),
		cmocka_unit_test(golden_refusals_are_refused_for_their_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
