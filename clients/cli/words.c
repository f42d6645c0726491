/* One line of words about an event, for timeline and watch. Owns only the choice and order of fields; what is left out is
 * in --json. Never a caller's name, phone or contact: events do not have them. */
#include "clients/cli/words.h"

#include "clients/cli/value.h"
#include "schema/codec.h"

static const enum field fields[] = {
	FIELD_policy_name, FIELD_clock, FIELD_category, FIELD_urgency, FIELD_area, FIELD_unit, FIELD_outcome, FIELD_late, FIELD_rung, FIELD_audience,
	FIELD_audience_area, FIELD_notice, FIELD_due, FIELD_stage, FIELD_stage_due, FIELD_task, FIELD_title, FIELD_reason, FIELD_result,
};

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
