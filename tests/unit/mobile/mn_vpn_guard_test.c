/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/types.h"
#include "mobile/mn_vpn_guard.h"

#define X_HA 0
#define I_HA 1

static const struct mn_config config = {
	.agents = {[X_HA] = {.role = MN_ROLE_X_HA}, [I_HA] = {.role = MN_ROLE_I_HA}},
	.agent_count = 2,
	.vpn = {.is_set = true},
};

/* An IPv4 header with this protocol, the first bytes of the payload and the fragment field. */
struct packet {
	uint8_t protocol;
	uint8_t payload[8];
	uint16_t fragment;
	bool is_admitted;
};

static bool
admits(const struct mn_config *with, unsigned agent, const struct packet *packet, size_t len)
{
	uint8_t bytes[28] = {0x45};

	bytes[6] = (uint8_t)(packet->fragment >> 8);
	bytes[7] = (uint8_t)packet->fragment;
	bytes[9] = packet->protocol;
	memcpy(bytes + 20, packet->payload, sizeof(packet->payload));
	return mn_vpn_guard_admits(with, agent, bytes, len);
}

static void
only_ike_and_esp_pass_for_an_x_ha(void **state)
{
	static const struct packet packets[] = {
		{50, {0}, 0, true},			   /* ESP */
		{17, {0x01, 0xf4, 0x01, 0xf4}, 0, true},   /* IKE */
		{17, {0x11, 0x94, 0x11, 0x94}, 0, true},   /* IKE or ESP in UDP */
		{17, {0xc0, 0x00, 0x11, 0x94}, 0, true},   /* from a port that a NAT chose */
		{17, {0xc0, 0x00, 0x00, 0x35}, 0, false},  /* DNS */
		{17, {0xc0, 0x00, 0x00, 0x35}, 185, true}, /* not the first fragment */
		{1, {3, 4}, 0, true},			   /* destination unreachable */
		{1, {11, 0}, 0, true},			   /* time exceeded */
		{1, {8, 0}, 0, false},			   /* echo request */
		{6, {0x01, 0xf4, 0x01, 0xf4}, 0, false},   /* TCP */
		{4, {0x45}, 0, false},			   /* IP in IP */
	};

	for (size_t i = 0; i < ARRAY_COUNT(packets); i++)
		assert_int_equal(admits(&config, X_HA, &packets[i], 28), packets[i].is_admitted);
}

static void
an_i_ha_gets_everything(void **state)
{
	static const struct packet tcp = {.protocol = 6};

	assert_true(admits(&config, I_HA, &tcp, 28));
}

static void
without_a_vpn_or_by_configuration_everything_passes(void **state)
{
	static const struct packet tcp = {.protocol = 6};
	struct mn_config other = config;

	other.vpn.external_traffic = true;
	assert_true(admits(&other, X_HA, &tcp, 28));
	other.vpn = (struct mn_vpn_config){0};
	assert_true(admits(&other, X_HA, &tcp, 28));
}

static void
truncated_packets_do_not_pass(void **state)
{
	static const struct packet udp = {.protocol = 17, .payload = {0x01, 0xf4, 0x01, 0xf4}};

	for (size_t len = 0; len < 28; len++)
		assert_false(admits(&config, X_HA, &udp, len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_ike_and_esp_pass_for_an_x_ha),
		cmocka_unit_test(an_i_ha_gets_everything),
		cmocka_unit_test(without_a_vpn_or_by_configuration_everything_passes),
		cmocka_unit_test(truncated_packets_do_not_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
