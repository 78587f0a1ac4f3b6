/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/mip_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/lib/golden.h"

#define REQUEST_HEX "012207080a0100070a010001ac100509e4a1b2c312345678"
#define MN_HA_HEX "201400000100000102030405060708090a0b0c0d0e0f"
#define FA_HA_HEX "22140000012c000102030405060708090a0b0c0d0e0f"

/* The message in memory of exactly its size, so that the sanitizer sees a read past its end. */
struct exact {
	uint8_t *bytes;
	size_t len;
};

static struct exact
exact_copy(const uint8_t *bytes, size_t len)
{
	struct exact copy = {.bytes = malloc(len == 0 ? 1 : len), .len = len};

	assert_non_null(copy.bytes);
	memcpy(copy.bytes, bytes, len);
	return copy;
}

static enum mip_parse_result
parse_hex(const char *hex, struct exact *copy, struct mip_message *message)
{
	uint8_t bytes[2048];

	*copy = exact_copy(bytes, from_hex(hex, bytes));
	return mip_parse(copy->bytes, copy->len, message);
}

static enum mip_parse_result
result_of(const char *hex)
{
	struct mip_message message;
	struct exact copy;
	enum mip_parse_result result = parse_hex(hex, &copy, &message);

	free(copy.bytes);
	return result;
}

static void
golden_messages_parse_and_their_authenticators_are_right(void **state)
{
	struct secret mn_key = GOLDEN_MN_KEY, fa_key = GOLDEN_FA_KEY;
	struct mip_auth *auth = mip_auth_create();

	(void)state;
	assert_non_null(auth);
	for (size_t i = 0; i < GOLDEN_COUNT; i++) {
		struct mip_message m;
		struct exact copy;

		assert_int_equal(parse_hex(golden_hex[i], &copy, &m), MIP_PARSE_OK);
		assert_int_equal(m.mn_ha.count, 1);
		assert_int_equal(m.mn_ha.spi, GOLDEN_MN_SPI);
		assert_true(mip_auth_verify(auth, MIP_AUTH_HMAC_MD5, &mn_key, m.bytes,
					    m.mn_ha.covered_len, m.mn_ha.authenticator.data,
					    m.mn_ha.authenticator.len));
		assert_false(mip_auth_verify(auth, MIP_AUTH_HMAC_MD5, &fa_key, m.bytes,
					     m.mn_ha.covered_len, m.mn_ha.authenticator.data,
					     m.mn_ha.authenticator.len));
		if (m.fa_ha.count > 0) {
			assert_int_equal(m.fa_ha.spi, GOLDEN_FA_SPI);
			assert_true(mip_auth_verify(auth, MIP_AUTH_HMAC_MD5, &fa_key, m.bytes,
						    m.fa_ha.covered_len, m.fa_ha.authenticator.data,
						    m.fa_ha.authenticator.len));
		}
		assert_int_equal(m.fa_ha.count, i == 3);
		free(copy.bytes);
	}
	mip_auth_destroy(auth);
}

static void
fields_of_a_request_are_read(void **state)
{
	struct mip_message m;
	struct exact copy;

	(void)state;
	assert_int_equal(parse_hex(golden_hex[1], &copy, &m), MIP_PARSE_OK);
	assert_int_equal(m.type, MIP_REGISTRATION_REQUEST);
	assert_int_equal(m.request.flags, MIP_FLAG_D | MIP_FLAG_T);
	assert_int_equal(be16toh(m.request.lifetime_be), 1800);
	assert_int_equal(be32toh(m.request.home_address), 0x0a010007);
	assert_int_equal(be32toh(m.request.home_agent), 0x0a010001);
	assert_int_equal(be32toh(m.request.care_of_address), 0xac100509);
	assert_true(be64toh(m.request.identification_be) == 0xe4a1b2c312345678);
	assert_int_equal(m.nai.len, 15);
	assert_memory_equal(m.nai.data, "mn1@example.com", 15);
	assert_int_equal(m.udp_request.author, MIP_BY_MOBILE);
	assert_int_equal(m.udp_request.flags, 0);
	assert_int_equal(m.udp_request.encapsulation, 0);
	assert_false(m.extensions_out_of_order);
	assert_false(m.udp_reply.present);
	free(copy.bytes);
}

