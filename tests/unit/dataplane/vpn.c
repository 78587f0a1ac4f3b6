/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/dataplane/vpn.h"

#include <stdlib.h>

#define GENERATION 3

static const uint8_t secret[64] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static void
key_make(struct esp_key *key, enum esp_suite suite)
{
	const struct esp_suite_info *info = esp_suite_info(suite);

	assert_true(esp_key_init(key, suite, secret, info->encryption_key_size, secret,
				 info->authentication_key_size));
}

static struct sa *
sa_make(struct fixture *f, const struct vpn *vpn, uint32_t slot, bool is_inbound)
{
	const struct sa_room room = {.suite = vpn->suite,
				     .window_bits = is_inbound ? 1024 : SA_WINDOW_NONE,
				     .selector_count = 2};
	struct sa *sa = publish_sa_storage(f->publisher, &room);

	assert_non_null(sa);
	key_make((struct esp_key *)(uintptr_t)sa->key, vpn->suite);
	sa->spi_be = htobe32((uint32_t)GENERATION * FIXTURE_SAS + slot);
	sa->slot = slot;
	sa->tia = vpn->tia;
	sa->flags = (uint8_t)(SA_ANY_REMOTE | (vpn->is_esn ? SA_ESN : 0) |
			      (is_inbound ? SA_INBOUND : 0));
	sa->hard_packets = sa->hard_bytes = UINT64_MAX;
	publish_sa(f->publisher, slot, sa);
	return sa;
}

void
vpn_connect(struct fixture *f, struct vpn *vpn, uint32_t slot)
{
	vpn->inbound = sa_make(f, vpn, slot, true);
	vpn->outbound = sa_make(f, vpn, slot + 1, false);
	vpn->spi_be = vpn->inbound->spi_be;
	vpn->key = aligned_alloc(64, esp_key_size(vpn->suite));
	assert_non_null(vpn->key);
	key_make(vpn->key, vpn->suite);
	vpn->engine = esp_engine_create();
	assert_non_null(vpn->engine);
	vpn->seq = 0;
}

void
vpn_close(struct vpn *vpn)
{
	free(vpn->key);
	esp_engine_destroy(vpn->engine);
}

void
vpn_layer(const struct vpn *vpn, struct recipe_spec *spec)
{
	spec->layers[spec->layer_count] = (struct recipe_layer_spec){
		.kind = vpn->peer_port_be != 0 ? TUNNEL_UDP_ESP : TUNNEL_ESP,
		.src = GATEWAY,
		.dst = vpn->peer,
		.src_port_be = htobe16(ESP_UDP_PORT),
		.dst_port_be = vpn->peer_port_be,
		.ttl = 64,
	};
	spec->seal = (struct recipe_seal){
		.sa = vpn->outbound,
		.spi_be = vpn->outbound->spi_be,
		.layers = spec->layer_count++,
		.iv_size = vpn->outbound->iv_size,
		.icv_size = vpn->outbound->icv_size,
		.align = vpn->outbound->align,
	};
}

struct recipe_spec
vpn_spec(const struct vpn *vpn)
{
	struct recipe_spec spec = {
		.home_address = vpn->tia,
		.slot = 8,
		.next_hop = HOP_EXTERNAL,
		.link_mtu = FIXTURE_MTU,
		.flags = RECIPE_INTERNAL,
	};

	vpn_layer(vpn, &spec);
	return spec;
}

void
vpn_seal_as(struct vpn *vpn, struct craft *packet, uint64_t seq, be32 src)
{
	const struct esp_suite_info *info = esp_suite_info(vpn->suite);
	struct craft_ip outer = {.src = src, .dst = GATEWAY, .protocol = 50, .id = 9};
	struct esp_op op = {.key = vpn->key,
			    .len = packet->len,
			    .seq = seq,
			    .is_esn = vpn->is_esn,
			    .next_header = vpn->is_dummy ? 59 : IP_PROTOCOL_IPIP};
	static uint8_t buffer[CRAFT_SIZE + 128];

	memset(buffer, 0, sizeof(buffer));
	memcpy(buffer, &vpn->spi_be, sizeof(vpn->spi_be));
	memcpy(buffer + sizeof(struct esp_header) + info->iv_size, craft_at(packet), packet->len);
	op.esp = buffer;
	esp_seal(vpn->engine, &op, 1);
	packet->len = 0;
	craft_bytes(packet, buffer, op.result_len);
	if (vpn->peer_port_be != 0) {
		craft_udp(packet, be16toh(vpn->peer_port_be), ESP_UDP_PORT);
		outer.protocol = 17;
	}
	craft_ip(packet, &outer);
}

void
vpn_seal(struct vpn *vpn, struct craft *packet)
{
	vpn_seal_as(vpn, packet, ++vpn->seq, vpn->peer);
}

static void
header_is(const uint8_t *ip, const struct craft *packet, be32 src, be32 dst, uint8_t protocol)
{
	assert_int_equal(ip[0], 0x45);
	assert_int_equal(ip[2] << 8 | ip[3], packet->len);
	assert_int_equal(ip[9], protocol);
	assert_memory_equal(ip + 12, &src, 4);
	assert_memory_equal(ip + 16, &dst, 4);
	assert_int_equal(craft_sum(0, ip, 20), 0);
}

void
vpn_open(struct vpn *vpn, struct craft *packet, uint64_t seq)
{
	const struct esp_suite_info *info = esp_suite_info(vpn->suite);
	bool is_udp = vpn->peer_port_be != 0;
	uint32_t offset = is_udp ? 28 : 20;
	const uint8_t *ip = craft_at(packet), *udp = ip + 20;
	struct esp_op op = {.key = vpn->key,
			    .esp = craft_at(packet) + offset,
			    .len = packet->len - offset,
			    .seq = seq,
			    .is_esn = vpn->is_esn};

	header_is(ip, packet, GATEWAY, vpn->peer, is_udp ? 17 : 50);
	if (is_udp) {
		assert_int_equal(udp[0] << 8 | udp[1], ESP_UDP_PORT);
		assert_memory_equal(udp + 2, &vpn->peer_port_be, 2);
		assert_int_equal(udp[4] << 8 | udp[5], packet->len - 20);
		assert_int_equal(udp[6] << 8 | udp[7], 0);
	}
	assert_memory_equal(op.esp, &vpn->outbound->spi_be, 4);
	assert_int_equal((uint32_t)op.esp[4] << 24 | op.esp[5] << 16 | op.esp[6] << 8 | op.esp[7],
			 (uint32_t)seq);
	esp_open(vpn->engine, &op, 1);
	assert_true(op.is_right);
	assert_int_equal(op.next_header, IP_PROTOCOL_IPIP);
	offset += (uint32_t)sizeof(struct esp_header) + info->iv_size;
	memmove(packet->room + CRAFT_SIZE - op.result_len, craft_at(packet) + offset,
		op.result_len);
	packet->len = op.result_len;
}

void
vpn_strip_ipip(struct craft *packet, be32 src, be32 dst)
{
	header_is(craft_at(packet), packet, src, dst, 4);
	packet->len -= 20;
}
