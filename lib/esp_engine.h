/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_ESP_ENGINE_H
#define LIB_ESP_ENGINE_H

#include <string.h>

#include "lib/esp_key.h"

/*
 * What sealing and opening share. AES-GCM goes packet by packet through the library's direct calls, which
 * fill the machine by themselves; all else goes through its jobs, which work on several packets side by
 * side, whole bursts at a time. No job outlives a burst: what is submitted is flushed.
 */

/* No IP packet carries more, and the library counts some lengths in 16 bits. */
#define ESP_LEN_MAX (65535 - 20)
#define ESP_AAD_SIZE_ESN 12

struct esp_engine {
	IMB_MGR *manager;

	/* a burst's jobs, and what they point at while they run */
	struct esp_op *waiting[ESP_BURST_MAX];
	unsigned waiting_count;
	struct esp_scratch {
		uint8_t nonce[16];
		uint8_t aad[16];
		uint64_t aad_len;
		uint8_t icv[ESP_ICV_SIZE_MAX]; /* open: as it was received */
		uint8_t tag[ESP_ICV_SIZE_MAX]; /* open: as it should be */
	} scratch[ESP_BURST_MAX];
};

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

/* A job as far as its direction does not matter: `covered_len` bytes from the ESP header on are
 * encrypted or in front of what is; with ESN and HMAC the 4 bytes behind them hold the high half. */
void esp_engine_fill_aead(IMB_JOB *job, struct esp_op *op, struct esp_scratch *scratch,
			  uint32_t covered_len);
void esp_engine_fill_hmac(IMB_JOB *job, struct esp_op *op, uint32_t covered_len);

/* Gets the jobs for those who wait. */
void esp_engine_get(struct esp_engine *engine, IMB_JOB **jobs);

/* Runs those jobs to their end; sets `is_right` of the ops whose job was done. */
void esp_engine_run(struct esp_engine *engine, IMB_JOB **jobs);

#endif
