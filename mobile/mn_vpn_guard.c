/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_vpn_guard.h"

#include <string.h>

#include "lib/wire_ip.h"

#define IKE_PORT 500
#define NAT_T_PORT 4500 /* IKE and ESP, RFC 3948 */

static bool
is_ike_port(be16 port_be)
{
	return port_be == htobe16(IKE_PORT) || port_be == htobe16(NAT_T_PORT);
}

/* The remote port decides for what leaves, the local one for what comes; either will do, for charon has
 * both ends. */
static bool
is_of_ike(const struct ip_header *ip, const uint8_t *payload, size_t len)
{
	struct udp_header udp;

	/* without its first fragment, of no use to anybody */
	if ((be16toh(ip->fragment_be) & IP_FRAGMENT_OFFSET_MASK) != 0)
		return true;
	if (len < sizeof(udp))
		return false;
	memcpy(&udp, payload, sizeof(udp));
	return is_ike_port(udp.src_port_be) || is_ike_port(udp.dst_port_be);
}

static bool
is_icmp_error(const uint8_t *payload, size_t len)
{
	return len > 0 &&
	       (payload[0] == ICMP_TYPE_UNREACHABLE || payload[0] == ICMP_TYPE_TIME_EXCEEDED);
}

bool
mn_vpn_guard_admits(const struct mn_config *config, unsigned index, const uint8_t *packet,
		    size_t len)
{
	const struct ip_header *ip = (const struct ip_header *)packet;
	size_t header_len;

	if (!config->vpn.is_set || config->vpn.external_traffic ||
	    config->agents[index].role == MN_ROLE_I_HA)
		return true;
	if (len < sizeof(*ip))
		return false;
	header_len = (ip->version_ihl & 0x0fu) * 4u;
	if (header_len < sizeof(*ip) || header_len > len)
		return false;
	switch (ip->protocol) {
	case IP_PROTOCOL_ESP:
		return true;
	case IP_PROTOCOL_UDP:
		return is_of_ike(ip, packet + header_len, len - header_len);
	case IP_PROTOCOL_ICMP:
		return is_icmp_error(packet + header_len, len - header_len);
	default:
		return false;
	}
}
