/* SPDX-License-Identifier: BSD-3-Clause */
/* Telemetry of mobiles: bindings, registration counters, security violations; and revocation. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/proxy_arp.h"
#include "control/revocation.h"
#include "control/subscriber.h"
#include "control/telemetry.h"

#define BINDINGS_A_PAGE 32 /* so many fit into an answer of DPDK's, whatever their NAIs */
#define SLOTS_A_PAGE 16384 /* looked at for a page, however few of them are used */
#define NAI_SHOWN_SIZE 80

/* The bits in the order of the request's octet, as a word: "BDT". */
static const char *
flags_text(uint8_t flags, char text[9])
{
	static const char letters[] = "SBDMGrTx";
	char *at = text;

	for (unsigned bit = 0; bit < 8; bit++)
		if (flags & 0x80 >> bit)
			*at++ = letters[bit];
	*at = '\0';
	return text;
}

static void
add_binding(const struct binding *binding, struct mono_time now, struct rte_tel_data *dict)
{
	const struct binding_terms *terms = &binding->terms;
	const char *nai = terms->subscriber->config->nai;
	char text[NAI_SHOWN_SIZE];

	telemetry_add_address(dict, "home_address", terms->home_address);
	telemetry_add_address(dict, "care_of_address", terms->care_of_address);
	rte_tel_data_add_dict_string(dict, "agent", agent_name((enum agent_id)terms->agent));
	rte_tel_data_add_dict_string(dict, "kind", tunnel_kind_name((enum tunnel_kind)terms->kind));
	rte_tel_data_add_dict_int(dict, "port", be16toh(terms->tunnel_port_be));
	snprintf(text, sizeof(text), "%s", nai == NULL ? "" : nai);
	rte_tel_data_add_dict_string(dict, "nai", text);
	rte_tel_data_add_dict_int(dict, "lifetime_sec", terms->lifetime_sec);
	rte_tel_data_add_dict_u64(dict, "remaining_sec", mono_sec_until(now, binding->expires));
	rte_tel_data_add_dict_string(dict, "flags", flags_text(terms->request_flags, text));
}

struct page {
	struct rte_tel_data *list;
	struct mono_time now;
	unsigned count;
};

static bool
page_add(const struct binding *binding, void *context)
{
	struct page *page = context;
	struct rte_tel_data *entry;

	if (page->count == BINDINGS_A_PAGE)
		return false;
	entry = telemetry_list_add(page->list, &page->count);
	if (entry == NULL)
		return false;
	add_binding(binding, page->now, entry);
	return true;
}

int
telemetry_bindings(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	struct page page = {.now = mono_now()};
	uint32_t next;

	rte_tel_data_start_dict(data);
	page.list = telemetry_dict_add(data, "bindings");
	if (page.list == NULL)
		return -ENOMEM;
	next = binding_for_each(registration_bindings(gateway->registration),
				(uint32_t)strtoul(params, NULL, 10), SLOTS_A_PAGE, page_add, &page);
	rte_tel_data_add_dict_u64(data, "next", next);
	return 0;
}

static const char *
state_of(const struct recipe *recipe)
{
	if (recipe == NULL)
		return "not published";
	if (recipe->flags & RECIPE_HALF_BOUND)
		return "half-bound";
	return recipe->flags & RECIPE_UNREACHABLE ? "unreachable" : "bound";
}

/* The recipe of this binding among those of its home address. */
static const struct recipe *
recipe_of(const struct gateway *gateway, const struct binding *binding)
{
	const struct recipe *recipe =
		publish_recipes_find(gateway->publisher, binding->terms.home_address);

	while (recipe != NULL && recipe->slot != binding->slot)
		recipe = recipe_next(recipe);
	return recipe;
}

/* How packets are carried, from the inside out: "ip-in-ip/esp/udp". */
static const char *
layers_text(const struct recipe *recipe, char *text, size_t size)
{
	static const char *const names[] = {"ip-in-ip", "gre", "minimal", "esp"};
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = 0; recipe != NULL && i < recipe->layer_count && len < size; i++) {
		enum tunnel_kind kind = (enum tunnel_kind)recipe->layers[i].kind;

		len += (size_t)snprintf(text + len, size - len, "%s%s%s", i == 0 ? "" : "/",
					names[kind >> 1 & 3], tunnel_is_udp(kind) ? "/udp" : "");
	}
	return text;
}

