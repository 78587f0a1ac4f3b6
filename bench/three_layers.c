/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/three_layers.h"

#include <stdlib.h>

#define X_HA htobe32(0xc6336402)	  /* 198.51.100.2 */
#define GATEWAY htobe32(0xc6336403)	  /* 198.51.100.3 */
#define I_HA htobe32(0x0a010002)	  /* 10.1.0.2 */
#define CORRESPONDENT htobe32(0x0a010014) /* 10.1.0.20 */
#define HOME(i) htobe32(0x0a020001u + (i))
#define TIA(i) htobe32(0x0a800001u + (i))
#define X_HOME(i) htobe32(0xcb000001u + (i))
#define CARE_OF(i) htobe32(0x64400001u + (i))
#define OTHER_CARE_OF(i) htobe32(0x65400001u + (i))

static const uint8_t secret[20] = {1, 2, 3, 4};

/* `via`: of an inbound one; an outbound one has none. */
static struct sa *
sa_make(struct three_layers *layers, uint32_t slot, be32 tia, be32 via)
{
	const struct sa_room room = {.suite = ESP_AES128_GCM16,
				     .window_bits = via != 0 ? 1024 : SA_WINDOW_NONE};
	struct sa *sa = publish_sa_storage(layers->rig.publisher, &room);

	if (sa == NULL || !esp_key_init((struct esp_key *)(uintptr_t)sa->key, ESP_AES128_GCM16,
					secret, sizeof(secret), NULL, 0))
		return NULL;
	sa->spi_be = htobe32(layers->sas_max + slot);
	sa->slot = slot;
	sa->tia = tia;
	sa->flags = via != 0 ? SA_ANY_REMOTE | SA_INBOUND : SA_ANY_REMOTE;
	sa->hard_packets = sa->hard_bytes = UINT64_MAX;
	atomic_store(&sa->via_home_address, via);
	publish_sa(layers->rig.publisher, slot, sa);
	return sa;
}

static struct recipe_layer_spec
layer(enum tunnel_kind kind, be32 src, be32 dst)
{
	return (struct recipe_layer_spec){.kind = kind,
					  .src = src,
					  .dst = dst,
					  .src_port_be = htobe16(ESP_UDP_PORT),
					  .dst_port_be = htobe16(ESP_UDP_PORT),
					  .ttl = 64};
}

static struct recipe_spec
x_ha_spec(const struct three_layers *layers, uint32_t i)
{
	be32 care_of = layers->mobiles[i].has_moved ? OTHER_CARE_OF(i) : CARE_OF(i);

	return (struct recipe_spec){.home_address = X_HOME(i),
				    .slot = layers->count + i,
				    .next_hop = RIG_NEXT_HOP,
				    .link_mtu = 1500,
				    .flags = RECIPE_REVERSE,
				    .layer_count = 1,
				    .layers = {layer(TUNNEL_IPIP, X_HA, care_of)}};
}

static int
i_ha_publish(struct three_layers *layers, uint32_t i)
{
	const struct sa *outbound = layers->mobiles[i].outbound;
	struct recipe_spec spec = x_ha_spec(layers, i);

	spec.home_address = HOME(i);
	spec.slot = i;
	spec.flags |= RECIPE_INTERNAL;
	spec.layer_count = 3;
	spec.layers[2] = spec.layers[0];
	spec.layers[0] = layer(TUNNEL_IPIP, I_HA, TIA(i));
	spec.layers[1] = layer(TUNNEL_ESP, GATEWAY, X_HOME(i));
	spec.seal = (struct recipe_seal){.sa = layers->mobiles[i].outbound,
					 .spi_be = outbound->spi_be,
					 .layers = 1,
					 .iv_size = 8,
					 .icv_size = 16,
					 .align = 4};
	return publish_recipes(layers->rig.publisher, &spec, 1);
}

/* New SAs; the outbound one has a slot of its own, since recipes name the one before it until they are changed. */
static int
sas_make(struct three_layers *layers, uint32_t i)
{
	struct three_layers_mobile *mobile = &layers->mobiles[i];
	uint32_t outbound_slot = (mobile->has_rekeyed ? 2 : 1) * layers->count + i;

	mobile->inbound = sa_make(layers, i, TIA(i), X_HOME(i));
	mobile->outbound = sa_make(layers, outbound_slot, TIA(i), 0);
	if (mobile->inbound == NULL || mobile->outbound == NULL)
		return -1;
	mobile->spi_be = mobile->inbound->spi_be;
	return 0;
}

