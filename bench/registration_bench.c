/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registrations on the control core: a signed request comes in as a UDP payload; it is decoded,
 * authenticated, decided, its binding changed, the recipe compiled and published, and the signed reply
 * built. "renewal" keeps the care-of address, "move" changes it each time, "first" has no binding yet.
 */
#include <rte_cycles.h>
#include <rte_eal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/bench_shim.h"
#include "control/publish.h"
#include "control/registration.h"
#include "control/route.h"
#include "lib/mip_message.h"

#define SUBSCRIBERS 100000u
#define HOME_FIRST 0x0a000001u
#define CARE_OF_FIRST 0xc6120000u /* 198.18.0.0 and up */
#define SPI 256u
#define NEXT_HOPS_MAX 1024

static const uint8_t key_bytes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

struct fixture {
	struct config *config;
	struct registration *registration;
	struct publisher *publisher;
	struct injector injector;
	struct mip_auth *auth;
	struct secret key;
	struct drop_counters drops;
	uint64_t clock_units; /* NTP: a little later with each request */
	uint64_t replies_accepted;
};

enum pattern {
	PATTERN_RENEWAL,
	PATTERN_MOVE,
	PATTERN_FIRST,
};

struct scenario {
	struct fixture *fixture;
	enum pattern pattern;
	enum mip_auth_algorithm algorithm;
	char name[64];
};

static int
take_reply(void *context, const struct udp_flow *flow, const void *payload, uint16_t len,
	   enum inject_kind kind)
{
	struct fixture *fixture = context;
	const struct mip_reply *reply = payload;

	fixture->replies_accepted += len >= sizeof(*reply) && reply->code == MIP_CODE_ACCEPTED;
	return 0;
}

static struct ntp_time
wall_clock(void *context)
{
	struct fixture *fixture = context;

	return (struct ntp_time){fixture->clock_units};
}

/* A signed request of mobile `i`; returns its length. */
static uint16_t
write_request(struct fixture *fixture, const struct scenario *scenario, uint32_t i,
	      be32 care_of_address, bool deregister, uint8_t bytes[MIP_MESSAGE_SIZE_MAX])
{
	struct mip_request request = {
		.type = MIP_REGISTRATION_REQUEST,
		.flags = MIP_FLAG_D | MIP_FLAG_T,
		.lifetime_be = deregister ? 0 : htobe16(600),
		.home_address = htobe32(HOME_FIRST + i),
		.home_agent = fixture->config->agents[AGENT_X_HA].address,
		.care_of_address = care_of_address,
	};
	struct mip_builder builder;

	fixture->clock_units += 1u << 16; /* 15 microseconds */
	request.identification_be = htobe64(fixture->clock_units);
	mip_begin(&builder, bytes, MIP_MESSAGE_SIZE_MAX, &request, sizeof(request));
	mip_add_udp_tunnel_request(&builder, 0, 0);
	if (mip_add_auth(&builder, fixture->auth, MIP_EXT_MN_HA_AUTH, SPI + scenario->algorithm,
			 scenario->algorithm, &fixture->key) != 0)
		return 0;
	return (uint16_t)mip_end(&builder);
}

/* Hands one request to the engine; returns the cycles it took. */
static uint64_t
send_request(struct fixture *fixture, const struct scenario *scenario, uint32_t i,
	     be32 care_of_address, bool deregister)
{
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	struct reg_datagram datagram = {
		.origin = ORIGIN_EXTERNAL,
		.src = care_of_address,
		.dst = fixture->config->agents[AGENT_X_HA].address,
		.src_port_be = htobe16(434),
		.dst_port_be = htobe16(MIP_PORT),
		.payload = bytes,
		.len = write_request(fixture, scenario, i, care_of_address, deregister, bytes),
	};
	struct mono_time now = mono_now();
	uint64_t begin = rte_rdtsc_precise();

	registration_input(fixture->registration, &datagram, now);
	return rte_rdtsc_precise() - begin;
}

static void
run(struct bench *bench, void *argument)
{
	const struct scenario *scenario = argument;
	struct fixture *fixture = scenario->fixture;
	uint64_t cycles = 0, rounds = 0, accepted;
	uint32_t i = 0, move = 0;

	for (uint32_t n = 0; n < SUBSCRIBERS; n++)
		send_request(fixture, scenario, n, htobe32(CARE_OF_FIRST + n),
			     scenario->pattern == PATTERN_FIRST);
	accepted = fixture->replies_accepted;
	while (bench_next(bench)) {
		be32 care_of_address;
		uint64_t took;

		i = (i + 7919) % SUBSCRIBERS; /* not one after the other */
		move += scenario->pattern == PATTERN_MOVE;
		care_of_address = htobe32(CARE_OF_FIRST + (i + move) % 131072);
		took = send_request(fixture, scenario, i, care_of_address, false);
		if (scenario->pattern == PATTERN_FIRST)
			send_request(fixture, scenario, i, care_of_address, true);
		publish_reclaim(fixture->publisher);
		cycles += took;
		rounds++;
		bench_took(bench, (double)took / (double)rte_get_tsc_hz());
	}
	accepted = fixture->replies_accepted - accepted;
	if (accepted < rounds)
		bench_fail(bench, "a registration was not accepted");
	bench_report(bench, "registrations/s",
		     (double)rounds * (double)rte_get_tsc_hz() / (double)cycles);
	bench_report(bench, "cycles", (double)cycles / (double)rounds);
}

