/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MOBILE_LOAD_STREAM_H
#define BENCH_MOBILE_LOAD_STREAM_H

#include "bench/mobile_load_fleet.h"
#include "bench/mobile_load_pace.h"

/*
 * User data while mobiles register and move: a constant stream of packets from the correspondent to mobiles and
 * one from mobiles to the correspondent, each to another registered mobile. Every packet has its number, so
 * that each one that is lost, comes twice or comes to the wrong place is counted. One thread.
 */
enum load_direction {
	LOAD_TO_MOBILE,
	LOAD_FROM_MOBILE,
};

struct load_flow {
	uint64_t sent, received;
	uint64_t repeated; /* came before */
	uint64_t astray;   /* to where the mobile neither is nor goes, or not as it was sent */
	uint8_t *seen;	   /* a bit for each number below `seen_size` * 8 */
	uint64_t seen_size;
	struct latency latency;
};

struct load_stream {
	struct load_fleet *fleet;
	struct load_port *external, *internal;
	struct pace pace; /* of both directions, in turn */
	uint32_t next;	  /* mobile */
	struct load_flow flows[2];
};

/* A tunnel packet from the x-HA, with its outer header. */
void
load_stream_take_tunnelled(struct load_stream *stream, const struct ip_header *outer, uint16_t len);
/* Packets that came to the correspondent. */
void load_stream_take_plain(struct load_stream *stream, const struct ip_header *ip, uint16_t len);

/* Sends what is due at `now`; nothing while nobody is registered. 0 or -ENOMEM. */
int load_stream_send(struct load_stream *stream, struct mono_time now);

#endif
