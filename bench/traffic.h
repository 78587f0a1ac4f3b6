/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#define TRAFFIC_VALUES_MAX 16
#define TRAFFIC_IMIX 0 /* among the lengths: 64, 576 and 1400 bytes, 7 : 4 : 1 */

/* Values of one option, such as lengths. */
struct traffic_values {
	unsigned count;
	uint32_t values[TRAFFIC_VALUES_MAX];
};

/*
 * What traffic a benchmark of the path makes. The benchmark fills in its defaults, the command line changes
 * them. With Zipf's law the mobile of rank n is drawn 1/n as often as the first; ranks are spread over the
 * tables. Draws repeat from one run to the next.
 */
struct traffic {
	struct traffic_values lens, bursts, counts; /* bytes, packets, mobiles */
	bool is_zipf;
	uint32_t drawn_from; /* mobiles */
	double *sums;	     /* Zipf: of the shares up to each rank */
};

/* Takes --lens=64,512,imix, --bursts=1,32,256, --counts=1000 and --zipf out of the arguments. Values lie within
 * what the arguments of the call allow. 0, or -1 when an option makes no sense, which has been said. */
int traffic_options(struct traffic *traffic, int *argc, char **argv, uint32_t burst_max,
		    uint32_t count_max);

uint32_t traffic_greatest(const struct traffic_values *values);

/* From now on mobiles are drawn from 0 to count - 1. 0 or -1: no memory. */
int traffic_draw_from(struct traffic *traffic, uint32_t count);
uint32_t traffic_draw(const struct traffic *traffic);

/* The length of the next packet: `len`, or one of the mix. */
uint32_t traffic_len(uint32_t len);

/* What a benchmark's name says of its length: "512", "imix". The text lives until the next call. */
const char *traffic_len_name(uint32_t len);

#endif
