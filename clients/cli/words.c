/* One line of words about an event, for timeline and watch. Owns only the choice and order of fields; what is left out is
 * in --json. Never a caller's name, phone or contact: events do not have them. */
#include "clients/cli/words.h"

#include "clients/cli/value.h"
#include "schema/codec.h"

static const enum field fields[] = {
	FIELD_policy_name, FIELD_clock, FIELD_asked, FIELD_category, FIELD_urgency, FIELD_area, FIELD_unit, FIELD_assistant, FIELD_code,
	FIELD_outcome, FIELD_late, FIELD_contacted, FIELD_solved, FIELD_satisfied, FIELD_emergency, FIELD_into, FIELD_follower, FIELD_confidential, FIELD_department,
	FIELD_admission, FIELD_returns, FIELD_final, FIELD_transfers, FIELD_extensions, FIELD_reworks, FIELD_redos, FIELD_calls, FIELD_reopens, FIELD_reminders,
	FIELD_milestone, FIELD_next_milestone, FIELD_milestone_due, FIELD_refused, FIELD_error, FIELD_mute, FIELD_source, FIELD_since, FIELD_until, FIELD_rung, FIELD_audience,
	FIELD_audience_area, FIELD_notice, FIELD_due, FIELD_stage, FIELD_stage_due, FIELD_task, FIELD_title, FIELD_opinion, FIELD_reason, FIELD_result,
};

void row_words(struct buf *text, struct span map, const char *zone)
{
	struct record row;
	struct flaw flaw;
	const char *gap = "";

	record_clear(&row);
	if (codec_read_lenient(map, &row, &flaw) != 0)
		return;
	for (int field = 0; field < FIELD_COUNT; field++) {
		if (!record_holds(&row, (enum field)field))
			continue;
		buf_printf(text, "%s%s=", gap, field_name((enum field)field));
		value_write(text, &row, (enum field)field, zone);
		gap = " ";
	}
}

void event_words(struct buf *text, const struct record *event, const char *zone)
{
	const char *gap = "";

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (!record_holds(event, fields[i]))
			continue;
		buf_printf(text, "%s%s=", gap, field_name(fields[i]));
		value_write(text, event, fields[i], zone);
		gap = " ";
	}
}
