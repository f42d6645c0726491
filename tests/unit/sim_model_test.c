/* The naive model can complain: a sound history passes, and each way of spoiling it is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sim_model_history.h"

static struct span text(const char *words)
{
	return span_of(words);
}

/* ---- spoiling it ---- */

static void drop(int place)
{
	memmove(&events[place], &events[place + 1], (size_t)(count - place - 1) * sizeof *events);
	count--;
	for (; place < count; place++)
		link_event(place);
}

static void again(int place)
{
	memmove(&events[place + 1], &events[place], (size_t)(count - place) * sizeof *events);
	count++;
	for (; place < count; place++)
		link_event(place);
}

static void never_opened(void) { drop(OPENED); }
static void never_triaged(void) { drop(TRIAGED); }
static void never_signed(void) { drop(SIGNED); }
static void never_warned(void) { drop(WARNED); }
static void never_breached(void) { for (int i = 0; i < 4; i++) drop(BREACHED); }
static void breach_comes_early(void) { events[BREACHED].at = DUE - 5; }
static void warns_twice(void) { again(WARNED); }
static void told_nobody(void) { drop(WANTED); drop(WANTED); }
static void told_twice(void) { again(TOLD); }
static void answers_another(void) { record_set(&events[ANSWERED], notice, text("1/promise/4/2")); }
static void wrong_previous(void) { events[SIGNED].previous--; }
static void wrong_stream(void) { events[SECOND].stream++; }
static void wrong_epoch(void) { events[SIGNED].epoch--; }
static void time_goes_back(void) { events[SIGNED].at = START; }
static void lacks_a_field(void) { record_drop(&events[SIGNED], FIELD_unit); }
static void private_in_event(void) { record_set(&events[OPENED], caller_phone, text("555")); }
static void same_report_twice(void) { record_set(&events[SECOND], source_ref, text("T-1")); }
static void numbers_skip(void) { events[SECOND].case_id = 9; }
static void another_unit_signs(void) { record_set(&events[SIGNED], unit, text("hall")); }
static void first_contact_again(void) { record_set(&events[SIGNED], event, EVENT_case_transferred); }
static void stage_of_another(void) { record_set(&events[DISPATCHED], stage, CLOCK_check); }
static void promise_from_now(void) { record_set(&events[TRIAGED], start, START + 1000); }
static void promise_kept(void) { record_drop(&events[TRIAGED], FIELD_limit); }
static void not_late(void) { record_set(&events[CLOSED], late, false); }
static void merged_by_hand(void) { record_set(&events[CLOSED], outcome, OUTCOME_merged); }
static void joins_nobody(void) { record_set(&events[JOINED], follower, 1); }
static void unsealed(void) { record_drop(&events[MERGED], FIELD_confidential); }
static void wrong_area(void) { record_set(&events[SIGNED], path, text("town/north")); }
static void never_climbs(void) { asleep = DUE + 5 * HOUR + HOUR; events[THIRD].next_at = DUE + 4 * HOUR; }
static void worker_asleep(void) { asleep = DUE + 5 * HOUR; }
static void later_policy(void) { record_set(&events[DISPATCHED], policy, 2); }

/* Something about the time after the closing. */
static void after_closing(void)
{
	struct record *record = event(EVENT_case_reminded, 1, DUE + 4 * HOUR, 6);

	record_set(record, reminders, 1);
}

static void reopened_wrongly(void)
{
	struct record *record = event(EVENT_case_reopened, 1, DUE + 3 * HOUR + 2000, 7);

	record_set(record, reason, text("again"));
	record_set(record, reopens, 2);
	record_set(record, next_at, DUE + 5 * HOUR);
}

