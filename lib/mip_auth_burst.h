/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_MIP_AUTH_BURST_H
#define LIB_MIP_AUTH_BURST_H

#include "lib/mip_auth.h"

/*
 * Authenticators of many messages at once, of as many keys: IPsec-MB computes the HMACs of a burst side by side,
 * which takes a quarter of the time that libcrypto takes one by one, and less than that where the key changes
 * each time. Of a few only, libcrypto is the faster one, and asked.
 */

/* What becomes of a key before any message comes, made once; as secret as the key. */
struct mip_auth_pads {
	uint8_t inner[MIP_AUTH_SIZE_MAX];
	uint8_t outer[MIP_AUTH_SIZE_MAX];
} __attribute__((aligned(64)));

/* Makes them; what is no HMAC has none, which is fine. Any core. 0, or -ENOMEM. */
int mip_auth_pads_make(struct mip_auth_pads *pads, enum mip_auth_algorithm algorithm,
		       const struct secret *key);

/* One authenticator: what mip_auth_compute() is told, and the pads of the key. */
struct mip_auth_job {
	enum mip_auth_algorithm algorithm;
	const struct secret *key; /* NULL: there is nothing to do */
	const struct mip_auth_pads *pads;
	const void *message;
	size_t len;
	uint8_t *out; /* mip_auth_size() bytes */
	bool is_done; /* set; false: libcrypto or IPsec-MB failed */
};

/* Belongs to one thread. */
struct mip_auth_burst;

struct mip_auth_burst *mip_auth_burst_create(void); /* NULL: out of memory, or an unknown CPU */
void mip_auth_burst_destroy(struct mip_auth_burst *burst); /* NULL is fine */

/* Does `count` jobs, in any order. `auth`: for those that libcrypto does. The thread that owns both. */
void mip_auth_burst_compute(struct mip_auth_burst *burst, struct mip_auth *auth,
			    struct mip_auth_job *jobs, unsigned count);

#endif
