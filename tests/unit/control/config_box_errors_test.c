/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* What is wrong in eal, runtime_directory and ports: which line is exchanged for what,
 * the line of the error counted from there, and part of the error. */
static const struct config_case cases[] = {
	{LINE_EAL, "eal: { worker_cores = [1; };", 0, "syntax error"},
	{LINE_EAL, "eal: { }; eal: { };", 0, "duplicate setting name"},
	{LINE_EAL, "sections: { };", 0, "sections: there is no such key"},
	{LINE_EAL, "ael: { };", 0, "ael: there is no such key; did you mean \"eal\"?"},
	{LINE_EAL, "eal = 1;", 0, "eal: a group is expected"},
	{LINE_EAL, "eal: {\n buffers = -1; };", 1, "buffers: -1 is negative"},
	{LINE_EAL, "eal: {\n buffers = 4294967296; };", 1, "buffers: 4294967296 is out of range"},
	{LINE_EAL, "eal: {\n buffers = 0x100004000; };", 1, "buffers: 0x100004000 is out of range"},
	{LINE_EAL,
	 "/* comment\n*/ eal: { # 99999999999\n // 99999999999\n file_prefix = "
	 "\"99999999999\\n\";\n memory_mb = 99999999999; };",
	 4, "memory_mb: 99999999999 is out of range"},
	{LINE_EAL, "eal: {\n worker_core = [1]; };", 1,
	 "eal.worker_core: there is no such key; did you mean \"worker_cores\"?"},
	{LINE_EAL, "eal: {\n main_core = 1024; };", 1,
	 "eal.main_core: 1024 is out of range, give 0 to 1023"},
	{LINE_EAL, "eal: {\n main_core = \"1\"; };", 1,
	 "eal.main_core: a whole number is expected"},
	{LINE_EAL, "eal: {\n main_core = 1.5; };", 1, "eal.main_core: a whole number is expected"},
	{LINE_EAL, "eal: {\n worker_cores = []; };", 1,
	 "eal.worker_cores: 0 workers are not possible"},
	{LINE_EAL,
	 "eal: {\n worker_cores = "
	 "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
	 "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]; };",
	 1, "eal.worker_cores: 65 workers are not possible"},
	{LINE_EAL, "eal: {\n worker_cores = [1, 2000]; };", 1,
	 "eal.worker_cores[1]: 2000 is out of range"},
	{LINE_EAL, "eal: {\n worker_cores = 1; };", 1, "eal.worker_cores: a list is expected"},
	{LINE_EAL, "eal: {\n huge_pages = 1; };", 1, "eal.huge_pages: true or false is expected"},
	{LINE_EAL, "eal: {\n memory_mb = 1048577; };", 1, "eal.memory_mb: 1048577 is out of range"},
	{LINE_EAL, "eal: {\n file_prefix = \"a/b\"; };", 1,
	 "eal.file_prefix: it becomes part of file names"},
	{LINE_EAL, "eal: {\n file_prefix = \"\"; };", 1, "eal.file_prefix: the text is empty"},
	{LINE_EAL,
	 "eal: {\n file_prefix = "
	 "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"; };",
	 1, "eal.file_prefix: the text is too long, 63"},
	{LINE_EAL, "eal: {\n buffers = 1023; };", 1, "eal.buffers: 1023 is out of range"},
	{LINE_EAL, "eal: {\n worker_cores = [1, 2];\n buffers = 4096; };", 2,
	 "eal.buffers: 4096 are too few"},
	{LINE_EAL, "eal: { worker_cores = [1,1,1,1,1,1,1,1]; };", 0,
	 "eal.buffers: 16384 are too few"},
	{LINE_EAL, "eal: {\n idle_sleep = \"yes\"; };", 1, "eal.idle_sleep: true or false"},
	{LINE_EAL, "eal: {\n extra = [1]; };", 1, "eal.extra[0]: a text in quotes is expected"},
	{LINE_EAL,
	 "eal: {\n extra = "
	 "[\"--x\",\"--x\",\"--x\",\"--x\",\"--x\",\"--x\",\"--x\",\"--x\",\"--x\",\"--x\",\"--x\","
	 "\"--x\",\"--x\",\"--x\",\"--x\",\"--x\",\"--x\"]; };",
	 1, "eal.extra: 17 arguments are too many"},
	{LINE_EAL, "eal: {\n extra = [\"-l1\"]; };", 1,
	 "eal.extra[0]: -l1 is the business of the key eal.worker_cores"},
	{LINE_EAL, "eal: {\n extra = [\"--lcores=1\"]; };", 1,
	 "eal.extra[0]: --lcores=1 is the business of the key eal.worker_cores"},
	{LINE_EAL, "eal: {\n extra = [\"--main-lcore\"]; };", 1,
	 "eal.extra[0]: --main-lcore is the business of the key eal.main_core"},
	{LINE_EAL, "eal: {\n extra = [\"--no-huge\"]; };", 1,
	 "eal.extra[0]: --no-huge is the business of the key eal.huge_pages"},
	{LINE_EAL, "eal: {\n extra = [\"-m\"]; };", 1,
	 "eal.extra[0]: -m is the business of the key eal.memory_mb"},
	{LINE_EAL, "eal: {\n extra = [\"--file-prefix=x\"]; };", 1,
	 "eal.extra[0]: --file-prefix=x is the business of the key eal.file_prefix"},
	{LINE_RUNTIME, "runtime_directory = \"run\";", 0,
	 "runtime_directory: an absolute path is expected"},
	{LINE_RUNTIME,
	 "runtime_directory = "
	 "\"/"
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\";",
	 0, "runtime_directory: the text is too long"},
	{LINE_PORTS, "", CONFIG_WHOLE_FILE, "ports: 0 ports are not possible"},
	{LINE_PORTS, "ports = ();", 0, "ports: 0 ports are not possible"},
	{LINE_PORTS, "ports = { };", 0, "ports: a list is expected"},
	{LINE_PORTS, "ports = ( 1 );", 0, "ports[0]: a group is expected"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"p0\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"10.2.0.1/16\"; },\n{ name = \"p1\"; device = \"net_null1\"; role = \"external\"; "
	 "address = \"10.3.0.1/16\"; },\n{ name = \"p2\"; device = \"net_null2\"; role = "
	 "\"external\"; address = \"10.4.0.1/16\"; },\n{ name = \"p3\"; device = \"net_null3\"; "
	 "role = \"external\"; address = \"10.5.0.1/16\"; },\n{ name = \"p4\"; device = "
	 "\"net_null4\"; role = \"external\"; address = \"10.6.0.1/16\"; },\n{ name = \"p5\"; "
	 "device = \"net_null5\"; role = \"external\"; address = \"10.7.0.1/16\"; },\n{ name = "
	 "\"p6\"; device = \"net_null6\"; role = \"external\"; address = \"10.8.0.1/16\"; },\n{ "
	 "name = \"p7\"; device = \"net_null7\"; role = \"external\"; address = \"10.9.0.1/16\"; "
	 "},\n{ name = \"p8\"; device = \"net_null8\"; role = \"external\"; address = "
	 "\"10.10.0.1/16\"; },\n{ name = \"p9\"; device = \"net_null9\"; role = \"external\"; "
	 "address = \"10.11.0.1/16\"; },\n{ name = \"p10\"; device = \"net_null10\"; role = "
	 "\"external\"; address = \"10.12.0.1/16\"; },\n{ name = \"p11\"; device = \"net_null11\"; "
	 "role = \"external\"; address = \"10.13.0.1/16\"; },\n{ name = \"p12\"; device = "
	 "\"net_null12\"; role = \"external\"; address = \"10.14.0.1/16\"; },\n{ name = \"p13\"; "
	 "device = \"net_null13\"; role = \"external\"; address = \"10.15.0.1/16\"; },\n{ name = "
	 "\"p14\"; device = \"net_null14\"; role = \"external\"; address = \"10.16.0.1/16\"; },\n{ "
	 "name = \"p15\"; device = \"net_null15\"; role = \"external\"; address = "
	 "\"10.17.0.1/16\"; },\n{ name = \"p16\"; device = \"net_null16\"; role = \"external\"; "
	 "address = \"10.18.0.1/16\"; } );",
	 0, "ports: 17 ports are not possible"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/24\"; namex = \"x\"; } );",
	 1, "ports[0].namex: there is no such key; did you mean \"name\"?"},
	{LINE_PORTS,
	 "ports = (\n{ device = \"net_null0\"; role = \"external\"; address = \"203.0.113.1/24\"; "
	 "} );",
	 1, "ports[0].name: missing"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; role = \"external\"; address = \"203.0.113.1/24\"; } );", 1,
	 "ports[0].device: missing"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; address = \"203.0.113.1/24\"; } );", 1,
	 "ports[0].role: missing"},
	{LINE_PORTS, "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; } );",
	 1, "ports[0].address: missing"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a b\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/24\"; } );",
	 1, "ports[0].name: a name has no blanks"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"inside\"; address = "
	 "\"203.0.113.1/24\"; } );",
	 1, "ports[0].role: \"inside\" is not one of \"external\", \"internal\""},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1\"; } );",
	 1, "ports[0].address: \"203.0.113.1\" is not an IPv4 address with the prefix length"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/33\"; } );",
	 1, "ports[0].address: \"203.0.113.1/33\" is not an IPv4 address with the prefix length"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113/24\"; } );",
	 1, "ports[0].address: \"203.0.113/24\" is not an IPv4 address with the prefix length"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/0\"; } );",
	 1, "ports[0].address: \"203.0.113.1/0\" is not an IPv4 address with the prefix length"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"fe80::1/64\"; } );",
	 1, "ports[0].address: \"fe80::1/64\" is not an IPv4 address with the prefix length"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.0/24\"; } );",
	 1, "ports[0].address: 203.0.113.0/24 is the address of a network or a broadcast"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.255/24\"; } );",
	 1, "ports[0].address: 203.0.113.255/24 is the address of a network or a broadcast"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"127.0.0.1/8\"; } );",
	 1, "ports[0].address: 127.0.0.1/8 is the address of a network or a broadcast"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"224.0.0.1/24\"; } );",
	 1, "ports[0].address: 224.0.0.1/24 is the address of a network or a broadcast"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"0.0.0.1/8\"; } );",
	 1, "ports[0].address: 0.0.0.1/8 is the address of a network or a broadcast"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/24\"; mtu = 575; } );",
	 1, "ports[0].mtu: 575 is out of range, give 576 to 9216"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/24\"; mtu = 9217; } );",
	 1, "ports[0].mtu: 9217 is out of range, give 576 to 9216"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/24\"; rx_descriptors = 63; } );",
	 1, "ports[0].rx_descriptors: 63 is out of range"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/24\"; tx_descriptors = 63; } );",
	 1, "ports[0].tx_descriptors: 63 is out of range"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/24\"; },\n{ name = \"a\"; device = \"net_null1\"; role = \"external\"; "
	 "address = \"10.1.0.1/16\"; } );",
	 2, "ports[1].name: \"a\" is the name of another port"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/24\"; },\n{ name = \"b\"; device = \"net_null0,copy=1\"; role = "
	 "\"external\"; address = \"10.1.0.1/16\"; } );",
	 2, "ports[1].device: port \"a\" has this device"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/24\"; },\n{ name = \"b\"; device = \"net_null1\"; role = \"external\"; "
	 "address = \"203.0.113.1/25\"; } );",
	 2, "ports[1].address: port \"a\" has this address"},
	{LINE_PORTS,
	 "ports = (\n{ name = \"a\"; device = \"net_null0\"; role = \"external\"; address = "
	 "\"203.0.113.1/24\"; },\n{ name = \"b\"; device = \"net_null1\"; role = \"external\"; "
	 "address = \"203.0.113.9/24\"; } );",
	 2, "ports[1].address: port \"a\" is on the same network 203.0.113.0/24"},
};

static void
error_names_line_key_and_what_is_wrong(void **state)
{
	config_cases_check(cases, ARRAY_COUNT(cases));
}

static int
begin(void **state)
{
	config_files_begin();
	return 0;
}

static int
end(void **state)
{
	config_files_end();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_names_line_key_and_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
