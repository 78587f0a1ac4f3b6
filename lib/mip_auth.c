/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/mip_auth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

static const struct {
	const char *name;
	const char *digest; /* libcrypto's name */
	size_t size;
	bool is_hmac;
} algorithms[MIP_AUTH_ALGORITHM_COUNT] = {
	[MIP_AUTH_HMAC_MD5] = {"hmac-md5", "MD5", 16, true},
	[MIP_AUTH_PREFIX_SUFFIX_MD5] = {"prefix-suffix-md5", "MD5", 16, false},
	[MIP_AUTH_HMAC_SHA1] = {"hmac-sha1", "SHA1", 20, true},
	[MIP_AUTH_HMAC_SHA256] = {"hmac-sha256", "SHA256", 32, true},
};

/* An HMAC context and the key that it is set up for. A reply is signed with the key that its
 * request was verified with, and setting up a key costs as much as a short message does. */
struct hmac {
	EVP_MAC_CTX *context; /* NULL: not an HMAC */
	bool has_key;
	struct secret key;
};

struct mip_auth {
	struct hmac hmacs[MIP_AUTH_ALGORITHM_COUNT];
	EVP_MD *md5;
	EVP_MD_CTX *md5_context;
};

const char *
mip_auth_name(enum mip_auth_algorithm algorithm)
{
	return algorithms[algorithm].name;
}

int
mip_auth_parse(const char *name, enum mip_auth_algorithm *algorithm)
{
	for (unsigned i = 0; i < MIP_AUTH_ALGORITHM_COUNT; i++) {
		if (strcmp(name, algorithms[i].name) == 0) {
			*algorithm = (enum mip_auth_algorithm)i;
			return 0;
		}
	}
	return -EINVAL;
}

size_t
mip_auth_size(enum mip_auth_algorithm algorithm)
{
	return algorithms[algorithm].size;
}

/* A context of the fetched `mac` with its digest chosen, or NULL. */
static EVP_MAC_CTX *
hmac_context_create(EVP_MAC *mac, const char *digest)
{
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
	char name[16];
	OSSL_PARAM params[2];

	if (context == NULL)
		return NULL;
	strncpy(name, digest, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (EVP_MAC_CTX_set_params(context, params) != 1) {
		EVP_MAC_CTX_free(context);
		return NULL;
	}
	return context;
}

struct mip_auth *
mip_auth_create(void)
{
	struct mip_auth *auth = calloc(1, sizeof(*auth));
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	if (auth == NULL || mac == NULL)
		goto fail;
	auth->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	auth->md5_context = EVP_MD_CTX_new();
	if (auth->md5 == NULL || auth->md5_context == NULL)
		goto fail;
	for (unsigned i = 0; i < MIP_AUTH_ALGORITHM_COUNT; i++) {
		if (!algorithms[i].is_hmac)
			continue;
		auth->hmacs[i].context = hmac_context_create(mac, algorithms[i].digest);
		if (auth->hmacs[i].context == NULL)
			goto fail;
	}
	EVP_MAC_free(mac); /* the contexts hold it */
	return auth;

fail:
	EVP_MAC_free(mac);
	mip_auth_destroy(auth);
	return NULL;
}

void
mip_auth_destroy(struct mip_auth *auth)
{
	if (auth == NULL)
		return;
	for (unsigned i = 0; i < MIP_AUTH_ALGORITHM_COUNT; i++) {
		EVP_MAC_CTX_free(auth->hmacs[i].context);
		secret_wipe(&auth->hmacs[i].key);
	}
	EVP_MD_CTX_free(auth->md5_context);
	EVP_MD_free(auth->md5);
	free(auth);
}

/* Begins a message: from the context's own key when it is this one. */
static bool
hmac_begin(struct hmac *hmac, const struct secret *key)
{
	if (hmac->has_key && secret_equal(&hmac->key, key))
		return EVP_MAC_init(hmac->context, NULL, 0, NULL) == 1;
	hmac->has_key = false;
	if (EVP_MAC_init(hmac->context, key->bytes, key->len, NULL) != 1)
		return false;
	hmac->key = *key;
	hmac->has_key = true;
	return true;
}

static int
compute_hmac(struct hmac *hmac, const struct secret *key, const void *message, size_t len,
	     uint8_t *out)
{
	size_t out_len;

	if (!hmac_begin(hmac, key) || EVP_MAC_update(hmac->context, message, len) != 1 ||
	    EVP_MAC_final(hmac->context, out, &out_len, MIP_AUTH_SIZE_MAX) != 1)
		return -EIO;
	return 0;
}

static int
compute_prefix_suffix(struct mip_auth *auth, const struct secret *key, const void *message,
		      size_t len, uint8_t *out)
{
	EVP_MD_CTX *context = auth->md5_context;

	if (EVP_DigestInit_ex2(context, auth->md5, NULL) != 1 ||
	    EVP_DigestUpdate(context, key->bytes, key->len) != 1 ||
	    EVP_DigestUpdate(context, message, len) != 1 ||
	    EVP_DigestUpdate(context, key->bytes, key->len) != 1 ||
	    EVP_DigestFinal_ex(context, out, NULL) != 1)
		return -EIO;
	return 0;
}

int
mip_auth_compute(struct mip_auth *auth, enum mip_auth_algorithm algorithm, const struct secret *key,
		 const void *message, size_t len, uint8_t out[MIP_AUTH_SIZE_MAX])
{
	if (algorithm == MIP_AUTH_PREFIX_SUFFIX_MD5)
		return compute_prefix_suffix(auth, key, message, len, out);
	return compute_hmac(&auth->hmacs[algorithm], key, message, len, out);
}

bool
mip_auth_matches(enum mip_auth_algorithm algorithm, const uint8_t *expected,
		 const uint8_t *authenticator, size_t authenticator_len)
{
	return authenticator_len == mip_auth_size(algorithm) &&
	       CRYPTO_memcmp(expected, authenticator, authenticator_len) == 0;
}

bool
mip_auth_verify(struct mip_auth *auth, enum mip_auth_algorithm algorithm, const struct secret *key,
		const void *message, size_t len, const uint8_t *authenticator,
		size_t authenticator_len)
{
	uint8_t expected[MIP_AUTH_SIZE_MAX];
	bool is_equal;

	if (authenticator_len != mip_auth_size(algorithm) ||
	    mip_auth_compute(auth, algorithm, key, message, len, expected) < 0)
		return false;
	is_equal = mip_auth_matches(algorithm, expected, authenticator, authenticator_len);
	OPENSSL_cleanse(expected, sizeof(expected));
	return is_equal;
}
