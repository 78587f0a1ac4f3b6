/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_ESP_KEY_H
#define LIB_ESP_KEY_H

#include <intel-ipsec-mb.h>

#include "lib/esp.h"

/* What lib/esp_*.c know of a key schedule; nobody else looks inside. */

#define ESP_SALT_SIZE 4
#define ESP_NONCE_SIZE 12     /* salt and IV: RFC 4106 section 4, RFC 7634 section 2 */
#define ESP_AES_ROUNDS_MAX 15 /* round keys of AES-256 */

enum esp_kind {
	ESP_KIND_GCM,
	ESP_KIND_CHACHA,
	ESP_KIND_HMAC, /* with AES-CBC or without encryption */
};

enum esp_kind esp_kind_of(enum esp_suite suite);

/* HMAC's hash after its first block, inside and outside (RFC 2104 section 4), and both AES schedules. */
struct esp_hmac_key {
	uint8_t encrypt[16 * ESP_AES_ROUNDS_MAX];
	uint8_t decrypt[16 * ESP_AES_ROUNDS_MAX];
	uint8_t reserved[16];
	uint8_t inner[IMB_SHA512_DIGEST_SIZE_IN_BYTES]; /* a line, and so is `outer` */
	uint8_t outer[IMB_SHA512_DIGEST_SIZE_IN_BYTES];
};

struct esp_key {
	/* all that is needed to lay a packet out, in the line of the first round keys, which every packet takes;
	 * so GCM's powers, behind 15 of those, begin a line, too */
	uint8_t suite; /* enum esp_suite */
	uint8_t kind;  /* enum esp_kind */
	uint8_t iv_size, icv_size, align;
	uint8_t aes_size; /* bytes of the AES key; 0: none */
	uint8_t salt[ESP_SALT_SIZE];
	IMB_HASH_ALG hash;

	union {
		struct gcm_key_data gcm;
		struct esp_hmac_key hmac;
		uint8_t chacha[32];
	};
} __attribute__((aligned(64)));
ASSERT_OFFSET(struct esp_key, gcm.ghash_keys, 256);
ASSERT_OFFSET(struct esp_key, hmac.inner, 512);
ASSERT_SIZE(struct esp_key, ESP_KEY_SIZE_MAX);
ASSERT_SIZE(struct esp_hmac_key, 640 - offsetof(struct esp_key, hmac));
_Static_assert(offsetof(struct esp_key, chacha) + 32 <= 64, "a key of ChaCha20 takes one line");

#endif
