/* SPDX-License-Identifier: BSD-3-Clause */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/types.h"
#include "tests/unit/ctl/fake_box.h"

#define INFO                                                                                      \
	"{\"/homeport/info\":{\"version\":\"0.1.0\",\"pid\":7,\"uptime_sec\":3720,\"workers\":2," \
	"\"x_ha\":\"198.51.100.1\",\"i_ha\":\"\",\"bindings\":3,\"bindings_max\":1000,"           \
	"\"registrations\":{\"received\":12,\"accepted\":10,\"denied\":2},\"neighbours\":4,"      \
	"\"reloads\":1,\"last_reload\":\"ok\",\"ports\":{\"0\":{\"name\":\"ext0\","               \
	"\"role\":\"external\",\"address\":\"198.51.100.1/24\",\"mac\":\"02:00:00:00:00:01\","    \
	"\"mtu\":1500,\"link\":\"up\",\"rx_packets\":5,\"rx_bytes\":1500,\"tx_packets\":6,"       \
	"\"tx_bytes\":60,\"rx_missed\":0,\"rx_errors\":1,\"tx_errors\":2}}}}"

/* Two pages, as DPDK's telemetry can send them: rows in a dictionary. */
#define PAGE_1                                                                                    \
	"{\"/homeport/bindings\":{\"bindings\":{\"0\":{\"home_address\":\"10.1.0.9\","            \
	"\"care_of_address\":\"203.0.113.5\",\"agent\":\"x-ha\",\"kind\":\"udp\",\"port\":40000," \
	"\"nai\":\"\",\"lifetime_sec\":600,\"remaining_sec\":61,\"flags\":\"DT\"}},\"next\":1}}"
#define PAGE_2                                                                                  \
	"{\"/homeport/bindings\":{\"bindings\":{\"0\":{\"home_address\":\"10.1.0.10\","         \
	"\"care_of_address\":\"10.9.0.2\",\"agent\":\"i-ha\",\"kind\":\"ip-in-ip\",\"port\":0," \
	"\"nai\":\"bob@example.org\",\"lifetime_sec\":7200,\"remaining_sec\":7199,"             \
	"\"flags\":\"D\"}},\"next\":0}}"

static const struct fake_answer answers[] = {
	{"/homeport/info", INFO},
	{"/homeport/bindings,0", PAGE_1},
	{"/homeport/bindings,1", PAGE_2},
	{"/homeport/binding,10.1.0.9",
	 "{\"/homeport/binding\":{\"home_address\":\"10.1.0.9\",\"care_of\":{\"0\":{"
	 "\"care_of_address\":\"203.0.113.5\",\"agent\":\"x-ha\",\"kind\":\"udp\",\"port\":40000,"
	 "\"lifetime_sec\":600,\"remaining_sec\":61,\"inner_mtu\":1468,\"state\":\"bound\","
	 "\"layers\":\"ip-in-ip/udp\","
	 "\"identification\":\"e0a1b2c3d4e5f607\",\"to_mobile_packets\":3,"
	 "\"to_mobile_bytes\":4500}}}}"},
	{"/homeport/binding,10.1.0.8",
	 "{\"/homeport/binding\":{\"error\":\"no binding for 10.1.0.8\"}}"},
	{"/homeport/drops", "{\"/homeport/drops\":{\"ip_ttl\":0,\"tunnel_no_binding\":17,"
			    "\"made_up\":1}}"},
	{"/homeport/stages,0",
	 "{\"/homeport/stages\":{\"0\":{\"worker\":0,\"stage\":\"push\",\"calls\":10,"
	 "\"packets\":320,\"cycles\":16000,\"cycles_per_packet\":50,"
	 "\"packets_per_call\":32}}}"},
	{"/homeport/stages,1",
	 "{\"/homeport/stages\":[{\"worker\":1,\"stage\":\"strip\",\"calls\":1,\"packets\":2,"
	 "\"cycles\":80,\"cycles_per_packet\":40,\"packets_per_call\":2}]}"},
	{"/homeport/security",
	 "{\"/homeport/security\":{\"0\":{\"agent\":\"x-ha\",\"nai\":\"eve@example.org\","
	 "\"spi\":256,\"reason\":\"bad authenticator\",\"count\":9,\"last_time\":86400,"
	 "\"identification\":\"0102030405060708\"}}}"},
	{"/homeport/neighbours", "{\"/homeport/neighbours\":{}}"},
	{"/homeport/stats",
	 "{\"/homeport/stats\":{\"x_ha\":{\"RegistrationAccepted\":10,\"deny\":{\"u128\":1}},"
	 "\"total\":5}}"},
	{"/homeport/revoke,10.1.0.9", "{\"/homeport/revoke\":{\"revoked\":1}}"},
	{"/homeport/revoke,10.1.0.8",
	 "{\"/homeport/revoke\":{\"error\":\"no binding for 10.1.0.8\"}}"},
	{NULL, NULL},
};

#define LINES_MAX 7

