/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/gateway.h"

#include <errno.h>
#include <rte_launch.h>
#include <string.h>

#include "control/settings.h"
#include "lib/log.h"

#define NEXT_HOPS_MAX 65536
#define POOL_CACHE_SIZE 256
#define PUNTS_A_ROUND 256
#define TIMERS_A_ROUND 1024
#define TICK_MS 100
#define PORT_CHECK_MS 1000
#define DRAIN_MS 500 /* to answer what has come in before the box stops */

static struct ntp_time
wall_clock(void *context)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ntp_from_timespec(now);
}

static int
send_datagram(void *context, const struct udp_flow *flow, const void *payload, uint16_t len,
	      enum inject_kind kind)
{
	struct gateway *gateway = context;

	return inject_udp(&gateway->injector, flow, payload, len, kind);
}

static void
slot_ended(void *context, uint32_t slot)
{
	struct gateway *gateway = context;

	traffic_begin(&gateway->traffic, slot);
}

static int
open_ports(struct gateway *gateway)
{
	const struct config *config = gateway->config;
	char problem[256];

	gateway->pool =
		rte_pktmbuf_pool_create("packets", config->eal.buffers, POOL_CACHE_SIZE, 0,
					RTE_MBUF_DEFAULT_BUF_SIZE + RECIPE_HEADROOM, SOCKET_ID_ANY);
	if (gateway->pool == NULL) {
		log_errorx("eal.buffers = %u: no memory for so many packet buffers; lower it or "
			   "reserve more huge pages",
			   config->eal.buffers);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < config->port_count; i++) {
		const struct config_port *wanted = &config->ports[i];
		struct port_config port_config = {
			.device = wanted->device,
			.queues = (uint16_t)config->eal.worker_count,
			.mtu = wanted->mtu,
			.rx_descriptors = wanted->rx_descriptors,
			.tx_descriptors = wanted->tx_descriptors,
			.pool = gateway->pool,
			.is_external = !wanted->is_internal,
		};
		int error = port_open(&port_config, &gateway->ports[i], problem, sizeof(problem));

		if (error != 0) {
			log_errorx("port \"%s\": device \"%s\": %s", wanted->name, wanted->device,
				   problem);
			return error;
		}
		if (port_config.queues > 1)
			log_info("port \"%s\": %s chooses the worker", wanted->name,
				 port_spread_text(&gateway->ports[i]));
		memcpy(gateway->macs[i], gateway->ports[i].mac, ETH_ADDRESS_SIZE);
		gateway->port_count++;
	}
	return 0;
}

int
gateway_settings(const struct gateway *gateway, const struct config *config,
		 struct live_settings *settings)
{
	int error =
		settings_make(config, (const uint8_t(*)[ETH_ADDRESS_SIZE])gateway->macs, settings);

	if (error == -ENOSPC)
		log_errorx("more than %u addresses of the box and broadcast addresses",
			   OWN_ADDRESSES_MAX / 2);
	return error;
}

static int
create_tables(struct gateway *gateway)
{
	const struct config *config = gateway->config;
	struct live_settings settings;
	struct publish_limits limits = {
		.worker_count = config->eal.worker_count,
		.bindings_max = config->limits.bindings_max,
		.next_hops_max = NEXT_HOPS_MAX,
		.sas_max = config->vpn.enabled ? config->vpn.sas_max : 0,
		.socket = SOCKET_ID_ANY,
	};
	int error = gateway_settings(gateway, config, &settings);

	if (error != 0)
		return error;
	gateway->publisher = publish_create(&limits);
	if (gateway->publisher == NULL) {
		log_errorx("limits.bindings_max = %u: no memory for the tables; lower it (or "
			   "vpn.sas_max) or reserve more huge pages",
			   config->limits.bindings_max);
		return -ENOMEM;
	}
	return publish_settings(gateway->publisher, &settings);
}

