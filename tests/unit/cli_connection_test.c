/* What is told when nobody answers: it depends on whether the socket is there and this user may use it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clients/cli/connection.h"

#define NOBODY 65534

static bool has(const char *endpoint, const char *words)
{
	return strstr(connection_silence(endpoint), words) != NULL;
}

static void silence_is_explained(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char folder[] = "/tmp/reeve-silence-XXXXXX", endpoint[128];
	bool root = geteuid() == 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chmod(folder, 0755), 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s/service", folder);
	snprintf(endpoint, sizeof endpoint, "ipc://%s", address.sun_path);
	assert_true(has(endpoint, "no such socket"));
	assert_true(has("tcp://127.0.0.1:1", "is reeved running"));
	int door = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(door, (struct sockaddr *)&address, sizeof address), 0);
	assert_true(has(endpoint, "is reeved running") && !has(endpoint, "no such socket"));
	assert_int_equal(chmod(address.sun_path, root ? 0600 : 0), 0);
	assert_true(!root || seteuid(NOBODY) == 0);
	assert_true(has(endpoint, "may not use that socket"));
	assert_true(!root || seteuid(0) == 0);
	assert_int_equal(chmod(folder, root ? 0700 : 0), 0);
	assert_true(!root || seteuid(NOBODY) == 0);
	assert_true(has(endpoint, "may not use that socket"));
	assert_true(!root || seteuid(0) == 0);
	assert_int_equal(chmod(folder, 0700), 0);
	close(door);
	unlink(address.sun_path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(silence_is_explained)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
