/* The triage decision.
 *
 * Owns nothing; never reads a clock, a file or another case. It trusts people first: a category that came with the report is kept. Danger
 * words are looked for in every report, whatever the publisher said, because a notice too many is better than one missed. Words that the policy names come
 * before what a classifier learned, because somebody answers for them. Reasons quote words of the policy, never the resident's text.
 * Invariants: the answer's category and area exist in the policy; its urgency is never less urgent than the publisher's;
 * the same policy and task give the same bytes (ties are broken by depth of the category, then by the order of the policy's table). */
#include "workers/triage.h"

#include <math.h>

#include "schema/codec.h"
#include "workers/learned.h"
#include "workers/similar.h"
#include "workers/wording.h"

#define FOUND_MOST 128 /* different words of one text that are weighed; more say no more */
#define QUOTED_MOST 3  /* of them in the reason */
#define URGENCY_LEAST 4
#define CONFIDENCE_DANGER 0.9
#define CONFIDENCE_FALLBACK 0.1
/* What a choice of a category can come to beside one: */
#define CATEGORY_NONE (-1)   /* there is nothing to choose */
#define CATEGORY_PEOPLE (-2) /* people decide; the scratch says why */

struct found_word {
	struct span word;
	int category;
};

/* What the words of a text say. */
struct testimony {
	const struct policy *policy;
	const struct model *model; /* NULL: no classifier */
	struct found_word words[FOUND_MOST];
	size_t word_count;
	const struct danger_word *danger;          /* the most urgent one, NULL: none */
	const struct danger_word *danger_category; /* the most urgent one that names a category, NULL: none */
};

/* How strongly the words speak for one category. */
struct verdict {
	int category; /* -1: nothing speaks */
	size_t weight; /* bytes of its different words */
	size_t words;
	size_t longest;
	double confidence;
};

struct words *triage_words(const struct policy *policy)
{
	struct words *words = words_new();

	for (size_t i = 0; i < policy->category_count; i++) {
		for (size_t j = 0; j < policy->categories[i].word_count; j++)
			words_add(words, policy->categories[i].words[j], (int)i);
	}
	for (size_t i = 0; i < policy->danger_word_count; i++)
		words_add(words, policy->danger_words[i].word, (int)(policy->category_count + i));
	words_build(words);
	return words;
}

static bool more_dangerous(const struct danger_word *a, const struct danger_word *b)
{
	if (!b || a == b)
		return !b;
	if (a->urgency != b->urgency)
		return a->urgency < b->urgency;
	return a->word.len != b->word.len ? a->word.len > b->word.len : a < b;
}

static void take_word(void *context, int owner, struct span word, size_t at)
{
	struct testimony *testimony = context;
	const struct policy *policy = testimony->policy;

	(void)at;
	if ((size_t)owner >= policy->category_count) {
		const struct danger_word *danger = &policy->danger_words[(size_t)owner - policy->category_count];
		if (more_dangerous(danger, testimony->danger))
			testimony->danger = danger;
		if (danger->category >= 0 && more_dangerous(danger, testimony->danger_category))
			testimony->danger_category = danger;
		return;
	}
	for (size_t i = 0; i < testimony->word_count; i++) {
		if (testimony->words[i].category == owner && span_equal(testimony->words[i].word, word))
			return;
	}
	if (testimony->word_count < FOUND_MOST)
		testimony->words[testimony->word_count++] = (struct found_word){word, owner};
}

static int category_depth(const struct policy *policy, int category)
{
	int depth = 0;

	while (category >= 0) {
		category = policy->categories[category].parent;
		depth++;
	}
	return depth;
}

static struct verdict weigh(const struct testimony *testimony, int category)
{
	struct verdict verdict = {.category = category};

	for (size_t i = 0; i < testimony->word_count; i++) {
		const struct found_word *found = &testimony->words[i];
		if (found->category != category)
			continue;
		verdict.weight += found->word.len;
		verdict.words++;
		if (found->word.len > verdict.longest)
			verdict.longest = found->word.len;
	}
	return verdict;
}

static bool stronger(const struct policy *policy, const struct verdict *a, const struct verdict *b)
{
	if (a->weight != b->weight)
		return a->weight > b->weight;
	if (a->words != b->words)
		return a->words > b->words;
	if (a->longest != b->longest)
		return a->longest > b->longest;
	int depth_a = category_depth(policy, a->category), depth_b = category_depth(policy, b->category);
	return depth_a != depth_b ? depth_a > depth_b : a->category < b->category;
}

/* True for the first word of its category, so that each category is weighed once. */
static bool first_of_category(const struct testimony *testimony, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (testimony->words[i].category == testimony->words[at].category)
			return false;
	}
	return true;
}

/* Confident to the degree that nothing else speaks as loudly, and less so on a single word: w / (w + 1/2) for w words. */
static struct verdict hear(const struct testimony *testimony)
{
	const struct policy *policy = testimony->policy;
	struct verdict best = {.category = -1};
	size_t other = 0;

