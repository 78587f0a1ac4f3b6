/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_PATH_RIG_H
#define BENCH_PATH_RIG_H

#include "bench/bench_shim.h"
#include "control/publish.h"
#include "dataplane/stage.h"

/*
 * What benchmarks of the packet path stand on: one worker, live tables, and a ring for a port, so that
 * drivers do not count. Rounds are timed one by one; the median is what is told, since the machine does
 * other things, too.
 */
#define RIG_WORKERS 2 /* there may be; most benchmarks have one */
#define RIG_MBUFS 65536u
#define RIG_ROUNDS_KEPT 65536u
#define RIG_MAC                  \
	{                        \
		2, 0, 0, 0, 0, 1 \
	}
#define RIG_NEXT_HOP 1 /* resolved, on the port; the default route leads there */

struct path_rig {
	struct publisher *publisher;
	struct rte_mempool *pool;
	struct rte_ring *out, *out_beside; /* what workers send */
	struct mailbox mailbox;
	struct worker *worker;
	struct worker *peers[RIG_WORKERS];
	uint16_t port_id;
	uint32_t slot_count;
	struct rte_mbuf **mbufs; /* RIG_MBUFS */
	uint32_t round_count;
	uint64_t octets;		  /* of frames that went out */
	uint64_t rounds[RIG_ROUNDS_KEPT]; /* cycles of the last rounds */
};

/* Starts EAL. `own` and the tables' sizes are the caller's; the MAC address is filled in. 0 or -1. */
int path_rig_init(struct path_rig *rig, char *program, struct live_settings *settings,
		  uint32_t bindings_max, uint32_t sas_max);

/* A second worker on the same tables and a queue of its own, with BURST_MAX packets of its own. 0 or -1. */
int path_rig_beside(struct path_rig *first, struct path_rig *rig);

/* Begins a benchmark: forgets rounds and stage counters. */
void path_rig_begin(struct path_rig *rig);

/* One round: `burst` frames from `rig->mbufs[first]` on (round and round) go through the path. Returns the
 * cycles. All of them must come out. */
uint64_t path_rig_round(struct path_rig *rig, uint32_t first, uint16_t burst);

/* Tells the median round's cycles a packet, what so many packets a second would be and bits of the frames that go out,
 * and what each stage took (means). */
void path_rig_report(struct path_rig *rig, struct bench *bench, uint16_t burst);

/* An IPv4 header with DF and TTL 64 and its checksum. */
void path_rig_write_ip(struct ip_header *ip, be32 src, be32 dst, uint8_t protocol, uint16_t len);

/* Empties `mbuf` and writes the Ethernet header of a frame for the port. */
void path_rig_write_ethernet(struct rte_mbuf *mbuf);

/* Puts an own address into settings that have few. */
void path_rig_own(struct live_settings *settings, be32 address, uint8_t roles);

#endif
