/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/icmp_relay.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "lib/checksum.h"

#define AGENT htobe32(0xc0000202)   /* 192.0.2.2 */
#define CARE_OF htobe32(0xac100509) /* 172.16.5.9 */
#define HOME htobe32(0x0a010007)    /* 10.1.0.7 */
#define SENDER htobe32(0xcb007105)  /* 203.0.113.5 */

static void
errors_become_what_rfc_2003_says(void **state)
{
	static const struct {
		uint8_t type, code;
		bool is_udp, is_mtu, is_down, is_relayed;
		uint8_t relayed_code;
	} cases[] = {
		{3, 0, false, false, true, true, 0},	{3, 1, false, false, true, true, 1},
		{3, 2, false, false, true, true, 1},	{3, 3, false, false, false, false, 0},
		{3, 3, true, false, true, false, 0},	{3, 4, false, true, false, true, 4},
		{3, 4, true, true, false, true, 4},	{3, 5, false, false, false, false, 0},
		{3, 6, false, false, true, true, 0},	{3, 7, false, false, true, true, 1},
		{3, 13, false, false, true, true, 1},	{3, 200, false, false, false, false, 0},
		{4, 0, false, false, false, false, 0},	{5, 1, false, false, false, false, 0},
		{11, 0, false, false, true, true, 1},	{11, 1, false, false, false, true, 1},
		{12, 0, false, false, false, false, 0},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct icmp_relay relay =
			icmp_relay_decide(cases[i].type, cases[i].code, cases[i].is_udp);

		assert_int_equal(relay.is_mtu, cases[i].is_mtu);
		assert_int_equal(relay.is_down, cases[i].is_down);
		assert_int_equal(relay.is_relayed, cases[i].is_relayed);
		if (relay.is_relayed) {
			assert_int_equal(relay.type, ICMP_TYPE_UNREACHABLE);
			assert_int_equal(relay.code, cases[i].relayed_code);
		}
	}
}

static void
path_mtu_is_believed_within_reason(void **state)
{
	static const struct {
		uint16_t told, packet_len, mtu, rumoured;
	} cases[] = {
		{1400, 1500, 1400, 1400},
		{1500, 1500, 0, 0},
		{1501, 1500, 0, 0},
		{1200, 1500, 1200, 1280},
		{100, 1500, 576, 1280},
		{100, 576, 0, 0},
		{1200, 1280, 1200, 0},
		/* RFC 1191 plateaus */
		{0, 1500, 1492, 1492},
		{0, 1492, 1006, 1280},
		{0, 9000, 8166, 8166},
		{0, 600, 576, 0},
		{0, 65535, 32000, 32000},
		{0, 500, 0, 0},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct icmp_error_view view = {
			.mtu = cases[i].told,
			.quoted_ip.total_len_be = htobe16(cases[i].packet_len),
		};

		assert_int_equal(icmp_relay_mtu(&view, TUNNEL_WITNESS), cases[i].mtu);
		assert_int_equal(icmp_relay_mtu(&view, TUNNEL_RUMOUR), cases[i].rumoured);
	}
}

/* A quote of a tunnel packet: outer header of `protocol`, then `rest`. */
static struct icmp_error_view
view_of(uint8_t *bytes, uint8_t protocol, const void *rest, uint16_t rest_len)
{
	const struct ip_header outer = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16(1500),
		.protocol = protocol,
		.src = AGENT,
		.dst = CARE_OF,
	};

	memcpy(bytes, &outer, sizeof(outer));
	memcpy(bytes + sizeof(outer), rest, rest_len);
	return (struct icmp_error_view){
		.quoted_ip = outer,
		.quoted = bytes,
		.quoted_len = (uint16_t)(sizeof(outer) + rest_len),
		.quoted_header_len = sizeof(outer),
	};
}

static const struct ip_header inner_ip = {
	.version_ihl = IP_VERSION_IHL_PLAIN,
	.total_len_be = 0xdc05, /* 1500 - 20, little or big does not matter here */
	.protocol = IP_PROTOCOL_TCP,
};

