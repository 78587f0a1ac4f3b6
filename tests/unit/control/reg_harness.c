/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/reg_harness.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "tests/unit/control/fake_network.h"

static struct secret
key_from(uint8_t first)
{
	struct secret key = {.len = 16};

	for (unsigned i = 0; i < 16; i++)
		key.bytes[i] = (uint8_t)(first + i);
	return key;
}

be32
harness_address(const char *text)
{
	be32 address;
	int rc = address_parse(text, &address);

	assert(rc == 0);
	(void)rc;
	return address;
}

static void
add_subscriber(struct harness *harness, const char *home_address, const char *nai,
	       enum replay_method replay)
{
	unsigned index = harness->config.subscriber_count++;

	harness->associations[index] = (struct config_association){
		.spi = 256,
		.algorithm = MIP_AUTH_HMAC_MD5,
		.key = key_from(0x00),
		.replay = replay,
		.window_sec = 7,
	};
	harness->subscribers[index] = (struct config_subscriber){
		.agent = harness->agent,
		.home_address = harness_address(home_address),
		.nai = (char *)nai,
		.association_count = 1,
		.associations = &harness->associations[index],
	};
}

static void
fill_agent(struct config_agent *agent, struct prefix *trusted)
{
	*agent = (struct config_agent){
		.enabled = true,
		.address = harness_address("10.1.0.1"),
		.lifetime_max_sec = 3600,
		.simultaneous_max = 3,
		.reverse_tunnel = REVERSE_TUNNEL_OPTIONAL,
		.gre = true,
		.minimal_encapsulation = true,
		.broadcasts = true,
		.udp_tunnel = true,
		.udp_tunnel_forced = true,
		.udp_keepalive_sec = 110,
		.udp_lifetime_max_sec = 3600,
		.revocation = true,
		.trusted_networks = trusted,
		.trusted_network_count = 1,
	};
}

void
harness_init(struct harness *harness, enum agent_id agent)
{
	struct config *config = &harness->config;

	memset(harness, 0, sizeof(*harness));
	harness->agent = agent;
	harness->trusted = (struct prefix){harness_address("172.16.0.0"), 16};
	fill_agent(&config->agents[agent], &harness->trusted);
	harness->home_network = (struct config_home_network){
		.agent = agent,
		.prefix = {harness_address("10.1.0.0"), 24},
		.port = 1,
		.pool_first = harness_address("10.1.0.100"),
		.pool_last = harness_address("10.1.0.102"),
	};
	config->home_networks = &harness->home_network;
	config->home_network_count = 1;
	config->subscribers = harness->subscribers;
	add_subscriber(harness, "10.1.0.7", "mn1@example.com", REPLAY_TIMESTAMPS);
	add_subscriber(harness, "10.1.0.8", NULL, REPLAY_NONCES);
	add_subscriber(harness, "0.0.0.0", "dyn@example.com", REPLAY_TIMESTAMPS);
	harness->foreign_agent = (struct config_foreign_agent){
		.address = harness_address("172.16.5.1"),
		.association = {.spi = 300, .algorithm = MIP_AUTH_HMAC_MD5, .key = key_from(0x10)},
		.revocation = true,
	};
	config->foreign_agents = &harness->foreign_agent;
	config->foreign_agent_count = 1;
	config->limits.bindings_max = 16;
	config->limits.auth_failure_replies_per_sec = 2;
	harness->wall = (struct ntp_time){HARNESS_CLOCK - (5ull << 32)};
	harness->now = (struct mono_time){1000 * NS_PER_SEC};
}

static int
capture(void *context, const struct udp_flow *flow, const void *payload, uint16_t len,
	enum inject_kind kind)
{
	struct harness *harness = context;
	struct harness_sent *sent = &harness->sent[harness->sent_count % HARNESS_SENT_MAX];

	if (harness->send_error != 0)
		return harness->send_error;
	if (len > sizeof(sent->bytes))
		return -EMSGSIZE;
	sent->flow = *flow;
	sent->len = len;
	sent->kind = kind;
	memcpy(sent->bytes, payload, len);
	harness->sent_count++;
	return 0;
}

static struct ntp_time
wall_clock(void *context)
{
	return ((const struct harness *)context)->wall;
}

void
harness_start(struct harness *harness)
{
	struct registration_context context = {
		.config = &harness->config,
		.drops = &harness->drops,
		.send = capture,
		.wall_clock = wall_clock,
		.context = harness,
	};

	context.publisher = harness->publisher = fake_publisher_create();
	context.routes = harness->routes = fake_routes_create();
	context.wheel = harness->wheel = timer_wheel_create(harness->now, harness);
	harness->auth = mip_auth_create();
	harness->engine = registration_create(&context, harness->now);
	assert(harness->engine != NULL && harness->auth != NULL);
	/* the box has been up for a while when the first request comes */
	harness->wall.units = HARNESS_CLOCK;
	harness->now = mono_add_sec(harness->now, 5);
}

void
harness_stop(struct harness *harness)
{
	registration_destroy(harness->engine);
	timer_wheel_destroy(harness->wheel);
	fake_routes_destroy(harness->routes);
	fake_publisher_destroy(harness->publisher);
	mip_auth_destroy(harness->auth);
}

