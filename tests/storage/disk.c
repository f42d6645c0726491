/* The model of disk.h. Owns every byte that was written since the log began; never touches a real file.
 *
 * A file has its durable content, its content in the cache, and for each sector that differs since the last sync the list of what it was
 * after each write, oldest first; choice 0 is the durable one. Names are a durable list and a list of changes. */
#include "tests/storage/disk_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct disk *disk_new(bool deaf)
{
	struct disk *disk = must_calloc(1, sizeof *disk);

	disk->deaf = deaf;
	return disk;
}

static void file_forget(struct file *file)
{
	for (size_t i = 0; i < file->sector_count; i++)
		free(file->sectors[i].contents);
	file->sector_count = file->length_count = file->length_chosen = 0;
}

void disk_free(struct disk *disk)
{
	while (disk && disk->files) {
		struct file *file = disk->files;
		disk->files = file->next;
		file_forget(file);
		buf_free(&file->durable);
		buf_free(&file->cache);
		free(file->sectors);
		free(file->lengths);
		free(file);
	}
	if (disk) {
		free(disk->durable.list);
		free(disk->cache.list);
		free(disk->changes);
	}
	free(disk);
}

/* ---- names ---- */

static struct name *names_find(const struct names *names, const char *path)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->list[i].path, path) == 0)
			return &names->list[i];
	return NULL;
}

static void names_drop(struct names *names, const char *path)
{
	struct name *name = names_find(names, path);

	if (name)
		*name = names->list[--names->count];
}

static void names_set(struct names *names, const char *path, struct file *file)
{
	struct name *name = names_find(names, path);

	if (!name) {
		GROW(names->list, names->count, names->room);
		name = &names->list[names->count++];
		snprintf(name->path, sizeof name->path, "%s", path);
	}
	name->file = file;
}

static void names_change(struct names *names, const struct change *change)
{
	if (change->kind == LOGGED_RENAME) {
		names_drop(names, change->path);
		names_set(names, change->other, change->file);
	} else if (change->kind == LOGGED_UNLINK) {
		names_drop(names, change->path);
	} else {
		names_set(names, change->path, change->file);
	}
}

/* A name is reached through its folder, and one that lies deeper through that one's. */
static bool is_reached(const struct names *names, const char *path)
{
	char folder[NAME_MOST];

	snprintf(folder, sizeof folder, "%s", path);
	char *slash = strrchr(folder, '/');
	if (!slash)
		return true;
	*slash = '\0';
	return names_find(names, folder) && is_reached(names, folder);
}

struct names names_after(const struct disk *disk, size_t changes)
{
	struct names names = {must_calloc(disk->durable.count + changes + 1, sizeof(struct name)), disk->durable.count, disk->durable.count + changes + 1};

	if (disk->durable.count)
		memcpy(names.list, disk->durable.list, disk->durable.count * sizeof *names.list);
	for (size_t i = 0; i < changes; i++)
		names_change(&names, &disk->changes[i]);
	for (size_t i = 0; i < names.count; i++)
		if (!is_reached(&names, names.list[i].path)) {
			names.list[i] = names.list[--names.count];
			i = (size_t)-1;
		}
	return names;
}

static struct file *file_find(const struct disk *disk, uint64_t inode)
{
	for (struct file *file = disk->files; file; file = file->next)
		if (file->inode == inode)
			return file;
	return NULL;
}

static void change_add(struct disk *disk, enum logged kind, const char *name, const char *other, struct file *file)
{
	struct name *known = names_find(&disk->cache, name);

	if (!file && known)
		file = known->file;
	GROW(disk->changes, disk->change_count, disk->change_room);
	struct change *change = &disk->changes[disk->change_count++];
	*change = (struct change){.kind = kind, .file = file, .since = disk->moment};
	snprintf(change->path, sizeof change->path, "%s", name);
	snprintf(change->other, sizeof change->other, "%s", other ? other : "");
	names_change(&disk->cache, change);
}

static bool lies_in(const char *path, const char *folder)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	return strlen(folder) == len && strncmp(path, folder, len) == 0;
}

static bool same_path(const struct change *a, const struct change *b)
{
	return strcmp(a->path, b->path) == 0 || strcmp(a->path, b->other) == 0 || (a->other[0] && (strcmp(a->other, b->path) == 0 || strcmp(a->other, b->other) == 0));
}

/* What changed in this folder, and what changed the same names before: nothing else, and not the folder's own name. */
static void names_sync(struct disk *disk, const char *folder)
{
	bool *settled = must_calloc(disk->change_count + 1, sizeof *settled);
	size_t kept = 0;

	for (size_t i = disk->change_count; i-- > 0;) {
		const struct change *change = &disk->changes[i];
		settled[i] = lies_in(change->path, folder) || (change->other[0] && lies_in(change->other, folder));
		for (size_t later = i + 1; later < disk->change_count && !settled[i]; later++)
			settled[i] = settled[later] && same_path(change, &disk->changes[later]);
	}
	for (size_t i = 0; i < disk->change_count; i++) {
		if (settled[i])
			names_change(&disk->durable, &disk->changes[i]);
		else
			disk->changes[kept++] = disk->changes[i];
	}
	disk->change_count = kept;
	free(settled);
}

static struct file *file_new(struct disk *disk, uint64_t inode)
{
	struct file *old = file_find(disk, inode), *file = must_calloc(1, sizeof *file);

