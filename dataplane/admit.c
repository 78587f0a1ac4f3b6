/* SPDX-License-Identifier: BSD-3-Clause */
/* May what came out of a security association be in it (RFC 4301 section 5.2, step 4)? Its source must be
 * the mobile's tunnel inner address, unless the traffic selectors say more. From here on it counts as
 * coming from the VPN, and is as good as a packet from inside. */
#include "dataplane/clamp.h"
#include "dataplane/drop.h"
#include "dataplane/sa.h"
#include "dataplane/selector.h"
#include "dataplane/stage.h"

static bool
is_admitted(struct rte_mbuf *mbuf, const struct sa *sa)
{
	if (likely(sa->flags & SA_ANY_REMOTE))
		return packet_ip(mbuf)->src == sa->tia;
	return selectors_match(sa->remote, sa->remote_count, sa->local, sa->local_count, mbuf);
}

uint16_t
stage_admit(struct worker *worker, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct packet *packet = packet_of(pkts[i]);

		if (unlikely(!is_admitted(pkts[i], packet->sa))) {
			drop(worker, pkts[i], DROP_ESP_SELECTOR);
			continue;
		}
		packet->origin = ORIGIN_VPN;
		packet->flags = 0;
		clamp_source(worker, pkts[i]);
		pkts[kept++] = pkts[i];
	}
	return kept;
}