void
harness_pass(struct harness *harness, unsigned sec)
{
	for (unsigned i = 0; i < sec; i++) {
		harness->wall.units += 1ull << 32;
		harness->now = mono_add_sec(harness->now, 1);
		timer_wheel_run(harness->wheel, harness->now, 1000);
	}
}

static void
add_raw(struct mip_builder *builder, const uint8_t *bytes, size_t len)
{
	if (len > 0 && builder->len + len <= builder->size) {
		memcpy(builder->bytes + builder->len, bytes, len);
		builder->len += len;
	}
}

static void
add_auth(struct harness *harness, struct mip_builder *builder, uint8_t type, uint32_t spi,
	 uint8_t first)
{
	struct secret key = key_from(first);
	int rc = mip_add_auth(builder, harness->auth, type, spi, MIP_AUTH_HMAC_MD5, &key);

	assert(rc == 0);
	(void)rc;
}

static be32
address_or(const char *text, const char *otherwise)
{
	return harness_address(text != NULL ? text : otherwise);
}

static size_t
build(struct harness *harness, const struct ask *ask, uint8_t *bytes, size_t size)
{
	struct mip_builder builder;
	struct mip_request fixed = {
		.type = MIP_REGISTRATION_REQUEST,
		.flags = ask->flags != 0 ? ask->flags : MIP_FLAG_D | MIP_FLAG_T,
		.lifetime_be = htobe16(ask->lifetime_sec != 0 ? ask->lifetime_sec : 1800),
		.home_address = address_or(ask->home_address, "10.1.0.7"),
		.home_agent = address_or(ask->home_agent, "10.1.0.1"),
		.care_of_address = address_or(ask->care_of, "172.16.5.9"),
		.identification_be = htobe64(ask->identification != 0 ? ask->identification
								      : harness->wall.units),
	};

	if (ask->is_deregistration)
		fixed.lifetime_be = 0;
	mip_begin(&builder, bytes, size, &fixed, sizeof(fixed));
	if (ask->nai != NULL)
		mip_add(&builder, MIP_EXT_NAI, ask->nai, strlen(ask->nai));
	add_raw(&builder, ask->extension, ask->extension_len);
	if (!ask->has_no_auth)
		add_auth(harness, &builder, MIP_EXT_MN_HA_AUTH, ask->spi != 0 ? ask->spi : 256,
			 ask->has_wrong_key ? 0x77 : 0x00);
	add_raw(&builder, ask->late_extension, ask->late_extension_len);
	if (ask->is_relayed)
		add_auth(harness, &builder, MIP_EXT_FA_HA_AUTH, 300,
			 ask->has_wrong_fa_key ? 0x77 : 0x10);
	assert(mip_end(&builder) > 0);
	return builder.len;
}

struct reg_datagram
harness_datagram(const struct harness *harness, const struct ask *ask, const void *bytes,
		 size_t len)
{
	bool is_inside = (harness->agent == AGENT_I_HA) != ask->from_other_side;
	const char *care_of = ask->care_of != NULL ? ask->care_of : "172.16.5.9";

	return (struct reg_datagram){
		.origin = is_inside ? ORIGIN_INTERNAL : ORIGIN_EXTERNAL,
		.port = is_inside ? 1 : 0,
		.flags = ask->packet_flags,
		.src = address_or(ask->source, care_of),
		.dst = address_or(ask->destination, "10.1.0.1"),
		.src_port_be = htobe16(40000),
		.dst_port_be = htobe16(MIP_PORT),
		.payload = bytes,
		.len = (uint16_t)len,
	};
}

void
harness_tick(struct harness *harness)
{
	harness->wall.units += (1ull << 32) / 1000;
	harness->now = mono_add_ms(harness->now, 1);
}

const struct mip_message *
harness_input(struct harness *harness, const struct ask *ask, const void *bytes, size_t len)
{
	const struct reg_datagram datagram = harness_datagram(harness, ask, bytes, len);
	unsigned before = harness->sent_count;

	registration_input(harness->engine, &datagram, 1, harness->now);
	harness_tick(harness);
	if (harness->sent_count == before)
		return NULL;
	if (mip_parse(harness_last(harness)->bytes, harness_last(harness)->len, &harness->reply) !=
	    MIP_PARSE_OK)
		return NULL;
	return &harness->reply;
}

const struct mip_message *
harness_ask(struct harness *harness, const struct ask *ask)
{
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];

	return harness_input(harness, ask, bytes, build(harness, ask, bytes, sizeof(bytes)));
}

void
harness_ask_all(struct harness *harness, const struct ask *asks, unsigned count)
{
	uint8_t bytes[HARNESS_SENT_MAX][MIP_MESSAGE_SIZE_MAX];
	struct reg_datagram datagrams[HARNESS_SENT_MAX];

	assert(count <= HARNESS_SENT_MAX);
	for (unsigned i = 0; i < count; i++)
		datagrams[i] =
			harness_datagram(harness, &asks[i], bytes[i],
					 build(harness, &asks[i], bytes[i], sizeof(bytes[i])));
	registration_input(harness->engine, datagrams, count, harness->now);
}

const struct harness_sent *
harness_last(const struct harness *harness)
{
	return &harness->sent[(harness->sent_count - 1) % HARNESS_SENT_MAX];
}

int
harness_code(const struct mip_message *reply)
{
	return reply != NULL && reply->type == MIP_REGISTRATION_REPLY ? reply->reply.code : -1;
}
