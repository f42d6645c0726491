/* Judging text: UTF-8 and control characters. Owns nothing, allocates nothing.
 * Eight plain ASCII bytes are judged at once, because that is what most text is made of. */
#include "schema/text.h"

#include <string.h>

/* Bytes of the clean character at the beginning, 0: not clean. */
static size_t character_length(const unsigned char *bytes, size_t len)
{
	unsigned char head = bytes[0];

	if (head < 0x80)
		return (head >= 0x20 && head != 0x7f) || head == '\t' || head == '\n' || head == '\r';
	size_t size = head >= 0xc2 && head <= 0xdf ? 2 : (head & 0xf0) == 0xe0 ? 3 : head >= 0xf0 && head <= 0xf4 ? 4 : 0;
	if (size == 0 || size > len)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	if ((head == 0xe0 && bytes[1] < 0xa0) || (head == 0xed && bytes[1] > 0x9f) || (head == 0xf0 && bytes[1] < 0x90) ||
	    (head == 0xf4 && bytes[1] > 0x8f))
		return 0; /* overlong, a surrogate, or beyond U+10FFFF */
	if (head == 0xc2 && bytes[1] < 0xa0)
		return 0; /* control characters U+0080 to U+009F */
	return size;
}

/* All eight in 0x20..0x7e: no top bit, none below 0x20, none 0x7f. */
static inline bool plain_eight(const unsigned char *bytes)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	uint64_t eight;

	memcpy(&eight, bytes, 8);
	return (((eight + ones) | (eight - 0x20 * ones) | eight) & tops) == 0;
}

bool text_is_clean(struct span text)
{
	const unsigned char *bytes = (const unsigned char *)text.data;
	size_t at = 0;

	while (at < text.len) {
		if (text.len - at >= 8 && plain_eight(bytes + at)) {
			at += 8;
			continue;
		}
		size_t size = character_length(bytes + at, text.len - at);
		if (size == 0)
			return false;
		at += size;
	}
	return true;
}

void text_tame(struct span text, char *ret_text, size_t size)
{
	size_t at = 0, out = 0;

	while (at < text.len) {
		const unsigned char *bytes = (const unsigned char *)text.data + at;
		size_t len = character_length(bytes, text.len - at);
		bool clean = len > 0 && bytes[0] >= 0x20;
		len = clean ? len : 1;
		if (out + len >= size)
			break;
		if (clean)
			memcpy(ret_text + out, bytes, len);
		else
			ret_text[out] = '?';
		out += len;
		at += len;
	}
	ret_text[out] = '\0';
}
