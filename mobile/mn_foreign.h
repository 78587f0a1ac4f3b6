/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_FOREIGN_H
#define MOBILE_MN_FOREIGN_H

#include "lib/agent_advertisement.h"
#include "lib/mip_auth.h"
#include "lib/secret.h"

/* A mobility security association with foreign agents (RFC 5944 section 3.5.3). */
struct mn_foreign_association {
	be32 address; /* of the agent, as its advertisements come from; 0: all that have none of their own */
	uint32_t spi; /* host order, above 255 */
	enum mip_auth_algorithm algorithm;
	struct secret key;
};

/* Whether an interface's registrations go through foreign agents. */
enum mn_foreign_use {
	MN_FOREIGN_AUTO, /* without an address of our own there, or where an agent asks for it (R) */
	MN_FOREIGN_NEVER,
	MN_FOREIGN_PREFER,  /* whenever there is one */
	MN_FOREIGN_REQUIRE, /* or not at all */
};
#define MN_FOREIGN_USE_COUNT 4

/* "auto", "never", ... */
const char *mn_foreign_use_name(enum mn_foreign_use use);

/* A challenge, RFC 4721 section 2. */
struct mn_challenge {
	uint8_t len; /* 0: none */
	uint8_t bytes[AGENT_HEARD_CHALLENGE_MAX];
};

/*
 * The foreign agent that a mobile registers through, as its registrations see it. Owned by who listens to its
 * advertisements, who keeps it up to date; the registrations only read.
 */
struct mn_foreign {
	be32 address;
	be32 care_of;
	uint16_t flags;					  /* enum mip_advertisement_flag */
	uint16_t registration_sec;			  /* the longest lifetime that it takes */
	const struct mn_foreign_association *association; /* NULL: none */
	struct mn_challenge challenge;			  /* the latest of its advertisements */
	unsigned challenge_count;			  /* how many different ones there were */
};

#endif
