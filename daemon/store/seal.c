/* The seal on a row outside of the hash chain: a short hash of table, key and row, stored with it. Owns nothing.
 *
 * A bit that flipped in a row must not become a wrong answer: what does not match its seal is not a row. It guards against disks and not against people
 * (the key is no secret), so it may be short and quick: SipHash-2-4 (libsodium's crypto_shorthash), of which 32 bits are kept. */
#include "store/seal.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

uint32_t row_seal(int table, struct span key, struct span row)
{
	unsigned char secret[crypto_shorthash_KEYBYTES] = "reeve", hash[crypto_shorthash_BYTES];
	uint32_t seal;

	secret[15] = (unsigned char)table;
	crypto_shorthash(hash, (const unsigned char *)key.data, key.len, secret);
	memcpy(secret, hash, sizeof hash);
	crypto_shorthash(hash, (const unsigned char *)(row.len ? row.data : ""), row.len, secret);
	memcpy(&seal, hash, sizeof seal);
	return seal;
}

bool row_unseal(int table, struct span key, struct span stored, struct span *ret_row)
{
	uint32_t seal;

	if (stored.len < sizeof seal)
		return false;
	*ret_row = (struct span){stored.data, stored.len - sizeof seal};
	memcpy(&seal, stored.data + ret_row->len, sizeof seal);
	return seal == row_seal(table, key, *ret_row);
}
