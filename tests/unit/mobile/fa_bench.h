/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_MOBILE_FA_BENCH_H
#define TESTS_UNIT_MOBILE_FA_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/mip_message.h"
#include "mobile/fa_relay.h"

#define FA_CARE_OF htobe32(0xc00002c8)
#define FA_LINK_ADDRESS htobe32(0xac100001)
#define FA_HOME_AGENT htobe32(0xc6336402)
#define FA_OTHER_AGENT htobe32(0xc6336409)
#define FA_HOME htobe32(0xcb007107)
#define FA_IDENTIFICATION 0xe4a1b2c312345678ull

/* What a request has; zero is the plain one. */
struct fa_ask {
	uint8_t flags;
	uint16_t lifetime_sec; /* 0: 300; FA_ZERO: 0 */
	be32 home;	       /* 0: FA_HOME; UINT32_MAX: 0.0.0.0 */
	be32 agent;	       /* 0: FA_HOME_AGENT */
	be32 care_of;	       /* 0: FA_CARE_OF */
	uint64_t identification;
	const char *nai;
	const struct fa_challenge *challenge;
	bool has_no_auth, has_mn_fa, has_wrong_mn_fa, has_delivery_style, has_foreign_tail;
	bool has_revocation; /* he offers it himself */
	uint8_t mac_last;
	uint8_t ttl; /* 0: 255 */
};
#define FA_ZERO 0xfffe
#define FA_TIME 4000000000u	  /* seconds at bench->now, at first */
#define FA_AGENT_TIME 4000001000u /* at the home agent */

/* What a reply differs in from the plain acceptance. */
struct fa_answer {
	uint8_t code;
	uint16_t lifetime_sec; /* 0: 300; FA_ZERO: 0 */
	be32 home;	       /* 0: FA_HOME */
	be32 src;	       /* 0: FA_HOME_AGENT */
	uint64_t identification;
	const char *nai;
	uint16_t keepalive_sec; /* with has_udp */
	bool has_no_fa_ha, has_wrong_fa_ha, has_malformed, has_udp;
	bool has_revocation,
		has_inform; /* support of RFC 3543, I; its timestamp is FA_AGENT_TIME */
	const struct fa_challenge *challenge;
};

/* A foreign agent without sockets: what it sends is kept. */
struct fa_bench {
	struct fa_config config;
	struct fa_association agents[1], mobiles[1];
	struct mip_auth *auth;
	struct fa_relay *relay;
	struct mono_time now;
	uint8_t random;
	uint16_t path_mtu;
	unsigned to_mobile_count, to_agent_count, changed_count, keepalive_count, lost_count;
	bool is_here; /* of the last change */
	struct fa_to_mobile to_mobile;
	uint8_t mobile_bytes[MIP_MESSAGE_SIZE_MAX], agent_bytes[MIP_MESSAGE_SIZE_MAX];
	size_t agent_len;
	struct fa_peer agent;
};

int fa_bench_setup(void **state);
int fa_bench_teardown(void **state);

/* Makes the relay anew, after the configuration was changed. */
void fa_bench_restart(struct fa_bench *bench);

/* Sends a request; the code that the mobile got, or -1: nothing. */
int fa_bench_ask(struct fa_bench *bench, const struct fa_ask *ask);

/* Sends a reply; the code that the mobile got, or -1: nothing. */
int fa_bench_answer(struct fa_bench *bench, const struct fa_answer *answer);

/* Sends a revocation, or the acknowledgement of one, signed by the home agent; `src` 0: from FA_HOME_AGENT. */
struct fa_revoke {
	bool is_ack, is_forged, has_no_a, has_inform;
	be32 src, home, care_of, home_domain;
	uint32_t id;
	uint16_t port; /* 0: 434 */
};
void fa_bench_revoke(struct fa_bench *bench, const struct fa_revoke *revoke);

/* The last message to the mobile and to the home agent, taken apart; each must be whole. */
struct mip_message fa_bench_at_mobile(const struct fa_bench *bench);
struct mip_message fa_bench_at_agent(const struct fa_bench *bench);

#define FA_TEST(function) \
	cmocka_unit_test_setup_teardown(function, fa_bench_setup, fa_bench_teardown)

#endif
