/* A real engine on a stage: journal and archive in memory, a policy adopted, rules looked at from outside. */
#ifndef REEVE_TESTS_FUZZ_STAGE_H
#define REEVE_TESTS_FUZZ_STAGE_H

#include "engine/inside.h"
#include "store/journal_memory.h"
#include "tests/fuzz/fuzz.h"

#define STAGE_START INT64_C(1790000000000) /* 2026-09-21T13:33:20Z, a Monday */

/* archive_stand_in.c */
struct archive *stand_in_open(void);
void stand_in_close(struct archive *archive);
void stand_in_lag(struct archive *archive, bool lags);
void stand_in_catch_up(struct archive *archive);
void stand_in_crash(struct archive *archive);

/* Once: the policies as LIST fields; the first is the one that a stage begins with. */
const struct span *stage_policies(size_t *ret_count);
/* Settings with some actors who may not do everything. */
void stage_settings(struct settings *settings, bool driven);
/* A record at the journal's end, as the daemon would have written it, and committed. */
void stage_append(struct journal *journal, const struct record *event);
void stage_append_raw(struct journal *journal, struct span bytes);
/* The adoption of a policy as an event. */
void stage_adoption(struct record *ret, const struct span *files, int64_t version, int64_t at);

/* rules.c */
/* Counts equal recounts, credit is not negative, leases are held by somebody. */
void rules_engine(const struct engine *engine);
/* What is in the journal gives the same state in another engine: from the journal alone, and with the archive as it is. */
void rules_replay(const struct engine *engine, struct journal *journal, struct archive *archive, const struct settings *settings, int64_t now);
/* Stands in every private field, and nowhere else: an input that holds it itself is not taken. */
#define RULES_MARK "GEHEIM"
bool rules_marked(struct span bytes);
/* What goes out can be read, and nothing private is in the feed. */
void rules_output(const struct engine_output *output, struct record *ret_record);

#endif
