/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_KEY_MAKER_H
#define LIB_KEY_MAKER_H

#include <intel-ipsec-mb.h>

#include "lib/types.h"

#define HMAC_STATE_SIZE_MAX IMB_SHA512_DIGEST_SIZE_IN_BYTES

/* IPsec-MB's functions that make schedules of keys. They keep no state, so one manager serves all threads,
 * for ever. NULL: no memory, or a CPU that the library does not know. */
IMB_MGR *key_maker(void);

/* What HMAC makes of a key before any message comes: the hash's states behind ipad and behind opad (RFC 2104
 * section 2), each as long as the hash's own state. The key is not longer than the hash's block. What is
 * written is as secret as the key. */
void key_maker_hmac(IMB_MGR *maker, IMB_HASH_ALG hash, const uint8_t *key, size_t size,
		    uint8_t *inner, uint8_t *outer);

#endif
