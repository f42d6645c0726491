/* Names of directories that we create. Syncing a file makes neither its name durable nor that of the directory it lies in: each is an entry one
 * level higher, and has to be synced there. Owns nothing. */
#include "store/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int directory_name_sync(int descriptor)
{
	int parent = openat(descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* A parent that may not be read can still be entered: then the whole file system is synced. */
	int code = (parent < 0 ? syncfs(descriptor) : fsync(parent)) == 0 ? 0 : errno;

	if (parent >= 0)
		close(parent);
	return code;
}
