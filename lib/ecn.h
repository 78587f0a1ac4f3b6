/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_ECN_H
#define LIB_ECN_H

#include <stdbool.h>

#include "lib/wire_ip.h"

/* Explicit congestion notification through tunnels, RFC 6040. Field values, RFC 3168 section 5. */
enum ecn {
	ECN_NOT_ECT = 0,
	ECN_ECT1 = 1,
	ECN_ECT0 = 2,
	ECN_CE = 3,
};

/* The outer TOS for an inner TOS: DSCP copied (RFC 2003 section 3.1); ECN copied in normal mode, or
 * cleared in compatibility mode, for a tunnel end that knows only RFC 2003 (RFC 6040 section 4.1). */
static inline uint8_t
ecn_outer_tos(uint8_t inner_tos, bool is_compatibility)
{
	return is_compatibility ? (uint8_t)(inner_tos & ~IP_ECN_MASK) : inner_tos;
}

enum ecn_verdict {
	ECN_KEEP, /* inner field stays */
	ECN_SET,  /* inner field takes the outer one */
	ECN_DROP, /* congestion was marked on a packet that cannot carry the mark */
};

/* RFC 6040 section 4.2, figure 4: what the tunnel's exit does with the inner field. */
static inline enum ecn_verdict
ecn_decapsulate(uint8_t inner_tos, uint8_t outer_tos)
{
	uint8_t inner = inner_tos & IP_ECN_MASK, outer = outer_tos & IP_ECN_MASK;

	if (inner == ECN_NOT_ECT)
		return outer == ECN_CE ? ECN_DROP : ECN_KEEP;
	if (outer == ECN_CE && inner != ECN_CE)
		return ECN_SET;
	if (outer == ECN_ECT1 && inner == ECN_ECT0)
		return ECN_SET;
	return ECN_KEEP;
}

/* RFC 6040 figure 4, the cells marked "(!!!)": nobody sends these; worth an alarm. */
static inline bool
ecn_is_dangerous(uint8_t inner_tos, uint8_t outer_tos)
{
	uint8_t inner = inner_tos & IP_ECN_MASK, outer = outer_tos & IP_ECN_MASK;

	return (inner == ECN_NOT_ECT && outer != ECN_NOT_ECT) ||
	       (inner == ECN_CE && outer == ECN_ECT1);
}

#endif
