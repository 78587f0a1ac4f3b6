/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_ESP_ENGINE_H
#define LIB_ESP_ENGINE_H

#include <string.h>

#include "lib/esp_key.h"

/*
 * What sealing and opening share. The ops of a burst are told apart by suite, and those of one suite are done
 * together, in the way that the library does them fastest: AES-GCM packet by packet by its direct calls, which
 * fill the machine by themselves; AES-CBC and HMAC by its bursts, first all of the one and then all of the
 * other; ChaCha20-Poly1305 by its jobs. Nothing outlives a burst.
 */

/* No IP packet carries more, and the library counts some lengths in 16 bits. */
#define ESP_LEN_MAX (65535 - 20)
#define ESP_AAD_SIZE_ESN 12

struct esp_engine {
	IMB_MGR *manager;

	/* of the burst: a bit for each op of a suite */
	uint64_t of_suite[ESP_SUITE_COUNT];
	_Static_assert(ESP_BURST_MAX <= 64, "a bit for each op");

	/* its jobs, and what they point at while they run */
	IMB_JOB jobs[ESP_BURST_MAX];
	struct esp_scratch {
		uint8_t nonce[16];
		uint8_t aad[16];
		uint64_t aad_len;
		uint8_t icv[ESP_ICV_SIZE_MAX]; /* open: as it was received */
		uint8_t tag[ESP_ICV_SIZE_MAX]; /* open: as it should be */
	} scratch[ESP_BURST_MAX];
} __attribute__((aligned(64))); /* no line of it is another core's */

/* The number of the next op in a set of them, which it leaves. */
static inline unsigned
esp_take(uint64_t *set)
{
	unsigned i = (unsigned)__builtin_ctzll(*set);

	*set &= *set - 1;
	return i;
}

static inline uint32_t
esp_clear_len(const struct esp_key *key)
{
	return (uint32_t)sizeof(struct esp_header) + key->iv_size;
}

/* Nonce and AAD of AEAD suites: the salt and the IV that is in the packet; SPI, the high half of the
 * sequence number with ESN, and the low half (RFC 4106 sections 4 and 5, RFC 7634 section 2). */
static inline void
esp_prepare(const struct esp_op *op, struct esp_scratch *scratch)
{
	be32 high = htobe32((uint32_t)(op->seq >> 32));

	memcpy(scratch->nonce, op->key->salt, ESP_SALT_SIZE);
	memcpy(scratch->nonce + ESP_SALT_SIZE, op->esp + sizeof(struct esp_header), 8);
	memcpy(scratch->aad, op->esp, sizeof(struct esp_header));
	scratch->aad_len = sizeof(struct esp_header);
	if (op->is_esn) {
		memcpy(scratch->aad + 8, scratch->aad + 4, 4);
		memcpy(scratch->aad + 4, &high, 4);
		scratch->aad_len = ESP_AAD_SIZE_ESN;
	}
}

/* All of both is looked at, whatever differs: the time tells nothing (`size` is a multiple of 4). */
static inline bool
esp_is_same_icv(const uint8_t *a, const uint8_t *b, unsigned size)
{
	uint32_t differ = 0;

	for (unsigned i = 0; i < size; i += 4) {
		uint32_t of_a, of_b;

		memcpy(&of_a, a + i, 4);
		memcpy(&of_b, b + i, 4);
		differ |= of_a ^ of_b;
	}
	return differ == 0;
}

/*
 * Sealing and opening of the ops in `set`, all of one suite of the kind. Sealing: everything but what is
 * encrypted has been written; where it fails, `result_len` becomes 0, so that nothing in clear may pass for
 * sealed. Opening: sets `is_right` where the ICV was, and such packets alone mean anything.
 */
void esp_chacha_seal(struct esp_engine *engine, struct esp_op *ops, uint64_t set);
void esp_chacha_open(struct esp_engine *engine, struct esp_op *ops, uint64_t set);
void esp_hmac_seal(struct esp_engine *engine, struct esp_op *ops, uint64_t set);
void esp_hmac_open(struct esp_engine *engine, struct esp_op *ops, uint64_t set);

/* Does something with the ops of a burst that are in `set`. */
typedef void (*esp_set_fn)(struct esp_engine *engine, struct esp_op *ops, uint64_t set);

/* Does it suite by suite, as the suite's kind asks. */
static inline void
esp_by_suite(struct esp_engine *engine, struct esp_op *ops, const esp_set_fn *by_kind)
{
	for (unsigned suite = 0; suite < ESP_SUITE_COUNT; suite++)
		if (engine->of_suite[suite] != 0)
			by_kind[esp_kind_of((enum esp_suite)suite)](engine, ops,
								    engine->of_suite[suite]);
}

#endif
