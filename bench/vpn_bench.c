/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The whole way of a packet through all three roles: i-HA tunnel, ESP (AES-128-GCM), x-HA tunnel; all
 * stages from the Ethernet frame that came in to the frame that goes out, without the drivers. Beside it,
 * in the same run, the cipher alone: IPsec-MB's direct calls on as many bytes. Cycles are time stamp
 * counter cycles a packet, of the median round; mobiles are drawn at random. bench/traffic.h says which options
 * make other lengths (of the innermost packet), bursts, numbers of mobiles and draws.
 */
#include <intel-ipsec-mb.h>
#include <rte_cycles.h>
#include <rte_random.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/path_rig.h"
#include "bench/traffic.h"

#define COUNT_MAX 1000000u
#define RAW_BURST 32
#define BURST_USUAL 32u
#define X_HA htobe32(0xc6336402)	  /* 198.51.100.2 */
#define GATEWAY htobe32(0xc6336403)	  /* 198.51.100.3 */
#define I_HA htobe32(0x0a010002)	  /* 10.1.0.2 */
#define CORRESPONDENT htobe32(0x0a010014) /* 10.1.0.20 */
#define HOME(i) htobe32(0x0a020001u + (i))
#define TIA(i) htobe32(0x0a800001u + (i))
#define X_HOME(i) htobe32(0xcb000001u + (i))
#define CARE_OF(i) htobe32(0x64400001u + (i))

static const uint8_t secret[20] = {1, 2, 3, 4};

struct mobile {
	struct sa *inbound, *outbound;
	uint64_t seq;
};

struct fixture {
	struct path_rig rig;
	struct esp_engine *engine; /* the mobiles' */
	struct traffic traffic;
	struct mobile *mobiles;
	uint32_t count, sas_max; /* a power of two */
};

struct direction {
	struct fixture *fixture;
	uint32_t mobiles;
	uint32_t len; /* of the innermost packet, or TRAFFIC_IMIX */
	uint16_t burst;
	bool to_mobile;
	char name[96];
};

struct raw {
	uint16_t len;
	bool seal;
	char name[64];
};

