/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/broadcast.h"

#include <rte_mbuf.h>

#include "control/binding.h"
#include "control/inject.h"
#include "dataplane/counters.h"
#include "lib/checksum.h"
#include "lib/wire_mip.h"

#define MOBILES_A_RUN 256

/* One broadcast on its way to many. */
struct broadcast {
	const struct broadcast_context *context;
	struct rte_mbuf *original;
	uint16_t len;
	unsigned mobiles_left; /* of this run */
	bool is_cut;	       /* the run ended before the last mobile */
};

/* A copy with `room` bytes before it; the TTL of the packet inside is one less, since it was forwarded
 * into the tunnel (RFC 2003 section 3.1). NULL: no buffer. */
static struct rte_mbuf *
copy_make(const struct broadcast *broadcast, uint16_t room)
{
	struct rte_mbuf *copy = NULL;
	struct ip_header *ip;
	const void *data;
	uint16_t was, is;

	if (broadcast->len <= UINT16_MAX - room)
		copy = inject_alloc(broadcast->context->injector,
				    (uint16_t)(room + broadcast->len));
	if (copy == NULL)
		return NULL;
	ip = rte_pktmbuf_mtod_offset(copy, struct ip_header *, room);
	data = rte_pktmbuf_read(broadcast->original, 0, broadcast->len, ip);
	if (data != ip)
		memcpy(ip, data, broadcast->len);
	memcpy(&was, &ip->ttl, sizeof(was));
	ip->ttl--;
	memcpy(&is, &ip->ttl, sizeof(is));
	ip->checksum_be = checksum_update(ip->checksum_be, was, is);
	return copy;
}

/* The binding that stands for its home address: the tunnels of all its bindings are served at once, so
 * each home address must come up once. */
static bool
is_first_of_home(const struct binding_table *bindings, const struct binding *binding)
{
	const struct binding *first = binding_find(bindings, binding->terms.home_address);

	while (first != NULL && first != binding && !(first->terms.request_flags & MIP_FLAG_B))
		first = first->next;
	return first == binding;
}

/* A mobile for whom there is no buffer misses the broadcast. */
static void
copy_send(const struct broadcast *broadcast, const struct binding *binding)
{
	const struct broadcast_context *to = broadcast->context;
	bool is_co_located = binding->terms.request_flags & MIP_FLAG_D;
	uint16_t room = is_co_located ? 0 : sizeof(struct ip_header);
	struct rte_mbuf *copy = copy_make(broadcast, room);

	if (copy == NULL)
		return;
	if (!is_co_located) {
		const struct inject_ip outer = {
			.src = binding->terms.agent_address,
			.dst = binding->terms.home_address,
			.protocol = IP_PROTOCOL_IPIP,
			.tos = packet_ip(broadcast->original)->tos,
		};

		inject_write_ip(to->injector, packet_ip(copy), &outer,
				(uint16_t)(room + broadcast->len));
	}
	packet_of(copy)->home_address = binding->terms.home_address;
	inject_packet(to->injector, copy, INJECT_VIA);
}

static bool
mobile_visit(const struct binding *binding, void *context)
{
	struct broadcast *broadcast = context;

	if (broadcast->mobiles_left == 0 || !inject_has_room(broadcast->context->injector)) {
		broadcast->is_cut = true;
		return false;
	}
	broadcast->mobiles_left--;
	if (is_first_of_home(broadcast->context->bindings, binding))
		copy_send(broadcast, binding);
	return true;
}

/* Two home agents may share a home network; bindings of both are visited under its prefix at once. */
static bool
is_known_network(const struct config *config, unsigned index)
{
	const struct config_home_network *network = &config->home_networks[index];

	for (unsigned i = 0; i < index; i++) {
		const struct config_home_network *other = &config->home_networks[i];

		if (other->port == network->port &&
		    other->prefix.address == network->prefix.address &&
		    other->prefix.len_bits == network->prefix.len_bits)
			return true;
	}
	return false;
}

static void
networks_visit(struct broadcast *broadcast)
{
	const struct config *config = broadcast->context->config;
	be32 dst = packet_ip(broadcast->original)->dst;
	uint8_t port = packet_of(broadcast->original)->port;

	for (unsigned i = 0; i < config->home_network_count; i++) {
		const struct config_home_network *network = &config->home_networks[i];

		if (network->port != port || is_known_network(config, i) ||
		    (dst != UINT32_MAX && dst != prefix_broadcast(network->prefix)))
			continue;
		binding_for_each_broadcast(broadcast->context->bindings, network->prefix,
					   broadcast->context->done + 1, mobile_visit, broadcast);
	}
}

static enum drop_reason
broadcast_check(const struct rte_mbuf *mbuf, const struct ip_header *ip)
{
	uint16_t total_len = be16toh(ip->total_len_be);

	if (rte_pktmbuf_data_len(mbuf) < sizeof(*ip) || total_len < sizeof(*ip) ||
	    total_len > rte_pktmbuf_pkt_len(mbuf))
		return DROP_IP_SHORT;
	return ip->ttl <= 1 ? DROP_IP_TTL : DROP_REASON_COUNT;
}

void
broadcast_input(struct broadcast_context *context, struct rte_mbuf *mbuf)
{
	enum drop_reason reason = broadcast_check(mbuf, packet_ip(mbuf));

	if (reason == DROP_REASON_COUNT && context->count == BROADCASTS_MAX)
		reason = DROP_BROADCAST_QUEUE_FULL;
	if (reason != DROP_REASON_COUNT) {
		context->drops->count[reason]++;
		rte_pktmbuf_free(mbuf);
		return;
	}
	context->queue[(context->first + context->count) % BROADCASTS_MAX] = mbuf;
	context->count++;
}

static void
first_finish(struct broadcast_context *context)
{
	rte_pktmbuf_free(context->queue[context->first]);
	context->first = (context->first + 1) % BROADCASTS_MAX;
	context->count--;
	context->done++;
}

unsigned
broadcast_run(struct broadcast_context *context)
{
	struct broadcast broadcast = {.context = context, .mobiles_left = MOBILES_A_RUN};

	while (context->count > 0) {
		broadcast.original = context->queue[context->first];
		broadcast.len = be16toh(packet_ip(broadcast.original)->total_len_be);
		networks_visit(&broadcast);
		if (broadcast.is_cut)
			break;
		first_finish(context);
	}
	return MOBILES_A_RUN - broadcast.mobiles_left;
}

void
broadcast_fini(struct broadcast_context *context)
{
	while (context->count > 0)
		first_finish(context);
}
