/* The form of the stream and its compression; home of zstd. Knows lengths and numbers, never what a record says, and computes no hash: whoever
 * reads checks the chain.
 *
 * Invariants: a stream that was written to its end has exactly one zstd frame with a checksum over everything; a reader gives out nothing of
 * an entry before it has all of it, never takes a length on trust for more than STREAM_ENTRY_MOST, and an end that is missing, or followed by
 * anything, is an error. Numbers are big-endian. */
#include "transfer/stream.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#define MAGIC "REEVEJNL"
#define VERSION 1
#define VERSION_BEHIND 2 /* does not begin with record 1 */
#define FLAG_PRIVATE 1u
#define LEVEL 6
#define HEAD_BYTES 16

static void put_number(unsigned char *at, uint64_t number, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (unsigned char)(number >> (8 * (bytes - 1 - i)));
}

static uint64_t get_number(const unsigned char *at, int bytes)
{
	uint64_t number = 0;

	for (int i = 0; i < bytes; i++)
		number = number << 8 | at[i];
	return number;
}

struct stream_writer {
	FILE *file;
	ZSTD_CCtx *zstd;
	char *out;
	size_t out_room;
	int fault; /* errno of the first one */
	int64_t records, rows, last;
	unsigned char last_hash[STREAM_HASH_BYTES];
};

static void write_bytes(struct stream_writer *writer, const void *data, size_t len, ZSTD_EndDirective how)
{
	ZSTD_inBuffer in = {data, len, 0};
	size_t left;

	do {
		ZSTD_outBuffer out = {writer->out, writer->out_room, 0};
		if (writer->fault)
			return;
		left = ZSTD_compressStream2(writer->zstd, &out, &in, how);
		if (ZSTD_isError(left))
			writer->fault = ENOMEM;
		else if (out.pos && fwrite(writer->out, 1, out.pos, writer->file) != out.pos)
			writer->fault = errno ? errno : EIO;
	} while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
}

struct stream_writer *stream_write_begin_behind(FILE *file, bool with_private, int64_t base, const unsigned char hash[STREAM_HASH_BYTES])
{
	struct stream_writer *writer = must_calloc(1, sizeof *writer);
	unsigned char head[HEAD_BYTES] = MAGIC, behind[9] = {STREAM_BASE};

	writer->file = file;
	writer->zstd = ZSTD_createCCtx();
	writer->out_room = ZSTD_CStreamOutSize();
	writer->out = must_calloc(1, writer->out_room);
	if (!writer->zstd) {
		writer->fault = ENOMEM;
		return writer;
	}
	ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_checksumFlag, 1);
	put_number(head + 8, base ? VERSION_BEHIND : VERSION, 4);
	put_number(head + 12, with_private ? FLAG_PRIVATE : 0, 4);
	write_bytes(writer, head, sizeof head, ZSTD_e_continue);
	if (!base)
		return writer;
	writer->last = base;
	memcpy(writer->last_hash, hash, STREAM_HASH_BYTES);
	put_number(behind + 1, (uint64_t)base, 8);
	write_bytes(writer, behind, sizeof behind, ZSTD_e_continue);
	write_bytes(writer, hash, STREAM_HASH_BYTES, ZSTD_e_continue);
	return writer;
}

struct stream_writer *stream_write_begin(FILE *file, bool with_private)
{
	return stream_write_begin_behind(file, with_private, 0, NULL);
}

static void write_entry(struct stream_writer *writer, enum stream_part part, int64_t number, struct span bytes)
{
	unsigned char head[13];

	head[0] = (unsigned char)part;
	put_number(head + 1, (uint64_t)number, 8);
	put_number(head + 9, bytes.len, 4);
	if (bytes.len > STREAM_ENTRY_MOST)
		writer->fault = EFBIG;
	write_bytes(writer, head, sizeof head, ZSTD_e_continue);
	write_bytes(writer, bytes.data, bytes.len, ZSTD_e_continue);
}

