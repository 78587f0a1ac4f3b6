/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registrations on the control core: signed requests come in as UDP payloads; they are decoded,
 * authenticated, decided, their bindings changed, the recipes compiled and published, and the signed replies
 * built. "renewal" keeps the care-of address, "move" changes it each time, "first" has no binding yet. Each
 * mobile has a key of its own. Cycles are time stamp counter cycles a registration, of the median round.
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

#define BURST_MOST REGISTRATION_BURST_MAX
#define ROUNDS_KEPT 65536u
#define KEY_FORMAT "%08x0405060708090a0b0c0d0e0f" /* of the mobile's number */

struct fixture {
	struct config *config;
	struct registration *registration;
	struct publisher *publisher;
	struct injector injector;
	struct mip_auth *auth;
	struct drop_counters drops;
	uint64_t clock_units; /* NTP: a little later with each request */
	uint64_t replies_accepted;
	uint64_t rounds[ROUNDS_KEPT]; /* cycles of the last ones */
};

enum pattern {
	PATTERN_RENEWAL,
	PATTERN_MOVE,
	PATTERN_FIRST,
};
#define PATTERN_COUNT 3

struct scenario {
	struct fixture *fixture;
	enum pattern pattern;
	enum mip_auth_algorithm algorithm;
	unsigned burst;
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

static struct secret
key_of(uint32_t i)
{
	struct secret key;
	char hex[33];

	snprintf(hex, sizeof(hex), KEY_FORMAT, i);
	secret_from_hex(&key, hex);
	return key;
}

static struct ntp_time
wall_clock(void *context)
{
	struct fixture *fixture = context;

	return (struct ntp_time){fixture->clock_units};
}

/* A little later with each request, and never behind the time that passes: the engine would notice. */
static void
tick(struct fixture *fixture)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	fixture->clock_units =
		RTE_MAX(fixture->clock_units + (1u << 16), ntp_from_timespec(now).units);
}

/* One of a burst: who sends it, and the message. */
struct sender {
	uint32_t mobile;
	be32 care_of_address;
	uint16_t len;
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
};

/* Writes the sender's signed request. */
static void
write_request(struct fixture *fixture, const struct scenario *scenario, struct sender *sender,
	      bool deregister)
{
	struct mip_request request = {
		.type = MIP_REGISTRATION_REQUEST,
		.flags = MIP_FLAG_D | MIP_FLAG_T,
		.lifetime_be = deregister ? 0 : htobe16(600),
		.home_address = htobe32(HOME_FIRST + sender->mobile),
		.home_agent = fixture->config->agents[AGENT_X_HA].address,
		.care_of_address = sender->care_of_address,
	};
	struct secret key = key_of(sender->mobile);
	struct mip_builder builder;

	tick(fixture);
	request.identification_be = htobe64(fixture->clock_units);
	mip_begin(&builder, sender->bytes, sizeof(sender->bytes), &request, sizeof(request));
	mip_add_udp_tunnel_request(&builder, 0, 0);
	mip_add_auth(&builder, fixture->auth, MIP_EXT_MN_HA_AUTH, SPI + scenario->algorithm,
		     scenario->algorithm, &key);
	sender->len = (uint16_t)mip_end(&builder);
}

/* Has the senders' requests written, and hands them to the engine; returns the cycles that it took. */
static uint64_t
send_requests(const struct scenario *scenario, struct sender *senders, unsigned count,
	      bool deregister)
{
	struct fixture *fixture = scenario->fixture;
	struct reg_datagram datagrams[BURST_MOST];
	struct mono_time now = mono_now();
	uint64_t begin;

	for (unsigned i = 0; i < count; i++) {
		write_request(fixture, scenario, &senders[i], deregister);
		datagrams[i] = (struct reg_datagram){
			.origin = ORIGIN_EXTERNAL,
			.src = senders[i].care_of_address,
			.dst = fixture->config->agents[AGENT_X_HA].address,
			.src_port_be = htobe16(434),
			.dst_port_be = htobe16(MIP_PORT),
			.payload = senders[i].bytes,
			.len = senders[i].len,
		};
	}
	begin = rte_rdtsc_precise();
	registration_input(fixture->registration, datagrams, count, now);
	return rte_rdtsc_precise() - begin;
}

