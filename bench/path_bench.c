/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The packet path, all stages from the Ethernet frame that came in to the frame that goes out, without
 * the drivers: a ring stands for the port. Cycles are time stamp counter cycles a packet, of the median
 * round; what the stages took of it are means.
 *
 *   hot   the burst's packets stay in the cache, as a NIC with direct cache access leaves them
 *   cold  packets come from memory far larger than the cache
 *
 * Destinations (or mobiles) are drawn at random from all bindings; bench/traffic.h says which options make
 * other lengths, bursts, numbers of bindings and draws. Lengths are those of the frame without tunnel.
 */
#include <rte_cycles.h>
#include <rte_random.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/path_rig.h"
#include "bench/traffic.h"

#define HOME_FIRST 0x0a000001u		  /* 10.0.0.1 and up */
#define AGENT_ADDRESS htobe32(0xc6336401) /* 198.51.100.1 */
#define CORRESPONDENT htobe32(0xcb007101) /* 203.0.113.1 */
#define CARE_OF_FIRST 0x64400001u	  /* 100.64.0.1 and up */
#define FRAME_LEN 64u
#define COUNT_MAX 4000000u

struct fixture {
	struct path_rig rig;
	struct traffic traffic;
	uint32_t bindings;
};

struct direction {
	struct fixture *fixture;
	enum tunnel_kind kind;
	uint32_t bindings;
	uint32_t len; /* of the frame, or TRAFFIC_IMIX */
	uint16_t burst;
	bool to_mobile;
	bool cold;
	char name[96];
};

static be32
home_address(uint32_t i)
{
	return htobe32(HOME_FIRST + i);
}

static be32
care_of_address(uint32_t i)
{
	return htobe32(CARE_OF_FIRST + i);
}

static struct recipe_spec
spec_of(uint32_t i, enum tunnel_kind kind)
{
	return (struct recipe_spec){
		.home_address = home_address(i),
		.slot = i,
		.next_hop = RIG_NEXT_HOP,
		.link_mtu = 1500,
		.flags = RECIPE_REVERSE,
		.layer_count = 1,
		.layers = {{.kind = kind,
			    .src = AGENT_ADDRESS,
			    .dst = care_of_address(i),
			    .src_port_be = htobe16(MIP_PORT),
			    .dst_port_be = htobe16(40000),
			    .ttl = 64}},
	};
}

/* Publishes exactly `count` bindings of one kind. */
static int
bind_all(struct fixture *fixture, uint32_t count, enum tunnel_kind kind)
{
	for (uint32_t i = 0; i < RTE_MAX(count, fixture->bindings); i++) {
		struct recipe_spec spec = spec_of(i, kind);

		if (i >= count)
			publish_recipes_remove(fixture->rig.publisher, spec.home_address);
		else if (publish_recipes(fixture->rig.publisher, &spec, 1) != 0)
			return -1;
	}
	fixture->bindings = count;
	publish_reclaim(fixture->rig.publisher);
	return 0;
}

/* A frame as it would arrive: plain for a home address, or through the mobile's tunnel. */
static void
write_frame(const struct direction *direction, struct rte_mbuf *mbuf)
{
	uint32_t i = traffic_draw(&direction->fixture->traffic);
	uint8_t *at;
	uint16_t inner_len = (uint16_t)(traffic_len(direction->len) - sizeof(struct eth_header));

	path_rig_write_ethernet(mbuf);
	if (!direction->to_mobile) {
		struct recipe_spec spec = spec_of(i, direction->kind);
		struct recipe recipe;
		uint16_t len;

		recipe_compile(&recipe, &spec);
		at = (uint8_t *)rte_pktmbuf_append(mbuf, recipe.push_len);
		memcpy(at, recipe_bytes(&recipe), recipe.push_len);
		len = (uint16_t)(inner_len + recipe.push_len);
		path_rig_write_ip((struct ip_header *)at, care_of_address(i), AGENT_ADDRESS,
				  ((struct ip_header *)at)->protocol, len);
		if (tunnel_is_udp(direction->kind)) {
			struct udp_header *udp =
				(struct udp_header *)(at + sizeof(struct ip_header));

			udp->src_port_be = htobe16(40000);
			udp->dst_port_be = htobe16(MIP_PORT);
			udp->len_be = htobe16((uint16_t)(len - sizeof(struct ip_header)));
		}
	}
	at = (uint8_t *)rte_pktmbuf_append(mbuf, inner_len);
	memset(at, 0, inner_len);
	if (direction->to_mobile)
		path_rig_write_ip((struct ip_header *)at, CORRESPONDENT, home_address(i),
				  IP_PROTOCOL_UDP, inner_len);
	else
		path_rig_write_ip((struct ip_header *)at, home_address(i), CORRESPONDENT,
				  IP_PROTOCOL_UDP, inner_len);
}

