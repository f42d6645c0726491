/* What surrounds the doors: worker processes, binding, endpoints, time, the backlog's limits. */
#include "net_stage.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "net/backlog.h"
#include "net/bind.h"
#include "net/endpoint.h"
#include "net/timekeeper.h"

/* Worker processes */

static void worker_row(struct stage *stage, const char *script)
{
	char path[128];

	snprintf(path, sizeof path, "%s/worker", stage->folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s", script);
	fclose(file);
	assert_int_equal(chmod(path, 0755), 0);
	stage->settings.workers = must_calloc(1, sizeof *stage->settings.workers);
	stage->settings.worker_count = 1;
	stage->settings.workers[0].task = span_dup(span_of("triage"));
	stage->settings.workers[0].count = 2;
	strncat(path, " --own argument", sizeof path - strlen(path) - 1);
	stage->settings.workers[0].command = span_dup(span_of(path));
	stage->settings.work_restart_ms = 1;
	stage->settings.work_restart_most_ms = 4;
}

static bool wait_for_lines(const char *folder, const char *name, int count)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	for (int i = 0; i < 2000; i++) {
		FILE *file = fopen(path, "r");
		int lines = 0;
		for (int c = file ? getc(file) : EOF; c != EOF; c = getc(file))
			lines += c == '\n';
		if (file)
			fclose(file);
		if (lines >= count)
			return true;
		poll(NULL, 0, 5);
	}
	return false;
}

static void workers_that_end_are_started_again_with_their_name(void **state)
{
	struct stage *stage = *state;
	char line[512], wanted[256];

	worker_row(stage, "echo \"$@\" >> ${0%worker}starts\nexit 3\n");
	stage_run(stage);
	assert_true(wait_for_lines(stage->folder, "starts", 8));
	stage_end(stage);
	snprintf(line, sizeof line, "%s/starts", stage->folder);
	FILE *file = fopen(line, "r");
	int first = 0, second = 0;
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		snprintf(wanted, sizeof wanted, "--own argument --work ipc://%s/run/work --name triage-1 --parent %d\n", stage->folder, getpid());
		first += strcmp(line, wanted) == 0;
		wanted[strlen(wanted) - strlen(strstr(wanted, "-1 --parent")) + 1] = '2';
		second += strcmp(line, wanted) == 0;
	}
	fclose(file);
	assert_true(first >= 2 && second >= 2);
}

static void workers_get_sigterm_when_the_daemon_stops(void **state)
{
	struct stage *stage = *state;

	worker_row(stage, "trap 'echo left >> ${0%worker}ends; exit 0' TERM\necho here >> ${0%worker}starts\nwhile :; do sleep 0.01; done\n");
	stage_run(stage);
	assert_true(wait_for_lines(stage->folder, "starts", 2));
	assert_int_equal(stage_end(stage), 0);
	assert_true(wait_for_lines(stage->folder, "ends", 2));
}

/* Binding */

static int socket_file(const char *path, bool listening)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	if (listening)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static int try_bind(struct stage *stage, const char *path, char *error, size_t error_size)
{
	char endpoint[160];
	void *zmq = zmq_socket(stage->context, ZMQ_ROUTER);

	snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
	int bound = door_bind(zmq, endpoint, 0620, error, error_size);
	struct stat found;
	if (bound == 0) {
		assert_int_equal(stat(path, &found), 0);
		assert_int_equal(found.st_mode & 0777, 0620);
	}
	zmq_close(zmq);
	return bound;
}

