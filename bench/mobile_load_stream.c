/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/mobile_load_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/mobile_load_plan.h"
#include "bench/mobile_load_tunnel.h"

#define MARK 0x6d6f6269u
#define PORT_BE htobe16(5000)
#define STRIDE 7919u   /* prime: mobiles are not taken one after the other */
#define LOOK_MAX 64u   /* mobiles looked at for one that is registered and at rest */
#define SEND_MAX 256u  /* packets at once: the load has other things to do */
#define SEEN_STEP 8192 /* bytes */

struct mark { /* the payload; the load alone reads it */
	uint32_t mark;
	uint32_t direction;
	uint32_t mobile;
	uint32_t zero;
	uint64_t number;
	uint64_t sent_ns;
};
ASSERT_SIZE(struct mark, 32);

#define DATAGRAM_LEN (sizeof(struct udp_header) + sizeof(struct mark))
#define PACKET_LEN (sizeof(struct ip_header) + DATAGRAM_LEN)

static int
make_room(struct load_flow *flow)
{
	uint8_t *seen;

	if (flow->sent < flow->seen_size * 8)
		return 0;
	seen = realloc(flow->seen, flow->seen_size + SEEN_STEP);
	if (seen == NULL)
		return -ENOMEM;
	memset(seen + flow->seen_size, 0, SEEN_STEP);
	flow->seen = seen;
	flow->seen_size += SEEN_STEP;
	return 0;
}

static void
write_packet(uint8_t *bytes, enum load_direction direction, uint32_t i, uint64_t number,
	     struct mono_time now)
{
	be32 mobile = LOAD_HOME(i);
	bool is_to_mobile = direction == LOAD_TO_MOBILE;
	struct mark mark = {MARK, direction, i, 0, number, now.ns};
	struct udp_header *udp = (struct udp_header *)load_port_write_ip(
		bytes, is_to_mobile ? LOAD_CORRESPONDENT : mobile,
		is_to_mobile ? mobile : LOAD_CORRESPONDENT, IP_PROTOCOL_UDP, DATAGRAM_LEN);

	*udp = (struct udp_header){PORT_BE, PORT_BE, htobe16(DATAGRAM_LEN), 0};
	memcpy(udp + 1, &mark, sizeof(mark));
}

/* A mobile that can have a packet now: one that moves sends none before it is registered where it is. */
static uint32_t
choose(struct load_stream *stream, enum load_direction direction)
{
	const struct load_fleet *fleet = stream->fleet;

	for (unsigned n = 0; n < LOOK_MAX; n++) {
		uint32_t i = stream->next = (stream->next + STRIDE) % fleet->count;
		const struct load_mobile *mobile = &fleet->mobiles[i];

		if (mobile->is_registered && (direction == LOAD_TO_MOBILE || !mobile->is_pending ||
					      mobile->place == mobile->new_place))
			return i;
	}
	return UINT32_MAX;
}

static int
send_one(struct load_stream *stream, enum load_direction direction, uint32_t i,
	 struct mono_time now)
{
	struct load_flow *flow = &stream->flows[direction];
	uint8_t *packet, *bytes;

	if (make_room(flow) != 0)
		return -ENOMEM;
	if (direction == LOAD_TO_MOBILE) {
		bytes = load_port_room(stream->internal);
		write_packet(bytes, direction, i, flow->sent++, now);
		load_port_commit(stream->internal, PACKET_LEN);
		return 0;
	}
	packet = load_port_room(stream->external);
	bytes = load_tunnel_write(packet, i, stream->fleet->mobiles[i].place, PACKET_LEN);
	write_packet(bytes, direction, i, flow->sent++, now);
	load_port_commit(stream->external, (uint16_t)(bytes - packet + PACKET_LEN));
	return 0;
}

int
load_stream_send(struct load_stream *stream, struct mono_time now)
{
	struct mono_time due;

	for (unsigned n = 0; n < SEND_MAX && pace_take(&stream->pace, now, &due); n++) {
		enum load_direction direction =
			stream->pace.taken % 2 == 0 ? LOAD_TO_MOBILE : LOAD_FROM_MOBILE;
		uint32_t i = choose(stream, direction);

		if (i != UINT32_MAX && send_one(stream, direction, i, now) != 0)
			return -ENOMEM;
	}
	return 0;
}

/* The mark of a packet of this direction, from and to whom it says; false when it is none of ours. */
static bool
read_packet(const struct ip_header *ip, uint16_t len, enum load_direction direction,
	    struct mark *mark)
{
	be32 mobile = direction == LOAD_TO_MOBILE ? ip->dst : ip->src;
	be32 other = direction == LOAD_TO_MOBILE ? ip->src : ip->dst;

	if (len != PACKET_LEN || be16toh(ip->total_len_be) != len ||
	    ip->protocol != IP_PROTOCOL_UDP)
		return false;
	memcpy(mark, (const uint8_t *)ip + len - sizeof(*mark), sizeof(*mark));
	return mark->mark == MARK && mark->direction == direction &&
	       mobile == LOAD_HOME(mark->mobile) && other == LOAD_CORRESPONDENT;
}

static void
count(struct load_flow *flow, const struct mark *mark)
{
	uint64_t now_ns = mono_now().ns;
	uint8_t bit = (uint8_t)(1u << mark->number % 8);

	if (mark->number >= flow->sent) {
		flow->astray++;
		return;
	}
	if (flow->seen[mark->number / 8] & bit) {
		flow->repeated++;
		return;
	}
	flow->seen[mark->number / 8] |= bit;
	flow->received++;
	latency_add(&flow->latency, now_ns > mark->sent_ns ? now_ns - mark->sent_ns : 0);
}

/* Whether the mobile is, or will be when its registration is accepted, where the tunnel ends. */
static bool
is_there(const struct load_fleet *fleet, uint32_t i, const struct ip_header *outer)
{
	const struct load_mobile *mobile = &fleet->mobiles[i];

	return load_tunnel_leads_to(outer, i, mobile->place) ||
	       (mobile->is_pending && load_tunnel_leads_to(outer, i, mobile->new_place));
}

void
load_stream_take_tunnelled(struct load_stream *stream, const struct ip_header *outer, uint16_t len)
{
	struct load_flow *flow = &stream->flows[LOAD_TO_MOBILE];
	const struct ip_header *inner = load_tunnel_open(outer, &len);
	struct mark mark;

	if (inner != NULL && read_packet(inner, len, LOAD_TO_MOBILE, &mark) &&
	    mark.mobile < stream->fleet->count && is_there(stream->fleet, mark.mobile, outer))
		count(flow, &mark);
	else
		flow->astray++;
}

void
load_stream_take_plain(struct load_stream *stream, const struct ip_header *ip, uint16_t len)
{
	struct load_flow *flow = &stream->flows[LOAD_FROM_MOBILE];
	struct mark mark;

	if (read_packet(ip, len, LOAD_FROM_MOBILE, &mark))
		count(flow, &mark);
	else
		flow->astray++;
}
