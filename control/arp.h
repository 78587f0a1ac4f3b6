/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_ARP_H
#define CONTROL_ARP_H

#include <stdbool.h>

#include "lib/types.h"
#include "lib/wire_eth.h"

struct injector;
struct rte_mbuf;

/* ARP packets: read with suspicion, written in the four forms that the box needs. Control core. */

/*
 * Copies the ARP packet at the start of `mbuf`. False when it is short, not IPv4 over Ethernet, neither
 * request nor reply, sent by a station with a group address or none, or for a sender whose address
 * cannot be a host's. A sender address of zero is a probe (RFC 5227 section 2.1.1) and passes.
 */
bool arp_parse(const struct rte_mbuf *mbuf, struct arp_packet *arp);

/* Asks for `target`: everybody, or with `target_mac` only the station that had it last. */
void arp_request(struct injector *injector, uint8_t port, const uint8_t own_mac[ETH_ADDRESS_SIZE],
		 be32 own_address, be32 target, const uint8_t *target_mac);

/* Answers `request` with the box's own link address. */
void arp_reply(struct injector *injector, uint8_t port, const uint8_t own_mac[ETH_ADDRESS_SIZE],
	       const struct arp_packet *request);

/* Gratuitous ARP, RFC 5944 section 4.6: tells the link that `address` is at `mac`. The frame itself
 * comes from the port's own address, or bridges would learn the mobile's in the wrong place. */
void arp_announce(struct injector *injector, uint8_t port, const uint8_t own_mac[ETH_ADDRESS_SIZE],
		  be32 address, const uint8_t mac[ETH_ADDRESS_SIZE]);

/* False for a group's address and for none: no station sends from there. */
bool mac_is_station(const uint8_t mac[ETH_ADDRESS_SIZE]);

#define MAC_TEXT_SIZE 18

/* Writes "00:11:22:33:44:55" into `text` and returns it. */
const char *mac_format(const uint8_t mac[ETH_ADDRESS_SIZE], char text[MAC_TEXT_SIZE]);

#endif
