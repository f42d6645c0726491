/* Owns the libev loop, the ZeroMQ context and everything that lives in them. A round of the loop:
 *
 *   check, first     each door queues what came with the engine, a bounded number of messages (net/socket.c)
 *   check, last      requests are handled, peer by peer, for a bounded time; engine_turn commits; then its output is sent, never before
 *   prepare          asks the engine how long to sleep
 *
 * Never sends anything of a turn that failed. Never blocks but in libev's poll and in the engine's commit.
 * Stopping has phases: WORKING (the engine finishes what is leased), LEAVING (worker processes get SIGTERM), OVER. */
#include "net/loop.h"

#include <ev.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "base/log.h"
#include "net/connections.h"
#include "net/feed.h"
#include "net/manager.h"
#include "net/router.h"
#include "net/timekeeper.h"
#include "net/workers.h"

#define SLEEP_MOST_MS 3600000
#define RETRY_MS 20         /* between tries to send what waits, should the wake-up have been swallowed */
#define CROWDED_MS 100      /* between looks for slow peers while too much waits */
#define LEAVE_MS 2000       /* what workers get to go after SIGTERM */
#define SLICES_LEAST_US 4000 /* of a turn, for handling requests */
#define SLICES_MOST_US 40000
#define SLICES_SHARED_US 1500 /* while somebody who asks little was there within SHARED_MS */
#define SHARED_MS 250
#define HURRY_US 500        /* of a turn, when somebody who asks little waits for its commit */
#define LOOK_US 500         /* between looks for such a one while requests are handled */
#define STATUS_PERIOD_MS 5000

enum phase { PHASE_RUNNING, PHASE_WORKING, PHASE_LEAVING, PHASE_OVER };

struct figure_shown {
	const char *name;
	int64_t value;
};

struct loop {
	struct ev_loop *ev;
	const struct settings *settings;
	void *zmq;
	struct engine *engine;
	struct router service, work;
	struct feed feed;
	struct workers *workers;
	struct timekeeper time;
	ev_prepare before;
	ev_check after;
	ev_idle again;
	ev_timer wait;
	ev_async wake;
	ev_signal terminate, interrupt, hangup;
	ev_timer alive, status;
	void (*reload)(void *context);
	void *reload_context;
	enum phase phase;
	int64_t phase_ends_ms;
	bool due; /* the engine should get a turn though nothing came in */
	bool failed;
	int64_t floods_ended;
	bool crowded; /* much waits for slow peers */
	int64_t slices_us; /* how long the next turn may handle requests */
	int64_t shared_until_us; /* somebody who asks little was there a moment ago */
	int64_t most_transport_frame;
	int64_t status_shown;
	struct figure_shown figures[32];
	size_t figure_count;
};

int64_t loop_now(struct loop *loop)
{
	return timekeeper_now(&loop->time);
}

void loop_wake(void *context)
{
	struct loop *loop = context;

	ev_async_send(loop->ev, &loop->wake);
}

/* Figures: only what changed is handed over, so that a turn does not pay for all of them. */

static void figure_show(struct loop *loop, size_t *place, const char *name, int64_t value)
{
	struct figure_shown *shown = &loop->figures[(*place)++];

	if (shown->name && shown->value == value)
		return;
	*shown = (struct figure_shown){name, value};
	engine_set_figure(loop->engine, name, value);
}

