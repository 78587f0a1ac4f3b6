/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_send.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/icmp_message.h"
#include "lib/log.h"
#include "mobile/fa_daemon.h"
#include "mobile/fa_datagram.h"
#include "mobile/fa_keepalive.h"

#define TTL_TO_A_NEIGHBOUR 1 /* a reply goes no further */

static void
draw_random(void *context, void *bytes, size_t len)
{
	/* cannot fail for so few bytes once the pool is ready, and it waits for that */
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
}

static bool
is_own_address(void *context, be32 address)
{
	struct ifaddrs *all, *one;
	bool is_own = false;

	if (getifaddrs(&all) != 0)
		return false;
	for (one = all; one != NULL && !is_own; one = one->ifa_next) {
		struct sockaddr_in in;

		if (one->ifa_addr == NULL || one->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&in, one->ifa_addr, sizeof(in));
		is_own = in.sin_addr.s_addr == address;
	}
	freeifaddrs(all);
	return is_own;
}

static uint16_t
path_mtu(void *context, be32 home_agent)
{
	struct fa_daemon *daemon = context;
	unsigned mtu = agent_socket_path_mtu(&daemon->socket, home_agent);

	if (mtu == 0)
		mtu = daemon->uplink_mtu;
	return (uint16_t)(mtu < UINT16_MAX ? mtu : UINT16_MAX);
}

static void
send_to_mobile(void *context, const struct fa_to_mobile *message)
{
	struct fa_daemon *daemon = context;
	const struct fa_datagram datagram = {
		.src = message->src != 0 ? message->src : fa_link_address(&daemon->link),
		.dst = message->dst,
		.src_port_be = htobe16(MIP_PORT),
		.dst_port_be = message->to.src_port_be,
		.ttl = TTL_TO_A_NEIGHBOUR,
		.payload = message->bytes,
		.len = message->len,
	};
	uint8_t packet[FA_DATAGRAM_SIZE_MAX];
	int result = fa_link_send(&daemon->link, message->to.mac, packet,
				  fa_datagram_build(&datagram, packet));

	if (result != 0 && log_limit_allows(&daemon->log_limit))
		log_warn(-result, "%s: reply not sent", daemon->link.name);
}

static void
send_to_agent(void *context, const struct fa_peer *to, const uint8_t *bytes, size_t len)
{
	struct fa_daemon *daemon = context;
	int result =
		agent_socket_send_message(&daemon->socket, to->address, to->port_be, bytes, len);
	char text[ADDRESS_TEXT_SIZE];

	/* what came of an earlier message is told once, instead of sending this one */
	if (result != 0)
		result = agent_socket_send_message(&daemon->socket, to->address, to->port_be, bytes,
						   len);
	if (result == 0)
		return;
	if (result == -ENETUNREACH)
		fa_relay_unreachable(daemon->relay, to->address, ICMP_CODE_NET_UNREACHABLE,
				     mono_now());
	/* else the mobile hears of it when the request is given up, if he does not ask again before */
	if (log_limit_allows(&daemon->log_limit))
		log_warn(-result, "message to %s not sent", address_format(to->address, text));
}

static void
visitor_changed(void *context, struct fa_visitor *visitor, bool is_here)
{
	struct fa_daemon *daemon = context;
	be32 home_address = visitor->mobile.home_address;
	int result = is_here && visitor->has_tunnel
			     ? mac_check_set(&daemon->mac_check, home_address, visitor->mac)
			     : mac_check_forget(&daemon->mac_check, home_address);
	char home[ADDRESS_TEXT_SIZE], agent[ADDRESS_TEXT_SIZE];

	address_format(home_address, home);
	address_format(visitor->mobile.home_agent, agent);
	/* who is not checked is not served */
	if (!is_here)
		result = fa_routing_drop(&daemon->routing, visitor);
	else if (result == 0)
		result = fa_routing_serve(&daemon->routing, visitor);
	if (result != 0)
		log_warn(-result, "%s: route or MAC check cannot be changed", home);
	if (!log_limit_allows(&daemon->log_limit))
		return;
	if (is_here)
		log_info("%s registered with %s for %u s", home, agent, visitor->lifetime_sec);
	else
		log_info("%s has left", home);
}

