/* The wire layer: msgpack bytes to struct record and back, driven by the .def tables. Home of msgpack-c.
 *
 * A frame is one or more maps, one after the other. frame_scan checks a whole frame before anything trusts a length in
 * it; codec_read then reads one map. Keys may be names or numbers; values of named types (state, kind, ...) may be names
 * or numbers too. Text and bytes in a record point into the frame. */
#ifndef REEVE_SCHEMA_CODEC_H
#define REEVE_SCHEMA_CODEC_H

#include "core/record.h"

struct frame_limits {
	size_t bytes;   /* per frame */
	size_t objects; /* maps per frame */
	size_t depth;   /* nested maps and arrays, 1 = the outer map */
	size_t nodes;   /* values in the frame, keys included */
};
#define FRAME_LIMITS_DEFAULT ((struct frame_limits){.bytes = 1 << 20, .objects = 4096, .depth = 6, .nodes = 262144})

/* What is wrong with input: an error of errors.def and the place. */
struct flaw {
	enum error_kind error;
	enum field field;   /* FIELD_COUNT: none */
	char name[64];      /* the field as the peer wrote it, cut to fit, valid UTF-8 */
	char detail[160];   /* in words: what was found and what is allowed; never a private value */
};

/* 0 and the number of maps, or the flaw's error (> 0). */
int frame_scan(struct span frame, const struct frame_limits *limits, size_t *ret_objects, struct flaw *ret_flaw);
/* Cuts the next map off a scanned frame: false at its end. */
bool frame_next(struct span *rest, struct span *ret_map);

/* Reads one scanned map. 0, or the flaw's error (> 0); on a flaw the fields read so far are in the record, so that request can be echoed
 * (the reader goes on past a bad field to find request and command). Checks types, limits, UTF-8 (no control characters but tab, LF, CR),
 * duplicate keys, names, check digits. Uses a per-call zone that it frees; TEXT points into the map's bytes. */
int codec_read(struct span map, struct record *ret_record, struct flaw *ret_flaw);
/* The same for journal records and our own replies: a field of a newer version is skipped instead of refused. */
int codec_read_lenient(struct span map, struct record *ret_record, struct flaw *ret_flaw);
/* Checks that a command has what it needs and nothing that it does not take. 0 or the flaw's error. */
int codec_check_command(const struct record *record, struct flaw *ret_flaw);
/* Roles that may ask, and the door. */
enum door { DOOR_SERVICE = 0, DOOR_WORK = 1, DOOR_FEED = 2, DOOR_INSIDE = 3 };
unsigned command_roles(enum command_kind command);
enum door command_door(enum command_kind command);

/* Appends one map. Names on the wire, numbers in the journal (smaller, and safe against renaming). PRIVATE fields are never
 * written by codec_write; codec_write_private writes only those. Fields are written in the order of fields.def. */
enum codec_style { CODEC_NAMES, CODEC_NUMBERS };
void codec_write(struct buf *buf, const struct record *record, enum codec_style style);
void codec_write_private(struct buf *buf, const struct record *record);
/* Like codec_write with names, PRIVATE fields included: for clients, which send them, and for the answer to `contact`. */
void codec_write_all(struct buf *buf, const struct record *record);

/* A LIST field's bytes: an array of maps. Build: begin, add each, end; the span lives as long as the buf. */
struct list_writer {
	struct buf *buf;
	size_t at;    /* where the array header is */
	uint32_t count;
	enum codec_style style;
};
void list_begin(struct list_writer *writer, struct buf *buf, enum codec_style style);
void list_add(struct list_writer *writer, const struct record *record);
/* Adds a map that is encoded already. */
void list_add_raw(struct list_writer *writer, struct span map);
struct span list_end(struct list_writer *writer);
/* Read: returns the number of maps, then each by frame_next over *ret_maps. */
size_t list_open(struct span list, struct span *ret_maps);

/* Names. *_name: NULL when there is no such number. *_find: 0 when there is no such name. */
const char *field_name(enum field field);       /* wire name */
const char *field_type_name(enum field field);  /* TEXT, INT, ... */
bool field_find(struct span wire_name, enum field *ret_field);
const char *command_name(int number);
int command_find(struct span name);
const char *event_name(int number);
int event_find(struct span name);
const char *error_name(int number);
const char *error_text(int number);
const char *state_name(int number);
int state_find(struct span name);
const char *kind_name(int number);
int kind_find(struct span name);
const char *outcome_name(int number);
int outcome_find(struct span name);
const char *clock_name(int number);
int clock_find(struct span name);
const char *task_name(int number);
int task_find(struct span name);
const char *role_name(int number);
int role_find(struct span name);

/* One record as JSON (names, case numbers with their check digit, times as RFC 3339 in UTC): for people, tests and --json. */
void codec_json(struct buf *buf, const struct record *record);
/* PRIVATE fields included: for the answer to `contact` on an operator's own screen, never for a log or the feed. */
void codec_json_all(struct buf *buf, const struct record *record);

#endif
