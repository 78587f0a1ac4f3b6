/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_ADDRESS_POOL_H
#define CONTROL_ADDRESS_POOL_H

#include "control/config.h"

/*
 * Dynamic home addresses (RFC 2794), from the pools of the home networks, keyed by agent and NAI. A mobile
 * gets the address that it had before for as long as there are others to give away; then those go first
 * whose mobiles have been gone longest. Control core.
 */
struct address_pool;

struct address_pool *address_pool_create(const struct config *config); /* NULL: no memory */
void address_pool_destroy(struct address_pool *pool);		       /* NULL is fine */

/*
 * Which address the mobile would get; nothing is taken yet. `wanted`: the one it asks for, 0 for any.
 * 0; -ENOENT: the agent has no pool, or `wanted` is outside of it; -EADDRINUSE: `wanted` is another's;
 * -ENOSPC: all are in use.
 */
int address_pool_offer(const struct address_pool *pool, enum agent_id agent, const void *nai,
		       size_t nai_len, be32 wanted, be32 *address);

/* The address that the mobile has, in use or of late; 0: none. */
be32 address_pool_address(const struct address_pool *pool, enum agent_id agent, const void *nai,
			  size_t nai_len);

/* Puts an address that was offered into use. 0 or -ENOMEM. */
int address_pool_take(struct address_pool *pool, enum agent_id agent, const void *nai,
		      size_t nai_len, be32 address);

/* No longer in use, but kept for the same mobile as long as possible. Any address will do. */
void address_pool_release(struct address_pool *pool, be32 address);

/* Takes over from `before` the addresses that are still in a pool. 0 or -ENOMEM. */
int address_pool_inherit(struct address_pool *pool, const struct address_pool *before);

#endif
