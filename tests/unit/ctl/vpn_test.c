/* SPDX-License-Identifier: BSD-3-Clause */
/* What homeportctl shows of the VPN gateway. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/types.h"
#include "tests/unit/ctl/fake_box.h"

#define IN                                                                                   \
	"{\"spi\":\"0a000001\",\"direction\":\"in\",\"peer_address\":\"192.0.2.7\","         \
	"\"peer_port\":4500,\"tia\":\"10.8.0.7\",\"identity\":\"carol@example.org\","        \
	"\"suite\":\"aes128gcm16\",\"esn\":1,\"packets\":12,\"bytes\":1500,\"sequence\":14," \
	"\"replays\":1,\"forged\":2,\"age_sec\":61,\"idle_sec\":3,\"lifetime_sec\":3600,"    \
	"\"left_sec\":3539,\"state\":\"active\"}"
#define OUT                                                                                 \
	"{\"spi\":\"c1234567\",\"direction\":\"out\",\"peer_address\":\"192.0.2.7\","       \
	"\"peer_port\":0,\"tia\":\"10.8.0.7\",\"identity\":\"\",\"suite\":\"aes128gcm16\"," \
	"\"esn\":0,\"packets\":7,\"bytes\":70,\"sequence\":7,\"replays\":0,\"forged\":0,"   \
	"\"age_sec\":61,\"idle_sec\":61,\"lifetime_sec\":0,\"left_sec\":0,"                 \
	"\"state\":\"current\"}"

static const struct fake_answer answers[] = {
	{"/homeport/sas,0", "{\"/homeport/sas\":{\"sas\":{\"0\":" IN "},\"next\":9}}"},
	{"/homeport/sas,9", "{\"/homeport/sas\":{\"sas\":{\"0\":" OUT "},\"next\":0}}"},
	{"/homeport/sa,0a000001", "{\"/homeport/sa\":{\"sas\":{\"0\":" IN ",\"1\":" OUT "}}}"},
	{"/homeport/sa,7", "{\"/homeport/sa\":{\"error\":\"no security association has SPI 7\"}}"},
	{"/homeport/vpn", "{\"/homeport/vpn\":{\"address\":\"198.51.100.3\",\"sas\":5,"
			  "\"sas_max\":1024,\"inbound\":3,\"outbound\":2,\"orphans\":1,"
			  "\"tunnels\":2,\"charon\":{\"connected\":1,\"version\":\"5.9.8\",\"pid\":"
			  "77,\"starts\":2,\"datagrams_in\":9}}}"},
	{NULL, NULL},
};

static const struct fake_answer refusals[] = {
	{"/homeport/sas,0", "{\"/homeport/sas\":{\"error\":\"the VPN gateway is not enabled\"}}"},
	{NULL, NULL},
};

#define LINES_MAX 6

static void
commands_print_tables_for_people(void **state)
{
	static const struct {
		const char *words;
		const char *lines[LINES_MAX];
	} cases[] = {
		{"sas",
		 {"SPI       DIR  PEER                   TIA              SUITE          PACKETS   "
		  "  "
		  "BYTES  ERRORS      IDLE       LEFT  STATE       IDENTITY",
		  "0a000001  in   192.0.2.7:4500         10.8.0.7         aes128gcm16         12   "
		  " "
		  "1.5 kB       3       3 s  58 m 59 s  active      carol@example.org",
		  "c1234567  out  192.0.2.7              10.8.0.7 "}},
		{"sa 0a000001",
		 {"SPI                     0a000001", "  Direction             from the mobile",
		  "  Suite                 aes128gcm16, extended sequence numbers",
		  "  Refused               1 replayed, 2 forged or corrupted",
		  "SPI                     c1234567", "  Direction             to the mobile"}},
		{"vpn",
		 {"Address                198.51.100.3",
		  "charon                 connected, version 5.9.8",
		  "  Process              77, started 2 times", "Mobiles with a tunnel  2",
		  "Security associations  5 of 1024: 3 in, 2 out", "Orphans                1"}},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct ctl_output output = run_ctl_against(answers, cases[i].words);
		const char *rest = output.out;

		assert_int_equal(output.status, CTL_OK);
		for (size_t j = 0; j < LINES_MAX && cases[i].lines[j] != NULL; j++) {
			rest = strstr(rest, cases[i].lines[j]);
			if (rest == NULL)
				print_error("missing: %s; there is:\n%s", cases[i].lines[j],
					    output.out);
			assert_non_null(rest);
		}
		ctl_output_fini(&output);
	}
}

static void
json_of_the_list_is_merged_over_pages(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "sas --json");
	json_t *json = json_loads(output.out, 0, NULL);

	assert_int_equal(json_array_size(json_object_get(json, "sas")), 2);
	json_decref(json);
	ctl_output_fini(&output);
}

static void
json_of_one_has_both_directions(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "sa 0a000001 --json");
	json_t *json = json_loads(output.out, 0, NULL);

	assert_int_equal(json_array_size(json_object_get(json, "sas")), 2);
	json_decref(json);
	ctl_output_fini(&output);
}

static void
unknown_spi_is_refused(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "sa 7");

	assert_int_equal(output.status, CTL_REFUSED);
	assert_string_equal(output.err, "homeportctl: no security association has SPI 7\n");
	ctl_output_fini(&output);
}

static void
box_that_is_no_gateway_says_so_in_json_that_can_be_read(void **state)
{
	struct ctl_output output = run_ctl_against(refusals, "sas --json");
	json_t *json = json_loads(output.out, 0, NULL);

	assert_int_equal(output.status, CTL_REFUSED);
	assert_non_null(json_object_get(json, "error"));
	json_decref(json);
	ctl_output_fini(&output);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_print_tables_for_people),
		cmocka_unit_test(json_of_the_list_is_merged_over_pages),
		cmocka_unit_test(json_of_one_has_both_directions),
		cmocka_unit_test(unknown_spi_is_refused),
		cmocka_unit_test(box_that_is_no_gateway_says_so_in_json_that_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
