/* SPDX-License-Identifier: BSD-3-Clause */
/* AES-CBC with HMAC, and HMAC alone (RFC 3602, RFC 2404, RFC 4868), by the library's bursts: all packets are
 * encrypted and then all authenticated, or the other way round. */
#include "lib/esp_engine.h"

/* The chaining IV of AES-CBC when sealing: see lib/esp_seal.c. */
static const uint8_t zero_iv[ESP_IV_SIZE_MAX];

/* What is encrypted begins `begin` bytes behind the ESP header; `covered_len` is from that header to the end of
 * what is encrypted. With ESN the ICV covers the high half behind the packet (RFC 4303 section 2.8), though it
 * is not sent: it lies where the ICV goes, or was. */
static void
fill(IMB_JOB *job, struct esp_op *op, uint32_t begin, uint32_t covered_len)
{
	const struct esp_key *key = op->key;
	be32 seq_high = htobe32((uint32_t)(op->seq >> 32));

	if (op->is_esn)
		memcpy(op->esp + covered_len, &seq_high, sizeof(seq_high));
	job->u.HMAC._hashed_auth_key_xor_ipad = key->hmac.inner;
	job->u.HMAC._hashed_auth_key_xor_opad = key->hmac.outer;
	job->enc_keys = key->hmac.encrypt;
	job->dec_keys = key->hmac.decrypt;
	job->key_len_in_bytes = key->aes_size;
	job->iv_len_in_bytes = key->iv_size;
	job->src = op->esp;
	job->dst = op->esp + begin;
	job->cipher_start_src_offset_in_bytes = begin;
	job->msg_len_to_cipher_in_bytes = covered_len - begin;
	job->hash_start_src_offset_in_bytes = 0;
	job->msg_len_to_hash_in_bytes = covered_len + (op->is_esn ? 4 : 0);
	job->auth_tag_output_len_in_bytes = key->icv_size;
	job->user_data = op;
}

/* The first `count` jobs; true when all have been done. */
static bool
crypt(struct esp_engine *engine, const struct esp_key *key, unsigned count,
      IMB_CIPHER_DIRECTION direction)
{
	return key->aes_size == 0 ||
	       IMB_SUBMIT_CIPHER_BURST_NOCHECK(engine->manager, engine->jobs, count, IMB_CIPHER_CBC,
					       direction, key->aes_size) == count;
}

static bool
authenticate(struct esp_engine *engine, const struct esp_key *key, unsigned count)
{
	return IMB_SUBMIT_HASH_BURST_NOCHECK(engine->manager, engine->jobs, count, key->hash) ==
	       count;
}

void
esp_hmac_seal(struct esp_engine *engine, struct esp_op *ops, uint64_t set)
{
	const struct esp_key *key = ops[__builtin_ctzll(set)].key;
	unsigned count = 0;

	while (set != 0) {
		struct esp_op *op = &ops[esp_take(&set)];
		uint32_t covered_len = op->result_len - op->key->icv_size;
		IMB_JOB *job = &engine->jobs[count++];

		fill(job, op, sizeof(struct esp_header), covered_len);
		job->iv = zero_iv;
		job->auth_tag_output = op->esp + covered_len;
	}
	if (crypt(engine, key, count, IMB_DIR_ENCRYPT) && authenticate(engine, key, count))
		return;
	for (unsigned i = 0; i < count; i++)
		((struct esp_op *)engine->jobs[i].user_data)->result_len = 0;
}

/* Leaves the jobs of packets that are right, and returns how many those are. */
static unsigned
keep_right(struct esp_engine *engine, struct esp_op *ops, unsigned count)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < count; i++) {
		const IMB_JOB *job = &engine->jobs[i];
		struct esp_op *op = job->user_data;

		op->is_right = esp_is_same_icv(engine->scratch[op - ops].icv, job->auth_tag_output,
					       op->key->icv_size);
		if (!op->is_right)
			continue;
		if (kept != i)
			engine->jobs[kept] = *job;
		kept++;
	}
	return kept;
}

/* What is not authentic is not decrypted. */
void
esp_hmac_open(struct esp_engine *engine, struct esp_op *ops, uint64_t set)
{
	const struct esp_key *key = ops[__builtin_ctzll(set)].key;
	unsigned count = 0;

	while (set != 0) {
		unsigned i = esp_take(&set);
		struct esp_op *op = &ops[i];
		uint32_t covered_len = op->len - op->key->icv_size;
		IMB_JOB *job = &engine->jobs[count++];

		memcpy(engine->scratch[i].icv, op->esp + covered_len, op->key->icv_size);
		fill(job, op, esp_clear_len(key), covered_len);
		job->iv = op->esp + sizeof(struct esp_header);
		job->auth_tag_output = engine->scratch[i].tag;
	}
	if (!authenticate(engine, key, count))
		return;
	count = keep_right(engine, ops, count);
	if (count == 0 || crypt(engine, key, count, IMB_DIR_DECRYPT))
		return;
	for (unsigned i = 0; i < count; i++)
		((struct esp_op *)engine->jobs[i].user_data)->is_right = false;
}
