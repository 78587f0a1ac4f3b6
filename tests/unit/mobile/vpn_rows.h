/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_MOBILE_VPN_ROWS_H
#define TESTS_UNIT_MOBILE_VPN_ROWS_H

#include "mobile/mn_vpn.h"

/* A VPN's life as rows: events, each with the time since it began, and what must come of them. */

#define TIA 0x0100080a
#define HOME 0x070071cb /* of the x-HA */
#define CAFE 0x0a01a8c0
#define HOTEL 0x4a0200c0
#define GATEWAY 0x036433c6

/* What happens, and what must come of it. */
struct row {
	unsigned at_ms;
	struct mn_vpn_event event;
	unsigned actions;
	enum mn_vpn_state state;
};

#define EVENT(...) ((struct mn_vpn_event){.kind = __VA_ARGS__})
#define CHARON EVENT(MN_VPN_CHARON_UP)
#define LOST EVENT(MN_VPN_CHARON_LOST)
#define X_HA(a) EVENT(MN_VPN_OUTER, .outer = MN_VPN_OUTER_X_HA, .address = (a))
#define OUTER(a) EVENT(MN_VPN_OUTER, .outer = MN_VPN_OUTER_MOBIKE, .address = (a))
#define SA(a)                                                                            \
	EVENT(MN_VPN_SA, .outer = (a) == HOME ? MN_VPN_OUTER_X_HA : MN_VPN_OUTER_MOBIKE, \
	      .address = TIA, .local = (a), .remote = GATEWAY)
#define NO_SA EVENT(MN_VPN_NO_SA)
#define FAILED EVENT(MN_VPN_FAILED, .text = "no proposal chosen")
#define TICK EVENT(MN_VPN_TICK)
#define INSIDE EVENT(MN_VPN_INSIDE)
#define OUTSIDE EVENT(MN_VPN_OUTSIDE)
#define RELEASED EVENT(MN_VPN_RELEASED)

#define RUN(outer, inside, rows) vpn_rows_run(outer, inside, rows, sizeof(rows) / sizeof((rows)[0]))
#define CVC (1u << MN_VPN_OUTER_X_HA)
#define MC (1u << MN_VPN_OUTER_MOBIKE)
#define KEEP MN_VPN_INSIDE_KEEP
#define TERMINATE MN_VPN_INSIDE_TERMINATE

/* A configuration with connections by these: bits CVC and MC. */
struct mn_vpn_config vpn_rows_config(unsigned outers);

/* Runs them through `*vpn`, which is initialised first. `config` must outlive it. */
void vpn_rows_run_with(struct mn_vpn *vpn, const struct mn_vpn_config *config,
		       const struct row *rows, size_t count);

/* The same with one of its own. */
void vpn_rows_run(unsigned outers, enum mn_vpn_inside inside, const struct row *rows, size_t count);

#endif
