/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/reg_decide.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/unit/control/reg_situation.h"

static void
no_change(struct situation *s)
{
	(void)s;
}

static void
no_simultaneous(struct situation *s)
{
	s->agent.simultaneous_max = 1;
}

static void
simultaneous_not_supported(struct situation *s)
{
	no_simultaneous(s);
	s->message.request.flags |= MIP_FLAG_S;
	s->facts.bindings.count = 1;
}

static void
wrong_authenticator(struct situation *s)
{
	s->facts.mobile_auth = REG_MOBILE_BAD_AUTHENTICATOR;
}

static void
unknown_spi(struct situation *s)
{
	s->facts.mobile_auth = REG_MOBILE_BAD_SPI;
}

static void
stale(struct situation *s)
{
	s->facts.identification_is_valid = false;
}

static void
repeated_with_timestamps(struct situation *s)
{
	stale(s);
	s->facts.bindings = (struct reg_bindings){
		.count = 1, .has_care_of = true, .is_duplicate = true, .duplicate_left_sec = 100};
}

static void
repeated_with_nonces(struct situation *s)
{
	repeated_with_timestamps(s);
	s->facts.uses_nonces = true;
}

static void
wrong_authenticator_and_stale(struct situation *s)
{
	wrong_authenticator(s);
	stale(s);
}

static void
stale_and_foreign_missing(struct situation *s)
{
	stale(s);
	s->facts.foreign_auth = REG_FOREIGN_MISSING;
}

static void
foreign_missing(struct situation *s)
{
	s->facts.foreign_auth = REG_FOREIGN_MISSING;
}

static void
foreign_invalid(struct situation *s)
{
	s->facts.foreign_auth = REG_FOREIGN_INVALID;
}

static void
foreign_invalid_and_broadcast(struct situation *s)
{
	foreign_invalid(s);
	s->facts.to_broadcast = true;
}

static void
foreign_missing_deregistration(struct situation *s)
{
	foreign_missing(s);
	s->message.request.lifetime_be = 0;
}

static void
malformed_behind_authenticator(struct situation *s)
{
	s->facts.parse = MIP_PARSE_MALFORMED;
}

static void
out_of_order(struct situation *s)
{
	s->message.extensions_out_of_order = true;
}

static void
to_broadcast(struct situation *s)
{
	s->facts.to_broadcast = true;
}

static void
to_broadcast_without_home_address(struct situation *s)
{
	to_broadcast(s);
	s->facts.home = REG_HOME_UNSUPPORTED;
}

static void
other_home_agent(struct situation *s)
{
	s->message.request.home_agent = htobe32(0x0a0100fe);
}

static void
home_agent_zero(struct situation *s)
{
	s->message.request.home_agent = 0;
}

static void
home_agent_ones(struct situation *s)
{
	s->message.request.home_agent = 0xffffffffu;
}

static void
requested_home_agent(struct situation *s)
{
	s->message.dynamic_ha = (struct mip_dynamic_ha){
		.form = MIP_DYNAMIC_HA_LONG, .subtype = DYNAMIC_HA_REQUESTED, .address = AGENT};
}

static void
requested_other_home_agent(struct situation *s)
{
	requested_home_agent(s);
	s->message.dynamic_ha.form = MIP_DYNAMIC_HA_SHORT;
	s->message.dynamic_ha.address = htobe32(0x0a0100fe);
}

static void
reserved_bits(struct situation *s)
{
	s->message.request.flags |= MIP_FLAG_R_RESERVED | MIP_FLAG_X_RESERVED;
}

static void
reserved_bits_strict(struct situation *s)
{
	reserved_bits(s);
	s->agent.strict_reserved_bits = true;
}

static void
vendor_by_mobile(struct situation *s)
{
	s->message.cvse = MIP_BY_MOBILE;
}

static void
vendor_by_foreign_agent(struct situation *s)
{
	s->message.cvse = MIP_BY_FOREIGN_AGENT;
}

static void
home_unsupported(struct situation *s)
{
	s->facts.home = REG_HOME_UNSUPPORTED;
}

static void
home_none_left(struct situation *s)
{
	s->facts.home = REG_HOME_NONE_LEFT;
}

static void
care_of_zero(struct situation *s)
{
	s->message.request.care_of_address = 0;
}

static void
care_of_multicast(struct situation *s)
{
	s->message.request.care_of_address = htobe32(0xe0000001);
}

static void
care_of_home(struct situation *s)
{
	s->message.request.care_of_address = HOME;
}

static void
care_of_agent(struct situation *s)
{
	s->message.request.care_of_address = AGENT;
}

static void
service_selected(struct situation *s)
{
	s->message.service_selection = (struct mip_view){situation_bytes, 4};
}

