/* Shared by script.c (the lines of a story) and compare.c (expected against happened). */
#ifndef REEVE_TESTS_STORY_SCRIPT_H
#define REEVE_TESTS_STORY_SCRIPT_H

#include "tests/story/story.h"

/* One line behind "=>". */
struct expectation {
	struct span line, name, also;
	bool timed;
	int64_t at;
	struct word words[WORDS_MOST];
	int word_count;
};

#define EXPECTATIONS_MOST 64

struct expectations {
	struct expectation list[EXPECTATIONS_MOST];
	size_t count;
};

struct player {
	const char *file;
	struct world *world;
	const struct zone *zone;
	struct span rest;     /* of the story */
	int line;             /* number of the line in hand */
	struct buf *report, *written;
	struct record *command, *wanted; /* reused */
	struct expectations *expected;   /* of the step in hand */
	int mismatches;
};

bool expectation_read(struct player *player, struct span line, struct expectation *ret);
/* verdict: line by line, for people; anew: the lines as they should be written. */
bool expectations_met(struct player *player, const struct expectations *expected, const struct items *items, struct buf *verdict, struct buf *anew);

#endif
