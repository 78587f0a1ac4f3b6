/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/esp_key.h"

#include <string.h>

#include <openssl/crypto.h>

#include "lib/key_maker.h"

enum esp_kind
esp_kind_of(enum esp_suite suite)
{
	if (suite == ESP_CHACHA20_POLY1305)
		return ESP_KIND_CHACHA;
	return esp_suite_info(suite)->authentication_key_size == 0 ? ESP_KIND_GCM : ESP_KIND_HMAC;
}

static void
expand_gcm(IMB_MGR *maker, struct esp_key *key, const uint8_t *secret)
{
	switch (key->aes_size) {
	case IMB_KEY_128_BYTES:
		IMB_AES128_GCM_PRE(maker, secret, &key->gcm);
		break;
	case IMB_KEY_192_BYTES:
		IMB_AES192_GCM_PRE(maker, secret, &key->gcm);
		break;
	default:
		IMB_AES256_GCM_PRE(maker, secret, &key->gcm);
	}
}

static void
expand_cbc(IMB_MGR *maker, struct esp_key *key, const uint8_t *secret)
{
	if (key->aes_size == IMB_KEY_128_BYTES)
		IMB_AES_KEYEXP_128(maker, secret, key->hmac.encrypt, key->hmac.decrypt);
	else if (key->aes_size != 0)
		IMB_AES_KEYEXP_256(maker, secret, key->hmac.encrypt, key->hmac.decrypt);
}

static IMB_HASH_ALG
hash_of(const struct esp_suite_info *info)
{
	switch (info->authentication_key_size) {
	case IMB_SHA1_DIGEST_SIZE_IN_BYTES:
		return IMB_AUTH_HMAC_SHA_1;
	case IMB_SHA256_DIGEST_SIZE_IN_BYTES:
		return IMB_AUTH_HMAC_SHA_256;
	default:
		return IMB_AUTH_HMAC_SHA_512;
	}
}

static void
expand(IMB_MGR *maker, struct esp_key *key, const uint8_t *encryption_key,
       const uint8_t *authentication_key)
{
	const struct esp_suite_info *info = esp_suite_info(key->suite);
	size_t hash_key_size = info->authentication_key_size;

	key->aes_size = info->encryption_key_size;
	if (key->kind == ESP_KIND_HMAC) {
		key->hash = hash_of(info);
		expand_cbc(maker, key, encryption_key);
		key_maker_hmac(maker, key->hash, authentication_key, hash_key_size, key->hmac.inner,
			       key->hmac.outer);
		return;
	}
	key->aes_size -= ESP_SALT_SIZE;
	memcpy(key->salt, encryption_key + key->aes_size, ESP_SALT_SIZE);
	if (key->kind == ESP_KIND_GCM)
		expand_gcm(maker, key, encryption_key);
	else
		memcpy(key->chacha, encryption_key, sizeof(key->chacha));
}

size_t
esp_key_size(enum esp_suite suite)
{
	switch (esp_kind_of(suite)) {
	case ESP_KIND_GCM:
		return sizeof(struct esp_key);
	case ESP_KIND_HMAC:
		return offsetof(struct esp_key, hmac) + sizeof(struct esp_hmac_key);
	case ESP_KIND_CHACHA:
		break;
	}
	return 64;
}

bool
esp_key_init(struct esp_key *key, enum esp_suite suite, const uint8_t *encryption_key,
	     size_t encryption_key_size, const uint8_t *authentication_key,
	     size_t authentication_key_size)
{
	const struct esp_suite_info *info;
	IMB_MGR *maker = key_maker();

	if (suite >= ESP_SUITE_COUNT)
		return false;
	info = esp_suite_info(suite);
	if (maker == NULL || encryption_key_size != info->encryption_key_size ||
	    authentication_key_size != info->authentication_key_size)
		return false;
	memset(key, 0, esp_key_size(suite));
	key->suite = (uint8_t)suite;
	key->kind = (uint8_t)esp_kind_of(suite);
	key->iv_size = info->iv_size;
	key->icv_size = info->icv_size;
	key->align = info->align;
	expand(maker, key, encryption_key, authentication_key);
	return true;
}

void
esp_key_fini(struct esp_key *key, enum esp_suite suite)
{
	OPENSSL_cleanse(key, esp_key_size(suite));
}

enum esp_suite
esp_key_suite(const struct esp_key *key)
{
	return key->suite;
}

/* Asks for the lines from that of `begin` to that of `end` - 1. Inline: gcc leaves calls out of what does nothing but
 * prefetch. */
static inline __attribute__((always_inline)) void
prefetch(const void *begin, const void *end)
{
	const uint8_t *at = (const uint8_t *)((uintptr_t)begin & ~(uintptr_t)63);

	for (; at < (const uint8_t *)end; at += 64)
		__builtin_prefetch(at);
}

/* Of GCM's, the round keys and those powers of the hash key, of 16 bytes each, that so many blocks take: the low
 * ones, which lie at the end. AAD and lengths are blocks, too. Of the others', all. */
void
esp_key_prefetch(const struct esp_key *key, enum esp_suite suite, uint32_t len)
{
	const uint8_t *end = (const uint8_t *)(key + 1);
	uint32_t powers_size = len < 45 * 16 ? len + 48 : 48 * 16;
	unsigned round_keys = suite == ESP_AES128_GCM16 ? 11 : ESP_AES_ROUNDS_MAX;

	if (esp_kind_of(suite) != ESP_KIND_GCM) {
		prefetch(key, (const uint8_t *)key + esp_key_size(suite));
		return;
	}
	prefetch(key, key->gcm.expanded_keys + 16 * round_keys);
	prefetch(end - powers_size, end);
}
