/* What `reeve train` gathers before it learns: examples with texts of their own. */
#ifndef REEVE_CLI_TRAIN_H
#define REEVE_CLI_TRAIN_H

#include "clients/cli/command.h"
#include "learn/train.h"

struct lessons {
	struct example *examples; /* their texts belong to the lessons */
	size_t count, room;
};

/* Copies what it is given; without a label it is no example and is left out. */
void lessons_add(struct lessons *lessons, const struct example *example);
void lessons_free(struct lessons *lessons);

/* Closed cases of the daemon, by its events. DONE, or what was wrong and printed. */
int lessons_from_cases(struct cli *cli, const struct options *options, struct lessons *ret_lessons);
/* Rows of a table. */
int lessons_from_table(struct cli *cli, const struct options *options, struct lessons *ret_lessons);

#endif
