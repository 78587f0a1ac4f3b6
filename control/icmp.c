/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/icmp.h"

#include <errno.h>
#include <rte_mbuf.h>
#include <rte_random.h>
#include <stdlib.h>

#include "control/binding.h"
#include "control/icmp_limit.h"
#include "control/icmp_relay.h"
#include "control/inject.h"
#include "control/route.h"
#include "control/sa.h"
#include "dataplane/counters.h"
#include "lib/icmp_message.h"

#define IP_PACKET_SIZE_MAX 65535

struct icmp {
	struct icmp_context context;
	struct icmp_limit limit;
	uint8_t scratch[IP_PACKET_SIZE_MAX]; /* a packet of several segments in one piece */
};

struct icmp *
icmp_create(const struct icmp_context *context, struct mono_time now)
{
	struct icmp *icmp = calloc(1, sizeof(*icmp));

	if (icmp == NULL)
		return NULL;
	icmp->context = *context;
	icmp_limit_init(&icmp->limit, (uint32_t)rte_rand(), now);
	return icmp;
}

void
icmp_destroy(struct icmp *icmp)
{
	free(icmp);
}

void
icmp_reload(struct icmp *icmp, const struct config *config)
{
	icmp->context.config = config;
}

static void
icmp_drop(struct icmp *icmp, struct rte_mbuf *mbuf, enum drop_reason reason)
{
	icmp->context.drops->count[reason]++;
	rte_pktmbuf_free(mbuf);
}

static bool
is_agent_address(const struct icmp *icmp, be32 address)
{
	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		if (icmp->context.agent_addresses[i] == address)
			return address != 0;
	}
	return false;
}

static bool
is_gateway_address(const struct icmp *icmp, be32 address)
{
	return icmp->context.sas != NULL && icmp->context.config->vpn.address == address;
}

static bool
is_tia(const struct icmp *icmp, be32 address)
{
	const struct config_vpn *vpn = &icmp->context.config->vpn;

	if (icmp->context.sas == NULL)
		return false;
	for (unsigned i = 0; i < vpn->tia_network_count; i++)
		if (prefix_contains(vpn->tia_networks[i], address))
			return true;
	return false;
}

/* What the box is called by those whom a security association brings inside: an address that its selectors
 * have, which they need not have of the outside. 0: none. */
static be32
inside_source(const struct icmp *icmp)
{
	const struct config *config = icmp->context.config;
	be32 i_ha = icmp->context.agent_addresses[AGENT_I_HA];

	for (unsigned i = 0; i < config->port_count && i_ha == 0; i++)
		if (config->ports[i].is_internal)
			return config->ports[i].network.address;
	return i_ha;
}

/* Whom an error comes from: the port towards its receiver; for one who is behind a tunnel only, a home
 * agent, or the box's inside. 0: no way to tell. */
static be32
error_source(const struct icmp *icmp, be32 receiver)
{
	be32 source = is_tia(icmp, receiver) ? inside_source(icmp) : 0;

	if (source == 0)
		source = route_source(icmp->context.routes, receiver);
	for (unsigned i = 0; i < AGENT_COUNT && source == 0; i++)
		source = icmp->context.agent_addresses[i];
	return source;
}

/* Builds and sends an error about the packet at `packet`, of which `len` bytes are there. The caller knows
 * that it is due. */
static void
error_send(struct icmp *icmp, struct icmp_error *error, const uint8_t *packet, size_t len,
	   struct mono_time now)
{
	struct injector *injector = icmp->context.injector;
	be32 receiver = ((const struct ip_header *)packet)->src;
	struct rte_mbuf *mbuf;
	size_t out_len;

	if (error->src == 0)
		error->src = error_source(icmp, receiver);
	if (error->src == 0 || !icmp_limit_allows(&icmp->limit, receiver, now))
		return;
	mbuf = inject_alloc(injector, ICMP_ERROR_SIZE_MAX);
	if (mbuf == NULL)
		return;
	error->id_be = htobe16(injector->next_id++);
	if (icmp_error_build(error, packet, len, rte_pktmbuf_mtod(mbuf, void *),
			     ICMP_ERROR_SIZE_MAX, &out_len) != 0) {
		rte_pktmbuf_free(mbuf);
		return;
	}
	mbuf->data_len = (uint16_t)out_len;
	mbuf->pkt_len = (uint32_t)out_len;
	inject_packet(injector, mbuf, INJECT_IP);
}

