/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets and codes that RFCs print. */
#include "lib/esp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/lib/esp_reference.h"
#include "tests/unit/lib/golden.h"

#define PING_TO_37                                                                                 \
	"08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233" \
	"34353637"

/* Opens `len` bytes at `packet` under one key. */
static struct esp_op
open_packet(enum esp_suite suite, const struct reference_key *reference, uint8_t *packet,
	    size_t len)
{
	struct esp_engine *engine = esp_engine_create();
	struct esp_key *key = reference_schedule(reference);
	struct esp_op op = {.key = key, .esp = packet, .len = (uint32_t)len};
	be32 seq_be;

	memcpy(&seq_be, packet + 4, sizeof(seq_be));
	op.seq = be32toh(seq_be);
	assert_non_null(engine);
	assert_non_null(key);
	assert_int_equal(esp_key_suite(key), suite);
	esp_open(engine, &op, 1);
	reference_schedule_free(key);
	esp_engine_destroy(engine);
	return op;
}

static void
assert_payload(const struct esp_op *op, uint32_t begin, const char *hex)
{
	uint8_t expected[256];
	size_t len = from_hex(hex, expected);

	assert_true(op->is_right);
	assert_int_equal(op->result_len, len);
	assert_memory_equal(op->esp + begin, expected, len);
}

static void
the_packet_of_rfc_7634_appendix_a_opens(void **state)
{
	struct reference_key reference = {.suite = ESP_CHACHA20_POLY1305};
	uint8_t packet[256];
	struct esp_op op;
	size_t len;

	(void)state;
	for (unsigned i = 0; i < 36; i++)
		reference.encryption[i] = (uint8_t)(0x80 + i);
	len = from_hex("01020304000000051011121314151617"
		       "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c6"
		       "14ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3"
		       "cbec163fac469b502773f6fb94e664da9165b82829f641e0"
		       "76aaa8266b7fb0f7b11b369907e1ad43",
		       packet);
	op = open_packet(ESP_CHACHA20_POLY1305, &reference, packet, len);
	assert_payload(&op, 16,
		       "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec100007362"
		       "7" PING_TO_37);
	assert_int_equal(op.next_header, 4);
}

struct cbc_packet {
	const char *key, *sealed, *payload;
	uint8_t next_header;
};

/* RFC 3602 section 4, cases 5 and 7; its packets have no ICV, so OpenSSL adds one. */
static void
the_packets_of_rfc_3602_open(void **state)
{
	static const struct cbc_packet packets[] = {
		{"90d382b410eeba7ad938c46cec1a82bf",
		 "0000432100000001e96e8c08ab465763fd098d45dd3ff893"
		 "f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856"
		 "a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874a"
		 "a269add047ad2d5913ac19b7cfbad4a6",
		 "08000ebda70a00008e9c083db95b0700" PING_TO_37, 1},
		{"0123456789abcdef0123456789abcdef",
		 "0000876500000002f4e765244f6407adf13dc1380f673f37"
		 "773b5241a4c449225e4f3ce5ed611b0c237ca96cf74a93013c1b0ea1a0cf70f8"
		 "e4ecaec78ac53aad7a0f022b859243c647752e94a859352b8a4d4d2decd136e5"
		 "c177f132ad3fbfb2201ac9904c74ee0a109e0ca1e4dfe9d5a100b842f1c22f0d",
		 "45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d02a2040"
		 "0" PING_TO_37,
		 4},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(packets); i++) {
		struct reference_key reference = reference_key(ESP_AES128_CBC_SHA256_128, 9);
		uint8_t packet[256];
		uint32_t len = (uint32_t)from_hex(packets[i].sealed, packet);
		struct esp_op op;

		from_hex(packets[i].key, reference.encryption);
		reference_authenticate(&reference, packet, len, 0, false);
		op = open_packet(ESP_AES128_CBC_SHA256_128, &reference, packet, len + 16);
		assert_payload(&op, 24, packets[i].payload);
		assert_int_equal(op.next_header, packets[i].next_header);
	}
}

struct code {
	enum esp_suite suite;
	const char *icv;
};

/* Case 2 of RFC 2202 and RFC 4231: a short key is as one with zeros behind it (RFC 2104). The text is no
 * ESP, so its padding is found to be wrong: which is looked at behind a right ICV alone. */
static void
the_codes_of_rfc_2202_and_rfc_4231_are_right(void **state)
{
	static const struct code codes[] = {
		{ESP_NULL_SHA1_96, "effcdf6ae5eb2fa2d27416d5"},
		{ESP_NULL_SHA256_128, "5bdcc146bf60754e6a042426089575c7"},
		{ESP_NULL_SHA512_256,
		 "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(codes); i++) {
		struct reference_key reference = {.suite = codes[i].suite,
						  .authentication = "Jefe"};
		uint8_t packet[64] = "what do ya want for nothing?";
		size_t len = 28 + from_hex(codes[i].icv, packet + 28);
		struct esp_op op = open_packet(codes[i].suite, &reference, packet, len);

		assert_false(op.is_right);
		assert_true(op.is_bad_pad);
		packet[0] ^= 1;
		op = open_packet(codes[i].suite, &reference, packet, len);
		assert_false(op.is_bad_pad);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_packet_of_rfc_7634_appendix_a_opens),
		cmocka_unit_test(the_packets_of_rfc_3602_open),
		cmocka_unit_test(the_codes_of_rfc_2202_and_rfc_4231_are_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
