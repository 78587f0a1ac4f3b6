/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_PUNT_H
#define CONTROL_PUNT_H

#include "control/registration.h"
#include "dataplane/counters.h"
#include "dataplane/mailbox.h"

struct advertiser;
struct broadcast_context;
struct icmp;
struct ike_link;

/* What the workers hand to the control core, and who takes it. Control core. */
struct punt_context {
	struct mailbox *mailboxes; /* one a worker */
	unsigned mailbox_count;
	unsigned turn; /* the worker that is served first next time */
	struct drop_counters *drops;
	struct registration *registrations;
	struct route_table *routes;
	struct icmp *icmp;
	struct advertiser *advertiser;
	struct broadcast_context *broadcast;
	struct ike_link *ike; /* NULL: no VPN gateway */
};

/*
 * Takes at most `most` packets out of the punt rings and gives each to the one whose class it is. The
 * workers take turns, a few packets each, so that a flood from one does not starve the others.
 * Returns how many packets it took; fewer than `most` means that the rings are empty.
 */
unsigned punt_drain(struct punt_context *context, unsigned most, struct mono_time now);

/* Packets that are longer are no registrations. */
#define PUNT_REGISTRATION_SIZE_MAX 2048

/*
 * Reads the UDP datagram in the IPv4 packet at `packet`, `len` bytes, any alignment; the payload stays
 * where it is. Fills in addresses, ports, payload and length. DROP_REASON_COUNT, or why the packet is
 * to be dropped. Pure.
 */
enum drop_reason
punt_datagram_parse(const uint8_t *packet, size_t len, struct reg_datagram *datagram);

/* The same for whatever destination port. Pure. */
enum drop_reason punt_udp_parse(const uint8_t *packet, size_t len, struct reg_datagram *datagram);

#endif
