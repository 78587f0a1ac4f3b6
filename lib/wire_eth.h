/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_WIRE_ETH_H
#define LIB_WIRE_ETH_H

#include "lib/types.h"

#define ETH_ADDRESS_SIZE 6
#define ETH_TYPE_IPV4 0x0800
#define ETH_TYPE_ARP 0x0806

/* IEEE 802.3 frame header, type interpretation. */
struct eth_header {
	uint8_t dst[ETH_ADDRESS_SIZE];
	uint8_t src[ETH_ADDRESS_SIZE];
	be16 type_be;
} __attribute__((packed));
ASSERT_SIZE(struct eth_header, 14);

#define ARP_HARDWARE_ETHERNET 1
#define ARP_REQUEST 1
#define ARP_REPLY 2

/* RFC 826, for IPv4 over Ethernet. */
struct arp_packet {
	be16 hardware_be;
	be16 protocol_be;
	uint8_t hardware_size;
	uint8_t protocol_size;
	be16 operation_be;
	uint8_t sender_mac[ETH_ADDRESS_SIZE];
	be32 sender_ip;
	uint8_t target_mac[ETH_ADDRESS_SIZE];
	be32 target_ip;
} __attribute__((packed));
ASSERT_SIZE(struct arp_packet, 28);
ASSERT_OFFSET(struct arp_packet, sender_ip, 14);
ASSERT_OFFSET(struct arp_packet, target_ip, 24);

#endif
