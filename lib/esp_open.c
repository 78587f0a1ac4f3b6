/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>

#include "lib/esp_engine.h"

/* Whether the packet has all its parts, and the encrypted one the length that it must have. */
static bool
is_whole(const struct esp_op *op)
{
	const struct esp_key *key = op->key;
	uint32_t rest_len = esp_clear_len(key) + key->icv_size;

	/* `align` is a power of two */
	return op->len >= rest_len + key->align && op->len <= ESP_LEN_MAX &&
	       ((op->len - rest_len) & (key->align - 1u)) == 0;
}

/* Takes padding and trailer off what was decrypted. The sender was authentic, so what is wrong here is
 * a mistake and no attack (RFC 4303 section 2.4). */
static void
take_trailer(struct esp_op *op)
{
	const uint8_t *payload = op->esp + esp_clear_len(op->key);
	uint32_t len = op->len - esp_clear_len(op->key) - op->key->icv_size;
	struct esp_trailer trailer;
	uint8_t wrong = 0;

	len -= (uint32_t)sizeof(trailer);
	memcpy(&trailer, payload + len, sizeof(trailer));
	if (trailer.pad_len > len)
		goto bad_pad;
	len -= trailer.pad_len;
	for (unsigned i = 0; i < trailer.pad_len; i++)
		wrong |= payload[len + i] ^ (uint8_t)(i + 1);
	if (wrong != 0)
		goto bad_pad;
	op->next_header = trailer.next_header;
	op->result_len = len;
	op->is_right = true;
	return;

bad_pad:
	op->is_right = false;
	op->is_bad_pad = true;
}

static void
open_gcm(struct esp_engine *engine, struct esp_op *ops, uint64_t set)
{
	IMB_MGR *manager = engine->manager;
	struct gcm_context_data context;

	while (set != 0) {
		unsigned i = esp_take(&set);
		struct esp_scratch *scratch = &engine->scratch[i];
		const struct esp_key *key = ops[i].key;
		uint8_t *payload = ops[i].esp + sizeof(struct esp_header) + 8;
		const uint8_t *icv = ops[i].esp + ops[i].len - 16;
		uint64_t len = (uint64_t)(icv - payload);

		switch (key->suite) {
		case ESP_AES128_GCM16:
			IMB_AES128_GCM_DEC(manager, &key->gcm, &context, payload, payload, len,
					   scratch->nonce, scratch->aad, scratch->aad_len,
					   scratch->tag, 16);
			break;
		case ESP_AES192_GCM16:
			IMB_AES192_GCM_DEC(manager, &key->gcm, &context, payload, payload, len,
					   scratch->nonce, scratch->aad, scratch->aad_len,
					   scratch->tag, 16);
			break;
		default:
			IMB_AES256_GCM_DEC(manager, &key->gcm, &context, payload, payload, len,
					   scratch->nonce, scratch->aad, scratch->aad_len,
					   scratch->tag, 16);
		}
		ops[i].is_right = esp_is_same_icv(icv, scratch->tag, 16);
	}
}

/* Passes, as in sealing: what was just written is not to be read back at once. */
void
esp_open(struct esp_engine *engine, struct esp_op *ops, unsigned count)
{
	static const esp_set_fn by_kind[] = {
		[ESP_KIND_GCM] = open_gcm,
		[ESP_KIND_CHACHA] = esp_chacha_open,
		[ESP_KIND_HMAC] = esp_hmac_open,
	};

	assert(count <= ESP_BURST_MAX);
	memset(engine->of_suite, 0, sizeof(engine->of_suite));
	for (unsigned i = 0; i < count; i++) {
		struct esp_op *op = &ops[i];

		op->is_right = false;
		op->is_bad_pad = false;
		op->result_len = 0;
		if (!is_whole(op))
			continue;
		if (op->key->kind == ESP_KIND_GCM)
			esp_prepare(op, &engine->scratch[i]);
		engine->of_suite[op->key->suite] |= UINT64_C(1) << i;
	}
	esp_by_suite(engine, ops, by_kind);
	for (unsigned i = 0; i < count; i++) {
		if (ops[i].is_right)
			take_trailer(&ops[i]);
	}
}
