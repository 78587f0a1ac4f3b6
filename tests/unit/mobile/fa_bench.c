/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/mobile/fa_bench.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mip_revocation.h"

static const struct secret mobiles_key = {.len = 4, .bytes = "home"};

static void
on_to_mobile(void *context, const struct fa_to_mobile *message)
{
	struct fa_bench *bench = context;

	bench->to_mobile_count++;
	bench->to_mobile = *message;
	memcpy(bench->mobile_bytes, message->bytes, message->len);
	bench->to_mobile.bytes = bench->mobile_bytes;
}

static void
on_to_agent(void *context, const struct fa_peer *home_agent, const uint8_t *bytes, size_t len)
{
	struct fa_bench *bench = context;

	bench->to_agent_count++;
	bench->agent = *home_agent;
	bench->agent_len = len;
	memcpy(bench->agent_bytes, bytes, len);
}

static void
on_lost(void *context, const uint8_t mac[ETH_ADDRESS_SIZE], be32 home_address)
{
	struct fa_bench *bench = context;

	bench->lost_count++;
}

static void
on_changed(void *context, struct fa_visitor *visitor, bool is_here)
{
	struct fa_bench *bench = context;

	bench->changed_count++;
	bench->is_here = is_here;
}

static void
on_keepalive(void *context, struct fa_visitor *visitor)
{
	struct fa_bench *bench = context;

	bench->keepalive_count++;
}

static bool
is_own(void *context, be32 address)
{
	return address == FA_CARE_OF || address == FA_LINK_ADDRESS;
}

static uint16_t
path_mtu(void *context, be32 home_agent)
{
	const struct fa_bench *bench = context;

	return home_agent == FA_HOME_AGENT ? bench->path_mtu : 1500;
}

static void
draw(void *context, void *bytes, size_t len)
{
	struct fa_bench *bench = context;

	memset(bytes, ++bench->random, len);
}

static const struct fa_hooks hooks = {on_to_mobile, on_to_agent, on_lost,  on_changed,
				      on_keepalive, is_own,	 path_mtu, draw};

void
fa_bench_restart(struct fa_bench *bench)
{
	fa_relay_destroy(bench->relay);
	assert_int_equal(fa_relay_create(&bench->relay, &bench->config, &hooks, bench), 0);
	fa_relay_set_clock(bench->relay, (struct ntp_time){(uint64_t)FA_TIME << 32}, bench->now);
}

int
fa_bench_setup(void **state)
{
	struct fa_bench *bench = calloc(1, sizeof(*bench));

	bench->config = (struct fa_config){
		.care_of = FA_CARE_OF,
		.limits = {.visitors_max = 2,
			   .pending_max = 2,
			   .pending_sec = 7,
			   .lifetime_max_sec = 600},
		.tunnels = {.reverse = FA_REVERSE_OPTIONAL,
			    .gre = true,
			    .minimal = true,
			    .encapsulating_delivery = true},
		.keepalive = {.interval_sec = 110,
			      .interval_min_sec = 10,
			      .answer_ms = 2000,
			      .attempts = 3},
		.challenge = {.window = 2},
	};
	bench->agents[0] = (struct fa_association){
		.address = FA_HOME_AGENT, .spi = 300, .key = {.len = 4, .bytes = "fa-h"}};
	bench->mobiles[0] = (struct fa_association){
		.address = FA_HOME, .spi = 301, .key = {.len = 4, .bytes = "mn-f"}};
	bench->config.home_agents.list = bench->agents;
	bench->config.mobiles.list = bench->mobiles;
	bench->now.ns = NS_PER_SEC;
	bench->path_mtu = 1500;
	bench->auth = mip_auth_create();
	fa_bench_restart(bench);
	*state = bench;
	return 0;
}

int
fa_bench_teardown(void **state)
{
	struct fa_bench *bench = *state;

	fa_relay_destroy(bench->relay);
	mip_auth_destroy(bench->auth);
	free(bench);
	return 0;
}

