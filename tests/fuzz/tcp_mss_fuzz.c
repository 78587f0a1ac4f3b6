/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/tcp_mss.h"

#include "lib/checksum.h"
#include "tests/fuzz/check.h"

#define OPTIONS_SIZE 2 /* of the fuzzer: before the segment in the input */

/* Ones' complement has two zeros. */
static uint16_t
sum_of(const uint8_t *data, size_t size)
{
	uint16_t sum = checksum_fold(checksum_add(0, data, size));

	return sum == 0xffff ? 0 : sum;
}

/* The input as a segment: nothing but announced sizes and the checksum may change, the sum stays what it
 * was, and a second time there is nothing left to do. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint16_t mss;
	uint8_t *tcp;
	bool was_lowered;

	if (size < OPTIONS_SIZE)
		return 0;
	mss = (uint16_t)(data[0] << 8 | data[1]);
	data += OPTIONS_SIZE;
	size -= OPTIONS_SIZE;
	tcp = exact_copy(data, size);
	was_lowered = tcp_mss_clamp(tcp, size, mss);
	if (!was_lowered)
		CHECK(size == 0 || memcmp(tcp, data, size) == 0);
	else
		CHECK(memcmp(tcp, data, 16) == 0 && (tcp[13] & TCP_FLAG_SYN) != 0);
	if (size > 60)
		CHECK(memcmp(tcp + 60, data + 60, size - 60) == 0);
	CHECK(sum_of(tcp, size) == sum_of(data, size));
	CHECK(!tcp_mss_clamp(tcp, size, mss));
	free(tcp);
	return 0;
}