static void
fields_of_a_reply_are_read(void **state)
{
	struct mip_message m;
	struct exact copy;

	(void)state;
	assert_int_equal(parse_hex(golden_hex[2], &copy, &m), MIP_PARSE_OK);
	assert_int_equal(m.type, MIP_REGISTRATION_REPLY);
	assert_int_equal(m.reply.code, MIP_CODE_ACCEPTED);
	assert_true(be64toh(m.reply.identification_be) == 0xe4a1b2c312345678);
	assert_true(m.udp_reply.present);
	assert_int_equal(m.udp_reply.code, 0);
	assert_false(m.udp_reply.forced);
	assert_int_equal(m.udp_reply.keepalive_sec, 110);
	assert_true(m.trusted_networks);
	free(copy.bytes);
}

/* Where extensions begin, a message may end; in between it is cut. */
static enum mip_parse_result
expected_of_prefix(const uint8_t *bytes, size_t len)
{
	size_t at = bytes[0] == MIP_REGISTRATION_REQUEST ? 24 : 20;

	if (len < at)
		return MIP_PARSE_SHORT;
	while (at < len) {
		if (len - at < 2)
			return MIP_PARSE_MALFORMED;
		at += 2 + (size_t)bytes[at + 1];
	}
	return at == len ? MIP_PARSE_OK : MIP_PARSE_MALFORMED;
}

static void
every_truncation_of_a_golden_message_gets_the_right_result(void **state)
{
	(void)state;
	for (size_t i = 0; i < GOLDEN_COUNT; i++) {
		uint8_t bytes[GOLDEN_SIZE_MAX];
		size_t whole = from_hex(golden_hex[i], bytes);

		for (size_t len = 0; len <= whole; len++) {
			struct exact copy = exact_copy(bytes, len);
			struct mip_message m;

			assert_int_equal(mip_parse(copy.bytes, len, &m),
					 expected_of_prefix(bytes, len));
			free(copy.bytes);
		}
	}
}

