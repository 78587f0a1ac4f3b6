/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>

#include "lib/esp_engine.h"

static uint32_t
clear_len_of(const struct esp_key *key)
{
	return (uint32_t)sizeof(struct esp_header) + key->iv_size;
}

/* Whether the packet has all its parts, and the encrypted one the length that it must have. */
static bool
is_whole(const struct esp_op *op)
{
	const struct esp_key *key = op->key;
	uint32_t rest_len = clear_len_of(key) + key->icv_size;

	/* `align` is a power of two */
	return op->len >= rest_len + key->align && op->len <= ESP_LEN_MAX &&
	       ((op->len - rest_len) & (key->align - 1u)) == 0;
}

/* All of both is looked at, whatever differs: the time tells nothing (`size` is a multiple of 4). */
static bool
is_same_icv(const uint8_t *a, const uint8_t *b, unsigned size)
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

/* Takes padding and trailer off what was decrypted. The sender was authentic, so what is wrong here is
 * a mistake and no attack (RFC 4303 section 2.4). */
static void
take_trailer(struct esp_op *op)
{
	const uint8_t *payload = op->esp + clear_len_of(op->key);
	uint32_t len = op->len - clear_len_of(op->key) - op->key->icv_size;
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
open_gcm(IMB_MGR *manager, struct esp_op *op, struct esp_scratch *scratch)
{
	const struct esp_key *key = op->key;
	uint8_t *payload = op->esp + sizeof(struct esp_header) + 8;
	const uint8_t *icv = op->esp + op->len - 16;
	uint64_t len = (uint64_t)(icv - payload);
	struct gcm_context_data context;
	const uint8_t *nonce = scratch->nonce, *aad = scratch->aad;
	uint64_t aad_len = scratch->aad_len;
	uint8_t *tag = scratch->tag;

	switch (key->suite) {
	case ESP_AES128_GCM16:
		IMB_AES128_GCM_DEC(manager, &key->gcm, &context, payload, payload, len, nonce, aad,
				   aad_len, tag, 16);
		break;
	case ESP_AES192_GCM16:
		IMB_AES192_GCM_DEC(manager, &key->gcm, &context, payload, payload, len, nonce, aad,
				   aad_len, tag, 16);
		break;
	default:
		IMB_AES256_GCM_DEC(manager, &key->gcm, &context, payload, payload, len, nonce, aad,
				   aad_len, tag, 16);
	}
	op->is_right = is_same_icv(icv, tag, 16);
}

/* With ESN the ICV covers the high half of the sequence number behind the packet, as if it had been sent
 * there (RFC 4303 section 2.8): it goes where the ICV was, which has been saved. */
static void
fill_hmac(IMB_JOB *job, struct esp_op *op, uint32_t covered_len)
{
	uint32_t clear_len = clear_len_of(op->key);
	be32 seq_high = htobe32((uint32_t)(op->seq >> 32));

	if (op->is_esn)
		memcpy(op->esp + covered_len, &seq_high, sizeof(seq_high));
	esp_engine_fill_hmac(job, op, covered_len);
	job->iv = op->esp + sizeof(struct esp_header);
	job->dst = op->esp + clear_len;
	job->cipher_start_src_offset_in_bytes = clear_len;
	job->msg_len_to_cipher_in_bytes = covered_len - clear_len;
}

static void
open_waiting(struct esp_engine *engine)
{
	IMB_JOB *jobs[ESP_BURST_MAX];

	if (engine->waiting_count == 0)
		return;
	esp_engine_get(engine, jobs);
	for (unsigned i = 0; i < engine->waiting_count; i++) {
		struct esp_op *op = engine->waiting[i];
		struct esp_scratch *scratch = &engine->scratch[i];
		uint32_t covered_len = op->len - op->key->icv_size;
		IMB_JOB *job = jobs[i];

		memcpy(scratch->icv, op->esp + covered_len, op->key->icv_size);
		if (op->key->kind == ESP_KIND_CHACHA)
			esp_engine_fill_aead(job, op, scratch, covered_len);
		else
			fill_hmac(job, op, covered_len);
		job->auth_tag_output = scratch->tag;
		job->cipher_direction = IMB_DIR_DECRYPT;
		job->chain_order = IMB_ORDER_HASH_CIPHER;
	}
	esp_engine_run(engine, jobs);
	for (unsigned i = 0; i < engine->waiting_count; i++) {
		struct esp_op *op = engine->waiting[i];
		struct esp_scratch *scratch = &engine->scratch[i];

		if (!is_same_icv(scratch->icv, scratch->tag, op->key->icv_size))
			op->is_right = false;
	}
}

/* Passes, as in sealing: what was just written is not to be read back at once. */
void
esp_open(struct esp_engine *engine, struct esp_op *ops, unsigned count)
{
	uint64_t direct = 0; /* a bit for each op that is opened by a direct call */

	assert(count <= ESP_BURST_MAX);
	engine->waiting_count = 0;
	for (unsigned i = 0; i < count; i++) {
		struct esp_op *op = &ops[i];

		op->is_right = false;
		op->is_bad_pad = false;
		op->result_len = 0;
		if (!is_whole(op))
			continue;
		if (op->key->kind == ESP_KIND_GCM) {
			esp_prepare(op, &engine->scratch[i]);
			direct |= UINT64_C(1) << i;
		} else {
			engine->waiting[engine->waiting_count++] = op;
		}
	}
	for (; direct != 0; direct &= direct - 1) {
		unsigned i = (unsigned)__builtin_ctzll(direct);

		open_gcm(engine->manager, &ops[i], &engine->scratch[i]);
	}
	open_waiting(engine);
	for (unsigned i = 0; i < count; i++) {
		if (ops[i].is_right)
			take_trailer(&ops[i]);
	}
}
