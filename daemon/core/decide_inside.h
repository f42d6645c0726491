/* Shared by the files of decide. */
#ifndef REEVE_CORE_DECIDE_INSIDE_H
#define REEVE_CORE_DECIDE_INSIDE_H

#include "core/decide.h"

/* Everything a decision reads. */
struct question {
	const struct state *state;
	const struct policy *policy; /* the newest */
	const struct casefile *casefile;
	const struct record *command;
	int64_t now;
	struct decision *decision;
};

/* A case as the policy sees it. */
struct subject {
	int category, area, urgency;
};

int refuse(struct question *question, enum error_kind error, enum field field, const char *detail);
/* The decision's own copy of a text, cut at DECISION_TEXT (never in practice). */
struct span keep(struct question *question, const char *text);

/* A new event of the case, in its stream and chain; path: of the area it is published under. */
struct record *event_of(struct question *question, int kind, const struct casefile *casefile, int area);
struct subject subject_of(const struct question *question, const struct casefile *casefile);

/* Puts the stage's clock, patience and the policy's version into an event. */
void stage_into(struct question *question, struct record *event, int clock, struct subject subject, int task);
/* The signature's clock. */
void sign_into(struct question *question, struct record *event, struct subject subject);
/* The promise counted from `start`. before: of a case that may have one, with its pauses; then an empty limit says that there is no promise to make. */
void promise_into(struct question *question, struct record *event, struct subject subject, int64_t start, const struct details *before);
/* The stage of a staged limit that comes next; details: for the pauses. */
void milestone_into(const struct policy *policy, struct record *event, int limit, size_t stage, int64_t start, const struct details *details);
/* When a stage is due: counted from the start, with what pauses give back. */
int milestone_at(const struct policy *policy, int limit, size_t stage, int64_t start, const struct details *details, int64_t *ret_at);
/* A clock of its own for a request, an assistant or a supervision record. */
void sub_clock_into(struct question *question, struct record *event, int clock, int slot, struct subject subject);
/* Tells somebody at once if the policy has a ladder for the cause and the case's alarm is not on it already. casefile is NULL
 * while the case is being opened. */
void alarm_into(struct question *question, const struct casefile *casefile, struct subject subject, int64_t epoch, enum ladder_cause cause, const char *why);
struct span channel_of(const struct question *question, const struct casefile *casefile);
bool other_unit(const struct question *question);
/* The same actor sent this request before: the decision then holds the answer of that time. */
bool repeated(struct question *question);

int decide_submit(struct question *question);
int decide_tick(struct question *question);
int decide_acknowledge(struct question *question);
int decide_escalate_result(struct question *question);
int decide_give_up(struct question *question);
/* requests.c */
int decide_ask(struct question *question);
int decide_approve(struct question *question);
int decide_deny(struct question *question);
int decide_resume(struct question *question);
int decide_restage(struct question *question);
/* handling.c */
int decide_transfer(struct question *question);
int decide_recall(struct question *question);
int decide_assist(struct question *question);
int decide_assist_report(struct question *question);
int decide_check(struct question *question);
int decide_rework(struct question *question);
int decide_call_back(struct question *question);
int decide_remind(struct question *question);
int decide_supervise(struct question *question);
/* milestone.c */
int decide_reach(struct question *question);
int decide_milestone_missed(struct question *question);
int64_t milestone_shifted(const struct question *question);
/* linking.c */
int decide_merge(struct question *question);
int decide_unmerge(struct question *question);
int decide_seal(struct question *question);
int decide_mute(struct question *question);
int decide_unmute(struct question *question);
int decide_call_back_due(struct question *question);
int decide_silence(struct question *question);
/* The mute that keeps a notice back, NULL: none. Never for urgency 1. */
const struct mute *mute_over(const struct question *question, int clock);
/* What the core does when the stage's worker does not answer. */
int fall_back(struct question *question, const char *why);
/* The notice of a rung without the worker. */
int tell_by_default(struct question *question, int slot, const char *why);
void dispatch_into(struct question *question, int kind, int unit, struct span reason);
/* Ends the case; a merged one keeps that outcome. */
void close_into(struct question *question, uint8_t outcome);
void triage_into(struct question *question, const struct record *chosen, int category, int area, int urgency);

#endif
