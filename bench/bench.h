/* The load generator: one process that plays call centre, unit and supervisor against a running reeved.
 *
 * Parameters are key=value words on the command line; each mode prints one line with its figures. */
#ifndef REEVE_BENCH_BENCH_H
#define REEVE_BENCH_BENCH_H

#include "schema/codec.h"

struct options {
	const char *service;   /* address of the service door */
	const char *feed;      /* address of the feed */
	const char *directory; /* where the machine's own limits are measured, on the disk that the store is on */
	const char *label;     /* cfg= of the printed line */
	int64_t n;             /* how many reports */
	int64_t first;         /* number of the first report, so that a second run opens new cases */
	int64_t batch;         /* requests in one frame */
	int64_t window;        /* requests sent and not answered yet, at the most */
	int64_t rate;          /* lat: reports per second */
	int64_t patience;      /* answer: seconds to wait for it */
};

/* Monotonic. */
int64_t now_us(void);
void sleep_until_us(int64_t at);
/* Ends the process with one line. */
void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

struct samples {
	int64_t *us;
	size_t count;
	size_t room;
};
void samples_add(struct samples *samples, int64_t us);
/* Sorts, then prints p50= p90= p99= max= and a line end. */
void samples_print(struct samples *samples);

/* One connection to the service door. */
struct door_client {
	void *context;
	void *socket;
	struct buf frame;      /* requests gathered for the next send */
	int64_t gathered;
	int64_t under_way;     /* sent, not answered */
	int64_t busy;          /* answers that said: later */
};
void door_open(struct door_client *door, const struct options *options);
void door_close(struct door_client *door);
void door_add(struct door_client *door, const struct record *request);
/* Sends what was gathered, if anything. */
void door_send(struct door_client *door);
/* Waits up to timeout_ms for one frame and calls each for every reply in it; false: nothing came. */
typedef void door_each(void *context, const struct record *reply);
bool door_receive(struct door_client *door, int timeout_ms, door_each *each, void *context);
/* Calls each for every map of a frame. */
void frame_each(struct span frame, door_each *each, void *context);

/* The index-th report: about 350 bytes on the wire, spread over the bench policy's areas and categories. */
void report_make(struct record *record, int64_t index, char request[32], char source_ref[32], char text[320]);

int mode_ingest(const struct options *options);
int mode_life(const struct options *options);
int mode_lat(const struct options *options);
int mode_answer(const struct options *options);
int mode_append(const struct options *options);
int mode_pingpong(const struct options *options);

#endif
