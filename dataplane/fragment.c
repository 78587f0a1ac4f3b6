/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/fragment.h"

#include "dataplane/drop.h"
#include "lib/ip_check.h"

#define FRAGMENT_UNIT 8 /* offsets count eight octets */
#define OPTIONS_SIZE_MAX 40
#define OPTION_COPIED 0x80 /* "all fragments have it"; RFC 791 section 3.1 */
#define OPTION_END 0
#define OPTION_NOP 1

/* Where the next byte of the packet's payload lies. */
struct cursor {
	const struct rte_mbuf *segment;
	uint32_t at;
};

/* How a packet is cut: the first fragment has the whole header, the others only the options that every
 * fragment must have, and so may carry more. */
struct cut {
	struct rte_mbuf *mbuf;
	struct cursor cursor;
	uint32_t payload_len;
	uint16_t fragment; /* flags and offset of the packet, host order */
	uint16_t first_size, later_size;
	uint16_t first_payload, later_payload; /* at most, in a fragment that is not the last */
	uint8_t later[sizeof(struct ip_header) + OPTIONS_SIZE_MAX]
		__attribute__((aligned(2))); /* header */
};

static void
cursor_read(struct cursor *cursor, uint8_t *to, uint32_t len)
{
	while (len > 0) {
		uint32_t left = cursor->segment->data_len - cursor->at;
		uint32_t piece = RTE_MIN(len, left);

		memcpy(to, rte_pktmbuf_mtod_offset(cursor->segment, uint8_t *, cursor->at), piece);
		to += piece;
		len -= piece;
		cursor->at += piece;
		if (cursor->at == cursor->segment->data_len) {
			cursor->segment = cursor->segment->next;
			cursor->at = 0;
		}
	}
}

/* Copies the options that go into every fragment, and fills up to whole words; returns their length. What
 * follows a malformed one is left out. */
static uint16_t
options_copy(uint8_t *to, const uint8_t *options, uint16_t len)
{
	uint16_t copied_len = 0;

	for (uint16_t at = 0; at < len && options[at] != OPTION_END;) {
		uint16_t option_len = 1;

		if (options[at] != OPTION_NOP) {
			if (len - at < 2 || options[at + 1] < 2 || options[at + 1] > len - at)
				break;
			option_len = options[at + 1];
		}
		if (options[at] & OPTION_COPIED) {
			memcpy(to + copied_len, options + at, option_len);
			copied_len = (uint16_t)(copied_len + option_len);
		}
		at = (uint16_t)(at + option_len);
	}
	while (copied_len % 4 != 0)
		to[copied_len++] = OPTION_END;
	return copied_len;
}

static uint16_t
payload_fitting(uint16_t mtu, uint16_t header_size)
{
	return mtu < header_size ? 0
				 : (uint16_t)((mtu - header_size) / FRAGMENT_UNIT * FRAGMENT_UNIT);
}

/* False when the packet cannot be cut. */
static bool
cut_plan(struct cut *cut, struct rte_mbuf *mbuf, uint16_t mtu)
{
	const struct ip_header *ip = packet_ip(mbuf);
	uint16_t size = ip_header_size(ip), options_len;

	if (ip_check_lengths(ip, rte_pktmbuf_pkt_len(mbuf)) != IP_OK ||
	    rte_pktmbuf_data_len(mbuf) < size || ip->fragment_be & htobe16(IP_FLAG_DF))
		return false;
	*cut = (struct cut){
		.mbuf = mbuf,
		.cursor = {mbuf, 0},
		.payload_len = (uint32_t)be16toh(ip->total_len_be) - size,
		.fragment = be16toh(ip->fragment_be),
		.first_size = size,
	};
	memcpy(cut->later, ip, sizeof(*ip));
	options_len = options_copy(cut->later + sizeof(*ip), (const uint8_t *)(ip + 1),
				   (uint16_t)(size - sizeof(*ip)));
	cut->later_size = (uint16_t)(sizeof(*ip) + options_len);
	cut->later[0] = (uint8_t)(0x40 | cut->later_size / 4);
	cut->first_payload = payload_fitting(mtu, cut->first_size);
	cut->later_payload = payload_fitting(mtu, cut->later_size);
	/* of a packet that is a fragment, the last octet must have a place in the whole */
	return cut->first_payload > 0 && cut->later_payload > 0 &&
	       (cut->fragment & IP_FRAGMENT_OFFSET_MASK) * FRAGMENT_UNIT + cut->payload_len <=
		       UINT16_MAX;
}

