/* The checkpoint of an import: a text file of four lines, replaced by renaming, so that it is whole or absent. Owns nothing
 * else. It is an optimisation and never the guarantee: source and source_ref are what keeps a report from being
 * doubled, and a lost or stale checkpoint only costs time.
 *
 * It names the table and the mapping by size and time of change, and the daemon's endpoint: if any of them is another
 * one, the checkpoint is ignored. */
#include "clients/cli/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT 1

static void identity_add(struct buf *text, const char *label, const char *path)
{
	struct stat about;

	if (stat(path, &about) != 0)
		return;
	buf_printf(text, "%s %" PRId64 " %" PRId64 ".%09ld\n", label, (int64_t)about.st_size, (int64_t)about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}

/* Everything of the file but its last line. */
static void identity_make(struct buf *text, const char *table, const char *mapping, const char *service)
{
	buf_printf(text, "reeve-import %d %s\n", FORMAT, service);
	identity_add(text, "table", table);
	identity_add(text, "mapping", mapping);
}

bool checkpoint_read(const char *path, const char *table, const char *mapping, const char *service, struct checkpoint *ret_checkpoint)
{
	struct buf wanted = {0};
	char text[4096];
	struct checkpoint read;
	FILE *file = fopen(path, "rb");

	if (!file)
		return false;
	size_t len = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[len] = 0;
	identity_make(&wanted, table, mapping, service);
	bool good = span_starts((struct span){text, len}, buf_span(&wanted)) &&
		sscanf(text + wanted.len, "rows %" SCNd64 " opened %" SCNd64 " known %" SCNd64 " refused %" SCNd64, &read.row, &read.opened, &read.known, &read.refused) == 4;
	if (good)
		*ret_checkpoint = read;
	buf_free(&wanted);
	return good;
}

bool checkpoint_write(const char *path, const char *table, const char *mapping, const char *service, const struct checkpoint *checkpoint)
{
	struct buf text = {0}, fresh = {0};

	identity_make(&text, table, mapping, service);
	buf_printf(&text, "rows %" PRId64 " opened %" PRId64 " known %" PRId64 " refused %" PRId64 "\n", checkpoint->row, checkpoint->opened, checkpoint->known,
		checkpoint->refused);
	buf_printf(&fresh, "%s.new", path);
	buf_add(&fresh, "", 1);
	FILE *file = fopen(fresh.data, "wb");
	bool good = file && fwrite(text.data, 1, text.len, file) == text.len;
	if (file && fclose(file) != 0)
		good = false;
	good = good && rename(fresh.data, path) == 0;
	buf_free(&text);
	buf_free(&fresh);
	return good;
}
