/* SPDX-License-Identifier: BSD-3-Clause */
/* homeportctl trace: records become a line a packet, and the trace in the box is ended. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/ctl/fake_box.h"

/* 22:13:21.5 UTC, and some tens of nanoseconds */
#define AT(ns) "\"time_ns\":17000000015000" #ns ",\"worker\":0,"
#define OUTSIDE                                                                                   \
	"\"origin\":\"external\",\"src\":\"192.0.2.7\",\"dst\":\"198.51.100.2\",\"protocol\":17," \
	"\"length\":148,\"src_port\":40001,\"dst_port\":434"
#define INSIDE                                                                                 \
	"\"origin\":\"external\",\"src\":\"203.0.113.7\",\"dst\":\"10.2.0.1\",\"protocol\":1," \
	"\"length\":116"
#define RECORD(number, ns, what) "{" AT(ns) "\"packet\":" #number "," what "},"
#define STAGE(name, header) "\"stage\":\"" name "\"," header
#define POLL(records, more, next)                                                           \
	"{\"/homeport/trace_poll\":{\"records\":[" records "{}],\"lost\":3,\"more\":" #more \
	",\"next\":" #next "}}"

/* Two packets of one burst, the end of the second in an answer of its own; then a third. */
#define INPUT_1 RECORD(1, 10000, STAGE("ether-input", OUTSIDE))
#define INPUT_2 RECORD(2, 10001, STAGE("ether-input", OUTSIDE))
#define STRIP_1 RECORD(1, 20000, STAGE("strip", OUTSIDE))
#define STRIP_2 RECORD(2, 20001, STAGE("strip", OUTSIDE))
#define MATCH_1 RECORD(1, 30000, STAGE("match", INSIDE))
#define MATCH_2 RECORD(2, 30001, STAGE("match", INSIDE))
#define DROP_1 RECORD(1, 30002, "\"drop\":\"tunnel-wrong-port\"")
#define SEND_2 RECORD(2, 40000, STAGE("send", INSIDE ",\"port\":\"inside\""))
#define DEMUX_3 RECORD(3, 50000, STAGE("demux", OUTSIDE))
#define PUNT_3 RECORD(3, 50001, "\"punt\":\"registration-external\"")

static const struct fake_answer answers[] = {
	{"/homeport/trace,192.0.2.7",
	 "{\"/homeport/trace\":{\"address\":\"192.0.2.7\",\"next\":5}}"},
	{"/homeport/trace_poll,5", POLL(INPUT_1 INPUT_2 STRIP_1 STRIP_2 MATCH_1 DROP_1, 1, 6)},
	{"/homeport/trace_poll,6", POLL(SEND_2 MATCH_2, 0, 7)},
	{"/homeport/trace_poll,7", POLL(DEMUX_3 PUNT_3, 0, 8)},
	{"/homeport/trace_stop,7", "{\"/homeport/trace_stop\":{\"lost\":3}}"},
	{"/homeport/trace_stop,8", "{\"/homeport/trace_stop\":{\"lost\":3}}"},
	{"/homeport/trace,192.0.2.8",
	 "{\"/homeport/trace\":{\"error\":\"somebody else traces 192.0.2.7\"}}"},
	{NULL, NULL},
};

#define FIRST                                                                                    \
	"22:13:21.500010 w0 external 192.0.2.7:40001 > 198.51.100.2:434 udp 148  ether-input "   \
	"strip "                                                                                 \
	"[203.0.113.7 > 10.2.0.1 icmp 116] match drop tunnel-wrong-port: outer UDP port is not " \
	"the "                                                                                   \
	"registered one: the NAT moved it; the mobile must register again\n"
#define SECOND                                                                                 \
	"22:13:21.500010 w0 external 192.0.2.7:40001 > 198.51.100.2:434 udp 148  ether-input " \
	"strip "                                                                               \
	"[203.0.113.7 > 10.2.0.1 icmp 116] match send inside\n"
#define THIRD                                                                                 \
	"22:13:21.500050 w0 external 192.0.2.7:40001 > 198.51.100.2:434 udp 148  demux punt " \
	"registration-external\n"

static int
start(void **state)
{
	setenv("TZ", "UTC0", 1);
	tzset();
	return 0;
}

static void
packets_are_a_line_each_with_what_became_of_them(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "trace 192.0.2.7 --count 3");

	assert_int_equal(output.status, CTL_OK);
	assert_string_equal(output.out, FIRST SECOND THIRD);
	ctl_output_fini(&output);
}

static void
enough_packets_end_it(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "trace 192.0.2.7 --count 1");

	assert_int_equal(output.status, CTL_OK);
	assert_string_equal(output.out, FIRST);
	ctl_output_fini(&output);
}

static void
lost_records_are_told(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "trace 192.0.2.7 --count 2");

	assert_non_null(strstr(output.err, "3 records were lost"));
	ctl_output_fini(&output);
}

static void
json_is_a_line_a_packet(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "trace 192.0.2.7 --json --count 3");
	char *line = strtok(output.out, "\n");
	json_t *packet;

	for (int number = 1; number <= 3; number++, line = strtok(NULL, "\n")) {
		assert_non_null(line);
		packet = json_loads(line, 0, NULL);
		assert_int_equal(json_integer_value(json_object_get(packet, "packet")), number);
		json_decref(packet);
	}
	assert_null(line);
	ctl_output_fini(&output);
}

static void
refusal_of_the_box_is_told(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "trace 192.0.2.8");

	assert_int_equal(output.status, CTL_REFUSED);
	assert_non_null(strstr(output.err, "somebody else traces 192.0.2.7"));
	ctl_output_fini(&output);
}

/* A box that answers oddly, and then not at all. */
static void
odd_records_do_no_harm(void **state)
{
	static const struct fake_answer odd[] = {
		{"/homeport/trace,192.0.2.7", "{\"/homeport/trace\":{\"next\":1}}"},
		{"/homeport/trace_poll,1",
		 "{\"/homeport/trace_poll\":{\"records\":[null,7,{},{\"packet\":[]},"
		 "{\"packet\":1,\"src\":7,\"stage\":{}},{\"packet\":1,\"drop\":\"\\u001b[2J\"},"
		 "{\"packet\":\"x\",\"time_ns\":-1,\"src\":\"\\u001b\",\"protocol\":999}],"
		 "\"more\":0,\"next\":2}}"},
		{"/homeport/trace_poll,2", NULL},
		{NULL, NULL},
	};
	struct ctl_output output = run_ctl_against(odd, "trace 192.0.2.7");

	assert_int_equal(output.status, CTL_UNREACHABLE);
	assert_null(strchr(output.out, '\033'));
	ctl_output_fini(&output);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_a_line_each_with_what_became_of_them),
		cmocka_unit_test(enough_packets_end_it),
		cmocka_unit_test(lost_records_are_told),
		cmocka_unit_test(json_is_a_line_a_packet),
		cmocka_unit_test(refusal_of_the_box_is_told),
		cmocka_unit_test(odd_records_do_no_harm),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