	for (size_t i = 0; i < testimony->word_count; i++) {
		if (!first_of_category(testimony, i))
			continue;
		struct verdict verdict = weigh(testimony, testimony->words[i].category);
		if (best.category < 0 || stronger(policy, &verdict, &best))
			best = verdict;
	}
	for (size_t i = 0; best.category >= 0 && i < testimony->word_count; i++) {
		int category = testimony->words[i].category;
		if (policy_category_within(policy, category, best.category) || policy_category_within(policy, best.category, category))
			continue;
		size_t weight = weigh(testimony, category).weight;
		other = weight > other ? weight : other;
	}
	if (best.category >= 0)
		best.confidence = (double)best.weight / (double)(best.weight + other) * (double)best.words / ((double)best.words + 0.5);
	return best;
}

static void quote_words(struct buf *scratch, const struct testimony *testimony, const struct verdict *verdict)
{
	size_t quoted = 0;

	buf_add_text(scratch, verdict->words == 1 ? "the word " : "the words ");
	for (size_t i = 0; i < testimony->word_count && quoted < QUOTED_MOST; i++) {
		if (testimony->words[i].category != verdict->category)
			continue;
		if (quoted++)
			buf_add_text(scratch, ", ");
		wording_quoted(scratch, testimony->words[i].word);
	}
	if (verdict->words > quoted)
		buf_printf(scratch, " and %zu more", verdict->words - quoted);
	buf_add_text(scratch, verdict->words == 1 ? " speaks for " : " speak for ");
	wording_category(scratch, testimony->policy, verdict->category);
}

/* What no word of the policy speaks of. */
static int guess(const struct testimony *testimony, const struct record *task, struct buf *scratch, double *ret_confidence)
{
	const struct policy *policy = testimony->policy;
	struct guess guess = learned_guess(testimony->model, policy, task);
	bool sure = guess.category >= 0 && guess.confidence >= policy->classifier_confidence;
	double shown = floor(guess.confidence * 100) / 100; /* never rounded up to a threshold that it misses */

	if (sure)
		buf_printf(scratch, "the classifier, trained on %lld cases, takes it with confidence %.2f for ", (long long)model_examples(testimony->model), shown);
	else if (guess.category >= 0)
		buf_printf(scratch, "confidence %.2f for ", shown);
	else
		buf_add_text(scratch, "the classifier has no idea of what it is about: people decide");
	if (guess.category >= 0)
		wording_category(scratch, policy, guess.category);
	if (!sure && guess.category >= 0)
		buf_printf(scratch, " is below the policy's %.2f: people decide", policy->classifier_confidence);
	*ret_confidence = guess.confidence;
	return sure ? guess.category : CATEGORY_PEOPLE;
}

/* The category that nobody gave. */
static int classify(const struct testimony *testimony, const struct record *task, struct buf *scratch, double *ret_confidence)
{
	const struct policy *policy = testimony->policy;
	const struct danger_word *danger = testimony->danger_category;
	struct verdict verdict = hear(testimony);

	if (danger && !(verdict.category >= 0 && policy_category_within(policy, verdict.category, danger->category))) {
		buf_add_text(scratch, "the danger word ");
		wording_quoted(scratch, danger->word);
		buf_add_text(scratch, " stands for ");
		wording_category(scratch, policy, danger->category);
		*ret_confidence = CONFIDENCE_DANGER;
		return danger->category;
	}
	if (verdict.category >= 0) {
		quote_words(scratch, testimony, &verdict);
		*ret_confidence = danger && verdict.confidence < CONFIDENCE_DANGER ? CONFIDENCE_DANGER : verdict.confidence;
		return verdict.category;
	}
	if (learned_wanted(testimony->model, policy)) {
		size_t at = scratch->len;
		int category = guess(testimony, task, scratch, ret_confidence);
		if (category >= 0 || !testimony->danger)
			return category;
		scratch->len = at; /* danger does not wait */
	}
	if (policy->fallback_category < 0)
		return CATEGORY_NONE;
	buf_add_text(scratch, "no word of the policy stands in the report, so it goes to ");
	wording_category(scratch, policy, policy->fallback_category);
	*ret_confidence = CONFIDENCE_FALLBACK;
	return policy->fallback_category;
}

static int choose_category(const struct testimony *testimony, const struct record *task, struct buf *scratch, double *ret_confidence)
{
	int given = record_has(task, category) ? policy_category(testimony->policy, task->category) : -1;

	if (given >= 0) {
		buf_add_text(scratch, "it came in as ");
		wording_category(scratch, testimony->policy, given);
		*ret_confidence = 1;
		return given;
	}
	if (record_has(task, category) && task->category.len) {
		buf_add_text(scratch, "the policy has no category ");
		wording_quoted(scratch, task->category);
		buf_add_text(scratch, "; ");
	}
	return classify(testimony, task, scratch, ret_confidence);
}

