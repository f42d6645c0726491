/* A small city for the workers' tests, built by hand: four areas on three levels, seven categories, four units, a ladder. */
#ifndef REEVE_TESTS_CITY_H
#define REEVE_TESTS_CITY_H

#include "core/policy.h"

/* Local time is UTC+8. Offices work Monday to Friday, 09:00 to 12:00 and 13:00 to 17:00. */
#define CITY_MONDAY_10 INT64_C(1772416800000)   /* Monday 2026-03-02 10:00 */
#define CITY_SATURDAY_10 INT64_C(1772848800000) /* Saturday 2026-03-07 10:00 */

enum { AREA_CITY, AREA_LIXIA, AREA_STREET, AREA_SHIZHONG, AREA_COUNT };
enum { CATEGORY_LIGHT, CATEGORY_LIGHT_OUT, CATEGORY_WATER, CATEGORY_BURST, CATEGORY_GAS, CATEGORY_NOISE, CATEGORY_OTHER, CATEGORY_COUNT };
enum { UNIT_LAMPS, UNIT_LIGHTING, UNIT_DESK, UNIT_STREET, UNIT_COUNT };

/* Free with policy_free. Tests may change it before they use it. */
struct policy *city_new(void);
/* The text of one field of an answer, NUL-terminated; valid until the next call. */
const char *city_text(struct span text);

#endif
