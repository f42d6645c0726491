/* Damages a store that a real daemon wrote, one bit or one cut at a time, and opens it again (flips_try.c). Owns the whole copies of the files, the
 * dice, and the verdict:
 *
 *   a bit within a journal record   must be refused at a start, or found by verify, and named by its number
 *   any other bit of the journal    may be refused, or be in no use; never a signal, never another content
 *   any bit of the archive          the same content, rebuilt or not; never a refusal twice, never a signal
 *   a cut, a missing file, another journal's archive, an older journal: as the table in main says
 *
 * Every violation prints one line that reproduces it: --one FILE OFFSET BIT. */
#include "tests/storage/flips.h"

#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096
#define SHORT 1000 /* fewer flips than that: a test, not a run */

struct image {
	char *bytes;
	size_t len;
};

/* Where one record lies in the journal's file. */
struct place {
	int64_t seq;
	size_t key, value, len; /* value begins with 32 bytes of hash */
};

static struct image journal_image, archive_image, other_archive, older_journal;
static struct place *places;
static size_t place_count;
static struct content whole;
static char scratch[256];
static uint64_t dice_state;
static long flips, cuts, swaps, violations, outcomes[OUTCOME_COUNT];

static const char *const outcome_names[OUTCOME_COUNT] = {"same", "rebuilt", "refused", "found", "ended", "different", "died"};

static uint64_t dice(uint64_t sides)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return dice_state % sides;
}

/* ---- files ---- */

static void image_read(const char *directory, const char *name, struct image *ret_image)
{
	char path[512];
	struct stat status;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status)) {
		fprintf(stderr, "%s cannot be read\n", path);
		exit(2);
	}
	*ret_image = (struct image){must_calloc(1, (size_t)status.st_size + 1), (size_t)status.st_size};
	if (read(file, ret_image->bytes, ret_image->len) != (ssize_t)ret_image->len)
		exit(2);
	close(file);
}

/* bytes NULL: the file is taken away. */
static void file_put(const char *name, const char *bytes, size_t len)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", scratch, name);
	unlink(path);
	if (!bytes)
		return;
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0 || write(file, bytes, len) != (ssize_t)len)
		exit(2);
	close(file);
}

static void store_put(struct image journal, struct image archive)
{
	file_put("journal.mdb-lock", NULL, 0);
	file_put("archive.mdb-lock", NULL, 0);
	file_put("archive.mdb.damaged", NULL, 0);
	file_put("journal.mdb", journal.bytes, journal.len);
	file_put("archive.mdb", archive.bytes, archive.len);
}

/* ---- where the records are ---- */

static int64_t map_begin(const char *path)
{
	FILE *file = fopen("/proc/self/maps", "r");
	char line[1024];
	unsigned long begin = 0;

	while (file && fgets(line, sizeof line, file) && !(strstr(line, path) && sscanf(line, "%lx", &begin) == 1))
		;
	if (file)
		fclose(file);
	return (int64_t)begin;
}

static void places_find(void)
{
	char path[512];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi table;
	MDB_cursor *cursor;
	MDB_val key, value;

	store_put(journal_image, archive_image);
	snprintf(path, sizeof path, "%s/journal.mdb", scratch);
	if (mdb_env_create(&env) || mdb_env_set_maxdbs(env, 4) || mdb_env_open(env, path, MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK, 0600)
		|| mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) || mdb_dbi_open(txn, "journal", MDB_INTEGERKEY, &table) || mdb_cursor_open(txn, table, &cursor))
		exit(2);
	int64_t begin = map_begin(path);
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		places = must_realloc(places, (place_count + 1) * sizeof *places);
		places[place_count].key = (size_t)((int64_t)(intptr_t)key.mv_data - begin);
		places[place_count].value = (size_t)((int64_t)(intptr_t)value.mv_data - begin);
		places[place_count].len = value.mv_size;
		memcpy(&places[place_count++].seq, key.mv_data, sizeof(int64_t));
	}
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	mdb_env_close(env);
	if (!place_count || memcmp(journal_image.bytes + places[0].key, &places[0].seq, 8)) {
		fprintf(stderr, "the records are not where they should be\n");
		exit(2);
	}
}