static void
quotes_of_each_kind_name_their_tunnel(void **state)
{
	static const struct {
		enum tunnel_kind kind;
		uint8_t protocol, next_header;
		bool is_udp, is_gre;
	} cases[] = {
		{TUNNEL_IPIP, IP_PROTOCOL_IPIP, 0, false, false},
		{TUNNEL_GRE, IP_PROTOCOL_GRE, 0, false, true},
		{TUNNEL_UDP_IPIP, IP_PROTOCOL_UDP, IP_PROTOCOL_IPIP, true, false},
		{TUNNEL_UDP_GRE, IP_PROTOCOL_UDP, IP_PROTOCOL_GRE, true, true},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		const struct udp_header udp = {.src_port_be = htobe16(434),
					       .dst_port_be = htobe16(7777)};
		const struct mip_tunnel_data data = {MIP_TUNNEL_DATA, cases[i].next_header, 0};
		uint8_t bytes[128], rest[64];
		struct icmp_error_view view;
		struct icmp_quote quote;
		struct ip_header ip = inner_ip;
		uint16_t len = 0;

		ip.dst = HOME;
		if (cases[i].is_udp) {
			memcpy(rest, &udp, 8);
			memcpy(rest + 8, &data, 4);
			len = 12;
		}
		if (cases[i].is_gre) {
			memset(rest + len, 0, 4);
			len = (uint16_t)(len + 4);
		}
		memcpy(rest + len, &ip, sizeof(ip));
		view = view_of(bytes, cases[i].protocol, rest, (uint16_t)(len + sizeof(ip)));
		assert_int_equal(icmp_quote_parse(&view, &quote), 0);
		assert_int_equal(quote.kind, cases[i].kind);
		assert_int_equal(quote.agent, AGENT);
		assert_int_equal(quote.care_of, CARE_OF);
		assert_int_equal(quote.home_address, HOME);
		assert_int_equal(quote.inner_len, sizeof(ip));
		assert_int_equal(quote.dst_port_be, cases[i].is_udp ? htobe16(7777) : 0);
		/* every shorter quote is read without going beyond it */
		for (unsigned cut = 0; cut < len + sizeof(ip); cut++) {
			view = view_of(bytes, cases[i].protocol, rest, cut);
			if (icmp_quote_parse(&view, &quote) == 0)
				assert_null(quote.inner);
		}
	}
}

static void
quotes_of_what_is_no_tunnel_are_refused(void **state)
{
	const struct udp_header dns = {.src_port_be = htobe16(53)};
	const struct udp_header mip = {.src_port_be = htobe16(434)};
	uint8_t bytes[128], registration[12] = {0};
	struct icmp_error_view view;
	struct icmp_quote quote;

	view = view_of(bytes, IP_PROTOCOL_TCP, &dns, sizeof(dns));
	assert_int_not_equal(icmp_quote_parse(&view, &quote), 0);
	view = view_of(bytes, IP_PROTOCOL_UDP, &dns, sizeof(dns));
	assert_int_not_equal(icmp_quote_parse(&view, &quote), 0);
	memcpy(registration, &mip, sizeof(mip));
	registration[8] = MIP_REGISTRATION_REPLY;
	view = view_of(bytes, IP_PROTOCOL_UDP, registration, sizeof(registration));
	assert_int_not_equal(icmp_quote_parse(&view, &quote), 0);
	view = view_of(bytes, IP_PROTOCOL_IPIP, &inner_ip, sizeof(inner_ip));
	view.quoted_ip.fragment_be = htobe16(7);
	assert_int_not_equal(icmp_quote_parse(&view, &quote), 0);
}

static void
only_the_bindings_own_tunnel_matches(void **state)
{
	const struct binding_terms udp_terms = {.agent_address = AGENT,
						.tunnel_dst = CARE_OF,
						.kind = TUNNEL_UDP_IPIP,
						.tunnel_port_be = htobe16(7777)};
	const struct icmp_quote good = {.kind = TUNNEL_UDP_IPIP,
					.agent = AGENT,
					.care_of = CARE_OF,
					.dst_port_be = htobe16(7777)};
	struct binding older = {.terms = udp_terms};
	struct binding newer = {.terms = udp_terms, .next = &older};
	struct icmp_quote quote = good;

	newer.terms.tunnel_dst = SENDER;
	assert_ptr_equal(icmp_quote_binding(&quote, &newer), &older);
	quote.agent = SENDER;
	assert_null(icmp_quote_binding(&quote, &newer));
	quote = good;
	quote.care_of = HOME;
	assert_null(icmp_quote_binding(&quote, &newer));
	quote = good;
	quote.dst_port_be = htobe16(7778);
	assert_null(icmp_quote_binding(&quote, &newer));
	quote = good;
	quote.kind = TUNNEL_IPIP;
	assert_null(icmp_quote_binding(&quote, &newer));
	quote.kind = TUNNEL_UDP_GRE;
	assert_null(icmp_quote_binding(&quote, &newer));
	/* fragments go through a tunnel of minimal encapsulation as IP-in-IP */
	older.terms.kind = TUNNEL_UDP_MINENC;
	quote = good;
	assert_ptr_equal(icmp_quote_binding(&quote, &newer), &older);
	assert_null(icmp_quote_binding(&quote, NULL));
}