static const struct {
	const char *what;
	void (*spoil)(void);
	const char *complaint;
} spoiled[] = {
	{"the first event is missing", never_opened, "there is no case 1"},
	{"the triage is missing", never_triaged, "not in state received"},
	{"the signature is missing", never_signed, "it should be 3"},
	{"the warning is missing", never_warned, "never warned"},
	{"the breach is missing", never_breached, "promise was due"},
	{"the breach comes early", breach_comes_early, "too early"},
	{"warned twice", warns_twice, "warned before"},
	{"the breach is told to nobody", told_nobody, "to be told at once"},
	{"a notice is sent twice", told_twice, "waits for something else"},
	{"another notice is answered", answers_another, "nobody was told"},
	{"previous names another event", wrong_previous, "previous"},
	{"a stream skips", wrong_stream, "stream"},
	{"the epoch stays", wrong_epoch, "epoch"},
	{"time goes back", time_goes_back, "time went back"},
	{"a field is missing", lacks_a_field, "lacks unit"},
	{"a phone number in an event", private_in_event, "has caller_phone"},
	{"a report opens two cases", same_report_twice, "for a report that case 1 has"},
	{"a number is left out", numbers_skip, "case 2 is next"},
	{"another unit signs", another_unit_signs, "it is with works"},
	{"the first-contact unit changes", first_contact_again, "case_transferred: lacks"},
	{"a stage's clock of another stage", stage_of_another, "the clock check in state dispatched"},
	{"the promise counts from the triage", promise_from_now, "not from the report"},
	{"a new category keeps the promise", promise_kept, "the promise is kept"},
	{"late, and not called so", not_late, "late 0"},
	{"closed as merged", merged_by_hand, "outcome merged of a case that is not merged"},
	{"a case that was not merged joins", joins_nobody, "was not merged into it"},
	{"a sealed case without its seal", unsealed, "confidential 0"},
	{"published under another area", wrong_area, "published under"},
	{"a worker is waited for in vain", worker_asleep, "its worker was due"},
	{"a rung is not climbed", never_climbs, "was due"},
	{"decided under a policy to come", later_policy, "decided under policy 2"},
	{"something after the closing", after_closing, "not in state closed"},
	{"a count skips", reopened_wrongly, "reopens 2 follows 0"},
};

static void a_sound_history_passes(void **unused)
{
	struct model *model;
	struct state *state;

	(void)unused;
	sound();
	model = play();
	if (model_complaint(model))
		fail_msg("%s", model_complaint(model));
	state = state_of(count);
	model_finish(model, state);
	if (model_complaint(model))
		fail_msg("%s", model_complaint(model));
	state_free(state);
	model_end(model);
}

static void each_spoiled_history_is_named(void **unused)
{
	int missed = 0;

	(void)unused;
	for (size_t i = 0; i < sizeof spoiled / sizeof *spoiled; i++) {
		struct model *model;
		sound();
		spoiled[i].spoil();
		model = play();
		if (!model_complaint(model) || !strstr(model_complaint(model), spoiled[i].complaint)) {
			print_error("%s: \"%s\"\n", spoiled[i].what, model_complaint(model) ? model_complaint(model) : "no complaint");
			missed++;
		}
		model_end(model);
	}
	assert_int_equal(missed, 0);
}

static void assert_complaint(struct model *model, const char *words)
{
	if (!model_complaint(model) || !strstr(model_complaint(model), words))
		fail_msg("\"%s\" instead of one about \"%s\"", model_complaint(model) ? model_complaint(model) : "no complaint", words);
	model_end(model);
}

static void what_was_acknowledged_is_not_lost(void **unused)
{
	struct model *model;

	(void)unused;
	sound();
	model = play();
	model_crashed(model, count);
	assert_null(model_complaint(model));
	model_crashed(model, THIRD); /* ends before the third report */
	assert_complaint(model, "was acknowledged");
	sound();
	unanswered = true;
	model = play();
	model_crashed(model, THIRD);
	assert_complaint(model, "subscriber 0 was told");
	sound();
	unanswered = unpublished = true;
	model = play();
	model_crashed(model, THIRD);
	for (int seq = THIRD + 1; seq <= count; seq++) /* the same again: the first time never was */
		play_event(model, seq);
	assert_null(model_complaint(model));
	model_end(model);
}

static void answers_are_promises(void **unused)
{
	struct record request, reply;
	struct model *model;

	(void)unused;
	sound();
	model = play();
	request_of(&events[OPENED], &request); /* again: the same answer */
	model_asked(model, &request);
	reply = reply_to(&request, 1, OPENED + 1);
	model_answered(model, &reply);
	assert_null(model_complaint(model));
	record_set(&reply, case_id, 2);
	model_answered(model, &reply);
	assert_complaint(model, "acknowledged as case 2");
	model = play();
	request_of(&events[SIGNED], &request);
	reply = reply_to(&request, 1, count + 1);
	model_answered(model, &reply);
	assert_complaint(model, "but the journal ends");
	model = play();
	reply = reply_to(&request, 1, DISPATCHED + 1);
	model_answered(model, &reply);
	assert_complaint(model, "which is case_dispatched");
	model = play();
	model_asked(model, &request);
	record_set(&reply, error, ERROR_unknown_case);
	model_answered(model, &reply);
	assert_complaint(model, "but the case was there");
}

