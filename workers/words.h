/* Finds many words in a text at once: the triage words and danger words of a policy, several thousand of them.
 *
 * ASCII letters match whatever their case; tab, CR and LF match a blank. A word that begins or ends with a letter of a script
 * that puts blanks between words (ASCII letters and digits, and what UTF-8 writes in two bytes: accented Latin, Greek, Cyrillic, ...) is found
 * only where a word begins or ends; Chinese and the like are found anywhere.
 * Source: Aho, Corasick, Efficient string matching, Communications of the ACM 18(6), 1975. */
#ifndef REEVE_WORKERS_WORDS_H
#define REEVE_WORKERS_WORDS_H

#include "base/span.h"

struct words;

struct words *words_new(void);
/* Copies the word; empty ones are left out. The owner is the caller's number for it. The same word may be added for several owners. */
void words_add(struct words *words, struct span word, int owner);
/* After the last word and before the first search. */
void words_build(struct words *words);
/* Calls each for every place where a word stands, in the order in which they end. `at`: byte offset of its beginning. */
typedef void words_each(void *context, int owner, struct span word, size_t at);
void words_find(const struct words *words, struct span text, words_each *each, void *context);
/* Takes NULL. */
void words_free(struct words *words);

#endif
