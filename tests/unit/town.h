/* A small town as files, for the tests of the policy compiler: each test replaces the file it is about. */
#ifndef REEVE_TESTS_TOWN_H
#define REEVE_TESTS_TOWN_H

#include "policy/compile.h"

/* Compiles the town with one file's text replaced (file NULL: none; text NULL: the file is missing). */
struct policy *town_compile(const char *file, const char *text, struct findings *findings);
/* The same, for a text without mistakes: fails the test with the findings when there are any. Free with policy_free. */
struct policy *town_policy(const char *file, const char *text);
/* A policy of the zone with the calendars of a calendars.yaml; fails the test on mistakes. */
struct policy *town_calendars(const char *zone, const char *calendars);
const struct calendar *town_calendar(const struct policy *policy, const char *name);
/* "2011-07-01 01:32:33" on the policy's wall clock, as UTC milliseconds. */
int64_t town_instant(const struct policy *policy, const char *local);
/* The reverse, valid until the next 8 calls. */
const char *town_local(const struct policy *policy, int64_t at);

#endif
