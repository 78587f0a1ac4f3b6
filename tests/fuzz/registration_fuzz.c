/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/registration.h"

#include <openssl/rand.h>

#include "control/revocation.h"
#include "control/subscriber.h"
#include "lib/log.h"
#include "tests/fuzz/check.h"
#include "tests/unit/control/fake_network.h"
#include "tests/unit/control/reg_harness.h"

/*
 * Datagrams of any kind into a registration engine, those of an instant at once, as they come from a punt
 * ring; and one after the other into a second engine, which must send, count and keep the same. An input is
 * the agent (one octet: even for the x-HA) and any number of steps: flags, source, seconds that pass first,
 * length (two octets, little end first), payload. The flags let right Identifications and authenticators be
 * put in, so that an input gets past the first checks.
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

/* What happens between datagrams, and so begins a burst. */
#define STEP_FIRST (STEP_PUBLISH_FAILS | STEP_REVOKE | STEP_KEEPALIVE)

#define STEP_HEADER_SIZE 5
#define STEPS_MAX 64
#define BINDINGS_MAX 16

struct step {
	uint8_t flags, sec;
	const char *source;
	uint16_t len;
	uint8_t *bytes;
};

struct burst {
	unsigned count;
	struct step steps[REGISTRATION_BURST_MAX];
};

struct twins {
	struct harness at_once, one_by_one;
	struct config_association associations[3][MIP_AUTH_ALGORITHM_COUNT];
};

static const char *const sources[] = {
	"172.16.5.9", "172.16.5.1", "172.16.99.1", "10.1.0.7",
	"10.1.0.100", "192.0.2.1",  "10.1.0.8",
};

/* Instead of libcrypto's: both engines draw the same nonces, and each run of an input does. */
int
RAND_bytes(unsigned char *buf, int num)
{
	for (int i = 0; i < num; i++)
		buf[i] = (unsigned char)i;
	return 1;
}

/* SPIs 256 and up: the same key with each algorithm. */
static void
offer_algorithms(struct twins *twins, struct harness *harness)
{
	CHECK(harness->config.subscriber_count == ARRAY_COUNT(twins->associations));
	for (unsigned i = 0; i < ARRAY_COUNT(twins->associations); i++) {
		for (unsigned k = 0; k < MIP_AUTH_ALGORITHM_COUNT; k++) {
			struct config_association *association = &twins->associations[i][k];

			*association = harness->associations[i];
			association->spi += k;
			association->algorithm = (enum mip_auth_algorithm)k;
		}
		harness->subscribers[i].associations = twins->associations[i];
		harness->subscribers[i].association_count = MIP_AUTH_ALGORITHM_COUNT;
	}
}

static void
sign(struct harness *harness, uint8_t *bytes, const struct mip_auth_view *view,
     const struct config_association *association)
{
	uint8_t authenticator[MIP_AUTH_SIZE_MAX];
	be32 spi_be = htobe32(association->spi);

	if (view->authenticator.data == NULL ||
	    view->authenticator.len != mip_auth_size(association->algorithm))
		return;
	memcpy(bytes + view->covered_len - sizeof(spi_be), &spi_be, sizeof(spi_be));
	CHECK(mip_auth_compute(harness->auth, association->algorithm, &association->key, bytes,
			       view->covered_len, authenticator) == 0);
	memcpy(bytes + view->covered_len, authenticator, view->authenticator.len);
}

/* With the algorithm of the SPI that the message names, or the first one. */
static void
sign_mobile(struct harness *harness, uint8_t *bytes, const struct mip_auth_view *view)
{
	const struct config_association *associations = harness->subscribers[0].associations;
	uint32_t index = view->spi - associations[0].spi;

	sign(harness, bytes, view, &associations[index < MIP_AUTH_ALGORITHM_COUNT ? index : 0]);
}

/* The mobile first: the foreign agent signs what the mobile has signed. Of those that come together, each is
 * a little newer than the one before. */
static void
make_authentic(struct harness *harness, const struct step *step, unsigned number)
{
	struct mip_message message;
	be64 fresh_be = htobe64(harness->wall.units + number);

	if (mip_parse(step->bytes, step->len, &message) == MIP_PARSE_SHORT)
		return;
	if ((step->flags & STEP_FRESH) != 0 && message.type == MIP_REGISTRATION_REQUEST)
		memcpy(step->bytes + offsetof(struct mip_request, identification_be), &fresh_be,
		       sizeof(fresh_be));
	if (step->flags & STEP_SIGN_MOBILE)
		sign_mobile(harness, step->bytes, &message.mn_ha);
	if (step->flags & STEP_SIGN_FOREIGN)
		sign(harness, step->bytes, &message.fa_ha, &harness->foreign_agent.association);
}

