/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/minenc.h"

#include "lib/checksum.h"
#include "tests/fuzz/check.h"

#define OPTIONS_SIZE 2 /* of the fuzzer: before the packet in the input */

/* A packet with a right checksum, wherever it lies. */
static void
check_ip(const uint8_t *packet, size_t len)
{
	struct ip_header ip;

	CHECK(len >= sizeof(ip));
	memcpy(&ip, packet, sizeof(ip));
	CHECK(be16toh(ip.total_len_be) <= len && ip_header_size(&ip) <= len);
	CHECK(checksum_of(packet, ip_header_size(&ip)) == 0);
}

/* The input as a packet that arrives from a tunnel. */
static void
strip(const uint8_t *data, size_t size, size_t at)
{
	uint8_t *packet = exact_copy(data, size);
	uint16_t stripped_len;

	if (minenc_strip(packet, size, at, &stripped_len) == 0)
		check_ip(packet + stripped_len, size - stripped_len);
	else
		CHECK(size == 0 || memcmp(packet, data, size) == 0);
	free(packet);
}

/* The input as a packet for a tunnel; what comes out must be what went in, but for the checksum,
 * which is made right. */
static void
push_and_strip(const uint8_t *data, size_t size, uint8_t choice)
{
	uint8_t *room = malloc(MINENC_PUSH_MAX + size), *packet = room + MINENC_PUSH_MAX;
	struct minenc_outer outer = {.dst = 7, .is_udp = choice & 1, .ttl = choice & 2};
	uint16_t pushed_len, stripped_len;
	size_t at;

	CHECK(room != NULL);
	if (size > 0)
		memcpy(packet, data, size);
	if (choice & 4 && size >= 16)
		memcpy(&outer.src, data + 12, 4);
	if (minenc_push(&outer, packet, size, &pushed_len) == 0) {
		CHECK(pushed_len <= MINENC_PUSH_MAX);
		check_ip(packet - pushed_len, size + pushed_len);
		at = (size_t)(data[0] & 0x0f) * 4 + (outer.is_udp ? 12 : 0);
		CHECK(minenc_strip(packet - pushed_len, size + pushed_len, at, &stripped_len) == 0);
		CHECK(stripped_len == pushed_len);
		CHECK(memcmp(packet, data, 8) == 0);
		CHECK(outer.ttl != 0 || packet[8] == data[8]);
		CHECK(packet[9] == data[9]);
		CHECK(memcmp(packet + 12, data + 12, size - 12) == 0);
	}
	free(room);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < OPTIONS_SIZE)
		return 0;
	strip(data + OPTIONS_SIZE, size - OPTIONS_SIZE, data[0]);
	push_and_strip(data + OPTIONS_SIZE, size - OPTIONS_SIZE, data[1]);
	return 0;
}
