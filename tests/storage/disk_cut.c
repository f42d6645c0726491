/* A power cut: settles every choice that a disk has left, and writes what is then on it into a folder. Owns nothing.
 *
 * Choices are independent of one another; the ones by chance follow from a number, so that an image can be had again. */
#include "tests/storage/disk_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_MOST 600

uint64_t chance_next(uint64_t *chance)
{
	uint64_t x = *chance += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

struct choice {
	size_t *chosen, newest;
	uint64_t since;
};

static size_t choices_list(const struct disk *disk, struct choice **ret_list)
{
	static struct choice *list;
	static size_t room;
	size_t count = 0;

	for (struct file *file = disk->files; file; file = file->next) {
		for (size_t i = 0; i <= file->sector_count; i++) {
			struct sector *sector = i < file->sector_count ? &file->sectors[i] : NULL;
			if (!sector && !file->length_count)
				continue;
			GROW(list, count, room);
			list[count++] = sector ? (struct choice){&sector->chosen, sector->count, sector->since}
				: (struct choice){&file->length_chosen, file->length_count, file->length_since};
		}
	}
	if (disk->change_count) {
		GROW(list, count, room);
		list[count++] = (struct choice){(size_t *)&disk->change_chosen, disk->change_count, disk->changes[0].since};
	}
	*ret_list = list;
	return count;
}

size_t disk_choices(const struct disk *disk, size_t most, size_t *ret_ways)
{
	struct choice *list;
	size_t count = choices_list(disk, &list), ways = 1;

	for (size_t i = 0; i < count && ways < most; i++)
		ways *= list[i].newest + 1;
	*ret_ways = ways < most ? ways : most;
	return count;
}

static size_t choose(enum cut cut, const struct choice *choice, size_t *way, uint64_t moment, bool picked, uint64_t share, uint64_t *chance)
{
	size_t digit = *way % (choice->newest + 1);

	switch (cut) {
	case CUT_WAY:
		*way /= choice->newest + 1;
		return digit;
	case CUT_NEWEST:
		return choice->newest;
	case CUT_LACKS:
		return picked ? 0 : choice->newest;
	case CUT_HAS:
		return picked ? choice->newest : 0;
	case CUT_ORDERED:
		return choice->since <= moment ? choice->newest : 0;
	case CUT_REVERSE:
		return choice->since >= moment ? choice->newest : 0;
	case CUT_CHANCE:
		return chance_next(chance) % 8 < share ? choice->newest - chance_next(chance) % 4 % (choice->newest + 1) : 0;
	default:
		return 0;
	}
}

void disk_cut(struct disk *disk, enum cut cut, size_t way, uint64_t *chance)
{
	struct choice *list;
	size_t count = choices_list(disk, &list), picked = count ? chance_next(chance) % count : 0;
	uint64_t first = disk->moment, share = 1 + chance_next(chance) % 7;

	for (size_t i = 0; i < count; i++)
		first = list[i].since < first ? list[i].since : first;
	uint64_t moment = first + chance_next(chance) % (disk->moment - first + 1);
	for (size_t i = 0; i < count; i++)
		*list[i].chosen = choose(cut, &list[i], &way, moment, i == picked, share, chance);
}

/* ---- the image ---- */

/* Into image, whose old content goes. */
static void file_image(const struct file *file, struct buf *image)
{
	size_t len = file->length_chosen ? file->lengths[file->length_chosen - 1] : file->durable.len;

	buf_clear(image);
	buf_add(image, file->durable.data, file->durable.len);
	if (len > image->len)
		length_set(image, len);
	for (size_t i = 0; i < file->sector_count; i++) {
		const struct sector *sector = &file->sectors[i];
		size_t at = sector->number * SECTOR;
		if (sector->chosen && at < image->len)
			memcpy(image->data + at, sector->contents + (sector->chosen - 1) * SECTOR, image->len - at < SECTOR ? image->len - at : SECTOR);
	}
}

void disk_settle(struct disk *disk)
{
	struct names names = names_after(disk, disk->change_chosen);
	struct buf image = {0};

	for (struct file *file = disk->files; file; file = file->next) {
		file_image(file, &image);
		file->durable.len = file->cache.len = 0;
		buf_add(&file->durable, image.data, image.len);
		buf_add(&file->cache, image.data, image.len);
		for (size_t i = 0; i < file->sector_count; i++)
			free(file->sectors[i].contents);
		file->sector_count = file->length_count = file->length_chosen = 0;
	}
	free(disk->durable.list);
	free(disk->cache.list);
	disk->durable = names;
	disk->cache = (struct names){must_calloc(names.count + 1, sizeof *names.list), names.count, names.count + 1};
	if (names.count)
		memcpy(disk->cache.list, names.list, names.count * sizeof *names.list);
	disk->change_count = disk->change_chosen = 0;
	buf_free(&image);
}

static uint64_t mix(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	uint64_t word = 0;

	for (; len >= sizeof word; bytes += sizeof word, len -= sizeof word) {
		memcpy(&word, bytes, sizeof word);
		hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
		hash ^= hash >> 29;
	}
	word = len;
	memcpy(&word, bytes, len);
	return (hash ^ word ^ len << 56) * UINT64_C(0x9fb21c651e98df25);
}

uint64_t disk_hash(const struct disk *disk)
{
	struct names names = names_after(disk, disk->change_chosen);
	struct buf image = {0};
	uint64_t sum = names.count;

	for (size_t i = 0; i < names.count; i++) {
		uint64_t hash = mix(17, names.list[i].path, strlen(names.list[i].path));
		if (names.list[i].file) {
			file_image(names.list[i].file, &image);
			hash = mix(hash, image.data, image.len);
		}
		sum += hash ^ hash >> 31;
	}
	buf_free(&image);
	free(names.list);
	return sum;
}

static void stop(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	abort();
}

static void file_put(const char *path, const struct buf *image)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (descriptor < 0 || (image->len && write(descriptor, image->data, image->len) != (ssize_t)image->len))
		stop(path);
	close(descriptor);
}