static void
add_details(const struct gateway *gateway, const struct binding *binding, struct rte_tel_data *dict)
{
	const struct binding_terms *terms = &binding->terms;
	const struct recipe *recipe = recipe_of(gateway, binding);
	struct slot_counters traffic = traffic_read(&gateway->traffic, binding->slot);
	char text[64];

	telemetry_add_address(dict, "source_address", terms->source);
	rte_tel_data_add_dict_int(dict, "source_port", be16toh(terms->source_port_be));
	telemetry_add_address(dict, "tunnel_source", terms->agent_address);
	telemetry_add_address(dict, "tunnel_destination", terms->tunnel_dst);
	rte_tel_data_add_dict_int(dict, "inner_mtu", recipe == NULL ? 0 : recipe->inner_mtu);
	snprintf(text, sizeof(text), "%016" PRIx64, terms->identification);
	rte_tel_data_add_dict_string(dict, "identification", text);
	rte_tel_data_add_dict_string(dict, "state", state_of(recipe));
	rte_tel_data_add_dict_string(dict, "layers", layers_text(recipe, text, sizeof(text)));
	rte_tel_data_add_dict_u64(dict, "to_mobile_packets", traffic.to_mobile_packets);
	rte_tel_data_add_dict_u64(dict, "to_mobile_bytes", traffic.to_mobile_bytes);
	rte_tel_data_add_dict_u64(dict, "from_mobile_packets", traffic.from_mobile_packets);
	rte_tel_data_add_dict_u64(dict, "from_mobile_bytes", traffic.from_mobile_bytes);
}

/* Reads the home address that a command names, or answers with an error. */
static bool
read_address(const char *params, be32 *address, struct rte_tel_data *data)
{
	if (address_parse(params, address) == 0)
		return true;
	rte_tel_data_add_dict_string(data, "error", "the parameter is to be an IPv4 home address");
	return false;
}

static void
add_no_binding(be32 address, struct rte_tel_data *data)
{
	char text[ADDRESS_TEXT_SIZE], error[64];

	snprintf(error, sizeof(error), "no binding for %s", address_format(address, text));
	rte_tel_data_add_dict_string(data, "error", error);
}

static void
add_time(struct rte_tel_data *dict, const char *name, struct ntp_time time)
{
	rte_tel_data_add_dict_u64(dict, name,
				  time.units == 0 ? 0 : (uint64_t)ntp_to_timespec(time).tv_sec);
}

/* RFC 2006, haCounterEntry. Times are Unix's; 0: never. */
static int
add_service(const struct binding *binding, struct rte_tel_data *data)
{
	const struct subscriber_service *service = &binding->terms.subscriber->service;
	uint64_t served_sec = service->served_sec;
	struct rte_tel_data *dict = telemetry_dict_add(data, "service");

	if (dict == NULL)
		return -ENOMEM;
	for (; binding != NULL; binding = binding->next)
		served_sec += mono_ms_until(binding->since, mono_now()) / 1000;
	rte_tel_data_add_dict_u64(dict, "accepted", service->accepted);
	rte_tel_data_add_dict_u64(dict, "denied", service->denied);
	rte_tel_data_add_dict_u64(dict, "served_sec", served_sec);
	add_time(dict, "accepted_time", ntp_from_sec(service->accepted_sec));
	add_time(dict, "denied_time", ntp_from_sec(service->denied_sec));
	rte_tel_data_add_dict_int(dict, "denied_code", service->denied_code);
	return 0;
}

int
telemetry_binding(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	const struct binding *binding;
	struct rte_tel_data *list, *entry;
	unsigned count = 0;
	be32 address;

	rte_tel_data_start_dict(data);
	if (!read_address(params, &address, data))
		return 0;
	binding = binding_find(registration_bindings(gateway->registration), address);
	if (binding == NULL) {
		add_no_binding(address, data);
		return 0;
	}
	telemetry_add_address(data, "home_address", address);
	list = telemetry_dict_add(data, "care_of");
	if (list == NULL || add_service(binding, data) < 0)
		return -ENOMEM;
	for (; binding != NULL; binding = binding->next) {
		entry = telemetry_list_add(list, &count);
		if (entry == NULL)
			return -ENOMEM;
		add_binding(binding, mono_now(), entry);
		add_details(gateway, binding, entry);
	}
	return 0;
}

