/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a mobile costs in memory that goes through all three roles: a subscriber of both home agents, each with
 * a key, registered with both, the i-HA's binding by way of its tunnel inner address, and two security
 * associations (AES-128-GCM, a replay window of 1024 packets) with their policy. Bytes a mobile of the process's heap
 * and of DPDK's, which are huge pages, with tables as large as so many mobiles need:
 *
 *   configuration  subscribers and keys
 *   tables         what is there before the first of them comes: places in tables, counters of one worker
 *   mobiles        what comes with each: SAs and their key schedules, recipes, records
 *   huge           of all these, huge pages
 *
 * Not counted is what the tables take without any mobile, whose MiB are told, too: routes, the worker itself.
 */
#include <malloc.h>
#include <rte_eal.h>
#include <rte_malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/bench_shim.h"
#include "control/publish.h"
#include "control/registration.h"
#include "control/route.h"
#include "control/sa.h"
#include "control/traffic.h"
#include "lib/mip_message.h"

#define MOBILES 131072u
#define X_HOME(i) htobe32(0xcb000001u + (i))
#define I_HOME(i) htobe32(0x0a400001u + (i))
#define TIA(i) htobe32(0x0a800001u + (i))
#define CARE_OF(i) htobe32(0x64400001u + (i))
#define GATEWAY htobe32(0xc0000203u) /* 192.0.2.3 */
#define SPI 256u
#define EPOCH 1
#define NEXT_HOPS_MAX 1024

static const char config_head[] =
	"eal: { main_core = 0; worker_cores = [1]; };\n"
	"ports = ( { name = \"outside\"; device = \"net_null0\"; role = \"external\";\n"
	"  address = \"192.0.2.1/24\"; },\n"
	"  { name = \"inside\"; device = \"net_null1\"; role = \"internal\"; address = "
	"\"10.1.0.1/16\"; } );\n"
	"routes = ( { prefix = \"0.0.0.0/0\"; gateway = \"192.0.2.254\"; } );\n"
	"x_ha: { address = \"192.0.2.2\"; };\n"
	"i_ha: { address = \"10.1.0.2\"; trusted_networks = [\"10.0.0.0/8\"]; };\n"
	"vpn: { address = \"192.0.2.3\"; tia_networks = [\"10.128.0.0/9\"]; sas_max = %u; };\n"
	"home_networks = ( { agent = \"x-ha\"; prefix = \"203.0.0.0/8\"; virtual = true; },\n"
	"  { agent = \"i-ha\"; prefix = \"10.64.0.0/10\"; virtual = true; } );\n"
	"limits: { bindings_max = %u; };\n"
	"subscribers = (\n";
#define KEY "000102030405060708090a0b0c0d0e0f"

/* Bytes in use. */
struct usage {
	size_t heap, huge;
};

struct box {
	struct config *config;
	struct publisher *publisher;
	struct mailbox mailbox;
	struct worker *worker;
	struct injector injector;
	struct drop_counters drops;
	struct traffic traffic;
	struct route_table *routes;
	struct timer_wheel *wheel;
	struct registration *registration;
	struct sa_table *sas;
	struct mip_auth *auth;
	uint32_t accepted;
	struct usage at_start, with_config, with_tables, at_end;
	struct usage empty; /* tables without room for anybody */
};

static struct usage
usage_now(void)
{
	struct mallinfo2 heap = mallinfo2();
	struct rte_malloc_socket_stats huge = {0};

	rte_malloc_get_socket_stats((int)rte_socket_id(), &huge);
	return (struct usage){.heap = heap.uordblks + heap.hblkhd, .huge = huge.heap_allocsz_bytes};
}

static void
write_subscriber(FILE *file, const char *agent, be32 home_address, bool is_first)
{
	char text[ADDRESS_TEXT_SIZE];

	fprintf(file,
		"%s{ agent = \"%s\"; home_address = \"%s\"; spi = %u; key = { hex = \"" KEY
		"\"; }; }",
		is_first ? "" : ",\n", agent, address_format(home_address, text), SPI);
}

static int
load_config(struct box *box)
{
	char path[] = "/tmp/homeport-bench-XXXXXX";
	struct config_error error;
	int fd = mkstemp(path), failed;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (file == NULL)
		return -1;
	fprintf(file, config_head, 2 * MOBILES, 2 * MOBILES);
	for (uint32_t i = 0; i < MOBILES; i++) {
		write_subscriber(file, "x-ha", X_HOME(i), i == 0);
		write_subscriber(file, "i-ha", I_HOME(i), false);
	}
	fputs(");\n", file);
	fclose(file);
	failed = config_load(path, &box->config, &error);
	if (failed != 0)
		fprintf(stderr, "%s:%d: %s\n", error.file, error.line, error.text);
	unlink(path);
	return failed;
}

static int
take_reply(void *context, const struct udp_flow *flow, const void *payload, uint16_t len,
	   enum inject_kind kind)
{
	struct box *box = context;

