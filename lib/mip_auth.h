/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_MIP_AUTH_H
#define LIB_MIP_AUTH_H

#include <stdbool.h>

#include "lib/secret.h"
#include "lib/types.h"

/* Authenticators of Mobile IPv4 messages (RFC 5944 section 3.5). */
enum mip_auth_algorithm {
	MIP_AUTH_HMAC_MD5,	    /* the default; RFC 2104 */
	MIP_AUTH_PREFIX_SUFFIX_MD5, /* MD5(key | message | key), RFC 2002's, for old mobiles */
	MIP_AUTH_HMAC_SHA1,
	MIP_AUTH_HMAC_SHA256,
};
#define MIP_AUTH_ALGORITHM_COUNT 4
#define MIP_AUTH_SIZE_MAX 32

/* "hmac-md5", ...; and back: 0, or -EINVAL. */
const char *mip_auth_name(enum mip_auth_algorithm algorithm);
int mip_auth_parse(const char *name, enum mip_auth_algorithm *algorithm);

/* Bytes of an authenticator: 16, 16, 20, 32. */
size_t mip_auth_size(enum mip_auth_algorithm algorithm);

/* The library's contexts, made once so that a message costs no allocation. Belongs to one
 * thread. */
struct mip_auth;

struct mip_auth *mip_auth_create(void); /* NULL: out of memory, or libcrypto lacks an algorithm */
void mip_auth_destroy(struct mip_auth *auth); /* NULL is fine */

/*
 * Computes the authenticator of `len` bytes at `message` (UDP payload up to and including the SPI
 * of the extension) into `out`, mip_auth_size() bytes. The thread that owns `auth`. 0, or -EIO when
 * libcrypto fails.
 */
int
mip_auth_compute(struct mip_auth *auth, enum mip_auth_algorithm algorithm, const struct secret *key,
		 const void *message, size_t len, uint8_t out[MIP_AUTH_SIZE_MAX]);

/* True when an authenticator is the expected one, of mip_auth_size() bytes; constant time. Any core. */
bool mip_auth_matches(enum mip_auth_algorithm algorithm, const uint8_t *expected,
		      const uint8_t *authenticator, size_t authenticator_len);

/* True when the `authenticator_len` bytes at `authenticator` are the message's; constant time. */
bool mip_auth_verify(struct mip_auth *auth, enum mip_auth_algorithm algorithm,
		     const struct secret *key, const void *message, size_t len,
		     const uint8_t *authenticator, size_t authenticator_len);

#endif
