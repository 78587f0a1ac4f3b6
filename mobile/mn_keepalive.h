/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_KEEPALIVE_H
#define MOBILE_MN_KEEPALIVE_H

#include <stdbool.h>

#include "lib/mono_time.h"
#include "lib/wire_ip.h"
#include "mobile/mn_config.h"

/*
 * Keepalives of a UDP tunnel (RFC 3519 sections 4.9 and 4.10): an ICMP echo to the home agent
 * through the tunnel when nothing else was sent for the interval. When several in a row stay
 * unanswered, the NAT has lost its mapping: the owner registers again, and the interval is halved,
 * down to the configured floor, until the next move. No I/O, one thread.
 */
struct mn_keepalive {
	const struct mn_keepalive_config *config;
	bool is_running;
	unsigned interval_sec; /* now; shortened after losses */
	struct mono_time sent; /* the last packet of any kind to the home agent */
	struct mono_time due;
	unsigned unanswered;
	uint16_t id;
	uint16_t sequence;
	uint64_t sent_count, answered_count, lost_count;
};

enum mn_keepalive_event {
	MN_KEEPALIVE_NOTHING,
	MN_KEEPALIVE_SEND,
	MN_KEEPALIVE_LOST, /* register again */
};

void mn_keepalive_init(struct mn_keepalive *keepalive, const struct mn_keepalive_config *config,
		       uint16_t id);

/* A UDP tunnel was granted; `assigned_sec` is the home agent's wish, 0: none. `has_moved`: what
 * was learned about the old NAT is forgotten. */
void mn_keepalive_start(struct mn_keepalive *keepalive, unsigned assigned_sec, bool has_moved,
			struct mono_time now);
void mn_keepalive_stop(struct mn_keepalive *keepalive);

/* Something else went through the tunnel. */
void mn_keepalive_data_sent(struct mn_keepalive *keepalive, struct mono_time now);

/* Time has come. On MN_KEEPALIVE_SEND the owner builds and sends an echo. */
enum mn_keepalive_event mn_keepalive_tick(struct mn_keepalive *keepalive, struct mono_time now);

/* When mn_keepalive_tick() has something to do; false: never. */
bool mn_keepalive_deadline(const struct mn_keepalive *keepalive, struct mono_time *when);

/* IP header, ICMP header. */
#define MN_KEEPALIVE_PACKET_SIZE 28

/* Writes the echo request, ready for the tunnel. */
void mn_keepalive_build(const struct mn_keepalive *keepalive, be32 home_address, be32 home_agent,
			uint8_t packet[MN_KEEPALIVE_PACKET_SIZE]);

/* True when the packet that came out of the tunnel, a valid IPv4 packet of `len` bytes, is an
 * answer to one of ours; it is then used up. */
bool mn_keepalive_answer(struct mn_keepalive *keepalive, be32 home_agent, const uint8_t *packet,
			 size_t len, struct mono_time now);

#endif
