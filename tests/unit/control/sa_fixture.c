/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/sa_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "control/publish.h"
#include "control/route.h"

static void
note_end(const struct binding *binding, enum binding_end why, bool is_last, struct mono_time now,
	 void *context)
{
	struct sa_fixture *f = context;

	f->ended++;
}

static void
note_expire(const struct ike_expire *expire, void *context)
{
	struct sa_fixture *f = context;

	f->expire = *expire;
	if (expire->is_hard)
		f->hard++;
	else
		f->soft++;
}

static void
note_mapping(const struct ike_mapping *mapping, void *context)
{
	struct sa_fixture *f = context;

	f->mapping = *mapping;
	f->mappings++;
}

static void
tunnel_changed(be32 tia, struct mono_time now, void *context)
{
	struct sa_fixture *f = context;

	f->tunnel_changes++;
	binding_tia_changed(f->bindings, tia, now);
}

static void
configure(struct sa_fixture *f)
{
	f->networks[0] = (struct config_home_network){
		.agent = AGENT_X_HA, .prefix = {X_HOA(0), 24}, .port = -1};
	f->networks[1] = (struct config_home_network){
		.agent = AGENT_I_HA, .prefix = {I_HOA(0), 24}, .port = -1};
	f->config.home_networks = f->networks;
	f->config.home_network_count = 2;
	f->config.port_count = 2;
	f->config.ports[1].is_internal = true;
	f->config.agents[AGENT_X_HA].address = X_HA;
	f->config.agents[AGENT_I_HA].address = I_HA;
	f->config.limits.bindings_max = BINDINGS_MAX;
	f->config.vpn = (struct config_vpn){
		.enabled = true,
		.address = GATEWAY,
		.tia_networks = {{TIA(0), 24}},
		.tia_network_count = 1,
		.sas_max = SAS_MAX,
		.replay_window = 1024,
		.path_mtu_min = 576,
	};
	f->config.ike.grace_sec = 60;
}

static struct binding_table *
bindings_create(struct sa_fixture *f)
{
	const struct binding_context context = {
		.ended = note_end,
		.context = f,
		.config = &f->config,
		.publisher = f->publisher,
		.routes = f->routes,
		.wheel = f->wheel,
	};

	return binding_table_create(&context);
}

void
sa_fixture_grow(struct sa_fixture *f, unsigned bindings_max)
{
	binding_table_destroy(f->bindings);
	f->config.limits.bindings_max = bindings_max;
	f->bindings = bindings_create(f);
	assert_non_null(f->bindings);
	binding_table_use_sas(f->bindings, f->sas);
}

int
sa_fixture_start(void **state)
{
	static struct sa_fixture fixture;
	struct sa_fixture *f = &fixture;
	struct sa_context sas = {
		.expire = note_expire,
		.mapping = note_mapping,
		.tunnel_changed = tunnel_changed,
		.context = f,
	};

	memset(f, 0, sizeof(*f));
	configure(f);
	f->subscriber.config = &f->subscriber_config;
	f->subscriber.successor = &f->subscriber;
	f->now = (struct mono_time){NS_PER_SEC};
	sas.config = &f->config;
	sas.publisher = f->publisher = fake_publisher_create();
	f->routes = fake_routes_create();
	f->wheel = timer_wheel_create(f->now, NULL);
	fake_routes_set_port(f->routes, 0);
	f->bindings = bindings_create(f);
	f->sas = sa_table_create(&sas, f->now);
	if (f->bindings == NULL || f->sas == NULL)
		return -1;
	binding_table_use_sas(f->bindings, f->sas);
	*state = f;
	return 0;
}

int
sa_fixture_stop(void **state)
{
	struct sa_fixture *f = *state;

	fake_esp_fail(false);
	sa_flush(f->sas, f->now);
	assert_int_equal(sa_count(f->sas), 0);
	sa_table_destroy(f->sas);
	binding_table_destroy(f->bindings);
	timer_wheel_destroy(f->wheel);
	fake_routes_destroy(f->routes);
	fake_publisher_destroy(f->publisher);
	assert_int_equal(fake_esp_keys(), 0);
	return 0;
}

