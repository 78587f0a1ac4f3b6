/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/agent_advertisement.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>

#include "lib/checksum.h"
#include "tests/unit/lib/golden.h"

/* Built with scapy and Python's struct. */
#define HOME_AGENT_HEX "45000024123400000101bda10a010002e00000010900a41e00020708100600010e102dc0"
#define FOREIGN_AGENT_HEX                                          \
	"4500002c000100000101feac0a01000aac10050909003bc40002000c" \
	"100effff070890000a01000a0a01000b"

static void
home_agent_s_advertisement_is_as_the_rfcs_draw_it(void **state)
{
	struct agent_advertisement advertisement = {
		.src = htobe32(0x0a010002),
		.dst = IP_ALL_SYSTEMS,
		.id_be = htobe16(0x1234),
		.lifetime_sec = 1800,
		.sequence = 1,
		.registration_sec = 3600,
		.flags = MIP_ADVERTISEMENT_H | MIP_ADVERTISEMENT_M | MIP_ADVERTISEMENT_G |
			 MIP_ADVERTISEMENT_T | MIP_ADVERTISEMENT_U | MIP_ADVERTISEMENT_X,
	};
	uint8_t expected[GOLDEN_SIZE_MAX], out[AGENT_ADVERTISEMENT_SIZE_MAX];
	size_t len = agent_advertisement_build(&advertisement, out);

	assert_int_equal(len, from_hex(HOME_AGENT_HEX, expected));
	assert_memory_equal(out, expected, len);
}

static void
challenge_stands_behind_the_care_of_addresses(void **state)
{
	const be32 care_of[] = {htobe32(0x0a01000a)};
	const uint8_t challenge[] = {1, 2, 3, 4, 5};
	struct agent_advertisement advertisement = {
		.src = care_of[0],
		.dst = IP_ALL_SYSTEMS,
		.flags = MIP_ADVERTISEMENT_F,
		.care_of = care_of,
		.care_of_count = 1,
		.challenge = challenge,
		.challenge_len = sizeof(challenge),
	};
	uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX];
	size_t len = agent_advertisement_build(&advertisement, out);
	static const uint8_t expected[] = {24, 5, 1, 2, 3, 4, 5};

	assert_int_equal(len, 20 + 8 + 8 + 4 + sizeof(expected));
	assert_int_equal(out[3], len);
	assert_int_equal(out[20 + 8 + 1], 6 + 4);
	assert_memory_equal(out + len - sizeof(expected), expected, sizeof(expected));
	assert_int_equal(checksum_of(out + 20, len - 20), 0);
}

static void
foreign_agent_s_advertisement_lists_its_care_of_addresses(void **state)
{
	const be32 care_of[] = {htobe32(0x0a01000a), htobe32(0x0a01000b)};
	struct agent_advertisement advertisement = {
		.src = care_of[0],
		.dst = htobe32(0xac100509),
		.id_be = htobe16(1),
		.lifetime_sec = 12,
		.sequence = UINT16_MAX,
		.registration_sec = 1800,
		.flags = MIP_ADVERTISEMENT_R | MIP_ADVERTISEMENT_F,
		.care_of = care_of,
		.care_of_count = 2,
	};
	uint8_t expected[GOLDEN_SIZE_MAX], out[AGENT_ADVERTISEMENT_SIZE_MAX];
	size_t len = agent_advertisement_build(&advertisement, out);

	assert_int_equal(len, from_hex(FOREIGN_AGENT_HEX, expected));
	assert_memory_equal(out, expected, len);
}

static void
sequence_rolls_over_to_256(void **state)
{
	assert_int_equal(agent_sequence_next(0), 1);
	assert_int_equal(agent_sequence_next(255), 256);
	assert_int_equal(agent_sequence_next(0xfffe), 0xffff);
	assert_int_equal(agent_sequence_next(0xffff), 256);
}

/* From 10.1.0.50 to 224.0.0.11; with 4 octets behind those that count; with a router alert option; from
 * somebody without an address. */
#define SOLICITATION_HEX "4500001c000000000101cfa30a010032e000000b0a00f5ff00000000"
#define LONG_HEX "45000020000000000101cf9f0a010032e000000b0a00a1a70000000012344224"
#define OPTION_HEX "460000200000000001013a9b0a010032e000000b940400000a00f5ff00000000"
#define NOBODY_HEX "4500001c000000000101d9d600000000e000000b0a00f5ff00000000"

