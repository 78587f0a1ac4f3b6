/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_LIB_GOLDEN_H
#define TESTS_UNIT_LIB_GOLDEN_H

#include <string.h>

#include "lib/secret.h"

/*
 * Registration messages whose authenticators were computed by other programs (Python's hmac,
 * openssl). The mobile node's key is 00..0f under SPI 256, the foreign agent's 10..1f under SPI
 * 300, HMAC-MD5.
 */
#define GOLDEN_1_HEX                                                                               \
	"012207080a0100070a010001ac100509e4a1b2c312345678201400000100fd37ab51020b9100603e1722303d" \
	"7b14"

static const char *const golden_hex[] = {
	/* request, D and T */
	GOLDEN_1_HEX,
	/* request with NAI and UDP Tunnel Request */
	"012207080a0100070a010001ac100509e4a1b2c312345678830f6d6e31406578616d706c652e636f6d900600"
	"0000000000201400000100bfb81dc9b4936f22386b9e349194f9a4",
	/* reply: accepted, NAI, UDP Tunnel Reply, trusted networks */
	"030007080a0100070a010001e4a1b2c312345678830f6d6e31406578616d706c652e636f6d2c060000000000"
	"6e950200002014000001004dd31e0e2f13ab2d7258d22317e1e5b9",
	/* the first one, passed on by a foreign agent */
	GOLDEN_1_HEX "22140000012cb59c2751033b25cc545f186bcd465c2b",
	/* reply: identification mismatch */
	"038500000a0100070a010001e4a1b30012345678201400000100a8c3622b65ef02325d74224218a8b360",
};

#define GOLDEN_COUNT (sizeof(golden_hex) / sizeof(golden_hex[0]))
#define GOLDEN_SIZE_MAX 128
#define GOLDEN_MN_SPI 256
#define GOLDEN_FA_SPI 300

/* Writes the bytes that `hex` spells; returns how many. */
static inline size_t
from_hex(const char *hex, uint8_t *bytes)
{
	size_t count = strlen(hex) / 2;

	for (size_t i = 0; i < 2 * count; i++) {
		uint8_t digit = (uint8_t)(hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10);

		bytes[i / 2] = (uint8_t)(i % 2 == 0 ? digit << 4 : bytes[i / 2] | digit);
	}
	return count;
}

static inline struct secret
golden_key(uint8_t first)
{
	struct secret key = {.len = 16};

	for (unsigned i = 0; i < 16; i++)
		key.bytes[i] = (uint8_t)(first + i);
	return key;
}

#define GOLDEN_MN_KEY golden_key(0x00)
#define GOLDEN_FA_KEY golden_key(0x10)

#endif
