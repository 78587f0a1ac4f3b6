/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/reg_decide_tunnel.h"

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
ask_udp(struct situation *s, enum mip_author author, uint8_t flags)
{
	s->message.udp_request.author = author;
	s->message.udp_request.flags = flags;
}

static void
come_through_nat(struct situation *s)
{
	s->facts.source = NAT;
}

static void
reverse_tunnel_off(struct situation *s)
{
	s->agent.reverse_tunnel = REVERSE_TUNNEL_OFF;
}

static void
reverse_tunnel_missing(struct situation *s)
{
	s->agent.reverse_tunnel = REVERSE_TUNNEL_REQUIRED;
	s->message.request.flags = MIP_FLAG_D;
}

static void
gre(struct situation *s)
{
	s->message.request.flags |= MIP_FLAG_G;
}

static void
gre_unavailable(struct situation *s)
{
	gre(s);
	s->agent.gre = false;
}

static void
minimal(struct situation *s)
{
	s->message.request.flags |= MIP_FLAG_M;
}

static void
minimal_unavailable(struct situation *s)
{
	minimal(s);
	s->agent.minimal_encapsulation = false;
}

static void
either_encapsulation(struct situation *s)
{
	gre_unavailable(s);
	minimal(s);
}

static void
nat_without_request(struct situation *s)
{
	come_through_nat(s);
}

static void
registered_from_home(struct situation *s)
{
	s->facts.source = HOME;
}

static void
relayed_by_known_agent(struct situation *s)
{
	come_through_nat(s);
	s->facts.foreign_auth = REG_FOREIGN_VALID;
}

static void
nat_with_request(struct situation *s)
{
	come_through_nat(s);
	ask_udp(s, MIP_BY_MOBILE, 0);
}

static void
nat_not_allowed(struct situation *s)
{
	nat_with_request(s);
	s->agent.udp_tunnel = false;
}

static void
request_without_nat(struct situation *s)
{
	ask_udp(s, MIP_BY_MOBILE, 0);
}

static void
request_without_nat_not_allowed(struct situation *s)
{
	ask_udp(s, MIP_BY_MOBILE, 0);
	s->agent.udp_tunnel = false;
}

static void
forced(struct situation *s)
{
	ask_udp(s, MIP_BY_MOBILE, UDP_TUNNEL_FLAG_F);
}

static void
forced_not_allowed(struct situation *s)
{
	forced(s);
	s->agent.udp_tunnel_forced = false;
}

static void
forced_udp_off(struct situation *s)
{
	forced(s);
	s->agent.udp_tunnel = false;
}

static void
forced_behind_nat(struct situation *s)
{
	forced_not_allowed(s);
	come_through_nat(s);
}

static void
through_foreign_agent(struct situation *s)
{
	come_through_nat(s);
	ask_udp(s, MIP_BY_MOBILE, UDP_TUNNEL_FLAG_R);
}

static void
udp_without_d(struct situation *s)
{
	nat_with_request(s);
	s->message.request.flags = MIP_FLAG_T;
}

static void
udp_of_foreign_agent_with_d(struct situation *s)
{
	come_through_nat(s);
	ask_udp(s, MIP_BY_FOREIGN_AGENT, 0);
}

static void
udp_of_foreign_agent(struct situation *s)
{
	udp_of_foreign_agent_with_d(s);
	s->message.request.flags = MIP_FLAG_T;
}

static void
udp_reserved(struct situation *s)
{
	nat_with_request(s);
	s->message.udp_request.reserved3 = 1;
}

static void
udp_gre(struct situation *s)
{
	nat_with_request(s);
	s->message.udp_request.encapsulation = IP_PROTOCOL_GRE;
}

static void
udp_gre_unavailable(struct situation *s)
{
	udp_gre(s);
	s->agent.gre = false;
}

static void
udp_strange_encapsulation(struct situation *s)
{
	nat_with_request(s);
	s->message.udp_request.encapsulation = 41;
}

static void
udp_by_flags_unavailable(struct situation *s)
{
	nat_with_request(s);
	minimal_unavailable(s);
}

static void
udp_to_home_address(struct situation *s)
{
	forced(s);
	s->facts.source = HOME;
}

static void
deregistration_without_t_where_required(struct situation *s)
{
	reverse_tunnel_missing(s);
	s->message.request.lifetime_be = 0;
}