static int
create_workers(struct gateway *gateway)
{
	const struct config *config = gateway->config;
	uint16_t port_ids[CONFIG_PORTS_MAX];
	bool multi_segments[CONFIG_PORTS_MAX];
	struct worker_config worker_config = {
		.worker_count = config->eal.worker_count,
		.socket = SOCKET_ID_ANY,
		.port_count = (uint16_t)gateway->port_count,
		.port_ids = port_ids,
		.port_multi_segments = multi_segments,
		.tables = publish_tables(gateway->publisher),
		.pool = gateway->pool,
		.slot_count = config->limits.bindings_max + 1, /* all TIAs' */
		.reassembly_entries = config->limits.reassembly_entries,
		.reassembly_timeout_ms = config->limits.reassembly_timeout_ms,
		.idle_sleep = config->eal.idle_sleep,
	};

	for (unsigned i = 0; i < gateway->port_count; i++) {
		port_ids[i] = gateway->ports[i].id;
		multi_segments[i] = gateway->ports[i].multi_segments;
	}
	for (unsigned i = 0; i < config->eal.worker_count; i++) {
		int error = mailbox_init(&gateway->mailboxes[i], i, SOCKET_ID_ANY);

		if (error != 0)
			return error;
		worker_config.id = i;
		worker_config.mailbox = &gateway->mailboxes[i];
		gateway->workers[i] = worker_create(&worker_config, gateway->workers);
		if (gateway->workers[i] == NULL) {
			mailbox_fini(&gateway->mailboxes[i]);
			return -ENOMEM;
		}
		gateway->worker_count++;
	}
	gateway->injector = (struct injector){
		.pool = gateway->pool,
		.mailboxes = gateway->mailboxes,
		.mailbox_count = gateway->worker_count,
	};
	return traffic_init(&gateway->traffic, gateway->workers, gateway->worker_count,
			    config->limits.bindings_max);
}

static int
create_registration(struct gateway *gateway, struct mono_time now)
{
	struct route_context route_context = {
		.publisher = gateway->publisher,
		.injector = &gateway->injector,
		.drops = &gateway->drops,
		.macs = (const uint8_t(*)[ETH_ADDRESS_SIZE])gateway->macs,
		.next_hops_max = NEXT_HOPS_MAX,
	};
	struct registration_context registration_context = {
		.config = gateway->config,
		.publisher = gateway->publisher,
		.drops = &gateway->drops,
		.send = send_datagram,
		.wall_clock = wall_clock,
		.slot_ended = slot_ended,
		.context = gateway,
	};

	gateway->wheel = timer_wheel_create(now, gateway);
	gateway->routes = route_create(&route_context, gateway->config);
	if (gateway->wheel == NULL || gateway->routes == NULL)
		return -ENOMEM;
	registration_context.wheel = gateway->wheel;
	registration_context.routes = gateway->routes;
	gateway->registration = registration_create(&registration_context, now);
	return gateway->registration == NULL ? -ENOMEM : 0;
}

static int
create_punt_handlers(struct gateway *gateway, struct mono_time now)
{
	const struct config *config = gateway->config;
	struct binding_table *bindings = registration_bindings(gateway->registration);
	struct icmp_context icmp_context = {
		.injector = &gateway->injector,
		.drops = &gateway->drops,
		.routes = gateway->routes,
		.bindings = bindings,
		.sas = gateway->sas,
		.config = config,
	};
	struct advertiser_context advertiser_context = {
		.injector = &gateway->injector,
		.drops = &gateway->drops,
		.macs = (const uint8_t(*)[ETH_ADDRESS_SIZE])gateway->macs,
	};

	for (unsigned i = 0; i < AGENT_COUNT; i++)
		if (config->agents[i].enabled)
			icmp_context.agent_addresses[i] = config->agents[i].address;
	gateway->icmp = icmp_create(&icmp_context, now);
	gateway->advertiser = advertiser_create(&advertiser_context, config, now);
	gateway->calls = control_calls_create();
	if (gateway->icmp == NULL || gateway->advertiser == NULL || gateway->calls == NULL)
		return -ENOMEM;
	route_on_unreachable(gateway->routes, icmp_host_unreachable, gateway->icmp);
	gateway->broadcast = (struct broadcast_context){
		.injector = &gateway->injector,
		.drops = &gateway->drops,
		.bindings = bindings,
		.config = config,
	};
	gateway->punt = (struct punt_context){
		.mailboxes = gateway->mailboxes,
		.mailbox_count = gateway->worker_count,
		.drops = &gateway->drops,
		.registrations = gateway->registration,
		.routes = gateway->routes,
		.icmp = gateway->icmp,
		.advertiser = gateway->advertiser,
		.broadcast = &gateway->broadcast,
		.ike = gateway->ike,
	};
	return 0;
}

int
gateway_init(struct gateway *gateway, struct config *config, const char *config_path)
{
	struct mono_time now = mono_now();
	int error;

	*gateway = (struct gateway){
		.config = config,
		.config_path = config_path,
		.started = now,
	};
	error = packet_register();
	if (error == 0)
		error = open_ports(gateway);
	if (error == 0)
		error = create_tables(gateway);
	if (error == 0)
		error = create_workers(gateway);
	if (error == 0)
		error = create_registration(gateway, now);
	if (error == 0)
		error = gateway_vpn_create(gateway, now);
	if (error == 0)
		error = create_punt_handlers(gateway, now);
	if (error != 0)
		log_error(-error, "cannot start");
	return error;
}