void
sa_fixture_pass(struct sa_fixture *f, unsigned sec)
{
	for (unsigned i = 0; i < sec; i++) {
		f->now = mono_add_sec(f->now, 1);
		timer_wheel_run(f->wheel, f->now, 1000);
		sa_table_tick(f->sas, f->now);
	}
}

static struct traffic_selector
host(be32 address)
{
	return (struct traffic_selector){be32toh(address), be32toh(address), 0, UINT16_MAX, 0, {0}};
}

static const struct traffic_selector anything = {0, UINT32_MAX, 0, UINT16_MAX, 0, {0}};

struct ike_sa_id
sa_id(be32 src, be32 dst, be32 spi_be)
{
	return (struct ike_sa_id){.src = src, .dst = dst, .spi_be = spi_be};
}

struct ike_add_sa
sa_inbound(be32 spi_be, be32 peer, be32 tia)
{
	return (struct ike_add_sa){
		.id = sa_id(peer, GATEWAY, spi_be),
		.flags = IKE_SA_INBOUND | IKE_SA_UPDATE,
		.replay_window = 32,
		.encryption = 20,
		.integrity = 1024,
		.encryption_key_size = 20,
		.src_selector_count = 1,
		.dst_selector_count = 1,
		.src_selectors = {host(tia)},
		.dst_selectors = {anything},
		.peer = "mobile@example.org",
	};
}

struct ike_add_sa
sa_outbound(uint32_t spi, be32 peer, be32 tia)
{
	struct ike_add_sa ask = sa_inbound(htobe32(spi), peer, tia);

	ask.id = sa_id(GATEWAY, peer, htobe32(spi));
	ask.flags = 0;
	ask.src_selectors[0] = anything;
	ask.dst_selectors[0] = host(tia);
	return ask;
}

struct ike_policy
sa_policy(uint32_t direction, be32 spi_be, be32 peer, be32 tia)
{
	bool is_out = direction == IKE_DIRECTION_OUT;

	return (struct ike_policy){
		.direction = direction,
		.priority = 1,
		.spi_be = spi_be,
		.src = is_out ? GATEWAY : peer,
		.dst = is_out ? peer : GATEWAY,
		.src_selector = is_out ? anything : host(tia),
		.dst_selector = is_out ? host(tia) : anything,
	};
}

be32
sa_spi_get(struct sa_fixture *f, be32 peer)
{
	struct ike_get_spi ask = {.src = peer, .dst = GATEWAY};
	be32 spi_be = 0;

	assert_int_equal(sa_get_spi(f->sas, &ask, EPOCH, &spi_be), IKE_STATUS_OK);
	return spi_be;
}

struct sa_pair
sa_connect(struct sa_fixture *f, be32 peer, uint16_t udp_port, be32 tia, uint32_t spi,
	   uint64_t epoch)
{
	struct sa_pair pair = {sa_spi_get(f, peer), htobe32(spi)};
	struct ike_add_sa in = sa_inbound(pair.in_be, peer, tia);
	struct ike_add_sa out = sa_outbound(spi, peer, tia);
	struct ike_policy policy = sa_policy(IKE_DIRECTION_OUT, pair.out_be, peer, tia);

	if (udp_port != 0) {
		in.flags |= IKE_SA_UDP;
		out.flags |= IKE_SA_UDP;
		in.src_port_be = out.dst_port_be = htobe16(udp_port);
		in.dst_port_be = out.src_port_be = htobe16(ESP_UDP_PORT);
	}
	assert_int_equal(sa_add(f->sas, &in, epoch, f->now), IKE_STATUS_OK);
	assert_int_equal(sa_add(f->sas, &out, epoch, f->now), IKE_STATUS_OK);
	assert_int_equal(sa_policy_add(f->sas, &policy, f->now), IKE_STATUS_OK);
	return pair;
}

