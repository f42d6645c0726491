/* What the classifier sees of a text: which character sequences and words stand in it, as 32-bit hashes.
 *
 * Every run of one to three characters, in any script, so that Chinese needs no list of words; and for scripts that put blanks
 * between words (Latin letters and digits here) each word and each pair of neighbours besides. Capital ASCII letters and full-width forms
 * become small plain ones, every digit becomes 0 (a house number says nothing), runs of blanks become one. Each is counted once.
 * Source: Cavnar, Trenkle, N-gram-based text categorization, 1994 (character n-grams); Weinberger et al., Feature hashing for
 * large scale multitask learning, ICML 2009 (hashes in place of a dictionary). */
#ifndef REEVE_LEARN_FEATURES_H
#define REEVE_LEARN_FEATURES_H

#include "base/span.h"

#define FEATURES_MOST 8192 /* of one report: about the first 1,700 characters; what follows is not read */

struct features {
	uint32_t hashes[FEATURES_MOST]; /* each once, in the order of first appearance */
	size_t count;
	uint32_t seen[FEATURES_MOST * 2]; /* open addressing; 0: free */
	size_t seen_mask;
};

/* The features of several texts of one report, e.g. title and text. Any bytes are taken: what is not UTF-8 counts as characters of its own. */
void features_read(struct features *features, const struct span *texts, size_t text_count);

#endif