static void
send_keepalive(void *context, struct fa_visitor *visitor)
{
	struct fa_daemon *daemon = context;
	uint8_t buffer[FA_KEEPALIVE_SIZE], *outer;
	size_t outer_len;

	if (fa_keepalive_build(visitor, buffer, &outer, &outer_len) != 0 ||
	    agent_socket_send_packet(&daemon->socket, outer, outer_len) != 0)
		daemon->traffic.unsent++;
}

static void
send_packet(struct fa_daemon *daemon, const uint8_t *mac, const uint8_t *packet, size_t len)
{
	static const uint8_t all_systems[ETH_ADDRESS_SIZE] = {0x01, 0x00, 0x5e, 0, 0, 1};
	int result = fa_link_send(&daemon->link, mac != NULL ? mac : all_systems, packet, len);

	/* ENETDOWN: the link is down for a moment */
	if (result != 0 && result != -ENETDOWN && log_limit_allows(&daemon->log_limit))
		log_warn(-result, "%s: advertisement not sent", daemon->link.name);
}

/* What every advertisement needs: an address that it comes from, and a challenge. False: there is no address now. */
static bool
prepare(struct fa_daemon *daemon, be32 *src, struct fa_challenge *fresh)
{
	*src = fa_link_address(&daemon->link);
	draw_random(daemon, fresh, sizeof(*fresh));
	return *src != 0;
}

static void
tell_of_lost_registration(void *context, const uint8_t mac[ETH_ADDRESS_SIZE], be32 home_address)
{
	struct fa_daemon *daemon = context;
	uint8_t packet[AGENT_ADVERTISEMENT_SIZE_MAX];
	struct fa_challenge fresh;
	be32 src;

	if (prepare(daemon, &src, &fresh))
		send_packet(daemon, mac, packet,
			    fa_advertiser_reset(&daemon->advertiser, src, home_address, &fresh,
						packet));
}

const struct fa_hooks fa_send_hooks = {
	.to_mobile = send_to_mobile,
	.to_agent = send_to_agent,
	.registration_lost = tell_of_lost_registration,
	.visitor_changed = visitor_changed,
	.keepalive = send_keepalive,
	.is_own_address = is_own_address,
	.path_mtu = path_mtu,
	.random = draw_random,
};

void
fa_send_advertisement(struct fa_daemon *daemon)
{
	uint8_t packet[AGENT_ADVERTISEMENT_SIZE_MAX];
	struct fa_challenge fresh;
	be32 src;

	if (prepare(daemon, &src, &fresh))
		send_packet(daemon, NULL, packet,
			    fa_advertiser_periodic(&daemon->advertiser, src, &fresh, packet));
}

void
fa_send_solicited(struct fa_daemon *daemon, const struct fa_frame *frame)
{
	uint8_t packet[AGENT_ADVERTISEMENT_SIZE_MAX];
	struct fa_challenge fresh;
	be32 src, asker;
	size_t len;

	if (agent_solicitation_parse(daemon->frame, frame->len, &asker) != 0 ||
	    !prepare(daemon, &src, &fresh))
		return;
	len = fa_advertiser_solicited(&daemon->advertiser, src, asker, &fresh, mono_now(), packet);
	if (len != 0)
		send_packet(daemon, asker != 0 ? frame->mac : NULL, packet, len);
}

void
fa_send_too_big(void *context, const struct fa_visitor *visitor, const uint8_t *packet, size_t len)
{
	struct fa_daemon *daemon = context;
	const struct icmp_error error = {
		.type = ICMP_TYPE_UNREACHABLE,
		.code = ICMP_CODE_FRAGMENTATION_NEEDED,
		.mtu = mn_tunnel_mtu(&visitor->tunnel),
		.src = fa_link_address(&daemon->link),
	};
	uint8_t out[ICMP_ERROR_SIZE_MAX];
	size_t out_len;

	if (error.src == 0 || !icmp_error_is_due(packet, len, false) ||
	    !token_bucket_take(&daemon->icmp_pace, mono_now()))
		return;
	if (icmp_error_build(&error, packet, len, out, sizeof(out), &out_len) == 0)
		(void)fa_link_send(&daemon->link, visitor->mac, out, out_len);
}