void stream_write_record(struct stream_writer *writer, int64_t seq, struct span bytes, const unsigned char hash[STREAM_HASH_BYTES])
{
	write_entry(writer, STREAM_RECORD, seq, bytes);
	write_bytes(writer, hash, STREAM_HASH_BYTES, ZSTD_e_continue);
	writer->records++;
	writer->last = seq;
	memcpy(writer->last_hash, hash, STREAM_HASH_BYTES);
}

void stream_write_private(struct stream_writer *writer, int64_t number, struct span row)
{
	write_entry(writer, STREAM_PRIVATE, number, row);
	writer->rows++;
}

int stream_write_end(struct stream_writer *writer)
{
	unsigned char end[25];

	end[0] = STREAM_END;
	put_number(end + 1, (uint64_t)writer->last, 8);
	put_number(end + 9, (uint64_t)writer->records, 8);
	put_number(end + 17, (uint64_t)writer->rows, 8);
	write_bytes(writer, end, sizeof end, ZSTD_e_continue);
	write_bytes(writer, writer->last_hash, STREAM_HASH_BYTES, ZSTD_e_end);
	if (!writer->fault && fflush(writer->file) != 0)
		writer->fault = errno;
	int fault = writer->fault;
	ZSTD_freeCCtx(writer->zstd);
	free(writer->out);
	free(writer);
	return fault;
}

struct stream_reader {
	FILE *file;
	ZSTD_DCtx *zstd;
	char *room;
	size_t room_size;
	ZSTD_inBuffer in;
	bool behind;     /* its base comes next */
	bool frame_over; /* zstd has seen the end of its frame, checksum included */
	int64_t last;    /* record read last */
	struct buf entry;
};

static int say(const struct stream_reader *reader, const char *what, char *error, size_t error_size)
{
	if (reader->last)
		snprintf(error, error_size, "after record %" PRId64 " %s; get the stream again from where it was made", reader->last, what);
	else
		snprintf(error, error_size, "%s; name a stream that reeve journal export wrote", what);
	return -1;
}

/* Fills the input; false at the file's end. */
static bool input_fill(struct stream_reader *reader)
{
	if (reader->in.pos < reader->in.size)
		return true;
	reader->in = (ZSTD_inBuffer){reader->room, fread(reader->room, 1, reader->room_size, reader->file), 0};
	return reader->in.size > 0;
}

static int read_bytes(struct stream_reader *reader, void *data, size_t len, char *error, size_t error_size)
{
	ZSTD_outBuffer out = {data, len, 0};

	while (out.pos < out.size) {
		if (reader->frame_over)
			return say(reader, "it ends too early", error, error_size);
		size_t before = out.pos;
		bool more = input_fill(reader);
		size_t left = ZSTD_decompressStream(reader->zstd, &out, &reader->in);
		if (ZSTD_isError(left))
			return say(reader, "it is damaged, or not compressed with zstd", error, error_size);
		reader->frame_over = left == 0;
		if (!more && out.pos == before)
			return say(reader, ferror(reader->file) ? "it cannot be read" : "it ends too early", error, error_size);
	}
	return 0;
}

struct stream_reader *stream_read_begin(FILE *file, bool *ret_with_private, char *error, size_t error_size)
{
	struct stream_reader *reader = must_calloc(1, sizeof *reader);
	unsigned char head[HEAD_BYTES];

	reader->file = file;
	reader->zstd = ZSTD_createDCtx();
	reader->room_size = ZSTD_DStreamInSize();
	reader->room = must_calloc(1, reader->room_size);
	if (!reader->zstd || read_bytes(reader, head, sizeof head, error, error_size)) {
		if (!reader->zstd)
			say(reader, "there is not enough memory for zstd", error, error_size);
		stream_read_end(reader);
		return NULL;
	}
	if (memcmp(head, MAGIC, 8) != 0) {
		say(reader, "this is not a journal's stream", error, error_size);
	} else if (get_number(head + 8, 4) < VERSION || get_number(head + 8, 4) > VERSION_BEHIND) {
		snprintf(error, error_size, "the stream's version is %" PRIu64 ", this program knows %d; use the reeve that wrote it or a newer one", get_number(head + 8, 4), VERSION_BEHIND);
	} else {
		reader->behind = get_number(head + 8, 4) == VERSION_BEHIND;
		*ret_with_private = get_number(head + 12, 4) & FLAG_PRIVATE;
		return reader;
	}
	stream_read_end(reader);
	return NULL;
}