/* Command line -> lines (their beginnings) that must be printed, in this order. */
static void
commands_print_tables_for_people(void **state)
{
	static const struct {
		const char *words;
		const char *lines[LINES_MAX];
	} cases[] = {
		{"status",
		 {"Up             1 h 2 m", "x-HA           198.51.100.1", "i-HA           -",
		  "Bindings       3 of 1000", "Registrations  received 12, accepted 10, denied 2",
		  "ext0  external  198.51.100.1/24  02:00:00:00:00:01  1500  up             5    "
		  "1.5 kB           6      60 B          0       3"}},
		{"bindings",
		 {"HOME ADDRESS     CARE-OF ADDRESS  AGENT  TUNNEL           PORT  FLAGS",
		  "10.1.0.9         203.0.113.5      x-ha   udp             40000  DT      "
		  "10 m 0 s    1 m 1 s  -",
		  "10.1.0.10        10.9.0.2         i-ha   ip-in-ip            0  D       "
		  " 2 h 0 m   1 h 59 m  bob@example.org"}},
		{"binding 10.1.0.9",
		 {"Home address            10.1.0.9", "Care-of address         203.0.113.5",
		  "  State                 bound", "  Layers                ip-in-ip/udp",
		  "  Inner MTU             1468", "  Lifetime              10 m 0 s, 1 m 1 s left",
		  "  To the mobile         3 packets, 4.5 kB"}},
		{"drops",
		 {"REASON             PACKETS  MEANING",
		  "tunnel-no-binding       17  inner source has no binding", "made_up"}},
		{"drops --all", {"ip-ttl                   0  time to live ran out"}},
		{"stages",
		 {"     0  push      10      320             50            32",
		  "     1  strip      1        2             40             2"}},
		{"security", {"1970-01-0"}},
		{"neighbours", {"no neighbours known"}},
		{"stats",
		 {"x_ha       RegistrationAccepted     10", "x_ha.deny  u128", "           total"}},
		{"revoke 10.1.0.9", {"revoked 1 binding of 10.1.0.9"}},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct ctl_output output = run_ctl_against(answers, cases[i].words);
		const char *rest = output.out;

		assert_int_equal(output.status, CTL_OK);
		assert_string_equal(output.err, "");
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

static json_t *
parsed(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

static void
json_is_printed_for_every_command(void **state)
{
	static const char *const commands[] = {
		"status",     "bindings", "binding 10.1.0.9", "drops", "stages", "security",
		"neighbours", "stats",	  "revoke 10.1.0.9",
	};

	for (size_t i = 0; i < ARRAY_COUNT(commands); i++) {
		struct ctl_output output;
		char words[64];

		snprintf(words, sizeof(words), "--json %s", commands[i]);
		output = run_ctl_against(answers, words);
		assert_int_equal(output.status, CTL_OK);
		json_decref(parsed(output.out));
		ctl_output_fini(&output);
	}
}

static void
json_of_bindings_is_merged_over_pages(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "bindings --json");
	json_t *json = parsed(output.out);
	json_t *rows = json_object_get(json, "bindings");

	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 1), "nai")),
			    "bob@example.org");
	json_decref(json);
	ctl_output_fini(&output);
}

static void
lists_are_arrays_in_json_whatever_the_box_sends(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "status --json");
	json_t *json = parsed(output.out);

	assert_true(json_is_array(json_object_get(json, "ports")));
	json_decref(json);
	ctl_output_fini(&output);
	output = run_ctl_against(answers, "security --json");
	json = parsed(output.out);
	assert_true(json_is_array(json));
	json_decref(json);
	ctl_output_fini(&output);
}

static void
agent_filters_bindings(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "bindings --agent i-ha");

	assert_non_null(strstr(output.out, "10.1.0.10"));
	assert_null(strstr(output.out, "10.1.0.9 "));
	ctl_output_fini(&output);
}

static void
error_of_the_box_is_told_and_has_its_exit_status(void **state)
{
	static const char *const commands[] = {"binding 10.1.0.8", "revoke 10.1.0.8"};

	for (size_t i = 0; i < ARRAY_COUNT(commands); i++) {
		struct ctl_output output = run_ctl_against(answers, commands[i]);

		assert_int_equal(output.status, CTL_REFUSED);
		assert_string_equal(output.err, "homeportctl: no binding for 10.1.0.8\n");
		assert_string_equal(output.out, "");
		ctl_output_fini(&output);
	}
}

static void
error_of_the_box_is_json_for_programs(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "--json binding 10.1.0.8");
	json_t *json = parsed(output.out);

	assert_int_equal(output.status, CTL_REFUSED);
	assert_non_null(json_object_get(json, "error"));
	json_decref(json);
	ctl_output_fini(&output);
}

