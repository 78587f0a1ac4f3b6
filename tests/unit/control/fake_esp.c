/* SPDX-License-Identifier: BSD-3-Clause */
/* A double of lib/esp.h's keys: they remember their suite, and how many there are. */
#include "tests/unit/control/fake_esp.h"

#include "lib/esp.h"

struct esp_key {
	enum esp_suite suite;
};

static unsigned keys;
static bool is_failing;

static const struct esp_suite_info infos[ESP_SUITE_COUNT] = {
	[ESP_AES128_GCM16] = {"aes128gcm16", 20, 0, 8, 16, 4},
	[ESP_AES192_GCM16] = {"aes192gcm16", 28, 0, 8, 16, 4},
	[ESP_AES256_GCM16] = {"aes256gcm16", 36, 0, 8, 16, 4},
	[ESP_CHACHA20_POLY1305] = {"chacha20poly1305", 36, 0, 8, 16, 4},
	[ESP_AES128_CBC_SHA1_96] = {"aes128-sha1", 16, 20, 16, 12, 16},
	[ESP_AES256_CBC_SHA1_96] = {"aes256-sha1", 32, 20, 16, 12, 16},
	[ESP_AES128_CBC_SHA256_128] = {"aes128-sha256", 16, 32, 16, 16, 16},
	[ESP_AES256_CBC_SHA256_128] = {"aes256-sha256", 32, 32, 16, 16, 16},
	[ESP_AES128_CBC_SHA512_256] = {"aes128-sha512", 16, 64, 16, 32, 16},
	[ESP_AES256_CBC_SHA512_256] = {"aes256-sha512", 32, 64, 16, 32, 16},
	[ESP_NULL_SHA1_96] = {"null-sha1", 0, 20, 0, 12, 4},
	[ESP_NULL_SHA256_128] = {"null-sha256", 0, 32, 0, 16, 4},
	[ESP_NULL_SHA512_256] = {"null-sha512", 0, 64, 0, 32, 4},
};

const struct esp_suite_info *
esp_suite_info(enum esp_suite suite)
{
	return &infos[suite];
}

size_t
esp_key_size(enum esp_suite suite)
{
	return 64;
}

bool
esp_key_init(struct esp_key *key, enum esp_suite suite, const uint8_t *encryption_key,
	     size_t encryption_key_size, const uint8_t *authentication_key,
	     size_t authentication_key_size)
{
	if (is_failing)
		return false;
	key->suite = suite;
	keys++;
	return true;
}

void
esp_key_fini(struct esp_key *key, enum esp_suite suite)
{
	keys--;
}

enum esp_suite
esp_key_suite(const struct esp_key *key)
{
	return key->suite;
}

unsigned
fake_esp_keys(void)
{
	return keys;
}

void
fake_esp_fail(bool fails)
{
	is_failing = fails;
}