static void
solicitations_are_read(void **state)
{
	static const struct {
		const char *hex;
		uint32_t src;
	} cases[] = {
		{SOLICITATION_HEX, 0x0a010032},
		{LONG_HEX, 0x0a010032},
		{OPTION_HEX, 0x0a010032},
		{NOBODY_HEX, 0},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		uint8_t bytes[GOLDEN_SIZE_MAX] = {0};
		size_t len = from_hex(cases[i].hex, bytes);
		be32 src = 1;

		assert_int_equal(agent_solicitation_parse(bytes, len, &src), 0);
		assert_int_equal(src, htobe32(cases[i].src));
		assert_int_equal(agent_solicitation_parse(bytes, len + 18, &src), 0); /* padding */
	}
}

static void
solicitation_cut_anywhere_is_refused(void **state)
{
	uint8_t bytes[GOLDEN_SIZE_MAX];
	size_t whole = from_hex(OPTION_HEX, bytes);

	for (size_t len = 0; len < whole; len++) {
		be32 src;

		assert_int_equal(agent_solicitation_parse(bytes, len, &src), -EINVAL);
	}
}

static void
what_is_no_valid_solicitation_is_refused(void **state)
{
	static const struct {
		const char *what;
		unsigned at;
		uint8_t value;
		int error;
	} cases[] = {
		{"version 6", 0, 0x65, -EINVAL},
		{"header of 16 octets", 0, 0x44, -EINVAL},
		{"header of 60 octets", 0, 0x4f, -EINVAL},
		{"longer than it is", 3, 29, -EINVAL},
		{"four octets of ICMP", 3, 24, -EINVAL},
		{"more fragments", 6, 0x20, -EINVAL},
		{"later fragment", 7, 1, -EINVAL},
		{"UDP", 9, 17, -EINVAL},
		{"advertisement", 20, 9, -EINVAL},
		{"echo request", 20, 8, -EINVAL},
		{"code 1", 21, 1, -EINVAL},
		{"checksum", 22, 0xf4, -EBADMSG},
		{"reserved octet changed under way", 27, 1, -EBADMSG},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		uint8_t bytes[GOLDEN_SIZE_MAX];
		size_t len = from_hex(SOLICITATION_HEX, bytes);
		be32 src;

		print_message("%s\n", cases[i].what);
		bytes[cases[i].at] = cases[i].value;
		assert_int_equal(agent_solicitation_parse(bytes, len, &src), cases[i].error);
	}
}

static void
advertisements_are_read_as_they_were_written(void **state)
{
	uint8_t bytes[GOLDEN_SIZE_MAX];
	size_t len = from_hex(FOREIGN_AGENT_HEX, bytes);
	struct agent_heard heard;

	assert_int_equal(agent_advertisement_parse(bytes, len, false, &heard), 0);
	assert_int_equal(heard.src, htobe32(0x0a01000a));
	assert_int_equal(heard.lifetime_sec, 12);
	assert_int_equal(heard.sequence, UINT16_MAX);
	assert_int_equal(heard.registration_sec, 1800);
	assert_int_equal(heard.flags, MIP_ADVERTISEMENT_R | MIP_ADVERTISEMENT_F);
	assert_int_equal(heard.care_of_count, 2);
	assert_int_equal(heard.care_of[1], htobe32(0x0a01000b));
	assert_int_equal(heard.challenge_len, 0);
	bytes[len - 1] ^= 1;
	assert_int_equal(agent_advertisement_parse(bytes, len, false, &heard), -EBADMSG);
	bytes[len - 1] ^= 1;
	bytes[12] ^= 1;
	assert_int_equal(agent_advertisement_parse(bytes, len, false, &heard), -EBADMSG);
}

/* One with everything: a challenge too, to all systems. */
static size_t
build_full(uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX])
{
	static const uint8_t challenge[] = {9, 8, 7, 6};
	const be32 care_of[] = {htobe32(0x0a01000a)};
	struct agent_advertisement advertisement = {
		.src = care_of[0],
		.dst = IP_ALL_SYSTEMS,
		.lifetime_sec = 9,
		.flags = MIP_ADVERTISEMENT_F,
		.care_of = care_of,
		.care_of_count = 1,
		.challenge = challenge,
		.challenge_len = sizeof(challenge),
	};

	return agent_advertisement_build(&advertisement, out);
}

