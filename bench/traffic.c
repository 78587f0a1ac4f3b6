/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/traffic.h"

#include <rte_random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEN_MIN 64u
#define LEN_MAX 1400u
#define SPREAD \
	2654435761u /* odd, so that powers of two keep all ranks; prime, so that other counts do */

static const struct {
	uint32_t len, share;
} mix[] = {{64, 7}, {576, 4}, {1400, 1}};

static int
refuse(const char *option)
{
	fprintf(stderr, "not understood: %s\n", option);
	return -1;
}

/* "1,32,256"; lengths may be "imix". */
static int
take_values(struct traffic_values *values, const char *option, uint32_t least, uint32_t most,
	    bool may_mix)
{
	const char *at = strchr(option, '=');
	char *end;

	values->count = 0;
	do {
		unsigned long value = TRAFFIC_IMIX;

		at++;
		if (may_mix && strncmp(at, "imix", 4) == 0) {
			end = (char *)at + 4;
		} else {
			value = strtoul(at, &end, 10);
			if (end == at || value < least || value > most)
				return refuse(option);
		}
		if (values->count == TRAFFIC_VALUES_MAX || (*end != ',' && *end != '\0'))
			return refuse(option);
		values->values[values->count++] = (uint32_t)value;
		at = end;
	} while (*at == ',');
	return 0;
}

int
traffic_options(struct traffic *traffic, int *argc, char **argv, uint32_t burst_max,
		uint32_t count_max)
{
	int kept = 1, error = 0;

	for (int i = 1; i < *argc; i++) {
		if (strncmp(argv[i], "--lens=", 7) == 0)
			error |= take_values(&traffic->lens, argv[i], LEN_MIN, LEN_MAX, true);
		else if (strncmp(argv[i], "--bursts=", 9) == 0)
			error |= take_values(&traffic->bursts, argv[i], 1, burst_max, false);
		else if (strncmp(argv[i], "--counts=", 9) == 0)
			error |= take_values(&traffic->counts, argv[i], 1, count_max, false);
		else if (strcmp(argv[i], "--zipf") == 0)
			traffic->is_zipf = true;
		else
			argv[kept++] = argv[i];
	}
	*argc = kept;
	return error;
}

uint32_t
traffic_greatest(const struct traffic_values *values)
{
	uint32_t found = 0;

	for (unsigned i = 0; i < values->count; i++)
		if (values->values[i] > found)
			found = values->values[i];
	return found;
}

int
traffic_draw_from(struct traffic *traffic, uint32_t count)
{
	double sum = 0, *sums;

	traffic->drawn_from = count;
	if (!traffic->is_zipf)
		return 0;
	sums = realloc(traffic->sums, count * sizeof(*sums));
	if (sums == NULL)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		sums[i] = sum += 1.0 / (i + 1);
	traffic->sums = sums;
	return 0;
}

/* The first rank whose sum is above a point drawn evenly. */
static uint32_t
draw_rank(const struct traffic *traffic)
{
	double point = rte_drand() * traffic->sums[traffic->drawn_from - 1];
	uint32_t low = 0, high = traffic->drawn_from - 1;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (traffic->sums[middle] > point)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

uint32_t
traffic_draw(const struct traffic *traffic)
{
	if (!traffic->is_zipf)
		return (uint32_t)rte_rand_max(traffic->drawn_from);
	return (uint32_t)((uint64_t)draw_rank(traffic) * SPREAD % traffic->drawn_from);
}

uint32_t
traffic_len(uint32_t len)
{
	uint32_t point;

	if (len != TRAFFIC_IMIX)
		return len;
	point = (uint32_t)rte_rand_max(mix[0].share + mix[1].share + mix[2].share);
	for (unsigned i = 0; i < 2; i++) {
		if (point < mix[i].share)
			return mix[i].len;
		point -= mix[i].share;
	}
	return mix[2].len;
}

const char *
traffic_len_name(uint32_t len)
{
	static char name[16];

	if (len == TRAFFIC_IMIX)
		return "imix";
	snprintf(name, sizeof(name), "%u", len);
	return name;
}