	box->accepted += ((const struct mip_reply *)payload)->code == MIP_CODE_ACCEPTED;
	return 0;
}

static struct ntp_time
wall_clock(void *context)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ntp_from_timespec(now);
}

static void
tunnel_changed(be32 tia, struct mono_time now, void *context)
{
	const struct box *box = context;

	binding_tia_changed(registration_bindings(box->registration), tia, now);
}

/* The worker, for what it counts by slot; it never runs. */
static int
worker_init(struct box *box, uint32_t bindings_max)
{
	static struct worker *peers[1];
	struct worker_config config = {
		.worker_count = 1,
		.socket = SOCKET_ID_ANY,
		.tables = publish_tables(box->publisher),
		.pool = box->injector.pool,
		.mailbox = &box->mailbox,
		.slot_count = bindings_max + 1, /* all TIAs' */
		.reassembly_entries = 64,
		.reassembly_timeout_ms = 1000,
	};

	peers[0] = box->worker = worker_create(&config, peers);
	return box->worker != NULL ? traffic_init(&box->traffic, peers, 1, bindings_max) : -1;
}

static int
control_init(struct box *box)
{
	static const uint8_t macs[CONFIG_PORTS_MAX][ETH_ADDRESS_SIZE];
	struct route_context routes = {.publisher = box->publisher,
				       .injector = &box->injector,
				       .drops = &box->drops,
				       .macs = macs,
				       .next_hops_max = NEXT_HOPS_MAX};
	struct registration_context registration = {.config = box->config,
						    .publisher = box->publisher,
						    .drops = &box->drops,
						    .send = take_reply,
						    .wall_clock = wall_clock,
						    .context = box};
	struct sa_context sas = {.publisher = box->publisher,
				 .config = box->config,
				 .tunnel_changed = tunnel_changed,
				 .context = box};

	box->wheel = timer_wheel_create(mono_now(), NULL);
	box->routes = route_create(&routes, box->config);
	if (box->wheel == NULL || box->routes == NULL)
		return -1;
	registration.wheel = box->wheel;
	registration.routes = box->routes;
	box->registration = registration_create(&registration, mono_now());
	box->sas = sa_table_create(&sas, mono_now());
	if (box->registration == NULL || box->sas == NULL)
		return -1;
	binding_table_use_sas(registration_bindings(box->registration), box->sas);
	return 0;
}

/* As the gateway makes them (control/gateway.c). */
static int
tables_init(struct box *box, uint32_t bindings_max, uint32_t sas_max)
{
	struct publish_limits limits = {
		.worker_count = 1,
		.bindings_max = bindings_max,
		.next_hops_max = NEXT_HOPS_MAX,
		.sas_max = sas_max,
		.socket = SOCKET_ID_ANY,
	};

	box->publisher = publish_create(&limits);
	return box->publisher == NULL ? -1 : worker_init(box, bindings_max);
}

static struct usage
difference(struct usage from, struct usage to)
{
	return (struct usage){to.heap - from.heap, to.huge - from.huge};
}

/* Sets what tables take that have next to no room. */
static int
measure_empty(struct box *box)
{
	struct usage before = usage_now();

	if (tables_init(box, 2, 2) != 0)
		return -1;
	box->empty = difference(before, usage_now());
	traffic_fini(&box->traffic);
	worker_destroy(box->worker);
	publish_destroy(box->publisher);
	return 0;
}

static void
do_register(struct box *box, enum agent_id agent, be32 home_address, be32 care_of_address)
{
	struct secret key;
	struct mip_request request = {
		.type = MIP_REGISTRATION_REQUEST,
		.flags = MIP_FLAG_D | MIP_FLAG_T,
		.lifetime_be = htobe16(600),
		.home_address = home_address,
		.home_agent = box->config->agents[agent].address,
		.care_of_address = care_of_address,
		.identification_be = ntp_to_be(wall_clock(box)),
	};
	struct mip_builder builder;
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	struct reg_datagram datagram = {
		.origin = agent == AGENT_X_HA ? ORIGIN_EXTERNAL : ORIGIN_INTERNAL,
		.src = care_of_address,
		.dst = request.home_agent,
		.src_port_be = htobe16(434),
		.dst_port_be = htobe16(MIP_PORT),
		.payload = bytes,
	};

	secret_from_hex(&key, KEY);
	mip_begin(&builder, bytes, sizeof(bytes), &request, sizeof(request));
	mip_add_auth(&builder, box->auth, MIP_EXT_MN_HA_AUTH, SPI, MIP_AUTH_HMAC_MD5, &key);
	datagram.len = (uint16_t)mip_end(&builder);
	registration_input(box->registration, &datagram, 1, mono_now());
}