/* The record that a byte of the journal's file belongs to; NULL: none. */
static const struct place *place_at(size_t offset)
{
	for (size_t i = 0; i < place_count; i++)
		if ((offset >= places[i].key && offset < places[i].key + 8) || (offset >= places[i].value && offset < places[i].value + places[i].len))
			return &places[i];
	return NULL;
}

/* ---- verdicts ---- */

static void violation(const char *how, const char *what, const struct result *result)
{
	violations++;
	if (violations <= 40)
		printf("violation: %s: %s: %s: %s\n", how, what, outcome_names[result->outcome], result->words);
}

static void judge_flip(const char *how, bool in_archive, const struct place *place, const struct result *result)
{
	enum outcome outcome = result->outcome;

	outcomes[outcome]++;
	if (outcome == OUTCOME_DIED || outcome == OUTCOME_DIFFERENT)
		violation(how, "the damage passed", result);
	else if (in_archive && outcome != OUTCOME_SAME && outcome != OUTCOME_REBUILT && outcome != OUTCOME_ENDED)
		violation(how, "an archive can always be rebuilt", result);
	else if (place && outcome != OUTCOME_REFUSED && outcome != OUTCOME_FOUND)
		violation(how, "a damaged record was not found", result);
	else if (place && result->named != place->seq)
		violation(how, "the record was not named", result);
}

static void flip_one(bool in_archive, size_t offset, int bit)
{
	struct image *image = in_archive ? &archive_image : &journal_image;
	const struct place *place = in_archive ? NULL : place_at(offset);
	struct result result;
	char how[160];

	snprintf(how, sizeof how, "--one %s %zu %d", in_archive ? "archive" : "journal", offset, bit);
	image->bytes[offset] ^= (char)(1 << bit);
	store_put(journal_image, archive_image);
	image->bytes[offset] ^= (char)(1 << bit);
	store_try(scratch, WAY_START, (struct late_flip){0}, &whole, &result);
	flips++;
	judge_flip(how, in_archive, place, &result);
	if (in_archive && result.outcome == OUTCOME_ENDED) { /* the next start succeeds */
		store_try(scratch, WAY_START, (struct late_flip){0}, &whole, &result);
		if (result.outcome != OUTCOME_REBUILT)
			violation(how, "the start after it", &result);
	}
}

/* The same within a record, while the journal is open: reeve journal verify. */
static void flip_open(const struct place *place, size_t offset, int bit)
{
	struct result result;
	char how[160];

	snprintf(how, sizeof how, "--one open %zu %d", offset, bit);
	store_put(journal_image, archive_image);
	store_try(scratch, WAY_VERIFY, (struct late_flip){(int64_t)offset, bit}, &whole, &result);
	flips++;
	outcomes[result.outcome]++;
	bool key = offset < places->key || (offset >= place->key && offset < place->key + 8);
	if (result.outcome != OUTCOME_FOUND)
		violation(how, "verify does not find it", &result);
	else if (!key && result.named != place->seq)
		violation(how, "verify names another record", &result);
}

/* ---- the runs ---- */

static void flips_in_records(long count)
{
	/* Every bit of a short record and of the one beside it, so that no kind of byte is left out. */
	for (size_t i = place_count / 2; i < place_count / 2 + 2 && i < place_count; i++)
		for (size_t at = 0; at < 8 + places[i].len; at++) {
			size_t offset = at < 8 ? places[i].key + at : places[i].value + at - 8;
			int bit = (int)dice(8);
			flip_one(false, offset, bit);
			flip_open(&places[i], offset, bit);
		}
	/* Which number is the wrong one is hardest to say where nothing is before it. */
	for (size_t i = 0; i < 3; i++)
		for (size_t at = 0; at < 8; at++)
			flip_one(false, places[i].key + at, (int)dice(8));
	for (long n = 0; n < count; n++) {
		const struct place *place = &places[dice(place_count)];
		size_t at = (size_t)dice(8 + place->len), offset = at < 8 ? place->key + at : place->value + at - 8;
		flip_one(false, offset, (int)dice(8));
		if (n % 4 == 0)
			flip_open(place, offset, (int)dice(8));
	}
}