/* Valid JSON of the wrong shape: every command against every shape. */
static void
odd_shapes_do_no_harm(void **state)
{
	static const char *const shapes[] = {
		"{}",
		"[]",
		"[1,null,\"x\",[],{}]",
		"17",
		"\"text\"",
		"true",
		"{\"bindings\":7,\"ports\":\"x\",\"care_of\":[[]],\"registrations\":[1]}",
		"{\"bindings\":[null,{\"home_address\":{},\"nai\":9}],\"next\":\"x\"}",
		"{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":1}}}}},\"n\":-5,\"r\":1.5}",
		"{\"error\":7}",
	};
	static const char *const commands[] = {
		"status", "bindings",	"binding 10.1.0.9", "drops",	       "stages",
		"stats",  "neighbours", "security",	    "revoke 10.1.0.9", "watch --count 1",
	};

	for (size_t i = 0; i < ARRAY_COUNT(commands) * ARRAY_COUNT(shapes); i++) {
		const char *command = commands[i / ARRAY_COUNT(shapes)];
		static const char *const names[] = {
			"info",	    "bindings,0", "binding,10.1.0.9", "drops",	  "stages,0",
			"stages,1", "stats",	  "neighbours",	      "security", "revoke,10.1.0.9",
		};
		struct fake_answer odd[ARRAY_COUNT(names) + 1] = {0};
		char request[ARRAY_COUNT(names)][64], answer[ARRAY_COUNT(names)][256];
		bool is_stages = strcmp(command, "stages") == 0;
		struct ctl_output output;

		for (size_t j = 0; j < ARRAY_COUNT(names); j++) {
			/* Without workers the box would not be asked for their stages. */
			const char *shape = is_stages && j == 0 ? "{\"workers\":2}"
								: shapes[i % ARRAY_COUNT(shapes)];

			snprintf(request[j], sizeof(request[j]), "/homeport/%s", names[j]);
			snprintf(answer[j], sizeof(answer[j]), "{\"/homeport/%.*s\":%s}",
				 (int)strcspn(names[j], ","), names[j], shape);
			odd[j] = (struct fake_answer){request[j], answer[j]};
		}
		output = run_ctl_against(odd, command);
		assert_true(output.status == CTL_OK || output.status == CTL_UNREACHABLE);
		ctl_output_fini(&output);
	}
}

static void
cursor_that_does_not_rise_ends_the_list_with_an_error(void **state)
{
	static const struct fake_answer circle[] = {
		{"/homeport/bindings,0", "{\"/homeport/bindings\":{\"bindings\":{},\"next\":5}}"},
		{"/homeport/bindings,5", "{\"/homeport/bindings\":{\"bindings\":{},\"next\":5}}"},
		{NULL, NULL},
	};
	struct ctl_output output = run_ctl_against(circle, "bindings");

	assert_int_equal(output.status, CTL_UNREACHABLE);
	ctl_output_fini(&output);
}

static void
empty_page_is_not_the_end(void **state)
{
	static const struct fake_answer sparse[] = {
		{"/homeport/bindings,0", "{\"/homeport/bindings\":{\"bindings\":{},\"next\":1}}"},
		{"/homeport/bindings,1", PAGE_2},
		{NULL, NULL},
	};
	struct ctl_output output = run_ctl_against(sparse, "bindings");

	assert_int_equal(output.status, CTL_OK);
	assert_non_null(strstr(output.out, "10.1.0.10"));
	ctl_output_fini(&output);
}

static void
truncated_second_page_is_an_error(void **state)
{
	static const struct fake_answer cut[] = {
		{"/homeport/bindings,0", PAGE_1},
		{"/homeport/bindings,1", "{\"/homeport/bindings\":{\"bindings\":{\"0\":{"},
		{NULL, NULL},
	};
	struct ctl_output output = run_ctl_against(cut, "bindings");

	assert_int_equal(output.status, CTL_UNREACHABLE);
	assert_non_null(strstr(output.err, "not as a homeport does"));
	ctl_output_fini(&output);
}

static void
box_that_hangs_up_is_told(void **state)
{
	static const struct fake_answer silent[] = {{"/homeport/info", NULL}, {NULL, NULL}};
	struct ctl_output output = run_ctl_against(silent, "status");

	assert_int_equal(output.status, CTL_UNREACHABLE);
	assert_non_null(strstr(output.err, "hung up"));
	ctl_output_fini(&output);
}

static void
other_dpdk_process_is_told_apart(void **state)
{
	static const struct fake_answer nothing[] = {{NULL, NULL}};
	struct ctl_output output = run_ctl_against(nothing, "status");

	assert_int_equal(output.status, CTL_UNREACHABLE);
	assert_non_null(strstr(output.err, "does not know this command"));
	ctl_output_fini(&output);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_print_tables_for_people),
		cmocka_unit_test(json_is_printed_for_every_command),
		cmocka_unit_test(json_of_bindings_is_merged_over_pages),
		cmocka_unit_test(lists_are_arrays_in_json_whatever_the_box_sends),
		cmocka_unit_test(agent_filters_bindings),
		cmocka_unit_test(error_of_the_box_is_told_and_has_its_exit_status),
		cmocka_unit_test(error_of_the_box_is_json_for_programs),
		cmocka_unit_test(odd_shapes_do_no_harm),
		cmocka_unit_test(cursor_that_does_not_rise_ends_the_list_with_an_error),
		cmocka_unit_test(empty_page_is_not_the_end),
		cmocka_unit_test(truncated_second_page_is_an_error),
		cmocka_unit_test(box_that_hangs_up_is_told),
		cmocka_unit_test(other_dpdk_process_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
