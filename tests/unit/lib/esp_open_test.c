/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/esp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/lib/esp_reference.h"

#define SEQ UINT64_C(0x12300000456)

static struct esp_engine *engine;
static struct reference_key references[ESP_SUITE_COUNT];
static struct esp_key *keys[ESP_SUITE_COUNT];

static int
set_up(void **state)
{
	(void)state;
	engine = esp_engine_create();
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		references[suite] = reference_key(suite, (uint8_t)(31 * suite));
		keys[suite] = reference_schedule(&references[suite]);
	}
	return engine == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++)
		reference_schedule_free(keys[suite]);
	esp_engine_destroy(engine);
	return 0;
}

static struct esp_op
make_op(enum esp_suite suite, const uint8_t *packet, uint32_t len, bool is_esn)
{
	struct esp_op op = {
		.key = keys[suite],
		/* no more memory than the packet has, so that a sanitizer sees a byte too many */
		.esp = malloc(len > 0 ? len : 1),
		.len = len,
		.seq = is_esn ? SEQ : (uint32_t)SEQ,
		.is_esn = is_esn,
	};

	assert_non_null(op.esp);
	if (len > 0)
		memcpy(op.esp, packet, len);
	return op;
}

/* `clear` is payload, padding and trailer: sealed by OpenSSL, with any IV that a peer may choose. */
static struct esp_op
make_sealed(enum esp_suite suite, const uint8_t *clear, uint32_t clear_len, bool is_esn)
{
	static uint8_t packet[10000];
	const struct esp_suite_info *info = esp_suite_info(suite);

	memset(packet, 0, 24);
	packet[1] = 0x77;
	for (unsigned i = 0; i < info->iv_size; i++)
		packet[8 + i] = (uint8_t)(0xc0 + 5 * i);
	memcpy(packet + 8 + info->iv_size, clear, clear_len);
	clear_len = reference_seal(&references[suite], packet, clear_len,
				   is_esn ? SEQ : (uint32_t)SEQ, is_esn);
	return make_op(suite, packet, clear_len, is_esn);
}

static uint8_t
payload_byte(uint32_t i, uint32_t len)
{
	return (uint8_t)(i * 3 + len);
}

/* A packet of `len` bytes of payload with right padding, and `more` bytes of it than there must be. */
static struct esp_op
make_whole(enum esp_suite suite, uint32_t len, uint8_t more, bool is_esn)
{
	static uint8_t clear[9600];
	uint32_t at = 0;
	uint8_t pad_len = 0;

	while (at < len) {
		clear[at] = payload_byte(at, len);
		at++;
	}
	while (pad_len < more || (at + 2) % esp_suite_info(suite)->align != 0)
		clear[at++] = ++pad_len;
	clear[at++] = pad_len;
	clear[at++] = 41;
	return make_sealed(suite, clear, at, is_esn);
}

static void
assert_opened(const struct esp_op *op, uint32_t len)
{
	const uint8_t *payload = op->esp + 8 + esp_suite_info(esp_key_suite(op->key))->iv_size;

	assert_true(op->is_right);
	assert_false(op->is_bad_pad);
	assert_int_equal(op->result_len, len);
	assert_int_equal(op->next_header, 41);
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(payload[i], payload_byte(i, len));
}

static void
check_len(enum esp_suite suite, uint32_t len, uint8_t more, bool is_esn)
{
	struct esp_op op = make_whole(suite, len, more, is_esn);

	esp_open(engine, &op, 1);
	assert_opened(&op, len);
	free(op.esp);
}

static void
every_suite_opens_every_length_that_openssl_seals(void **state)
{
	static const uint32_t more[] = {255,  256,  511,  512,	768, 1023,
					1400, 1500, 4096, 8999, 9000};

	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		for (uint32_t len = 0; len <= 200; len++) {
			check_len(suite, len, 0, false);
			check_len(suite, len, 0, true);
		}
		for (unsigned i = 0; i < ARRAY_COUNT(more); i++) {
			check_len(suite, more[i], 0, false);
			check_len(suite, more[i], 0, true);
		}
	}
}

static void
a_sender_may_pad_up_to_255_bytes(void **state)
{
	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		for (uint8_t pad_len = 1; pad_len < 240; pad_len++)
			check_len(suite, 20, pad_len, false);
		check_len(suite, 15, 255, false); /* 15 + 255 + 2 = 17 * 16 */
	}
}

static void
a_mixed_burst_of_any_size_is_opened_in_its_order(void **state)
{
	(void)state;
	for (unsigned count = 0; count <= ESP_BURST_MAX; count++) {
		struct esp_op ops[ESP_BURST_MAX];

		for (unsigned i = 0; i < count; i++) {
			ops[i] = make_whole((i * 5 + count) % ESP_SUITE_COUNT, (i * 131) % 1500, 0,
					    i % 3 == 0);
			if (i % 7 == 3)
				ops[i].esp[ops[i].len / 2] ^= 4;
		}
		esp_open(engine, ops, count);
		for (unsigned i = 0; i < count; i++) {
			if (i % 7 == 3)
				assert_false(ops[i].is_right);
			else
				assert_opened(&ops[i], (i * 131) % 1500);
			free(ops[i].esp);
		}
	}
}

