/* A case as a row of bytes, for the archive and the digest. The order of the columns is the format: a change needs a new
 * archive format number (engine), and the archive is then rebuilt from the journal. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/state_inside.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rows are little-endian");

#define SLA_COLUMNS(X) X(start) X(due) X(warn) X(next) X(limit) X(ladder) X(policy) X(epoch) X(hold_s) X(kind) X(phase) X(rung)
#define CASE_COLUMNS(X) \
	X(number) X(reported_at) X(opened_at) X(stage_at) X(closed_at) X(first_seq) X(last_seq) X(work_until) \
	X(latitude_e6) X(longitude_e6) X(address) X(area) X(category) X(unit) X(first_contact) X(source) X(channel) X(epoch) \
	X(reopens) X(state) X(kind) X(urgency) X(outcome) X(task)

#define DETAIL_COLUMNS(X) \
	X(assistants) X(until) X(asked_until) X(paused_at) X(master) X(milestone_at) X(milestone) X(call_at) X(follower_count) X(pause_count) X(admission) X(department) X(returned_by) \
	X(returns) X(transfers) X(extensions) X(reworks) X(redos) X(reminders) X(calls)

static uint8_t case_flags(const struct casefile *casefile)
{
	return (uint8_t)(casefile->priority | casefile->late << 1 | casefile->attention << 2 | casefile->contact << 3 |
		casefile->confidential << 4 | (casefile->details != NULL) << 5);
}

static void sla_write(struct buf *buf, const struct sla *sla)
{
	uint8_t flags = (uint8_t)(sla->warned | sla->breached << 1);

#define WRITE(column) buf_add(buf, &sla->column, sizeof sla->column);
	SLA_COLUMNS(WRITE)
#undef WRITE
	buf_add(buf, &flags, 1);
}

static void slas_write(struct buf *buf, const struct sla *sla, int count)
{
	uint16_t used = 0;

	for (int slot = 0; slot < count; slot++)
		used |= (uint16_t)((sla[slot].kind != CLOCK_none) << slot);
	buf_add(buf, &used, sizeof used);
	for (int slot = 0; slot < count; slot++)
		if (used >> slot & 1)
			sla_write(buf, &sla[slot]);
}

static void details_write(struct buf *buf, const struct details *details)
{
	uint8_t flags = (uint8_t)(details->final | details->supervised << 1);

#define WRITE(column) buf_add(buf, &details->column, sizeof details->column);
	DETAIL_COLUMNS(WRITE)
#undef WRITE
	buf_add(buf, &flags, 1);
	slas_write(buf, details->sla, DETAIL_SLOTS);
	buf_add(buf, details->followers, details->follower_count * sizeof *details->followers);
	buf_add(buf, details->pauses, details->pause_count * sizeof *details->pauses);
}

/* Of the clocks only those in use: most cases have two. */
void casefile_write(struct buf *buf, const struct casefile *casefile)
{
	uint8_t flags = case_flags(casefile);

#define WRITE(column) buf_add(buf, &casefile->column, sizeof casefile->column);
	CASE_COLUMNS(WRITE)
#undef WRITE
	buf_add(buf, &flags, 1);
	slas_write(buf, casefile->sla, SLA_SLOTS);
	if (casefile->details)
		details_write(buf, casefile->details);
	buf_add_text(buf, casefile->ref ? casefile->ref : "");
}

static bool row_take(struct span *row, void *to, size_t size)
{
	if (row->len < size)
		return false;
	memcpy(to, row->data, size);
	row->data += size;
	row->len -= size;
	return true;
}

static bool sla_read(struct span *row, struct sla *sla)
{
	uint8_t flags;

#define READ(column) if (!row_take(row, &sla->column, sizeof sla->column)) return false;
	SLA_COLUMNS(READ)
#undef READ
	if (!row_take(row, &flags, 1))
		return false;
	sla->warned = flags & 1;
	sla->breached = flags >> 1 & 1;
	return true;
}