	if (old)
		old->inode = 0; /* its name may still come back; its number is another's now */
	file->inode = inode;
	file->next = disk->files;
	return disk->files = file;
}

/* ---- content ---- */

void length_set(struct buf *buf, size_t len)
{
	if (len > buf->len) {
		buf_reserve(buf, len - buf->len);
		memset(buf->data + buf->len, 0, len - buf->len);
	}
	buf->len = len;
}

static void sector_of(const struct buf *buf, uint64_t number, unsigned char out[SECTOR])
{
	size_t at = number * SECTOR, len = at >= buf->len ? 0 : buf->len - at < SECTOR ? buf->len - at : SECTOR;

	memset(out, 0, SECTOR);
	if (len)
		memcpy(out, buf->data + at, len);
}

static struct sector *sector_find(struct file *file, uint64_t number)
{
	for (size_t i = 0; i < file->sector_count; i++)
		if (file->sectors[i].number == number)
			return &file->sectors[i];
	return NULL;
}

static void sector_changed(struct disk *disk, struct file *file, uint64_t number)
{
	struct sector *sector = sector_find(file, number);

	if (!sector) {
		GROW(file->sectors, file->sector_count, file->sector_room);
		sector = &file->sectors[file->sector_count++];
		*sector = (struct sector){.number = number, .since = disk->moment};
	}
	sector->contents = must_realloc(sector->contents, (sector->count + 1) * SECTOR);
	sector_of(&file->cache, number, sector->contents + sector->count++ * SECTOR);
}

static void sector_settled(struct file *file, uint64_t number)
{
	struct sector *sector = sector_find(file, number);
	unsigned char content[SECTOR];
	size_t end = (number + 1) * SECTOR;

	sector_of(&file->cache, number, content);
	if (end > file->cache.len)
		end = file->cache.len;
	if (file->durable.len < end)
		length_set(&file->durable, end);
	memcpy(file->durable.data + number * SECTOR, content, end - number * SECTOR);
	if (!sector)
		return;
	free(sector->contents);
	*sector = file->sectors[--file->sector_count];
}

static void length_changed(struct disk *disk, struct file *file)
{
	GROW(file->lengths, file->length_count, file->length_room);
	if (!file->length_count)
		file->length_since = disk->moment;
	file->lengths[file->length_count++] = file->cache.len;
}

static void file_write(struct disk *disk, struct file *file, const struct logged_head *head, const unsigned char *bytes)
{
	size_t end = (size_t)head->offset + head->len;

	if (end > file->cache.len) {
		length_set(&file->cache, end);
		length_changed(disk, file);
	}
	memcpy(file->cache.data + head->offset, bytes, head->len);
	for (uint64_t number = (uint64_t)head->offset / SECTOR; number * SECTOR < end; number++) {
		sector_changed(disk, file, number);
		if (head->synced && !disk->deaf)
			sector_settled(file, number);
	}
}

static void file_sync(struct file *file)
{
	file_forget(file);
	file->durable.len = 0;
	buf_add(&file->durable, file->cache.data, file->cache.len);
}

static bool unknown(const char *what, const char *name)
{
	fprintf(stderr, "the model of the disk does not know this: %s (%s)\n", what, name);
	return false;
}

static bool file_truncate(struct disk *disk, struct file *file, int64_t length, const char *name)
{
	if ((size_t)length < file->cache.len)
		return unknown("a file is cut", name);
	if ((size_t)length == file->cache.len)
		return true;
	length_set(&file->cache, (size_t)length);
	length_changed(disk, file);
	return true;
}

/* Written out and started again, a file has another number. */
static struct file *file_by_name(struct disk *disk, const struct logged_head *head, const char *name)
{
	struct file *file = head->inode ? file_find(disk, head->inode) : NULL;
	struct name *known = file ? NULL : names_find(&disk->cache, name);

	if (known && known->file) {
		file = known->file;
		file->inode = head->inode;
	}
	return file;
}

bool disk_apply(struct disk *disk, const struct logged_head *head, const char *name, const char *other, const unsigned char *bytes)
{
	bool has_content = head->kind == LOGGED_WRITE || head->kind == LOGGED_TRUNCATE || head->kind == LOGGED_SYNC;
	struct file *file = has_content ? file_by_name(disk, head, name) : NULL;

	disk->moment++;
	switch ((enum logged)head->kind) {
	case LOGGED_CREATE:
		change_add(disk, LOGGED_CREATE, name, NULL, file_new(disk, head->inode));
		return true;
	case LOGGED_MKDIR:
	case LOGGED_UNLINK:
	case LOGGED_RENAME:
		change_add(disk, (enum logged)head->kind, name, other, NULL);
		return true;
	case LOGGED_SYNC_NAMES:
		if (!disk->deaf)
			names_sync(disk, name);
		return true;
	case LOGGED_NOTE:
		return true;
	case LOGGED_WRITE:
		if (file)
			file_write(disk, file, head, bytes);
		break;
	case LOGGED_TRUNCATE:
		if (file && !file_truncate(disk, file, head->offset, name))
			return false;
		break;
	case LOGGED_SYNC:
		if (file && !disk->deaf)
			file_sync(file);
		break;
	case LOGGED_ALIEN:
	default:
		return unknown("an alien call", name);
	}
	return file || unknown("a file that was there before the log", name);
}