void
icmp_error_due(struct icmp *icmp, struct rte_mbuf *mbuf, struct mono_time now)
{
	const struct packet *packet = packet_of(mbuf);
	struct icmp_error error = {
		.type = packet->icmp_type,
		.code = packet->icmp_code,
		.mtu = packet->mtu,
		/* what came by a tunnel is answered by the agent at its end */
		.src = packet->flags & PACKET_FROM_TUNNEL ? packet->outer_dst : 0,
	};
	bool was_broadcast = packet->flags & (PACKET_LINK_BROADCAST | PACKET_OWN_BROADCAST);
	uint32_t len = rte_pktmbuf_pkt_len(mbuf);
	uint32_t there_len = RTE_MIN(len, (uint32_t)ICMP_ERROR_SIZE_MAX);
	const uint8_t *data = rte_pktmbuf_read(mbuf, 0, there_len, icmp->scratch);

	/* out of a security association, and of no i-HA's tunnel in it */
	if (packet->origin == ORIGIN_VPN &&
	    (error.src == 0 || error.src != icmp->context.agent_addresses[AGENT_I_HA]))
		error.src = inside_source(icmp);
	/* icmp_error_is_due() looks at the header and the octet behind it only, so the packet's whole
	 * length can be told although just the part to quote is in one piece */
	if (packet->origin != ORIGIN_CONTROL && data != NULL &&
	    icmp_error_is_due(data, len, was_broadcast))
		error_send(icmp, &error, data, there_len, now);
	rte_pktmbuf_free(mbuf);
}

/* RFC 2003 section 4: `inner` is the packet that was in the tunnel, as far as it was quoted. */
static void
relay(struct icmp *icmp, const struct icmp_relay *verdict, uint16_t mtu, be32 agent,
      const uint8_t *inner, size_t len, struct mono_time now)
{
	const struct ip_header *ip = (const struct ip_header *)inner;
	struct icmp_error error = {.type = verdict->type, .code = verdict->code, .mtu = mtu};

	/* what the box itself had sent through the tunnel: ESP, above all, of whose recipe the tunnel is
	 * a layer, and its state is known now */
	if (is_gateway_address(icmp, ip->src) || is_agent_address(icmp, ip->src))
		return;
	/* the octet behind the header must be there, the packet's end cannot be */
	if (len <= ip_header_size(ip) ||
	    !icmp_error_is_due(inner, be16toh(ip->total_len_be), false))
		return;
	/* the router that reported it does not exist for the sender: the agent answers */
	error.src = is_tia(icmp, ip->src) ? inside_source(icmp)
					  : route_source(icmp->context.routes, ip->src);
	if (error.src == 0)
		error.src = agent;
	error_send(icmp, &error, inner, len, now);
}

static void
tunnel_relay(struct icmp *icmp, const struct icmp_error_view *view, const struct icmp_quote *quote,
	     const struct binding *binding, const struct icmp_relay *verdict, uint16_t mtu,
	     struct mono_time now)
{
	uint16_t overhead = tunnel_overhead((enum tunnel_kind)binding->terms.kind);
	_Alignas(struct ip_header) uint8_t restored[ICMP_ERROR_SIZE_MAX];
	const uint8_t *inner = quote->inner;
	size_t inner_len = quote->inner_len;

	if (tunnel_is_minenc(quote->kind)) {
		if (icmp_quote_minimal(view, restored, sizeof(restored), &inner_len) != 0)
			return;
		inner = restored;
	}
	if (inner != NULL)
		relay(icmp, verdict, mtu > overhead ? (uint16_t)(mtu - overhead) : 0, quote->agent,
		      inner, inner_len, now);
}

/* The tunnel as far as the quoted outer headers tell. */
static struct tunnel_key
quoted_tunnel(const struct icmp_error_view *view, const struct icmp_quote *quote)
{
	return (struct tunnel_key){
		.agent = quote->agent,
		.far_end = quote->care_of,
		.port_be = quote->dst_port_be,
		.protocol = view->quoted_ip.protocol,
	};
}

/* What an ICMP error about ESP is worth: nobody vouches for it, and what it quotes is sealed but for its SPI,
 * which only those on the path know. So that must be of an outbound SA to that peer; a quote without it is
 * a rumour. False: not worth anything. */
static bool
esp_evidence(const struct icmp *icmp, const struct icmp_esp_quote *quote,
	     enum tunnel_evidence *evidence)
{
	struct sa_view view;

	*evidence = quote->spi_be != 0 ? TUNNEL_WITNESS : TUNNEL_RUMOUR;
	return quote->spi_be == 0 ||
	       (sa_find(icmp->context.sas, quote->spi_be, quote->peer, &view) && !view.is_inbound &&
		view.peer_port_be == quote->port_be);
}

