/* Intake: a resident's report becomes a case, once for each source and source_ref. Danger words make it urgent before any worker looks
 * at it. Whatever the policy cannot say (no category yet, no promise) does not keep a report out. */
#include "core/decide_inside.h"

#include <stdio.h>

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool letter(char c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* ASCII words stand alone ("fire" is not in "fireworks"); other scripts need no boundary. */
static bool word_at(struct span text, size_t at, struct span word)
{
	if (text.len - at < word.len)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (lower(text.data[at + i]) != lower(word.data[i]))
			return false;
	if (letter(word.data[0]) && at > 0 && letter(text.data[at - 1]))
		return false;
	return !letter(word.data[word.len - 1]) || at + word.len == text.len || !letter(text.data[at + word.len]);
}

/* The most urgent danger word of a text; the policy's order decides between equals. */
static const struct danger_word *danger_in(const struct policy *policy, struct span text, const struct danger_word *found)
{
	bool begins[256] = {false};

	for (size_t i = 0; i < policy->danger_word_count; i++)
		if (policy->danger_words[i].word.len)
			begins[(unsigned char)lower(policy->danger_words[i].word.data[0])] = true;
	for (size_t at = 0; at < text.len; at++) {
		if (!begins[(unsigned char)lower(text.data[at])])
			continue;
		for (size_t i = 0; i < policy->danger_word_count; i++) {
			const struct danger_word *word = &policy->danger_words[i];
			if (word->word.len && (!found || word->urgency < found->urgency) && word_at(text, at, word->word))
				found = word;
		}
	}
	return found;
}

static int check_times(struct question *question)
{
	const struct state_limits *limits = state_limits(question->state);
	int64_t reported_at = record_get(question->command, reported_at, question->now);

	if (reported_at > question->now + limits->future_ms)
		return refuse(question, ERROR_in_the_future, FIELD_reported_at, NULL);
	if (reported_at < question->now - limits->past_ms)
		return refuse(question, ERROR_too_long_ago, FIELD_reported_at, NULL);
	return 0;
}

/* A department's own task needs a record; a resident's report is never asked for one. */
static int admission_of(const struct question *question)
{
	const struct record *command = question->command;
	const struct policy *policy = question->policy;

	return policy_admission(policy, policy_unit(policy, command->department), record_has(command, category) ? policy_category(policy, command->category) : -1,
		record_has(command, area) ? policy_area(policy, command->area) : policy->default_area, question->now);
}

static int check_report(struct question *question)
{
	const struct record *command = question->command;

	if (!command->source.len)
		return refuse(question, ERROR_missing_field, FIELD_source, NULL);
	if (!command->source_ref.len)
		return refuse(question, ERROR_missing_field, FIELD_source_ref, NULL);
	if (record_has(command, urgency) && command->urgency < 1)
		return refuse(question, ERROR_out_of_range, FIELD_urgency, "urgency is 1 to 4");
	if (record_has(command, category) && policy_category(question->policy, command->category) < 0)
		return refuse(question, ERROR_unknown_category, FIELD_category, NULL);
	if (record_has(command, area) && policy_area(question->policy, command->area) < 0)
		return refuse(question, ERROR_unknown_area, FIELD_area, NULL);
	if (record_has(command, department) && policy_unit(question->policy, command->department) < 0)
		return refuse(question, ERROR_unknown_unit, FIELD_department, NULL);
	if (record_has(command, department) && admission_of(question) < 0)
		return refuse(question, ERROR_not_admitted, FIELD_department, NULL);
	return check_times(question);
}

static struct subject subject_of_report(const struct question *question, const struct danger_word *danger)
{
	const struct policy *policy = question->policy;
	const struct record *command = question->command;
	struct subject subject = {-1, policy->default_area, 3};

	if (record_has(command, category))
		subject.category = policy_category(policy, command->category);
	else if (danger)
		subject.category = danger->category;
	if (record_has(command, area))
		subject.area = policy_area(policy, command->area);
	subject.urgency = (int)record_get(command, urgency, subject.category >= 0 ? policy->categories[subject.category].urgency : 3);
	if (danger && danger->urgency < subject.urgency)
		subject.urgency = danger->urgency;
	return subject;
}

static void copy_report(struct record *event, const struct record *command)
{
	record_copy(event, command, source);
	record_copy(event, command, source_ref);
	record_copy(event, command, title);
	record_copy(event, command, text);
	record_copy(event, command, address);
	record_copy(event, command, latitude);
	record_copy(event, command, longitude);
	record_copy(event, command, channel);
	record_copy(event, command, priority);
	record_copy(event, command, confidential);
	record_copy(event, command, department);
}

static bool leaves_contact(const struct record *command)
{
	return record_has(command, caller_name) || record_has(command, caller_phone) || record_has(command, caller_contact);
}

/* A source whose silence was told is heard again. */
static void heard_into(struct question *question)
{
	const struct source *source = state_source(question->state, question->command->source);
	struct record *event;

	if (!source || !source->silent)
		return;
	event = &question->decision->events[question->decision->count++];
	record_clear(event);
	record_set(event, event, EVENT_source_heard);
	record_set(event, at, question->now);
	record_set(event, source, question->command->source);
	record_set(event, since, source->heard);
}

static void open_case(struct question *question)
{
	const struct record *command = question->command;
	const struct policy *policy = question->policy;
	const struct danger_word *danger = danger_in(policy, command->text,
		danger_in(policy, record_get(command, title, (struct span){0}), NULL));
	struct subject subject = subject_of_report(question, danger);
	struct record *event = event_of(question, EVENT_case_opened, NULL, subject.area);
	int64_t reported_at = record_get(command, reported_at, question->now);
	char reason[160];

	copy_report(event, command);
	record_drop(event, FIELD_request); /* source and source_ref say it better, and for ever */
	if (subject.category >= 0)
		record_set(event, category, policy->categories[subject.category].code);
	if (record_has(command, kind) || subject.category >= 0)
		record_set(event, kind, record_has(command, kind) ? command->kind : (uint8_t)policy->categories[subject.category].kind);
	if (record_has(command, urgency) || danger || subject.category >= 0) /* otherwise the triage has a free hand */
		record_set(event, urgency, subject.urgency);
	record_set(event, area, policy->areas[subject.area].code);
	record_set(event, reported_at, reported_at);
	if (leaves_contact(command))
		record_set(event, contact_kept, true);
	if (record_has(command, department))
		record_set(event, admission, policy->admissions[admission_of(question)].record);
	if (danger) {
		snprintf(reason, sizeof reason, "danger word \"%.*s\"", SPAN_SHOWN(danger->word));
		record_set(event, reason, keep(question, reason));
	}
	promise_into(question, event, subject, reported_at, NULL);
	stage_into(question, event, CLOCK_triage, subject, TASK_triage);
	alarm_into(question, NULL, subject, 1, LADDER_URGENCY, "urgent");
	heard_into(question);
}

int decide_submit(struct question *question)
{
	const struct record *command = question->command;
	const struct casefile *known = state_case_by_ref(question->state, command->source, command->source_ref);
	int refused;

	if (known) {
		question->decision->number = known->number;
		question->decision->seq = known->first_seq;
		question->decision->duplicate = true;
		return 0;
	}
	refused = check_report(question);
	if (refused)
		return refused;
	if (state_open_cases(question->state) >= state_limits(question->state)->open_cases)
		return refuse(question, ERROR_busy, FIELD_COUNT, "limits.open_cases are open: close some, or raise the limit");
	open_case(question);
	return 0;
}
