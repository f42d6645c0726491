/* Every kind of mistake in a policy: one finding, with its file, line and column, in words that help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "town.h"

#define SWITCHES "name: town\nzone: America/New_York\nlevels: [city, district, street]\nfallback_category: other\n"
#define AREAS "code,parent,level,name,duty_desk\ntown,,city,Town,hall\nnorth,town,district,North,\nsouth,town,district,South,south-yard\nn1,north,street,North One,\n"
#define UNITS "code,name,area,calendar,capacity\nhall,Town hall,town,office,\nworks,Public works,town,,10\nsouth-yard,Yard,south,office,\n"
#define CATEGORIES "code,parent,name,kind,urgency,words\nroads,,Roads,help,3,\npothole,roads,Pothole,,2,pothole|hole in the road\nother,,Other,consultation,4,\n"
#define CATALOGUE "category,area,urgency,unit,promise\nroads,,,works,5-days\n"
#define CALENDAR "calendars:\n  - name: office\n"
#define LIMITS "limits:\n  - {name: 2-days, amount: 2, unit: days}\n  - {name: 5-days, amount: 5, unit: working_days, calendar: office}\n"
#define ADMISSIONS "record,department,item,category,area,authority,funding,from,to\n"
#define LADDER "ladders:\n  - name: late\n    rungs:\n"

static const struct {
	const char *file, *text; /* NULL: the file is missing */
	const char *found_in; /* NULL: nothing is wrong */
	int row, column;
	bool warning;
	const char *words; /* some of the message */
} mistakes[] = {
	{"areas.csv", NULL, "areas.csv", 0, 0, false, "this file is missing"},
	{"policy.yaml", NULL, "policy.yaml", 0, 0, false, "this file is missing"},
	{"units.csv", NULL, "units.csv", 0, 0, false, "this file is missing"},
	{"categories.csv", NULL, "categories.csv", 0, 0, false, "this file is missing"},
	{"policy.yaml", SWITCHES "name: b\n", "policy.yaml", 5, 1, false, "second time (first on line 1)"},
	{"policy.yaml", "- a\n", "policy.yaml", 1, 1, false, "expected keys with values"},
	{"policy.yaml", "", "policy.yaml", 1, 1, false, "expected keys with values"},
	{"policy.yaml", SWITCHES "titel: x\n", "policy.yaml", 5, 1, false, "did you mean 'title'?"},
	{"policy.yaml", SWITCHES "xyzzy: x\n", "policy.yaml", 5, 1, false, "reeve-policy(5) lists them"},
	{"policy.yaml", "name: town\nzone: America/New_Yrok\nlevels: [city, district, street]\nfallback_category: other\n", "policy.yaml", 2, 7, false, "IANA"},
	{"policy.yaml", "zone: America/New_York\nlevels: [city, district, street]\nfallback_category: other\n", "policy.yaml", 1, 1, false, "name: is missing"},
	{"policy.yaml", "name: [town]\nzone: America/New_York\nlevels: [city, district, street]\nfallback_category: other\n", "policy.yaml", 1, 7, false, "expected a single value"},
	{"policy.yaml", "name: town\nzone: America/New_York\nlevels: []\nfallback_category: other\n", "policy.yaml", 3, 9, false, "expected 1 to 16 names"},
	{"policy.yaml", "name: town\nzone: America/New_York\nlevels: [city, district, city]\nfallback_category: other\n", "policy.yaml", 3, 26, false, "a second level 'city'"},
	{"policy.yaml", "name: town\nzone: America/New_York\nlevels: [city, district, a-very-long-name-of-a-level, street]\nfallback_category: other\n", "policy.yaml", 3, 26, false, "at most 16 bytes"},
	{"policy.yaml", "name: town\nzone: America/New_York\nlevels: [city, district, street]\nfallback_category: othr\n", "policy.yaml", 4, 20, false, "there is no category 'othr'; did you mean 'other'?"},
	{"policy.yaml", SWITCHES "default_area: nrth\n", "policy.yaml", 5, 15, false, "did you mean 'north'?"},
	{"policy.yaml", SWITCHES "reopen_window: soon\n", "policy.yaml", 5, 16, false, "'soon' is no duration"},
	{"policy.yaml", SWITCHES "similar: {radius: near, within: 7 days}\n", "policy.yaml", 5, 19, false, "whole metres"},
	{"policy.yaml", SWITCHES "similar: {radus: 1 m}\n", "policy.yaml", 5, 11, false, "did you mean 'radius'?"},
	{"policy.yaml", SWITCHES "similar: 7\n", "policy.yaml", 5, 10, false, "expected the keys of a similar"},
	{"policy.yaml", SWITCHES "classifier: {confidence: sure}\n", "policy.yaml", 5, 26, false, "expected a number from 0"},
	{"policy.yaml", SWITCHES "classifier: {confidence: 1.5}\n", "policy.yaml", 5, 26, false, "expected a number from 0"},
	{"policy.yaml", SWITCHES "classifier: {confidence: -0.5}\n", "policy.yaml", 5, 26, false, "expected a number from 0"},
	{"policy.yaml", SWITCHES "classifier: {confidense: 0.5}\n", "policy.yaml", 5, 14, false, "did you mean 'confidence'?"},
	{"policy.yaml", SWITCHES "warn: 100 %\n", "policy.yaml", 5, 7, false, "not a percentage from 1 to 99"},
	{"policy.yaml", SWITCHES "patience: {triag: 1 minute}\n", "policy.yaml", 5, 12, false, "did you mean 'triage'?"},
	{"policy.yaml", SWITCHES "danger_words: gas\n", "policy.yaml", 5, 15, false, "expected a list"},
	{"policy.yaml", SWITCHES "danger_words:\n  - {word: gas, urgency: 5}\n", "policy.yaml", 6, 26, false, "no urgency"},
	{"policy.yaml", SWITCHES "danger_words:\n  - {word: gas, category: ga}\n", "policy.yaml", 6, 27, false, "there is no category 'ga'"},
	{"policy.yaml", SWITCHES "danger_words:\n  - {urgency: 1}\n", "policy.yaml", 6, 5, false, "word: is missing"},
	{"policy.yaml", SWITCHES "danger_words:\n  - {word: \"\"}\n", "policy.yaml", 6, 12, false, "match everything"},
	{"areas.csv", "code,parent,lvl,name,duty_desk\ntown,,city,Town,hall\nnorth,town,district,North,\nsouth,town,district,South,south-yard\nn1,north,street,North One,\n", "areas.csv", 1, 0, false, "the column 'level' is missing"},
	{"areas.csv", "code,parent,level,name,duty_dsk\ntown,,city,Town,hall\nnorth,town,district,North,\nsouth,town,district,South,south-yard\nn1,north,street,North One,\n", "areas.csv", 1, 5, false, "did you mean 'duty_desk'?"},
	{"areas.csv", AREAS "x,y\n", "areas.csv", 6, 0, false, "2 fields where the first row has 5"},
	{"areas.csv", AREAS "north,town,district,Again,\n", "areas.csv", 6, 1, false, "a second area 'north'"},
	{"areas.csv", AREAS ",town,district,Nameless,\n", "areas.csv", 6, 1, false, "this area has no name"},
	{"areas.csv", AREAS "a b,town,district,Blank,\n", "areas.csv", 6, 1, false, "no blanks"},
	{"areas.csv", AREAS "a/b,town,district,Slash,\n", "areas.csv", 6, 1, false, "may not hold a '/'"},
	{"areas.csv", AREAS "e,twn,district,East,\n", "areas.csv", 6, 2, false, "there is no area 'twn'; did you mean 'town'?"},
	{"areas.csv", AREAS "e,town,distrct,East,\n", "areas.csv", 6, 3, false, "did you mean 'district'?"},
	{"areas.csv", AREAS "e,town,city,East,\n", "areas.csv", 6, 3, false, "deeper level than its parent"},
	{"areas.csv", AREAS "e,town,district,East,hal\n", "areas.csv", 6, 5, false, "there is no unit 'hal'; did you mean 'hall'?"},
	{"areas.csv", AREAS "e,,district,East,hall\n", "areas.csv", 6, 2, false, "a second area without a parent: only one is the root, 'town' on line 2"},
	{"areas.csv", AREAS "e,f,district,East,\nf,e,district,Fast,\n", "areas.csv", 6, 2, false, "go round in a circle"},
	{"areas.csv", "code,parent,level,name,latitude\ntown,,city,Town,42.3\nnorth,town,district,North,\nsouth,town,district,South,95\nn1,north,street,North One,\n", "areas.csv", 4, 5, false, "decimal degrees within 90"},
	{"areas.csv", AREAS "e,town,district,\377,\n", "areas.csv", 6, 0, false, "not UTF-8"},
	{"areas.csv", "", "areas.csv", 1, 0, false, "no first row"},
	{"units.csv", UNITS "u,U,town,ofice,\n", "units.csv", 5, 4, false, "there is no calendar 'ofice'; did you mean 'office'?"},
	{"units.csv", UNITS "u,U,moon,,\n", "units.csv", 5, 3, false, "there is no area 'moon'"},
	{"units.csv", UNITS "u,U,town,,many\n", "units.csv", 5, 5, false, "whole number of open cases"},
	{"units.csv", UNITS "hall,U,town,,\n", "units.csv", 5, 1, false, "a second unit 'hall'"},
	{"categories.csv", CATEGORIES "x,road,X,,,\n", "categories.csv", 5, 2, false, "did you mean 'roads'?"},
	{"categories.csv", CATEGORIES "x,x,X,,,\n", "categories.csv", 5, 2, false, "go round in a circle"},
	{"categories.csv", CATEGORIES "x,,X,complaint!,,\n", "categories.csv", 5, 4, false, "did you mean 'complaint'?"},
	{"categories.csv", CATEGORIES "x,,X,,0,\n", "categories.csv", 5, 5, false, "no urgency"},
	{"categories.csv", CATEGORIES "roads,,X,,,\n", "categories.csv", 5, 1, false, "a second category 'roads'"},
	{"categories.csv", CATEGORIES "none,,X,,,\n", "categories.csv", 5, 1, false, "cannot name a category"},
	{"catalogue.csv", CATALOGUE "rods,,,works,\n", "catalogue.csv", 3, 1, false, "did you mean 'roads'?"},
	{"catalogue.csv", CATALOGUE "roads,nort,,works,\n", "catalogue.csv", 3, 2, false, "did you mean 'north'?"},
	{"catalogue.csv", CATALOGUE "roads,,high,works,\n", "catalogue.csv", 3, 3, false, "no urgency"},
	{"catalogue.csv", CATALOGUE "roads,,,work,\n", "catalogue.csv", 3, 4, false, "did you mean 'works'?"},
	{"catalogue.csv", CATALOGUE "roads,,,works,5-dais\n", "catalogue.csv", 3, 5, false, "there is no limit '5-dais'; did you mean '5-days'?"},
	{"catalogue.csv", CATALOGUE "roads,,,\"works,\n", "catalogue.csv", 3, 0, false, "never closed"},
	{"catalogue.csv", CATALOGUE "roads,,,*,\n", "catalogue.csv", 3, 4, true, "this row says nothing"},
	{"duties.csv", "area,role\n,supervisor\n", "duties.csv", 2, 1, false, "a duty is in one area"},
	{"duties.csv", "area,role\ntown,\n", "duties.csv", 2, 2, false, "role: expected"},
	{"duties.csv", "area,role,calendar\ntown,supervisor,night\n", "duties.csv", 2, 3, false, "there is no calendar 'night'"},
	{"calendars.yaml", CALENDAR, "calendars.yaml", 2, 5, false, "always: true, or week:"},
	{"calendars.yaml", CALENDAR "    week: {mon-fri: [\"09:00-17\"]}\n", "calendars.yaml", 3, 22, false, "expected hours such as"},
	{"calendars.yaml", CALENDAR "    week: {mon-fri: [\"22:00-06:00\"]}\n", "calendars.yaml", 3, 22, false, "hours over midnight are two"},
	{"calendars.yaml", CALENDAR "    week: {mon: [\"09:00-12:00\", \"11:00-13:00\"]}\n", "calendars.yaml", 3, 33, false, "without overlap"},
	{"calendars.yaml", CALENDAR "    week: {monday: [\"09:00-12:00\"]}\n", "calendars.yaml", 3, 12, false, "expected mon, tue"},
	{"calendars.yaml", CALENDAR "    week: {mon-fri: [\"09:00-12:00\"], fri: [\"09:00-10:00\"]}\n", "calendars.yaml", 3, 38, false, "named twice"},
	{"calendars.yaml", CALENDAR "    week: [mon]\n", "calendars.yaml", 3, 11, false, "expected days with hours"},
	{"calendars.yaml", CALENDAR "    week: {sun: []}\n", "calendars.yaml", 2, 5, false, "never open"},
	{"calendars.yaml", CALENDAR "    week: {mon: \"09:00-12:00\"}\n    holidays: [2011-02-29]\n", "calendars.yaml", 4, 16, false, "a date that exists"},
	{"calendars.yaml", CALENDAR "    week: {mon: \"09:00-12:00\"}\n    holidays: [1999-12-31]\n", "calendars.yaml", 4, 16, false, "2000 to 2100"},
	{"calendars.yaml", CALENDAR "    week: {mon: \"09:00-12:00\"}\n    holidays: [2011-03-01..2011-02-01]\n", "calendars.yaml", 4, 16, false, "lies before the first"},
	{"calendars.yaml", CALENDAR "    week: {mon: \"09:00-12:00\"}\n    holidays: [{day: 2011-03-01}]\n", "calendars.yaml", 4, 17, false, "a holiday has no key 'day'"},
	{"calendars.yaml", CALENDAR "    week: {mon: \"09:00-12:00\"}\n    holidays: 2011-03-01\n", "calendars.yaml", 4, 15, false, "expected a list"},
	{"calendars.yaml", CALENDAR "    week: {tue: \"09:00-12:00\"}\n    workdays: [2011-03-05]\n", "calendars.yaml", 4, 16, false, "this workday has no hours"},
	{"calendars.yaml", CALENDAR "    week: {mon: \"09:00-12:00\"}\n    workdays: [{date: 2011-03-05, like: friday}]\n", "calendars.yaml", 4, 41, false, "like: expected mon"},
	{"calendars.yaml", CALENDAR "    always: maybe\n    week: {mon: \"09:00-12:00\"}\n", "calendars.yaml", 3, 13, false, "neither true nor false"},
	{"calendars.yaml", CALENDAR "    always: true\n    week: {mon: \"09:00-12:00\"}\n", "calendars.yaml", 4, 5, false, "always open has no hours"},
	{"calendars.yaml", CALENDAR "    always: true\n  - name: office\n    always: true\n", "calendars.yaml", 4, 11, false, "a second calendar 'office'"},
	{"calendars.yaml", "calendar: []\n", "calendars.yaml", 1, 1, false, "did you mean 'calendars'?"},
	{"clocks.yaml", LIMITS "  - {name: 2-days, amount: 2, unit: days}\n", "clocks.yaml", 4, 12, false, "a second limit '2-days'"},
	{"clocks.yaml", LIMITS "  - {name: a, amount: two, unit: days}\n", "clocks.yaml", 4, 23, false, "expected a number"},
	{"clocks.yaml", LIMITS "  - {name: a, unit: days}\n", "clocks.yaml", 4, 5, false, "amount: is missing"},
	{"clocks.yaml", LIMITS "  - {name: a, amount: 1}\n", "clocks.yaml", 4, 5, false, "unit: is missing"},
	{"clocks.yaml", LIMITS "  - {name: a, amount: 1.5, unit: days}\n", "clocks.yaml", 4, 23, false, "days are whole"},
	{"clocks.yaml", LIMITS "  - {name: a, amount: 1, unit: fortnights}\n", "clocks.yaml", 4, 32, false, "none of minutes, hours, days, working_hours, working_days"},
	{"clocks.yaml", LIMITS "  - {name: a, amount: 1, unit: days, start: later}\n", "clocks.yaml", 4, 45, false, "none of at_once, next_opening, office_day"},
	{"clocks.yaml", LIMITS "  - {name: a, amount: 1, unit: days, roll: over}\n", "clocks.yaml", 4, 44, false, "none of none, next_working_day"},
	{"clocks.yaml", LIMITS "  - {name: a, amount: 1, unit: working_days}\n", "clocks.yaml", 4, 5, false, "calendar: is missing"},
	{"clocks.yaml", LIMITS "  - {name: a, amount: 1, unit: days, roll: next_working_day}\n", "clocks.yaml", 4, 5, false, "calendar: is missing"},
	{"clocks.yaml", LIMITS "  - {name: a, amount: 1, unit: days, calendar: offic}\n", "clocks.yaml", 4, 48, false, "did you mean 'office'?"},
	{"clocks.yaml", LIMITS "  - {name: a, amonut: 1, unit: days}\n", "clocks.yaml", 4, 15, false, "did you mean 'amount'?"},
	{"clocks.yaml", LIMITS "clocks:\n  - {limit: 2-days}\n", "clocks.yaml", 5, 5, false, "clock: is missing"},
	{"clocks.yaml", LIMITS "clocks:\n  - {clock: signing, limit: 2-days}\n", "clocks.yaml", 5, 13, false, "none of promise, triage"},
	{"clocks.yaml", LIMITS "clocks:\n  - {clock: sign, limit: 3-days}\n", "clocks.yaml", 5, 26, false, "there is no limit '3-days'; did you mean"},
	{"clocks.yaml", LIMITS "clocks:\n  - {clock: sign}\n", "clocks.yaml", 5, 5, false, "limit: is missing"},
	{"clocks.yaml", LIMITS "clocks:\n  - {clock: sign, area: nort, limit: none}\n", "clocks.yaml", 5, 25, false, "did you mean 'north'?"},
	{"clocks.yaml", LIMITS "clocks:\n  - sign\n", "clocks.yaml", 5, 5, false, "expected the keys of a clock"},
	{"ladders.yaml", "ladders:\n  - name: late\n", "ladders.yaml", 2, 5, false, "a ladder needs 1 to 50"},
	{"ladders.yaml", LADDER "      - {after: 90 %, role: supervisor, level: city}\n", "ladders.yaml", 4, 17, false, "not a percentage from 100"},
	{"ladders.yaml", LADDER "      - {after: 100 %, level: city}\n", "ladders.yaml", 4, 9, false, "role: is missing"},
	{"ladders.yaml", LADDER "      - {after: 100 %, role: supervisor}\n", "ladders.yaml", 4, 9, false, "level: is missing"},
	{"ladders.yaml", LADDER "      - {after: 100 %, role: supervisor, level: citi}\n", "ladders.yaml", 4, 49, false, "there is no level 'citi'; did you mean 'city'?"},
	{"ladders.yaml", LADDER "      - {after: 100 %, role: supervisor, level: city, repeat: 1 day}\n      - {after: 150 %, role: supervisor, level: city}\n", "ladders.yaml", 4, 9, false, "only the last rung repeats"},
	{"ladders.yaml", LADDER "      - {after: 150 %, role: supervisor, level: city}\n      - {after: 100 %, role: supervisor, level: city}\n", "ladders.yaml", 5, 9, false, "comes before the one above"},
	{"ladders.yaml", LADDER "      - {after: 100 %, role: supervisor, level: city, acknowledge: 30}\n", "ladders.yaml", 4, 68, false, "'30' is no duration"},
	{"ladders.yaml", LADDER "      - {after: 100 %, role: supervisor, level: city, hold: 1 day}\n", "ladders.yaml", 4, 61, false, "no acknowledgement to expire"},
	{"ladders.yaml", "ladders:\n  - name: late\n    cause: lateness\n", "ladders.yaml", 3, 12, false, "none of breach, urgency, returns, reminders, unsatisfied, unassigned, supervision"},
	{"ladders.yaml", "ladders:\n  - name: late\n    cause: returns\n    at_once: true\n    rungs: [{role: supervisor, level: city}]\n", "ladders.yaml", 4, 14, false, "contradict"},
	{"clocks.yaml", LIMITS "  - {name: a, amount: 1, stages: [{name: b, amount: 1, unit: days}]}\n", "clocks.yaml", 4, 23, false, "a limit in stages is its last stage"},
	{"clocks.yaml", LIMITS "  - {name: a, stages: []}\n", "clocks.yaml", 4, 23, false, "expected 1 to 10 of them"},
	{"clocks.yaml", LIMITS "  - {name: a, stages: [{name: b, amount: 2, unit: days}, {name: b, amount: 3, unit: days}]}\n", "clocks.yaml", 4, 65, false, "a second stage of this name"},
	{"clocks.yaml", LIMITS "  - {name: a, stages: [{name: b, amount: 2, unit: days}, {name: c, amount: 1, unit: days}]}\n", "clocks.yaml", 4, 58, false, "over before the one above"},
	{"catalogue.csv", "category,unit,assist\nroads,works,hall|wroks\n", "catalogue.csv", 2, 3, false, "did you mean 'works'?"},
	{"catalogue.csv", "category,unit,assist\nroads,works,works\n", "catalogue.csv", 2, 3, false, "does not assist itself"},
	{"catalogue.csv", "category,unit,promise,assist\nroads,,2-days,hall\n", "catalogue.csv", 2, 4, false, "without a lead"},
	{"policy.yaml", SWITCHES "returns: {cap: two}\n", "policy.yaml", 5, 16, false, "a whole number from 0 to 1000"},
	{"policy.yaml", SWITCHES "call_attempts: 0\n", "policy.yaml", 5, 16, false, "a whole number from 1 to 1000"},
	{"policy.yaml", SWITCHES "extensions: {cap: 1, limit: 2-dais}\n", "policy.yaml", 5, 29, false, "did you mean '2-days'?"},
	{"policy.yaml", SWITCHES "extensions: {cap: 1}\n", "policy.yaml", 5, 13, true, "every extension is refused"},
	{"policy.yaml", SWITCHES "suspension: {longest: 90}\n", "policy.yaml", 5, 23, false, "is no duration"},
	{"policy.yaml", SWITCHES "checking: [{}]\n", "policy.yaml", 5, 12, false, "which cases?"},
	{"policy.yaml", SWITCHES "calling_back: [{kind: grumble}]\n", "policy.yaml", 5, 23, false, "none of consultation"},
	{"policy.yaml", SWITCHES "sources: [{name: a}]\n", "policy.yaml", 5, 11, false, "how long may this source be silent"},
	{"policy.yaml", SWITCHES "sources: [{name: a, quiet_after: 1 hour}, {name: a, quiet_after: 1 hour}]\n", "policy.yaml", 5, 50, false, "a second source 'a'"},
	{"policy.yaml", SWITCHES "emergency_numbers: [{name: Fire}]\n", "policy.yaml", 5, 21, false, "number: is missing"},
	{"policy.yaml", SWITCHES "emergency_numbers: [{number: \"911\", words: [\"\"]}]\n", "policy.yaml", 5, 45, false, "would match everything"},
	{"admissions.csv", ADMISSIONS "1,works,Survey,,,,2026-F1,,\n", "admissions.csv", 2, 6, false, "authority: is missing"},
	{"admissions.csv", ADMISSIONS "1,works,Survey,,,Order 7,F1,2026-13-01,\n", "admissions.csv", 2, 8, false, "a date that exists"},
	{"admissions.csv", ADMISSIONS "1,works,Survey,,,Order 7,F1,2026-02-01,2026-01-01\n", "admissions.csv", 2, 9, false, "ends before it begins"},
	{"admissions.csv", ADMISSIONS "1,,Survey,,,Order 7,F1,,\n", "admissions.csv", 2, 2, false, "whose task is it?"},
	{"admissions.csv", ADMISSIONS "1,works,Survey,,,Order 7,F1,,\n1,works,Survey,,,Order 7,F1,,\n", "admissions.csv", 3, 1, false, "a second record '1'"},
	{"calendars.yaml", CALENDAR "    week: {mon: \"09:00-12:00\"}\n    known_until: 2026\n", "calendars.yaml", 4, 18, false, "known_until: expected a date"},
	/* what is allowed but hardly meant: now is 1 July 2026 */
	{"ladders.yaml", LADDER "      - {after: 100 %, role: mayor, level: city}\n", "ladders.yaml", 2, 1, true, "no duty in duties.csv has the role 'mayor'"},
	{"duties.csv", "area,role\ntown,supervisor\n", NULL, 0, 0, true, NULL},
	{"ladders.yaml", LADDER "      - {after: 100 %, role: supervisor, level: district}\n", "ladders.yaml", 2, 1, true, "nobody hears it"},
	{"ladders.yaml", LADDER "      - {role: supervisor, level: city}\n  - name: roads\n    category: roads\n    rungs: [{role: supervisor, level: city}]\n", "ladders.yaml", 5, 1, true, "ladder 'roads' can never match: 'late' (ladders.yaml:2) takes all of it"},
	{"ladders.yaml", "ladders:\n  - name: late\n    clock: check\n    rungs: [{role: supervisor, level: city}]\n", "ladders.yaml", 2, 1, true, "gives its clock a limit"},
	{"clocks.yaml", LIMITS "clocks:\n  - {clock: sign, limit: 2-days}\n  - {clock: sign, urgency: 1, limit: none}\n", "clocks.yaml", 6, 1, true, "this row can never match: clocks.yaml:5 takes all of it"},
	{"clocks.yaml", LIMITS "clocks:\n  - {clock: sign, area: town, limit: 2-days}\n  - {clock: sign, limit: none}\n", "clocks.yaml", 6, 1, true, "this row can never match"},
	{"clocks.yaml", LIMITS "clocks:\n  - {clock: promise, category: pothole, limit: 2-days}\n", "clocks.yaml", 5, 1, true, "the catalogue is asked before, and catalogue.csv:2"},
	{"catalogue.csv", CATALOGUE "roads,,,works,2-days\n", "catalogue.csv", 3, 1, true, "can never match: catalogue.csv:2 says it already"},
	{"catalogue.csv", CATALOGUE "roads,town,,works,2-days\n", "catalogue.csv", 2, 1, true, "can never match: catalogue.csv:3 says it already"},
	{"catalogue.csv", CATALOGUE "roads,,,hall,2-days\n", "catalogue.csv", 3, 1, true, "the promise of this row is never made"},
	{"catalogue.csv", "category,area,unit\nroads,south,works\n", "categories.csv", 2, 1, true, "no unit for category 'roads' in 'town' (but in some areas below)"},
	{"catalogue.csv", "category,area,unit\nroads,town,works\n", NULL, 0, 0, true, NULL},
	{"calendars.yaml", CALENDAR "    week: {mon: \"09:00-12:00\"}\n    holidays: [2026-12-25]\n", "calendars.yaml", 2, 1, true, "ends within a year; its holidays are known until 2026-12-31"},
	{"calendars.yaml", CALENDAR "    week: {mon: \"09:00-12:00\"}\n    holidays: [2024-12-25]\n", "calendars.yaml", 2, 1, true, "ended; its holidays are known until 2024-12-31"},
	{"calendars.yaml", CALENDAR "    week: {mon: \"09:00-12:00\"}\n    holidays: [2027-12-25]\n", NULL, 0, 0, true, NULL},
	{"calendars.yaml", CALENDAR "    week: {mon: \"09:00-12:00\"}\n    holidays: [2024-12-25]\n    known_until: 2040-01-01\n", NULL, 0, 0, true, NULL},
	{"admissions.csv", ADMISSIONS "1,works,Survey,,,Order 7,F1,,2026-06-30\n", "admissions.csv", 2, 1, true, "has run out"},
	{"admissions.csv", ADMISSIONS "1,works,Survey,,,Order 7,F1,,2026-07-01\n", NULL, 0, 0, true, NULL},
	{"policy.yaml", SWITCHES "danger_words: [{word: fire}, {word: fire}]\n", "policy.yaml", 0, 0, true, "stands twice"},
	{"area.csv", "code\n", "area.csv", 0, 0, true, "did you mean areas.csv?"},
	{"areas.csv", "code,parent,level,name,duty_desk\ntown,,city,Town,\nnorth,town,district,North,\nsouth,town,district,South,south-yard\nn1,north,street,North One,\n", "areas.csv", 2, 1, true, "area 'town' has no duty desk"},
};