static bool slas_read(struct span *row, struct sla *sla, int count)
{
	uint16_t used;

	if (!row_take(row, &used, sizeof used))
		return false;
	for (int slot = 0; slot < count; slot++)
		if (used >> slot & 1 && !sla_read(row, &sla[slot]))
			return false;
	return true;
}

static bool details_read(struct span *row, struct details *details)
{
	uint8_t flags;

#define READ(column) if (!row_take(row, &details->column, sizeof details->column)) return false;
	DETAIL_COLUMNS(READ)
#undef READ
	if (!row_take(row, &flags, 1) || !slas_read(row, details->sla, DETAIL_SLOTS))
		return false;
	details->final = flags & 1;
	details->supervised = flags >> 1 & 1;
	if (row->len / sizeof *details->followers < details->follower_count || row->len / sizeof *details->pauses < details->pause_count)
		return false;
	details->followers = must_calloc(details->follower_count, sizeof *details->followers);
	details->pauses = must_calloc(details->pause_count, sizeof *details->pauses);
	return row_take(row, details->followers, details->follower_count * sizeof *details->followers) &&
		row_take(row, details->pauses, details->pause_count * sizeof *details->pauses);
}

bool casefile_read(struct span row, struct casefile *ret, struct span *ret_ref)
{
	uint8_t flags;

	*ret = (struct casefile){0};
#define READ(column) if (!row_take(&row, &ret->column, sizeof ret->column)) return false;
	CASE_COLUMNS(READ)
#undef READ
	if (!row_take(&row, &flags, 1) || !slas_read(&row, ret->sla, SLA_SLOTS))
		return false;
	ret->priority = flags & 1;
	ret->late = flags >> 1 & 1;
	ret->attention = flags >> 2 & 1;
	ret->contact = flags >> 3 & 1;
	ret->confidential = flags >> 4 & 1;
	if (flags >> 5 & 1) {
		ret->details = must_calloc(1, sizeof *ret->details);
		if (!details_read(&row, ret->details)) {
			casefile_release(ret);
			return false;
		}
	}
	*ret_ref = row;
	return true;
}

void casefile_release(struct casefile *row)
{
	if (row->details) {
		free(row->details->followers);
		free(row->details->pauses);
	}
	free(row->details);
	row->details = NULL;
}

const struct details *casefile_details(const struct casefile *casefile)
{
	static const struct details none;

	return casefile->details ? casefile->details : &none;
}

const struct sla *casefile_sla(const struct casefile *casefile, int slot)
{
	if (slot < SLA_SLOTS)
		return &casefile->sla[slot];
	return casefile->details && slot < SLA_ALL ? &casefile->details->sla[slot - SLA_SLOTS] : NULL;
}

bool casefile_lives(const struct casefile *casefile)
{
	const struct details *details = casefile_details(casefile);

	return casefile->state != STATE_closed || (details->master && details->call_at >= 0);
}

struct details *casefile_detail(struct casefile *casefile)
{
	if (!casefile->details)
		casefile->details = must_calloc(1, sizeof *casefile->details);
	return casefile->details;
}

struct sla *casefile_clock(struct casefile *casefile, int slot)
{
	return slot < SLA_SLOTS ? &casefile->sla[slot] : &casefile_detail(casefile)->sla[slot - SLA_SLOTS];
}

void casefile_free(struct casefile *casefile)
{
	casefile_release(casefile);
	free(casefile);
}

int sla_slot(int clock)
{
	return clock == CLOCK_promise ? SLOT_PROMISE : clock == CLOCK_sign ? SLOT_SIGN : clock == CLOCK_alarm ? SLOT_ALARM : SLOT_STAGE;
}

int64_t sla_deadline(const struct sla *sla)
{
	int64_t deadline = sla->next;

	if (sla->kind == CLOCK_none)
		return 0;
	if (sla->limit && !sla->breached) {
		int64_t threshold = sla->warned ? sla->due : sla->warn;
		if (!deadline || threshold < deadline)
			deadline = threshold;
	}
	return deadline;
}
