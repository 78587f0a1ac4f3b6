/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_REGISTRATION_H
#define CONTROL_REGISTRATION_H

#include "control/binding.h"
#include "control/inject.h"
#include "control/reg_counters.h"
#include "dataplane/counters.h"
#include "lib/ntp_time.h"

/*
 * The registration engine: one for both home agents, whose roles are data (struct config_agent). It takes
 * the datagrams of UDP port 434 that workers punt, decides (reg_decide.h), changes bindings (binding.h)
 * and replies. RFC 5944 section 3.8, RFC 5265 section 4.3, RFC 3543. Control core; nothing here blocks.
 */
struct registration;

/* What it works with; all of it must outlive the engine. */
struct registration_context {
	const struct config *config;
	struct publisher *publisher;
	struct route_table *routes;
	struct timer_wheel *wheel;
	struct drop_counters *drops;
	/* sends a datagram: 0 or -errno; inject_udp() in the box */
	int (*send)(void *context, const struct udp_flow *flow, const void *payload, uint16_t len,
		    enum inject_kind kind);
	struct ntp_time (*wall_clock)(void *context);
	/* a binding's slot is free again: what it counted belongs to the past; NULL: nobody asks */
	void (*slot_ended)(void *context, uint32_t slot);
	void *context;
};

/* A datagram to port 434 whose UDP checksum was right. */
struct reg_datagram {
	uint8_t origin; /* enum packet_origin */
	uint8_t port;	/* that it came in by, an index into config.ports */
	uint8_t flags;	/* enum packet_flag; PACKET_OWN_BROADCAST counts */
	be32 src, dst;
	be16 src_port_be, dst_port_be;
	const uint8_t *payload;
	uint16_t len;
};

/* NULL: no memory, or libcrypto refuses. The wall clock's time now is the oldest timestamp accepted. */
struct registration *
registration_create(const struct registration_context *context, struct mono_time now);
void registration_destroy(struct registration *engine); /* NULL is fine */

/* Takes datagrams, one after the other: Registration Requests, Registration Revocations and acknowledgements
 * of those. The more there are at a time, up to REGISTRATION_BURST_MAX, the less each of them takes. */
#define REGISTRATION_BURST_MAX 32
void registration_input(struct registration *engine, const struct reg_datagram *datagrams,
			unsigned count, struct mono_time now);

/*
 * Takes over a reloaded configuration, after route_reload(): what is remembered of subscribers, foreign
 * agents and dynamic addresses is carried over; bindings of subscribers that are gone end; all recipes
 * are compiled anew. `config` must outlive the engine; the old one is let go of. 0 or -ENOMEM with
 * nothing changed.
 */
int
registration_reload(struct registration *engine, const struct config *config, struct mono_time now);

/* For the others that need bindings: broadcasts, ICMP errors, keepalives, telemetry. */
struct binding_table *registration_bindings(struct registration *engine);

const struct reg_counters *
registration_counters(const struct registration *engine, enum agent_id agent);
const struct reg_security *registration_security(const struct registration *engine);

#endif
