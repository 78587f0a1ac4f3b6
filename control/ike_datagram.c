/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ike_datagram.h"

#include <errno.h>

#include "control/punt.h"

_Static_assert(IKE_DATAGRAM_MAX <= INJECT_UDP_MAX, "the longest IKE message can be sent");

static bool
is_ike_port(be16 port_be)
{
	return port_be == htobe16(IKE_PORT) || port_be == htobe16(IKE_NAT_PORT);
}

enum drop_reason
ike_datagram_parse(const uint8_t *packet, size_t len, struct ike_datagram *datagram,
		   const uint8_t **data)
{
	struct reg_datagram udp;
	enum drop_reason reason = punt_udp_parse(packet, len, &udp);

	if (reason != DROP_REASON_COUNT)
		return reason;
	if (!is_ike_port(udp.dst_port_be))
		return DROP_LOCAL_PORT;
	if (udp.len == 0 || udp.len > IKE_DATAGRAM_MAX)
		return DROP_UDP_SHORT;
	*datagram = (struct ike_datagram){
		.src = udp.src,
		.dst = udp.dst,
		.src_port_be = udp.src_port_be,
		.dst_port_be = udp.dst_port_be,
		.len = udp.len,
	};
	*data = udp.payload;
	return DROP_REASON_COUNT;
}

static bool
is_gateway(const be32 *gateways, unsigned gateway_count, be32 address)
{
	for (unsigned i = 0; i < gateway_count; i++)
		if (gateways[i] == address)
			return true;
	return false;
}

int
ike_datagram_send(struct injector *injector, const be32 *gateways, unsigned gateway_count,
		  const struct ike_datagram *datagram)
{
	const struct udp_flow flow = {
		.src = datagram->src,
		.dst = datagram->dst,
		.src_port_be = datagram->src_port_be,
		.dst_port_be = datagram->dst_port_be,
	};

	if (!is_gateway(gateways, gateway_count, datagram->src) ||
	    !is_ike_port(datagram->src_port_be))
		return -EACCES;
	if (datagram->dst == 0 || datagram->dst_port_be == 0)
		return -EINVAL;
	return inject_udp(injector, &flow, datagram + 1, (uint16_t)datagram->len, INJECT_IP);
}
