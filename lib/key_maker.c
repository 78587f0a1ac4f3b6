/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/key_maker.h"

#include <pthread.h>
#include <string.h>

#include <openssl/crypto.h>

#include "lib/imb_manager.h"

#define HASH_BLOCK_SIZE_MAX IMB_SHA_512_BLOCK_SIZE
#define HMAC_INNER 0x36 /* RFC 2104 section 2: ipad and opad */
#define HMAC_OUTER 0x5c

static IMB_MGR *maker_of_all;
static pthread_once_t maker_once = PTHREAD_ONCE_INIT;

static void
make_maker(void)
{
	maker_of_all = imb_manager_create();
}

IMB_MGR *
key_maker(void)
{
	pthread_once(&maker_once, make_maker);
	return maker_of_all;
}

static void
hmac_half(IMB_MGR *maker, IMB_HASH_ALG hash, const uint8_t *key, size_t size, uint8_t pad,
	  uint8_t *state)
{
	uint8_t block[HASH_BLOCK_SIZE_MAX];

	memset(block, pad, sizeof(block));
	for (size_t i = 0; i < size; i++)
		block[i] ^= key[i];
	if (hash == IMB_AUTH_MD5)
		IMB_MD5_ONE_BLOCK(maker, block, state);
	else if (hash == IMB_AUTH_HMAC_SHA_1)
		IMB_SHA1_ONE_BLOCK(maker, block, state);
	else if (hash == IMB_AUTH_HMAC_SHA_256)
		IMB_SHA256_ONE_BLOCK(maker, block, state);
	else
		IMB_SHA512_ONE_BLOCK(maker, block, state);
	OPENSSL_cleanse(block, sizeof(block));
}

void
key_maker_hmac(IMB_MGR *maker, IMB_HASH_ALG hash, const uint8_t *key, size_t size, uint8_t *inner,
	       uint8_t *outer)
{
	hmac_half(maker, hash, key, size, HMAC_INNER, inner);
	hmac_half(maker, hash, key, size, HMAC_OUTER, outer);
}
