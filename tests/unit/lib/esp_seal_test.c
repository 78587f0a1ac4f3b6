/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/esp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/lib/esp_reference.h"

#define SPI_HEX 0x11223344u
#define SEQ_ESN UINT64_C(0x5a00000123)
#define SEQ UINT64_C(0x0fedcba9)

static struct esp_engine *engine;

static int
set_up(void **state)
{
	(void)state;
	engine = esp_engine_create();
	return engine == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	esp_engine_destroy(engine);
	return 0;
}

/* A packet of memory of exactly the room that the contract asks for. */
static uint8_t *
make_packet(enum esp_suite suite, uint32_t len)
{
	uint32_t begin = 8u + esp_suite_info(suite)->iv_size;
	uint8_t *esp = malloc(begin + len + ESP_TAIL_SIZE_MAX);
	be32 spi_be = htobe32(SPI_HEX);

	assert_non_null(esp);
	memset(esp, 0xee, begin + len + ESP_TAIL_SIZE_MAX);
	memcpy(esp, &spi_be, 4);
	for (uint32_t i = 0; i < len; i++)
		esp[begin + i] = (uint8_t)(i * 5 + len);
	return esp;
}

static struct esp_op
make_op(const struct esp_key *key, uint8_t *esp, uint32_t len, bool is_esn)
{
	return (struct esp_op){
		.key = key,
		.esp = esp,
		.len = len,
		.seq = is_esn ? SEQ_ESN : SEQ,
		.is_esn = is_esn,
		.next_header = 4,
	};
}

/* Pads by the RFC's words: the fewest octets that bring payload and trailer to the alignment. */
static uint32_t
pad(uint8_t *payload, uint32_t len, uint8_t align)
{
	uint8_t count = 0;

	while ((len + 2) % align != 0)
		payload[len++] = ++count;
	payload[len++] = count;
	payload[len++] = 4;
	return len;
}

/* `op` was sealed from what make_packet() makes: by OpenSSL, with the same IV, the same comes out. */
static void
assert_sealed(const struct reference_key *key, const struct esp_op *op)
{
	const struct esp_suite_info *info = esp_suite_info(key->suite);
	uint32_t begin = 8u + info->iv_size;
	uint8_t *expected = make_packet(key->suite, op->len);
	uint32_t len;

	memcpy(expected + 8, op->esp + 8, info->iv_size);
	len = pad(expected + begin, op->len, info->align);
	len = reference_seal(key, expected, len, op->seq, op->is_esn);
	assert_int_equal(op->result_len, len);
	assert_int_equal(len, begin + op->len + esp_tail_len(op->len, info->align, info->icv_size));
	assert_memory_equal(op->esp, expected, len);
	free(expected);
}

static void
check_len(const struct reference_key *reference, const struct esp_key *key, uint32_t len,
	  bool is_esn)
{
	uint8_t *esp = make_packet(reference->suite, len);
	struct esp_op op = make_op(key, esp, len, is_esn);

	esp_seal(engine, &op, 1);
	assert_sealed(reference, &op);
	free(esp);
}

static void
every_suite_seals_every_length_as_openssl_does(void **state)
{
	static const uint32_t more[] = {255,  256,  511,  512,	768, 1023,
					1400, 1500, 4096, 8999, 9000};

	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		struct reference_key reference = reference_key(suite, (uint8_t)(17 * suite));
		struct esp_key *key = reference_schedule(&reference);

		assert_non_null(key);
		for (uint32_t len = 0; len <= 200; len++) {
			check_len(&reference, key, len, false);
			check_len(&reference, key, len, true);
		}
		for (unsigned i = 0; i < ARRAY_COUNT(more); i++) {
			check_len(&reference, key, more[i], false);
			check_len(&reference, key, more[i], true);
		}
		reference_schedule_free(key);
	}
}

/* Suites, lengths and both kinds of sequence numbers, in an order that none of them has alone. */
static void
a_mixed_burst_of_any_size_is_sealed_in_its_order(void **state)
{
	struct reference_key references[ESP_SUITE_COUNT];
	struct esp_key *keys[ESP_SUITE_COUNT];

	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		references[suite] = reference_key(suite, (uint8_t)suite);
		keys[suite] = reference_schedule(&references[suite]);
	}
	for (unsigned count = 0; count <= ESP_BURST_MAX; count++) {
		struct esp_op ops[ESP_BURST_MAX];

		for (unsigned i = 0; i < count; i++) {
			enum esp_suite suite = (i * 5 + count) % ESP_SUITE_COUNT;
			uint32_t len = (i * 131 + count) % 1500;

			ops[i] = make_op(keys[suite], make_packet(suite, len), len, i % 3 == 0);
		}
		esp_seal(engine, ops, count);
		for (unsigned i = 0; i < count; i++) {
			assert_sealed(&references[esp_key_suite(ops[i].key)], &ops[i]);
			free(ops[i].esp);
		}
	}
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++)
		reference_schedule_free(keys[suite]);
}