static void figures_show(struct loop *loop)
{
	const struct router_figures *service = &loop->service.figures, *work = &loop->work.figures;
	size_t place = 0;

	figure_show(loop, &place, "service_frames_in", service->frames_in);
	figure_show(loop, &place, "service_bytes_in", service->bytes_in);
	figure_show(loop, &place, "service_frames_out", service->frames_out);
	figure_show(loop, &place, "service_bytes_out", service->bytes_out);
	figure_show(loop, &place, "work_frames_in", work->frames_in);
	figure_show(loop, &place, "work_bytes_in", work->bytes_in);
	figure_show(loop, &place, "work_frames_out", work->frames_out);
	figure_show(loop, &place, "work_bytes_out", work->bytes_out);
	figure_show(loop, &place, "feed_frames_out", loop->feed.figures.frames_out);
	figure_show(loop, &place, "feed_bytes_out", loop->feed.figures.bytes_out);
	figure_show(loop, &place, "feed_prefixes", loop->feed.figures.prefixes);
	figure_show(loop, &place, "frames_refused", service->refused + work->refused);
	figure_show(loop, &place, "frames_unreachable", service->unreachable + work->unreachable);
	figure_show(loop, &place, "connections_refused", connections_refused());
	figure_show(loop, &place, "peers_given_up", service->overflowed + work->overflowed);
	figure_show(loop, &place, "backlog_bytes", loop->service.backlog.waiting_bytes + loop->work.backlog.waiting_bytes);
	figure_show(loop, &place, "transit_bytes", loop->service.transit.bytes + loop->work.transit.bytes);
	figure_show(loop, &place, "feed_transit_bytes", loop->feed.transit.bytes);
	figure_show(loop, &place, "feed_frames_dropped", loop->feed.figures.dropped);
	figure_show(loop, &place, "floods_disconnected", loop->floods_ended);
	figure_show(loop, &place, "peers_disconnected", loop->service.view.cut + loop->work.view.cut + loop->feed.view.cut);
	figure_show(loop, &place, "workers_own", workers_running(loop->workers));
	figure_show(loop, &place, "workers_restarts", workers_restarts(loop->workers));
}

/* The turn */

static bool peer_clear(void *context, enum door door, struct span peer)
{
	struct loop *loop = context;

	return router_clear(door == DOOR_SERVICE ? &loop->service : &loop->work, peer);
}

static void floods_shed(struct loop *loop, int64_t now_ms)
{
	const char *const endpoints[] = {loop->settings->doors_service, loop->settings->doors_work, loop->settings->doors_feed};
	int64_t ended = connections_shed(endpoints, 3, loop->settings->limits_memory_bytes / 4 * 3, now_ms);

	loop->floods_ended += ended;
	if (ended)
		log_line(LOG_LEVEL_WARNING, "floods disconnected", "count", log_number(ended), "limit", "limits.memory_bytes", NULL);
}

/* Requests are handled for about as long as it takes to store what they did: shorter, and most of the time would go into commits; longer, and
 * everybody would wait for whoever asks most. It is shorter while somebody who asks little is about, and shorter still when that one waits for the commit. */
static int64_t slices_most_us(const struct loop *loop, int64_t now_us)
{
	if (engine_hurried(loop->engine))
		return HURRY_US;
	return now_us < loop->shared_until_us ? SLICES_SHARED_US : loop->slices_us;
}

/* Whoever asks little is looked for meanwhile. True: something was done. */
static bool loop_slices(struct loop *loop, int64_t now)
{
	int64_t began_us = monotonic_us(), looked_us = began_us, now_us = began_us;
	bool done = false;

	loop->service.shared = began_us < loop->shared_until_us;
	engine_time(loop->engine, now);
	while (now_us - began_us < slices_most_us(loop, now_us) && engine_slice(loop->engine)) {
		done = true;
		now_us = monotonic_us();
		if (now_us - looked_us < LOOK_US)
			continue;
		if (loop->service.shared)
			sched_yield(); /* the thread that reads the sockets may have to share a processor with this one */
		router_look(&loop->service);
		floods_shed(loop, now_us / 1000);
		looked_us = monotonic_us();
	}
	if (done && engine_hurried(loop->engine))
		loop->shared_until_us = now_us + SHARED_MS * 1000;
	return done;
}

