/* The neighbourhood: what lies near, across the borders of its cells too; the radius, the window, the address in words, and the order. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/near.h"

#define RADIUS 150

static struct casefile placed(int64_t number, double latitude, double longitude)
{
	struct casefile casefile = {.number = number, .reported_at = 1000};

	casefile.latitude_e6 = (int32_t)lround(latitude * 1e6);
	casefile.longitude_e6 = (int32_t)lround(longitude * 1e6);
	return casefile;
}

static struct casefile addressed(int64_t number, uint32_t address)
{
	return (struct casefile){.number = number, .reported_at = 1000, .latitude_e6 = NO_PLACE, .longitude_e6 = NO_PLACE, .address = address};
}

static void near_means_within_the_radius_across_the_borders_of_cells(void **state)
{
	/* 0.001 degrees north are 111 m; 36.658000 is a border */
	struct casefile self = placed(1, 36.657990, 117.0), close = placed(2, 36.658010, 117.0), edge = placed(3, 36.659300, 117.0),
		far = placed(4, 36.659400, 117.0);
	struct neighbour found[8];
	struct near near = {0};

	(void)state;
	near_add(&near, &self);
	near_add(&near, &close);
	near_add(&near, &edge);
	near_add(&near, &far);
	assert_int_equal(near_find(&near, &self, RADIUS, 0, found, 8), 2);
	assert_int_equal(found[0].casefile->number, 2);
	assert_int_equal(found[0].distance_m, 2);
	assert_int_equal(found[1].casefile->number, 3);
	near_free(&near);
}

static void borders_hold_south_of_the_equator_and_west_of_greenwich(void **state)
{
	struct casefile self = placed(1, -0.000010, -0.000010), other = placed(2, 0.000010, 0.000010);
	struct neighbour found[8];
	struct near near = {0};

	(void)state;
	near_add(&near, &self);
	near_add(&near, &other);
	assert_int_equal(near_find(&near, &self, RADIUS, 0, found, 8), 1);
	near_free(&near);
}

static void what_is_older_than_the_window_or_was_removed_is_no_neighbour(void **state)
{
	struct casefile self = placed(1, 36.65, 117.0), old = placed(2, 36.65, 117.0), gone = placed(3, 36.65, 117.0);
	struct neighbour found[8];
	struct near near = {0};

	(void)state;
	old.reported_at = 10;
	near_add(&near, &old);
	near_add(&near, &gone);
	near_add(&near, &self);
	near_remove(&near, &gone);
	assert_int_equal(near_find(&near, &self, RADIUS, 11, found, 8), 0);
	assert_int_equal(near_find(&near, &self, RADIUS, 10, found, 8), 1);
	near_remove(&near, &old);
	near_remove(&near, &self);
	assert_null(near.cells);
	near_free(&near);
}

static void without_coordinates_the_same_address_is_near(void **state)
{
	struct casefile self = addressed(1, 77), same = addressed(2, 77), other = addressed(3, 79), nowhere = addressed(4, 0);
	struct neighbour found[8];
	struct near near = {0};

	(void)state;
	near_add(&near, &self);
	near_add(&near, &same);
	near_add(&near, &other);
	near_add(&near, &nowhere);
	assert_int_equal(near_find(&near, &self, RADIUS, 0, found, 8), 1);
	assert_int_equal(found[0].casefile->number, 2);
	assert_true(found[0].same_address);
	assert_int_equal(found[0].distance_m, -1);
	assert_int_equal(near_find(&near, &nowhere, RADIUS, 0, found, 8), 0);
	near_remove(&near, &nowhere);
	near_free(&near);
}

static void the_same_category_first_then_the_nearest_and_never_more_than_there_is_room_for(void **state)
{
	struct casefile self = placed(1, 36.6500, 117.0), litter = placed(2, 36.6500, 117.0), lamp = placed(3, 36.6510, 117.0), lamp_near = placed(4, 36.6505, 117.0);
	struct neighbour found[8];
	struct near near = {0};

	(void)state;
	self.category = lamp.category = lamp_near.category = 5;
	litter.category = 6;
	near_add(&near, &self);
	near_add(&near, &litter);
	near_add(&near, &lamp);
	near_add(&near, &lamp_near);
	assert_int_equal(near_find(&near, &self, RADIUS, 0, found, 8), 3);
	assert_int_equal(found[0].casefile->number, 4);
	assert_int_equal(found[1].casefile->number, 3);
	assert_int_equal(found[2].casefile->number, 2);
	assert_int_equal(near_find(&near, &self, RADIUS, 0, found, 2), 2);
	assert_int_equal(found[1].casefile->number, 3);
	near_free(&near);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_means_within_the_radius_across_the_borders_of_cells),
		cmocka_unit_test(borders_hold_south_of_the_equator_and_west_of_greenwich),
		cmocka_unit_test(what_is_older_than_the_window_or_was_removed_is_no_neighbour),
		cmocka_unit_test(without_coordinates_the_same_address_is_near),
		cmocka_unit_test(the_same_category_first_then_the_nearest_and_never_more_than_there_is_room_for),
	};

	return cmocka_run_group_tests_name("near", tests, NULL, NULL);
}