/* The fragment that begins `done` bytes into the payload, or NULL: no buffer, or too small ones. */
static struct rte_mbuf *
cut_next(struct cut *cut, struct rte_mempool *pool, uint32_t done)
{
	uint16_t size = done == 0 ? cut->first_size : cut->later_size;
	uint16_t most = done == 0 ? cut->first_payload : cut->later_payload;
	uint32_t left = cut->payload_len - done, payload_len = RTE_MIN(left, most);
	uint16_t flags = cut->fragment & (uint16_t)~IP_FRAGMENT_OFFSET_MASK;
	uint16_t offset = cut->fragment & IP_FRAGMENT_OFFSET_MASK;
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(pool);
	struct ip_header *ip;

	if (mbuf == NULL)
		return NULL;
	mbuf->data_off = RECIPE_HEADROOM;
	ip = (struct ip_header *)rte_pktmbuf_append(mbuf, (uint16_t)(size + payload_len));
	if (ip == NULL) {
		rte_pktmbuf_free(mbuf);
		return NULL;
	}
	if (done == 0)
		cursor_read(&cut->cursor, (uint8_t *)ip, size);
	else
		memcpy(ip, cut->later, size);
	cursor_read(&cut->cursor, (uint8_t *)ip + size, payload_len);
	/* the last one is followed by more when the packet was */
	if (payload_len < left)
		flags |= IP_FLAG_MF;
	ip->fragment_be = htobe16((uint16_t)(flags | (offset + done / FRAGMENT_UNIT)));
	ip->total_len_be = htobe16((uint16_t)(size + payload_len));
	ip->checksum_be = 0;
	ip->checksum_be = checksum_of(ip, size);
	mbuf->port = cut->mbuf->port;
	*packet_of(mbuf) = *packet_of(cut->mbuf);
	return mbuf;
}

/* All fragments, or none: 0. */
static uint16_t
cut_all(struct cut *cut, struct rte_mempool *pool, struct rte_mbuf *fragments[FRAGMENTS_MAX])
{
	uint16_t count = 0;
	uint32_t done = 0;

	do {
		struct rte_mbuf *mbuf = NULL;

		if (count < FRAGMENTS_MAX)
			mbuf = cut_next(cut, pool, done);
		if (mbuf == NULL) {
			rte_pktmbuf_free_bulk(fragments, count);
			return 0;
		}
		done += rte_pktmbuf_data_len(mbuf) - ip_header_size(packet_ip(mbuf));
		fragments[count++] = mbuf;
	} while (done < cut->payload_len);
	return count;
}

uint16_t
fragment(struct worker *worker, struct rte_mbuf *mbuf, uint16_t mtu,
	 struct rte_mbuf *fragments[FRAGMENTS_MAX])
{
	/* each fragment lies in one buffer */
	uint16_t room = (uint16_t)(rte_pktmbuf_data_room_size(worker->pool) - RECIPE_HEADROOM);
	uint16_t count = 0;
	struct cut cut;

	if (cut_plan(&cut, mbuf, RTE_MIN(mtu, room)))
		count = cut_all(&cut, worker->pool, fragments);
	if (count == 0) {
		drop(worker, mbuf, DROP_FRAGMENT_FAILED);
		return 0;
	}
	for (uint16_t i = 0; i < count; i++)
		trace_inherit(fragments[i], mbuf);
	rte_pktmbuf_free(mbuf);
	return count;
}