static struct ike_add_sa
sa_ask(be32 src, be32 dst, be32 spi_be, const struct traffic_selector *from,
       const struct traffic_selector *to)
{
	return (struct ike_add_sa){
		.id = {.src = src, .dst = dst, .spi_be = spi_be},
		.replay_window = 32,
		.encryption = 20, /* AES-GCM-16 */
		.integrity = 1024,
		.encryption_key_size = 20,
		.src_selector_count = 1,
		.dst_selector_count = 1,
		.src_selectors = {*from},
		.dst_selectors = {*to},
		.peer = "mobile@example.org",
	};
}

/* What charon asks for when a mobile's tunnel comes up. */
static int
connect_vpn(struct box *box, uint32_t i)
{
	const struct traffic_selector anything = {0, UINT32_MAX, 0, UINT16_MAX, 0, {0}};
	const struct traffic_selector tia = {
		be32toh(TIA(i)), be32toh(TIA(i)), 0, UINT16_MAX, 0, {0}};
	const struct ike_get_spi wish = {.src = X_HOME(i), .dst = GATEWAY};
	struct ike_add_sa in, out = sa_ask(GATEWAY, X_HOME(i), htobe32(SPI + i), &anything, &tia);
	const struct ike_policy policy = {.direction = IKE_DIRECTION_OUT,
					  .priority = 1,
					  .spi_be = htobe32(SPI + i),
					  .src = GATEWAY,
					  .dst = X_HOME(i),
					  .src_selector = anything,
					  .dst_selector = tia};
	struct mono_time now = mono_now();
	be32 spi_be;

	if (sa_get_spi(box->sas, &wish, EPOCH, &spi_be) != IKE_STATUS_OK)
		return -1;
	in = sa_ask(X_HOME(i), GATEWAY, spi_be, &tia, &anything);
	in.flags = IKE_SA_INBOUND | IKE_SA_UPDATE;
	return sa_add(box->sas, &in, EPOCH, now) == IKE_STATUS_OK &&
			       sa_add(box->sas, &out, EPOCH, now) == IKE_STATUS_OK &&
			       sa_policy_add(box->sas, &policy, now) == IKE_STATUS_OK
		       ? 0
		       : -1;
}

/* All of them come. 0 or -1. */
static int
fill(struct box *box)
{
	for (uint32_t i = 0; i < MOBILES; i++) {
		do_register(box, AGENT_X_HA, X_HOME(i), CARE_OF(i));
		if (connect_vpn(box, i) != 0)
			return -1;
		do_register(box, AGENT_I_HA, I_HOME(i), TIA(i));
		publish_reclaim(box->publisher);
	}
	return box->accepted == 2 * MOBILES && sa_count(box->sas) == 2 * MOBILES ? 0 : -1;
}

static int
box_init(struct box *box)
{
	box->auth = mip_auth_create();
	box->injector.pool =
		rte_pktmbuf_pool_create("bench", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	box->injector.mailboxes = &box->mailbox;
	box->injector.mailbox_count = 1;
	if (box->auth == NULL || box->injector.pool == NULL || packet_register() != 0 ||
	    mailbox_init(&box->mailbox, 0, 0) != 0)
		return -1;
	if (measure_empty(box) != 0)
		return -1;
	box->at_start = usage_now();
	if (load_config(box) != 0)
		return -1;
	box->with_config = usage_now();
	if (tables_init(box, 2 * MOBILES, 2 * MOBILES) != 0 || control_init(box) != 0)
		return -1;
	box->with_tables = usage_now();
	if (fill(box) != 0)
		return -1;
	box->at_end = usage_now();
	return 0;
}

static double
a_mobile(struct usage usage)
{
	return (double)(usage.heap + usage.huge) / MOBILES;
}

static void
run(struct bench *bench, void *argument)
{
	const struct box *box = argument;
	struct usage tables =
		difference(box->empty, difference(box->with_config, box->with_tables));
	struct usage all = difference(box->empty, difference(box->at_start, box->at_end));

	while (bench_next(bench))
		bench_took(bench, 1e-3); /* nothing is timed */
	bench_report(bench, "configuration", a_mobile(difference(box->at_start, box->with_config)));
	bench_report(bench, "tables", a_mobile(tables));
	bench_report(bench, "mobiles", a_mobile(difference(box->with_tables, box->at_end)));
	bench_report(bench, "bytes/mobile", a_mobile(all));
	bench_report(bench, "huge", (double)all.huge / MOBILES);
	bench_report(bench, "empty-MiB", (double)(box->empty.heap + box->empty.huge) / (1 << 20));
}

int
main(int argc, char **argv)
{
	static struct box box;
	char *eal[] = {argv[0],		 "--in-memory", "--no-pci",
		       "--no-telemetry", "-l0",		"--log-level=3"};

	if (rte_eal_init(ARRAY_COUNT(eal), eal) < 0 || box_init(&box) != 0) {
		fprintf(stderr, "memory_bench: cannot start; are huge pages free?\n");
		return 1;
	}
	bench_add("memory/three-layers", run, &box);
	return bench_main(argc, argv);
}
