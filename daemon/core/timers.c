/* The heap of deadlines. Invariant: heap[i].casefile->timer_at == i + 1 for every i; a case stands there once. */
#include "core/timers.h"

#include <stdlib.h>

static bool timer_before(const struct timer *a, const struct timer *b)
{
	if (a->at != b->at)
		return a->at < b->at;
	return a->casefile->number < b->casefile->number;
}

static void timer_place(struct timers *timers, size_t place, struct timer timer)
{
	timers->heap[place] = timer;
	timer.casefile->timer_at = (uint32_t)place + 1;
}

static void timer_rise(struct timers *timers, size_t place, struct timer timer)
{
	while (place > 0) {
		size_t parent = (place - 1) / 2;
		if (!timer_before(&timer, &timers->heap[parent]))
			break;
		timer_place(timers, place, timers->heap[parent]);
		place = parent;
	}
	timer_place(timers, place, timer);
}

static void timer_sink(struct timers *timers, size_t place, struct timer timer)
{
	for (;;) {
		size_t child = place * 2 + 1;
		if (child >= timers->count)
			break;
		if (child + 1 < timers->count && timer_before(&timers->heap[child + 1], &timers->heap[child]))
			child++;
		if (!timer_before(&timers->heap[child], &timer))
			break;
		timer_place(timers, place, timers->heap[child]);
		place = child;
	}
	timer_place(timers, place, timer);
}

static void timer_settle(struct timers *timers, size_t place, struct timer timer)
{
	if (place > 0 && timer_before(&timer, &timers->heap[(place - 1) / 2]))
		timer_rise(timers, place, timer);
	else
		timer_sink(timers, place, timer);
}

static void timer_remove(struct timers *timers, size_t place)
{
	struct timer gone = timers->heap[place];
	struct timer last = timers->heap[--timers->count];

	gone.casefile->timer_at = 0;
	if (place < timers->count)
		timer_settle(timers, place, last);
}

void timers_set(struct timers *timers, struct casefile *casefile, int slot, int64_t at)
{
	size_t place = casefile->timer_at;
	struct timer timer = {at, casefile, slot};

	if (place && !at) {
		timer_remove(timers, place - 1);
	} else if (place) {
		if (timers->heap[place - 1].at != at)
			timer_settle(timers, place - 1, timer);
		else
			timers->heap[place - 1].slot = slot;
	} else if (at) {
		if (timers->count == timers->room) {
			timers->room = timers->room ? timers->room * 2 : 1024;
			timers->heap = must_realloc(timers->heap, timers->room * sizeof *timers->heap);
		}
		timer_rise(timers, timers->count++, timer);
	}
}

void timers_free(struct timers *timers)
{
	free(timers->heap);
	*timers = (struct timers){0};
}
