/* A case as a row of bytes, for the archive and the digest. The order of the columns is the format: a change needs a new
 * archive format number (engine), and the archive is then rebuilt from the journal. */
#include <assert.h>
#include <string.h>

#include "core/state.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rows are little-endian");

#define SLA_COLUMNS(X) X(start) X(due) X(warn) X(next) X(limit) X(ladder) X(policy) X(epoch) X(kind) X(phase) X(rung)
#define CASE_COLUMNS(X) \
	X(number) X(reported_at) X(opened_at) X(stage_at) X(closed_at) X(first_seq) X(last_seq) X(work_until) \
	X(latitude_e6) X(longitude_e6) X(address) X(area) X(category) X(unit) X(first_contact) X(source) X(epoch) \
	X(reopens) X(state) X(kind) X(urgency) X(outcome) X(task)

static uint8_t case_flags(const struct casefile *casefile)
{
	return (uint8_t)(casefile->priority | casefile->late << 1 | casefile->attention << 2 | casefile->contact << 3);
}

static void sla_write(struct buf *buf, const struct sla *sla)
{
	uint8_t flags = (uint8_t)(sla->warned | sla->breached << 1);

#define WRITE(column) buf_add(buf, &sla->column, sizeof sla->column);
	SLA_COLUMNS(WRITE)
#undef WRITE
	buf_add(buf, &flags, 1);
}

/* One bit per slot that is in use, then those slots: most cases have two. */
void casefile_write(struct buf *buf, const struct casefile *casefile)
{
	uint8_t flags = case_flags(casefile), slots = 0;

#define WRITE(column) buf_add(buf, &casefile->column, sizeof casefile->column);
	CASE_COLUMNS(WRITE)
#undef WRITE
	buf_add(buf, &flags, 1);
	for (int slot = 0; slot < SLA_SLOTS; slot++)
		slots |= (uint8_t)((casefile->sla[slot].kind != CLOCK_none) << slot);
	buf_add(buf, &slots, 1);
	for (int slot = 0; slot < SLA_SLOTS; slot++)
		if (slots >> slot & 1)
			sla_write(buf, &casefile->sla[slot]);
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

bool casefile_read(struct span row, struct casefile *ret, struct span *ret_ref)
{
	uint8_t flags, slots;

	*ret = (struct casefile){0};
#define READ(column) if (!row_take(&row, &ret->column, sizeof ret->column)) return false;
	CASE_COLUMNS(READ)
#undef READ
	if (!row_take(&row, &flags, 1) || !row_take(&row, &slots, 1))
		return false;
	ret->priority = flags & 1;
	ret->late = flags >> 1 & 1;
	ret->attention = flags >> 2 & 1;
	ret->contact = flags >> 3 & 1;
	for (int slot = 0; slot < SLA_SLOTS; slot++)
		if (slots >> slot & 1 && !sla_read(&row, &ret->sla[slot]))
			return false;
	*ret_ref = row;
	return true;
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