static void
what_is_sealed_here_opens_here(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		enum esp_suite suite = i % ESP_SUITE_COUNT;
		uint32_t len = i * 37 % 2000, begin = 8u + esp_suite_info(suite)->iv_size;
		uint8_t esp[2200] = {0};
		struct esp_op op = {.key = keys[suite],
				    .esp = esp,
				    .len = len,
				    .seq = UINT64_C(0xfffffff0) + i,
				    .is_esn = true,
				    .next_header = 41};

		for (uint32_t at = 0; at < len; at++)
			esp[begin + at] = payload_byte(at, len);
		esp_seal(engine, &op, 1);
		op.len = op.result_len;
		op.next_header = 0;
		esp_open(engine, &op, 1);
		assert_opened(&op, len);
	}
}

static void
a_flipped_bit_anywhere_is_found(void **state)
{
	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		for (unsigned is_esn = 0; is_esn < 2; is_esn++) {
			struct esp_op whole = make_whole(suite, 37, 0, is_esn);

			for (uint32_t bit = 0; bit < whole.len * 8; bit++) {
				struct esp_op op = make_op(suite, whole.esp, whole.len, is_esn);

				op.esp[bit / 8] ^= (uint8_t)(1 << bit % 8);
				esp_open(engine, &op, 1);
				assert_false(op.is_right);
				assert_false(op.is_bad_pad);
				free(op.esp);
			}
			free(whole.esp);
		}
	}
}

static void
another_high_half_or_another_key_is_found(void **state)
{
	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		struct reference_key other = reference_key(suite, 200);
		struct esp_key *other_key = reference_schedule(&other);
		struct esp_op ops[4];

		for (unsigned i = 0; i < ARRAY_COUNT(ops); i++)
			ops[i] = make_whole(suite, 60, 0, true);
		ops[0].seq += UINT64_C(1) << 32;
		ops[1].is_esn = false;
		ops[2].key = other_key;
		esp_open(engine, ops, ARRAY_COUNT(ops));
		for (unsigned i = 0; i < 3; i++)
			assert_false(ops[i].is_right);
		assert_opened(&ops[3], 60);
		for (unsigned i = 0; i < ARRAY_COUNT(ops); i++)
			free(ops[i].esp);
		reference_schedule_free(other_key);
	}
}

/* Every shorter packet, also those whose length would do for the block. */
static void
a_short_packet_is_not_right(void **state)
{
	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		struct esp_op whole = make_whole(suite, 50, 0, true);

		for (uint32_t len = 0; len < whole.len; len++) {
			struct esp_op op = make_op(suite, whole.esp, len, true);

			esp_open(engine, &op, 1);
			assert_false(op.is_right);
			assert_false(op.is_bad_pad);
			free(op.esp);
		}
		free(whole.esp);
	}
}

static void
wrong_padding_under_a_right_icv_is_told(void **state)
{
	static const uint8_t clears[][16] = {
		{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
		 4}, /* longer than the payload */
		{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255, 4},
		{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 14, 4}, /* other octets */
		{0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 14, 4},
		{9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 1, 4},
	};

	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		for (unsigned i = 0; i < ARRAY_COUNT(clears); i++) {
			struct esp_op op = make_sealed(suite, clears[i], 16, false);

			esp_open(engine, &op, 1);
			assert_false(op.is_right);
			assert_true(op.is_bad_pad);
			free(op.esp);
		}
	}
}

static void
a_key_of_another_size_makes_no_schedule(void **state)
{
	static const uint8_t bytes[80];
	static uint8_t storage_bytes[1024] __attribute__((aligned(64)));
	struct esp_key *storage = (struct esp_key *)storage_bytes;

	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		size_t size = esp_suite_info(suite)->encryption_key_size;
		size_t hash_size = esp_suite_info(suite)->authentication_key_size;

		assert_false(esp_key_init(storage, suite, bytes, size + 1, bytes, hash_size));
		assert_false(esp_key_init(storage, suite, bytes, size, bytes, hash_size + 1));
		assert_false(esp_key_init(storage, suite, bytes, size - 1, bytes, hash_size));
		assert_int_equal(esp_key_suite(keys[suite]), suite);
		esp_key_prefetch(keys[suite], suite, 1400);
	}
	assert_false(esp_key_init(storage, ESP_SUITE_COUNT, bytes, 0, bytes, 0));
	esp_engine_destroy(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_suite_opens_every_length_that_openssl_seals),
		cmocka_unit_test(a_sender_may_pad_up_to_255_bytes),
		cmocka_unit_test(a_mixed_burst_of_any_size_is_opened_in_its_order),
		cmocka_unit_test(what_is_sealed_here_opens_here),
		cmocka_unit_test(a_flipped_bit_anywhere_is_found),
		cmocka_unit_test(another_high_half_or_another_key_is_found),
		cmocka_unit_test(a_short_packet_is_not_right),
		cmocka_unit_test(wrong_padding_under_a_right_icv_is_told),
		cmocka_unit_test(a_key_of_another_size_makes_no_schedule),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
