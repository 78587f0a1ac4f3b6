/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_LIB_ESP_REFERENCE_H
#define TESTS_UNIT_LIB_ESP_REFERENCE_H

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "lib/esp.h"

/*
 * ESP once more, as the RFCs put it and by OpenSSL alone: what lib/esp.h is compared with. Slow, one packet
 * at a time, and it shares no code with it.
 */

struct reference_key {
	enum esp_suite suite;
	uint8_t encryption[36];
	uint8_t authentication[64];
};

static inline struct reference_key
reference_key(enum esp_suite suite, uint8_t first)
{
	struct reference_key key = {.suite = suite};

	for (unsigned i = 0; i < sizeof(key.encryption); i++)
		key.encryption[i] = (uint8_t)(first + 7 * i);
	for (unsigned i = 0; i < sizeof(key.authentication); i++)
		key.authentication[i] = (uint8_t)(first + 3 + 11 * i);
	return key;
}

static inline struct esp_key *
reference_schedule(const struct reference_key *key)
{
	const struct esp_suite_info *info = esp_suite_info(key->suite);
	struct esp_key *schedule = aligned_alloc(64, esp_key_size(key->suite));

	if (schedule != NULL &&
	    esp_key_init(schedule, key->suite, key->encryption, info->encryption_key_size,
			 key->authentication, info->authentication_key_size))
		return schedule;
	free(schedule);
	return NULL;
}

static inline void
reference_schedule_free(struct esp_key *schedule)
{
	esp_key_fini(schedule, esp_key_suite(schedule));
	free(schedule);
}

static inline const EVP_CIPHER *
reference_cipher(enum esp_suite suite)
{
	switch (suite) {
	case ESP_AES128_GCM16:
		return EVP_aes_128_gcm();
	case ESP_AES192_GCM16:
		return EVP_aes_192_gcm();
	case ESP_AES256_GCM16:
		return EVP_aes_256_gcm();
	case ESP_CHACHA20_POLY1305:
		return EVP_chacha20_poly1305();
	case ESP_AES128_CBC_SHA1_96:
	case ESP_AES128_CBC_SHA256_128:
	case ESP_AES128_CBC_SHA512_256:
		return EVP_aes_128_cbc();
	case ESP_AES256_CBC_SHA1_96:
	case ESP_AES256_CBC_SHA256_128:
	case ESP_AES256_CBC_SHA512_256:
		return EVP_aes_256_cbc();
	default:
		return NULL;
	}
}

static inline const EVP_MD *
reference_hash(enum esp_suite suite)
{
	switch (suite) {
	case ESP_AES128_CBC_SHA1_96:
	case ESP_AES256_CBC_SHA1_96:
	case ESP_NULL_SHA1_96:
		return EVP_sha1();
	case ESP_AES128_CBC_SHA256_128:
	case ESP_AES256_CBC_SHA256_128:
	case ESP_NULL_SHA256_128:
		return EVP_sha256();
	default:
		return EVP_sha512();
	}
}

static inline void
reference_must(int result)
{
	if (result <= 0)
		abort();
}

/* Encrypts `len` bytes at `data` in place; for AEAD suites the ICV goes behind them. */
static inline void
reference_encrypt(const struct reference_key *key, const uint8_t *iv, const uint8_t *aad,
		  int aad_len, uint8_t *data, uint32_t len)
{
	const struct esp_suite_info *info = esp_suite_info(key->suite);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int count;

	reference_must(EVP_EncryptInit_ex(context, reference_cipher(key->suite), NULL,
					  key->encryption, iv));
	reference_must(EVP_CIPHER_CTX_set_padding(context, 0));
	if (aad_len > 0)
		reference_must(EVP_EncryptUpdate(context, NULL, &count, aad, aad_len));
	reference_must(EVP_EncryptUpdate(context, data, &count, data, (int)len));
	reference_must(EVP_EncryptFinal_ex(context, data + count, &count));
	if (aad_len > 0)
		reference_must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, info->icv_size,
						   data + len));
	EVP_CIPHER_CTX_free(context);
}

/* The ICV over `len` bytes at `esp`, and the high half with ESN, goes behind them. */
static inline void
reference_authenticate(const struct reference_key *key, uint8_t *esp, uint32_t len, uint64_t seq,
		       bool is_esn)
{
	const struct esp_suite_info *info = esp_suite_info(key->suite);
	uint8_t tag[EVP_MAX_MD_SIZE];

	for (int i = 0; is_esn && i < 4; i++)
		esp[len + (uint32_t)i] = (uint8_t)(seq >> (56 - 8 * i));
	if (HMAC(reference_hash(key->suite), key->authentication, info->authentication_key_size,
		 esp, len + (is_esn ? 4 : 0), tag, NULL) == NULL)
		abort();
	memcpy(esp + len, tag, info->icv_size);
}

/*
 * Seals what is behind header and IV, `clear_len` bytes with padding and trailer: the IV is in its place
 * already, and so is the SPI. Returns the length of the packet. Room for ICV_SIZE_MAX behind.
 */
static inline uint32_t
reference_seal(const struct reference_key *key, uint8_t *esp, uint32_t clear_len, uint64_t seq,
	       bool is_esn)
{
	const struct esp_suite_info *info = esp_suite_info(key->suite);
	uint32_t begin = 8u + info->iv_size, covered = begin + clear_len;
	uint8_t aad[12], nonce[12];
	int aad_len = 0;

	for (int i = 0; i < 4; i++)
		esp[4 + i] = (uint8_t)(seq >> (24 - 8 * i));
	if (info->authentication_key_size > 0) {
		if (info->iv_size > 0)
			reference_encrypt(key, esp + 8, NULL, 0, esp + begin, clear_len);
		reference_authenticate(key, esp, covered, seq, is_esn);
		return covered + info->icv_size;
	}
	for (int i = 0; i < 4; i++)
		aad[aad_len++] = esp[i];
	for (int i = 0; is_esn && i < 4; i++)
		aad[aad_len++] = (uint8_t)(seq >> (56 - 8 * i));
	for (int i = 4; i < 8; i++)
		aad[aad_len++] = esp[i];
	memcpy(nonce, key->encryption + info->encryption_key_size - 4, 4);
	memcpy(nonce + 4, esp + 8, 8);
	reference_encrypt(key, nonce, aad, aad_len, esp + begin, clear_len);
	return covered + info->icv_size;
}

#endif
