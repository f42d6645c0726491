/* The one place that knows that ZMQ_FD is edge-triggered: its file descriptor becomes readable when the socket's state
 * *changes*, and any call on the socket (a send too) may swallow that edge. So the descriptor only wakes the loop, and
 * ZMQ_EVENTS is what counts:
 *
 *   prepare  before the loop sleeps: if messages wait, start an idle watcher, so that it does not sleep;
 *   check    after it woke: stop the idle watcher, and if messages wait let the owner take a bounded number;
 *   io       nothing: it only ends the sleep.
 *
 * Because prepare reads ZMQ_EVENTS before every sleep, whatever was sent or received in between is looked at again.
 * Invariant: the loop never sleeps while zmq_getsockopt(ZMQ_EVENTS) says ZMQ_POLLIN. */
#include "net/socket.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <zmq.h>

static int socket_events(void *zmq)
{
	int events = 0;
	size_t size = sizeof events;

	/* The call handles the socket's own commands and can be interrupted by a signal. */
	while (zmq_getsockopt(zmq, ZMQ_EVENTS, &events, &size) < 0) {
		if (errno != EINTR)
			return 0;
	}
	return events;
}

static void before_sleep(struct ev_loop *loop, ev_prepare *prepare, int revents)
{
	struct socket_watch *watch = prepare->data;

	(void)revents;
	if (socket_events(watch->zmq) & ZMQ_POLLIN)
		ev_idle_start(loop, &watch->idle);
}

static void after_sleep(struct ev_loop *loop, ev_check *check, int revents)
{
	struct socket_watch *watch = check->data;

	(void)revents;
	ev_idle_stop(loop, &watch->idle);
	if (socket_events(watch->zmq) & ZMQ_POLLIN)
		watch->readable(watch);
}

static void on_idle(struct ev_loop *loop, ev_idle *idle, int revents)
{
	(void)loop;
	(void)idle;
	(void)revents;
}

static void on_io(struct ev_loop *loop, ev_io *io, int revents)
{
	(void)loop;
	(void)io;
	(void)revents;
}

void socket_watch_start(struct socket_watch *watch, struct ev_loop *loop, void *zmq, void (*readable)(struct socket_watch *watch))
{
	int fd = -1;
	size_t size = sizeof fd;
	int got = zmq_getsockopt(zmq, ZMQ_FD, &fd, &size);

	assert(got == 0 && fd >= 0);
	(void)got;
	watch->zmq = zmq;
	watch->loop = loop;
	watch->readable = readable;
	ev_prepare_init(&watch->prepare, before_sleep);
	ev_check_init(&watch->check, after_sleep);
	ev_idle_init(&watch->idle, on_idle);
	ev_io_init(&watch->io, on_io, fd, EV_READ);
	watch->prepare.data = watch->check.data = watch;
	/* Frames come in before the loop takes its turn, which has the lowest priority. */
	ev_set_priority(&watch->check, EV_MAXPRI);
	ev_prepare_start(loop, &watch->prepare);
	ev_check_start(loop, &watch->check);
	ev_io_start(loop, &watch->io);
}

void socket_watch_stop(struct socket_watch *watch)
{
	if (!watch->loop)
		return;
	ev_prepare_stop(watch->loop, &watch->prepare);
	ev_check_stop(watch->loop, &watch->check);
	ev_idle_stop(watch->loop, &watch->idle);
	ev_io_stop(watch->loop, &watch->io);
	watch->loop = NULL;
}
