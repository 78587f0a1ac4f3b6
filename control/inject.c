/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/inject.h"

#include <errno.h>
#include <rte_mbuf.h>

#include "lib/checksum.h"
#include "lib/recipe.h"

#define INJECT_TTL 64
#define ETH_FRAME_MIN 60 /* IEEE 802.3, without the check sequence */

struct rte_mbuf *
inject_alloc(struct injector *injector, uint16_t len)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(injector->pool);

	if (mbuf == NULL) {
		injector->failures++;
		return NULL;
	}
	if (mbuf->buf_len < RECIPE_HEADROOM + len) {
		injector->failures++;
		rte_pktmbuf_free(mbuf);
		return NULL;
	}
	mbuf->data_off = RECIPE_HEADROOM;
	mbuf->data_len = len;
	mbuf->pkt_len = len;
	*packet_of(mbuf) = (struct packet){.origin = ORIGIN_CONTROL};
	return mbuf;
}

bool
inject_has_room(const struct injector *injector)
{
	for (unsigned i = 0; i < injector->mailbox_count; i++) {
		const struct rte_ring *ring = injector->mailboxes[i].inject;

		if (rte_ring_count(ring) > rte_ring_get_capacity(ring) / 2)
			return false;
	}
	return true;
}

void
inject_packet(struct injector *injector, struct rte_mbuf *mbuf, enum inject_kind kind)
{
	packet_of(mbuf)->punt_class = (uint8_t)kind;
	for (unsigned i = 0; i < injector->mailbox_count; i++) {
		struct mailbox *mailbox = &injector->mailboxes[injector->turn];

		injector->turn = (injector->turn + 1) % injector->mailbox_count;
		if (rte_ring_sp_enqueue(mailbox->inject, mbuf) == 0)
			return;
	}
	injector->failures++;
	rte_pktmbuf_free(mbuf);
}

void
inject_write_ip(struct injector *injector, struct ip_header *header, const struct inject_ip *ip,
		uint16_t total_len)
{
	*header = (struct ip_header){
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.tos = ip->tos,
		.total_len_be = htobe16(total_len),
		.id_be = htobe16(injector->next_id++),
		.ttl = INJECT_TTL,
		.protocol = ip->protocol,
		.src = ip->src,
		.dst = ip->dst,
	};
	header->checksum_be = checksum_of(header, sizeof(*header));
}

/* RFC 768: a sum of zero is sent as all ones, since zero says that there is none. */
static be16
udp_checksum(const struct udp_flow *flow, const struct udp_header *udp, const void *payload,
	     uint16_t len)
{
	uint64_t sum = checksum_pseudo_header(flow->src, flow->dst, IP_PROTOCOL_UDP, udp->len_be);
	be16 checksum_be;

	sum = checksum_add(checksum_add(sum, udp, sizeof(*udp)), payload, len);
	checksum_be = (be16)~checksum_fold(sum);
	return checksum_be == 0 ? 0xffff : checksum_be;
}

/* Puts the rest of a payload into further segments. 0 or -ENOBUFS. */
static int
append_segments(struct injector *injector, struct rte_mbuf *first, const uint8_t *data,
		uint16_t len)
{
	while (len > 0) {
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(injector->pool);
		uint16_t piece;

		if (mbuf == NULL)
			return -ENOBUFS;
		piece = RTE_MIN(rte_pktmbuf_tailroom(mbuf), len);
		memcpy(rte_pktmbuf_append(mbuf, piece), data, piece);
		if (rte_pktmbuf_chain(first, mbuf) != 0) {
			rte_pktmbuf_free(mbuf);
			return -ENOBUFS;
		}
		data += piece;
		len = (uint16_t)(len - piece);
	}
	return 0;
}

int
inject_udp(struct injector *injector, const struct udp_flow *flow, const void *payload,
	   uint16_t len, enum inject_kind kind)
{
	struct inject_ip ip = {.src = flow->src, .dst = flow->dst, .protocol = IP_PROTOCOL_UDP};
	const uint16_t headers_len = sizeof(struct ip_header) + sizeof(struct udp_header);
	const uint16_t room = (uint16_t)(rte_pktmbuf_data_room_size(injector->pool) -
					 RECIPE_HEADROOM - headers_len);
	const uint16_t first_len = RTE_MIN(len, room);
	struct udp_header *udp;
	struct rte_mbuf *mbuf;

	if (len > INJECT_UDP_MAX)
		return -EMSGSIZE;
	mbuf = inject_alloc(injector, (uint16_t)(headers_len + first_len));
	if (mbuf == NULL)
		return -ENOBUFS;

	inject_write_ip(injector, packet_ip(mbuf), &ip, (uint16_t)(headers_len + len));
	udp = (struct udp_header *)(packet_ip(mbuf) + 1);
	*udp = (struct udp_header){
		.src_port_be = flow->src_port_be,
		.dst_port_be = flow->dst_port_be,
		.len_be = htobe16((uint16_t)(sizeof(*udp) + len)),
	};
	udp->checksum_be = udp_checksum(flow, udp, payload, len);
	memcpy(udp + 1, payload, first_len);
	if (append_segments(injector, mbuf, (const uint8_t *)payload + first_len,
			    (uint16_t)(len - first_len)) != 0) {
		injector->failures++;
		rte_pktmbuf_free(mbuf);
		return -ENOBUFS;
	}
	inject_packet(injector, mbuf, kind);
	return 0;
}

int
inject_frame(struct injector *injector, uint8_t port, const struct eth_header *eth,
	     const void *payload, uint16_t len)
{
	uint16_t frame_len = (uint16_t)(sizeof(*eth) + len);
	struct rte_mbuf *mbuf = inject_alloc(injector, RTE_MAX(frame_len, ETH_FRAME_MIN));
	uint8_t *frame;

	if (mbuf == NULL)
		return -ENOBUFS;
	frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
	memcpy(frame, eth, sizeof(*eth));
	memcpy(frame + sizeof(*eth), payload, len);
	memset(frame + frame_len, 0, rte_pktmbuf_data_len(mbuf) - frame_len);
	packet_of(mbuf)->port = port;
	inject_packet(injector, mbuf, INJECT_FRAME);
	return 0;
}

int
inject_arp(struct injector *injector, uint8_t port, const struct arp_packet *arp,
	   const uint8_t src_mac[ETH_ADDRESS_SIZE], const uint8_t *dst_mac)
{
	struct eth_header eth = {.type_be = htobe16(ETH_TYPE_ARP)};

	if (dst_mac != NULL)
		memcpy(eth.dst, dst_mac, sizeof(eth.dst));
	else
		memset(eth.dst, 0xff, sizeof(eth.dst));
	memcpy(eth.src, src_mac, sizeof(eth.src));
	return inject_frame(injector, port, &eth, arp, sizeof(*arp));
}