static bool finding_fits(const struct finding *finding, size_t mistake)
{
	return mistakes[mistake].found_in && strcmp(finding->file, mistakes[mistake].found_in) == 0 && finding->row == mistakes[mistake].row && finding->column == mistakes[mistake].column &&
	       finding->warning == mistakes[mistake].warning && strstr(finding->message, mistakes[mistake].words);
}

/* Returns whether the finding was there; prints what was found instead. */
static bool mistake_found(size_t mistake)
{
	struct findings findings;
	struct policy *policy = town_compile(mistakes[mistake].file, mistakes[mistake].text, &findings);
	bool found = !mistakes[mistake].found_in && findings.errors == 0;

	if (policy)
		policy_review(policy, town_instant(policy, "2026-07-01 12:00:00"), &findings);
	if (!mistakes[mistake].found_in)
		found &= findings.count == 0;
	for (size_t i = 0; i < findings.count; i++)
		found |= finding_fits(&findings.rows[i], mistake);
	if (!found)
		print_error("mistake %zu in %s: not found at %d:%d: %s\n", mistake, mistakes[mistake].file, mistakes[mistake].row, mistakes[mistake].column,
			mistakes[mistake].words ? mistakes[mistake].words : "nothing");
	for (size_t i = 0; !found && i < findings.count; i++)
		print_error("  instead %s:%d:%d: %s\n", findings.rows[i].file, (int)findings.rows[i].row, (int)findings.rows[i].column, findings.rows[i].message);
	assert_int_equal(policy == NULL, !mistakes[mistake].warning);
	assert_int_equal(findings.errors == 0, mistakes[mistake].warning);
	findings_free(&findings);
	policy_free(policy);
	return found;
}

