/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/registration.h"

#include "control/revocation.h"
#include "lib/log.h"
#include "tests/fuzz/check.h"
#include "tests/unit/control/fake_network.h"
#include "tests/unit/control/reg_harness.h"

/*
 * Datagrams of any kind, one after the other, into a registration engine. An input is the agent (one
 * octet: even for the x-HA) and any number of steps: flags, source, seconds that pass, length (two
 * octets, little end first), payload. The flags let right Identifications and authenticators be put in,
 * so that an input gets past the first checks.
 */
enum step_flag {
	STEP_FRESH = 0x01,	  /* the Identification is the clock's time */
	STEP_SIGN_MOBILE = 0x02,  /* the mobile's authenticator is right */
	STEP_SIGN_FOREIGN = 0x04, /* the foreign agent's is */
	STEP_OTHER_SIDE = 0x08,	  /* from an external port to the i-HA, ... */
	STEP_BROADCAST = 0x10,
	STEP_PUBLISH_FAILS = 0x20,
	STEP_REVOKE = 0x40,    /* the operator revokes 10.1.0.7 first */
	STEP_KEEPALIVE = 0x80, /* and a keepalive of it comes from the source */
};

#define STEP_HEADER_SIZE 5
#define STEPS_MAX 64

static const char *const sources[] = {
	"172.16.5.9", "172.16.5.1", "172.16.99.1", "10.1.0.7",
	"10.1.0.100", "192.0.2.1",  "10.1.0.8",
};

static void
sign(struct harness *harness, uint8_t *bytes, const struct mip_auth_view *view, uint32_t spi,
     const struct secret *key)
{
	uint8_t authenticator[MIP_AUTH_SIZE_MAX];
	be32 spi_be = htobe32(spi);

	if (view->authenticator.data == NULL || view->authenticator.len != 16)
		return;
	memcpy(bytes + view->covered_len - sizeof(spi_be), &spi_be, sizeof(spi_be));
	CHECK(mip_auth_compute(harness->auth, MIP_AUTH_HMAC_MD5, key, bytes, view->covered_len,
			       authenticator) == 0);
	memcpy(bytes + view->covered_len, authenticator, 16);
}

/* The mobile first: the foreign agent signs what the mobile has signed. */
static void
make_authentic(struct harness *harness, uint8_t flags, uint8_t *bytes, size_t len)
{
	struct mip_message message;
	be64 now_be = htobe64(harness->wall.units);

	if (mip_parse(bytes, len, &message) == MIP_PARSE_SHORT)
		return;
	if ((flags & STEP_FRESH) != 0 && message.type == MIP_REGISTRATION_REQUEST)
		memcpy(bytes + offsetof(struct mip_request, identification_be), &now_be,
		       sizeof(now_be));
	if (flags & STEP_SIGN_MOBILE)
		sign(harness, bytes, &message.mn_ha, 256,
		     &harness->subscribers[0].associations[0].key);
	if (flags & STEP_SIGN_FOREIGN)
		sign(harness, bytes, &message.fa_ha, 300, &harness->foreign_agent.association.key);
}

static void
check_reply(const struct harness *harness, uint8_t flags, const struct mip_message *reply)
{
	if (reply->type != MIP_REGISTRATION_REPLY)
		return;
	CHECK(reply->mn_ha.count == 1);
	CHECK(reply->trusted_networks == (harness->agent == AGENT_I_HA));
	CHECK(reply->reply.home_agent == harness_address("10.1.0.1"));
	if ((flags & STEP_SIGN_MOBILE) == 0)
		CHECK(reply->reply.code == MIP_CODE_MN_FAILED_AUTH ||
		      reply->reply.code == MIP_CODE_MN_AAA_FAILED_AUTH);
	if ((flags & STEP_OTHER_SIDE) != 0)
		CHECK(false);
}

static bool
count_visit(const struct binding *binding, void *context)
{
	CHECK(binding->terms.home_address != 0 && binding->terms.subscriber != NULL);
	++*(unsigned *)context;
	return true;
}

static void
check_tables(struct harness *harness)
{
	struct binding_table *bindings = registration_bindings(harness->engine);
	unsigned visited = 0;

	binding_for_each(bindings, 0, UINT32_MAX, count_visit, &visited);
	CHECK(visited == binding_count(bindings));
	CHECK(fake_routes_held(harness->routes) == visited);
	CHECK(fake_publisher_count(harness->publisher) <= visited);
	CHECK((fake_publisher_count(harness->publisher) == 0) == (visited == 0));
}

static void
step(struct harness *harness, uint8_t flags, const char *source, uint8_t *bytes, size_t len)
{
	struct binding_table *bindings = registration_bindings(harness->engine);
	const struct ask ask = {
		.source = source,
		.from_other_side = (flags & STEP_OTHER_SIDE) != 0,
		.destination = (flags & STEP_BROADCAST) != 0 ? "10.1.0.255" : NULL,
		.packet_flags = (flags & STEP_BROADCAST) != 0 ? PACKET_OWN_BROADCAST : 0,
	};
	const struct mip_message *reply;

	if (flags & STEP_REVOKE)
		revocation_start(harness->engine, harness_address("10.1.0.7"), harness->now);
	if (flags & STEP_KEEPALIVE)
		binding_latch_port(bindings, harness_address("10.1.0.7"), harness_address(source),
				   htobe16(5000));
	if (flags & STEP_PUBLISH_FAILS)
		fake_publisher_fail(harness->publisher, -12, 1);
	make_authentic(harness, flags, bytes, len);
	reply = harness_input(harness, &ask, bytes, len);
	if (reply != NULL)
		check_reply(harness, flags, reply);
	fake_publisher_fail(harness->publisher, 0, 0);
	check_tables(harness);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct harness harness;

	if (size == 0)
		return 0;
	log_set_level(LOG_LEVEL_ERROR);
	harness_init(&harness, data[0] % 2 == 0 ? AGENT_X_HA : AGENT_I_HA);
	harness_start(&harness);
	data++;
	size--;
	for (unsigned i = 0; i < STEPS_MAX && size >= STEP_HEADER_SIZE; i++) {
		uint8_t flags = data[0];
		const char *source = sources[data[1] % ARRAY_COUNT(sources)];
		size_t len = data[3] | (size_t)data[4] << 8;
		uint8_t *bytes;

		harness_pass(&harness, data[2]);
		data += STEP_HEADER_SIZE;
		size -= STEP_HEADER_SIZE;
		if (len > size)
			len = size;
		bytes = exact_copy(data, len);
		step(&harness, flags, source, bytes, len);
		free(bytes);
		data += len;
		size -= len;
	}
	harness_stop(&harness);
	return 0;
}
