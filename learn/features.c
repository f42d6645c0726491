/* From text to hashes.
 *
 * Owns nothing, allocates nothing, knows no language. Part of the model's format: a model only understands texts that were read by the same
 * rules, so any change here is a new MODEL_VERSION. Invariants: no hash is 0 (0 marks a free place) and none stands twice; never more
 * than FEATURES_MOST; the same text gives the same hashes on every machine. */
#include "learn/features.h"

#include <string.h>

#define SEQUENCE_MOST 3
#define WORD_SEED 7 /* keeps words apart from the same letters as a sequence */
#define PAIR_SEED 31
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

/* The reading of one text: the last characters, and the word under way. */
struct reader {
	struct features *features;
	uint32_t last[SEQUENCE_MOST]; /* newest first */
	size_t length;                /* characters so far */
	uint64_t word, before;        /* 0: none */
};

/* Final mix of MurmurHash3 (Appleby, public domain): every bit of the hash depends on every bit of the text. */
static uint32_t mix(uint64_t hash)
{
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	hash *= UINT64_C(0xc4ceb9fe1a85ec53);
	hash ^= hash >> 33;
	return (uint32_t)hash ? (uint32_t)hash : 1;
}

static uint64_t hash_on(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * HASH_PRIME;
}

static void feature_add(struct features *features, uint64_t hash)
{
	uint32_t feature = mix(hash);
	size_t at = feature & features->seen_mask;

	if (features->count == FEATURES_MOST)
		return;
	while (features->seen[at] && features->seen[at] != feature)
		at = (at + 1) & features->seen_mask;
	if (features->seen[at])
		return;
	features->seen[at] = feature;
	features->hashes[features->count++] = feature;
}

/* The next character; a byte that begins none stands for itself, out of Unicode's range. */
static size_t character_read(const unsigned char *data, size_t len, uint32_t *ret_character)
{
	size_t length = data[0] < 0x80 ? 1 : data[0] >= 0xf0 ? 4 : data[0] >= 0xe0 ? 3 : data[0] >= 0xc2 ? 2 : 0;
	uint32_t character = length < 2 ? data[0] : data[0] & (0x7fu >> length);

	for (size_t i = 1; i < length; i++) {
		if (i >= len || (data[i] & 0xc0) != 0x80) {
			length = 0;
			break;
		}
		character = character << 6 | (data[i] & 0x3f);
	}
	*ret_character = length ? character : 0x110000u + data[0];
	return length ? length : 1;
}

static uint32_t character_fold(uint32_t character)
{
	if (character >= 0xff01 && character <= 0xff5e)
		character -= 0xff01 - '!';
	if (character >= 'A' && character <= 'Z')
		return character + ('a' - 'A');
	if (character >= '0' && character <= '9')
		return '0';
	return character < ' ' || character == 0x3000 || character == 0xa0 ? ' ' : character;
}

/* Letters of the scripts that part words by blanks: ASCII, and what Latin, Greek and Cyrillic use above it. */
static bool in_word(uint32_t character)
{
	return (character >= 'a' && character <= 'z') || character == '0' || (character >= 0xc0 && character < 0x530);
}

static void word_end(struct reader *reader)
{
	if (!reader->word)
		return;
	feature_add(reader->features, reader->word);
	if (reader->before)
		feature_add(reader->features, hash_on(reader->before * PAIR_SEED, reader->word));
	reader->before = reader->word;
	reader->word = 0;
}

static void character_take(struct reader *reader, uint32_t character)
{
	if (character == ' ' && reader->length && reader->last[0] == ' ')
		return;
	memmove(&reader->last[1], &reader->last[0], sizeof reader->last - sizeof reader->last[0]);
	reader->last[0] = character;
	reader->length++;
	uint64_t hash = HASH_BEGIN;
	for (size_t i = 0; i < SEQUENCE_MOST && i < reader->length; i++) {
		hash = hash_on(hash, reader->last[i]);
		if (i || character != ' ') /* a blank alone is in every text */
			feature_add(reader->features, hash + i);
	}
	if (in_word(character))
		reader->word = hash_on(reader->word ? reader->word : HASH_BEGIN + WORD_SEED, character);
	else
		word_end(reader);
}

static void text_read(struct features *features, struct span text)
{
	struct reader reader = {.features = features};

	character_take(&reader, ' ');
	for (size_t at = 0; at < text.len && features->count < FEATURES_MOST;) {
		uint32_t character;
		at += character_read((const unsigned char *)text.data + at, text.len - at, &character);
		character_take(&reader, character_fold(character));
	}
	character_take(&reader, ' ');
	word_end(&reader);
}

void features_read(struct features *features, const struct span *texts, size_t text_count)
{
	size_t bytes = 0, room = 64;

	for (size_t i = 0; i < text_count; i++)
		bytes += texts[i].len + 2;
	/* A byte gives at most five features; half of the table stays free. */
	while (room < bytes * 10 && room < FEATURES_MOST * 2)
		room *= 2;
	memset(features->seen, 0, room * sizeof *features->seen);
	features->seen_mask = room - 1;
	features->count = 0;
	for (size_t i = 0; i < text_count; i++)
		if (texts[i].len)
			text_read(features, texts[i]);
}