static void every_mistake_is_found(void **state)
{
	size_t missing = 0;

	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
		missing += !mistake_found(i);
	assert_int_equal(missing, 0);
}

static void all_mistakes_at_once(void **state)
{
	struct findings findings;

	(void)state;
	assert_null(town_compile("areas.csv", AREAS "e,twn,distrct,East,hal\nnorth,town,district,Again,\n", &findings));
	assert_int_equal(findings.errors, 4);
	assert_int_equal(findings.count, 4);
	findings_free(&findings);
	struct buf text = {0};
	buf_add_text(&text, AREAS);
	for (int i = 0; i < 2000; i++)
		buf_printf(&text, "a%d,moon,district,A,\n", i);
	buf_add(&text, "", 1);
	assert_null(town_compile("areas.csv", text.data, &findings));
	assert_int_equal(findings.errors, 2000);
	assert_int_equal(findings.count, 500);
	assert_non_null(strstr(findings.rows[499].message, "more is wrong"));
	buf_free(&text);
	findings_free(&findings);
}

static void too_long_a_path(void **state)
{
	struct findings findings;
	struct buf levels = {0}, areas = {0};

	(void)state;
	buf_add_text(&levels, "name: t\nzone: UTC\nfallback_category: c\nlevels: [l0");
	buf_add_text(&areas, "code,parent,level,name,duty_desk\nroot,,l0,Root,u\n");
	for (int i = 1; i < 8; i++) {
		buf_printf(&levels, ", l%d", i);
		buf_printf(&areas, "%d%050d,", i, 0);
		buf_printf(&areas, i == 1 ? "root" : "%d%050d", i - 1, 0);
		buf_printf(&areas, ",l%d,A,\n", i);
	}
	buf_add_text(&levels, "]\n");
	const struct policy_file files[] = {
		{span_of("areas.csv"), buf_span(&areas)},
		{span_of("categories.csv"), span_of("code,parent,name\nc,,C\n")},
		{span_of("units.csv"), span_of("code,name\nu,U\n")},
		{span_of("policy.yaml"), buf_span(&levels)},
	};
	assert_null(policy_compile(files, 4, &findings));
	assert_int_equal(findings.count, 3); /* 5 + 52 * 5 > 256: the fifth, sixth and seventh */
	assert_int_equal(findings.rows[0].row, 7);
	assert_non_null(strstr(findings.rows[0].message, "longer than 256 bytes"));
	findings_free(&findings);
	buf_free(&levels);
	buf_free(&areas);
}

