/* Frames: one or more maps, one after the other, exactly filling the bytes.
 *
 * frame_scan is the gate: nothing behind it sees a length that reaches beyond the frame, an extension type, or more
 * depth, values or maps than allowed. It allocates nothing, does not recurse, and looks at each byte's head once, so
 * a frame costs at most what its bytes cost. It never judges fields: that is the reader's job. */
#include "schema/codec.h"
#include "schema/token.h"

#include <stdio.h>

#define FRAME_DEPTH_MOST 64

struct scan {
	const struct frame_limits *limits;
	struct flaw *flaw;
	size_t size;
	size_t nodes;
	size_t depth;
	size_t depth_most;
	uint64_t left[FRAME_DEPTH_MOST]; /* values still to come, by depth */
};

static int scan_fail(struct scan *scan, enum error_kind error, const char *what, size_t number)
{
	if (!scan->flaw)
		return error;
	*scan->flaw = (struct flaw){.error = error, .field = FIELD_COUNT};
	snprintf(scan->flaw->detail, sizeof scan->flaw->detail, "%s %zu", what, number);
	return error;
}

static int scan_token(struct scan *scan, const struct token *token, struct span rest)
{
	size_t at = scan->size - rest.len;

	if (token->type == TOKEN_CUT)
		return scan_fail(scan, ERROR_truncated, "the frame ends inside of a value, at byte", scan->size);
	if (token->type == TOKEN_UNKNOWN)
		return scan_fail(scan, ERROR_malformed, "c1 is no msgpack value, before byte", at);
	if (token->type == TOKEN_EXTENSION)
		return scan_fail(scan, ERROR_malformed, "extension types are not taken, before byte", at);
	if (++scan->nodes > scan->limits->nodes)
		return scan_fail(scan, ERROR_too_many_nodes, "values allowed:", scan->limits->nodes);
	return 0;
}

/* A value that holds others: one level deeper, if there are bytes enough for what it announces. */
static int scan_enter(struct scan *scan, const struct token *token, struct span rest)
{
	uint64_t inside = token_inside(token);

	if (inside > rest.len)
		return scan_fail(scan, ERROR_truncated, "more values are announced than bytes follow, before byte", scan->size - rest.len);
	if (inside > scan->limits->nodes - scan->nodes)
		return scan_fail(scan, ERROR_too_many_nodes, "values allowed:", scan->limits->nodes);
	if (scan->depth >= scan->depth_most)
		return scan_fail(scan, ERROR_too_deep, "levels allowed:", scan->depth_most);
	scan->left[scan->depth++] = inside;
	return 0;
}

static int scan_map(struct scan *scan, struct span *rest)
{
	int error = 0;

	scan->depth = 0;
	do {
		struct token token = token_read(rest);
		if (scan->depth > 0)
			scan->left[scan->depth - 1]--;
		error = scan_token(scan, &token, *rest);
		if (!error && scan->depth == 0 && token.type != TOKEN_MAP)
			error = scan_fail(scan, ERROR_not_a_map, "a map has to begin before byte", scan->size - rest->len);
		if (!error && (token.type == TOKEN_MAP || token.type == TOKEN_ARRAY))
			error = scan_enter(scan, &token, *rest);
		while (scan->depth > 0 && scan->left[scan->depth - 1] == 0)
			scan->depth--;
	} while (!error && scan->depth > 0);
	return error;
}

int frame_scan(struct span frame, const struct frame_limits *limits, size_t *ret_objects, struct flaw *ret_flaw)
{
	struct scan scan;
	struct span rest = frame;
	size_t objects = 0;

	scan.limits = limits;
	scan.flaw = ret_flaw;
	scan.size = frame.len;
	scan.nodes = 0;
	scan.depth_most = limits->depth < FRAME_DEPTH_MOST ? limits->depth : FRAME_DEPTH_MOST;
	if (frame.len > limits->bytes)
		return scan_fail(&scan, ERROR_oversized, "bytes allowed:", limits->bytes);
	if (frame.len == 0)
		return scan_fail(&scan, ERROR_malformed, "the frame is empty; maps wanted: at least", 1);
	while (rest.len > 0) {
		if (objects == limits->objects)
			return scan_fail(&scan, ERROR_too_many_objects, "maps allowed:", limits->objects);
		int error = scan_map(&scan, &rest);
		if (error)
			return error;
		objects++;
	}
	*ret_objects = objects;
	return 0;
}

bool frame_next(struct span *rest, struct span *ret_map)
{
	struct span begin = *rest;

	if (rest->len == 0)
		return false;
	if (!token_skip(rest, 1)) {
		/* Not a scanned frame: end the walk instead of guessing where the next map begins. */
		*rest = (struct span){0};
		return false;
	}
	*ret_map = (struct span){begin.data, begin.len - rest->len};
	return true;
}
