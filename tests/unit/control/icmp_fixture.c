/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/icmp_fixture.h"

#include <stdlib.h>

#include "control/route.h"
#include "control/sa.h"

be32 fake_source;

const struct config icmp_fixture_config = {
	.ports = {{.network = {RTE_BE32(0xc0000201), 24}},
		  {.network = {RTE_BE32(0x0a0100fe), 24}, .is_internal = true}},
	.port_count = 2,
	.vpn = {.enabled = true,
		.address = RTE_BE32(0xc0000203),
		.tia_networks = {{RTE_BE32(0x0a080000), 24}},
		.tia_network_count = 1,
		.path_mtu_min = 576},
};

bool
sa_find(const struct sa_table *table, be32 spi_be, be32 dst, struct sa_view *view)
{
	*view = (struct sa_view){.is_inbound = spi_be == SPI_INBOUND,
				 .peer_port_be = spi_be == SPI_NATTED ? htobe16(40000) : 0};
	return dst == net_address("172.16.5.9") &&
	       (spi_be == SPI || spi_be == SPI_NATTED || spi_be == SPI_INBOUND);
}

be32
route_source(const struct route_table *routes, be32 address)
{
	return fake_source;
}

struct fixture *
fixture_create(void)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct icmp_context context;

	assert_non_null(f);
	net_fixture_init(&f->net);
	context = (struct icmp_context){
		.injector = &f->net.injector,
		.drops = &f->net.drops,
		.bindings = &f->bindings,
		.agent_addresses = {[AGENT_X_HA] = net_address("192.0.2.2"),
				    [AGENT_I_HA] = net_address("10.1.0.2")},
		.sas = (const struct sa_table *)f, /* anything */
		.config = &icmp_fixture_config,
	};
	f->now = (struct mono_time){NS_PER_SEC * 1000};
	f->icmp = icmp_create(&context, f->now);
	assert_non_null(f->icmp);
	f->bindings.count = 1;
	f->bindings.bindings[0].terms = (struct binding_terms){
		.home_address = net_address("10.1.0.7"),
		.agent_address = net_address("192.0.2.2"),
		.tunnel_dst = net_address("172.16.5.9"),
		.kind = TUNNEL_IPIP,
	};
	fake_source = net_address("192.0.2.1");
	return f;
}

void
fixture_destroy(struct fixture *f)
{
	icmp_destroy(f->icmp);
	net_fixture_fini(&f->net);
	free(f);
}

void
ip_write(uint8_t *bytes, uint16_t len, uint8_t protocol, be32 src, be32 dst)
{
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16(len),
		.ttl = 9,
		.protocol = protocol,
		.src = src,
		.dst = dst,
	};

	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(bytes, &ip, sizeof(ip));
}

void
icmp_write(uint8_t *bytes, struct icmp_header icmp, uint16_t data_len, be32 src, be32 dst)
{
	uint8_t *at = bytes + sizeof(struct ip_header);

	ip_write(bytes, (uint16_t)(HEADERS + data_len), IP_PROTOCOL_ICMP, src, dst);
	icmp.checksum_be = 0;
	memcpy(at, &icmp, sizeof(icmp));
	icmp.checksum_be = checksum_of(at, sizeof(icmp) + data_len);
	memcpy(at, &icmp, sizeof(icmp));
}

struct rte_mbuf *
due(uint8_t protocol, const char *src, const char *dst, uint16_t len)
{
	uint8_t bytes[1600] = {0};
	struct rte_mbuf *mbuf;

	ip_write(bytes, len, protocol, net_address(src), net_address(dst));
	mbuf = net_mbuf(bytes, len, 700);
	packet_of(mbuf)->icmp_type = ICMP_TYPE_UNREACHABLE;
	packet_of(mbuf)->icmp_code = ICMP_CODE_FRAGMENTATION_NEEDED;
	packet_of(mbuf)->mtu = 1300;
	return mbuf;
}