static struct sa *
sa_make(struct fixture *fixture, uint32_t slot, be32 tia, be32 via)
{
	const struct esp_suite_info *info = esp_suite_info(ESP_AES128_GCM16);
	struct sa *sa = publish_sa_storage(fixture->rig.publisher, 1024);

	if (sa == NULL)
		return NULL;
	sa->key = esp_key_create(ESP_AES128_GCM16, secret, sizeof(secret), NULL, 0);
	sa->spi_be = htobe32(fixture->sas_max + slot);
	sa->slot = slot;
	sa->tia = tia;
	sa->flags = SA_ANY_REMOTE | SA_INBOUND;
	sa->iv_size = info->iv_size;
	sa->icv_size = info->icv_size;
	sa->align = info->align;
	sa->hard_packets = sa->hard_bytes = UINT64_MAX;
	atomic_store(&sa->via_home_address, via);
	publish_sa(fixture->rig.publisher, slot, sa);
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

/* As VPP's three layers in the comparison: IP-in-IP, ESP without UDP, IP-in-IP. */
static int
mobile_make(struct fixture *fixture, uint32_t i)
{
	struct mobile *mobile = &fixture->mobiles[i];
	struct recipe_spec x_ha = {.home_address = X_HOME(i),
				   .slot = fixture->count + i,
				   .next_hop = RIG_NEXT_HOP,
				   .link_mtu = 1500,
				   .flags = RECIPE_REVERSE,
				   .layer_count = 1,
				   .layers = {layer(TUNNEL_IPIP, X_HA, CARE_OF(i))}};
	struct recipe_spec i_ha = x_ha;

	mobile->inbound = sa_make(fixture, 2 * i, TIA(i), X_HOME(i));
	mobile->outbound = sa_make(fixture, 2 * i + 1, TIA(i), 0);
	if (mobile->inbound == NULL || mobile->outbound == NULL)
		return -1;
	i_ha.home_address = HOME(i);
	i_ha.slot = i;
	i_ha.flags |= RECIPE_INTERNAL;
	i_ha.layer_count = 3;
	i_ha.layers[0] = layer(TUNNEL_IPIP, I_HA, TIA(i));
	i_ha.layers[1] = layer(TUNNEL_ESP, GATEWAY, X_HOME(i));
	i_ha.layers[2] = x_ha.layers[0];
	i_ha.seal = (struct recipe_seal){.sa = mobile->outbound,
					 .spi_be = mobile->outbound->spi_be,
					 .layers = 1,
					 .iv_size = 8,
					 .icv_size = 16,
					 .align = 4};
	if (publish_recipes(fixture->rig.publisher, &x_ha, 1) != 0)
		return -1;
	return publish_recipes(fixture->rig.publisher, &i_ha, 1);
}

static void
write_plain(struct rte_mbuf *mbuf, be32 src, be32 dst, uint16_t len)
{
	uint8_t *at = (uint8_t *)rte_pktmbuf_append(mbuf, len);

	memset(at, 0, len);
	path_rig_write_ip((struct ip_header *)at, src, dst, IP_PROTOCOL_UDP, len);
}

/* All three layers, as the mobile sends them. */
static void
write_sealed(struct fixture *fixture, struct rte_mbuf *mbuf, uint32_t i, uint16_t len)
{
	struct mobile *mobile = &fixture->mobiles[i];
	struct ip_header *x_ha = (struct ip_header *)rte_pktmbuf_append(mbuf, 40), *esp = x_ha + 1;
	uint8_t *at = (uint8_t *)rte_pktmbuf_append(mbuf, 16);
	struct ip_header *i_ha = (struct ip_header *)rte_pktmbuf_append(mbuf, 20);
	struct esp_op op = {.key = mobile->inbound->key,
			    .esp = at,
			    .len = (uint32_t)len + 20,
			    .seq = ++mobile->seq,
			    .next_header = IP_PROTOCOL_IPIP};

	path_rig_write_ip(i_ha, TIA(i), I_HA, IP_PROTOCOL_IPIP, (uint16_t)(len + 20));
	write_plain(mbuf, HOME(i), CORRESPONDENT, len);
	memcpy(at, &mobile->inbound->spi_be, 4);
	esp_seal(fixture->engine, &op, 1);
	rte_pktmbuf_append(mbuf, (uint16_t)(op.result_len - 16 - 20 - len));
	path_rig_write_ip(esp, X_HOME(i), GATEWAY, IP_PROTOCOL_ESP, (uint16_t)(op.result_len + 20));
	path_rig_write_ip(x_ha, CARE_OF(i), X_HA, IP_PROTOCOL_IPIP, (uint16_t)(op.result_len + 40));
}

static void
write_frame(const struct direction *direction, struct rte_mbuf *mbuf)
{
	uint32_t i = traffic_draw(&direction->fixture->traffic);
	uint16_t len = (uint16_t)traffic_len(direction->len);

	path_rig_write_ethernet(mbuf);
	if (direction->to_mobile)
		write_plain(mbuf, CORRESPONDENT, HOME(i), len);
	else
		write_sealed(direction->fixture, mbuf, i, len);
}

static void
run(struct bench *bench, void *argument)
{
	const struct direction *direction = argument;
	struct path_rig *rig = &direction->fixture->rig;

	if (traffic_draw_from(&direction->fixture->traffic, direction->mobiles) != 0) {
		bench_fail(bench, "no memory");
		return;
	}
	path_rig_begin(rig);
	while (bench_next(bench)) {
		for (unsigned i = 0; i < direction->burst; i++)
			write_frame(direction, rig->mbufs[i]);
		bench_took(bench, (double)path_rig_round(rig, 0, direction->burst) /
					  (double)rte_get_tsc_hz());
	}
	path_rig_report(rig, bench, direction->burst);
}

/* What the cipher takes at the least, on bytes that are in the cache. */
static void
run_raw(struct bench *bench, void *argument)
{
	const struct raw *raw = argument;
	static uint8_t bytes[RAW_BURST][2048], tag[16], iv[12], aad[8];
	IMB_MGR *mgr = alloc_mb_mgr(0);
	struct gcm_context_data context;
	struct gcm_key_data key;
	uint64_t least = UINT64_MAX;

	if (mgr == NULL) {
		bench_fail(bench, "no memory");
		return;
	}
	init_mb_mgr_auto(mgr, NULL);
	IMB_AES128_GCM_PRE(mgr, secret, &key);
	while (bench_next(bench)) {
		uint64_t begin = rte_rdtsc_precise(), took;

		for (unsigned i = 0; i < RAW_BURST; i++)
			if (raw->seal)
				IMB_AES128_GCM_ENC(mgr, &key, &context, bytes[i], bytes[i],
						   raw->len, iv, aad, sizeof(aad), tag,
						   sizeof(tag));
			else
				IMB_AES128_GCM_DEC(mgr, &key, &context, bytes[i], bytes[i],
						   raw->len, iv, aad, sizeof(aad), tag,
						   sizeof(tag));
		took = rte_rdtsc_precise() - begin;
		least = RTE_MIN(least, took);
		bench_took(bench, (double)took / (double)rte_get_tsc_hz());
	}
	bench_report(bench, "cycles/packet", (double)least / RAW_BURST);
	free_mb_mgr(mgr);
}

static void
add_raws(void)
{
	static const uint16_t lens[] = {64, 512, 1400};
	static struct raw raws[6];

	for (unsigned i = 0; i < ARRAY_COUNT(raws); i++) {
		struct raw *raw = &raws[i];

		/* the i-HA's header is sealed, too, and padded with the trailer to 4 bytes */
		*raw = (struct raw){.len = (uint16_t)(lens[i % 3] + 24), .seal = i < 3};
		snprintf(raw->name, sizeof(raw->name), "raw-gcm128/%s/%u",
			 raw->seal ? "seal" : "open", lens[i % 3]);
		bench_add(raw->name, run_raw, raw);
	}
}

/* As long as nothing else is asked for, names say nothing of bursts and draws. */
static void
direction_add(const struct direction *wanted)
{
	struct direction *direction = malloc(sizeof(*direction));
	int at;

	if (direction == NULL)
		return;
	*direction = *wanted; /* lives as long as the program */
	at = snprintf(direction->name, sizeof(direction->name), "three-layers/%s/%u-mobiles/%s",
		      wanted->to_mobile ? "to-mobile" : "from-mobile", wanted->mobiles,
		      traffic_len_name(wanted->len));
	if (wanted->burst != BURST_USUAL)
		at += snprintf(direction->name + at, sizeof(direction->name) - (size_t)at,
			       "/burst-%u", wanted->burst);
	if (wanted->fixture->traffic.is_zipf)
		snprintf(direction->name + at, sizeof(direction->name) - (size_t)at, "/zipf");
	bench_add(direction->name, run, direction);
}

/* Both directions, for each number of mobiles, each length and each burst. */
static void
add_all(struct fixture *fixture)
{
	const struct traffic_values *counts = &fixture->traffic.counts;
	const struct traffic_values *lens = &fixture->traffic.lens;
	const struct traffic_values *bursts = &fixture->traffic.bursts;
	unsigned each = counts->count * lens->count * bursts->count;

	for (unsigned i = 0; i < 2 * each; i++) {
		struct direction direction = {
			.fixture = fixture,
			.to_mobile = i < each,
			.mobiles = counts->values[i % each / (lens->count * bursts->count)],
			.len = lens->values[i / bursts->count % lens->count],
			.burst = (uint16_t)bursts->values[i % bursts->count],
		};

		direction_add(&direction);
	}
}

/* Room for them, and the mobiles. 0 or -1. */
static int
fixture_init(struct fixture *fixture, char *program)
{
	struct live_settings settings = {.forward_external_to_internal = true};

	fixture->count = traffic_greatest(&fixture->traffic.counts);
	fixture->sas_max = rte_align32pow2(2 * fixture->count);
	fixture->mobiles = calloc(fixture->count, sizeof(*fixture->mobiles));
	path_rig_own(&settings, X_HA, OWN_X_HA);
	path_rig_own(&settings, GATEWAY, OWN_VPN);
	path_rig_own(&settings, I_HA, OWN_I_HA);
	fixture->engine = esp_engine_create();
	if (fixture->mobiles == NULL || fixture->engine == NULL ||
	    path_rig_init(&fixture->rig, program, &settings, 2 * fixture->count,
			  fixture->sas_max) != 0)
		return -1;
	for (uint32_t i = 0; i < fixture->count; i++)
		if (mobile_make(fixture, i) != 0)
			return -1;
	return 0;
}

int
main(int argc, char **argv)
{
	static struct fixture fixture = {.traffic = {.lens = {3, {64, 512, 1400}},
						     .bursts = {1, {BURST_USUAL}},
						     .counts = {3, {1, 1000, 10000}}}};

	if (traffic_options(&fixture.traffic, &argc, argv, BURST_MAX, COUNT_MAX) != 0)
		return 2;
	if (fixture_init(&fixture, argv[0]) != 0) {
		fprintf(stderr, "vpn_bench: cannot start; are huge pages free?\n");
		return 1;
	}
	add_raws();
	add_all(&fixture);
	return bench_main(argc, argv);
}
