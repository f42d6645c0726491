/* What changes between two policies, by table and key. */
#ifndef REEVE_POLICY_COMPARE_H
#define REEVE_POLICY_COMPARE_H

#include "core/policy.h"

enum change_kind { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_CHANGED };
extern const char *const change_words[];

struct change {
	const char *file;
	char *name;    /* what identifies the row in its table */
	char *message; /* old and new values, or what the row says */
	enum change_kind kind;
};

struct changes {
	struct change *rows; /* file by file, as they are written: what the new policy has, then what it lost */
	size_t count;
};

/* before NULL: everything is added. Rows are told apart by their keys, so that moving one is no change, except in the lists in which
 * the first match wins. */
void policy_compare(const struct policy *before, const struct policy *after, struct changes *ret_changes);
void changes_free(struct changes *changes);

/* The rows of a policy as texts, in one order; key and values live during the call. values: "label: value" lines, each ended by \n. */
typedef void describe_each(void *context, const char *file, struct span key, struct span values);
void policy_describe(const struct policy *policy, describe_each *each, void *context);

#endif
