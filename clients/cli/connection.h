/* A connection to the service door: whole frames out, whole frames in. */
#ifndef REEVE_CLI_CONNECTION_H
#define REEVE_CLI_CONNECTION_H

#include "base/span.h"

struct connection;

/* NULL after it wrote one line to error. Connecting goes on in the background: a daemon that starts later is found. */
struct connection *connection_open(const char *endpoint, char *error, size_t error_size);
/* Takes NULL. */
void connection_close(struct connection *connection);
/* Hands a frame to libzmq. False: nobody is there to take it within the time. */
bool connection_send(struct connection *connection, struct span frame, int64_t wait_ms);
/* The next frame, borrowed until the next call. False: none came within the time (0: look only), or the connection broke. */
bool connection_receive(struct connection *connection, int64_t wait_ms, struct span *ret_frame);
/* True once for each time that the connection was lost: what was sent before and is unanswered may be lost, too. */
bool connection_broke(struct connection *connection);
/* Why nobody may have answered at this endpoint, and what to do: the end of a message. Borrowed until the next call. */
const char *connection_silence(const char *endpoint);

#endif
