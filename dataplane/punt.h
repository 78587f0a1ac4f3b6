/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_PUNT_H
#define DATAPLANE_PUNT_H

#include "dataplane/worker.h"

/*
 * Hands a packet to the control core, within its class's rate; what is beyond is dropped with the
 * class's own reason. So is what came from outside with a source of the inside: the control core would
 * answer there. The control core gets it by punt_flush(): should it be a registration that moves a mobile,
 * what the mobile sent before is then through. Worker.
 */
void punt(struct worker *worker, struct rte_mbuf *mbuf, enum punt_class punt_class);

/* The end of the round. Worker. */
void punt_flush(struct worker *worker);

/* A packet cannot go on and its sender is to be told by an ICMP error; the packet counts as dropped for
 * `reason`, once, in any case; an error that is not sent counts as DROP_PUNT_RATE_ICMP_ERROR. `mtu` is
 * for fragmentation needed, else 0. Worker. */
void punt_icmp_error(struct worker *worker, struct rte_mbuf *mbuf, enum drop_reason reason,
		     uint8_t icmp_type, uint8_t icmp_code, uint16_t mtu);

/* The sender of a packet that goes on is to be told something by an ICMP error. Worker. */
void punt_icmp_notice(struct worker *worker, struct rte_mbuf *mbuf, uint8_t icmp_type,
		      uint8_t icmp_code);

#endif