static int64_t within(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

static void output_send(struct loop *loop)
{
	struct engine_output output;

	while (engine_output(loop->engine, &output)) {
		if (output.door == DOOR_SERVICE)
			router_send(&loop->service, output.peer, output.payload);
		else if (output.door == DOOR_WORK)
			router_send(&loop->work, output.peer, output.payload);
		else
			feed_send(&loop->feed, output.topic, output.payload);
	}
}

static void loop_fail(struct loop *loop)
{
	log_line(LOG_LEVEL_ERROR, "fault", "reason", engine_fault(loop->engine), "effect", "nothing of this round was acknowledged", NULL);
	loop->failed = true;
	loop->phase = PHASE_OVER;
	ev_break(loop->ev, EVBREAK_ALL);
}

static void loop_turn(struct loop *loop, int64_t now)
{
	loop->due = loop->service.received = loop->work.received = loop->feed.received = false;
	figures_show(loop);
	int64_t began_us = monotonic_us();
	if (engine_turn(loop->engine, now) < 0) {
		loop_fail(loop);
		return;
	}
	loop->slices_us = within(2 * (monotonic_us() - began_us), SLICES_LEAST_US, SLICES_MOST_US);
	output_send(loop);
}

static void doors_flush(struct loop *loop)
{
	router_flush(&loop->service);
	router_flush(&loop->work);
	if (router_report_gone(&loop->service))
		loop->due = true;
	if (router_report_gone(&loop->work))
		loop->due = true;
}

static void doors_relieve(struct loop *loop, int64_t now_ms)
{
	floods_shed(loop, now_ms);
	connections_look(now_ms);
	loop->crowded = router_relieve(&loop->service, now_ms);
	loop->crowded |= router_relieve(&loop->work, now_ms);
	loop->crowded |= feed_relieve(&loop->feed, now_ms);
}

static bool doors_wait(const struct loop *loop)
{
	return router_waits(&loop->service) || router_waits(&loop->work);
}

/* Stopping */

static void phase_enter(struct loop *loop, enum phase phase, int64_t lasts_ms)
{
	loop->phase = phase;
	loop->phase_ends_ms = monotonic_ms() + lasts_ms;
	loop->due = true;
}

static void stop_begin(struct loop *loop, const char *signal)
{
	if (loop->phase != PHASE_RUNNING) {
		/* A second signal: whoever sent it does not want to wait. */
		loop->phase_ends_ms = monotonic_ms();
		loop->due = true;
		return;
	}
	log_line(LOG_LEVEL_NOTICE, "stopping", "signal", signal, "wait_ms", log_number(loop->settings->service_stop_ms), NULL);
	manager_stopping();
	engine_stop(loop->engine);
	phase_enter(loop, PHASE_WORKING, loop->settings->service_stop_ms);
}

/* Goes on to the next phase when this one is done or its time is up. */
static void stop_advance(struct loop *loop)
{
	bool late = monotonic_ms() >= loop->phase_ends_ms;

	if (loop->phase == PHASE_WORKING && (late || engine_idle(loop->engine))) {
		if (!engine_idle(loop->engine))
			log_line(LOG_LEVEL_NOTICE, "stop time over", "effect", "tasks still leased are offered again after the restart", NULL);
		workers_stop(loop->workers, SIGTERM);
		phase_enter(loop, PHASE_LEAVING, LEAVE_MS);
	} else if (loop->phase == PHASE_LEAVING && (late || (workers_running(loop->workers) == 0 && !doors_wait(loop)))) {
		loop->phase = PHASE_OVER;
		ev_break(loop->ev, EVBREAK_ALL);
	}
}

/* Watchers */

static int64_t sleep_ms(struct loop *loop)
{
	if (loop->due)
		return 0;
	int64_t wait_ms = engine_wait_ms(loop->engine, loop_now(loop));
	if (wait_ms < 0 || wait_ms > SLEEP_MOST_MS)
		wait_ms = SLEEP_MOST_MS;
	if (doors_wait(loop) && wait_ms > RETRY_MS)
		wait_ms = RETRY_MS;
	if (loop->crowded && wait_ms > CROWDED_MS)
		wait_ms = CROWDED_MS;
	if (loop->phase != PHASE_RUNNING) {
		int64_t left_ms = loop->phase_ends_ms - monotonic_ms();
		if (left_ms < wait_ms)
			wait_ms = left_ms > 0 ? left_ms : 0;
	}
	return wait_ms;
}

static void before_sleep(struct ev_loop *ev, ev_prepare *prepare, int revents)
{
	struct loop *loop = prepare->data;
	int64_t wait_ms = sleep_ms(loop);

	(void)revents;
	if (wait_ms == 0) {
		ev_idle_start(ev, &loop->again);
		return;
	}
	ev_now_update(ev);
	loop->wait.repeat = (double)wait_ms / 1000;
	ev_timer_again(ev, &loop->wait);
}

static void after_sleep(struct ev_loop *ev, ev_check *check, int revents)
{
	struct loop *loop = check->data;
	int64_t now = loop_now(loop);

	(void)revents;
	ev_idle_stop(ev, &loop->again);
	if (loop->phase == PHASE_OVER)
		return;
	bool done = loop_slices(loop, now);
	if (done || loop->due || loop->service.received || loop->work.received || loop->feed.received || engine_wait_ms(loop->engine, now) == 0)
		loop_turn(loop, now);
	if (loop->failed)
		return;
	doors_flush(loop);
	doors_relieve(loop, monotonic_ms());
	if (loop->phase != PHASE_RUNNING)
		stop_advance(loop);
}

static void on_idle(struct ev_loop *ev, ev_idle *idle, int revents)
{
	(void)ev;
	(void)idle;
	(void)revents;
}

static void on_wait(struct ev_loop *ev, ev_timer *timer, int revents)
{
	(void)revents;
	ev_timer_stop(ev, timer);
}

static void on_wake(struct ev_loop *ev, ev_async *async, int revents)
{
	struct loop *loop = async->data;

	(void)ev;
	(void)revents;
	loop->due = true;
}

static void on_stop_signal(struct ev_loop *ev, ev_signal *watcher, int revents)
{
	(void)ev;
	(void)revents;
	stop_begin(watcher->data, watcher->signum == SIGTERM ? "SIGTERM" : "SIGINT");
}

static void on_hangup(struct ev_loop *ev, ev_signal *watcher, int revents)
{
	struct loop *loop = watcher->data;

	(void)ev;
	(void)revents;
	manager_reloading();
	if (loop->reload)
		loop->reload(loop->reload_context);
	router_reload(&loop->service);
	router_reload(&loop->work);
	connections_limit(loop->settings->limits_connections, loop_wake, loop);
	if (loop->settings->limits_frame_bytes > loop->most_transport_frame)
		log_line(LOG_LEVEL_WARNING, "setting needs restart", "setting", "limits.frame_bytes", "reason",
			"the doors were opened for frames of at most four times the earlier value; larger ones end the connection", NULL);
	engine_reload(loop->engine, loop->settings);
	loop->due = true;
	manager_ready();
}

static void on_alive(struct ev_loop *ev, ev_timer *timer, int revents)
{
	(void)ev;
	(void)timer;
	(void)revents;
	manager_alive();
}

static void on_status(struct ev_loop *ev, ev_timer *timer, int revents)
{
	struct loop *loop = timer->data;
	int64_t open_cases = engine_open_cases(loop->engine);

	(void)ev;
	(void)revents;
	if (open_cases != loop->status_shown)
		manager_status("%s%lld open cases", loop->phase == PHASE_RUNNING ? "" : "stopping; ", (long long)open_cases);
	loop->status_shown = open_cases;
}

static void signals_block(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	pthread_sigmask(how, &set, NULL);
}

static void signal_watch(struct loop *loop, ev_signal *watcher, void (*callback)(struct ev_loop *, ev_signal *, int), int number)
{
	ev_signal_init(watcher, callback, number);
	watcher->data = loop;
	ev_signal_start(loop->ev, watcher);
}

struct loop *loop_open(const struct settings *settings, char *error, size_t error_size)
{
	struct loop *loop = must_calloc(1, sizeof *loop);

	signals_block(SIG_BLOCK);
	signal(SIGPIPE, SIG_IGN);
	loop->settings = settings;
	loop->ev = ev_default_loop(EVFLAG_NOENV);
	if (!loop->ev) {
		snprintf(error, error_size, "cannot create the event loop (epoll); raise the limit of open files");
		free(loop);
		return NULL;
	}
	ev_async_init(&loop->wake, on_wake);
	loop->wake.data = loop;
	ev_async_start(loop->ev, &loop->wake);
	return loop;
}

void loop_on_reload(struct loop *loop, void (*reload)(void *context), void *context)
{
	loop->reload = reload;
	loop->reload_context = context;
}

/* A socket that the service manager listens on and nobody serves would leave its clients waiting for ever. */
static void passed_sockets_check(const struct settings *settings)
{
	int used = (manager_socket(settings->doors_service) >= 0) + (manager_socket(settings->doors_work) >= 0) +
		(manager_socket(settings->doors_feed) >= 0);

	if (manager_socket_count() > used)
		log_line(LOG_LEVEL_WARNING, "passed socket is no door", "sockets", log_number(manager_socket_count()), "used", log_number(used),
			"remedy", "let ListenStream in reeved.socket and doors in the configuration name the same addresses", NULL);
}

int loop_bind(struct loop *loop, char *error, size_t error_size)
{
	loop->workers = workers_open(loop->ev, loop->settings, error, error_size);
	if (!loop->workers)
		return -1;
	loop->zmq = zmq_ctx_new();
	if (!loop->zmq) {
		snprintf(error, error_size, "cannot create a ZeroMQ context: %s", zmq_strerror(errno));
		return -1;
	}
	passed_sockets_check(loop->settings);
	connections_limit(loop->settings->limits_connections, loop_wake, loop);
	loop->most_transport_frame = 4 * loop->settings->limits_frame_bytes;
	if (router_open(&loop->service, loop->zmq, DOOR_SERVICE, loop->settings, error, error_size) < 0)
		return -1;
	if (router_open(&loop->work, loop->zmq, DOOR_WORK, loop->settings, error, error_size) < 0)
		return -1;
	return feed_open(&loop->feed, loop->zmq, loop->settings, error, error_size);
}

static void watchers_start(struct loop *loop)
{
	double alive = (double)manager_watchdog_ms() / 1000;

	ev_prepare_init(&loop->before, before_sleep);
	ev_check_init(&loop->after, after_sleep);
	ev_idle_init(&loop->again, on_idle);
	ev_timer_init(&loop->wait, on_wait, 0, 0);
	ev_timer_init(&loop->alive, on_alive, alive, alive);
	ev_timer_init(&loop->status, on_status, 0, STATUS_PERIOD_MS / 1000.);
	loop->before.data = loop->after.data = loop->status.data = loop;
	/* After every door's check, so that one commit covers what all of them brought. */
	ev_set_priority(&loop->after, EV_MINPRI);
	ev_prepare_start(loop->ev, &loop->before);
	ev_check_start(loop->ev, &loop->after);
	if (alive > 0)
		ev_timer_start(loop->ev, &loop->alive);
	loop->status_shown = -1;
	if (manager_listens())
		ev_timer_start(loop->ev, &loop->status);
	signal_watch(loop, &loop->terminate, on_stop_signal, SIGTERM);
	signal_watch(loop, &loop->interrupt, on_stop_signal, SIGINT);
	signal_watch(loop, &loop->hangup, on_hangup, SIGHUP);
}

static void watchers_stop(struct loop *loop)
{
	ev_signal_stop(loop->ev, &loop->terminate);
	ev_signal_stop(loop->ev, &loop->interrupt);
	ev_signal_stop(loop->ev, &loop->hangup);
	ev_timer_stop(loop->ev, &loop->alive);
	ev_timer_stop(loop->ev, &loop->status);
	ev_timer_stop(loop->ev, &loop->wait);
	ev_idle_stop(loop->ev, &loop->again);
	ev_check_stop(loop->ev, &loop->after);
	ev_prepare_stop(loop->ev, &loop->before);
}

int loop_run(struct loop *loop, struct engine *engine)
{
	loop->engine = engine;
	loop->slices_us = SLICES_LEAST_US;
	engine_on_clear(engine, peer_clear, loop);
	loop->due = true;
	router_start(&loop->service, loop->ev, engine);
	router_start(&loop->work, loop->ev, engine);
	feed_start(&loop->feed, loop->ev, engine);
	watchers_start(loop);
	signals_block(SIG_UNBLOCK);
	workers_start(loop->workers);
	manager_ready();
	ev_run(loop->ev, 0);
	signals_block(SIG_BLOCK);
	watchers_stop(loop);
	return loop->failed ? -1 : 0;
}

void loop_close(struct loop *loop)
{
	if (!loop)
		return;
	workers_close(loop->workers);
	connections_limit(loop->settings->limits_connections, NULL, NULL);
	router_close(&loop->service);
	router_close(&loop->work);
	feed_close(&loop->feed);
	if (loop->zmq)
		zmq_ctx_term(loop->zmq);
	ev_async_stop(loop->ev, &loop->wake);
	ev_loop_destroy(loop->ev);
	free(loop);
}
