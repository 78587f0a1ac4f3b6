/* SPDX-License-Identifier: BSD-3-Clause */
/* ChaCha20-Poly1305 (RFC 7634), by the library's jobs. */
#include <assert.h>

#include "lib/esp_engine.h"

/* `covered_len`: from the ESP header to the end of what is encrypted. */
static void
fill(IMB_JOB *job, struct esp_op *op, struct esp_scratch *scratch, uint32_t covered_len)
{
	uint32_t clear_len = esp_clear_len(op->key);

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

static void
mark_done(IMB_JOB **jobs, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct esp_op *op = jobs[i]->user_data;

		op->is_right = jobs[i]->status == IMB_STATUS_COMPLETED;
	}
}

/* Runs the jobs to their end; sets `is_right` of the ops whose job was done. */
static void
run(IMB_MGR *manager, IMB_JOB **jobs, uint32_t left)
{
	uint32_t count = IMB_SUBMIT_BURST_NOCHECK(manager, left, jobs);

	mark_done(jobs, count);
	left -= count;
	while (left > 0) {
		count = IMB_FLUSH_BURST(manager, left, jobs);
		if (count == 0)
			break;
		mark_done(jobs, count);
		left -= count;
	}
}

/* Gets a job for each op of `set`. The queue is empty between bursts and holds more than one of them. */
static uint32_t
get(struct esp_engine *engine, uint64_t set, IMB_JOB **jobs)
{
	uint32_t wanted = (uint32_t)__builtin_popcountll(set);
	uint32_t count = IMB_GET_NEXT_BURST(engine->manager, wanted, jobs);

	assert(count == wanted);
	return count;
}

void
esp_chacha_seal(struct esp_engine *engine, struct esp_op *ops, uint64_t set)
{
	IMB_JOB *jobs[ESP_BURST_MAX];
	uint32_t count = get(engine, set, jobs), at = 0;

	for (uint64_t left = set; left != 0; at++) {
		unsigned i = esp_take(&left);
		struct esp_op *op = &ops[i];
		uint32_t covered_len = op->result_len - op->key->icv_size;

		op->is_right = false;
		fill(jobs[at], op, &engine->scratch[i], covered_len);
		jobs[at]->auth_tag_output = op->esp + covered_len;
		jobs[at]->cipher_direction = IMB_DIR_ENCRYPT;
		jobs[at]->chain_order = IMB_ORDER_CIPHER_HASH;
	}
	run(engine->manager, jobs, count);
	for (uint64_t left = set; left != 0;) {
		unsigned i = esp_take(&left);

		if (!ops[i].is_right)
			ops[i].result_len = 0;
	}
}

void
esp_chacha_open(struct esp_engine *engine, struct esp_op *ops, uint64_t set)
{
	IMB_JOB *jobs[ESP_BURST_MAX];
	uint32_t count = get(engine, set, jobs), at = 0;

	for (uint64_t left = set; left != 0; at++) {
		unsigned i = esp_take(&left);
		struct esp_op *op = &ops[i];

		fill(jobs[at], op, &engine->scratch[i], op->len - op->key->icv_size);
		jobs[at]->auth_tag_output = engine->scratch[i].tag;
		jobs[at]->cipher_direction = IMB_DIR_DECRYPT;
		jobs[at]->chain_order = IMB_ORDER_HASH_CIPHER;
	}
	run(engine->manager, jobs, count);
	for (uint64_t left = set; left != 0;) {
		unsigned i = esp_take(&left);
		struct esp_op *op = &ops[i];
		const uint8_t *icv = op->esp + op->len - op->key->icv_size;

		if (!esp_is_same_icv(icv, engine->scratch[i].tag, op->key->icv_size))
			op->is_right = false;
	}
}