static void
a_foreign_agent_s_nai_is_heard(void **state)
{
	static const char nai[] = "fa7@branch.corp.example";
	static const struct {
		uint8_t subtype;
		unsigned at; /* where an octet is spoiled, in the NAI; 0: nowhere */
		bool is_heard;
	} cases[] = {{3, 0, true}, {1, 0, false}, {3, 5, false}};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		const be32 care_of = htobe32(0x0a01000a);
		struct agent_advertisement advertisement = {
			.src = care_of,
			.dst = IP_ALL_SYSTEMS,
			.flags = MIP_ADVERTISEMENT_F,
			.care_of = &care_of,
			.care_of_count = 1,
			.nai = nai,
			.nai_len = sizeof(nai) - 1,
		};
		uint8_t packet[AGENT_ADVERTISEMENT_SIZE_MAX];
		size_t len = agent_advertisement_build(&advertisement, packet);
		uint8_t *extension = packet + len - sizeof(nai) + 1 - 3;
		struct agent_heard heard;

		assert_int_equal(extension[0], 136);
		assert_int_equal(extension[1], sizeof(nai));
		assert_int_equal(extension[2], 3);
		extension[2] = cases[i].subtype;
		if (cases[i].at != 0)
			extension[3 + cases[i].at] = ' ';
		/* its checksum no longer says anything */
		assert_int_equal(agent_advertisement_parse(packet, len, true, &heard), 0);
		assert_int_equal(heard.nai_len, cases[i].is_heard ? sizeof(nai) - 1 : 0);
		if (cases[i].is_heard)
			assert_memory_equal(heard.nai, nai, heard.nai_len);
		assert_int_equal(heard.care_of[0], care_of);
	}
}

static void
challenges_are_heard(void **state)
{
	uint8_t bytes[AGENT_ADVERTISEMENT_SIZE_MAX];
	size_t len = build_full(bytes);
	struct agent_heard heard;

	assert_int_equal(agent_advertisement_parse(bytes, len, false, &heard), 0);
	assert_int_equal(heard.challenge_len, 4);
	assert_int_equal(heard.challenge[3], 6);
}

static void
mend(uint8_t *bytes, size_t len)
{
	be16 checksum;

	memset(bytes + 10, 0, 2);
	checksum = checksum_of(bytes, 20);
	memcpy(bytes + 10, &checksum, 2);
	memset(bytes + 22, 0, 2);
	checksum = checksum_of(bytes + 20, len - 20);
	memcpy(bytes + 22, &checksum, 2);
}

static void
advertisements_that_cannot_be_are_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		int result;
	} cases[] = {
		{8, 2, -EINVAL},    /* a TTL that a neighbour does not send */
		{7, 1, -EINVAL},    /* a fragment */
		{9, 17, -EINVAL},   /* UDP */
		{12, 127, -EINVAL}, /* from the loopback */
		{20, 10, -EINVAL},  /* a solicitation */
		{21, 3, -EINVAL},   /* a code that nobody has defined */
		{24, 200, -EINVAL}, /* more router addresses than there is room for */
		{29, 9, -EINVAL},   /* half a care-of address */
		{29, 200, -EINVAL}, /* longer than the packet */
		{28, 17, -ENOMSG},  /* no mobility agent's */
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		uint8_t bytes[AGENT_ADVERTISEMENT_SIZE_MAX];
		size_t len = build_full(bytes);
		struct agent_heard heard;

		bytes[cases[i].at] = cases[i].value;
		mend(bytes, len);
		assert_int_equal(agent_advertisement_parse(bytes, len, false, &heard),
				 cases[i].result);
	}
}

static void
cut_advertisements_are_refused_at_every_length(void **state)
{
	uint8_t bytes[AGENT_ADVERTISEMENT_SIZE_MAX];
	size_t len = build_full(bytes);
	struct agent_heard heard;

	for (size_t cut = 0; cut < len; cut++)
		assert_int_not_equal(agent_advertisement_parse(bytes, cut, false, &heard), 0);
}

static void
own_solicitation_is_as_the_rfcs_draw_it(void **state)
{
	uint8_t bytes[AGENT_SOLICITATION_SIZE];
	be32 src = 1;

	agent_solicitation_build(htobe32(0x0a010032), bytes);
	assert_int_equal(bytes[8], 1);
	assert_int_equal(checksum_of(bytes, 20), 0);
	assert_int_equal(agent_solicitation_parse(bytes, sizeof(bytes), &src), 0);
	assert_int_equal(src, htobe32(0x0a010032));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(home_agent_s_advertisement_is_as_the_rfcs_draw_it),
		cmocka_unit_test(foreign_agent_s_advertisement_lists_its_care_of_addresses),
		cmocka_unit_test(challenge_stands_behind_the_care_of_addresses),
		cmocka_unit_test(sequence_rolls_over_to_256),
		cmocka_unit_test(solicitations_are_read),
		cmocka_unit_test(solicitation_cut_anywhere_is_refused),
		cmocka_unit_test(what_is_no_valid_solicitation_is_refused),
		cmocka_unit_test(advertisements_are_read_as_they_were_written),
		cmocka_unit_test(a_foreign_agent_s_nai_is_heard),
		cmocka_unit_test(challenges_are_heard),
		cmocka_unit_test(advertisements_that_cannot_be_are_refused),
		cmocka_unit_test(cut_advertisements_are_refused_at_every_length),
		cmocka_unit_test(own_solicitation_is_as_the_rfcs_draw_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
