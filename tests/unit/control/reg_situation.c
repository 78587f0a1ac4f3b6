/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/reg_situation.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

const uint8_t situation_bytes[16];

void
situation_init(struct situation *s)
{
	*s = (struct situation){
		.agent =
			{
				.enabled = true,
				.address = AGENT,
				.lifetime_max_sec = 3600,
				.simultaneous_max = 3,
				.reverse_tunnel = REVERSE_TUNNEL_OPTIONAL,
				.gre = true,
				.minimal_encapsulation = true,
				.broadcasts = true,
				.udp_tunnel = true,
				.udp_tunnel_forced = true,
				.udp_keepalive_sec = 110,
				.udp_lifetime_max_sec = 60,
				.revocation = true,
			},
		.message =
			{
				.type = MIP_REGISTRATION_REQUEST,
				.request =
					{
						.type = MIP_REGISTRATION_REQUEST,
						.flags = MIP_FLAG_D | MIP_FLAG_T,
						.lifetime_be = htobe16(1800),
						.home_address = HOME,
						.home_agent = AGENT,
						.care_of_address = CARE_OF,
					},
				.mn_ha = {.authenticator = {situation_bytes, 16}, .count = 1},
			},
		.facts =
			{
				.agent = AGENT_X_HA,
				.is_external = true,
				.source_is_trusted = true,
				.source = CARE_OF,
				.source_port_be = htobe16(SOURCE_PORT),
				.mobile_auth = REG_MOBILE_VALID,
				.identification_is_valid = true,
				.home_address = HOME,
			},
	};
}

void
situation_decide(struct situation *s)
{
	s->facts.config = &s->agent;
	s->facts.message = &s->message;
	reg_decide(&s->facts, &s->decision);
}

struct situation
situation_after(void (*change)(struct situation *s))
{
	struct situation s;

	situation_init(&s);
	change(&s);
	situation_decide(&s);
	return s;
}

void
situation_assert_codes(const struct situation_case *cases, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct situation s = situation_after(cases[i].change);
		bool is_accepted = cases[i].code <= MIP_CODE_ACCEPTED_NO_SIMULTANEOUS;

		if (s.decision.code != cases[i].code)
			print_error("case %u\n", i);
		assert_int_equal(s.decision.code, cases[i].code);
		assert_int_equal(s.decision.verdict, is_accepted ? REG_ACCEPT : REG_DENY);
		assert_int_equal(s.decision.text == NULL, is_accepted);
		if (!is_accepted)
			assert_int_equal(s.decision.lifetime_sec, 0);
	}
}
