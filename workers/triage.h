/* Triage: what a report is about, how urgent it is, and which open reports nearby may be the same thing. */
#ifndef REEVE_WORKERS_TRIAGE_H
#define REEVE_WORKERS_TRIAGE_H

#include "learn/model.h"
#include "workers/decision.h"
#include "workers/words.h"

/* The index of a policy's triage words and danger words; made once per policy, freed by words_free. */
struct words *triage_words(const struct policy *policy);

/* Category: the publisher's own if the policy knows it (confidence 1); else what a danger word says; else the category whose
 * triage words say most; else the policy's fallback. Urgency: the most urgent of the category's, the publisher's and the danger words'.
 * DECISION_MADE (ret_result: triage_result) or DECISION_FAILED (fail). */
int triage_decide(const struct words *words, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result);
/* The same with a trained classifier, which is asked before the fallback if the policy wants one (classifier_confidence). Where it is less sure than that,
 * people decide: DECISION_FAILED with `attention`. Only a report with a danger word does not wait for them and takes the fallback. `model` may be NULL. */
int triage_decide_learned(const struct model *model, const struct words *words, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result);

#endif
