/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/tcp_mss.h"

#include "lib/checksum.h"

/* Replaces the 16-bit value at `at` of the segment. At an odd offset its octets lie in two words of the
 * sum, in which they weigh what they would the other way round in one. */
static void
value_replace(uint8_t *tcp, size_t at, uint16_t value)
{
	uint8_t *checksum = tcp + offsetof(struct tcp_header, checksum_be);
	uint16_t was, is = htobe16(value);
	be16 checksum_be;

	memcpy(&was, tcp + at, sizeof(was));
	memcpy(tcp + at, &is, sizeof(is));
	if (at % 2 != 0) {
		was = __builtin_bswap16(was);
		is = __builtin_bswap16(is);
	}
	memcpy(&checksum_be, checksum, sizeof(checksum_be));
	checksum_be = checksum_update(checksum_be, was, is);
	memcpy(checksum, &checksum_be, sizeof(checksum_be));
}

static bool
option_clamp(uint8_t *tcp, size_t at, uint16_t mss)
{
	uint16_t announced = (uint16_t)(tcp[at + 2] << 8 | tcp[at + 3]);

	if (announced <= mss)
		return false;
	value_replace(tcp, at + 2, mss);
	return true;
}

bool
tcp_mss_clamp(uint8_t *tcp, size_t len, uint16_t mss)
{
	bool was_lowered = false;
	size_t end;

	if (len < sizeof(struct tcp_header) ||
	    (tcp[offsetof(struct tcp_header, flags)] & TCP_FLAG_SYN) == 0)
		return false;
	end = (size_t)(tcp[offsetof(struct tcp_header, data_offset)] >> 4) * 4;
	if (end > len)
		end = len;
	/* to the end: of several, receivers differ in which they take */
	for (size_t at = sizeof(struct tcp_header); at < end;) {
		if (tcp[at] == TCP_OPTION_END)
			break;
		if (tcp[at] == TCP_OPTION_NOP) {
			at++;
			continue;
		}
		if (end - at < 2 || tcp[at + 1] < 2 || tcp[at + 1] > end - at)
			break;
		if (tcp[at] == TCP_OPTION_MSS && tcp[at + 1] == TCP_OPTION_MSS_SIZE)
			was_lowered |= option_clamp(tcp, at, mss);
		at += tcp[at + 1];
	}
	return was_lowered;
}