/* Every mobile is bound, or none is. */
static void
begin(const struct scenario *scenario)
{
	static struct sender sender;

	for (uint32_t i = 0; i < SUBSCRIBERS; i++) {
		sender.mobile = i;
		sender.care_of_address = htobe32(CARE_OF_FIRST + i);
		send_requests(scenario, &sender, 1, scenario->pattern == PATTERN_FIRST);
	}
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
report(struct bench *bench, const struct scenario *scenario, uint64_t round_count)
{
	uint64_t *rounds = scenario->fixture->rounds;
	uint64_t count = RTE_MIN(round_count, ROUNDS_KEPT);
	uint64_t median;
	double cycles;

	qsort(rounds, count, sizeof(*rounds), compare);
	median = rounds[count / 2];
	cycles = (double)median / scenario->burst;
	bench_report(bench, "cycles", cycles);
	bench_report(bench, "registrations/s", (double)rte_get_tsc_hz() / cycles);
}

static void
run(struct bench *bench, void *argument)
{
	static struct sender senders[BURST_MOST];
	const struct scenario *scenario = argument;
	struct fixture *fixture = scenario->fixture;
	uint64_t rounds = 0, accepted;
	uint32_t mobile = 0, move = 0;

	begin(scenario);
	accepted = fixture->replies_accepted;
	while (bench_next(bench)) {
		uint64_t took;

		for (unsigned i = 0; i < scenario->burst; i++) {
			mobile = (mobile + 7919) % SUBSCRIBERS; /* not one after the other */
			move += scenario->pattern == PATTERN_MOVE;
			senders[i].mobile = mobile;
			senders[i].care_of_address =
				htobe32(CARE_OF_FIRST + (mobile + move) % 131072);
		}
		took = send_requests(scenario, senders, scenario->burst, false);
		fixture->rounds[rounds++ % ROUNDS_KEPT] = took;
		if (scenario->pattern == PATTERN_FIRST)
			send_requests(scenario, senders, scenario->burst, true);
		publish_reclaim(fixture->publisher);
		bench_took(bench, (double)took / (double)rte_get_tsc_hz());
	}
	if (fixture->replies_accepted - accepted < rounds * scenario->burst)
		bench_fail(bench, "a registration was not accepted");
	else
		report(bench, scenario, rounds);
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
				"%s{ spi = %u; algorithm = \"%s\"; key = { hex = \"" KEY_FORMAT
				"\"; }; }",
				a == 0 ? "" : ", ", SPI + a,
				mip_auth_name((enum mip_auth_algorithm)a), i);
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

	tick(fixture);
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

static void
scenario_add(const struct scenario *wanted)
{
	static const char *const patterns[] = {"renewal", "move", "first"};
	struct scenario *scenario = malloc(sizeof(*scenario));

	if (scenario == NULL)
		return;
	*scenario = *wanted; /* lives as long as the program */
	snprintf(scenario->name, sizeof(scenario->name), "registration/%s/%s/burst-%u",
		 mip_auth_name(wanted->algorithm), patterns[wanted->pattern], wanted->burst);
	bench_add(scenario->name, run, scenario);
}

int
main(int argc, char **argv)
{
	static struct fixture fixture;
	char *eal[] = {argv[0],		 "--in-memory", "--no-pci",
		       "--no-telemetry", "-l0",		"--log-level=3"};

	if (rte_eal_init(ARRAY_COUNT(eal), eal) < 0 || fixture_init(&fixture) != 0) {
		fprintf(stderr, "registration_bench: cannot start; are huge pages free?\n");
		return 1;
	}
	for (unsigned i = 0; i < MIP_AUTH_ALGORITHM_COUNT * PATTERN_COUNT * 2; i++) {
		struct scenario scenario = {
			.fixture = &fixture,
			.algorithm = (enum mip_auth_algorithm)(i / PATTERN_COUNT / 2),
			.pattern = (enum pattern)(i / 2 % PATTERN_COUNT),
			.burst = i % 2 == 0 ? 1 : BURST_MOST,
		};

		scenario_add(&scenario);
	}
	return bench_main(argc, argv);
}