static void a_file_twice(void **state)
{
	struct findings findings;
	const struct policy_file files[] = {{span_of("areas.csv"), span_of("")}, {span_of("areas.csv"), span_of("")}};

	(void)state;
	assert_null(policy_compile(files, 2, &findings));
	assert_string_equal(findings.rows[0].message, "this file is given twice");
	findings_free(&findings);
	assert_null(policy_compile(NULL, 0, &findings));
	findings_free(&findings);
}

static void defaults_are_those_of_the_manual(void **state)
{
	struct policy *policy = town_policy("clocks.yaml", "limits: [{name: 2-days, amount: 2, unit: days}, {name: 5-days, amount: 2.5, unit: hours}]\n");

	(void)state;
	assert_int_equal(policy->reopen_window_ms, INT64_C(14) * 86400000);
	assert_int_equal(policy->similar_radius_m, 150);
	assert_int_equal(policy->similar_window_ms, INT64_C(7) * 86400000);
	assert_int_equal(policy->warn_percent, 80);
	assert_true(policy->classifier_confidence == 0);
	for (int task = TASK_none + 1; task < TASK_LIMIT; task++)
		assert_int_equal(policy->patience_ms[task], 120000);
	assert_true(span_is(policy->title, "town"));
	assert_true(span_is(policy->zone, "America/New_York"));
	const struct limit *limit = &policy->limits[policy_limit(policy, span_of("5-days"))];
	assert_int_equal(limit->amount, 2500);
	assert_true(policy->calendars[limit->calendar].always);
	assert_true(span_is(limit->line, "clocks.yaml:1"));
	policy_free(policy);
	policy = town_policy("policy.yaml", SWITCHES "title: The Town\nreopen_window: 1 week\nwarn: 75 %\npatience: {assign: 90 seconds}\nsimilar: {radius: 1 km}\n"
						     "danger_words: [{word: gas}, {word: smoke, urgency: 2, category: roads}]\n");
	assert_true(span_is(policy->title, "The Town"));
	assert_int_equal(policy->reopen_window_ms, INT64_C(7) * 86400000);
	assert_int_equal(policy->warn_percent, 75);
	assert_int_equal(policy->patience_ms[TASK_assign], 90000);
	assert_int_equal(policy->patience_ms[TASK_triage], 120000);
	assert_int_equal(policy->similar_radius_m, 1000);
	assert_int_equal(policy->danger_words[0].urgency, 1);
	assert_int_equal(policy->danger_words[0].category, -1);
	assert_int_equal(policy->danger_words[1].category, policy_category(policy, span_of("roads")));
	policy_free(policy);
}

