/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_DATAPLANE_VPN_H
#define TESTS_UNIT_DATAPLANE_VPN_H

#include "tests/unit/dataplane/fixture.h"

/*
 * A VPN client, and the box's half of its security associations: what the control core would have
 * published for charon. The client is at `peer` and has the tunnel inner address `tia`; both directions
 * use one key.
 */
struct vpn {
	enum esp_suite suite;
	be32 tia, peer;
	be16 peer_port_be; /* 0: no UDP */
	bool is_esn;
	bool is_dummy;		       /* what the client seals is traffic flow confidentiality */
	struct sa *inbound, *outbound; /* the box's */
	struct esp_key *key;	       /* the client's */
	struct esp_engine *engine;
	be32 spi_be;  /* to the box */
	uint64_t seq; /* the client's last one */
};

/* Fills in the rest, and publishes both SAs in slots of their own. `slot`: of the inbound one. */
void vpn_connect(struct fixture *f, struct vpn *vpn, uint32_t slot);
void vpn_close(struct vpn *vpn);

/* The ESP layer for a recipe; the seal is set, too. `layers` that are there already are inside. */
void vpn_layer(const struct vpn *vpn, struct recipe_spec *spec);

/* A spec for the TIA itself: the ESP layer alone, out of the external port. */
struct recipe_spec vpn_spec(const struct vpn *vpn);

/* What the client makes of a packet: ESP with this sequence number, in UDP if it has a port, from `src`. */
void vpn_seal_as(struct vpn *vpn, struct craft *packet, uint64_t seq, be32 src);
void vpn_seal(struct vpn *vpn, struct craft *packet); /* the next number, from the peer */

/* Takes an ESP packet at the front apart as the client does, checks headers and sequence number. */
void vpn_open(struct vpn *vpn, struct craft *packet, uint64_t seq);

/* Takes the IP-in-IP header between these ends off the front. */
void vpn_strip_ipip(struct craft *packet, be32 src, be32 dst);

#endif
