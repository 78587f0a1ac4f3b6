/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_MOBILE_ROAMING_WORLD_H
#define TESTS_UNIT_MOBILE_ROAMING_WORLD_H

#include "mobile/mn_roaming.h"
#include "tests/unit/mobile/registration_bench.h"

/* Three interfaces of a mobile and its two home agents, each with a table of bindings as RFC 5944 section
 * 3.8.2.2 has it, on a clock that the test moves. Beside them what the test itself knows about every
 * interface: that decides what may be. */

#define TRACKS 3
#define VPN TRACKS /* the VPN's, after world_add_vpn() */
#define X_HA 0
#define I_HA 1
#define AGENTS 2
#define T_MONITOR_MS 60000

/* What the test knows of an interface, since its connection status changed last. */
struct link {
	be32 care_of; /* 0: not attached */
	bool is_inside;
	bool is_home; /* of both home agents */
	bool is_proved, is_x_ha_accepted;
	uint64_t proved_sent;
};

/* A request on its way. */
struct flight {
	bool is_under_way;
	struct mn_registration registration; /* when it was sent */
	uint64_t sent;
};

struct agent_model {
	be32 bindings[TRACKS + 1]; /* care-of addresses; 0: free */
	uint64_t last_id;
	unsigned mismatches;
	bool is_single; /* serves no simultaneous bindings */
};

struct world {
	struct bench *bench;
	struct mn_config config;
	struct mn_track tracks[TRACKS + 1];
	struct mn_roaming roaming;
	struct mn_effects effects;
	struct link links[TRACKS + 1];
	struct flight flights[TRACKS + 1][AGENTS];
	struct agent_model agents[AGENTS];
	bool has_home_link; /* one comes home now and then */
	bool has_hints; /* some addresses come with a hint that they are inside, right or wrong */
	uint32_t random;
	unsigned address;
	unsigned sends[AGENTS][TRACKS + 1]; /* times that each was found to be the sender */
};

/* The clock, in milliseconds. */
uint64_t world_now_ms(const struct world *world);

/* A new world, of which there is one at a time; nothing is attached. */
struct world *world_create(struct bench *bench, bool simultaneous);

/* Gives it a VPN, which is not up yet. */
void world_add_vpn(struct world *world);

/* A number below `count`, the same ones in every run. */
unsigned world_choose(struct world *world, unsigned count);

/* Track `t` comes to a new care-of address, to none, or has just lost what it had. */
void world_attach(struct world *world, unsigned t, bool is_inside);
void world_come_home(struct world *world, unsigned t); /* of both home agents */
void world_detach(struct world *world, unsigned t);
void world_interrupt(struct world *world, unsigned t);

/* The VPN needs the x-HA, or no longer. */
void world_keep_x_ha(struct world *world, bool keeps);

/* Time passes. */
void world_pass_ms(struct world *world, uint64_t ms);

/* A user packet comes from a program of the mobile. */
void world_traffic(struct world *world);

/* The request that is under way from track `t` to agent `i` arrives, and so does the answer unless that is
 * lost. */
void world_deliver(struct world *world, unsigned t, unsigned i, bool is_answer_lost);

/* Time passes in which nothing gets lost. */
void world_calm_down(struct world *world, unsigned seconds);

/* What agent `i` has bound. */
bool world_is_bound(const struct world *world, unsigned i, be32 care_of);
unsigned world_binding_count(const struct world *world, unsigned i);

/* RFC 5265 sections 3.2.1 to 3.2.4, by the test's own knowledge. */
void world_check(struct world *world);

#endif