static void triage_words_are_split(void **state)
{
	struct policy *policy = town_policy("categories.csv", "code,parent,name,words\nroads,,道路,坑洞| pothole ||big hole\npothole,roads,P,\nother,,O,\n");

	(void)state;
	assert_int_equal(policy->categories[0].word_count, 3);
	assert_true(span_is(policy->categories[0].words[0], "坑洞"));
	assert_true(span_is(policy->categories[0].words[1], "pothole"));
	assert_true(span_is(policy->categories[0].words[2], "big hole"));
	assert_int_equal(policy->categories[1].word_count, 0);
	policy_free(policy);
}

static void the_example_has_no_mistakes(void **state)
{
	struct policy_file *files;
	struct findings findings;
	size_t count;
	char error[256];

	(void)state;
	assert_int_equal(policy_files_read(BOSTON_DIR, &files, &count, error, sizeof error), 0);
	for (size_t i = 1; i < count; i++)
		assert_true(span_compare(files[i - 1].name, files[i].name) < 0);
	struct policy *policy = policy_compile(files, count, &findings);
	if (policy)
		policy_review(policy, 0, &findings);
	for (size_t i = 0; i < findings.count; i++)
		print_error("%s:%d: %s\n", findings.rows[i].file, (int)findings.rows[i].row, findings.rows[i].message);
	assert_int_equal(findings.count, 0);
	assert_int_equal(policy->area_count, 14);
	policy_free(policy);
	findings_free(&findings);
	policy_files_free(files, count);
	assert_int_equal(policy_files_read("/nowhere", &files, &count, error, sizeof error), -1);
	assert_non_null(strstr(error, "/nowhere"));
}