static void
each_code_about_the_tunnel_has_its_cause(void **state)
{
	static const struct situation_case cases[] = {
		{no_change, 0},
		{reverse_tunnel_off, 137},
		{reverse_tunnel_missing, 138},
		{gre, 0},
		{gre_unavailable, 139},
		{minimal, 0},
		{minimal_unavailable, 139},
		{either_encapsulation, 0},
		{nat_without_request, 129},
		{registered_from_home, 0},
		{relayed_by_known_agent, 0},
		{nat_with_request, 0},
		{nat_not_allowed, 129},
		{request_without_nat, 0},
		{request_without_nat_not_allowed, 0},
		{forced, 0},
		{forced_not_allowed, 129},
		{forced_udp_off, 129},
		{forced_behind_nat, 0},
		{through_foreign_agent, 0},
		{udp_without_d, 134},
		{udp_of_foreign_agent_with_d, 134},
		{udp_of_foreign_agent, 0},
		{udp_reserved, 134},
		{udp_gre, 0},
		{udp_gre_unavailable, 142},
		{udp_strange_encapsulation, 142},
		{udp_by_flags_unavailable, 142},
		{udp_to_home_address, 134},
		{deregistration_without_t_where_required, 0},
	};

	(void)state;
	situation_assert_codes(cases, ARRAY_COUNT(cases));
}

static void
each_tunnel_has_its_kind_and_end(void **state)
{
	static const struct {
		void (*change)(struct situation *s);
		enum tunnel_kind kind;
		bool to_nat;
		bool is_half_bound;
		bool has_udp_reply;
		uint8_t udp_code;
		bool is_forced;
	} cases[] = {
		{no_change, TUNNEL_IPIP, false, false, false, 0, false},
		{gre, TUNNEL_GRE, false, false, false, 0, false},
		{minimal, TUNNEL_MINENC, false, false, false, 0, false},
		{either_encapsulation, TUNNEL_MINENC, false, false, false, 0, false},
		{nat_with_request, TUNNEL_UDP_IPIP, true, false, true, 0, false},
		{udp_gre, TUNNEL_UDP_GRE, true, false, true, 0, false},
		{udp_of_foreign_agent, TUNNEL_UDP_IPIP, true, false, true, 0, false},
		{request_without_nat, TUNNEL_IPIP, false, false, true, UDP_TUNNEL_DECLINED, false},
		{request_without_nat_not_allowed, TUNNEL_IPIP, false, false, true,
		 UDP_TUNNEL_DECLINED, false},
		{forced, TUNNEL_UDP_IPIP, false, false, true, 0, true},
		{forced_behind_nat, TUNNEL_UDP_IPIP, true, false, true, 0, true},
		{through_foreign_agent, TUNNEL_UDP_IPIP, true, true, true, 0, false},
		{relayed_by_known_agent, TUNNEL_IPIP, false, false, false, 0, false},
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct situation s = situation_after(cases[i].change);

		assert_int_equal(s.decision.kind, cases[i].kind);
		assert_int_equal(s.decision.tunnel_dst, cases[i].to_nat ? NAT : CARE_OF);
		assert_int_equal(s.decision.is_half_bound, cases[i].is_half_bound);
		assert_int_equal(s.decision.udp_reply.present, cases[i].has_udp_reply);
		assert_int_equal(s.decision.udp_reply.code, cases[i].udp_code);
		assert_int_equal(s.decision.udp_reply.forced, cases[i].is_forced);
		assert_int_equal(s.decision.tunnel_port_be,
				 tunnel_is_udp(cases[i].kind) ? htobe16(SOURCE_PORT) : 0);
	}
}

static uint16_t
lifetime_granted(uint16_t asked, void (*change)(struct situation *s))
{
	struct situation s;

	situation_init(&s);
	s.message.request.lifetime_be = htobe16(asked);
	change(&s);
	situation_decide(&s);
	return s.decision.lifetime_sec;
}

static void
lifetime_is_never_more_than_asked_or_allowed(void **state)
{
	(void)state;
	assert_int_equal(lifetime_granted(1, no_change), 1);
	assert_int_equal(lifetime_granted(3600, no_change), 3600);
	assert_int_equal(lifetime_granted(3601, no_change), 3600);
	assert_int_equal(lifetime_granted(MIP_LIFETIME_INFINITE, no_change), 3600);
	assert_int_equal(lifetime_granted(1800, nat_with_request), 60);
	assert_int_equal(lifetime_granted(30, nat_with_request), 30);
	assert_int_equal(lifetime_granted(1800, forced), 1800);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_about_the_tunnel_has_its_cause),
		cmocka_unit_test(each_tunnel_has_its_kind_and_end),
		cmocka_unit_test(lifetime_is_never_more_than_asked_or_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