static void a_door_takes_over_a_leftover_but_nothing_that_is_in_use(void **state)
{
	struct stage *stage = *state;
	char path[96], error[256] = "";

	snprintf(path, sizeof path, "%s/new/folder/door", stage->folder);
	assert_int_equal(try_bind(stage, path, error, sizeof error), 0);
	snprintf(path, sizeof path, "%s/left", stage->folder);
	close(socket_file(path, true));
	assert_int_equal(try_bind(stage, path, error, sizeof error), 0);
	snprintf(path, sizeof path, "%s/used", stage->folder);
	int fd = socket_file(path, true);
	assert_int_equal(try_bind(stage, path, error, sizeof error), -1);
	assert_non_null(strstr(error, "another process listens on"));
	close(fd);
	snprintf(path, sizeof path, "%s/file", stage->folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(try_bind(stage, path, error, sizeof error), -1);
	assert_non_null(strstr(error, "is not a socket"));
	assert_int_equal(access(path, F_OK), 0);
}

/* Pure parts */

static void endpoints_are_ipc_or_loopback(void **state)
{
	static const char *const good[] = {"ipc:///run/reeve/service", "tcp://127.0.0.1:5555", "tcp://127.8.8.8:1", "tcp://localhost:65535", "tcp://[::1]:80"};
	static const char *const bad[] = {"", "ipc://relative", "ipc://@abstract", "ipc:///folder/", "tcp://127.0.0.1", "tcp://127.0.0.1:0",
		"tcp://127.0.0.1:65536", "tcp://127.0.0.1:x", "tcp://0.0.0.0:80", "tcp://*:80", "tcp://192.168.1.2:80", "tcp://[::]:80", "tcp://[::1:80",
		"tcp://eth0:80", "tcp://:80", "udp://127.0.0.1:80", "inproc://x", "tcp://128.0.0.1:80"};
	char reason[256];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(endpoint_check(good[i], reason, sizeof reason));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		reason[0] = 0;
		if (endpoint_check(bad[i], reason, sizeof reason))
			fail_msg("%s was taken", bad[i]);
		assert_true(strlen(reason) > 10);
	}
	endpoint_check("tcp://10.0.0.1:80", reason, sizeof reason);
	assert_non_null(strstr(reason, "needs keys"));
	char path[ENDPOINT_ROOM] = "ipc:///";
	memset(path + 7, 'x', 120);
	assert_false(endpoint_check(path, reason, sizeof reason));
}

static void time_never_runs_backwards_and_never_stands_still(void **state)
{
	struct timekeeper keeper = {0};

	(void)state;
	assert_int_equal(timekeeper_advance(&keeper, 5000000, 100), 5000000);
	assert_int_equal(timekeeper_advance(&keeper, 6000000, 1000100), 6000000);
	/* Set back by two seconds: half speed. */
	assert_int_equal(timekeeper_advance(&keeper, 4000000, 1000100), 6000000);
	assert_true(keeper.behind);
	assert_int_equal(timekeeper_advance(&keeper, 4000001, 1000101), 6000000);
	assert_int_equal(timekeeper_advance(&keeper, 5000000, 2000100), 6500000);
	assert_int_equal(timekeeper_advance(&keeper, 6000000, 3000100), 7000000);
	assert_int_equal(timekeeper_advance(&keeper, 8000000, 5000100), 8000000);
	assert_false(keeper.behind);
	/* Forwards it jumps at once. */
	assert_int_equal(timekeeper_advance(&keeper, 99000000, 5000200), 99000000);
}

static void peers_are_bounded_in_rows_and_bytes(void **state)
{
	struct backlog peers = {.most_peers = 2, .most_peer_bytes = 300, .most_bytes = 400};
	char payload[200] = "";
	struct span bytes = {payload, 150};

	(void)state;
	backlog_note(&peers, span_of("a"), true);
	backlog_note(&peers, span_of("b"), true);
	backlog_note(&peers, span_of("a"), true);
	backlog_note(&peers, span_of("c"), true);
	assert_null(backlog_find(&peers, span_of("b"))); /* the longest silent one */
	assert_non_null(backlog_find(&peers, span_of("a")));
	assert_true(backlog_keep(&peers, span_of("a"), bytes));
	assert_false(backlog_keep(&peers, span_of("a"), bytes));
	assert_true(backlog_keep(&peers, span_of("c"), bytes));
	assert_false(backlog_keep(&peers, span_of("d"), bytes));
	backlog_note(&peers, span_of("a"), false);
	backlog_sent(&peers, backlog_find(&peers, span_of("a")));
	assert_null(backlog_find(&peers, span_of("a"))); /* nothing left to remember */
	assert_true(backlog_keep(&peers, span_of("d"), bytes));
	backlog_free(&peers);
	assert_int_equal(peers.waiting_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STAGE(workers_that_end_are_started_again_with_their_name),
		WITH_STAGE(workers_get_sigterm_when_the_daemon_stops),
		WITH_STAGE(a_door_takes_over_a_leftover_but_nothing_that_is_in_use),
		cmocka_unit_test(endpoints_are_ipc_or_loopback),
		cmocka_unit_test(time_never_runs_backwards_and_never_stands_still),
		cmocka_unit_test(peers_are_bounded_in_rows_and_bytes),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
