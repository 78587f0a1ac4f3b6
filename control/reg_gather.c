/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "control/reg_engine.h"
#include "lib/utf8.h"

#define ADDRESS_BROADCAST 0xffffffffu

/* Whose subnet broadcast this is: the home network's of that address, or of the link it came by; failing
 * both, the agent on that side of the box (RFC 5944 section 3.8.2.1). */
static enum agent_id
broadcast_agent(const struct config *config, const struct reg_datagram *datagram)
{
	for (unsigned i = 0; i < config->home_network_count; i++) {
		const struct config_home_network *network = &config->home_networks[i];

		if (prefix_broadcast(network->prefix) == datagram->dst)
			return network->agent;
	}
	for (unsigned i = 0; i < config->home_network_count; i++) {
		if (config->home_networks[i].port == datagram->port)
			return config->home_networks[i].agent;
	}
	return datagram->origin == ORIGIN_EXTERNAL ? AGENT_X_HA : AGENT_I_HA;
}

static bool
agent_of(const struct config *config, const struct reg_datagram *datagram, struct reg_facts *facts)
{
	facts->to_broadcast =
		(datagram->flags & PACKET_OWN_BROADCAST) != 0 || datagram->dst == ADDRESS_BROADCAST;
	if (facts->to_broadcast) {
		facts->agent = broadcast_agent(config, datagram);
		return config->agents[facts->agent].enabled;
	}
	for (unsigned agent = 0; agent < AGENT_COUNT; agent++) {
		if (config->agents[agent].enabled &&
		    config->agents[agent].address == datagram->dst) {
			facts->agent = (enum agent_id)agent;
			return true;
		}
	}
	return false;
}

static bool
is_trusted(const struct config_agent *agent, be32 source)
{
	for (unsigned i = 0; i < agent->trusted_network_count; i++) {
		if (prefix_contains(agent->trusted_networks[i], source))
			return true;
	}
	return false;
}

void
reg_gather_arrival(const struct registration *engine, struct reg_request *request)
{
	const struct config *config = engine->context.config;
	const struct reg_datagram *datagram = request->datagram;
	struct reg_facts *facts = &request->facts;

	if (!agent_of(config, datagram, facts))
		return;
	facts->config = &config->agents[facts->agent];
	facts->is_external = datagram->origin == ORIGIN_EXTERNAL;
	facts->source_is_trusted = is_trusted(facts->config, datagram->src);
	facts->source = datagram->src;
	facts->source_port_be = datagram->src_port_be;
	facts->parse = mip_parse(datagram->payload, datagram->len, &request->message);
	facts->message = &request->message;
}

bool
reg_auth_is_right(struct registration *engine, const struct mip_message *message,
		  const struct mip_auth_view *view, const struct config_association *association,
		  const struct reg_expected *expected)
{
	if (view->authenticator.data == NULL || view->spi != association->spi)
		return false;
	if (expected != NULL && expected->association == association)
		return mip_auth_matches(association->algorithm, expected->authenticator,
					view->authenticator.data, view->authenticator.len);
	return mip_auth_verify(engine->auth, association->algorithm, &association->key,
			       message->bytes, view->covered_len, view->authenticator.data,
			       view->authenticator.len);
}

/* By its NAI if it gives one, else by its home address. */
struct subscriber *
reg_find_configured(const struct registration *engine, const struct reg_request *request)
{
	const struct mip_view *nai = &request->message.nai;
	be32 home_address = request->message.request.home_address;
	enum agent_id agent = request->facts.agent;
	struct subscriber *found = NULL;

	if (nai->data != NULL)
		found = subscriber_find_nai(engine->subscribers, agent, nai->data, nai->len);
	if (found != NULL || home_address == 0)
		return found;
	found = subscriber_find_address(engine->subscribers, agent, home_address);
	/* one that is known by another NAI is not this one */
	return nai->data == NULL || found == NULL || found->config->nai == NULL ? found : NULL;
}

/* One with a dynamic home address is known by it while it is bound. */
static struct subscriber *
find_bound(const struct registration *engine, const struct reg_request *request)
{
	be32 home_address = request->message.request.home_address;
	const struct binding *binding;

	if (request->message.nai.data != NULL || home_address == 0)
		return NULL;
	binding = binding_find(engine->bindings, home_address);
	return binding != NULL && binding->terms.agent == request->facts.agent
		       ? binding->terms.subscriber
		       : NULL;
}

static enum reg_mobile_auth
check_mobile(struct registration *engine, struct reg_request *request)
{
	const struct mip_auth_view *view = &request->message.mn_ha;
	const struct config_association *association;

	if (request->subscriber == NULL || request->subscriber->config->association_count == 0)
		return REG_MOBILE_UNKNOWN;
	/* what a reply to an unknown SPI is signed with: one that the mobile is likely to have */
	request->association = &request->subscriber->config->associations[0];
	request->association_index = 0;
	if (view->authenticator.data == NULL)
		return REG_MOBILE_BAD_AUTHENTICATOR;
	association =
		subscriber_association(request->subscriber, view->spi, &request->association_index);
	if (association == NULL)
		return REG_MOBILE_BAD_SPI;
	request->association = association;
	return reg_auth_is_right(engine, &request->message, view, association,
				 &request->mobile_expected)
		       ? REG_MOBILE_VALID
		       : REG_MOBILE_BAD_AUTHENTICATOR;
}

