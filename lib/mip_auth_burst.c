/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/mip_auth_burst.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "lib/imb_manager.h"
#include "lib/key_maker.h"

#define WORTH_A_BURST 4 /* jobs; of fewer, each takes IPsec-MB longer than libcrypto */

struct mip_auth_burst {
	IMB_MGR *manager;
};

/* The hash of an HMAC; IMB_AUTH_NULL: it is none. */
static IMB_HASH_ALG
hash_of(enum mip_auth_algorithm algorithm)
{
	switch (algorithm) {
	case MIP_AUTH_HMAC_MD5:
		return IMB_AUTH_MD5;
	case MIP_AUTH_HMAC_SHA1:
		return IMB_AUTH_HMAC_SHA_1;
	case MIP_AUTH_HMAC_SHA256:
		return IMB_AUTH_HMAC_SHA_256;
	case MIP_AUTH_PREFIX_SUFFIX_MD5:
		break;
	}
	return IMB_AUTH_NULL;
}

int
mip_auth_pads_make(struct mip_auth_pads *pads, enum mip_auth_algorithm algorithm,
		   const struct secret *key)
{
	IMB_HASH_ALG hash = hash_of(algorithm);
	IMB_MGR *maker = key_maker();

	_Static_assert(SECRET_SIZE_MAX <= IMB_SHA1_BLOCK_SIZE, "a key goes into a block of any");
	memset(pads, 0, sizeof(*pads));
	if (hash == IMB_AUTH_NULL)
		return 0;
	if (maker == NULL)
		return -ENOMEM;
	key_maker_hmac(maker, hash, key->bytes, key->len, pads->inner, pads->outer);
	return 0;
}

struct mip_auth_burst *
mip_auth_burst_create(void)
{
	struct mip_auth_burst *burst = calloc(1, sizeof(*burst));

	if (burst == NULL)
		return NULL;
	burst->manager = imb_manager_create();
	if (burst->manager != NULL)
		return burst;
	free(burst);
	return NULL;
}

void
mip_auth_burst_destroy(struct mip_auth_burst *burst)
{
	if (burst == NULL)
		return;
	free_mb_mgr(burst->manager);
	free(burst);
}

static bool
is_for_burst(const struct mip_auth_job *job)
{
	return job->key != NULL && hash_of(job->algorithm) != IMB_AUTH_NULL;
}

static void
note(const IMB_JOB *done)
{
	struct mip_auth_job *job = done->user_data;

	job->is_done = done->status == IMB_STATUS_COMPLETED;
}

static void
submit(IMB_MGR *manager, struct mip_auth_job *job)
{
	IMB_JOB *next = IMB_GET_NEXT_JOB(manager);

	next->cipher_mode = IMB_CIPHER_NULL;
	next->cipher_direction = IMB_DIR_ENCRYPT;
	next->chain_order = IMB_ORDER_HASH_CIPHER;
	next->hash_alg = hash_of(job->algorithm);
	next->src = job->message;
	next->hash_start_src_offset_in_bytes = 0;
	next->msg_len_to_hash_in_bytes = job->len;
	next->auth_tag_output = job->out;
	next->auth_tag_output_len_in_bytes = mip_auth_size(job->algorithm);
	next->u.HMAC._hashed_auth_key_xor_ipad = job->pads->inner;
	next->u.HMAC._hashed_auth_key_xor_opad = job->pads->outer;
	next->user_data = job;
	for (next = IMB_SUBMIT_JOB_NOCHECK(manager); next != NULL;
	     next = IMB_GET_COMPLETED_JOB(manager))
		note(next);
}

static void
compute_alone(struct mip_auth *auth, struct mip_auth_job *job)
{
	uint8_t out[MIP_AUTH_SIZE_MAX];

	job->is_done =
		mip_auth_compute(auth, job->algorithm, job->key, job->message, job->len, out) == 0;
	if (job->is_done)
		memcpy(job->out, out, mip_auth_size(job->algorithm));
	OPENSSL_cleanse(out, sizeof(out));
}

void
mip_auth_burst_compute(struct mip_auth_burst *burst, struct mip_auth *auth,
		       struct mip_auth_job *jobs, unsigned count)
{
	unsigned worth = 0;
	IMB_JOB *done;

	for (unsigned i = 0; i < count; i++)
		worth += is_for_burst(&jobs[i]);
	for (unsigned i = 0; i < count; i++) {
		jobs[i].is_done = false;
		if (worth >= WORTH_A_BURST && is_for_burst(&jobs[i]))
			submit(burst->manager, &jobs[i]);
		else if (jobs[i].key != NULL)
			compute_alone(auth, &jobs[i]);
	}
	while ((done = IMB_FLUSH_JOB(burst->manager)) != NULL)
		note(done);
}
