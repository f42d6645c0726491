/* The end of a process whose memory ran out, for those who allocate by other means than must_calloc: hash tables, printing into memory,
 * foreign libraries. Include it before uthash.h, which by itself would exit without a word. */
#ifndef REEVE_BASE_MEMORY_H
#define REEVE_BASE_MEMORY_H

#include <stddef.h>

#define uthash_fatal(message) memory_out(0)

/* One line on standard error, then abort. wanted: bytes, 0 when unknown. */
void memory_out(size_t wanted) __attribute__((noreturn));

#endif