static int
mobile_make(struct three_layers *layers, uint32_t i)
{
	struct recipe_spec x_ha = x_ha_spec(layers, i);

	return sas_make(layers, i) == 0 && publish_recipes(layers->rig.publisher, &x_ha, 1) == 0
		       ? i_ha_publish(layers, i)
		       : -1;
}

int
three_layers_move(struct three_layers *layers, uint32_t mobile)
{
	struct recipe_spec spec;

	layers->mobiles[mobile].has_moved ^= true;
	spec = x_ha_spec(layers, mobile);
	return publish_recipes(layers->rig.publisher, &spec, 1);
}

int
three_layers_rekey(struct three_layers *layers, uint32_t mobile)
{
	uint32_t slot_before = layers->mobiles[mobile].outbound->slot;

	layers->mobiles[mobile].has_rekeyed ^= true;
	if (sas_make(layers, mobile) != 0 || i_ha_publish(layers, mobile) != 0)
		return -1;
	publish_sa_remove(layers->rig.publisher, slot_before);
	return 0;
}

static void
write_inner(struct rte_mbuf *mbuf, be32 src, be32 dst, uint16_t len)
{
	uint8_t *at = (uint8_t *)rte_pktmbuf_append(mbuf, len);

	memset(at, 0, len);
	path_rig_write_ip((struct ip_header *)at, src, dst, IP_PROTOCOL_UDP, len);
}

void
three_layers_write_plain(struct rte_mbuf *mbuf, uint32_t mobile, uint16_t len)
{
	path_rig_write_ethernet(mbuf);
	write_inner(mbuf, CORRESPONDENT, HOME(mobile), len);
}

void
three_layers_write_x_ha(struct rte_mbuf *mbuf, uint32_t mobile, uint16_t len)
{
	path_rig_write_ethernet(mbuf);
	write_inner(mbuf, CORRESPONDENT, X_HOME(mobile), len);
}

void
three_layers_write_sealed(struct three_layers *layers, struct rte_mbuf *mbuf, uint32_t i,
			  uint16_t len)
{
	struct three_layers_mobile *mobile = &layers->mobiles[i];
	struct ip_header *x_ha, *esp, *i_ha;
	struct esp_op op = {.key = layers->key,
			    .len = (uint32_t)len + 20,
			    .seq = ++mobile->seq,
			    .next_header = IP_PROTOCOL_IPIP};

	path_rig_write_ethernet(mbuf);
	x_ha = (struct ip_header *)rte_pktmbuf_append(mbuf, 40);
	esp = x_ha + 1;
	op.esp = (uint8_t *)rte_pktmbuf_append(mbuf, 16);
	i_ha = (struct ip_header *)rte_pktmbuf_append(mbuf, 20);
	path_rig_write_ip(i_ha, TIA(i), I_HA, IP_PROTOCOL_IPIP, (uint16_t)(len + 20));
	write_inner(mbuf, HOME(i), CORRESPONDENT, len);
	memcpy(op.esp, &mobile->spi_be, sizeof(mobile->spi_be));
	esp_seal(layers->engine, &op, 1);
	rte_pktmbuf_append(mbuf, (uint16_t)(op.result_len - 16 - 20 - len));
	path_rig_write_ip(esp, X_HOME(i), GATEWAY, IP_PROTOCOL_ESP, (uint16_t)(op.result_len + 20));
	path_rig_write_ip(x_ha, CARE_OF(i), X_HA, IP_PROTOCOL_IPIP, (uint16_t)(op.result_len + 40));
}

int
three_layers_init(struct three_layers *layers, char *program, uint32_t count)
{
	struct live_settings settings = {.forward_external_to_internal = true};

	layers->count = count;
	layers->sas_max = rte_align32pow2(3 * count);
	layers->mobiles = calloc(count, sizeof(*layers->mobiles));
	path_rig_own(&settings, X_HA, OWN_X_HA);
	path_rig_own(&settings, GATEWAY, OWN_VPN);
	path_rig_own(&settings, I_HA, OWN_I_HA);
	layers->engine = esp_engine_create();
	layers->key = aligned_alloc(64, esp_key_size(ESP_AES128_GCM16));
	if (layers->mobiles == NULL || layers->engine == NULL || layers->key == NULL ||
	    !esp_key_init(layers->key, ESP_AES128_GCM16, secret, sizeof(secret), NULL, 0) ||
	    path_rig_init(&layers->rig, program, &settings, 2 * count, layers->sas_max) != 0)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		if (mobile_make(layers, i) != 0)
			return -1;
	return 0;
}
