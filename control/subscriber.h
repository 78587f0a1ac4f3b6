/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_SUBSCRIBER_H
#define CONTROL_SUBSCRIBER_H

#include "control/config.h"
#include "control/hash_table.h"
#include "control/replay.h"
#include "lib/mip_auth_burst.h"
#include "lib/mip_revocation.h"

/*
 * Who the home agents serve, and the foreign agents they share keys with: the configuration's lists, made
 * findable, with what the box has to remember of each. Control core.
 */

/* RFC 2006, haCounterEntry: the service that one mobile has had, in counters as wide as there. */
struct subscriber_service {
	uint32_t accepted, denied;
	uint32_t accepted_sec, denied_sec; /* when: ntp_to_sec(); 0: never */
	uint32_t served_sec;		   /* of bindings that have ended */
	uint8_t denied_code;
};

/* One cache line: what a registration with timestamps touches. */
struct subscriber {
	const struct config_subscriber *config; /* changes at reload */
	const struct mip_auth_pads *pads;	/* of each association's key */
	struct subscriber_service service;
	struct replay_state replay;
	struct subscriber *successor; /* while reloading: the same mobile in the new table */
} __attribute__((aligned(64)));
ASSERT_SIZE(struct subscriber, 64);

struct foreign_agent {
	const struct config_foreign_agent *config;
	const struct mip_auth_pads *pads; /* of the association's key */
	struct revocation_memory revoked; /* the last revocation accepted from it */
	UT_hash_handle by_address;
};

struct subscriber_table;

/* Makes everybody of `config` findable; the configuration must outlive the table. `start`: nothing with
 * an older timestamp is accepted. NULL: no memory. */
struct subscriber_table *
subscriber_table_create(const struct config *config, struct ntp_time start);
void subscriber_table_destroy(struct subscriber_table *table); /* NULL is fine */

/* Who has this home address by configuration, or NULL. */
struct subscriber *
subscriber_find_address(struct subscriber_table *table, enum agent_id agent, be32 home_address);

/* Who has this NAI, compared byte by byte, or NULL. */
struct subscriber *subscriber_find_nai(struct subscriber_table *table, enum agent_id agent,
				       const void *nai, size_t len);

/* Asks for what a look-up by home address begins with, a little before it. */
void
subscriber_prefetch(const struct subscriber_table *table, enum agent_id agent, be32 home_address);

struct foreign_agent *foreign_agent_find(const struct subscriber_table *table, be32 address);

/* The association with this SPI, and its number in `index`; NULL when the mobile has none such. */
const struct config_association *
subscriber_association(const struct subscriber *subscriber, uint32_t spi, unsigned *index);

/* Carries over from `before` what is remembered of mobiles (the same agent, NAI and home address) and of
 * foreign agents, and notes in `before` each subscriber's successor. */
void subscriber_table_inherit(struct subscriber_table *table, struct subscriber_table *before);

#endif
