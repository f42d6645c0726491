/* Words of schema/names.def that a policy uses. Owns constant tables only; numbers are dense from 1 in each. */
#include "core/vocabulary.h"

const char *const clock_words[] = {
	"",
#define CLOCK(number, name, chinese, meaning) [number] = #name,
#include "schema/names.def"
	NULL,
};

const char *const kind_words[] = {
	"",
#define KIND(number, name, chinese, meaning) [number] = #name,
#include "schema/names.def"
	NULL,
};

const char *const task_words[] = {
	"",
#define TASK(number, name, chinese, meaning) [number] = #name,
#include "schema/names.def"
	NULL,
};

int vocabulary_find(const char *const *words, struct span word)
{
	for (int i = 1; words[i]; i++)
		if (span_is(word, words[i]))
			return i;
	return 0;
}
