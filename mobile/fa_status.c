/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_status.h"

#include <jansson.h>
#include <stdio.h>

#include "mobile/fa_daemon.h"

static json_t *
address_json(be32 address)
{
	char text[ADDRESS_TEXT_SIZE];

	return address != 0 ? json_string(address_format(address, text)) : json_null();
}

static json_t *
mac_json(const uint8_t mac[ETH_ADDRESS_SIZE])
{
	return json_sprintf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
			    mac[5]);
}

static json_t *
nai_json(const struct fa_identity *mobile)
{
	/* one that is not UTF-8 is nobody's name */
	json_t *text = mobile->nai_len != 0
			       ? json_stringn((const char *)mobile->nai, mobile->nai_len)
			       : NULL;

	return text != NULL ? text : json_null();
}

/* Seconds until `when`; null: never. */
static json_t *
seconds_json(struct mono_time when)
{
	return when.ns != UINT64_MAX ? json_integer((json_int_t)mono_sec_until(mono_now(), when))
				     : json_null();
}

static json_t *
visitor_json(const struct mac_check *check, const struct fa_visitor *visitor)
{
	const struct mn_tunnel_spec *spec = &visitor->tunnel.spec;
	json_t *kind =
		visitor->has_tunnel ? json_string(tunnel_kind_name(spec->kind)) : json_null();

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:i, s:o, s:I, s:I, s:I, s:I, "
			 "s:I, s:I, s:I}",
			 "home_address", address_json(visitor->mobile.home_address), "home_agent",
			 address_json(visitor->mobile.home_agent), "nai",
			 nai_json(&visitor->mobile), "mac", mac_json(visitor->mac), "encapsulation",
			 kind, "reverse", visitor->has_tunnel && spec->reverse,
			 "encapsulating_delivery", visitor->is_encapsulating, "revocation",
			 visitor->revocation.is_negotiated, "lifetime_sec", visitor->lifetime_sec,
			 "expires_in_sec", seconds_json(visitor->expires), "to_mobile_packets",
			 (json_int_t)visitor->to_mobile_packets, "to_mobile_bytes",
			 (json_int_t)visitor->to_mobile_bytes, "from_mobile_packets",
			 (json_int_t)visitor->from_mobile_packets, "from_mobile_bytes",
			 (json_int_t)visitor->from_mobile_bytes, "refused_packets",
			 (json_int_t)visitor->refused_packets, "forged_packets",
			 (json_int_t)mac_check_drops(check, visitor->mobile.home_address),
			 "keepalives_answered", (json_int_t)visitor->keepalive.answered_count);
}

static json_t *
bans_json(const struct fa_bans *bans)
{
	json_t *list = json_array();
	const struct fa_ban *ban;
	unsigned at = 0;

	while ((ban = fa_bans_next(bans, &at, mono_now())) != NULL)
		json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "home_address",
						      address_json(ban->mobile.home_address), "nai",
						      nai_json(&ban->mobile), "for_sec",
						      seconds_json(ban->until)));
	return list;
}

static json_t *
registration_json(const struct fa_counters *counters)
{
	json_t *denials = json_object();
	char code[4];

	for (unsigned i = 0; i < ARRAY_COUNT(counters->denials); i++) {
		if (counters->denials[i] == 0)
			continue;
		snprintf(code, sizeof(code), "%u", i);
		json_object_set_new(denials, code, json_integer((json_int_t)counters->denials[i]));
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "requests",
			 (json_int_t)counters->requests, "requests_relayed",
			 (json_int_t)counters->requests_relayed, "requests_discarded",
			 (json_int_t)counters->requests_discarded, "replies",
			 (json_int_t)counters->replies, "replies_relayed",
			 (json_int_t)counters->replies_relayed, "replies_discarded",
			 (json_int_t)counters->replies_discarded, "bad_authenticators",
			 (json_int_t)counters->bad_authenticators, "expired",
			 (json_int_t)counters->registrations_expired, "keepalives_sent",
			 (json_int_t)counters->keepalives_sent, "keepalives_lost",
			 (json_int_t)counters->keepalives_lost, "denials_withheld",
			 (json_int_t)counters->denials_withheld, "denials", denials);
}