static void
check_reply(const struct harness *harness, uint8_t flags)
{
	const struct harness_sent *sent = harness_last(harness);
	struct mip_message reply;

	CHECK(mip_parse(sent->bytes, sent->len, &reply) == MIP_PARSE_OK);
	if (reply.type != MIP_REGISTRATION_REPLY)
		return;
	CHECK(reply.mn_ha.count == 1);
	CHECK(reply.trusted_networks == (harness->agent == AGENT_I_HA));
	CHECK(reply.reply.home_agent == harness_address("10.1.0.1"));
	if ((flags & STEP_SIGN_MOBILE) == 0)
		CHECK(reply.reply.code == MIP_CODE_MN_FAILED_AUTH ||
		      reply.reply.code == MIP_CODE_MN_AAA_FAILED_AUTH);
	if ((flags & STEP_OTHER_SIDE) != 0)
		CHECK(false);
}

struct kept {
	unsigned count;
	const struct binding *bindings[BINDINGS_MAX];
};

static bool
keep(const struct binding *binding, void *context)
{
	struct kept *kept = context;

	CHECK(binding->terms.home_address != 0 && binding->terms.subscriber != NULL);
	CHECK(kept->count < BINDINGS_MAX);
	kept->bindings[kept->count++] = binding;
	return true;
}

static void
collect(struct harness *harness, struct kept *kept)
{
	struct binding_table *bindings = registration_bindings(harness->engine);

	*kept = (struct kept){0};
	binding_for_each(bindings, 0, UINT32_MAX, keep, kept);
	CHECK(kept->count == binding_count(bindings));
	CHECK(fake_routes_held(harness->routes) == kept->count);
	CHECK(fake_publisher_count(harness->publisher) <= kept->count);
	CHECK((fake_publisher_count(harness->publisher) == 0) == (kept->count == 0));
}

/* The number of the subscriber, whom each engine has for itself. */
static size_t
whose(const struct harness *harness, const struct binding *binding)
{
	return (size_t)(binding->terms.subscriber->config - harness->subscribers);
}

static void
check_bindings(struct twins *twins)
{
	struct kept at_once, one_by_one;

	collect(&twins->at_once, &at_once);
	collect(&twins->one_by_one, &one_by_one);
	CHECK(at_once.count == one_by_one.count);
	for (unsigned i = 0; i < at_once.count; i++) {
		const struct binding *a = at_once.bindings[i], *b = one_by_one.bindings[i];

		_Static_assert(offsetof(struct binding_terms, subscriber) +
					       sizeof(struct subscriber *) ==
				       sizeof(struct binding_terms),
			       "it is all that is not compared as it is");
		CHECK(memcmp(&a->terms, &b->terms, offsetof(struct binding_terms, subscriber)) ==
		      0);
		CHECK(whose(&twins->at_once, a) == whose(&twins->one_by_one, b));
		CHECK(a->slot == b->slot);
		CHECK(a->since.ns == b->since.ns && a->expires.ns == b->expires.ns);
	}
	CHECK(fake_publisher_calls(twins->at_once.publisher) ==
	      fake_publisher_calls(twins->one_by_one.publisher));
}

static void
check_sent(const struct harness *a, const struct harness *b)
{
	CHECK(a->sent_count == b->sent_count);
	for (unsigned i = 0; i < a->sent_count && i < HARNESS_SENT_MAX; i++) {
		const struct harness_sent *x = &a->sent[i], *y = &b->sent[i];

		CHECK(memcmp(&x->flow, &y->flow, sizeof(x->flow)) == 0);
		CHECK(x->kind == y->kind && x->len == y->len);
		CHECK(memcmp(x->bytes, y->bytes, x->len) == 0);
	}
}

static void
check_counters(const struct reg_counters *a, const struct reg_counters *b)
{
	/* behind that, there is padding */
	CHECK(memcmp(a, b, offsetof(struct reg_counters, minute_most)) == 0);
	CHECK(a->minute_most == b->minute_most && a->minute_now == b->minute_now);
}

static void
check_violators(const struct reg_security *a, const struct reg_security *b)
{
	CHECK(a->violations == b->violations);
	CHECK(memcmp(a->by_reason, b->by_reason, sizeof(a->by_reason)) == 0);
	for (unsigned i = 0; i < REG_VIOLATORS_MAX; i++) {
		const struct reg_violator *x = &a->violators[i], *y = &b->violators[i];

		CHECK(x->source == y->source && x->home_address == y->home_address &&
		      x->spi == y->spi && x->count == y->count &&
		      x->identification == y->identification && x->reason == y->reason);
	}
}

static void
check_twins(struct twins *twins)
{
	const struct harness *a = &twins->at_once, *b = &twins->one_by_one;

	check_sent(a, b);
	CHECK(memcmp(&a->drops, &b->drops, sizeof(a->drops)) == 0);
	check_counters(registration_counters(a->engine, a->agent),
		       registration_counters(b->engine, b->agent));
	check_violators(registration_security(a->engine), registration_security(b->engine));
	check_bindings(twins);
}

