/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_IKE_CLIENT_H
#define TESTS_UNIT_CONTROL_IKE_CLIENT_H

#include "control/ike_link.h"
#include "tests/unit/control/fake_sa.h"
#include "tests/unit/control/net_fixture.h"

/*
 * A link on a socket in a directory of its own, with an SA table that is none, and the charon that talks to
 * it. Both ends are in one thread: what one has sent is there for the other when it looks.
 */
struct ike_fixture {
	struct net_fixture net;
	struct config *config;
	struct ike_link *link;
	struct mono_time now;
	char directory[64];
};

#define IKE_GATEWAY htobe32(0xc6336403) /* 198.51.100.3 */

void ike_fixture_init(struct ike_fixture *fixture);
void ike_fixture_fini(struct ike_fixture *fixture);

/* Runs the link until it has nothing more to do; fails the test when it never has. */
void ike_fixture_run(struct ike_fixture *fixture);
void ike_fixture_look(struct ike_fixture *fixture, struct ike_link_view *view);

/* A connection, without a word. */
int ike_client_connect(const struct ike_fixture *fixture);
/* The same, with a hello that was answered. */
int ike_client_greet(struct ike_fixture *fixture, uint64_t epoch);

void ike_client_send(int fd, uint32_t type, uint32_t request_id, const void *body, size_t size);

struct ike_answer {
	struct ike_header header;
	uint8_t body[IKE_DATAGRAM_MAX + 64];
};
/* What came: its length; 0: the connection was closed; -1: nothing yet. */
int ike_client_receive(int fd, struct ike_answer *answer);

/* An IPv4 packet with a UDP datagram for the gateway; its length. */
uint16_t
ike_packet_write(uint8_t *packet, uint16_t dst_port, const void *payload, uint16_t payload_len);

#endif