static json_t *
revocation_json(const struct fa_relay *relay)
{
	const struct fa_counters *counters = fa_relay_counters(relay);

	return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I}", "unacknowledged",
			 (int)fa_relay_revoking_count(relay), "sent",
			 (json_int_t)counters->revocations_sent, "acknowledged",
			 (json_int_t)counters->revocations_acknowledged, "given_up",
			 (json_int_t)counters->revocations_given_up, "received",
			 (json_int_t)counters->revocations_received, "refused",
			 (json_int_t)counters->revocations_refused, "mobiles_informed",
			 (json_int_t)counters->mobiles_informed);
}

static json_t *
refused_json(const uint64_t counts[MN_OPEN_VERDICT_COUNT])
{
	json_t *refused = json_object();

	for (unsigned i = MN_OPEN_FINE + 1; i < MN_OPEN_VERDICT_COUNT; i++)
		json_object_set_new(refused, mn_open_verdict_name((enum mn_open_verdict)i),
				    json_integer((json_int_t)counts[i]));
	return refused;
}

/* Of all visitors, those that have left, too. */
static uint64_t
forged_packets(const struct fa_daemon *daemon)
{
	const struct fa_visitors *list = fa_relay_visitors(daemon->relay);
	uint64_t sum = daemon->mac_check.departed_drops;

	for (const struct fa_visitor *visitor = fa_visitors_next(list, NULL); visitor != NULL;
	     visitor = fa_visitors_next(list, visitor))
		sum += mac_check_drops(&daemon->mac_check, visitor->mobile.home_address);
	return sum;
}

static json_t *
traffic_json(const struct fa_daemon *daemon)
{
	const struct fa_traffic *traffic = &daemon->traffic;

	return json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "strangers_from_agent",
		(json_int_t)traffic->strangers_from_agent, "strangers_to_agent",
		(json_int_t)traffic->strangers_to_agent, "forged_packets",
		(json_int_t)forged_packets(daemon), "too_big_packets", (json_int_t)traffic->too_big,
		"unsent_packets", (json_int_t)traffic->unsent, "undelivered_packets",
		(json_int_t)daemon->undelivered_packets, "refused", refused_json(traffic->refused),
		"refused_deliveries", refused_json(traffic->refused_deliveries));
}

char *
fa_status_json(const void *context)
{
	const struct fa_daemon *daemon = context;
	const struct fa_visitors *list = fa_relay_visitors(daemon->relay);
	const struct fa_advertiser *advertiser = &daemon->advertiser;
	json_t *visitors = json_array(), *root;
	char *text;

	for (const struct fa_visitor *visitor = fa_visitors_next(list, NULL); visitor != NULL;
	     visitor = fa_visitors_next(list, visitor))
		json_array_append_new(visitors, visitor_json(&daemon->mac_check, visitor));
	root = json_pack("{s:o, s:o, s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:{s:I, s:I, s:I}}",
			 "care_of_address", address_json(daemon->config->care_of), "address",
			 address_json(fa_link_address(&daemon->link)), "visitor_interface",
			 daemon->config->visitor_interface, "uplink", daemon->config->uplink,
			 "pending", (int)fa_visitors_pending_count(list), "visitors", visitors,
			 "banned", bans_json(fa_relay_bans(daemon->relay)), "registration",
			 registration_json(fa_relay_counters(daemon->relay)), "revocation",
			 revocation_json(daemon->relay), "traffic", traffic_json(daemon),
			 "advertisements", "sent", (json_int_t)advertiser->sent, "solicitations",
			 (json_int_t)advertiser->solicited, "withheld",
			 (json_int_t)advertiser->withheld);
	if (root == NULL)
		return NULL;
	text = json_dumps(root, JSON_INDENT(2));
	json_decref(root);
	return text;
}
