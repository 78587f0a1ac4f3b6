/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_REG_HARNESS_H
#define TESTS_UNIT_CONTROL_REG_HARNESS_H

#include "control/registration.h"
#include "lib/mip_message.h"

/*
 * A registration engine on fake_network.h with a configuration made by hand, clocks that the test turns,
 * and a mobile and a foreign agent that build requests. Programs that use it fill in, or change,
 * `config` between harness_init() and harness_start().
 *
 *   home agent 10.1.0.1, home network 10.1.0.0/24, pool 10.1.0.100 to 10.1.0.102
 *   mobiles 10.1.0.7 "mn1@example.com", 10.1.0.8 (nonces), and "dyn@example.com", whose address is dynamic
 *   foreign agent 172.16.5.1; trusted by the i-HA: 172.16.0.0/16
 */
#define HARNESS_SENT_MAX 128 /* to a burst: replies, and revocations of what they replace */
#define HARNESS_CLOCK 0xe4a1b2c400000000ull /* a second after the golden vectors' request */

struct harness_sent {
	struct udp_flow flow;
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	uint16_t len;
	enum inject_kind kind;
};

struct harness {
	struct config config;
	struct config_home_network home_network;
	struct config_subscriber subscribers[8];
	struct config_association associations[8]; /* one for each of them */
	struct config_foreign_agent foreign_agent;
	struct prefix trusted;
	enum agent_id agent;
	struct publisher *publisher;
	struct route_table *routes;
	struct timer_wheel *wheel;
	struct mip_auth *auth;
	struct drop_counters drops;
	struct registration *engine;
	struct ntp_time wall;
	struct mono_time now;
	struct harness_sent sent[HARNESS_SENT_MAX];
	unsigned sent_count;
	int send_error;
	struct mip_message reply; /* of the last harness_ask() */
};

/* A request, as a test wants it; fields that are 0 get what the comment says. */
struct ask {
	uint8_t flags;		  /* 0: D and T */
	uint16_t lifetime_sec;	  /* 0: 1800 */
	bool is_deregistration;	  /* lifetime 0 */
	const char *home_address; /* NULL: 10.1.0.7; "0.0.0.0" is taken as it is */
	const char *home_agent;	  /* NULL: 10.1.0.1 */
	const char *care_of;	  /* NULL: 172.16.5.9 */
	const char *source;	  /* NULL: the care-of address */
	const char *destination;  /* NULL: 10.1.0.1 */
	uint64_t identification;  /* 0: the clock's time */
	const char *nai;	  /* NULL: none */
	const uint8_t *extension; /* put before the mobile's authenticator */
	size_t extension_len;
	const uint8_t *late_extension; /* put behind it */
	size_t late_extension_len;
	uint32_t spi;	    /* 0: 256 */
	bool has_wrong_key; /* of the mobile */
	bool has_no_auth;   /* of the mobile */
	bool is_relayed;    /* signed by the foreign agent */
	bool has_wrong_fa_key;
	bool from_other_side; /* an external port for the i-HA, an internal one for the x-HA */
	uint8_t packet_flags;
};

void harness_init(struct harness *harness, enum agent_id agent);
void harness_start(struct harness *harness);
void harness_stop(struct harness *harness);

/* Both clocks go on, and the timers that are due fire. */
void harness_pass(struct harness *harness, unsigned sec);
/* They go on by a millisecond only. */
void harness_tick(struct harness *harness);

be32 harness_address(const char *text);

/* Builds the request, hands it in, and returns the reply, parsed, or NULL when there was none. The clock
 * goes on by a millisecond, so that the next request is newer. */
const struct mip_message *harness_ask(struct harness *harness, const struct ask *ask);

/* The same of several requests, at most HARNESS_SENT_MAX, all at once. What comes back is in `sent`. */
void harness_ask_all(struct harness *harness, const struct ask *asks, unsigned count);

/* The bytes as a datagram that came as `ask` says. */
struct reg_datagram harness_datagram(const struct harness *harness, const struct ask *ask,
				     const void *bytes, size_t len);

/* Hands in bytes as they are. */
const struct mip_message *
harness_input(struct harness *harness, const struct ask *ask, const void *bytes, size_t len);

/* The last message sent. */
const struct harness_sent *harness_last(const struct harness *harness);

/* The code of a reply, -1 when there is none. */
int harness_code(const struct mip_message *reply);

#endif
