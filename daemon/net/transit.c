/* Each frame is a parcel of ours that libzmq gives back from its own thread when nobody needs it any more: written to the kernel for every
 * receiver, or dropped with its connection. Owns nothing between the calls.
 *
 * Invariant: transit.bytes is what parcels that were not given back cost. */
#include "net/transit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/memory.h"

#define SMALL 32 /* libzmq keeps such a frame in the message itself */

struct parcel {
	struct transit *transit;
	int64_t cost;
	char data[];
};

static void parcel_back(void *data, void *hint)
{
	struct parcel *parcel = hint;

	(void)data;
	atomic_fetch_sub(&parcel->transit->bytes, parcel->cost);
	atomic_fetch_sub(&parcel->transit->messages, 1);
	free(parcel);
}

int transit_send(struct transit *transit, void *zmq, struct span payload, int flags)
{
	zmq_msg_t message;

	if (payload.len <= SMALL)
		return zmq_send(zmq, payload.data, payload.len, flags) < 0 ? errno : 0;
	struct parcel *parcel = must_calloc(1, sizeof *parcel + payload.len);
	parcel->transit = transit;
	parcel->cost = (int64_t)payload.len + TRANSIT_OVERHEAD;
	memcpy(parcel->data, payload.data, payload.len);
	atomic_fetch_add(&transit->bytes, parcel->cost);
	atomic_fetch_add(&transit->messages, 1);
	if (zmq_msg_init_data(&message, parcel->data, payload.len, parcel_back, parcel) < 0) {
		parcel_back(NULL, parcel);
		return ENOMEM;
	}
	if (zmq_msg_send(&message, zmq, flags) >= 0)
		return 0;
	int fault = errno;
	zmq_msg_close(&message);
	return fault;
}
