/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_REQUEST_H
#define MOBILE_MN_REQUEST_H

#include "mobile/mn_registration.h"

/*
 * Builds the next request of `registration` into its `request`, with a new Identification; lifetime
 * 0 when `deregister`. 0; -ENOSPC when it does not fit; -EIO when libcrypto fails.
 */
int mn_request_build(struct mn_registration *registration, bool deregister,
		     const struct mn_instant *at);

/* The challenge that the next request through a foreign agent answers; NULL: none is left that was not used. */
const struct mn_challenge *mn_request_challenge(const struct mn_registration *registration);

#endif