/* What is not a datagram, and comes before the first one of a burst. */
static void
begin_burst(struct harness *harness, const struct step *step)
{
	struct binding_table *bindings = registration_bindings(harness->engine);

	harness_pass(harness, step->sec);
	if (step->flags & STEP_REVOKE)
		revocation_start(harness->engine, harness_address("10.1.0.7"), harness->now);
	if (step->flags & STEP_KEEPALIVE)
		binding_latch_port(bindings, harness_address("10.1.0.7"),
				   harness_address(step->source), htobe16(5000));
	if (step->flags & STEP_PUBLISH_FAILS)
		fake_publisher_fail(harness->publisher, -12, 1);
}

static void
end_burst(struct harness *harness)
{
	fake_publisher_fail(harness->publisher, 0, 0);
	harness_tick(harness);
}

static void
hand_in_one_by_one(struct harness *harness, const struct burst *burst,
		   const struct reg_datagram *datagrams)
{
	for (unsigned i = 0; i < burst->count; i++) {
		unsigned before = harness->sent_count;

		registration_input(harness->engine, &datagrams[i], 1, harness->now);
		if (harness->sent_count != before)
			check_reply(harness, burst->steps[i].flags);
	}
	end_burst(harness);
}

static struct reg_datagram
datagram_of(const struct harness *harness, const struct step *step)
{
	const struct ask ask = {
		.source = step->source,
		.from_other_side = (step->flags & STEP_OTHER_SIDE) != 0,
		.destination = (step->flags & STEP_BROADCAST) != 0 ? "10.1.0.255" : NULL,
		.packet_flags = (step->flags & STEP_BROADCAST) != 0 ? PACKET_OWN_BROADCAST : 0,
	};

	return harness_datagram(harness, &ask, step->bytes, step->len);
}

static void
run(struct twins *twins, struct burst *burst)
{
	struct reg_datagram datagrams[REGISTRATION_BURST_MAX];
	struct harness *at_once = &twins->at_once;

	if (burst->count == 0)
		return;
	begin_burst(at_once, &burst->steps[0]);
	begin_burst(&twins->one_by_one, &burst->steps[0]);
	for (unsigned i = 0; i < burst->count; i++) {
		make_authentic(at_once, &burst->steps[i], i);
		datagrams[i] = datagram_of(at_once, &burst->steps[i]);
	}
	registration_input(at_once->engine, datagrams, burst->count, at_once->now);
	end_burst(at_once);
	hand_in_one_by_one(&twins->one_by_one, burst, datagrams);
	check_twins(twins);
	for (unsigned i = 0; i < burst->count; i++)
		free(burst->steps[i].bytes);
	burst->count = 0;
}

/* Takes a step off the input; the caller frees its bytes. False: there is none. */
static bool
take_step(const uint8_t **data, size_t *size, struct step *step)
{
	const uint8_t *header = *data;
	size_t len;

	if (*size < STEP_HEADER_SIZE)
		return false;
	*data += STEP_HEADER_SIZE;
	*size -= STEP_HEADER_SIZE;
	len = header[3] | (size_t)header[4] << 8;
	if (len > *size)
		len = *size;
	*step = (struct step){
		.flags = header[0],
		.source = sources[header[1] % ARRAY_COUNT(sources)],
		.sec = header[2],
		.len = (uint16_t)len,
		.bytes = exact_copy(*data, len),
	};
	*data += len;
	*size -= len;
	return true;
}

static void
start(struct twins *twins, enum agent_id agent)
{
	struct harness *harnesses[] = {&twins->at_once, &twins->one_by_one};

	for (unsigned i = 0; i < ARRAY_COUNT(harnesses); i++) {
		harness_init(harnesses[i], agent);
		CHECK(harnesses[i]->config.limits.bindings_max <= BINDINGS_MAX);
		offer_algorithms(twins, harnesses[i]);
		harness_start(harnesses[i]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct twins twins;
	struct burst burst = {0};
	struct step step;

	if (size == 0)
		return 0;
	log_set_level(LOG_LEVEL_ERROR);
	start(&twins, data[0] % 2 == 0 ? AGENT_X_HA : AGENT_I_HA);
	data++;
	size--;
	for (unsigned i = 0; i < STEPS_MAX && take_step(&data, &size, &step); i++) {
		if (step.sec != 0 || (step.flags & STEP_FIRST) != 0 ||
		    burst.count == REGISTRATION_BURST_MAX)
			run(&twins, &burst);
		burst.steps[burst.count++] = step;
	}
	run(&twins, &burst);
	harness_stop(&twins.at_once);
	harness_stop(&twins.one_by_one);
	return 0;
}
