/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/esp_engine.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/crypto.h>

struct esp_engine *
esp_engine_create(void)
{
	struct esp_engine *engine = calloc(1, sizeof(*engine));

	if (engine == NULL)
		return NULL;
	engine->manager = alloc_mb_mgr(0);
	if (engine->manager == NULL)
		goto free_engine;
	init_mb_mgr_auto(engine->manager, NULL);
	if (imb_get_errno(engine->manager) != 0)
		goto free_manager;
	return engine;

free_manager:
	free_mb_mgr(engine->manager);
free_engine:
	free(engine);
	return NULL;
}

void
esp_engine_destroy(struct esp_engine *engine)
{
	if (engine == NULL)
		return;
	free_mb_mgr(engine->manager);
	OPENSSL_cleanse(engine, sizeof(*engine));
	free(engine);
}

void
esp_engine_fill_aead(IMB_JOB *job, struct esp_op *op, struct esp_scratch *scratch,
		     uint32_t covered_len)
{
	uint32_t clear_len = sizeof(struct esp_header) + op->key->iv_size;

	esp_prepare(op, scratch);
	job->u.CHACHA20_POLY1305.aad = scratch->aad;
	job->u.CHACHA20_POLY1305.aad_len_in_bytes = scratch->aad_len;
	job->u.CHACHA20_POLY1305.ctx = NULL;
	job->cipher_mode = IMB_CIPHER_CHACHA20_POLY1305;
	job->hash_alg = IMB_AUTH_CHACHA20_POLY1305;
	job->enc_keys = op->key->chacha;
	job->dec_keys = op->key->chacha;
	job->key_len_in_bytes = sizeof(op->key->chacha);
	job->iv = scratch->nonce;
	job->iv_len_in_bytes = ESP_NONCE_SIZE;
	job->src = op->esp;
	job->dst = op->esp + clear_len;
	job->cipher_start_src_offset_in_bytes = clear_len;
	job->msg_len_to_cipher_in_bytes = covered_len - clear_len;
	job->hash_start_src_offset_in_bytes = clear_len;
	job->msg_len_to_hash_in_bytes = covered_len - clear_len;
	job->auth_tag_output_len_in_bytes = op->key->icv_size;
	job->user_data = op;
}

void
esp_engine_fill_hmac(IMB_JOB *job, struct esp_op *op, uint32_t covered_len)
{
	const struct esp_key *key = op->key;

	job->u.HMAC._hashed_auth_key_xor_ipad = key->hmac.inner;
	job->u.HMAC._hashed_auth_key_xor_opad = key->hmac.outer;
	job->hash_alg = key->hash;
	job->cipher_mode = key->aes_size == 0 ? IMB_CIPHER_NULL : IMB_CIPHER_CBC;
	job->enc_keys = key->hmac.encrypt;
	job->dec_keys = key->hmac.decrypt;
	job->key_len_in_bytes = key->aes_size;
	job->iv_len_in_bytes = key->iv_size;
	job->src = op->esp;
	job->hash_start_src_offset_in_bytes = 0;
	job->msg_len_to_hash_in_bytes = covered_len + (op->is_esn ? 4 : 0);
	job->auth_tag_output_len_in_bytes = key->icv_size;
	job->user_data = op;
}

void
esp_engine_get(struct esp_engine *engine, IMB_JOB **jobs)
{
	uint32_t count = IMB_GET_NEXT_BURST(engine->manager, engine->waiting_count, jobs);

	/* the queue is empty between bursts and holds more than one of them */
	assert(count == engine->waiting_count);
	(void)count;
}

static void
mark_done(IMB_JOB **jobs, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct esp_op *op = jobs[i]->user_data;

		op->is_right = jobs[i]->status == IMB_STATUS_COMPLETED;
	}
}

void
esp_engine_run(struct esp_engine *engine, IMB_JOB **jobs)
{
	uint32_t left = engine->waiting_count;
	uint32_t count = IMB_SUBMIT_BURST_NOCHECK(engine->manager, left, jobs);

	mark_done(jobs, count);
	left -= count;
	while (left > 0) {
		count = IMB_FLUSH_BURST(engine->manager, left, jobs);
		if (count == 0)
			break;
		mark_done(jobs, count);
		left -= count;
	}
}
