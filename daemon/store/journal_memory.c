/* The journal in memory: same promises as the one in LMDB, but only as long as the process lives, and with scripted faults.
 * Owns copies of every record and row; never touches a file.
 *
 * Invariants: what was not committed is a list of changes in the order they came, so that a torn commit keeps a prefix of them;
 * a private row that is replaced or destroyed while somebody reads lives until read_end. */
#include "store/journal_memory.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include "base/memory.h"
#include <uthash.h>

#define FAULT (-1)
#define ROOM INT64_C(1099511627776)

struct record {
	struct span bytes; /* owned; without data: pruned, and not kept */
	unsigned char hash[JOURNAL_HASH_BYTES];
	bool kept;
};

struct row {
	int64_t number;
	struct span bytes; /* owned */
	struct row *next_retired;
	UT_hash_handle hh;
};

enum change_kind { CHANGE_RECORD, CHANGE_ROW, CHANGE_PRUNE, CHANGE_KEEP, CHANGE_UNKEEP };

struct change {
	enum change_kind kind;
	int64_t number;
	struct span bytes; /* owned until applied */
};

struct journal_memory {
	struct journal base;
	struct record *records; /* records[seq - 1] */
	int64_t record_room;
	struct row *rows;
	struct row *retired;
	struct change *changes;
	int64_t change_count, change_room;
	int64_t pending_seq, pending_first;
	int64_t durable_first;
	unsigned char durable_base[JOURNAL_HASH_BYTES];
	int64_t durable_seq; /* ahead of base.last_seq when a reply was lost */
	unsigned char durable_hash[JOURNAL_HASH_BYTES];
	int64_t used_bytes, free_bytes;
	int reading;
	bool failed;
	int64_t commits_until_fault; /* 0: no script */
	enum journal_memory_fault fault;
	int64_t torn_records;
};

static struct journal_memory *memory_of(struct journal *journal)
{
	return (struct journal_memory *)journal;
}

static struct span copy_of(struct span bytes)
{
	return (struct span){span_dup(bytes), bytes.len};
}

static void row_free(struct row *row)
{
	free((char *)row->bytes.data);
	free(row);
}

static int fail(struct journal_memory *self, const char *why)
{
	if (!self->failed)
		snprintf(self->base.error, sizeof self->base.error, "journal: %s", why);
	self->failed = true;
	return FAULT;
}

static void change_add(struct journal_memory *self, enum change_kind kind, int64_t number, struct span bytes)
{
	if (self->change_count == self->change_room) {
		self->change_room = self->change_room ? self->change_room * 2 : 64;
		self->changes = must_realloc(self->changes, (size_t)self->change_room * sizeof *self->changes);
	}
	self->changes[self->change_count++] = (struct change){kind, number, copy_of(bytes)};
}

static int memory_append(struct journal *journal, int64_t seq, struct span record)
{
	struct journal_memory *self = memory_of(journal);
	char why[96];

	if (self->failed)
		return FAULT;
	if (seq != self->pending_seq + 1) {
		snprintf(why, sizeof why, "record %" PRId64 " does not follow %" PRId64 "; this is a bug, please report it", seq, self->pending_seq);
		return fail(self, why);
	}
	change_add(self, CHANGE_RECORD, seq, record);
	self->pending_seq = seq;
	return 0;
}

static int memory_private_put(struct journal *journal, int64_t number, struct span row)
{
	struct journal_memory *self = memory_of(journal);

	if (self->failed)
		return FAULT;
	change_add(self, CHANGE_ROW, number, row);
	return 0;
}

static int memory_prune(struct journal *journal, int64_t seq, bool keep)
{
	struct journal_memory *self = memory_of(journal);
	char why[96];

	if (self->failed)
		return FAULT;
	if (seq != self->pending_first || seq >= self->pending_seq) {
		snprintf(why, sizeof why, "record %" PRId64 " is not the oldest of several; this is a bug, please report it", seq);
		return fail(self, why);
	}
	change_add(self, keep ? CHANGE_KEEP : CHANGE_PRUNE, seq, (struct span){0});
	self->pending_first = seq + 1;
	return 0;
}

static int memory_unkeep(struct journal *journal, int64_t seq)
{
	struct journal_memory *self = memory_of(journal);

	if (self->failed)
		return FAULT;
	change_add(self, CHANGE_UNKEEP, seq, (struct span){0});
	return 0;
}

