/* What the benchmark's programs share: a clock that only goes forward, samples with their percentiles, and the one way to
 * give up. */
#include "bench/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

void sleep_until_us(int64_t at)
{
	struct timespec until = {.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
		continue;
}

void bench_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("reeve-bench: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

void samples_add(struct samples *samples, int64_t us)
{
	if (samples->count == samples->room) {
		samples->room = samples->room ? samples->room * 2 : 1024;
		samples->us = must_realloc(samples->us, samples->room * sizeof *samples->us);
	}
	samples->us[samples->count++] = us;
}

static int order_us(const void *a, const void *b)
{
	const int64_t *left = a;
	const int64_t *right = b;

	return *left < *right ? -1 : *left > *right;
}

static int64_t samples_at(const struct samples *samples, int percent)
{
	size_t index = samples->count * (size_t)percent / 100;

	return samples->us[index < samples->count ? index : samples->count - 1];
}

void samples_print(struct samples *samples)
{
	if (!samples->count)
		bench_fail("nothing was measured");
	qsort(samples->us, samples->count, sizeof *samples->us, order_us);
	printf("p50=%lldus p90=%lldus p99=%lldus max=%lldus\n", (long long)samples_at(samples, 50),
		(long long)samples_at(samples, 90), (long long)samples_at(samples, 99),
		(long long)samples->us[samples->count - 1]);
}