static void
extensions_get_the_result_that_the_standards_ask(void **state)
{
	static const struct {
		const char *what;
		const char *hex;
		enum mip_parse_result result;
	} cases[] = {
		{"nothing behind the fixed part", "", MIP_PARSE_OK},
		{"padding is one byte each", "00000000", MIP_PARSE_OK},
		{"padding between", "00" MN_HA_HEX "00", MIP_PARSE_OK},
		{"unknown below 128", MN_HA_HEX "7f00", MIP_PARSE_UNKNOWN_EXTENSION},
		{"unknown below 128, cut off", MN_HA_HEX "16", MIP_PARSE_UNKNOWN_EXTENSION},
		{"unknown from 128 on", "c80401020304" MN_HA_HEX, MIP_PARSE_OK},
		{"unknown from 128 on, empty", "8000", MIP_PARSE_OK},
		{"unknown from 128 on, cut off", "c8040102", MIP_PARSE_MALFORMED},
		{"type without length", "83", MIP_PARSE_MALFORMED},
		{"authenticator without SPI", "2003010203", MIP_PARSE_MALFORMED},
		{"authenticator of no bytes", "200400000100", MIP_PARSE_MALFORMED},
		{"authenticator of one byte", "20050000010001", MIP_PARSE_OK},
		{"MN-AAA", "2401001400000002000102030405060708090a0b0c0d0e0f", MIP_PARSE_OK},
		{"MN-AAA too short", "2401000500000002aa", MIP_PARSE_MALFORMED},
		{"MN-AAA cut off", "2401ffff00000002aa", MIP_PARSE_MALFORMED},
		{"MN-AAA, header cut off", "240100", MIP_PARSE_MALFORMED},
		{"generalized, other subtype", "2402001400000002000102030405060708090a0b0c0d0e0f",
		 MIP_PARSE_UNKNOWN_EXTENSION},
		{"critical vendor", "26000006000000090001", MIP_PARSE_OK},
		{"critical vendor too short", "2600000500000009aa", MIP_PARSE_MALFORMED},
		{"normal vendor",
		 "8608000000000009"
		 "0001",
		 MIP_PARSE_OK},
		{"empty NAI", "8300", MIP_PARSE_MALFORMED},
		{"UDP request", "9006000080000000", MIP_PARSE_OK},
		{"UDP request of another length", "90050000800000", MIP_PARSE_MALFORMED},
		{"UDP request of another subtype", "9006010080000000", MIP_PARSE_OK},
		{"UDP reply of another length", "2c050000000000", MIP_PARSE_MALFORMED},
		{"UDP reply, empty", "2c00", MIP_PARSE_MALFORMED},
		{"UDP reply of another subtype", "2c0601000000006e", MIP_PARSE_UNKNOWN_EXTENSION},
		{"revocation support", "8906800000000001", MIP_PARSE_OK},
		{"revocation support too long", "890780000000000100", MIP_PARSE_MALFORMED},
		{"dynamic HA, long form", "8b0100040a010001", MIP_PARSE_OK},
		{"dynamic HA, long form, cut off", "8b0100040a0100", MIP_PARSE_MALFORMED},
		{"dynamic HA, short form", "8b05020a010001", MIP_PARSE_OK},
		{"dynamic HA, neither form", "8b0401020304", MIP_PARSE_MALFORMED},
		{"message string without subtype", "9100", MIP_PARSE_MALFORMED},
		{"message string without text", "910101", MIP_PARSE_OK},
		{"mobile network", "94060018c0a80000", MIP_PARSE_OK},
		{"mobile network, empty", "9400", MIP_PARSE_MALFORMED},
		{"mobile network, short", "94050018c0a800", MIP_PARSE_MALFORMED},
		{"mobile network acknowledged", "940801001800c0a80000", MIP_PARSE_OK},
		{"trusted networks", "95020000", MIP_PARSE_OK},
		{"trusted networks, empty", "9500", MIP_PARSE_MALFORMED},
		{"service selection, empty", "9700", MIP_PARSE_MALFORMED},
		{"empty challenge", "8400", MIP_PARSE_MALFORMED},
		{"unknown behind malformed", "83007f00", MIP_PARSE_UNKNOWN_EXTENSION},
		{"malformed, then a good one", "8300" MN_HA_HEX, MIP_PARSE_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		char hex[256] = REQUEST_HEX;

		strcat(hex, cases[i].hex);
		if (result_of(hex) != cases[i].result)
			fail_msg("%s: %d", cases[i].what, result_of(hex));
	}
}

static void
messages_that_are_not_ours_are_short(void **state)
{
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX + 1] = {MIP_REGISTRATION_REQUEST};
	struct mip_message m;

	(void)state;
	assert_int_equal(mip_parse(bytes, 0, &m), MIP_PARSE_SHORT);
	assert_int_equal(mip_parse(bytes, MIP_MESSAGE_SIZE_MAX, &m), MIP_PARSE_OK);
	assert_int_equal(mip_parse(bytes, MIP_MESSAGE_SIZE_MAX + 1, &m), MIP_PARSE_SHORT);
	for (unsigned type = 0; type < 256; type++) {
		bool is_ours = type == 1 || type == 3 || type == 7 || type == 15;

		bytes[0] = (uint8_t)type;
		assert_int_equal(mip_parse(bytes, 24, &m),
				 is_ours ? MIP_PARSE_OK : MIP_PARSE_SHORT);
	}
}

static void
a_malformed_message_still_shows_its_authenticator(void **state)
{
	struct mip_message m;
	struct exact copy;

	(void)state;
	assert_int_equal(parse_hex(REQUEST_HEX "8300" MN_HA_HEX, &copy, &m), MIP_PARSE_MALFORMED);
	assert_int_equal(m.mn_ha.count, 1);
	assert_int_equal(m.mn_ha.covered_len, 24 + 2 + 6);
	free(copy.bytes);
}

