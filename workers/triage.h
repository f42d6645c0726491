/* Triage: what a report is about, how urgent it is, and which open reports nearby may be the same thing. */
#ifndef REEVE_WORKERS_TRIAGE_H
#define REEVE_WORKERS_TRIAGE_H

#include "workers/decision.h"
#include "workers/words.h"

/* The index of a policy's triage words and danger words; made once per policy, freed by words_free. */
struct words *triage_words(const struct policy *policy);

/* Category: the publisher's own if the policy knows it (confidence 1); else what a danger word says; else the category whose
 * triage words say most; else the policy's fallback. Urgency: the most urgent of the category's, the publisher's and the danger words'.
 * DECISION_MADE (ret_result: triage_result) or DECISION_FAILED (fail). */
int triage_decide(const struct words *words, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result);

#endif