/* Behind the end there is the frame's checksum, and then nothing. */
static int read_nothing_more(struct stream_reader *reader, char *error, size_t error_size)
{
	char byte;

	while (!reader->frame_over) {
		ZSTD_outBuffer out = {&byte, 1, 0};
		bool more = input_fill(reader);
		size_t left = ZSTD_decompressStream(reader->zstd, &out, &reader->in);
		if (ZSTD_isError(left))
			return say(reader, "its checksum does not match: it is damaged", error, error_size);
		reader->frame_over = left == 0;
		if (out.pos || (!more && left))
			return say(reader, out.pos ? "and its end something follows" : "it ends too early", error, error_size);
	}
	return input_fill(reader) ? say(reader, "and its end something follows", error, error_size) : 0;
}

static int read_last(struct stream_reader *reader, struct stream_entry *ret_entry, char *error, size_t error_size)
{
	unsigned char rest[24];

	if (read_bytes(reader, rest, sizeof rest, error, error_size) || read_bytes(reader, ret_entry->hash, STREAM_HASH_BYTES, error, error_size))
		return -1;
	ret_entry->number = (int64_t)get_number(rest, 8);
	ret_entry->records = (int64_t)get_number(rest + 8, 8);
	ret_entry->rows = (int64_t)get_number(rest + 16, 8);
	return read_nothing_more(reader, error, error_size);
}

static int read_base(struct stream_reader *reader, struct stream_entry *ret_entry, char *error, size_t error_size)
{
	unsigned char number[8];

	reader->behind = false;
	if (ret_entry->part != STREAM_BASE)
		return say(reader, "it does not say behind which record it begins", error, error_size);
	if (read_bytes(reader, number, sizeof number, error, error_size) || read_bytes(reader, ret_entry->hash, STREAM_HASH_BYTES, error, error_size))
		return -1;
	ret_entry->number = (int64_t)get_number(number, sizeof number);
	reader->last = ret_entry->number;
	return ret_entry->number > 0 ? 0 : say(reader, "it begins behind a record that there is not", error, error_size);
}

int stream_read(struct stream_reader *reader, struct stream_entry *ret_entry, char *error, size_t error_size)
{
	unsigned char part, head[12];

	if (read_bytes(reader, &part, 1, error, error_size))
		return -1;
	*ret_entry = (struct stream_entry){.part = part};
	if (reader->behind)
		return read_base(reader, ret_entry, error, error_size);
	if (part == STREAM_END)
		return read_last(reader, ret_entry, error, error_size);
	if (part != STREAM_RECORD && part != STREAM_PRIVATE)
		return say(reader, "something follows that is no record", error, error_size);
	if (read_bytes(reader, head, sizeof head, error, error_size))
		return -1;
	size_t len = get_number(head + 8, 4);
	if (len > STREAM_ENTRY_MOST)
		return say(reader, "a record follows that is too long", error, error_size);
	buf_clear(&reader->entry);
	buf_reserve(&reader->entry, len + 1);
	if (read_bytes(reader, reader->entry.data, len, error, error_size))
		return -1;
	if (part == STREAM_RECORD && read_bytes(reader, ret_entry->hash, STREAM_HASH_BYTES, error, error_size))
		return -1;
	ret_entry->number = (int64_t)get_number(head, 8);
	ret_entry->bytes = (struct span){reader->entry.data, len};
	if (part == STREAM_RECORD)
		reader->last = ret_entry->number;
	return 0;
}

void stream_read_end(struct stream_reader *reader)
{
	if (!reader)
		return;
	ZSTD_freeDCtx(reader->zstd);
	buf_free(&reader->entry);
	free(reader->room);
	free(reader);
}