static void
mobile_networks(struct situation *s)
{
	s->message.mobile_network_count = 2;
}

static void
too_many_bindings(struct situation *s)
{
	s->message.request.flags |= MIP_FLAG_S;
	s->facts.bindings.count = 3;
}

static void
renewal_of_one_of_many(struct situation *s)
{
	too_many_bindings(s);
	s->facts.bindings.has_care_of = true;
}

static void
table_full(struct situation *s)
{
	s->facts.bindings.table_is_full = true;
}

static void
move_with_table_full(struct situation *s)
{
	table_full(s);
	s->facts.bindings.count = 1;
}

static void
another_with_table_full(struct situation *s)
{
	move_with_table_full(s);
	s->message.request.flags |= MIP_FLAG_S;
}

static void
aaa_only(struct situation *s)
{
	s->message.mn_ha = (struct mip_auth_view){0};
	s->message.mn_aaa =
		(struct mip_auth_view){.authenticator = {situation_bytes, 16}, .count = 1};
	s->facts.mobile_auth = REG_MOBILE_BAD_AUTHENTICATOR;
}

static void
deregistration_from_home(struct situation *s)
{
	s->message.request.lifetime_be = 0;
	s->message.request.care_of_address = HOME;
	s->facts.source = HOME;
	s->facts.bindings.count = 2;
}

static void
deregistration_of_one(struct situation *s)
{
	s->message.request.lifetime_be = 0;
	s->facts.bindings.count = 2;
	s->facts.bindings.has_care_of = true;
}

static void
each_code_has_its_cause(void **state)
{
	static const struct situation_case cases[] = {
		{no_change, 0},
		{no_simultaneous, 1},
		{simultaneous_not_supported, 1},
		{wrong_authenticator, 131},
		{unknown_spi, 131},
		{wrong_authenticator_and_stale, 131},
		{stale, 133},
		{stale_and_foreign_missing, 133},
		{repeated_with_timestamps, 133},
		{repeated_with_nonces, 0},
		{foreign_missing, 132},
		{foreign_invalid, 132},
		{foreign_invalid_and_broadcast, 132},
		{foreign_missing_deregistration, 0},
		{malformed_behind_authenticator, 134},
		{out_of_order, 134},
		{to_broadcast, 136},
		{to_broadcast_without_home_address, 136},
		{other_home_agent, 136},
		{home_agent_zero, 0},
		{home_agent_ones, 0},
		{requested_home_agent, 0},
		{requested_other_home_agent, 136},
		{reserved_bits, 0},
		{reserved_bits_strict, 134},
		{vendor_by_mobile, 140},
		{vendor_by_foreign_agent, 141},
		{home_unsupported, 129},
		{home_none_left, 130},
		{care_of_zero, 134},
		{care_of_multicast, 134},
		{care_of_home, 134},
		{care_of_agent, 134},
		{service_selected, 151},
		{mobile_networks, 0}, /* RFC 5177 section 4.1: skippable, and skipped */
		{too_many_bindings, 135},
		{renewal_of_one_of_many, 0},
		{table_full, 130},
		{move_with_table_full, 0},
		{another_with_table_full, 130},
		{aaa_only, 144},
		{deregistration_from_home, 0},
		{deregistration_of_one, 0},
	};

	(void)state;
	situation_assert_codes(cases, ARRAY_COUNT(cases));
}

static void
from_outside_to_i_ha(struct situation *s)
{
	s->facts.agent = AGENT_I_HA;
}

static void
from_inside_to_x_ha(struct situation *s)
{
	s->facts.is_external = false;
}

static void
untrusted_to_i_ha(struct situation *s)
{
	s->facts.agent = AGENT_I_HA;
	s->facts.is_external = false;
	s->facts.source_is_trusted = false;
}

static void
untrusted_to_i_ha_with_wrong_key(struct situation *s)
{
	untrusted_to_i_ha(s);
	wrong_authenticator(s);
}

static void
too_short(struct situation *s)
{
	s->facts.parse = MIP_PARSE_SHORT;
}

static void
a_reply(struct situation *s)
{
	s->message.type = MIP_REGISTRATION_REPLY;
}

static void
unknown_extension(struct situation *s)
{
	s->facts.parse = MIP_PARSE_UNKNOWN_EXTENSION;
}

static void
no_authenticator(struct situation *s)
{
	s->message.mn_ha = (struct mip_auth_view){0};
}

static void
malformed_before_authenticator(struct situation *s)
{
	no_authenticator(s);
	s->facts.parse = MIP_PARSE_MALFORMED;
}

static void
unknown_mobile(struct situation *s)
{
	s->facts.mobile_auth = REG_MOBILE_UNKNOWN;
}

