/* Watches one file by its inode, size and time of change: `reeve train` puts a new one in its place with rename, so a file that is seen is whole;
 * one that was copied in place and caught half-way fails its checksum and is read again when it changes on.
 *
 * Owns the model. Logs once for each file it read or could not read. Invariant: a model is only given up for one that could be read. */
#include "workers/model_file.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void refused(const struct model_file *file, const char *reason)
{
	log_line(LOG_LEVEL_WARNING, "the model was refused", "file", file->path, "reason", reason, "remedy",
		file->model ? "the one before stays in use; make a new one with reeve train --out" : "reports are triaged without one; make one with reeve train --out", NULL);
}

static void file_read(struct model_file *file)
{
	char error[256];
	struct model *model = model_load(file->path, error, sizeof error);

	if (!model) {
		refused(file, error);
		return;
	}
	model_free(file->model);
	file->model = model;
	log_line(LOG_LEVEL_INFO, "model in use", "file", file->path, "categories", log_number((int64_t)model_class_count(model)), "cases",
		log_number(model_examples(model)), NULL);
}

void model_file_look(struct model_file *file, int64_t now_ms)
{
	struct stat now;

	if (!file->path || (file->looked && now_ms < file->look_at_ms))
		return;
	file->look_at_ms = now_ms + MODEL_FILE_LOOK_MS;
	memset(&now, 0, sizeof now);
	bool there = stat(file->path, &now) == 0;
	if (file->looked && same_file(&now, &file->seen))
		return;
	file->looked = true;
	file->seen = now;
	if (there)
		file_read(file);
	else
		refused(file, strerror(errno));
}

void model_file_close(struct model_file *file)
{
	model_free(file->model);
	*file = (struct model_file){.path = file->path};
}
