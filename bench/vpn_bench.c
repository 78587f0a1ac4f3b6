/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The whole way of a packet through all three roles: i-HA tunnel, ESP (AES-128-GCM), x-HA tunnel; all
 * stages from the Ethernet frame that came in to the frame that goes out, without the drivers. Beside it,
 * in the same run, the cipher alone: IPsec-MB's direct calls on as many bytes. Cycles are time stamp
 * counter cycles a packet, of the median round; mobiles are drawn at random. bench/traffic.h says which options
 * make other lengths (of the innermost packet), bursts, numbers of mobiles and draws.
 */
#include <rte_cycles.h>
#include <rte_random.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/three_layers.h"
#include "bench/traffic.h"
#include "lib/imb_manager.h"

#define COUNT_MAX 1000000u
#define RAW_BURST 32
#define BURST_USUAL 32u
static const uint8_t secret[20] = {1, 2, 3, 4};

struct fixture {
	struct three_layers layers;
	struct traffic traffic;
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

static void
write_frame(const struct direction *direction, struct rte_mbuf *mbuf)
{
	uint32_t i = traffic_draw(&direction->fixture->traffic);
	uint16_t len = (uint16_t)traffic_len(direction->len);

	if (direction->to_mobile)
		three_layers_write_plain(mbuf, i, len);
	else
		three_layers_write_sealed(&direction->fixture->layers, mbuf, i, len);
}

static void
run(struct bench *bench, void *argument)
{
	const struct direction *direction = argument;
	struct path_rig *rig = &direction->fixture->layers.rig;

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
	IMB_MGR *mgr = imb_manager_create();
	struct gcm_context_data context;
	struct gcm_key_data key;
	uint64_t least = UINT64_MAX;

	if (mgr == NULL) {
		bench_fail(bench, "no manager");
		return;
	}
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

int
main(int argc, char **argv)
{
	static struct fixture fixture = {.traffic = {.lens = {3, {64, 512, 1400}},
						     .bursts = {1, {BURST_USUAL}},
						     .counts = {3, {1, 1000, 10000}}}};

	if (traffic_options(&fixture.traffic, &argc, argv, BURST_MAX, COUNT_MAX) != 0)
		return 2;
	if (three_layers_init(&fixture.layers, argv[0],
			      traffic_greatest(&fixture.traffic.counts)) != 0) {
		fprintf(stderr, "vpn_bench: cannot start; are huge pages free?\n");
		return 1;
	}
	add_raws();
	add_all(&fixture);
	return bench_main(argc, argv);
}