static struct row *row_find(struct journal_memory *self, int64_t number)
{
	struct row *row;

	HASH_FIND(hh, self->rows, &number, sizeof number, row);
	return row;
}

static void row_apply(struct journal_memory *self, const struct change *change)
{
	struct row *old = row_find(self, change->number);

	if (old) {
		HASH_DEL(self->rows, old);
		old->next_retired = self->retired;
		self->retired = old;
	}
	if (!change->bytes.len) {
		free((char *)change->bytes.data);
		return;
	}
	struct row *row = must_calloc(1, sizeof *row);
	row->number = change->number;
	row->bytes = change->bytes;
	HASH_ADD(hh, self->rows, number, sizeof row->number, row);
}

static void record_apply(struct journal_memory *self, const struct change *change)
{
	if (change->number > self->record_room) {
		self->record_room = self->record_room ? self->record_room * 2 : 64;
		self->records = must_realloc(self->records, (size_t)self->record_room * sizeof *self->records);
	}
	struct record *record = &self->records[change->number - 1];
	record->kept = false;
	record->bytes = change->bytes;
	journal_chain(self->durable_hash, change->number, change->bytes, record->hash);
	memcpy(self->durable_hash, record->hash, JOURNAL_HASH_BYTES);
	self->durable_seq = change->number;
	self->used_bytes += (int64_t)(change->bytes.len + JOURNAL_HASH_BYTES);
}

/* Somebody may be reading it: it ends like a row that was replaced. */
static void bytes_retire(struct journal_memory *self, struct record *record)
{
	struct row *row = must_calloc(1, sizeof *row);

	row->bytes = record->bytes;
	row->next_retired = self->retired;
	self->retired = row;
	self->used_bytes -= (int64_t)(record->bytes.len + JOURNAL_HASH_BYTES);
	record->bytes = (struct span){0};
	record->kept = false;
}

static void prune_apply(struct journal_memory *self, const struct change *change)
{
	struct record *record = change->number > 0 && change->number <= self->durable_seq ? &self->records[change->number - 1] : NULL;

	free((char *)change->bytes.data);
	if (change->kind == CHANGE_UNKEEP) {
		if (record && record->kept)
			bytes_retire(self, record);
		return;
	}
	self->durable_first = change->number + 1;
	memcpy(self->durable_base, record->hash, JOURNAL_HASH_BYTES);
	if (change->kind == CHANGE_KEEP)
		record->kept = true;
	else
		bytes_retire(self, record);
}

static void retired_free(struct journal_memory *self)
{
	while (self->retired && !self->reading) {
		struct row *row = self->retired;
		self->retired = row->next_retired;
		row_free(row);
	}
}

/* Makes changes durable up to and with so many records; drops the rest. */
static void changes_apply(struct journal_memory *self, int64_t records)
{
	for (int64_t i = 0; i < self->change_count; i++) {
		struct change *change = &self->changes[i];
		if (records <= 0)
			free((char *)change->bytes.data);
		else if (change->kind == CHANGE_ROW)
			row_apply(self, change);
		else if (change->kind != CHANGE_RECORD)
			prune_apply(self, change);
		else {
			record_apply(self, change);
			records--;
		}
	}
	self->change_count = 0;
	retired_free(self);
}

static void durable_show(struct journal_memory *self)
{
	self->base.first_seq = self->durable_first;
	memcpy(self->base.base_hash, self->durable_base, JOURNAL_HASH_BYTES);
	self->base.last_seq = self->durable_seq;
	memcpy(self->base.last_hash, self->durable_hash, JOURNAL_HASH_BYTES);
}

static int memory_commit(struct journal *journal)
{
	struct journal_memory *self = memory_of(journal);
	enum journal_memory_fault fault = JOURNAL_MEMORY_FINE;

	if (self->failed)
		return FAULT;
	if (!self->change_count)
		return 0;
	if (self->commits_until_fault && --self->commits_until_fault == 0)
		fault = self->fault;
	if (fault == JOURNAL_MEMORY_FAILS)
		changes_apply(self, 0);
	else
		changes_apply(self, fault == JOURNAL_MEMORY_TORN_TAIL ? self->torn_records : INT64_MAX);
	if (fault != JOURNAL_MEMORY_FINE)
		return fail(self, "cannot commit: scripted fault; restart");
	durable_show(self);
	return 0;
}

