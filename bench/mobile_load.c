/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plays many mobile nodes against a running box: registrations, renewals and moves with real authenticators, and
 * user data all the while. Its two interfaces are the far ends of the cables to the box's external and internal
 * port. bench/mobile_load_run lays them, configures and starts the box and says what came of it.
 */
#include "bench/mobile_load.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/mobile_load_plan.h"

enum exit_code {
	EXIT_FINE = 0,
	EXIT_TROUBLE = 1,
	EXIT_USAGE = 2,
};

struct end {
	char interface[16];
	uint8_t box_mac[ETH_ADDRESS_SIZE];
};

struct arguments {
	struct end external, internal;
	uint32_t mobiles, data_per_sec;
};

static const char usage[] =
	"usage: mobile_load --external INTERFACE,MAC --internal INTERFACE,MAC [OPTION...] "
	"PHASE...\n"
	"\n"
	"      --external, --internal  the end of the cable, and the box's MAC address at the "
	"other\n"
	"      --mobiles N             how many mobiles (1000)\n"
	"      --window N              registrations pending at most (256)\n"
	"      --data N                user packets a second, half of them each way (2000)\n"
	"\n"
	"PHASE is attach, refresh:RATE:SECONDS or move:RATE:SECONDS; RATE 0: as fast as "
	"accepted.\n";

/* INTERFACE,MAC */
static bool
parse_end(const char *text, struct end *end)
{
	uint8_t *mac = end->box_mac;
	char rest;

	return sscanf(text, "%15[^,],%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", end->interface,
		      &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5], &rest) == 7;
}

/* A number from 1 to `max`. */
static bool
parse_number(const char *text, uint32_t max, uint32_t *number)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*number = (uint32_t)value;
	return end != text && *end == '\0' && value >= 1 && value <= max;
}

static bool
parse_option(int option, struct arguments *arguments, struct mobile_load *load)
{
	switch (option) {
	case 'e':
		return parse_end(optarg, &arguments->external);
	case 'i':
		return parse_end(optarg, &arguments->internal);
	case 'm':
		return parse_number(optarg, LOAD_MOBILES_MAX, &arguments->mobiles);
	case 'w':
		return parse_number(optarg, LOAD_MOBILES_MAX, &load->window);
	case 'd':
		return parse_number(optarg, 1000000, &arguments->data_per_sec);
	default:
		return false;
	}
}

static bool
parse_arguments(int argc, char **argv, struct arguments *arguments, struct mobile_load *load)
{
	static const struct option options[] = {
		{"external", required_argument, NULL, 'e'},
		{"internal", required_argument, NULL, 'i'},
		{"mobiles", required_argument, NULL, 'm'},
		{"window", required_argument, NULL, 'w'},
		{"data", required_argument, NULL, 'd'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (!parse_option(option, arguments, load))
			return false;
	}
	for (; optind < argc && load->phase_count < LOAD_PHASES_MAX; optind++) {
		if (load_phase_parse(&load->phases[load->phase_count++], argv[optind]) != 0)
			return false;
	}
	/* so that there is always a mobile that has nothing pending */
	return optind == argc && load->phase_count > 0 &&
	       arguments->external.interface[0] != '\0' &&
	       arguments->internal.interface[0] != '\0' && load->window < arguments->mobiles;
}

static int
start(struct mobile_load *load, const struct arguments *arguments)
{
	int ret = load_port_open(&load->external, arguments->external.interface,
				 arguments->external.box_mac, LOAD_ROUTER);

	if (ret == 0)
		ret = load_port_open(&load->internal, arguments->internal.interface,
				     arguments->internal.box_mac, LOAD_CORRESPONDENT);
	if (ret == 0)
		ret = load_fleet_init(&load->fleet, arguments->mobiles, &load->external);
	if (ret != 0)
		return ret;
	load_port_announce(&load->external);
	load->stream = (struct load_stream){
		.fleet = &load->fleet,
		.external = &load->external,
		.internal = &load->internal,
	};
	pace_begin(&load->stream.pace, mono_now(), arguments->data_per_sec);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct mobile_load load = {.window = 256};
	struct arguments arguments = {.mobiles = 1000, .data_per_sec = 2000};
	int ret;

	if (!parse_arguments(argc, argv, &arguments, &load)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	ret = start(&load, &arguments);
	for (unsigned i = 0; i < load.phase_count && ret == 0; i++)
		ret = mobile_load_play(&load, &load.phases[i]);
	if (ret == 0)
		ret = mobile_load_drain(&load);
	if (ret != 0) {
		fprintf(stderr, "mobile_load: %s\n", strerror(-ret));
		return EXIT_TROUBLE;
	}
	mobile_load_report(&load);
	return EXIT_FINE;
}
