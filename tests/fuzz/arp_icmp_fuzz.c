/* SPDX-License-Identifier: BSD-3-Clause */
/* What the control core reads of packets for the box itself: ARP, ICMP errors with the tunnel packets
 * that they quote, and the UDP datagrams of registrations. The first octet chooses. */
#include "control/arp.h"
#include "control/icmp_relay.h"
#include "control/punt.h"
#include "lib/icmp_message.h"
#include "tests/fuzz/check.h"

#include <rte_mbuf.h>

static void
arp_fuzz(uint8_t *packet, uint16_t len)
{
	struct rte_mbuf mbuf = {
		.buf_addr = packet,
		.buf_len = len,
		.data_len = len,
		.pkt_len = len,
		.nb_segs = 1,
	};
	struct arp_packet arp;

	if (arp_parse(&mbuf, &arp))
		CHECK((arp.sender_mac[0] & 1) == 0);
}

static void
icmp_fuzz(const uint8_t *packet, size_t len)
{
	_Alignas(struct ip_header) uint8_t restored[ICMP_ERROR_SIZE_MAX];
	struct icmp_error_view view;
	struct icmp_esp_quote esp;
	struct icmp_quote quote;
	struct icmp_relay relay;
	size_t restored_len;

	if (icmp_error_parse(packet, len, &view) != 0)
		return;
	CHECK(icmp_relay_mtu(&view, TUNNEL_RUMOUR) < be16toh(view.quoted_ip.total_len_be));
	CHECK(icmp_relay_mtu(&view, TUNNEL_WITNESS) < be16toh(view.quoted_ip.total_len_be));
	if (icmp_quote_esp_parse(&view, &esp) == 0)
		CHECK(esp.gateway == view.quoted_ip.src && esp.peer == view.quoted_ip.dst);
	if (icmp_quote_parse(&view, &quote) != 0)
		return;
	CHECK(quote.inner == NULL ||
	      quote.inner + quote.inner_len == view.quoted + view.quoted_len);
	relay = icmp_relay_decide(view.type, view.code, tunnel_is_udp(quote.kind));
	CHECK(!relay.is_relayed || relay.type == ICMP_TYPE_UNREACHABLE);
	if (tunnel_is_minenc(quote.kind) &&
	    icmp_quote_minimal(&view, restored, sizeof(restored), &restored_len) == 0)
		CHECK(restored_len >= sizeof(struct ip_header) && restored_len <= sizeof(restored));
}

static void
datagram_fuzz(const uint8_t *packet, size_t len)
{
	struct reg_datagram datagram;

	if (punt_datagram_parse(packet, len, &datagram) == DROP_REASON_COUNT)
		CHECK(datagram.payload + datagram.len <= packet + len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet;
	size_t len;

	if (size < 2 || size > UINT16_MAX)
		return 0;
	len = size - 1;
	packet = exact_copy(data + 1, len);
	switch (data[0] % 3) {
	case 0:
		arp_fuzz(packet, (uint16_t)len);
		break;
	case 1:
		icmp_fuzz(packet, len);
		break;
	default:
		datagram_fuzz(packet, len);
		break;
	}
	free(packet);
	return 0;
}
