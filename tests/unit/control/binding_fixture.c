/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/binding_fixture.h"

void
note_end(const struct binding *binding, enum binding_end why, bool is_last, struct mono_time now,
	 void *context)
{
	struct fixture *fixture = context;

	assert_true(binding->in_use);
	fixture->ended[why]++;
	fixture->last_ended += is_last;
}

int
binding_fixture_start(void **state)
{
	static struct fixture fixture;
	struct binding_context context = {.ended = note_end, .context = &fixture};

	memset(&fixture, 0, sizeof(fixture));
	fixture.networks[0] = (struct config_home_network){.prefix = {HOST(0), 24}, .port = -1};
	fixture.networks[1] = (struct config_home_network){.prefix = {HOST(0x200), 24}, .port = 1};
	fixture.config.home_networks = fixture.networks;
	fixture.config.home_network_count = 2;
	fixture.config.limits.bindings_max = BINDINGS_MAX;
	fixture.subscriber_config.home_address = HOST(7);
	fixture.subscriber.config = &fixture.subscriber_config;
	fixture.subscriber.successor = &fixture.subscriber;
	fixture.now = (struct mono_time){NS_PER_SEC};
	context.config = &fixture.config;
	context.publisher = fixture.publisher = fake_publisher_create();
	context.routes = fixture.routes = fake_routes_create();
	context.wheel = fixture.wheel = timer_wheel_create(fixture.now, NULL);
	fixture.table = binding_table_create(&context);
	*state = &fixture;
	return fixture.table != NULL ? 0 : -1;
}

int
binding_fixture_stop(void **state)
{
	struct fixture *fixture = *state;

	binding_table_destroy(fixture->table);
	timer_wheel_destroy(fixture->wheel);
	fake_routes_destroy(fixture->routes);
	fake_publisher_destroy(fixture->publisher);
	return 0;
}

void
pass(struct fixture *fixture, unsigned sec)
{
	fixture->now = mono_add_sec(fixture->now, sec);
	timer_wheel_run(fixture->wheel, fixture->now, 1000);
}

int
register_with(struct fixture *fixture, be32 home_address, be32 care_of, uint8_t request_flags)
{
	const struct binding_terms terms = {
		.home_address = home_address,
		.care_of_address = care_of,
		.agent_address = AGENT,
		.tunnel_dst = care_of,
		.source = care_of,
		.lifetime_sec = 1000,
		.network = binding_network(&fixture->config, AGENT_X_HA, home_address),
		.agent = AGENT_X_HA,
		.request_flags = request_flags,
		.kind = TUNNEL_IPIP,
		.subscriber = &fixture->subscriber,
	};

	return binding_register(fixture->table, &terms, (request_flags & MIP_FLAG_S) != 0,
				fixture->now);
}

struct tunnel_key
tunnel(be32 agent, be32 far_end, uint16_t port)
{
	return (struct tunnel_key){.agent = agent,
				   .far_end = far_end,
				   .port_be = htobe16(port),
				   .protocol = port != 0 ? IP_PROTOCOL_UDP : IP_PROTOCOL_IPIP};
}

const struct recipe *
published(const struct fixture *fixture, be32 home_address)
{
	return publish_recipes_find(fixture->publisher, home_address);
}
