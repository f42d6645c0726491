/* Case numbers for people: digits in groups of four with a Damm check digit, so that one wrong digit or two swapped
 * neighbours are noticed on the phone. 31828 is written 0000-0031-828C, C being the check digit.
 * Source of the check: H. Michael Damm, Total anti-symmetrische Quasigruppen, 2004 (the order-10 table of the thesis). */
#ifndef REEVE_BASE_CASE_NUMBER_H
#define REEVE_BASE_CASE_NUMBER_H

#include "base/span.h"

#define CASE_NUMBER_TEXT 24 /* bytes, NUL included */
#define CASE_NUMBER_MAX INT64_C(99999999999999) /* 14 digits before the check digit */

/* At least 12 digits, check digit included, in groups of four from the right. */
void case_number_write(int64_t number, char ret_text[CASE_NUMBER_TEXT]);
/* Digits with or without separators (space, '-', '.'), leading zeros optional. False: not a case number or wrong check digit. */
bool case_number_read(struct span text, int64_t *ret_number);
int case_number_check_digit(int64_t number);

#endif