static void nothing_happens_unasked(void **unused)
{
	struct record request;
	struct model *model;

	(void)unused;
	sound();
	model = model_new();
	model_event(model, 1, &events[ADOPTED]);
	request_of(&events[THIRD], &request);
	model_asked(model, &request);
	model_event(model, 2, &events[OPENED]);
	assert_complaint(model, "nobody submitted");
	model = model_new();
	for (int place = ADOPTED; place <= TRIAGED; place++) {
		request_of(&events[place], &request);
		if (place == TRIAGED)
			record_set(&request, fence, 7);
		model_asked(model, &request);
		model_event(model, place + 1, &events[place]);
	}
	assert_complaint(model, "for the attempt that runs");
	model = model_new();
	for (int place = ADOPTED; place <= DISPATCHED; place++) {
		if (request_of(&events[place], &request) && place != DISPATCHED)
			model_asked(model, &request);
		model_event(model, place + 1, &events[place]);
	}
	assert_complaint(model, "nobody asked for it as request d.1");
}

static void the_feed_says_what_is_stored_once(void **unused)
{
	struct record published;
	struct model *model;

	(void)unused;
	sound();
	model = play();
	published = publication(SIGNED + 1);
	model_published(model, 1, &published);
	assert_null(model_complaint(model));
	model_published(model, 1, &published);
	assert_complaint(model, "twice");
	model = play();
	published = publication(THIRD + 1);
	model_published(model, 1, &published);
	published = publication(OPENED + 1);
	model_published(model, 1, &published);
	assert_complaint(model, "comes after");
	model = play();
	published = publication(SIGNED + 1);
	record_set(&published, unit, text("hall"));
	model_published(model, 1, &published);
	assert_complaint(model, "has a unit that");
	model = play();
	published = events[SECOND]; /* its words, though it is confidential */
	record_set(&published, seq, SECOND + 1);
	model_published(model, 1, &published);
	assert_complaint(model, "has a text that");
	model = play();
	published = publication(OPENED + 1);
	record_set(&published, caller_name, text("Ann"));
	model_published(model, 1, &published);
	assert_complaint(model, "caller_name");
	model = play();
	record_set(&published, seq, count + 1);
	model_published(model, 1, &published);
	assert_complaint(model, "but the journal ends");
}

static void the_engines_state_is_compared(void **unused)
{
	struct model *model;
	struct state *state;

	(void)unused;
	sound();
	model = play();
	state = state_of(count - 1);
	model_compare(model, state);
	assert_complaint(model, "the state is at event");
	state_free(state);
	model = play();
	events[SECOND].urgency = 2;
	state = state_of(count);
	model_compare(model, state);
	assert_complaint(model, "urgency 2, but the events say 3");
	state_free(state);
	sound();
	count = SIGNED;
	model = play();
	record_set(&events[DISPATCHED], unit, text("hall"));
	state = state_of(count);
	model_compare(model, state);
	assert_complaint(model, "unit hall, but the events say works");
	state_free(state);
	sound();
	count = SIGNED;
	model = play();
	events[DISPATCHED].stage_due++;
	state = state_of(count);
	model_compare(model, state);
	assert_complaint(model, "clock 1: due");
	state_free(state);
}

/* The first case as it stands after all of it. */
static struct record shown(struct model *model, struct record *ret_request)
{
	struct record reply;

