/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_CODE_H
#define MOBILE_MN_CODE_H

#include <stdbool.h>

#include "lib/wire_mip.h"

/* What a mobile node does about a registration that was denied (RFC 5944 section 3.6.2.3). */
enum mn_remedy {
	MN_REMEDY_WAIT,		     /* again after MN_WAIT_SHORT_SEC: the cause passes by itself */
	MN_REMEDY_WAIT_LONG,	     /* again after MN_WAIT_LONG_SEC: somebody has to repair it */
	MN_REMEDY_GIVE_UP,	     /* the same request will not be better next time */
	MN_REMEDY_RESYNCHRONISE,     /* with the reply's Identification */
	MN_REMEDY_ADOPT_AGENT,	     /* ask the home agent that the reply names */
	MN_REMEDY_DROP_SIMULTANEOUS, /* without S */
	MN_REMEDY_DROP_REVERSE,	     /* without T */
	MN_REMEDY_ADD_REVERSE,	     /* with T */
	MN_REMEDY_DROP_ENCAPSULATION, /* with IP-in-IP instead of GRE or minimal encapsulation */
	MN_REMEDY_NEW_CHALLENGE,      /* with another challenge (RFC 4721) */
	MN_REMEDY_SHORTEN,	      /* with the lifetime that the reply names */
	MN_REMEDY_DROP_UDP,	      /* the same inside UDP; then without UDP */
};

#define MN_WAIT_SHORT_SEC 30
#define MN_WAIT_LONG_SEC 300

/* The remedy for `code`, which is not a success. */
enum mn_remedy mn_code_remedy(uint8_t code);

/* True for the codes of foreign agents, which are not the home agent's word. */
bool mn_code_is_foreign(uint8_t code);

/* What `code` means, for the operator; never NULL. */
const char *mn_code_text(uint8_t code);

#endif
