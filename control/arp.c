/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/arp.h"

#include <rte_mbuf.h>
#include <stdio.h>

#include "control/inject.h"

#define MAC_GROUP_BIT 0x01

bool
mac_is_station(const uint8_t mac[ETH_ADDRESS_SIZE])
{
	static const uint8_t zero[ETH_ADDRESS_SIZE];

	return (mac[0] & MAC_GROUP_BIT) == 0 && memcmp(mac, zero, sizeof(zero)) != 0;
}

/* Zero passes: a probe's sender. The rest of net 0, loopback, groups and what is above do not. */
static bool
sender_is_plausible(be32 address)
{
	uint8_t first = (uint8_t)(be32toh(address) >> 24);

	return address == 0 || (first != 0 && first != 127 && first < 224);
}

bool
arp_parse(const struct rte_mbuf *mbuf, struct arp_packet *arp)
{
	const void *data = rte_pktmbuf_read(mbuf, 0, sizeof(*arp), arp);

	if (data == NULL)
		return false;
	if (data != arp)
		memcpy(arp, data, sizeof(*arp));
	return arp->hardware_be == htobe16(ARP_HARDWARE_ETHERNET) &&
	       arp->protocol_be == htobe16(ETH_TYPE_IPV4) &&
	       arp->hardware_size == ETH_ADDRESS_SIZE && arp->protocol_size == sizeof(be32) &&
	       (arp->operation_be == htobe16(ARP_REQUEST) ||
		arp->operation_be == htobe16(ARP_REPLY)) &&
	       mac_is_station(arp->sender_mac) && sender_is_plausible(arp->sender_ip);
}

static struct arp_packet
arp_base(uint16_t operation, const uint8_t sender_mac[ETH_ADDRESS_SIZE], be32 sender, be32 target)
{
	struct arp_packet arp = {
		.hardware_be = htobe16(ARP_HARDWARE_ETHERNET),
		.protocol_be = htobe16(ETH_TYPE_IPV4),
		.hardware_size = ETH_ADDRESS_SIZE,
		.protocol_size = sizeof(be32),
		.operation_be = htobe16(operation),
		.sender_ip = sender,
		.target_ip = target,
	};

	memcpy(arp.sender_mac, sender_mac, sizeof(arp.sender_mac));
	return arp;
}

/* What finds no buffer is counted by the injector and sent again by whoever repeats it. */
void
arp_request(struct injector *injector, uint8_t port, const uint8_t own_mac[ETH_ADDRESS_SIZE],
	    be32 own_address, be32 target, const uint8_t *target_mac)
{
	struct arp_packet arp = arp_base(ARP_REQUEST, own_mac, own_address, target);

	inject_arp(injector, port, &arp, own_mac, target_mac);
}

void
arp_reply(struct injector *injector, uint8_t port, const uint8_t own_mac[ETH_ADDRESS_SIZE],
	  const struct arp_packet *request)
{
	struct arp_packet arp =
		arp_base(ARP_REPLY, own_mac, request->target_ip, request->sender_ip);

	memcpy(arp.target_mac, request->sender_mac, sizeof(arp.target_mac));
	inject_arp(injector, port, &arp, own_mac, request->sender_mac);
}

void
arp_announce(struct injector *injector, uint8_t port, const uint8_t own_mac[ETH_ADDRESS_SIZE],
	     be32 address, const uint8_t mac[ETH_ADDRESS_SIZE])
{
	struct arp_packet arp = arp_base(ARP_REQUEST, mac, address, address);

	inject_arp(injector, port, &arp, own_mac, NULL);
}

const char *
mac_format(const uint8_t mac[ETH_ADDRESS_SIZE], char text[MAC_TEXT_SIZE])
{
	snprintf(text, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	return text;
}
