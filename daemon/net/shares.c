/* A table by descriptor. Nobody tells that a connection has ended, so each entry has the inode of its socket, and one that is another's now
 * counts for nothing. */
#include "net/shares.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/span.h"

/* The connection behind a descriptor, 0: none. */
static ino_t connection_of(int descriptor)
{
	struct stat status;

	return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

static struct share *share_at(struct shares *shares, int descriptor)
{
	if (descriptor >= shares->room) {
		int room = descriptor * 2 + 64;

		shares->by_descriptor = must_realloc(shares->by_descriptor, (size_t)room * sizeof *shares->by_descriptor);
		memset(shares->by_descriptor + shares->room, 0, (size_t)(room - shares->room) * sizeof *shares->by_descriptor);
		shares->room = room;
	}
	return &shares->by_descriptor[descriptor];
}

void shares_add(struct shares *shares, int descriptor, int64_t bytes)
{
	ino_t connection = descriptor >= 0 ? connection_of(descriptor) : 0;

	if (!connection)
		return;
	struct share *share = share_at(shares, descriptor);
	if (share->connection != connection)
		*share = (struct share){.connection = connection};
	share->bytes += bytes;
}

int64_t shares_end_largest(struct shares *shares)
{
	int largest = -1;
	int64_t bytes = 0;

	for (int descriptor = 0; descriptor < shares->room; descriptor++) {
		struct share *share = &shares->by_descriptor[descriptor];

		if (share->bytes > 0 && share->connection != connection_of(descriptor))
			*share = (struct share){0};
		if (share->bytes > bytes) {
			largest = descriptor;
			bytes = share->bytes;
		}
	}
	if (largest < 0)
		return 0;
	shutdown(largest, SHUT_RDWR);
	shares->by_descriptor[largest] = (struct share){0};
	return bytes;
}

void shares_free(struct shares *shares)
{
	free(shares->by_descriptor);
	*shares = (struct shares){0};
}
