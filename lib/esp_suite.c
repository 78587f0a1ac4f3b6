/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>

#include "lib/esp.h"

/* Key sizes: RFC 4106 section 8.1 and RFC 7634 section 2 count the salt in; RFC 4868 and RFC 2404 take
 * keys as long as the hash. Alignment: RFC 4303 section 2.4, and the block of AES-CBC. */
#define AEAD(both_names, key_size)                                                       \
	{                                                                                \
		.name = both_names, .encryption_key_size = (key_size) + 4, .iv_size = 8, \
		.icv_size = 16, .align = 4                                               \
	}
#define CBC(both_names, key_size, hash_key_size, icv)                                         \
	{                                                                                     \
		.name = both_names, .encryption_key_size = (key_size),                        \
		.authentication_key_size = (hash_key_size), .iv_size = 16, .icv_size = (icv), \
		.align = 16                                                                   \
	}
#define HASH_ONLY(both_names, hash_key_size, icv)                                                  \
	{                                                                                          \
		.name = both_names, .authentication_key_size = (hash_key_size), .icv_size = (icv), \
		.align = 4                                                                         \
	}

static const struct esp_suite_info suites[ESP_SUITE_COUNT] = {
	[ESP_AES128_GCM16] = AEAD("aes128gcm16", 16),
	[ESP_AES192_GCM16] = AEAD("aes192gcm16", 24),
	[ESP_AES256_GCM16] = AEAD("aes256gcm16", 32),
	[ESP_CHACHA20_POLY1305] = AEAD("chacha20poly1305", 32),
	[ESP_AES128_CBC_SHA1_96] = CBC("aes128-sha1", 16, 20, 12),
	[ESP_AES256_CBC_SHA1_96] = CBC("aes256-sha1", 32, 20, 12),
	[ESP_AES128_CBC_SHA256_128] = CBC("aes128-sha256", 16, 32, 16),
	[ESP_AES256_CBC_SHA256_128] = CBC("aes256-sha256", 32, 32, 16),
	[ESP_AES128_CBC_SHA512_256] = CBC("aes128-sha512", 16, 64, 32),
	[ESP_AES256_CBC_SHA512_256] = CBC("aes256-sha512", 32, 64, 32),
	[ESP_NULL_SHA1_96] = HASH_ONLY("null-sha1", 20, 12),
	[ESP_NULL_SHA256_128] = HASH_ONLY("null-sha256", 32, 16),
	[ESP_NULL_SHA512_256] = HASH_ONLY("null-sha512", 64, 32),
};

const struct esp_suite_info *
esp_suite_info(enum esp_suite suite)
{
	assert(suite < ESP_SUITE_COUNT);
	return &suites[suite];
}