static void
what_stands_behind_an_authenticator_is_not_the_mobiles(void **state)
{
	static const char behind[] = "8301619502000097016194060018c0a800002c060000000000018b05010a"
				     "01000191020161";
	char hex[512] = REQUEST_HEX MN_HA_HEX;
	struct mip_message m;
	struct exact copy;

	(void)state;
	strcat(hex, behind);
	assert_int_equal(parse_hex(hex, &copy, &m), MIP_PARSE_OK);
	assert_null(m.nai.data);
	assert_null(m.service_selection.data);
	assert_null(m.message_string.data);
	assert_false(m.trusted_networks);
	assert_false(m.udp_reply.present);
	assert_int_equal(m.mobile_network_count, 0);
	assert_int_equal(m.dynamic_ha.form, MIP_DYNAMIC_HA_ABSENT);
	free(copy.bytes);

	strcpy(hex, REQUEST_HEX);
	strcat(hex, behind);
	strcat(hex, MN_HA_HEX);
	assert_int_equal(parse_hex(hex, &copy, &m), MIP_PARSE_OK);
	assert_non_null(m.nai.data);
	assert_non_null(m.service_selection.data);
	assert_int_equal(m.message_string.len, 1);
	assert_true(m.trusted_networks);
	assert_true(m.udp_reply.present);
	assert_int_equal(m.mobile_network_count, 1);
	assert_int_equal(m.dynamic_ha.form, MIP_DYNAMIC_HA_SHORT);
	free(copy.bytes);
}

static void
authors_are_told_by_the_authenticator_between_them(void **state)
{
	static const char three[] = "900600004000000089060000000000012600000600000009"
				    "0001";
	char hex[512] = REQUEST_HEX;
	struct mip_message m;
	struct exact copy;

	(void)state;
	strcat(hex, three);
	strcat(hex, MN_HA_HEX);
	assert_int_equal(parse_hex(hex, &copy, &m), MIP_PARSE_OK);
	assert_int_equal(m.udp_request.author, MIP_BY_MOBILE);
	assert_int_equal(m.revocation_support.author, MIP_BY_MOBILE);
	assert_int_equal(m.cvse, MIP_BY_MOBILE);
	free(copy.bytes);

	strcpy(hex, REQUEST_HEX MN_HA_HEX);
	strcat(hex, three);
	assert_int_equal(parse_hex(hex, &copy, &m), MIP_PARSE_OK);
	assert_int_equal(m.udp_request.author, MIP_BY_FOREIGN_AGENT);
	assert_int_equal(m.udp_request.flags, UDP_TUNNEL_FLAG_R);
	assert_int_equal(m.revocation_support.author, MIP_BY_FOREIGN_AGENT);
	assert_int_equal(m.cvse, MIP_BY_FOREIGN_AGENT);
	free(copy.bytes);
}

static void
revocation_support_counts_only_where_it_is_protected(void **state)
{
	struct mip_message m;
	struct exact copy;

	(void)state;
	assert_int_equal(parse_hex(REQUEST_HEX MN_HA_HEX FA_HA_HEX "8906800000000001", &copy, &m),
			 MIP_PARSE_OK);
	assert_int_equal(m.revocation_support.author, MIP_BY_NOBODY);
	free(copy.bytes);
}

static void
repetition_changes_no_view_but_is_counted(void **state)
{
	struct mip_message m;
	struct exact copy;

	(void)state;
	assert_int_equal(parse_hex(REQUEST_HEX "830161830162" MN_HA_HEX MN_HA_HEX, &copy, &m),
			 MIP_PARSE_OK);
	assert_int_equal(m.nai.data[0], 'a');
	assert_int_equal(m.mn_ha.count, 2);
	assert_int_equal(m.mn_ha.covered_len, 24 + 6 + 6);
	assert_true(m.extensions_out_of_order);
	free(copy.bytes);

	assert_int_equal(parse_hex(REQUEST_HEX FA_HA_HEX MN_HA_HEX, &copy, &m), MIP_PARSE_OK);
	assert_true(m.extensions_out_of_order);
	free(copy.bytes);

	assert_int_equal(parse_hex(REQUEST_HEX MN_HA_HEX FA_HA_HEX FA_HA_HEX, &copy, &m),
			 MIP_PARSE_OK);
	assert_int_equal(m.fa_ha.count, 2);
	assert_false(m.extensions_out_of_order);
	free(copy.bytes);
}

