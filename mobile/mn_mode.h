/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_MODE_H
#define MOBILE_MN_MODE_H

#include <stdbool.h>

#include "mobile/mn_detect.h"

/* The access modes of RFC 5265 section 2, and what has no name there. */
enum mn_mode {
	MN_MODE_NONE, /* user data does not pass */
	MN_MODE_HOME, /* on the home link, as a host that never moves */
	MN_MODE_C,    /* inside, co-located care-of address */
	MN_MODE_F,    /* inside, through a foreign agent */
	MN_MODE_MC,   /* outside, in the VPN */
	MN_MODE_CVC,  /* outside, in the VPN over a co-located care-of address with the x-HA */
	MN_MODE_FVC,  /* the same through a foreign agent */
	MN_MODE_X,    /* outside, without a VPN: the x-HA's home address only */
};
#define MN_MODE_COUNT 8

/* "c", "cvc", ...; "none", "home", "x-ha only". */
const char *mn_mode_name(enum mn_mode mode);

/* What lies around a packet, from the outside in: "x-mip", "vpn", "i-mip", as bits. */
enum mn_layer {
	MN_LAYER_X_MIP = 0x01,
	MN_LAYER_VPN = 0x02,
	MN_LAYER_I_MIP = 0x04,
};
#define MN_LAYER_COUNT 3

/* `bit`: one of enum mn_layer. */
const char *mn_layer_name(unsigned bit);
unsigned mn_mode_layers(enum mn_mode mode);

/* How an interface carries user data. */
enum mn_access {
	MN_ACCESS_CO_LOCATED,
	MN_ACCESS_FOREIGN, /* through a foreign agent */
	MN_ACCESS_HOME,	   /* on the home link */
};

/* `place` and `access`: of the interface that carries user data, or the VPN's packets; `is_vpn`: the VPN's track
 * carries user data. On the home link of an x-HA the VPN is as in mode mc. */
enum mn_mode mn_mode_of(enum mn_place place, enum mn_access access, bool is_vpn);

#endif
