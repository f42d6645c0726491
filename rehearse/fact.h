/* Which recorded events come from outside (residents, units, people), and the command behind each. What is not one of these is
 * decided anew in a rehearsal: by the core, by the workers' decisions, or by time. */
#ifndef REEVE_REHEARSE_FACT_H
#define REEVE_REHEARSE_FACT_H

#include "core/policy.h"
#include "core/record.h"

enum fact {
	FACT_OURS,    /* decided anew: a worker's decision, the passing of time, or a consequence of another event */
	FACT_COMMAND, /* somebody wanted it */
	FACT_POLICY,  /* a policy was adopted */
	FACT_STRANGE, /* by a person, but this program does not know by which command */
};

/* What a recorded event was. before: the record just before it in the journal, NULL: none. policy: the one that was in force, NULL: none.
 * On FACT_COMMAND *ret_command is the command, its texts borrowed from the event, still with the recorded case numbers. */
enum fact fact_of(const struct record *event, int64_t seq, const struct record *before, const struct policy *policy, struct record *ret_command);

#endif