static int64_t choose_urgency(const struct testimony *testimony, const struct record *task, int category, struct buf *scratch)
{
	int64_t urgency = testimony->policy->categories[category].urgency;
	const char *why = "as the category has it";
	bool danger = testimony->danger && testimony->danger->urgency < urgency;

	if (urgency < 1 || urgency > URGENCY_LEAST)
		urgency = URGENCY_LEAST;
	if (danger)
		urgency = testimony->danger->urgency;
	if (record_has(task, urgency) && task->urgency >= 1 && task->urgency < urgency) {
		urgency = task->urgency;
		why = "as it came in";
		danger = false;
	}
	buf_printf(scratch, "; urgency %lld ", (long long)urgency);
	if (danger) {
		buf_add_text(scratch, "because of the danger word ");
		wording_quoted(scratch, testimony->danger->word);
	} else {
		buf_add_text(scratch, why);
	}
	return urgency;
}

/* Intake writes `help` down when nobody said anything: without a category it is no statement of the publisher's. */
static uint8_t choose_kind(const struct policy *policy, const struct record *task, int category)
{
	uint8_t given = record_get(task, kind, KIND_none);

	if (given != KIND_none && (given != KIND_help || record_has(task, category)))
		return given;
	int kind = policy->categories[category].kind;
	return (uint8_t)(kind == KIND_none ? KIND_help : kind);
}

static int choose_area(const struct policy *policy, const struct record *task, struct buf *scratch)
{
	bool given;
	int area = decision_area(policy, task, &given);

	if (area < 0 || given)
		return area;
	if (record_has(task, area) && task->area.len) {
		buf_add_text(scratch, "; the policy has no area ");
		wording_quoted(scratch, task->area);
		buf_add_text(scratch, ", so ");
	} else {
		buf_add_text(scratch, "; no area was given, so ");
	}
	wording_area(scratch, policy, area);
	return area;
}

/* Written behind the reason in the scratch; the span is made by the caller when the scratch has stopped moving. */
static size_t write_similar(const struct policy *policy, const struct record *task, int category, struct buf *scratch)
{
	struct similar_case best[SIMILAR_MOST];
	size_t count = similar_choose(policy, task, category, best);
	struct list_writer writer;
	struct record row;

	if (!count)
		return 0;
	list_begin(&writer, scratch, CODEC_NAMES);
	for (size_t i = 0; i < count; i++) {
		record_clear(&row);
		record_set(&row, case_id, best[i].case_id);
		record_set(&row, score, best[i].score);
		list_add(&writer, &row);
	}
	return list_end(&writer).len;
}

static struct testimony listen(const struct model *model, const struct words *words, const struct policy *policy, const struct record *task)
{
	struct testimony testimony;

	testimony.policy = policy;
	testimony.model = model;
	testimony.word_count = 0;
	testimony.danger = NULL;
	testimony.danger_category = NULL;
	if (record_has(task, title))
		words_find(words, task->title, take_word, &testimony);
	if (record_has(task, text))
		words_find(words, task->text, take_word, &testimony);
	return testimony;
}

int triage_decide(const struct words *words, const struct policy *policy, const struct record *task, struct buf *scratch, struct record *ret_result)
{
	return triage_decide_learned(NULL, words, policy, task, scratch, ret_result);
}

int triage_decide_learned(const struct model *model, const struct words *words, const struct policy *policy, const struct record *task, struct buf *scratch,
	struct record *ret_result)
{
	struct testimony testimony = listen(model, words, policy, task);
	size_t at = scratch->len;
	double confidence = 0;
	int category = choose_category(&testimony, task, scratch, &confidence);

	if (category == CATEGORY_PEOPLE) {
		decision_fail(task, TASK_triage, scratch, at, ret_result);
		record_set(ret_result, attention, true);
		return DECISION_FAILED;
	}
	if (category < 0) {
		buf_add_text(scratch, "no word of the policy stands in the report, and the policy names no fallback_category");
		return decision_fail(task, TASK_triage, scratch, at, ret_result);
	}
	int64_t urgency = choose_urgency(&testimony, task, category, scratch);
	int area = choose_area(policy, task, scratch);
	if (area < 0) {
		buf_add_text(scratch, "; the policy has no areas");
		return decision_fail(task, TASK_triage, scratch, at, ret_result);
	}
	if (record_get(task, priority, false))
		buf_add_text(scratch, "; the caller has priority");
	size_t similar_at = scratch->len, similar_len = write_similar(policy, task, category, scratch);

	decision_begin(task, COMMAND_triage_result, ret_result);
	record_set(ret_result, category, policy->categories[category].code);
	record_set(ret_result, urgency, urgency);
	record_set(ret_result, kind, choose_kind(policy, task, category));
	record_set(ret_result, area, policy->areas[area].code);
	record_set(ret_result, confidence, confidence);
	record_set(ret_result, reason, decision_reason(scratch, at, similar_at));
	if (similar_len)
		record_set(ret_result, similar, ((struct span){scratch->data + similar_at, similar_len}));
	return DECISION_MADE;
}