/* The path's MTU is believed down to vpn.path_mtu_min only, and soft state ages (RFC 4301 section 8.2.1, RFC
 * 1191 section 6.3). Returns as below. */
static bool
esp_error(struct icmp *icmp, const struct icmp_error_view *view, struct mono_time now)
{
	uint16_t least = (uint16_t)icmp->context.config->vpn.path_mtu_min, mtu = 0;
	/* that a port of UDP encapsulation is closed is IKE's to find out */
	struct icmp_relay verdict = icmp_relay_decide(view->type, view->code, false);
	enum tunnel_evidence evidence;
	struct icmp_esp_quote quote;
	struct tunnel_key tunnel;

	if (icmp_quote_esp_parse(view, &quote) != 0 || !esp_evidence(icmp, &quote, &evidence))
		return false;
	if (evidence == TUNNEL_RUMOUR && least < ICMP_RELAY_MTU_MIN_RUMOUR)
		least = ICMP_RELAY_MTU_MIN_RUMOUR;
	tunnel = (struct tunnel_key){
		.agent = quote.gateway,
		.far_end = quote.peer,
		.port_be = quote.port_be,
		.protocol = view->quoted_ip.protocol,
	};
	if (verdict.is_mtu)
		mtu = icmp_relay_mtu_above(view, least);
	if (mtu != 0)
		binding_tunnel_mtu(icmp->context.bindings, tunnel, mtu, evidence, now);
	if (verdict.is_down)
		binding_tunnel_unreachable(icmp->context.bindings, tunnel, evidence, now);
	return mtu != 0 || verdict.is_down;
}

/* Returns whether the error was about a tunnel of ours and of some use. */
static bool
tunnel_error(struct icmp *icmp, const struct icmp_error_view *view, struct mono_time now)
{
	struct binding_table *bindings = icmp->context.bindings;
	const struct binding *binding = NULL;
	struct icmp_relay verdict;
	struct icmp_quote quote;
	enum tunnel_evidence evidence;
	struct tunnel_key tunnel;
	uint16_t mtu = 0;

	if (is_gateway_address(icmp, view->quoted_ip.src))
		return esp_error(icmp, view, now);
	if (!is_agent_address(icmp, view->quoted_ip.src) || icmp_quote_parse(view, &quote) != 0)
		return false;
	/* routers may quote 8 octets only (RFC 2003 section 5): then the tunnel's ends alone must do, and
	 * the error is worth less; but a quote that names a mobile must be right */
	if (quote.home_address != 0)
		binding = icmp_quote_binding(&quote, binding_find(bindings, quote.home_address));
	if (binding == NULL && quote.home_address != 0)
		return false;
	evidence = binding != NULL ? TUNNEL_WITNESS : TUNNEL_RUMOUR;
	tunnel = binding != NULL ? binding_tunnel(&binding->terms) : quoted_tunnel(view, &quote);

	verdict = icmp_relay_decide(view->type, view->code, tunnel_is_udp(quote.kind));
	if (verdict.is_mtu)
		mtu = icmp_relay_mtu(view, evidence);
	if (verdict.is_mtu && mtu == 0)
		return false;
	if (verdict.is_mtu)
		binding_tunnel_mtu(bindings, tunnel, mtu, evidence, now);
	if (verdict.is_down)
		binding_tunnel_unreachable(bindings, tunnel, evidence, now);
	if (verdict.is_relayed && binding != NULL)
		tunnel_relay(icmp, view, &quote, binding, &verdict, mtu, now);
	return verdict.is_mtu || verdict.is_down || verdict.is_relayed;
}

void
icmp_host_unreachable(void *context, struct rte_mbuf *mbuf)
{
	struct packet *packet = packet_of(mbuf);
	struct icmp *icmp = context;
	uint32_t len = RTE_MIN(rte_pktmbuf_pkt_len(mbuf), (uint32_t)ICMP_ERROR_SIZE_MAX);
	struct icmp_error_view view = {.type = ICMP_TYPE_UNREACHABLE,
				       .code = ICMP_CODE_HOST_UNREACHABLE};
	const struct ip_header *ip;

	packet->icmp_type = view.type;
	packet->icmp_code = view.code;
	packet->mtu = 0;
	view.quoted = rte_pktmbuf_read(mbuf, 0, len, icmp->scratch);
	ip = (const struct ip_header *)view.quoted;
	if (ip == NULL || len < sizeof(*ip) ||
	    !(is_agent_address(icmp, ip->src) || is_gateway_address(icmp, ip->src))) {
		icmp_error_due(icmp, mbuf, mono_now());
		return;
	}
	memcpy(&view.quoted_ip, view.quoted, sizeof(view.quoted_ip));
	view.quoted_len = (uint16_t)len;
	view.quoted_header_len = ip_header_size(&view.quoted_ip);
	if (view.quoted_header_len <= len)
		tunnel_error(icmp, &view, mono_now());
	rte_pktmbuf_free(mbuf);
}

