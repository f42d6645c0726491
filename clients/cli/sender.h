/* Many commands to one daemon: packed into frames, a window of them under way, busy answers and lost frames sent again. */
#ifndef REEVE_CLI_SENDER_H
#define REEVE_CLI_SENDER_H

#include "clients/cli/command.h"

struct sender_plan {
	size_t frame_commands;  /* per frame */
	size_t window;          /* unanswered commands at the most */
	int64_t give_up_ms;     /* silence after which nobody is there */
	/* Called once for each command that was answered for good, in the order of the answers. */
	void (*answered)(void *context, int64_t tag, const struct record *reply);
	void *context;
};

struct sender;

struct sender *sender_open(struct cli *cli, const struct sender_plan *plan);
/* Takes NULL; what is unanswered is forgotten. */
void sender_close(struct sender *sender);
/* Signs and queues a command, waiting while the window is full. tag: the caller's own number, not below those before. DONE, or the
 * exit code after it printed what is wrong. */
int sender_add(struct sender *sender, struct record *command, int64_t tag);
/* Waits until everything is answered. */
int sender_finish(struct sender *sender);
/* Every command with a smaller tag is answered; INT64_MAX: nothing is under way. */
int64_t sender_lowest(const struct sender *sender);
/* Commands under way. */
size_t sender_waiting(const struct sender *sender);

#endif