/* Heads, page headers and node pointers are where one bit does most. */
static size_t structure_offset(const struct image *image)
{
	size_t page = (size_t)dice(image->len / PAGE);

	switch (dice(4)) {
	case 0:
		return (size_t)dice(2) * PAGE + (size_t)dice(152);
	case 1:
		return page * PAGE + (size_t)dice(16);
	case 2:
		return page * PAGE + 16 + (size_t)dice(64);
	default:
		return (size_t)dice(image->len);
	}
}

static void flips_anywhere(long count)
{
	for (size_t page = 0; page < 2; page++) /* both heads: every bit, or in a short run some of each byte */
		for (size_t byte = 0; byte < 152; byte++)
			for (int bit = 0; bit < 8; bit++) {
				if (count >= SHORT || bit % 4 == (int)(byte % 4))
					flip_one(false, page * PAGE + byte, bit);
				if (bit == (int)(byte % 8))
					flip_one(true, page * PAGE + byte, bit);
			}
	for (long n = 0; n < count; n++) {
		bool in_archive = n % 2;
		flip_one(in_archive, structure_offset(in_archive ? &archive_image : &journal_image), (int)dice(8));
	}
}

static void cut_journal(size_t len, bool with_archive)
{
	struct image cut = {journal_image.bytes, len}, none = {0};
	struct result result;
	char how[160];

	snprintf(how, sizeof how, "--cut journal %zu %s", len, with_archive ? "beside its archive" : "alone");
	store_put(cut, with_archive ? archive_image : none);
	store_try(scratch, WAY_START, (struct late_flip){0}, &whole, &result);
	cuts++;
	outcomes[result.outcome]++;
	if (result.outcome == OUTCOME_DIED || result.outcome == OUTCOME_DIFFERENT)
		violation(how, "the cut passed", &result);
	else if (result.outcome == OUTCOME_REFUSED && !strstr(result.words, "restore") && !strstr(result.words, "backup"))
		violation(how, "no remedy", &result);
}

static void cut_archive(size_t len)
{
	struct image cut = {archive_image.bytes, len};
	struct result result;
	char how[160];

	snprintf(how, sizeof how, "--cut archive %zu", len);
	store_put(journal_image, cut);
	store_try(scratch, WAY_START, (struct late_flip){0}, &whole, &result);
	cuts++;
	outcomes[result.outcome]++;
	if (result.outcome != OUTCOME_SAME && result.outcome != OUTCOME_REBUILT)
		violation(how, "an archive can always be rebuilt", &result);
}

static void cuts_do(long count)
{
	for (size_t len = 0; len < journal_image.len; len += PAGE) {
		cut_journal(len, true);
		if (len)
			cut_journal(len, false);
	}
	for (size_t len = 0; len < archive_image.len; len += PAGE)
		cut_archive(len);
	for (long n = 0; n < count; n++) {
		cut_journal(1 + (size_t)dice(journal_image.len - 1), n % 2);
		cut_archive((size_t)dice(archive_image.len));
	}
}

static void swap(const char *how, struct image journal, struct image archive, enum outcome wanted)
{
	struct result result;

	store_put(journal, archive);
	store_try(scratch, WAY_START, (struct late_flip){0}, &whole, &result);
	swaps++;
	outcomes[result.outcome]++;
	if (result.outcome != wanted)
		violation(how, "wanted another end", &result);
}