/* Copies `data` over the beginning of the packet, segment by segment. */
static void
packet_overwrite(struct rte_mbuf *mbuf, const uint8_t *data, size_t len)
{
	for (struct rte_mbuf *segment = mbuf; segment != NULL && len > 0; segment = segment->next) {
		size_t piece = RTE_MIN(len, (size_t)segment->data_len);

		memcpy(rte_pktmbuf_mtod(segment, uint8_t *), data, piece);
		data += piece;
		len -= piece;
	}
}

/* Sends the answer to an echo request that lies in `data`, back through the tunnel when it came out of one
 * (RFC 3519 section 4.9). The first one to the tunnel's own agent gives a half bound tunnel its port
 * (section 4.6). */
static void
echo_reply(struct icmp *icmp, struct rte_mbuf *mbuf, uint8_t *data, size_t len)
{
	struct packet was = *packet_of(mbuf);
	enum inject_kind kind = was.flags & PACKET_FROM_TUNNEL ? INJECT_VIA : INJECT_IP;
	int error = icmp_echo_reply_build(data, len);

	if (error != 0) {
		icmp_drop(icmp, mbuf, DROP_ICMP_INVALID);
		return;
	}
	if (data == icmp->scratch)
		packet_overwrite(mbuf, data, len);
	/* the answer comes from where the request went to */
	if (kind == INJECT_VIA && was.outer_port_be != 0 &&
	    ((const struct ip_header *)data)->src == was.outer_dst)
		binding_latch_port(icmp->context.bindings, was.home_address, was.outer_src,
				   was.outer_port_be);
	*packet_of(mbuf) =
		(struct packet){.origin = ORIGIN_CONTROL, .home_address = was.home_address};
	inject_packet(icmp->context.injector, mbuf, kind);
}

/* The whole packet in one piece: where it lies, or in `scratch`. NULL: it is shorter than it says. */
static uint8_t *
packet_linear(struct icmp *icmp, struct rte_mbuf *mbuf, uint32_t *len)
{
	struct ip_header header;
	const struct ip_header *ip = rte_pktmbuf_read(mbuf, 0, sizeof(header), &header);

	if (ip == NULL || be16toh(ip->total_len_be) < sizeof(*ip) ||
	    be16toh(ip->total_len_be) > rte_pktmbuf_pkt_len(mbuf))
		return NULL;
	*len = be16toh(ip->total_len_be);
	packet_trim(mbuf, *len);
	return (uint8_t *)(uintptr_t)rte_pktmbuf_read(mbuf, 0, *len, icmp->scratch);
}

static bool
is_echo_request(const uint8_t *data, uint32_t len)
{
	const struct ip_header *ip = (const struct ip_header *)data;

	return len > ip_header_size(ip) && ip->protocol == IP_PROTOCOL_ICMP &&
	       data[ip_header_size(ip)] == ICMP_TYPE_ECHO_REQUEST;
}

void
icmp_input(struct icmp *icmp, struct rte_mbuf *mbuf, struct mono_time now)
{
	struct icmp_error_view view;
	uint8_t *data;
	uint32_t len;
	int error;

	/* RFC 1122 section 3.2.2.6 allows to ignore what was sent to many */
	if (packet_of(mbuf)->flags & (PACKET_LINK_BROADCAST | PACKET_OWN_BROADCAST)) {
		icmp_drop(icmp, mbuf, DROP_ICMP_IGNORED);
		return;
	}
	data = packet_linear(icmp, mbuf, &len);
	if (data == NULL) {
		icmp_drop(icmp, mbuf, DROP_ICMP_INVALID);
		return;
	}
	if (is_echo_request(data, len)) {
		echo_reply(icmp, mbuf, data, len);
		return;
	}
	error = icmp_error_parse(data, len, &view);
	if (error != 0 && error != -ENOMSG)
		icmp_drop(icmp, mbuf, DROP_ICMP_INVALID);
	else if (error != 0 || !tunnel_error(icmp, &view, now))
		icmp_drop(icmp, mbuf, DROP_ICMP_IGNORED);
	else
		rte_pktmbuf_free(mbuf);
}
