/* Who has how much of something that libzmq keeps for its peers: by connection. */
#ifndef REEVE_NET_SHARES_H
#define REEVE_NET_SHARES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct share {
	ino_t connection; /* whose it is: descriptors are used again, inodes of sockets for a long time not */
	int64_t bytes;
};

struct shares {
	struct share *by_descriptor;
	int room;
};

/* Books bytes to the connection behind a descriptor. Nothing when it is gone. */
void shares_add(struct shares *shares, int descriptor, int64_t bytes);
/* Ends the connection that has most. Its bytes, 0: there is none left. */
int64_t shares_end_largest(struct shares *shares);
void shares_free(struct shares *shares);

#endif