static void
an_aead_iv_is_the_sequence_number(void **state)
{
	static const uint8_t expected[8] = {0, 0, 0, 0x5a, 0, 0, 1, 0x23};

	(void)state;
	for (enum esp_suite suite = 0; suite <= ESP_CHACHA20_POLY1305; suite++) {
		struct reference_key reference = reference_key(suite, 1);
		struct esp_key *key = reference_schedule(&reference);
		uint8_t *esp = make_packet(suite, 40);
		struct esp_op op = make_op(key, esp, 40, true);

		esp_seal(engine, &op, 1);
		assert_memory_equal(esp + 8, expected, 8);
		free(esp);
		reference_schedule_free(key);
	}
}

/* RFC 3602 section 3: not a counter, and of low Hamming distance to none of its neighbours. */
static void
a_cbc_iv_is_the_enciphered_sequence_number_and_never_comes_twice(void **state)
{
	struct reference_key reference = reference_key(ESP_AES128_CBC_SHA256_128, 1);
	struct esp_key *key = reference_schedule(&reference);
	static uint8_t ivs[200][16];
	static const uint8_t zeros[16];

	(void)state;
	for (uint64_t seq = 1; seq <= ARRAY_COUNT(ivs); seq++) {
		uint8_t *esp = make_packet(reference.suite, 20), expected[16] = {0};
		struct esp_op op = make_op(key, esp, 20, false);
		unsigned distance = 0;

		op.seq = seq;
		esp_seal(engine, &op, 1);
		expected[7] = (uint8_t)seq;
		reference_encrypt(&reference, zeros, NULL, 0, expected, 16);
		assert_memory_equal(esp + 8, expected, 16);
		memcpy(ivs[seq - 1], esp + 8, 16);
		free(esp);
		for (unsigned i = 0; i + 1 < seq; i++)
			assert_memory_not_equal(ivs[i], ivs[seq - 1], 16);
		for (unsigned i = 0; seq > 1 && i < 16; i++)
			distance += (unsigned)__builtin_popcount(ivs[seq - 1][i] ^ ivs[seq - 2][i]);
		assert_true(seq == 1 || distance > 30);
	}
	reference_schedule_free(key);
}

static void
sealing_writes_no_further_than_the_room_it_asks_for(void **state)
{
	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		struct reference_key reference = reference_key(suite, 1);
		struct esp_key *key = reference_schedule(&reference);
		uint32_t begin = 8u + esp_suite_info(suite)->iv_size;

		for (uint32_t len = 0; len < 40; len++) {
			uint8_t room[200];
			struct esp_op op = make_op(key, room, len, true);

			memset(room, 0x5a, sizeof(room));
			esp_seal(engine, &op, 1);
			for (uint32_t i = begin + len + ESP_TAIL_SIZE_MAX; i < sizeof(room); i++)
				assert_int_equal(room[i], 0x5a);
		}
		reference_schedule_free(key);
	}
}

static void
what_no_ip_packet_holds_is_not_sealed(void **state)
{
	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		struct reference_key reference = reference_key(suite, 1);
		struct esp_key *key = reference_schedule(&reference);
		static uint8_t room[70000];
		struct esp_op op = make_op(key, room, 65535, false);

		esp_seal(engine, &op, 1);
		assert_int_equal(op.result_len, 0);
		op.len = 65000;
		esp_seal(engine, &op, 1);
		assert_true(op.result_len > 65000);
		reference_schedule_free(key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_suite_seals_every_length_as_openssl_does),
		cmocka_unit_test(a_mixed_burst_of_any_size_is_sealed_in_its_order),
		cmocka_unit_test(an_aead_iv_is_the_sequence_number),
		cmocka_unit_test(a_cbc_iv_is_the_enciphered_sequence_number_and_never_comes_twice),
		cmocka_unit_test(sealing_writes_no_further_than_the_room_it_asks_for),
		cmocka_unit_test(what_no_ip_packet_holds_is_not_sealed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