static int memory_read_begin(struct journal *journal)
{
	memory_of(journal)->reading++;
	return 0;
}

static void memory_read_end(struct journal *journal)
{
	struct journal_memory *self = memory_of(journal);

	assert(self->reading > 0);
	self->reading--;
	retired_free(self);
}

static int memory_read(struct journal *journal, int64_t seq, struct span *ret_record, unsigned char ret_hash[JOURNAL_HASH_BYTES])
{
	struct journal_memory *self = memory_of(journal);

	assert(self->reading > 0);
	if (seq < 1 || seq > journal->last_seq || (seq < journal->first_seq && !self->records[seq - 1].kept))
		return JOURNAL_MISSING;
	*ret_record = self->records[seq - 1].bytes;
	if (ret_hash)
		memcpy(ret_hash, self->records[seq - 1].hash, JOURNAL_HASH_BYTES);
	return 0;
}

static int memory_kept_read(struct journal *journal, int64_t seq, struct span *ret_record)
{
	return seq < journal->first_seq ? memory_read(journal, seq, ret_record, NULL) : JOURNAL_MISSING;
}

static int memory_kept_next(struct journal *journal, int64_t from, int64_t *ret_seq)
{
	for (int64_t seq = from > 1 ? from : 1; seq < journal->first_seq; seq++)
		if (memory_of(journal)->records[seq - 1].kept) {
			*ret_seq = seq;
			return 0;
		}
	return JOURNAL_MISSING;
}

static int memory_private_get(struct journal *journal, int64_t number, struct span *ret_row)
{
	struct journal_memory *self = memory_of(journal);
	struct row *row = row_find(self, number);

	assert(self->reading > 0);
	if (!row)
		return JOURNAL_MISSING;
	*ret_row = row->bytes;
	return 0;
}

static int memory_room(struct journal *journal, int64_t *ret_used, int64_t *ret_free)
{
	*ret_used = memory_of(journal)->used_bytes;
	*ret_free = memory_of(journal)->free_bytes;
	return 0;
}

static void memory_close(struct journal *journal)
{
	struct journal_memory *self = memory_of(journal);
	struct row *row, *next;

	self->reading = 0;
	changes_apply(self, 0);
	HASH_ITER(hh, self->rows, row, next) {
		HASH_DEL(self->rows, row);
		row_free(row);
	}
	for (int64_t i = 0; i < self->durable_seq; i++)
		free((char *)self->records[i].bytes.data);
	free(self->records);
	free(self->changes);
	free(self);
}

static const struct journal_ops memory_ops = {
	.append = memory_append,
	.private_put = memory_private_put,
	.prune = memory_prune,
	.unkeep = memory_unkeep,
	.commit = memory_commit,
	.read_begin = memory_read_begin,
	.read = memory_read,
	.kept_read = memory_kept_read,
	.kept_next = memory_kept_next,
	.private_get = memory_private_get,
	.read_end = memory_read_end,
	.room = memory_room,
	.close = memory_close,
};

struct journal *journal_memory_open(void)
{
	struct journal_memory *self = must_calloc(1, sizeof *self);

	if (sodium_init() < 0)
		abort();
	self->base.ops = &memory_ops;
	self->base.first_seq = self->pending_first = self->durable_first = 1;
	self->free_bytes = ROOM;
	return &self->base;
}

void journal_memory_script(struct journal *journal, int64_t at_commit, enum journal_memory_fault fault, int64_t torn_records)
{
	struct journal_memory *self = memory_of(journal);

	self->commits_until_fault = at_commit;
	self->fault = fault;
	self->torn_records = torn_records;
}

void journal_memory_set_free(struct journal *journal, int64_t free_bytes)
{
	memory_of(journal)->free_bytes = free_bytes;
}

struct journal *journal_memory_reopen(struct journal *journal)
{
	struct journal_memory *self = memory_of(journal);

	self->reading = 0;
	changes_apply(self, 0);
	durable_show(self);
	self->pending_seq = self->durable_seq;
	self->pending_first = self->durable_first;
	self->failed = false;
	self->commits_until_fault = 0;
	journal->error[0] = '\0';
	return journal;
}
