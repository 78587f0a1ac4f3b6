/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_keepalive.h"

#include "mobile/fa_relay_state.h"

void
fa_keepalive_granted(struct fa_relay *relay, struct fa_visitor *visitor, unsigned assigned_sec,
		     struct mono_time now)
{
	const struct mn_keepalive_config *config = &relay->config->keepalive;
	struct mn_keepalive *keepalive = &visitor->keepalive;
	uint16_t id;

	if (!visitor->has_tunnel || !tunnel_is_udp(visitor->tunnel.spec.kind)) {
		mn_keepalive_stop(keepalive);
		return;
	}
	if (keepalive->config == NULL) {
		relay->hooks->random(relay->context, &id, sizeof(id));
		mn_keepalive_init(keepalive, config, id);
	}
	visitor->keepalive_sec = config->interval_sec;
	if (assigned_sec != 0 && assigned_sec < config->interval_sec)
		visitor->keepalive_sec = assigned_sec;
	mn_keepalive_start(keepalive, visitor->keepalive_sec, true, now);
}

void
fa_keepalive_tick(struct fa_relay *relay, struct fa_visitor *visitor, struct mono_time now)
{
	struct mn_keepalive *keepalive = &visitor->keepalive;
	char text[ADDRESS_TEXT_SIZE];

	switch (mn_keepalive_tick(keepalive, now)) {
	case MN_KEEPALIVE_SEND:
		relay->counters.keepalives_sent++;
		relay->hooks->keepalive(relay->context, visitor);
		break;
	case MN_KEEPALIVE_LOST:
		/* only the visitor can register again; the interval is the operator's to choose */
		relay->counters.keepalives_lost++;
		mn_keepalive_start(keepalive, visitor->keepalive_sec, true, now);
		if (log_limit_allows(&relay->log_limit))
			log_warnx("%s: %u keepalives without an answer",
				  address_format(visitor->mobile.home_address, text),
				  keepalive->config->attempts);
		break;
	case MN_KEEPALIVE_NOTHING:
		break;
	}
}

int
fa_keepalive_build(const struct fa_visitor *visitor, uint8_t buffer[FA_KEEPALIVE_SIZE],
		   uint8_t **outer, size_t *outer_len)
{
	struct mn_tunnel tunnel = visitor->tunnel;
	uint8_t *packet = buffer + MN_TUNNEL_HEADROOM;

	/* through the tunnel even if the visitor's own packets are not */
	tunnel.spec.reverse = true;
	mn_keepalive_build(&visitor->keepalive, tunnel.spec.home_address, tunnel.spec.home_agent,
			   packet);
	return mn_tunnel_push(&tunnel, packet, MN_KEEPALIVE_PACKET_SIZE, outer, outer_len);
}

bool
fa_keepalive_answer(struct fa_visitor *visitor, const uint8_t *packet, size_t len,
		    struct mono_time now)
{
	struct mn_keepalive *keepalive = &visitor->keepalive;
	uint64_t before = keepalive->answered_count;

	return keepalive->is_running &&
	       mn_keepalive_answer(keepalive, visitor->tunnel.spec.home_agent, packet, len, now) &&
	       keepalive->answered_count != before;
}
