/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes to the VPN gateway's address and is not ESP that can be opened: IKE, keepalives, short
 * packets, the wrong side, ESP inside ESP. */
#include "tests/unit/dataplane/vpn.h"

/* A datagram from CARE_OF to the gateway. */
static void
datagram(struct craft *packet, const void *data, uint32_t len, uint16_t dst_port)
{
	packet->len = 0;
	craft_bytes(packet, data, len);
	craft_udp(packet, 1234, dst_port);
	craft_ip(packet, &(struct craft_ip){.src = CARE_OF, .dst = GATEWAY, .protocol = 17});
}

static void
ike_goes_to_the_control_core(void **state)
{
	static const uint8_t marked[40] = {0, 0, 0, 0, 1, 2, 3}, bare[36] = {1, 2, 3};
	struct fixture *f = fixture_new(1);
	struct packet punted;
	struct craft packet, seen;

	datagram(&packet, bare, sizeof(bare), IKE_UDP_PORT);
	seen = packet;
	fixture_send(f, EXTERNAL, &packet);
	assert_punted(f, PUNT_IKE, &punted, &seen);
	assert_int_equal(punted.origin, ORIGIN_EXTERNAL);
	datagram(&packet, marked, sizeof(marked), ESP_UDP_PORT);
	seen = packet;
	fixture_send(f, EXTERNAL, &packet);
	assert_punted(f, PUNT_IKE, &punted, &seen);
	fixture_end(f);
}

static void
ike_in_the_x_has_tunnel_goes_there_with_its_own_addresses(void **state)
{
	static const uint8_t bare[36] = {1, 2, 3};
	struct fixture *f = fixture_new(1);
	struct recipe_spec spec = fixture_spec(TUNNEL_UDP_IPIP);
	struct packet punted;
	struct craft packet, seen;

	spec.home_address = X_HOME;
	fixture_bind(f, &spec, 1);
	packet.len = 0;
	craft_bytes(&packet, bare, sizeof(bare));
	craft_udp(&packet, 500, IKE_UDP_PORT);
	craft_ip(&packet, &(struct craft_ip){.src = X_HOME, .dst = GATEWAY, .protocol = 17});
	seen = packet;
	craft_tunnel(&packet, TUNNEL_UDP_IPIP, &(struct craft_ip){.src = CARE_OF, .dst = X_HA},
		     MOBILE_PORT, 434);
	fixture_send(f, EXTERNAL, &packet);
	assert_punted(f, PUNT_IKE, &punted, &seen);
	assert_int_equal(punted.home_address, X_HOME);
	/* the same without reverse tunnelling is refused */
	spec.flags = 0;
	fixture_bind(f, &spec, 1);
	packet = seen;
	craft_tunnel(&packet, TUNNEL_UDP_IPIP, &(struct craft_ip){.src = CARE_OF, .dst = X_HA},
		     MOBILE_PORT, 434);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_TUNNEL_NOT_REVERSE, 1);
	fixture_end(f);
}

static void
datagrams_that_say_nothing_are_dropped(void **state)
{
	static const uint8_t keepalive[] = {0xff}, other[] = {0xfe}, spi[7] = {0, 0, 0, 0x30};
	struct fixture *f = fixture_new(1);
	struct craft packet;

	datagram(&packet, keepalive, 1, ESP_UDP_PORT);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_ESP_KEEPALIVE, 1);
	datagram(&packet, other, 1, ESP_UDP_PORT);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_ESP_SHORT, 1);
	datagram(&packet, spi, sizeof(spi), ESP_UDP_PORT);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_ESP_SHORT, 1);
	datagram(&packet, keepalive, 1, 4501);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_LOCAL_PORT, 1);
	craft_payload(&packet, 7);
	craft_ip(&packet, &(struct craft_ip){.src = CARE_OF, .dst = GATEWAY, .protocol = 50});
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_ESP_SHORT, 1);
	fixture_end(f);
}

static void
short_esp_of_every_length_is_not_opened(void **state)
{
	for (unsigned suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		struct fixture *f = fixture_new(1);
		struct vpn vpn = {.suite = (enum esp_suite)suite, .tia = TIA, .peer = CARE_OF};
		struct craft packet, cut;

		vpn_connect(f, &vpn, 0);
		craft_plain(&packet, TIA, OFFICE_HOST, 40);
		vpn_seal(&vpn, &packet);
		for (uint32_t len = 8; len < packet.len - 20; len++) {
			cut.len = 0;
			craft_bytes(&cut, craft_at(&packet) + 20, len);
			craft_ip(&cut, &(struct craft_ip){
					       .src = CARE_OF, .dst = GATEWAY, .protocol = 50});
			fixture_send(f, EXTERNAL, &cut);
			assert_drops(f, DROP_ESP_INTEGRITY, 1);
		}
		vpn_close(&vpn);
		fixture_end(f);
	}
}

static void
gateway_is_for_outsiders_unless_configured(void **state)
{
	static const uint8_t bare[36] = {1, 2, 3};
	struct fixture *f = fixture_new(1);
	struct vpn vpn = {.suite = ESP_AES128_GCM16, .tia = TIA, .peer = INTERNAL_CARE_OF};
	struct packet punted;
	struct craft packet, seen;

	vpn_connect(f, &vpn, 0);
	craft_plain(&packet, TIA, OFFICE_HOST, 40);
	vpn_seal(&vpn, &packet);
	seen = packet;
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_ESP_WRONG_SIDE, 1);
	datagram(&packet, bare, sizeof(bare), IKE_UDP_PORT);
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_ESP_WRONG_SIDE, 1);
	f->settings.vpn_from_inside = true;
	fixture_settings(f);
	fixture_send(f, INTERNAL, &seen);
	assert_true(fixture_sent(f, INTERNAL, &seen));
	datagram(&packet, bare, sizeof(bare), IKE_UDP_PORT);
	seen = packet;
	fixture_send(f, INTERNAL, &packet);
	assert_punted(f, PUNT_IKE, &punted, &seen);
	vpn_close(&vpn);
	fixture_end(f);
}

static void
esp_inside_esp_is_dropped(void **state)
{
	static const uint8_t bare[36] = {1, 2, 3};
	struct fixture *f = fixture_new(1);
	struct vpn vpn = {.suite = ESP_AES128_GCM16, .tia = TIA, .peer = CARE_OF};
	struct craft packet;

	vpn_connect(f, &vpn, 0);
	craft_plain(&packet, TIA, OFFICE_HOST, 40);
	vpn_seal_as(&vpn, &packet, 1, TIA);
	vpn_seal_as(&vpn, &packet, 2, CARE_OF);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_ESP_NESTED, 1);
	packet.len = 0;
	craft_bytes(&packet, bare, sizeof(bare));
	craft_udp(&packet, 500, IKE_UDP_PORT);
	craft_ip(&packet, &(struct craft_ip){.src = TIA, .dst = GATEWAY, .protocol = 17});
	vpn_seal_as(&vpn, &packet, 3, CARE_OF);
	fixture_send(f, EXTERNAL, &packet);
	assert_drops(f, DROP_ESP_NESTED, 1);
	vpn_close(&vpn);
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ike_goes_to_the_control_core),
		cmocka_unit_test(ike_in_the_x_has_tunnel_goes_there_with_its_own_addresses),
		cmocka_unit_test(datagrams_that_say_nothing_are_dropped),
		cmocka_unit_test(short_esp_of_every_length_is_not_opened),
		cmocka_unit_test(gateway_is_for_outsiders_unless_configured),
		cmocka_unit_test(esp_inside_esp_is_dropped),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