/* A foreign agent sends from its care-of address; where it has several, the request names one. */
struct foreign_agent *
reg_find_foreign(const struct registration *engine, const struct reg_request *request)
{
	const struct mip_message *message = &request->message;
	bool is_there = message->fa_ha.authenticator.data != NULL;
	struct foreign_agent *foreign =
		foreign_agent_find(engine->subscribers, request->datagram->src);

	if (foreign == NULL && (is_there || message->request.lifetime_be != 0))
		foreign = foreign_agent_find(engine->subscribers, message->request.care_of_address);
	return foreign;
}

static enum reg_foreign_auth
check_foreign(struct registration *engine, struct reg_request *request)
{
	const struct mip_message *message = &request->message;
	const struct mip_auth_view *view = &message->fa_ha;
	bool is_there = view->authenticator.data != NULL;
	const struct foreign_agent *foreign = request->foreign;

	if (foreign == NULL)
		return is_there ? REG_FOREIGN_UNEXPECTED : REG_FOREIGN_NONE;
	if (!is_there)
		return REG_FOREIGN_MISSING;
	if (view->count != 1 ||
	    !reg_auth_is_right(engine, message, view, &foreign->config->association,
			       &request->foreign_expected))
		return REG_FOREIGN_INVALID;
	return REG_FOREIGN_VALID;
}

static enum reg_home_address
offer_dynamic(const struct registration *engine, const struct reg_request *request, be32 *address)
{
	const char *nai = request->subscriber->config->nai;
	be32 wanted = request->message.request.home_address;
	enum agent_id agent = request->facts.agent;
	int rc;

	*address = wanted;
	if (nai == NULL)
		return REG_HOME_UNSUPPORTED;
	if (wanted == 0 && request->message.request.lifetime_be == 0) {
		*address = address_pool_address(engine->pool, agent, nai, strlen(nai));
		return *address != 0 ? REG_HOME_SUPPORTED : REG_HOME_UNSUPPORTED;
	}
	rc = address_pool_offer(engine->pool, agent, nai, strlen(nai), wanted, address);
	if (rc == -ENOSPC)
		return REG_HOME_NONE_LEFT;
	return rc == 0 ? REG_HOME_SUPPORTED : REG_HOME_UNSUPPORTED;
}

static enum reg_home_address
find_home_address(const struct registration *engine, const struct reg_request *request,
		  be32 *address)
{
	be32 configured = request->subscriber->config->home_address;
	be32 wanted = request->message.request.home_address;

	if (configured == 0)
		return offer_dynamic(engine, request, address);
	*address = configured;
	return wanted == 0 || wanted == configured ? REG_HOME_SUPPORTED : REG_HOME_UNSUPPORTED;
}

static void
view_bindings(const struct registration *engine, struct reg_request *request)
{
	const struct mip_request *asked = &request->message.request;
	struct reg_facts *facts = &request->facts;
	struct reg_bindings *view = &facts->bindings;
	const struct binding *binding = binding_find(engine->bindings, facts->home_address);

	view->table_is_full = binding_table_is_full(engine->bindings);
	if (binding != NULL && binding->terms.subscriber != request->subscriber) {
		facts->home = REG_HOME_UNSUPPORTED; /* somebody else's */
		return;
	}
	for (; binding != NULL; binding = binding->next) {
		const struct binding_terms *terms = &binding->terms;

		view->count++;
		if (terms->care_of_address != asked->care_of_address)
			continue;
		view->has_care_of = true;
		view->is_duplicate = terms->identification == be64toh(asked->identification_be) &&
				     terms->source == request->datagram->src &&
				     asked->lifetime_be != 0;
		view->duplicate_left_sec = (unsigned)mono_sec_until(request->now, binding->expires);
	}
}

void
reg_gather_identity(struct registration *engine, struct reg_request *request)
{
	struct reg_facts *facts = &request->facts;

	if (request->subscriber == NULL)
		request->subscriber = find_bound(engine, request);
	facts->mobile_auth = check_mobile(engine, request);
	facts->foreign_auth = check_foreign(engine, request);
	if (facts->mobile_auth != REG_MOBILE_VALID)
		return;
	facts->foreign_revocation =
		request->foreign != NULL && request->foreign->config->revocation;
	facts->uses_nonces = request->association->replay == REPLAY_NONCES;
	facts->identification_is_valid = replay_check(
		&request->subscriber->replay, request->association_index, request->association,
		ntp_from_be(request->message.request.identification_be), request->wall);
	facts->home = find_home_address(engine, request, &facts->home_address);
	if (facts->home == REG_HOME_SUPPORTED)
		view_bindings(engine, request);
}

const char *
reg_identity(const struct reg_request *request, char text[REG_IDENTITY_SIZE])
{
	const struct mip_view *nai = &request->message.nai;
	char address[ADDRESS_TEXT_SIZE];
	size_t len = 0;

	if (nai->data != NULL) {
		len = utf8_make_printable(text, REG_IDENTITY_SIZE - ADDRESS_TEXT_SIZE - 4,
					  nai->data, nai->len);
		text[len++] = ' ';
	}
	address_format(request->message.request.home_address, address);
	memcpy(text + len, address, strlen(address) + 1);
	return text;
}
