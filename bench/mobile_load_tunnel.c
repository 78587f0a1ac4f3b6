/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/mobile_load_tunnel.h"

#include "bench/mobile_load_plan.h"
#include "bench/mobile_load_port.h"
#include "lib/wire_mip.h"

struct udp_tunnel {
	struct udp_header udp;
	struct mip_tunnel_data data;
};
ASSERT_SIZE(struct udp_tunnel, 12);

uint8_t *
load_tunnel_write(uint8_t *bytes, uint32_t i, uint8_t place, uint16_t len)
{
	be32 src = LOAD_PLACE(i, place);
	uint16_t udp_len = (uint16_t)(sizeof(struct udp_tunnel) + len);
	struct udp_tunnel *tunnel;

	if (!load_is_behind_nat(i))
		return load_port_write_ip(bytes, src, LOAD_X_HA, IP_PROTOCOL_IPIP, len);
	tunnel = (struct udp_tunnel *)load_port_write_ip(bytes, src, LOAD_X_HA, IP_PROTOCOL_UDP,
							 udp_len);
	*tunnel = (struct udp_tunnel){
		.udp = {LOAD_NAT_PORT_BE, htobe16(MIP_PORT), htobe16(udp_len), 0},
		.data = {MIP_TUNNEL_DATA, IP_PROTOCOL_IPIP, 0},
	};
	return (uint8_t *)(tunnel + 1);
}

const struct ip_header *
load_tunnel_open(const struct ip_header *outer, uint16_t *len)
{
	const struct udp_tunnel *tunnel = (const struct udp_tunnel *)(outer + 1);

	*len = (uint16_t)(*len - sizeof(*outer));
	if (outer->protocol == IP_PROTOCOL_IPIP)
		return outer + 1;
	if (outer->protocol != IP_PROTOCOL_UDP || *len < sizeof(*tunnel) ||
	    tunnel->udp.src_port_be != htobe16(MIP_PORT) || be16toh(tunnel->udp.len_be) != *len ||
	    tunnel->data.type != MIP_TUNNEL_DATA || tunnel->data.next_header != IP_PROTOCOL_IPIP)
		return NULL;
	*len = (uint16_t)(*len - sizeof(*tunnel));
	return (const struct ip_header *)(tunnel + 1);
}

bool
load_tunnel_leads_to(const struct ip_header *outer, uint32_t i, uint8_t place)
{
	const struct udp_tunnel *tunnel = (const struct udp_tunnel *)(outer + 1);

	if (outer->dst != LOAD_PLACE(i, place))
		return false;
	if (!load_is_behind_nat(i))
		return outer->protocol == IP_PROTOCOL_IPIP;
	return outer->protocol == IP_PROTOCOL_UDP && tunnel->udp.dst_port_be == LOAD_NAT_PORT_BE;
}