int
telemetry_revoke(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	be32 address;
	int revoked;

	rte_tel_data_start_dict(data);
	if (!read_address(params, &address, data))
		return 0;
	revoked = revocation_start(gateway->registration, address, mono_now());
	if (revoked < 0)
		add_no_binding(address, data);
	else
		rte_tel_data_add_dict_int(data, "revoked", revoked);
	return 0;
}

static void
add_violator(const struct reg_violator *violator, struct rte_tel_data *dict)
{
	struct timespec last = ntp_to_timespec(violator->last);
	char text[20];

	telemetry_add_address(dict, "source", violator->source);
	telemetry_add_address(dict, "home_address", violator->home_address);
	rte_tel_data_add_dict_u64(dict, "spi", violator->spi);
	rte_tel_data_add_dict_string(dict, "reason", reg_violation_name(violator->reason));
	rte_tel_data_add_dict_u64(dict, "count", violator->count);
	rte_tel_data_add_dict_u64(dict, "last_time", (uint64_t)last.tv_sec);
	snprintf(text, sizeof(text), "%016" PRIx64, violator->identification);
	rte_tel_data_add_dict_string(dict, "identification", text);
}

int
telemetry_security(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	const struct reg_security *security = registration_security(gateway->registration);
	unsigned count = 0;

	rte_tel_data_start_dict(data);
	for (unsigned i = 0; i < REG_VIOLATORS_MAX; i++) {
		struct rte_tel_data *entry;

		if (security->violators[i].count == 0)
			continue;
		entry = telemetry_list_add(data, &count);
		if (entry == NULL)
			return -ENOMEM;
		add_violator(&security->violators[i], entry);
	}
	return 0;
}

static void
add_kinds(const uint64_t counts[REG_KIND_COUNT], const char *what, struct rte_tel_data *dict)
{
	char name[64];

	for (unsigned kind = 0; kind < REG_KIND_COUNT; kind++) {
		snprintf(name, sizeof(name), "%s_%s", what, reg_kind_name((enum reg_kind)kind));
		rte_tel_data_add_dict_u64(dict, name, counts[kind]);
	}
}

static void
add_codes(const struct reg_counters *counters, struct rte_tel_data *dict)
{
	char name[32];

	for (unsigned code = 0; code < ARRAY_COUNT(counters->denied_by_code); code++) {
		if (counters->denied_by_code[code] == 0)
			continue;
		snprintf(name, sizeof(name), "denied_code_%u", code);
		rte_tel_data_add_dict_u64(dict, name, counters->denied_by_code[code]);
	}
}

static void
add_agent_counters(const struct reg_counters *counters, struct rte_tel_data *dict)
{
	rte_tel_data_add_dict_u64(dict, "requests", counters->requests);
	add_kinds(counters->accepted, "accepted", dict);
	add_kinds(counters->denied, "denied", dict);
	rte_tel_data_add_dict_u64(dict, "accepted_no_simultaneous",
				  counters->accepted_no_simultaneous);
	rte_tel_data_add_dict_u64(dict, "dropped", counters->dropped);
	rte_tel_data_add_dict_u64(dict, "moves", counters->moves);
	rte_tel_data_add_dict_u64(dict, "duplicates", counters->duplicates);
	rte_tel_data_add_dict_u64(dict, "udp_tunnels", counters->udp_tunnels);
	rte_tel_data_add_dict_u64(dict, "expired", counters->bindings_ended[BINDING_END_EXPIRED]);
	rte_tel_data_add_dict_u64(dict, "revoked", counters->bindings_ended[BINDING_END_REVOKED]);
	rte_tel_data_add_dict_u64(dict, "revocations_sent", counters->revocations_sent);
	rte_tel_data_add_dict_u64(dict, "revocations_acknowledged",
				  counters->revocations_acknowledged);
	rte_tel_data_add_dict_u64(dict, "revocations_given_up", counters->revocations_given_up);
	rte_tel_data_add_dict_u64(dict, "revocations_received", counters->revocations_received);
	rte_tel_data_add_dict_u64(dict, "reply_failures", counters->reply_failures);
	rte_tel_data_add_dict_u64(dict, "busiest_minute", counters->minute_most);
	add_time(dict, "busiest_minute_time", counters->minute_most_time);
	add_codes(counters, dict);
}

