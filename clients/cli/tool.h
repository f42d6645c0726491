/* The programs that do what a client cannot, because they link the store: reeve-rehearse, reeve-journal. */
#ifndef REEVE_CLI_TOOL_H
#define REEVE_CLI_TOOL_H

/* Becomes the program: it lies beside this one, in its libexec folder, or is looked for like any other. Returns only when there is none, with
 * errno set. arguments[0] is its name; ended by NULL. */
void tool_become(char **arguments);
/* Runs it and waits; its standard output goes to standard error. Its exit code, or -1 when it could not be run. */
int tool_run(char **arguments);

#endif