static int shorter_first(const void *a, const void *b)
{
	size_t first = strlen(((const struct name *)a)->path), second = strlen(((const struct name *)b)->path);

	return first < second ? -1 : first > second;
}

void disk_write(const struct disk *disk, const char *folder)
{
	struct names names = names_after(disk, disk->change_chosen);
	struct buf image = {0};
	char path[PATH_MOST];

	qsort(names.list, names.count, sizeof *names.list, shorter_first); /* folders before what is in them */
	for (size_t i = 0; i < names.count; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names.list[i].path);
		if (!names.list[i].file) {
			if (mkdir(path, 0700) != 0)
				stop(path);
			continue;
		}
		file_image(names.list[i].file, &image);
		file_put(path, &image);
	}
	buf_free(&image);
	free(names.list);
}

bool disk_equals(const struct disk *disk, const char *folder)
{
	struct names names = names_after(disk, disk->change_chosen);
	struct buf image = {0}, found = {0};
	char path[PATH_MOST];
	bool equal = true;

	for (size_t i = 0; i < names.count; i++) {
		struct stat status;
		snprintf(path, sizeof path, "%s/%s", folder, names.list[i].path);
		int descriptor = open(path, O_RDONLY | O_CLOEXEC);
		if (descriptor < 0 || fstat(descriptor, &status) != 0)
			stop(path);
		if (names.list[i].file) {
			file_image(names.list[i].file, &image);
			buf_clear(&found);
			buf_reserve(&found, (size_t)status.st_size + 1);
			found.len = (size_t)read(descriptor, found.data, (size_t)status.st_size);
			if (!span_equal(buf_span(&image), buf_span(&found))) {
				fprintf(stderr, "%s: %zu bytes, and by the log %zu or others: the log does not have every call\n", path, found.len, image.len);
				equal = false;
			}
		}
		close(descriptor);
	}
	buf_free(&image);
	buf_free(&found);
	free(names.list);
	return equal;
}