static void
add_punts(const struct gateway *gateway, struct rte_tel_data *dict)
{
	char name[32];

	for (unsigned i = 0; i < PUNT_CLASS_COUNT; i++) {
		uint64_t count = 0;

		for (unsigned w = 0; w < gateway->worker_count; w++)
			count += gateway->workers[w]->counters.punts[i];
		telemetry_key(telemetry_punt_name((enum punt_class)i), name, sizeof(name));
		rte_tel_data_add_dict_u64(dict, name, count);
	}
}

/* RFC 2006: mipSecTotalViolations and its reasons, haGratuitiousARPsSent, haProxyARPsSent. */
static int
add_security_and_arp(const struct gateway *gateway, struct rte_tel_data *data)
{
	static const char *const names[REG_VIOLATION_COUNT] = {
		[REG_VIOLATION_NONE] = "all",
		[REG_VIOLATION_NO_ASSOCIATION] = "no_association",
		[REG_VIOLATION_BAD_AUTHENTICATOR] = "bad_authenticator",
		[REG_VIOLATION_BAD_IDENTIFIER] = "bad_identifier",
		[REG_VIOLATION_BAD_SPI] = "bad_spi",
		[REG_VIOLATION_MISSING_EXTENSION] = "missing_extension",
	};
	const struct reg_security *security = registration_security(gateway->registration);
	const struct proxy_counters *arp = route_proxy_counters(gateway->routes);
	struct rte_tel_data *dict = telemetry_dict_add(data, "violations");

	if (dict == NULL)
		return -ENOMEM;
	rte_tel_data_add_dict_u64(dict, names[REG_VIOLATION_NONE], security->violations);
	for (unsigned i = REG_VIOLATION_NONE + 1; i < REG_VIOLATION_COUNT; i++)
		rte_tel_data_add_dict_u64(dict, names[i], security->by_reason[i]);
	dict = telemetry_dict_add(data, "arp");
	if (dict == NULL)
		return -ENOMEM;
	rte_tel_data_add_dict_u64(dict, "gratuitous", arp->announcements);
	rte_tel_data_add_dict_u64(dict, "proxy", arp->answers);
	return 0;
}

int
telemetry_stats(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	static const char *const names[AGENT_COUNT] = {
		[AGENT_X_HA] = "x_ha", [AGENT_I_HA] = "i_ha"};
	uint64_t handovers = 0, ecn_alarms = 0, mss_clamped = 0;
	struct rte_tel_data *dict;

	rte_tel_data_start_dict(data);
	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		dict = telemetry_dict_add(data, names[i]);
		if (dict == NULL)
			return -ENOMEM;
		add_agent_counters(registration_counters(gateway->registration, (enum agent_id)i),
				   dict);
	}
	dict = telemetry_dict_add(data, "punts");
	if (dict == NULL)
		return -ENOMEM;
	add_punts(gateway, dict);
	if (add_security_and_arp(gateway, data) < 0)
		return -ENOMEM;
	for (unsigned w = 0; w < gateway->worker_count; w++) {
		handovers += gateway->workers[w]->counters.handovers;
		ecn_alarms += gateway->workers[w]->counters.ecn_alarms;
		mss_clamped += gateway->workers[w]->counters.mss_clamped;
	}
	rte_tel_data_add_dict_u64(data, "handovers", handovers);
	rte_tel_data_add_dict_u64(data, "ecn_alarms", ecn_alarms);
	rte_tel_data_add_dict_u64(data, "mss_clamped", mss_clamped);
	rte_tel_data_add_dict_u64(data, "inject_failures", gateway->injector.failures);
	return 0;
}