void
gateway_fini(struct gateway *gateway)
{
	control_calls_destroy(gateway->calls);
	broadcast_fini(&gateway->broadcast);
	advertiser_destroy(gateway->advertiser);
	icmp_destroy(gateway->icmp);
	registration_destroy(gateway->registration);
	gateway_vpn_destroy(gateway); /* bindings have to do with SAs */
	route_destroy(gateway->routes);
	timer_wheel_destroy(gateway->wheel);
	traffic_fini(&gateway->traffic);
	for (unsigned i = 0; i < gateway->worker_count; i++) {
		worker_destroy(gateway->workers[i]);
		mailbox_fini(&gateway->mailboxes[i]);
	}
	publish_destroy(gateway->publisher);
	for (unsigned i = 0; i < gateway->port_count; i++)
		port_close(&gateway->ports[i]);
	rte_mempool_free(gateway->pool);
	config_unload(gateway->config);
}

int
gateway_start(struct gateway *gateway)
{
	/* worker n is lcore n + 1: see eal_start() */
	for (unsigned i = 0; i < gateway->worker_count; i++) {
		int error = rte_eal_remote_launch(worker_run, gateway->workers[i], i + 1);

		if (error != 0) {
			log_error(-error, "cannot start worker %u", i);
			return error;
		}
		gateway->workers_run = true;
	}
	return 0;
}

/* A port that has been taken away is no longer polled; the others go on. */
static void
check_ports(struct gateway *gateway)
{
	for (unsigned i = 0; i < gateway->port_count; i++) {
		uint32_t bit = 1u << i;

		if (gateway->ports_gone & bit || port_is_present(&gateway->ports[i]))
			continue;
		gateway->ports_gone |= bit;
		for (unsigned w = 0; w < gateway->worker_count; w++)
			atomic_fetch_or(&gateway->workers[w]->port_down, bit);
		log_errorx("port \"%s\" (%s) has disappeared; the other ports go on. Restart "
			   "homeport when it is back",
			   gateway->config->ports[i].name, gateway->config->ports[i].device);
	}
}

unsigned
gateway_round(struct gateway *gateway)
{
	struct mono_time now = mono_now();
	unsigned done = punt_drain(&gateway->punt, PUNTS_A_ROUND, now);

	done += broadcast_run(&gateway->broadcast);
	done += timer_wheel_run(gateway->wheel, now, TIMERS_A_ROUND);
	done += gateway_vpn_round(gateway, now);
	if (!mono_is_before(now, gateway->next_tick)) {
		gateway->next_tick = mono_add_ms(now, TICK_MS);
		route_tick(gateway->routes, now);
		advertiser_tick(gateway->advertiser, now);
		tracing_tick(&gateway->tracing, now);
	}
	if (!mono_is_before(now, gateway->next_port_check)) {
		gateway->next_port_check = mono_add_ms(now, PORT_CHECK_MS);
		check_ports(gateway);
	}
	tunnel_alarm_look(&gateway->tunnel_alarm, gateway->workers, gateway->worker_count, now);
	publish_reclaim(gateway->publisher);
	control_calls_run(gateway->calls);
	return done;
}

/* True when the workers have taken all that the control core gave them to send: what a worker has taken
 * it sends before it looks whether to stop. */
static bool
has_said_all(const struct gateway *gateway)
{
	for (unsigned i = 0; i < gateway->worker_count; i++) {
		if (rte_ring_empty(gateway->mailboxes[i].inject) == 0)
			return false;
	}
	return true;
}

/* charon says farewell to its peers by way of the box. Ends since charon_tick() kills one that does not. */
static void
stop_charon(struct gateway *gateway)
{
	const struct timespec pause = {.tv_nsec = (long)NS_PER_MS};

	if (gateway->charon == NULL)
		return;
	charon_stop(gateway->charon, mono_now());
	while (charon_is_running(gateway->charon)) {
		if (gateway_round(gateway) == 0)
			nanosleep(&pause, NULL);
	}
}

void
gateway_stop(struct gateway *gateway)
{
	struct mono_time end;

	if (!gateway->workers_run)
		return;
	stop_charon(gateway);
	end = mono_add_ms(mono_now(), DRAIN_MS);
	while ((gateway_round(gateway) > 0 || !has_said_all(gateway)) &&
	       mono_is_before(mono_now(), end))
		continue;
	for (unsigned i = 0; i < gateway->worker_count; i++)
		atomic_store(&gateway->workers[i]->stop, true);
	rte_eal_mp_wait_lcore();
}
