/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MOBILE_LOAD_PLAN_H
#define BENCH_MOBILE_LOAD_PLAN_H

#include <stdbool.h>

#include "lib/types.h"

/*
 * The addresses of the load; bench/mobile_load_run writes the box's configuration to match. All places that
 * mobiles can be at are reached through one router, which is the load's end of the external cable. A place is
 * the care-of address, or the address of the NAT that the mobile is behind.
 */
#define LOAD_X_HA htobe32(0xc6336402)		/* 198.51.100.2 */
#define LOAD_ROUTER htobe32(0xc63364fe)		/* 198.51.100.254 */
#define LOAD_CORRESPONDENT htobe32(0x0a010014u) /* 10.1.0.20 */
#define LOAD_HOME(i) htobe32(0x64400001u + (i)) /* 100.64.0.1 and up */
#define LOAD_PLACE(i, place) htobe32(0xac100000u + LOAD_PLACES * ((i) + 1) + (place))
#define LOAD_PLACES 4u		 /* a mobile goes from one to the next; the places are its own */
#define LOAD_MOBILES_MAX 262000u /* 172.16.0.0/12 has the places of so many */
#define LOAD_NAT_EVERY 4u
#define LOAD_NAT_PORT_BE htobe16(20000)
#define LOAD_BEHIND_NAT htobe32(0xc0a8010au) /* 192.168.1.10, each of them behind its own NAT */
#define LOAD_LIFETIME_SEC 600

/* Whether there is a NAT wherever this mobile goes, so that its tunnel is in UDP (RFC 3519); else IP in IP. */
static inline bool
load_is_behind_nat(uint32_t i)
{
	return i % LOAD_NAT_EVERY == LOAD_NAT_EVERY - 1;
}

/* Its number for a home address; out of range for one that is not the load's. */
static inline uint32_t
load_mobile_of(be32 home_address)
{
	return be32toh(home_address) - 0x64400001u;
}

#endif