	record_clear(ret_request);
	record_set(ret_request, command, COMMAND_show);
	record_set(ret_request, request, text("w.1"));
	record_set(ret_request, case_id, 1);
	model_asked(model, ret_request);
	reply = reply_to(ret_request, 1, 0);
	record_drop(&reply, FIELD_seq);
	record_copy(&reply, &events[OPENED], source);
	record_copy(&reply, &events[OPENED], source_ref);
	record_copy(&reply, &events[OPENED], area);
	record_copy(&reply, &events[OPENED], reported_at);
	record_copy(&reply, &events[TRIAGED], category);
	record_copy(&reply, &events[TRIAGED], kind);
	record_copy(&reply, &events[TRIAGED], urgency);
	record_copy(&reply, &events[TRIAGED], due);
	record_copy(&reply, &events[DISPATCHED], unit);
	record_copy(&reply, &events[DISPATCHED], first_contact);
	record_copy(&reply, &events[CLOSED], outcome);
	record_copy(&reply, &events[CLOSED], late);
	record_copy(&reply, &events[CLOSED], epoch);
	record_set(&reply, closed_at, events[CLOSED].at);
	record_set(&reply, state, STATE_closed);
	record_set(&reply, first_seq, OPENED + 1);
	record_set(&reply, last_seq, CLOSED + 1);
	record_set(&reply, as_of, count);
	return reply;
}

static void queries_show_what_happened(void **unused)
{
	struct record request, reply;
	struct model *model;

	(void)unused;
	sound();
	model = play();
	reply = shown(model, &request);
	model_answered(model, &reply);
	assert_null(model_complaint(model));
	record_set(&reply, urgency, 1);
	model_answered(model, &reply);
	assert_complaint(model, "urgency 1, but the events say 3");
	model = play();
	reply = shown(model, &request);
	record_set(&reply, last_seq, REPORTED + 1); /* as it was before it was closed, and said to be so now */
	model_answered(model, &reply);
	assert_complaint(model, "but its last event is 12");
	model = play();
	reply = shown(model, &request);
	record_set(&reply, last_seq, REPORTED + 1);
	record_set(&reply, as_of, REPORTED + 1);
	model_answered(model, &reply);
	assert_null(model_complaint(model));
	model_end(model);
}

static void timelines_are_whole(void **unused)
{
	static const int places[] = {OPENED, TRIAGED, SIGNED};
	struct record request, reply, row;
	struct list_writer list;
	struct buf bytes = {0};
	struct model *model;

	(void)unused;
	sound();
	model = play();
	record_clear(&request);
	record_set(&request, command, COMMAND_timeline);
	record_set(&request, request, text("w.2"));
	model_asked(model, &request);
	reply = reply_to(&request, 1, 0);
	list_begin(&list, &bytes, CODEC_NAMES);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		row = events[places[i]];
		record_set(&row, seq, places[i] + 1);
		list_add(&list, &row);
	}
	record_set(&reply, events, list_end(&list));
	model_answered(model, &reply);
	assert_complaint(model, "event 5 follows event 3");
	buf_free(&bytes);
}

static void nothing_is_left_at_the_end(void **unused)
{
	struct record request;
	struct model *model;
	struct state *state;

	(void)unused;
	sound();
	model = play();
	request_of(&events[THIRD], &request);
	record_set(&request, request, text("T-4"));
	record_set(&request, source_ref, text("T-4"));
	model_asked(model, &request);
	state = state_of(count);
	model_finish(model, state);
	assert_complaint(model, "never answered");
	sound();
	record_drop(&events[THIRD], FIELD_next_at);
	model = play();
	state_free(state);
	state = state_of(count);
	model_finish(model, state);
	assert_complaint(model, "waits for nobody");
	sound();
	unpublished = true;
	model = play();
	for (int seq = OPENED + 1; seq <= count; seq++) {
		struct record published = publication(seq);
		if (seq != THIRD + 1) /* an opening like the two before it */
			model_published(model, 5, &published);
	}
	state_free(state);
	state = state_of(count);
	model_finish(model, state);
	assert_complaint(model, "subscriber 5 never heard of event 14");
	state_free(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_history_passes),
		cmocka_unit_test(each_spoiled_history_is_named),
		cmocka_unit_test(what_was_acknowledged_is_not_lost),
		cmocka_unit_test(answers_are_promises),
		cmocka_unit_test(nothing_happens_unasked),
		cmocka_unit_test(the_feed_says_what_is_stored_once),
		cmocka_unit_test(the_engines_state_is_compared),
		cmocka_unit_test(queries_show_what_happened),
		cmocka_unit_test(timelines_are_whole),
		cmocka_unit_test(nothing_is_left_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