/* Whatever stands in a file, the compiler answers: random bytes of the example changed, lost or doubled, fixed seed. */
static void damaged_files_are_survived(void **state)
{
	struct policy_file *files;
	size_t count;
	char error[256];
	uint32_t seed = 7;

	(void)state;
	assert_int_equal(policy_files_read(BOSTON_DIR, &files, &count, error, sizeof error), 0);
	for (int trial = 0; trial < 45; trial++) {
		struct findings findings;
		struct span whole = files[(size_t)trial % count].content;
		struct buf text = {0};
		buf_add_span(&text, whole);
		for (int change = 0; change < 3; change++) {
			seed = seed * 1664525 + 1013904223;
			size_t at = (seed >> 8) % text.len;
			switch (seed % 7 % 3) {
			case 0:
				text.data[at] = "\0\n\",:[{|-9 \xff\xe6*&"[seed % 16];
				break;
			case 1:
				text.len = at + 1;
				break;
			default:
				memmove(text.data + at, text.data + at + 1, text.len - at - 1);
				text.len -= text.len > 1;
			}
		}
		files[(size_t)trial % count].content = buf_span(&text);
		struct policy *policy = policy_compile(files, count, &findings);
		assert_int_equal(policy == NULL, findings.errors > 0);
		files[(size_t)trial % count].content = whole;
		policy_free(policy);
		findings_free(&findings);
		buf_free(&text);
	}
	policy_files_free(files, count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mistake_is_found), cmocka_unit_test(all_mistakes_at_once), cmocka_unit_test(too_long_a_path),
		cmocka_unit_test(a_file_twice), cmocka_unit_test(defaults_are_those_of_the_manual), cmocka_unit_test(triage_words_are_split),
		cmocka_unit_test(the_example_has_no_mistakes), cmocka_unit_test(damaged_files_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