static uint16_t
lifetime_of(uint16_t asked)
{
	if (asked == FA_ZERO)
		return 0;
	return asked != 0 ? asked : 300;
}

static void
add_foreign_part(struct fa_bench *bench, const struct fa_ask *ask, struct mip_builder *builder)
{
	struct secret key = bench->mobiles[0].key;

	if (ask->challenge != NULL)
		mip_add(builder, MIP_EXT_FA_CHALLENGE, ask->challenge, sizeof(*ask->challenge));
	if (ask->has_delivery_style)
		mip_add(builder, MIP_EXT_ENCAPSULATING_DELIVERY, NULL, 0);
	if (ask->has_foreign_tail)
		mip_add(builder, MIP_EXT_NVSE, "\0\0\0\0\0\0", 6);
	if (ask->has_wrong_mn_fa)
		key.bytes[0] ^= 1;
	if (ask->has_mn_fa || ask->has_wrong_mn_fa)
		assert_int_equal(mip_add_auth(builder, bench->auth, MIP_EXT_MN_FA_AUTH, 301,
					      MIP_AUTH_HMAC_MD5, &key),
				 0);
}

int
fa_bench_ask(struct fa_bench *bench, const struct fa_ask *ask)
{
	be32 home = ask->home == UINT32_MAX ? 0 : ask->home != 0 ? ask->home : FA_HOME;
	const struct mip_request fixed = {
		.type = MIP_REGISTRATION_REQUEST,
		.flags = ask->flags,
		.lifetime_be = htobe16(lifetime_of(ask->lifetime_sec)),
		.home_address = home,
		.home_agent = ask->agent != 0 ? ask->agent : FA_HOME_AGENT,
		.care_of_address = ask->care_of != 0 ? ask->care_of : FA_CARE_OF,
		.identification_be =
			htobe64(ask->identification != 0 ? ask->identification : FA_IDENTIFICATION),
	};
	const struct fa_asker asker = {
		.mac = {2, 0, 0, 0, 0, ask->mac_last},
		.src = home,
		.dst = FA_LINK_ADDRESS,
		.src_port_be = htobe16(5000),
	};
	unsigned before = bench->to_mobile_count;
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	struct mip_builder builder;

	mip_begin(&builder, bytes, sizeof(bytes), &fixed, sizeof(fixed));
	if (ask->nai != NULL)
		mip_add(&builder, MIP_EXT_NAI, ask->nai, strlen(ask->nai));
	if (ask->has_revocation)
		mip_add_revocation_support(&builder, true, 0);
	if (!ask->has_no_auth)
		assert_int_equal(mip_add_auth(&builder, bench->auth, MIP_EXT_MN_HA_AUTH, 256,
					      MIP_AUTH_HMAC_MD5, &mobiles_key),
				 0);
	add_foreign_part(bench, ask, &builder);
	fa_relay_request(bench->relay, &asker, ask->ttl != 0 ? ask->ttl : 255, bytes,
			 (size_t)mip_end(&builder), bench->now);
	return bench->to_mobile_count != before ? bench->mobile_bytes[1] : -1;
}

static void
add_agents_part(struct fa_bench *bench, const struct fa_answer *answer, struct mip_builder *builder)
{
	struct secret key = bench->agents[0].key;

	if (answer->challenge != NULL)
		mip_add(builder, MIP_EXT_FA_CHALLENGE, answer->challenge,
			sizeof(*answer->challenge));
	if (answer->has_malformed)
		mip_add(builder, MIP_EXT_UDP_TUNNEL_REPLY, "\0\0", 2);
	if (answer->has_revocation)
		mip_add_revocation_support(builder, answer->has_inform, FA_AGENT_TIME);
	if (answer->has_wrong_fa_ha)
		key.bytes[0] ^= 1;
	if (!answer->has_no_fa_ha)
		assert_int_equal(mip_add_auth(builder, bench->auth, MIP_EXT_FA_HA_AUTH, 300,
					      MIP_AUTH_HMAC_MD5, &key),
				 0);
}

