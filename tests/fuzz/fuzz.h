/* What all fuzz targets share. A target is one function over bytes; under libFuzzer (preset fuzz) it is driven by mutation, in
 * every other build by replay.c, which runs it over the corpus: so each input that ever found a fault stays a plain test. */
#ifndef REEVE_TESTS_FUZZ_H
#define REEVE_TESTS_FUZZ_H

#include "schema/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A rule that must hold whatever comes in: says which and ends the process, so that the input is kept. */
#define FUZZ_CHECK(condition, ...) ((condition) ? (void)0 : fuzz_broken(__FILE__, __LINE__, __VA_ARGS__))
void fuzz_broken(const char *file, int line, const char *format, ...) __attribute__((noreturn, format(printf, 3, 4)));

/* The input as choices: bytes off its front, zero when there are none left. */
struct choices {
	const uint8_t *at;
	size_t left;
};
uint8_t choose(struct choices *choices);
uint32_t choose_wide(struct choices *choices);
/* A length byte (or two when it is 255) and so many bytes, or what is left; borrowed. */
struct span choose_bytes(struct choices *choices);

/* A file that lives in memory: its path opens like any other. */
struct fuzz_file {
	int fd;
	char path[32];
};
void fuzz_file_set(struct fuzz_file *file, struct span content);
void fuzz_file_free(struct fuzz_file *file);

/* grammar.c: records that make sense more often than chance would have it. */
struct grammar {
	int64_t now;          /* times are near it */
	struct span notice;   /* the last notice seen */
	int64_t fence;        /* the last fence seen */
	const struct span *policies; /* encoded LIST fields: files */
	size_t policy_count;
};
void grammar_command(struct choices *choices, const struct grammar *grammar, struct record *ret);
void grammar_event(struct choices *choices, const struct grammar *grammar, struct record *ret);
/* Fills one field by the next choices. */
void grammar_field(struct choices *choices, const struct grammar *grammar, struct record *record, enum field field);

#endif
