/* Finds and starts the programs that `reeve` becomes. Owns nothing; never passes on more than its caller says. */
#include "clients/cli/tool.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void tool_become(char **arguments)
{
	static const char *const folders[] = {"", "../libexec/reeve/"};
	char self[4096], path[4352];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	self[len > 0 ? len : 0] = '\0';
	char *end = strrchr(self, '/');
	for (size_t i = 0; end && i < sizeof folders / sizeof *folders; i++) {
		end[1] = '\0';
		snprintf(path, sizeof path, "%s%s%s", self, folders[i], arguments[0]);
		execv(path, arguments);
	}
	execvp(arguments[0], arguments);
}

int tool_run(char **arguments)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		tool_become(arguments);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
		return -1;
	return WEXITSTATUS(status);
}