int
fa_bench_answer(struct fa_bench *bench, const struct fa_answer *answer)
{
	const struct mip_reply fixed = {
		.type = MIP_REGISTRATION_REPLY,
		.code = answer->code,
		.lifetime_be = htobe16(lifetime_of(answer->lifetime_sec)),
		.home_address = answer->home != 0 ? answer->home : FA_HOME,
		.home_agent = FA_HOME_AGENT,
		.identification_be = htobe64(answer->identification != 0 ? answer->identification
									 : FA_IDENTIFICATION),
	};
	struct fa_peer from = {.port_be = htobe16(MIP_PORT)};
	const struct mip_udp_tunnel_reply udp = {.present = true,
						 .keepalive_sec = answer->keepalive_sec};
	unsigned before = bench->to_mobile_count;
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	struct mip_builder builder;

	mip_begin(&builder, bytes, sizeof(bytes), &fixed, sizeof(fixed));
	if (answer->nai != NULL)
		mip_add(&builder, MIP_EXT_NAI, answer->nai, strlen(answer->nai));
	if (answer->has_udp)
		mip_add_udp_tunnel_reply(&builder, &udp);
	assert_int_equal(mip_add_auth(&builder, bench->auth, MIP_EXT_MN_HA_AUTH, 256,
				      MIP_AUTH_HMAC_MD5, &mobiles_key),
			 0);
	add_agents_part(bench, answer, &builder);
	from.address = answer->src != 0 ? answer->src : FA_HOME_AGENT;
	fa_relay_reply(bench->relay, &from, bytes, (size_t)mip_end(&builder), bench->now);
	return bench->to_mobile_count != before ? bench->mobile_bytes[1] : -1;
}

void
fa_bench_revoke(struct fa_bench *bench, const struct fa_revoke *revoke)
{
	const struct mip_revocation fixed = {
		.type = MIP_REVOCATION,
		.flags_be = htobe16((uint16_t)((revoke->has_no_a ? 0 : MIP_REVOCATION_FLAG_A) |
					       (revoke->has_inform ? MIP_REVOCATION_FLAG_I : 0))),
		.home_address = revoke->home != 0 ? revoke->home : FA_HOME,
		.home_domain = revoke->home_domain != 0 ? revoke->home_domain : FA_HOME_AGENT,
		.foreign_domain = revoke->care_of != 0 ? revoke->care_of : FA_CARE_OF,
		.revocation_id_be = htobe32(revoke->id),
	};
	const struct fa_peer from = {revoke->src != 0 ? revoke->src : FA_HOME_AGENT,
				     htobe16(revoke->port != 0 ? revoke->port : MIP_PORT)};
	struct secret key = bench->agents[0].key;
	struct mip_signer signer = {bench->auth, MIP_EXT_FA_HA_AUTH, 300, MIP_AUTH_HMAC_MD5, &key};
	uint8_t bytes[MIP_MESSAGE_SIZE_MAX];
	int len;

	if (revoke->is_forged)
		key.bytes[0] ^= 1;
	len = revoke->is_ack ? mip_revocation_ack_build(&fixed, revoke->has_inform, &signer, bytes)
			     : mip_revocation_build(&fixed, &signer, bytes);
	assert_true(len > 0);
	fa_relay_reply(bench->relay, &from, bytes, (size_t)len, bench->now);
}

struct mip_message
fa_bench_at_mobile(const struct fa_bench *bench)
{
	struct mip_message message;

	assert_int_equal(mip_parse(bench->mobile_bytes, bench->to_mobile.len, &message),
			 MIP_PARSE_OK);
	return message;
}

struct mip_message
fa_bench_at_agent(const struct fa_bench *bench)
{
	struct mip_message message;

	assert_int_equal(mip_parse(bench->agent_bytes, bench->agent_len, &message), MIP_PARSE_OK);
	return message;
}