/* The recipe's part alone: finding and pushing it, or taking the tunnel off and holding it against it. */
static void
report_recipe(struct bench *bench, const struct stage_counters *stages, bool to_mobile,
	      uint64_t packets)
{
	uint64_t recipe = to_mobile ? stages[STAGE_LOOKUP].cycles + stages[STAGE_FIT].cycles +
					      stages[STAGE_PUSH].cycles
				    : stages[STAGE_STRIP].cycles + stages[STAGE_MATCH].cycles;

	bench_report(bench, "recipe", (double)recipe / (double)packets);
}

static void
run(struct bench *bench, void *argument)
{
	const struct direction *direction = argument;
	struct fixture *fixture = direction->fixture;
	uint32_t span = direction->cold ? RIG_MBUFS : direction->burst;
	uint64_t packets = 0;
	uint32_t first = 0;

	if (traffic_draw_from(&fixture->traffic, direction->bindings) != 0 ||
	    bind_all(fixture, direction->bindings, direction->kind) != 0) {
		bench_fail(bench, "the tables are too small");
		return;
	}
	for (uint32_t i = 0; i < RIG_MBUFS; i++)
		write_frame(direction, fixture->rig.mbufs[i]);
	path_rig_begin(&fixture->rig);
	while (bench_next(bench)) {
		uint64_t took;

		if (!direction->cold)
			for (uint16_t i = 0; i < direction->burst; i++)
				write_frame(direction, fixture->rig.mbufs[i]);
		else if (first + direction->burst > span)
			for (first = 0; first < RIG_MBUFS; first++)
				write_frame(direction, fixture->rig.mbufs[first]);
		first = direction->cold ? first % RIG_MBUFS : 0;
		took = path_rig_round(&fixture->rig, first, direction->burst);
		first += direction->burst;
		packets += direction->burst;
		bench_took(bench, (double)took / (double)rte_get_tsc_hz());
	}
	report_recipe(bench, fixture->rig.worker->counters.stages, direction->to_mobile, packets);
	path_rig_report(&fixture->rig, bench, direction->burst);
}

/* As long as nothing else is asked for, names say nothing of lengths and draws. */
static void
direction_add(const struct direction *wanted)
{
	struct direction *direction = malloc(sizeof(*direction));
	const struct traffic *traffic = &wanted->fixture->traffic;
	int at;

	if (direction == NULL)
		return;
	*direction = *wanted; /* lives as long as the program */
	at = snprintf(direction->name, sizeof(direction->name), "%s/%s/%u-bindings/burst-%u/%s",
		      wanted->to_mobile ? "to-mobile" : "from-mobile",
		      tunnel_kind_name(wanted->kind), wanted->bindings, wanted->burst,
		      wanted->cold ? "cold" : "hot");
	if (wanted->len != FRAME_LEN)
		at += snprintf(direction->name + at, sizeof(direction->name) - (size_t)at, "/%s",
			       traffic_len_name(wanted->len));
	if (traffic->is_zipf)
		snprintf(direction->name + at, sizeof(direction->name) - (size_t)at, "/zipf");
	bench_add(direction->name, run, direction);
}

/* Tunnels, directions and caches, for a number of bindings, a burst and a length. */
static void
add_all(struct fixture *fixture, uint32_t bindings, uint32_t burst, uint32_t len)
{
	static const enum tunnel_kind kinds[] = {TUNNEL_IPIP, TUNNEL_UDP_IPIP};

	for (unsigned i = 0; i < 8; i++) {
		struct direction direction = {
			.fixture = fixture,
			.bindings = bindings,
			.burst = (uint16_t)burst,
			.len = len,
			.kind = kinds[i >> 2 & 1],
			.to_mobile = (i & 2) == 0,
			.cold = (i & 1) != 0,
		};

		direction_add(&direction);
	}
}

int
main(int argc, char **argv)
{
	static struct fixture fixture = {.traffic = {.lens = {1, {FRAME_LEN}},
						     .bursts = {2, {32, 256}},
						     .counts = {2, {1000, 1000000}}}};
	struct traffic *traffic = &fixture.traffic;
	struct live_settings settings = {0};

	if (traffic_options(traffic, &argc, argv, BURST_MAX, COUNT_MAX) != 0)
		return 2;
	path_rig_own(&settings, AGENT_ADDRESS, OWN_X_HA);
	if (path_rig_init(&fixture.rig, argv[0], &settings, traffic_greatest(&traffic->counts),
			  0) != 0) {
		fprintf(stderr, "path_bench: cannot start; are huge pages free?\n");
		return 1;
	}
	for (unsigned i = 0; i < traffic->counts.count; i++)
		for (unsigned j = 0; j < traffic->bursts.count; j++)
			for (unsigned k = 0; k < traffic->lens.count; k++)
				add_all(&fixture, traffic->counts.values[i],
					traffic->bursts.values[j], traffic->lens.values[k]);
	return bench_main(argc, argv);
}