static void
unknown_mobile_of_known_agent(struct situation *s)
{
	unknown_mobile(s);
	s->facts.foreign_auth = REG_FOREIGN_VALID;
}

static void
foreign_unexpected(struct situation *s)
{
	s->facts.foreign_auth = REG_FOREIGN_UNEXPECTED;
}

static void
foreign_unexpected_deregistration(struct situation *s)
{
	foreign_unexpected(s);
	s->message.request.lifetime_be = 0;
}

static void
each_silent_drop_has_its_cause(void **state)
{
	static const struct {
		void (*change)(struct situation *s);
		enum drop_reason drop;
	} cases[] = {
		{from_outside_to_i_ha, DROP_REG_EXTERNAL_TO_I_HA},
		{from_inside_to_x_ha, DROP_REG_INTERNAL_TO_X_HA},
		{untrusted_to_i_ha, DROP_REG_UNTRUSTED_SOURCE},
		{untrusted_to_i_ha_with_wrong_key, DROP_REG_UNTRUSTED_SOURCE},
		{too_short, DROP_REG_MALFORMED},
		{a_reply, DROP_REG_MALFORMED},
		{malformed_before_authenticator, DROP_REG_MALFORMED},
		{unknown_extension, DROP_REG_UNKNOWN_EXTENSION},
		{no_authenticator, DROP_REG_NO_AUTH},
		{unknown_mobile, DROP_REG_NO_ASSOCIATION},
		{unknown_mobile_of_known_agent, DROP_REG_NO_ASSOCIATION},
		{foreign_unexpected, DROP_REG_FA_NO_ASSOCIATION},
		{foreign_unexpected_deregistration, DROP_REG_FA_NO_ASSOCIATION},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct situation s = situation_after(cases[i].change);

		assert_int_equal(s.decision.verdict, REG_DROP);
		assert_int_equal(s.decision.drop, cases[i].drop);
		assert_int_equal(s.decision.action, REG_NOTHING);
	}
}

static void
each_request_has_its_action(void **state)
{
	static const struct {
		void (*change)(struct situation *s);
		enum reg_action action;
	} cases[] = {
		{no_change, REG_REPLACE},
		{renewal_of_one_of_many, REG_ADD},
		{simultaneous_not_supported, REG_REPLACE},
		{repeated_with_nonces, REG_NOTHING},
		{deregistration_from_home, REG_REMOVE_ALL},
		{deregistration_of_one, REG_REMOVE_ONE},
		{service_selected, REG_REMOVE_ALL},
		{table_full, REG_NOTHING},
		{too_many_bindings, REG_NOTHING},
		{stale, REG_NOTHING},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct situation s = situation_after(cases[i].change);

		assert_int_equal(s.decision.action, cases[i].action);
	}
}

static void
a_duplicate_has_no_more_than_what_is_left(void **state)
{
	struct situation s = situation_after(repeated_with_nonces);

	(void)state;
	assert_int_equal(s.decision.lifetime_sec, 100);
	s.message.request.lifetime_be = htobe16(50);
	situation_decide(&s);
	assert_int_equal(s.decision.lifetime_sec, 50);
}

static void
authentication_failures_are_rationed_unless_a_known_agent_relays(void **state)
{
	struct situation s;

	(void)state;
	situation_init(&s);
	wrong_authenticator(&s);
	situation_decide(&s);
	assert_true(s.decision.is_rate_limited);
	s.facts.foreign_auth = REG_FOREIGN_VALID;
	situation_decide(&s);
	assert_false(s.decision.is_rate_limited);
	assert_int_equal(s.decision.code, 131);
	assert_false(s.decision.identification_was_valid);
}

static void
answers_to_replayed_requests_are_rationed_unless_a_known_agent_relays(void **state)
{
	struct situation s;

	(void)state;
	situation_init(&s);
	s.facts.identification_is_valid = false;
	situation_decide(&s);
	assert_int_equal(s.decision.code, 133);
	assert_true(s.decision.is_rate_limited);
	s.facts.foreign_auth = REG_FOREIGN_VALID;
	situation_decide(&s);
	assert_int_equal(s.decision.code, 133);
	assert_false(s.decision.is_rate_limited);
	s.facts.foreign_auth = REG_FOREIGN_NONE;
	s.facts.identification_is_valid = true;
	situation_decide(&s);
	assert_false(s.decision.is_rate_limited);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_has_its_cause),
		cmocka_unit_test(each_silent_drop_has_its_cause),
		cmocka_unit_test(each_request_has_its_action),
		cmocka_unit_test(a_duplicate_has_no_more_than_what_is_left),
		cmocka_unit_test(authentication_failures_are_rationed_unless_a_known_agent_relays),
		cmocka_unit_test(
			answers_to_replayed_requests_are_rationed_unless_a_known_agent_relays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
