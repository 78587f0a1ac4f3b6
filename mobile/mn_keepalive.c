/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_keepalive.h"

#include <string.h>

#include "lib/checksum.h"

void
mn_keepalive_init(struct mn_keepalive *keepalive, const struct mn_keepalive_config *config,
		  uint16_t id)
{
	*keepalive = (struct mn_keepalive){.config = config, .id = id};
}

void
mn_keepalive_start(struct mn_keepalive *keepalive, unsigned assigned_sec, bool has_moved,
		   struct mono_time now)
{
	const struct mn_keepalive_config *config = keepalive->config;
	unsigned interval_sec = assigned_sec != 0 ? assigned_sec : config->interval_sec;

	if (interval_sec < config->interval_min_sec)
		interval_sec = config->interval_min_sec;
	/* what losses taught us about this NAT stays in force */
	if (has_moved || keepalive->interval_sec == 0 || interval_sec < keepalive->interval_sec)
		keepalive->interval_sec = interval_sec;
	keepalive->is_running = true;
	keepalive->unanswered = 0;
	mn_keepalive_data_sent(keepalive, now);
}

void
mn_keepalive_stop(struct mn_keepalive *keepalive)
{
	keepalive->is_running = false;
	keepalive->unanswered = 0;
}

void
mn_keepalive_data_sent(struct mn_keepalive *keepalive, struct mono_time now)
{
	keepalive->sent = now;
	/* an echo that waits for its answer is not put off by data */
	if (keepalive->unanswered == 0)
		keepalive->due = mono_add_sec(now, keepalive->interval_sec);
}

static enum mn_keepalive_event
declare_lost(struct mn_keepalive *keepalive, struct mono_time now)
{
	keepalive->lost_count++;
	keepalive->interval_sec /= 2;
	if (keepalive->interval_sec < keepalive->config->interval_min_sec)
		keepalive->interval_sec = keepalive->config->interval_min_sec;
	keepalive->unanswered = 0;
	mn_keepalive_data_sent(keepalive, now);
	return MN_KEEPALIVE_LOST;
}

enum mn_keepalive_event
mn_keepalive_tick(struct mn_keepalive *keepalive, struct mono_time now)
{
	if (!keepalive->is_running || mono_is_before(now, keepalive->due))
		return MN_KEEPALIVE_NOTHING;
	if (keepalive->unanswered >= keepalive->config->attempts)
		return declare_lost(keepalive, now);
	keepalive->unanswered++;
	keepalive->sequence++;
	keepalive->sent_count++;
	keepalive->sent = now;
	keepalive->due = mono_add_ms(now, keepalive->config->answer_ms);
	return MN_KEEPALIVE_SEND;
}

bool
mn_keepalive_deadline(const struct mn_keepalive *keepalive, struct mono_time *when)
{
	*when = keepalive->due;
	return keepalive->is_running;
}

void
mn_keepalive_build(const struct mn_keepalive *keepalive, be32 home_address, be32 home_agent,
		   uint8_t packet[MN_KEEPALIVE_PACKET_SIZE])
{
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16(MN_KEEPALIVE_PACKET_SIZE),
		.id_be = htobe16(keepalive->sequence),
		.ttl = 64,
		.protocol = IP_PROTOCOL_ICMP,
		.src = home_address,
		.dst = home_agent,
	};
	struct icmp_header icmp = {
		.type = ICMP_TYPE_ECHO_REQUEST,
		.id_be = htobe16(keepalive->id),
		.mtu_be = htobe16(keepalive->sequence),
	};

	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	icmp.checksum_be = checksum_of(&icmp, sizeof(icmp));
	memcpy(packet, &ip, sizeof(ip));
	memcpy(packet + sizeof(ip), &icmp, sizeof(icmp));
}

bool
mn_keepalive_answer(struct mn_keepalive *keepalive, be32 home_agent, const uint8_t *packet,
		    size_t len, struct mono_time now)
{
	const struct ip_header *ip = (const struct ip_header *)packet;
	size_t header_size = ip_header_size(ip);
	struct icmp_header icmp;

	if (ip->protocol != IP_PROTOCOL_ICMP || ip->src != home_agent || ip_is_fragment(ip) ||
	    len < header_size + sizeof(icmp))
		return false;
	memcpy(&icmp, packet + header_size, sizeof(icmp));
	if (icmp.type != ICMP_TYPE_ECHO_REPLY || icmp.id_be != htobe16(keepalive->id) ||
	    checksum_of(packet + header_size, len - header_size) != 0)
		return false;
	/* any echo of this series proves the way back, the latest or one that was slow */
	if (keepalive->unanswered > 0 &&
	    (uint16_t)(keepalive->sequence - be16toh(icmp.mtu_be)) < keepalive->unanswered) {
		keepalive->answered_count++;
		keepalive->unanswered = 0;
		mn_keepalive_data_sent(keepalive, now);
	}
	return true;
}