void
sa_disconnect(struct sa_fixture *f, struct sa_pair pair, be32 peer, be32 tia)
{
	struct ike_policy policy = sa_policy(IKE_DIRECTION_OUT, pair.out_be, peer, tia);
	struct ike_sa_id in = sa_id(peer, GATEWAY, pair.in_be);
	struct ike_sa_id out = sa_id(GATEWAY, peer, pair.out_be);

	assert_int_equal(sa_policy_remove(f->sas, &policy, f->now), IKE_STATUS_OK);
	assert_int_equal(sa_remove(f->sas, &in, f->now), IKE_STATUS_OK);
	assert_int_equal(sa_remove(f->sas, &out, f->now), IKE_STATUS_OK);
}

enum ike_status
sa_move(struct sa_fixture *f, struct sa_pair pair, be32 from, be32 to, uint16_t udp_port)
{
	struct ike_update_sa in = {
		.id = sa_id(from, GATEWAY, pair.in_be),
		.new_src = to,
		.new_dst = GATEWAY,
		.new_src_port_be = htobe16(udp_port != 0 ? udp_port : ESP_UDP_PORT),
		.new_dst_port_be = htobe16(ESP_UDP_PORT),
		.is_udp = udp_port != 0,
	};
	struct ike_update_sa out = {
		.id = sa_id(GATEWAY, from, pair.out_be),
		.new_src = GATEWAY,
		.new_dst = to,
		.new_src_port_be = in.new_dst_port_be,
		.new_dst_port_be = in.new_src_port_be,
		.is_udp = in.is_udp,
	};
	enum ike_status status = sa_update(f->sas, &in, f->now);

	return status != IKE_STATUS_OK ? status : sa_update(f->sas, &out, f->now);
}

struct sa *
sa_live(const struct sa_fixture *f, be32 spi_be, be32 dst)
{
	struct sa_view view;

	if (!sa_find(f->sas, spi_be, dst, &view))
		return NULL;
	assert_ptr_equal(fake_publisher_sa(f->publisher, view.sa->slot), view.sa);
	return (struct sa *)(uintptr_t)view.sa;
}

bool
sa_current_is(const struct sa_fixture *f, be32 tia, be32 spi_be)
{
	struct sa_tunnel tunnel;

	return sa_tunnel_find(f->sas, tia, &tunnel) && tunnel.sa->spi_be == spi_be;
}

static int
bind_home_address(struct sa_fixture *f, enum agent_id agent, be32 home_address, be32 care_of,
		  enum tunnel_kind kind, bool keeps_others)
{
	const struct binding_terms terms = {
		.home_address = home_address,
		.care_of_address = care_of,
		.agent_address = f->config.agents[agent].address,
		.tunnel_dst = care_of,
		.tunnel_port_be = tunnel_is_udp(kind) ? htobe16(434) : 0,
		.source = care_of,
		.lifetime_sec = 1000,
		.network = binding_network(&f->config, agent, home_address),
		.agent = (uint8_t)agent,
		.request_flags = MIP_FLAG_T | (keeps_others ? MIP_FLAG_S : 0),
		.kind = (uint8_t)kind,
		.subscriber = &f->subscriber,
	};

	return binding_register(f->bindings, &terms, keeps_others, f->now);
}

int
sa_bind_x(struct sa_fixture *f, be32 home_address, be32 care_of, bool keeps_others)
{
	return bind_home_address(f, AGENT_X_HA, home_address, care_of, TUNNEL_UDP_IPIP,
				 keeps_others);
}

int
sa_bind_i(struct sa_fixture *f, be32 home_address, be32 care_of, enum tunnel_kind kind,
	  bool keeps_others)
{
	return bind_home_address(f, AGENT_I_HA, home_address, care_of, kind, keeps_others);
}

const struct recipe *
sa_published(const struct sa_fixture *f, be32 address)
{
	return publish_recipes_find(f->publisher, address);
}