static void
minimal_encapsulation_is_undone_in_the_quote(void **state)
{
	const struct minenc_header minimal = {.protocol = IP_PROTOCOL_TCP,
					      .flags = MINENC_FLAG_SOURCE,
					      .dst = HOME,
					      .src = SENDER};
	_Alignas(struct ip_header) uint8_t out[64];
	uint8_t bytes[128], rest[20] = {0};
	struct icmp_error_view view;
	struct icmp_quote quote;
	struct ip_header ip;
	size_t len;

	memcpy(rest, &minimal, sizeof(minimal));
	memcpy(rest + sizeof(minimal), "12345678", 8);
	view = view_of(bytes, IP_PROTOCOL_MINENC, rest, sizeof(rest));
	assert_int_equal(icmp_quote_parse(&view, &quote), 0);
	assert_int_equal(quote.home_address, HOME);
	assert_int_equal(icmp_quote_minimal(&view, out, sizeof(out), &len), 0);
	assert_int_equal(len, 28);
	memcpy(&ip, out, sizeof(ip));
	assert_int_equal(ip.src, SENDER);
	assert_int_equal(ip.dst, HOME);
	assert_int_equal(ip.protocol, IP_PROTOCOL_TCP);
	assert_int_equal(be16toh(ip.total_len_be), 1500 - 12);
	assert_int_equal(checksum_of(&ip, sizeof(ip)), 0);
	assert_memory_equal(out + sizeof(ip), "12345678", 8);
	for (unsigned cut = 0; cut < sizeof(minimal); cut++) {
		view = view_of(bytes, IP_PROTOCOL_MINENC, rest, cut);
		assert_int_not_equal(icmp_quote_minimal(&view, out, sizeof(out), &len), 0);
	}
}

/* Of the gateway's packets only the SPI can be read (RFC 4303 figure 1), in UDP behind its ports. */
static void
esp_quotes_name_the_security_association(void **state)
{
	const uint8_t spi[] = {0xc0, 0xff, 0xee, 0x01, 0, 0, 0, 9};
	const struct udp_header udp = {.src_port_be = htobe16(4500), .dst_port_be = htobe16(7777)};
	uint8_t bytes[128], rest[64] = {0};
	struct icmp_error_view view;
	struct icmp_esp_quote quote;

	for (uint16_t len = 0; len <= (uint16_t)sizeof(spi); len++) {
		view = view_of(bytes, IP_PROTOCOL_ESP, spi, len);
		assert_int_equal(icmp_quote_esp_parse(&view, &quote), 0);
		assert_int_equal(quote.gateway, AGENT);
		assert_int_equal(quote.peer, CARE_OF);
		assert_int_equal(quote.port_be, 0);
		assert_int_equal(quote.spi_be, len < 4 ? 0 : htobe32(0xc0ffee01));
	}
	memcpy(rest, &udp, sizeof(udp));
	memcpy(rest + sizeof(udp), spi, sizeof(spi));
	for (uint16_t len = 0; len <= 16; len++) {
		view = view_of(bytes, IP_PROTOCOL_UDP, rest, len);
		assert_int_equal(icmp_quote_esp_parse(&view, &quote), len < 8 ? -EINVAL : 0);
		if (len < 8)
			continue;
		assert_int_equal(quote.port_be, htobe16(7777));
		assert_int_equal(quote.spi_be, len < 12 ? 0 : htobe32(0xc0ffee01));
	}
}

static void
what_is_no_esp_of_ours_is_refused(void **state)
{
	struct udp_header udp = {.src_port_be = htobe16(4500), .dst_port_be = htobe16(4500)};
	uint8_t bytes[128], rest[64] = {0};
	struct icmp_error_view view;
	struct icmp_esp_quote quote;

	/* IKE on port 4500: the non-ESP marker */
	memcpy(rest, &udp, sizeof(udp));
	view = view_of(bytes, IP_PROTOCOL_UDP, rest, 40);
	assert_int_equal(icmp_quote_esp_parse(&view, &quote), -EINVAL);
	udp.src_port_be = htobe16(500);
	memcpy(rest, &udp, sizeof(udp));
	view = view_of(bytes, IP_PROTOCOL_UDP, rest, 40);
	assert_int_equal(icmp_quote_esp_parse(&view, &quote), -EINVAL);
	view = view_of(bytes, IP_PROTOCOL_TCP, rest, 40);
	assert_int_equal(icmp_quote_esp_parse(&view, &quote), -EINVAL);
	view = view_of(bytes, IP_PROTOCOL_ESP, "12345678", 8);
	view.quoted_ip.fragment_be = htobe16(7);
	assert_int_equal(icmp_quote_esp_parse(&view, &quote), -EINVAL);
	/* to nobody: an SA of any peer would do, and all would be looked at */
	view = view_of(bytes, IP_PROTOCOL_ESP, "12345678", 8);
	view.quoted_ip.dst = 0;
	assert_int_equal(icmp_quote_esp_parse(&view, &quote), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_become_what_rfc_2003_says),
		cmocka_unit_test(path_mtu_is_believed_within_reason),
		cmocka_unit_test(quotes_of_each_kind_name_their_tunnel),
		cmocka_unit_test(quotes_of_what_is_no_tunnel_are_refused),
		cmocka_unit_test(only_the_bindings_own_tunnel_matches),
		cmocka_unit_test(minimal_encapsulation_is_undone_in_the_quote),
		cmocka_unit_test(esp_quotes_name_the_security_association),
		cmocka_unit_test(what_is_no_esp_of_ours_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
