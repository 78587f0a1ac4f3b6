/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_THREE_LAYERS_H
#define BENCH_THREE_LAYERS_H

#include "bench/path_rig.h"

/*
 * A path_rig with mobiles that go through all three roles, as VPP's three layers in the comparison: IP-in-IP,
 * ESP (AES-128-GCM) without UDP, IP-in-IP. Each has a home address at the i-HA and one at the x-HA.
 */
struct three_layers_mobile {
	struct sa *inbound, *outbound;
	uint64_t
		seq; /* its own, and so is the SPI: what it sends brings nothing of the box into the cache */
	be32 spi_be;
	bool has_moved, has_rekeyed; /* an odd number of times */
};

struct three_layers {
	struct path_rig rig;
	struct esp_engine *engine; /* the mobiles' */
	struct esp_key *key;	   /* the same */
	struct three_layers_mobile *mobiles;
	uint32_t count, sas_max; /* a power of two */
};

/* Starts EAL and makes `count` mobiles. 0 or -1. */
int three_layers_init(struct three_layers *layers, char *program, uint32_t count);

/* Writes the frame of a packet of `len` bytes: plain, for a mobile's home address at the i-HA; the same at the
 * x-HA alone; or in all three layers, as the mobile sends it. */
void three_layers_write_plain(struct rte_mbuf *mbuf, uint32_t mobile, uint16_t len);
void three_layers_write_x_ha(struct rte_mbuf *mbuf, uint32_t mobile, uint16_t len);
void three_layers_write_sealed(struct three_layers *layers, struct rte_mbuf *mbuf, uint32_t mobile,
			       uint16_t len);

/* What the control core does when a mobile registers from elsewhere: the recipe of its x-HA binding is compiled
 * anew and published. And when its security associations are rekeyed: two new ones, and the recipe that
 * seals. 0 or -1. */
int three_layers_move(struct three_layers *layers, uint32_t mobile);
int three_layers_rekey(struct three_layers *layers, uint32_t mobile);

#endif
