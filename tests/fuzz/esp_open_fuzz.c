/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/esp.h"

#include "tests/fuzz/check.h"

#define OPTIONS_SIZE 5 /* of the fuzzer: before the packet in the input */
#define SEQ UINT64_C(0x700000009)

static struct esp_engine *engine;
static struct esp_key *keys[ESP_SUITE_COUNT];

static void
make_keys(void)
{
	static const uint8_t secret[64] = "keys of the fuzzer, known to all";

	engine = esp_engine_create();
	CHECK(engine != NULL);
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		const struct esp_suite_info *info = esp_suite_info(suite);

		keys[suite] = aligned_alloc(64, esp_key_size(suite));
		CHECK(keys[suite] != NULL);
		CHECK(esp_key_init(keys[suite], suite, secret, info->encryption_key_size, secret,
				   info->authentication_key_size));
	}
}

/* The input as a packet; nobody guesses an ICV. */
static void
open_input(enum esp_suite suite, const uint8_t *data, size_t size, bool is_esn)
{
	struct esp_op op = {
		.key = keys[suite],
		.esp = exact_copy(data, size),
		.len = (uint32_t)size,
		.seq = SEQ,
		.is_esn = is_esn,
	};

	esp_open(engine, &op, 1);
	CHECK(!op.is_right && !op.is_bad_pad);
	free(op.esp);
}

/* The input as a payload that is sealed, changed in one octet (or not, for `change` 0), and opened. */
static void
seal_and_open(enum esp_suite suite, const uint8_t *data, size_t size, bool is_esn, uint16_t place,
	      uint8_t change)
{
	size_t begin = sizeof(struct esp_header) + esp_suite_info(suite)->iv_size;
	struct esp_op op = {
		.key = keys[suite],
		.esp = calloc(1, begin + size + ESP_TAIL_SIZE_MAX),
		.len = (uint32_t)size,
		.seq = SEQ,
		.is_esn = is_esn,
		.next_header = 4,
	};

	CHECK(op.esp != NULL);
	if (size > 0)
		memcpy(op.esp + begin, data, size);
	esp_seal(engine, &op, 1);
	CHECK(op.result_len <= begin + size + ESP_TAIL_SIZE_MAX && op.result_len > begin + size);
	op.len = op.result_len;
	op.next_header = 0;
	op.esp[place % op.len] ^= change;
	esp_open(engine, &op, 1);
	CHECK(op.is_right == (change == 0));
	CHECK(!op.is_bad_pad);
	if (op.is_right) {
		CHECK(op.result_len == size && op.next_header == 4);
		CHECK(size == 0 || memcmp(op.esp + begin, data, size) == 0);
	}
	free(op.esp);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum esp_suite suite;
	uint16_t place;

	if (size < OPTIONS_SIZE)
		return 0;
	if (engine == NULL)
		make_keys();
	suite = data[0] % ESP_SUITE_COUNT;
	memcpy(&place, data + 2, sizeof(place));
	open_input(suite, data + OPTIONS_SIZE, size - OPTIONS_SIZE, data[1] & 1);
	seal_and_open(suite, data + OPTIONS_SIZE, size - OPTIONS_SIZE, data[1] & 2, place, data[4]);
	return 0;
}
