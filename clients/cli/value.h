/* One field of a record from text and as text, for options, mapping files and tables. */
#ifndef REEVE_CLI_VALUE_H
#define REEVE_CLI_VALUE_H

#include "core/record.h"

/* Sets the field by its type in schema/fields.def; text fields borrow the text. False: what is wanted instead is in wrong. */
bool value_read(struct record *record, enum field field, struct span text, const char *zone, char *wrong, size_t wrong_size);
/* Appends the field as people read it: case numbers grouped, times in the zone, names of states. Absent: nothing. Lists: "[...]". */
void value_write(struct buf *buf, const struct record *record, enum field field, const char *zone);
/* Whether a mapping file or an option may set it (text, numbers, names; not lists and bytes). */
bool value_settable(enum field field);

#endif
