/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>

#include "lib/esp_engine.h"

/*
 * IVs.
 *
 * AEAD suites need IVs that are unique under their key and nothing more (RFC 4106 section 3.1, RFC 7634
 * section 2). The 64-bit sequence number is that: it only grows while the key lives, and without ESN it
 * stops at 2^32. So it is the IV, in network order, and takes no state or randomness of its own.
 *
 * AES-CBC needs IVs that nobody can foretell (RFC 3602 section 3). NIST SP 800-38A appendix C gives a
 * way from a unique nonce: the IV is the nonce enciphered by the block cipher under the same key. The
 * sequence number, extended to a block by zeros, is the nonce. And since the first block that CBC makes
 * out of block P and chaining value 0 is E(P), there is nothing special to do for it: the nonce is
 * written where the IV goes, and IV and payload are encrypted in one run that begins with a zero
 * chaining value. What comes out first is the IV, and the rest is chained to it, as RFC 3602 has it.
 */
static void
write_iv(const struct esp_key *key, uint8_t *iv, uint64_t seq)
{
	be64 seq_be = htobe64(seq);

	if (key->iv_size == 0)
		return;
	memcpy(iv, &seq_be, sizeof(seq_be));
	if (key->iv_size == 16)
		memset(iv + 8, 0, 8);
}

/* Padding 1, 2, 3, ... (RFC 4303 section 2.4); there is always room for all of it behind a payload. */
static void
write_trailer(uint8_t *at, uint32_t pad_len, uint8_t next_header)
{
	static const uint8_t padding[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	struct esp_trailer trailer = {.pad_len = (uint8_t)pad_len, .next_header = next_header};

	memcpy(at, padding, sizeof(padding));
	memcpy(at + pad_len, &trailer, sizeof(trailer));
}

/* Everything that is not encryption. False when the packet is too long to be sealed. */
static bool
write_clear(struct esp_op *op)
{
	const struct esp_key *key = op->key;
	uint32_t clear_len = sizeof(struct esp_header) + key->iv_size;
	uint32_t tail_len = esp_tail_len(op->len, key->align, key->icv_size);
	be32 seq_low = htobe32((uint32_t)op->seq);

	if (op->len > ESP_LEN_MAX - clear_len - ESP_TAIL_SIZE_MAX) {
		op->result_len = 0;
		return false;
	}
	memcpy(op->esp + offsetof(struct esp_header, seq_be), &seq_low, sizeof(seq_low));
	write_iv(key, op->esp + sizeof(struct esp_header), op->seq);
	write_trailer(op->esp + clear_len + op->len,
		      tail_len - key->icv_size - (uint32_t)sizeof(struct esp_trailer),
		      op->next_header);
	op->result_len = clear_len + op->len + tail_len;
	return true;
}

static void
seal_gcm(struct esp_engine *engine, struct esp_op *ops, uint64_t set)
{
	IMB_MGR *manager = engine->manager;
	struct gcm_context_data context;

	while (set != 0) {
		unsigned i = esp_take(&set);
		const struct esp_scratch *scratch = &engine->scratch[i];
		const struct esp_key *key = ops[i].key;
		uint8_t *payload = ops[i].esp + sizeof(struct esp_header) + 8;
		uint8_t *icv = ops[i].esp + ops[i].result_len - 16;
		uint64_t len = (uint64_t)(icv - payload);

		switch (key->suite) {
		case ESP_AES128_GCM16:
			IMB_AES128_GCM_ENC(manager, &key->gcm, &context, payload, payload, len,
					   scratch->nonce, scratch->aad, scratch->aad_len, icv, 16);
			break;
		case ESP_AES192_GCM16:
			IMB_AES192_GCM_ENC(manager, &key->gcm, &context, payload, payload, len,
					   scratch->nonce, scratch->aad, scratch->aad_len, icv, 16);
			break;
		default:
			IMB_AES256_GCM_ENC(manager, &key->gcm, &context, payload, payload, len,
					   scratch->nonce, scratch->aad, scratch->aad_len, icv, 16);
		}
	}
}

/* Writing and encrypting are two passes: the stores of a packet's small fields would still be on their
 * way when the wide loads of the encryption want them, and those would wait. */
void
esp_seal(struct esp_engine *engine, struct esp_op *ops, unsigned count)
{
	static const esp_set_fn by_kind[] = {
		[ESP_KIND_GCM] = seal_gcm,
		[ESP_KIND_CHACHA] = esp_chacha_seal,
		[ESP_KIND_HMAC] = esp_hmac_seal,
	};

	assert(count <= ESP_BURST_MAX);
	memset(engine->of_suite, 0, sizeof(engine->of_suite));
	for (unsigned i = 0; i < count; i++) {
		if (!write_clear(&ops[i]))
			continue;
		if (ops[i].key->kind == ESP_KIND_GCM)
			esp_prepare(&ops[i], &engine->scratch[i]);
		engine->of_suite[ops[i].key->suite] |= UINT64_C(1) << i;
	}
	esp_by_suite(engine, ops, by_kind);
}
