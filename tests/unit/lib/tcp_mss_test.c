/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/tcp_mss.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

#define SYN 0x02
#define SYN_ACK 0x12
#define SEGMENT_SIZE 80

/* RFC 1071 by octets: the sum of a right segment, pseudo header included, is all ones. */
static uint16_t
sum_of(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0x1234; /* stands for the pseudo header */

	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* A segment with these options, which are filled up to whole words, and 20 bytes of data. */
static size_t
segment_write(uint8_t *tcp, uint8_t flags, const uint8_t *options, uint8_t options_len)
{
	size_t header_len = 20 + (options_len + 3) / 4 * 4, len = header_len + 20;
	uint16_t sum;

	memset(tcp, 0, len);
	for (size_t i = 0; i < len; i++)
		tcp[i] = i < 12 || i >= header_len ? (uint8_t)(i * 37) : 0;
	tcp[12] = (uint8_t)(header_len / 4 << 4);
	tcp[13] = flags;
	for (uint8_t i = 0; i < options_len; i++)
		tcp[20 + i] = options[i];
	sum = (uint16_t)~sum_of(tcp, len);
	tcp[16] = (uint8_t)(sum >> 8);
	tcp[17] = (uint8_t)sum;
	return len;
}

static void
announced_size_is_lowered_and_the_checksum_stays_right(void **state)
{
	static const struct {
		uint8_t flags;
		uint8_t options[16];
		uint8_t options_len;
		size_t at; /* of the value, behind the header */
	} cases[] = {
		{SYN, {2, 4, 0x05, 0xb4}, 4, 2},
		{SYN_ACK, {2, 4, 0x05, 0xb4}, 4, 2},
		{SYN, {2, 4, 0xff, 0xff}, 4, 2},
		{SYN, {1, 2, 4, 0x05, 0xb4}, 5, 3}, /* an odd place */
		{SYN, {3, 3, 7, 2, 4, 0x05, 0xb4}, 7, 5},
		{SYN, {4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 2, 4, 0x05, 0xb4}, 16, 14},
		{SYN | 0xc0, {1, 1, 2, 4, 0x05, 0xb4}, 6, 4}, /* ECN set-up, RFC 3168 */
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		for (unsigned mss = 28; mss < 1460; mss += 7) {
			uint8_t tcp[SEGMENT_SIZE], expected[SEGMENT_SIZE];
			size_t len = segment_write(tcp, cases[i].flags, cases[i].options,
						   cases[i].options_len);

			memcpy(expected, tcp, len);
			expected[20 + cases[i].at] = (uint8_t)(mss >> 8);
			expected[20 + cases[i].at + 1] = (uint8_t)mss;
			assert_true(tcp_mss_clamp(tcp, len, (uint16_t)mss));
			assert_int_equal(sum_of(tcp, len), 0xffff);
			memcpy(expected + 16, tcp + 16, 2);
			assert_memory_equal(tcp, expected, len);
		}
	}
}

static void
what_is_small_enough_or_no_syn_stays_as_it_is(void **state)
{
	static const struct {
		uint8_t flags;
		uint8_t options[12];
		uint8_t options_len;
	} cases[] = {
		{SYN, {2, 4, 0x05, 0x3e}, 4},	 /* 1342: what is asked for */
		{SYN, {2, 4, 0x00, 0x00}, 4},	 /* never raised */
		{SYN, {2, 4, 0x02, 0x18}, 4},	 /* 536 */
		{SYN, {1, 1, 1, 1}, 4},		 /* none is added */
		{SYN, {0}, 0},			 /* no options */
		{0x10, {2, 4, 0x05, 0xb4}, 4},	 /* ACK */
		{0x04, {2, 4, 0x05, 0xb4}, 4},	 /* RST */
		{SYN, {0, 2, 4, 0x05, 0xb4}, 5}, /* behind the end of the list */
		{SYN, {2, 3, 0x05, 2}, 4},	 /* of a wrong length */
		{SYN, {2, 6, 0x05, 0xb4, 0, 0, 1, 1}, 8},
		{SYN, {3, 0, 2, 4, 0x05, 0xb4, 1, 1}, 8}, /* goes nowhere */
		{SYN, {3, 1, 2, 4, 0x05, 0xb4, 1, 1}, 8},
		{SYN, {8, 40, 2, 4, 0x05, 0xb4, 1, 1}, 8}, /* beyond the header */
		{SYN, {1, 1, 1, 1, 1, 1, 1, 2}, 8},	   /* its length is not there */
		{SYN, {1, 1, 1, 1, 1, 2, 4, 0x05}, 8},	   /* nor all of its value */
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		uint8_t tcp[SEGMENT_SIZE], before[SEGMENT_SIZE];
		size_t len =
			segment_write(tcp, cases[i].flags, cases[i].options, cases[i].options_len);

		memcpy(before, tcp, len);
		assert_false(tcp_mss_clamp(tcp, len, 1342));
		assert_memory_equal(tcp, before, len);
	}
}

static void
each_of_several_announcements_is_lowered(void **state)
{
	static const uint8_t options[] = {2, 4, 0x05, 0xb4, 2, 4, 0x02, 0x18, 1, 2, 4, 0x22, 0xb4};
	uint8_t tcp[SEGMENT_SIZE];
	size_t len = segment_write(tcp, SYN, options, sizeof(options));

	assert_true(tcp_mss_clamp(tcp, len, 1342));
	assert_int_equal(tcp[22] << 8 | tcp[23], 1342);
	assert_int_equal(tcp[26] << 8 | tcp[27], 536);
	assert_int_equal(tcp[31] << 8 | tcp[32], 1342);
	assert_int_equal(sum_of(tcp, len), 0xffff);
}

static void
a_wrong_checksum_is_not_made_right(void **state)
{
	static const uint8_t options[] = {2, 4, 0x05, 0xb4};
	uint8_t tcp[SEGMENT_SIZE];
	size_t len = segment_write(tcp, SYN, options, sizeof(options));

	tcp[16] ^= 0x40;
	assert_true(tcp_mss_clamp(tcp, len, 1342));
	assert_int_not_equal(sum_of(tcp, len), 0xffff);
}

static void
a_segment_cut_anywhere_is_not_read_beyond_its_end(void **state)
{
	static const uint8_t options[] = {1, 2, 4, 0x05, 0xb4};
	uint8_t whole[SEGMENT_SIZE], tcp[SEGMENT_SIZE], before[SEGMENT_SIZE];
	size_t len = segment_write(whole, SYN, options, sizeof(options));

	for (size_t cut = 0; cut < len; cut++) {
		memcpy(tcp, whole, cut);
		memset(tcp + cut, 0xa5, sizeof(tcp) - cut);
		memcpy(before, tcp, sizeof(tcp));
		assert_int_equal(tcp_mss_clamp(tcp, cut, 1342), cut >= 25);
		if (cut < 25)
			assert_memory_equal(tcp, before, sizeof(tcp));
		else
			assert_memory_equal(tcp + 25, before + 25, sizeof(tcp) - 25);
	}
	/* a header that says it is shorter than itself */
	memcpy(tcp, whole, len);
	tcp[12] = 0x40;
	assert_false(tcp_mss_clamp(tcp, len, 1342));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(announced_size_is_lowered_and_the_checksum_stays_right),
		cmocka_unit_test(what_is_small_enough_or_no_syn_stays_as_it_is),
		cmocka_unit_test(each_of_several_announcements_is_lowered),
		cmocka_unit_test(a_wrong_checksum_is_not_made_right),
		cmocka_unit_test(a_segment_cut_anywhere_is_not_read_beyond_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
