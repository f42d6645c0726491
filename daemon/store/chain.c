/* The hash chain over the journal's records: BLAKE2b-256 (RFC 7693, libsodium's crypto_generichash without key).
 * Owns nothing; never reads a store but through journal_ops, so that it holds for every implementation.
 *
 * Invariant: hash(n) covers hash(n - 1), n and record n, hence everything before; the sequence number is hashed as 8 bytes
 * big-endian so that another machine or language gets the same chain. */
#include "store/journal.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#define VERIFY_PIECE 4096 /* records per read transaction: a long verify must not pin the store's old pages */

static_assert(JOURNAL_HASH_BYTES == crypto_generichash_BYTES, "the chain is BLAKE2b-256");

void journal_chain(const unsigned char previous[JOURNAL_HASH_BYTES], int64_t seq, struct span record, unsigned char ret_hash[JOURNAL_HASH_BYTES])
{
	crypto_generichash_state state;
	unsigned char number[8];

	for (int i = 0; i < 8; i++)
		number[i] = (unsigned char)((uint64_t)seq >> (56 - 8 * i));
	crypto_generichash_init(&state, NULL, 0, JOURNAL_HASH_BYTES);
	crypto_generichash_update(&state, previous, JOURNAL_HASH_BYTES);
	crypto_generichash_update(&state, number, sizeof number);
	crypto_generichash_update(&state, (const unsigned char *)record.data, record.len);
	crypto_generichash_final(&state, ret_hash, JOURNAL_HASH_BYTES);
}

/* The hash that record `from` builds on. */
static int chain_start(struct journal *journal, int64_t from, unsigned char ret_hash[JOURNAL_HASH_BYTES])
{
	struct span unused;

	memcpy(ret_hash, journal->base_hash, JOURNAL_HASH_BYTES);
	return from == journal->first_seq ? 0 : journal->ops->read(journal, from - 1, &unused, ret_hash);
}

/* Record `bad` does not follow from the hash stored with the one before it: which of the two is damaged, that one's own hash tells. */
static int64_t blame(struct journal *journal, int64_t bad)
{
	unsigned char expected[JOURNAL_HASH_BYTES], stored[JOURNAL_HASH_BYTES];
	struct span record;

	if (bad - 1 < journal->first_seq || chain_start(journal, bad - 1, expected) || journal->ops->read(journal, bad - 1, &record, stored))
		return bad;
	journal_chain(expected, bad - 1, record, expected);
	return memcmp(expected, stored, JOURNAL_HASH_BYTES) ? bad - 1 : bad;
}

static int verify_piece(struct journal *journal, int64_t from, int64_t to, int64_t *ret_bad)
{
	unsigned char expected[JOURNAL_HASH_BYTES], stored[JOURNAL_HASH_BYTES];
	struct span record;
	int result = chain_start(journal, from, expected);

	if (result) {
		*ret_bad = from - 1;
		return result;
	}
	for (int64_t seq = from; seq <= to; seq++) {
		result = journal->ops->read(journal, seq, &record, stored);
		if (!result) {
			journal_chain(expected, seq, record, expected);
			result = memcmp(expected, stored, JOURNAL_HASH_BYTES) ? JOURNAL_DAMAGED : 0;
		}
		if (result) {
			*ret_bad = seq == from && result == JOURNAL_DAMAGED ? blame(journal, seq) : seq;
			return result;
		}
	}
	return 0;
}

int journal_verify(struct journal *journal, int64_t from, int64_t to, int64_t *ret_bad)
{
	if (from < journal->first_seq)
		from = journal->first_seq;
	while (from <= to) {
		int64_t end = to - from < VERIFY_PIECE ? to : from + VERIFY_PIECE - 1;
		int result = journal->ops->read_begin(journal);
		if (result)
			return result;
		result = verify_piece(journal, from, end, ret_bad);
		journal->ops->read_end(journal);
		if (result)
			return result;
		from = end + 1;
	}
	return 0;
}