static void
both_forms_of_a_dynamic_home_agent_are_read(void **state)
{
	static const char *const hexes[] = {REQUEST_HEX "8b0100040a010001",
					    REQUEST_HEX "8b05010a010001"};
	static const enum mip_dynamic_ha_form forms[] = {MIP_DYNAMIC_HA_LONG, MIP_DYNAMIC_HA_SHORT};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct mip_message m;
		struct exact copy;

		assert_int_equal(parse_hex(hexes[i], &copy, &m), MIP_PARSE_OK);
		assert_int_equal(m.dynamic_ha.form, forms[i]);
		assert_int_equal(m.dynamic_ha.subtype, DYNAMIC_HA_REQUESTED);
		assert_int_equal(be32toh(m.dynamic_ha.address), 0x0a010001);
		free(copy.bytes);
	}
}

static void
revocations_are_read(void **state)
{
	struct mip_message m;
	struct exact copy;

	(void)state;
	assert_int_equal(parse_hex("0700c0000a0100070a010001ac10050900000007" FA_HA_HEX, &copy, &m),
			 MIP_PARSE_OK);
	assert_int_equal(m.type, MIP_REVOCATION);
	assert_int_equal(be16toh(m.revocation.flags_be),
			 MIP_REVOCATION_FLAG_A | MIP_REVOCATION_FLAG_I);
	assert_int_equal(be32toh(m.revocation.foreign_domain), 0xac100509);
	assert_int_equal(be32toh(m.revocation.revocation_id_be), 7);
	assert_int_equal(m.fa_ha.count, 1);
	free(copy.bytes);

	assert_int_equal(parse_hex("0f0080000a01000700000007" FA_HA_HEX, &copy, &m), MIP_PARSE_OK);
	assert_int_equal(m.type, MIP_REVOCATION_ACK);
	assert_int_equal(be32toh(m.revocation_ack.revocation_id_be), 7);
	assert_int_equal(m.fa_ha.covered_len, 12 + 6);
	free(copy.bytes);
}

static void
a_nai_longer_than_the_limit_is_malformed(void **state)
{
	uint8_t bytes[24 + 2 + 255] = {MIP_REGISTRATION_REQUEST};
	struct mip_message m;

	(void)state;
	memset(bytes + 26, 'a', 255);
	bytes[24] = MIP_EXT_NAI;
	bytes[25] = MIP_NAI_SIZE_MAX;
	assert_int_equal(mip_parse(bytes, 26 + MIP_NAI_SIZE_MAX, &m), MIP_PARSE_OK);
	assert_int_equal(m.nai.len, MIP_NAI_SIZE_MAX);
	bytes[25] = MIP_NAI_SIZE_MAX + 1;
	assert_int_equal(mip_parse(bytes, 26 + MIP_NAI_SIZE_MAX + 1, &m), MIP_PARSE_MALFORMED);
	assert_null(m.nai.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_messages_parse_and_their_authenticators_are_right),
		cmocka_unit_test(fields_of_a_request_are_read),
		cmocka_unit_test(fields_of_a_reply_are_read),
		cmocka_unit_test(every_truncation_of_a_golden_message_gets_the_right_result),
		cmocka_unit_test(extensions_get_the_result_that_the_standards_ask),
		cmocka_unit_test(messages_that_are_not_ours_are_short),
		cmocka_unit_test(a_malformed_message_still_shows_its_authenticator),
		cmocka_unit_test(what_stands_behind_an_authenticator_is_not_the_mobiles),
		cmocka_unit_test(authors_are_told_by_the_authenticator_between_them),
		cmocka_unit_test(revocation_support_counts_only_where_it_is_protected),
		cmocka_unit_test(repetition_changes_no_view_but_is_counted),
		cmocka_unit_test(both_forms_of_a_dynamic_home_agent_are_read),
		cmocka_unit_test(revocations_are_read),
		cmocka_unit_test(a_nai_longer_than_the_limit_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
