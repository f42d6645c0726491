/* What a policy calls its units, areas and categories, and its time zone. */
#ifndef REEVE_CLI_CALLED_H
#define REEVE_CLI_CALLED_H

#include "base/span.h"

struct cli;
struct called;

enum called_of { CALLED_UNITS, CALLED_AREAS, CALLED_CATEGORIES };

/* From the newest policy of the daemon; without one, nothing has a name. Never NULL. */
struct called *called_read(struct cli *cli);
/* Takes NULL. */
void called_free(struct called *names);
/* Empty when there is none. */
struct span called_find(const struct called *names, enum called_of of, struct span code);
/* NULL when the policy says none that this machine knows. */
const char *called_zone(const struct called *names);

#endif