/* A configuration like an operator's, with all its subscribers. */
static int
write_config(char *path)
{
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (file == NULL)
		return -1;
	fputs("eal: { main_core = 0; worker_cores = [1]; };\n"
	      "ports = ( { name = \"outside\"; device = \"net_null0\"; role = \"external\";\n"
	      "  address = \"192.0.2.1/24\"; } );\n"
	      "routes = ( { prefix = \"0.0.0.0/0\"; gateway = \"192.0.2.254\"; } );\n"
	      "x_ha: { address = \"192.0.2.2\"; lifetime_max_sec = 3600; };\n"
	      "home_networks = ( { agent = \"x-ha\"; prefix = \"10.0.0.0/8\"; virtual = true; } "
	      ");\n"
	      "limits: { bindings_max = 200000; };\n"
	      "subscribers = (\n",
	      file);
	for (uint32_t i = 0; i < SUBSCRIBERS; i++) {
		char text[ADDRESS_TEXT_SIZE];

		fprintf(file, "%s{ agent = \"x-ha\"; home_address = \"%s\"; associations = (",
			i == 0 ? "" : ",\n", address_format(htobe32(HOME_FIRST + i), text));
		for (unsigned a = 0; a < MIP_AUTH_ALGORITHM_COUNT; a++)
			fprintf(file,
				"%s{ spi = %u; algorithm = \"%s\"; key = { hex = "
				"\"000102030405060708090a0b0c0d0e0f\"; }; }",
				a == 0 ? "" : ", ", SPI + a,
				mip_auth_name((enum mip_auth_algorithm)a));
		fputs("); }", file);
	}
	fputs(");\n", file);
	return fclose(file) == 0 ? 0 : -1;
}

static int
load_config(struct fixture *fixture)
{
	char path[] = "/tmp/homeport-bench-XXXXXX";
	struct config_error error;
	int failed = write_config(path);

	if (failed == 0 && config_load(path, &fixture->config, &error) != 0) {
		fprintf(stderr, "%s:%d: %s\n", error.file, error.line, error.text);
		failed = -1;
	}
	unlink(path);
	return failed;
}

static int
fixture_init(struct fixture *fixture)
{
	static struct mailbox mailbox;
	static const uint8_t macs[CONFIG_PORTS_MAX][ETH_ADDRESS_SIZE];
	struct publish_limits limits = {
		.worker_count = 1,
		.bindings_max = 200000,
		.next_hops_max = NEXT_HOPS_MAX,
		.socket = SOCKET_ID_ANY,
	};
	struct registration_context context = {
		.drops = &fixture->drops,
		.send = take_reply,
		.wall_clock = wall_clock,
		.context = fixture,
	};
	struct route_context route_context = {
		.injector = &fixture->injector,
		.drops = &fixture->drops,
		.macs = macs,
		.next_hops_max = NEXT_HOPS_MAX,
	};
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	fixture->clock_units = ntp_from_timespec(now).units;
	memcpy(fixture->key.bytes, key_bytes, sizeof(key_bytes));
	fixture->key.len = sizeof(key_bytes);
	fixture->auth = mip_auth_create();
	fixture->publisher = publish_create(&limits);
	fixture->injector.pool =
		rte_pktmbuf_pool_create("bench", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	fixture->injector.mailboxes = &mailbox;
	fixture->injector.mailbox_count = 1;
	if (load_config(fixture) != 0 || fixture->auth == NULL || fixture->publisher == NULL ||
	    fixture->injector.pool == NULL || packet_register() != 0 ||
	    mailbox_init(&mailbox, 0, 0) != 0)
		return -1;
	route_context.publisher = fixture->publisher;
	context.config = fixture->config;
	context.publisher = fixture->publisher;
	context.routes = route_create(&route_context, fixture->config);
	context.wheel = timer_wheel_create(mono_now(), NULL);
	if (context.routes == NULL || context.wheel == NULL)
		return -1;
	fixture->registration = registration_create(&context, mono_now());
	return fixture->registration == NULL ? -1 : 0;
}

int
main(int argc, char **argv)
{
	static const char *const patterns[] = {"renewal", "move", "first"};
	static struct scenario scenarios[MIP_AUTH_ALGORITHM_COUNT * ARRAY_COUNT(patterns)];
	static struct fixture fixture;
	char *eal[] = {argv[0],		 "--in-memory", "--no-pci",
		       "--no-telemetry", "-l0",		"--log-level=3"};
	struct scenario *next = scenarios;

	if (rte_eal_init(ARRAY_COUNT(eal), eal) < 0 || fixture_init(&fixture) != 0) {
		fprintf(stderr, "registration_bench: cannot start; are huge pages free?\n");
		return 1;
	}
	for (unsigned a = 0; a < MIP_AUTH_ALGORITHM_COUNT; a++) {
		for (unsigned p = 0; p < ARRAY_COUNT(patterns); p++, next++) {
			*next = (struct scenario){
				.fixture = &fixture,
				.pattern = (enum pattern)p,
				.algorithm = (enum mip_auth_algorithm)a,
			};
			snprintf(next->name, sizeof(next->name), "registration/%s/%s",
				 mip_auth_name(next->algorithm), patterns[p]);
			bench_add(next->name, run, next);
		}
	}
	return bench_main(argc, argv);
}
