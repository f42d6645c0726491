/* Judging text. Internal to schema/. */
#ifndef REEVE_SCHEMA_TEXT_H
#define REEVE_SCHEMA_TEXT_H

#include "base/span.h"

/* Valid UTF-8 (RFC 3629: no overlong forms, no surrogates) without control characters but tab, LF and CR. */
bool text_is_clean(struct span text);
/* Copies what fits, always valid UTF-8 and NUL-terminated: whole characters only, '?' for each byte that is not clean. */
void text_tame(struct span text, char *ret_text, size_t size);

#endif