static void swaps_do(void)
{
	struct image none = {0}, empty = {journal_image.bytes, 0};
	static char rubbish[3 * PAGE];

	for (size_t i = 0; i < sizeof rubbish; i++)
		rubbish[i] = (char)dice(256);
	swap("nothing changed", journal_image, archive_image, OUTCOME_SAME);
	swap("no archive", journal_image, none, OUTCOME_SAME); /* begun anew, but nothing had to make way */
	swap("empty archive", journal_image, empty, OUTCOME_SAME);
	swap("archive of rubbish", journal_image, (struct image){rubbish, sizeof rubbish}, OUTCOME_REBUILT);
	swap("archive of another journal", journal_image, other_archive, OUTCOME_REBUILT);
	swap("journal in the archive's place", journal_image, journal_image, OUTCOME_REBUILT);
	swap("archive ahead of its journal", older_journal, archive_image, OUTCOME_REFUSED);
	swap("empty journal beside an archive", empty, archive_image, OUTCOME_REFUSED);
	swap("no journal beside an archive", none, archive_image, OUTCOME_REFUSED);
	swap("journal of rubbish", (struct image){rubbish, sizeof rubbish}, archive_image, OUTCOME_REFUSED);
	swap("archive in the journal's place", archive_image, none, OUTCOME_REFUSED);
}

/* The machine must be able to fail: a signal, a shorter journal, and a journal that was forged with a chain of its own are all seen. */
static void oracle_prove(void)
{
	struct image none = {0};
	struct result result;

	store_put(journal_image, archive_image);
	store_try(scratch, WAY_DIE, (struct late_flip){0}, &whole, &result);
	if (result.outcome != OUTCOME_DIED)
		violation("proof", "a signal is not seen", &result);
	store_put(older_journal, none);
	store_try(scratch, WAY_START, (struct late_flip){0}, &whole, &result);
	if (result.outcome != OUTCOME_DIFFERENT)
		violation("proof", "lost records are not seen", &result);
}

static int again(char **arguments)
{
	size_t offset = strtoull(arguments[1], NULL, 10);
	int bit = atoi(arguments[2]);
	const struct place *place = place_at(offset);

	if (strcmp(arguments[0], "open") == 0 && place)
		flip_open(place, offset, bit);
	else
		flip_one(strcmp(arguments[0], "archive") == 0, offset, bit);
	if (place)
		printf("record %lld\n", (long long)place->seq);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		if (outcomes[i])
			printf("%s\n", outcome_names[i]);
	return violations != 0;
}

static void whole_look(void)
{
	struct result result;

	store_put(journal_image, archive_image);
	store_try(scratch, WAY_START, (struct late_flip){0}, NULL, &result);
	whole = result.content;
	if (result.outcome != OUTCOME_SAME) {
		fprintf(stderr, "the store is not whole to begin with: %s\n", result.words);
		exit(2);
	}
}

/* reeve-flips STORE OTHER OLDER SCRATCH SEED COUNT [WHICH OFFSET BIT] */
int main(int argc, char **argv)
{
	if (argc < 7) {
		fprintf(stderr, "usage: reeve-flips STORE OTHER OLDER SCRATCH SEED COUNT [journal|archive|open OFFSET BIT]\n");
		return 2;
	}
	snprintf(scratch, sizeof scratch, "%s", argv[4]);
	dice_state = strtoull(argv[5], NULL, 10) * 0x9E3779B97F4A7C15u + 1;
	long count = atol(argv[6]);
	image_read(argv[1], "journal.mdb", &journal_image);
	image_read(argv[1], "archive.mdb", &archive_image);
	image_read(argv[2], "archive.mdb", &other_archive);
	image_read(argv[3], "journal.mdb", &older_journal);
	places_find();
	whole_look();
	if (argc >= 10)
		return again(argv + 7);
	oracle_prove();
	swaps_do();
	cuts_do(count / 10);
	flips_in_records(count / 2);
	flips_anywhere(count / 2);
	printf("%ld flips, %ld cuts, %ld swaps over %zu records; same %ld, rebuilt %ld, refused %ld, found %ld, ended %ld; %ld violations\n", flips, cuts, swaps,
		place_count, outcomes[OUTCOME_SAME], outcomes[OUTCOME_REBUILT], outcomes[OUTCOME_REFUSED], outcomes[OUTCOME_FOUND], outcomes[OUTCOME_ENDED], violations);
	return violations != 0;
}
