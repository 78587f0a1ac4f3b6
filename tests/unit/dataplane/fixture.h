/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_DATAPLANE_FIXTURE_H
#define TESTS_UNIT_DATAPLANE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "control/publish.h"
#include "dataplane/worker.h"
#include "tests/unit/dataplane/craft.h"

/*
 * A box without its control core: two ports made of rings, workers that all run in the test's thread,
 * live tables, mailboxes. Frames go in by a port, and what leaves by a port, is punted or is dropped can
 * be looked at, each exactly. When a test ends every buffer must be back in the pool.
 *
 *   mobile 203.0.113.7 --- [0 external 198.51.100.254, x-HA .1] box [1 internal 10.1.0.254, i-HA .1]
 *
 *   0.0.0.0/0     by the external port       10.0.0.0/8    by the internal port
 *   10.66.0.0/16  not resolved, internal     10.77.0.0/16  no way
 */
#define EXTERNAL 0
#define INTERNAL 1
#define FIXTURE_WORKERS_MAX 3
#define FIXTURE_MTU 1500

#define ADDRESS(a, b, c, d) \
	RTE_BE32((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define X_HA ADDRESS(198, 51, 100, 1)
#define GATEWAY ADDRESS(198, 51, 100, 2)
#define I_HA ADDRESS(10, 1, 0, 1)
#define EXTERNAL_ADDRESS ADDRESS(198, 51, 100, 254)
#define INTERNAL_ADDRESS ADDRESS(10, 1, 0, 254)
#define EXTERNAL_BROADCAST ADDRESS(198, 51, 100, 255)
#define INTERNAL_BROADCAST ADDRESS(10, 1, 0, 255)
#define OFFICE_HOST ADDRESS(10, 2, 0, 1)
#define INTERNET_HOST ADDRESS(192, 0, 2, 5)
#define HOME ADDRESS(10, 9, 0, 1)
#define OTHER_HOME ADDRESS(10, 9, 0, 2)
#define CARE_OF ADDRESS(203, 0, 113, 7)
#define OTHER_CARE_OF ADDRESS(203, 0, 113, 8)
#define INTERNAL_CARE_OF ADDRESS(10, 3, 0, 7)
#define UNRESOLVED_HOST ADDRESS(10, 66, 0, 1)
#define UNREACHABLE_HOST ADDRESS(10, 77, 0, 1)
#define TIA ADDRESS(10, 8, 0, 5)
#define OTHER_TIA ADDRESS(10, 8, 0, 6)
#define X_HOME ADDRESS(203, 0, 113, 50)
#define MOBILE_PORT 40000
#define FIXTURE_SAS 16 /* slots of security associations */

enum fixture_hop {
	HOP_EXTERNAL = 1,
	HOP_INTERNAL,
	HOP_UNRESOLVED,
	HOP_UNREACHABLE,
};

extern const uint8_t port_macs[2][ETH_ADDRESS_SIZE];
extern const uint8_t hop_macs[2][ETH_ADDRESS_SIZE]; /* what HOP_EXTERNAL, HOP_INTERNAL resolve to */

struct fixture {
	struct publisher *publisher;
	struct live_settings settings; /* what was published last */
	struct rte_mempool *pool;
	struct worker *workers[FIXTURE_WORKERS_MAX];
	struct mailbox mailboxes[FIXTURE_WORKERS_MAX];
	unsigned worker_count;
};

/* Starts the EAL, the ports and the tables; once a program. For cmocka's group set-up. */
int fixture_start(void **state);

/* The fixture, new: `worker_count` workers, the settings and routes above, no binding. */
struct fixture *fixture_new(unsigned worker_count);

/* Ends a test: nothing may be left unlooked at, no buffer may be missing. */
void fixture_end(struct fixture *fixture);

/* Publishes `settings` of the fixture after a test changed them. */
void fixture_settings(struct fixture *fixture);

/* A spec of one layer as the tests bind mobiles: reverse tunnel, MIP port to MOBILE_PORT, link of 1500. */
struct recipe_spec fixture_spec(enum tunnel_kind kind);
void fixture_bind(struct fixture *fixture, const struct recipe_spec *specs, unsigned count);

/* Puts a packet that begins with an IP header into a frame for the port and hands it to a worker's
 * queue. */
void fixture_send(struct fixture *fixture, uint8_t port, struct craft *packet);
void fixture_send_to(struct fixture *fixture, unsigned worker, uint8_t port, struct craft *packet);

/* Hands over a frame as it is, cut after `first_len` bytes (0: not) and then every `rest_len`. */
void fixture_send_frame(struct fixture *fixture, unsigned worker, uint8_t port, struct craft *frame,
			uint32_t first_len, uint32_t rest_len);

/* An mbuf of the fixture's pool with these bytes. */
struct rte_mbuf *
fixture_mbuf(struct fixture *fixture, struct craft *bytes, uint32_t first_len, uint32_t rest_len);

/* Lets every worker go round until nothing moves any more. */
void fixture_run(struct fixture *fixture);

/* The next frame that left by a port, without its Ethernet header, which must be right. False: none. */
bool fixture_sent(struct fixture *fixture, uint8_t port, struct craft *packet);
/* The same as it is. */
bool fixture_sent_frame(struct fixture *fixture, uint8_t port, struct craft *frame);

/* The next packet for the control core. False: none. */
bool fixture_punted(struct fixture *fixture, struct packet *packet, struct craft *bytes);
void assert_punted(struct fixture *fixture, enum punt_class punt_class, struct packet *packet,
		   struct craft *bytes);

/* All that is counted is `count` drops for `reason` (and nothing, when it is 0); starts anew. */
void assert_drops(struct fixture *fixture, enum drop_reason reason, uint64_t count);
/* Nothing was sent, punted or dropped. */
void assert_quiet(struct fixture *fixture);
void assert_sent(struct fixture *fixture, uint8_t port, struct craft *expected);
void assert_same(struct craft *seen, struct craft *expected);

/* The sum of what all workers counted for a slot. */
struct slot_counters fixture_slot(struct fixture *fixture, uint32_t slot);

/* A UDP packet of `len` bytes in all between two hosts. */
void craft_plain(struct craft *craft, be32 src, be32 dst, uint32_t len);

#endif
