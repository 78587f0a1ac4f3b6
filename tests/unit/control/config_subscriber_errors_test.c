/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define KEY "key = { ascii = \"0123456789abcdef\"; };"

/* What is wrong in subscribers and their associations: which line is exchanged for what,
 * the line of the error counted from there, and part of the error. */
static const struct config_case cases[] = {
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ home_address = \"10.1.0.7\"; spi = 256; " KEY " } );", 1,
	 "subscribers[0].agent: missing"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY
	 " home_adress = \"10.1.0.8\"; } );",
	 1, "subscribers[0].home_adress: there is no such key; did you mean \"home_address\"?"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY
	 " windw_sec = 7; } );",
	 1, "subscribers[0].windw_sec: there is no such key; did you mean \"window_sec\"?"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.2.0.7\"; spi = 256; " KEY
	 " } );",
	 1, "subscribers[0].home_address: 10.2.0.7 is in no home network of the i-ha"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"198.51.100.7\"; spi = 256; " KEY
	 " } );",
	 1, "subscribers[0].home_address: 198.51.100.7 is in no home network of the i-ha"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"0.0.0.0\"; spi = 256; " KEY " } );",
	 1, "subscribers[0].home_address: 0.0.0.0 is not an address that a host can have"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.0\"; spi = 256; " KEY
	 " } );",
	 1, "subscribers[0].home_address: 10.1.0.0 is the network's or the broadcast"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.255.255\"; spi = 256; " KEY
	 " } );",
	 1, "subscribers[0].home_address: 10.1.255.255 is the network's or the broadcast"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.1\"; spi = 256; " KEY
	 " } );",
	 1, "subscribers[0].home_address: 10.1.0.1 is this box's own"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.2\"; spi = 256; " KEY
	 " } );",
	 1, "subscribers[0].home_address: 10.1.0.2 is this box's own"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"x-ha\"; home_address = \"198.51.100.100\"; spi = 256; " KEY
	 " } );",
	 1, "subscribers[0].home_address: 198.51.100.100 is in the pool of home_networks[0]"},
	{LINE_SUBSCRIBERS, "subscribers = (\n{ agent = \"i-ha\"; spi = 256; " KEY " } );", 1,
	 "subscribers[0].home_address: missing: give a home address, a nai"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; spi = 256; " KEY " nai = \"a@b.c\"; } );", 1,
	 "subscribers[0].home_address: missing, and no home network of the i-ha has a pool"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY
	 " nai = \"a b@c.d\"; } );",
	 1, "subscribers[0].nai: not a network access identifier"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY
	 " nai = "
	 "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.c\"; } );",
	 1, "subscribers[0].nai: not a network access identifier"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY
	 " },\n{ agent = \"i-ha\"; home_address = \"10.1.0.8\"; spi = 256; " KEY
	 " },\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY " } );",
	 3, "subscribers[2].home_address: subscribers[0] (line 9) has the same"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY
	 " nai = \"a@b.c\"; },\n{ agent = \"i-ha\"; home_address = \"10.1.0.8\"; spi = 256; " KEY
	 " nai = \"a@b.c\"; } );",
	 2, "subscribers[1].nai: subscribers[0] (line 9) has the same"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 0; " KEY " } );",
	 1,
	 "subscribers[0].spi: 0 is out of range, give 256 to 4294967295: SPIs 0 to 255 are "
	 "reserved (RFC 5944"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 255; " KEY
	 " } );",
	 1,
	 "subscribers[0].spi: 255 is out of range, give 256 to 4294967295: SPIs 0 to 255 are "
	 "reserved (RFC 5944"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; " KEY " } );", 1,
	 "subscribers[0].spi: missing"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY
	 " algorithm = \"md5\"; } );",
	 1, "subscribers[0].algorithm: \"md5\" is not one of \"hmac-md5\""},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY
	 " replay = \"none\"; } );",
	 1, "subscribers[0].replay: \"none\" is not one of \"timestamps\", \"nonces\""},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY
	 " window_sec = 3; } );",
	 1, "subscribers[0].window_sec: 3 is out of range, give 4 to 3600"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY
	 " window_sec = 3601; } );",
	 1, "subscribers[0].window_sec: 3601 is out of range, give 4 to 3600"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; } );", 1,
	 "subscribers[0].key: missing"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = "
	 "\"0123456789abcdef\"; } );",
	 1, "subscribers[0].key: a group is expected"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = { }; "
	 "} );",
	 1, "subscribers[0].key: give exactly one of hex, ascii and file"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = { hex "
	 "= \"00\"; ascii = \"x\"; }; } );",
	 1, "subscribers[0].key: give exactly one of"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = { hex "
	 "= \"0\"; }; } );",
	 1, "subscribers[0].key.hex: an even number of hexadecimal digits"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = { hex "
	 "= \"0g\"; }; } );",
	 1, "subscribers[0].key.hex: an even number of hexadecimal digits"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = { hex "
	 "= "
	 "\"010101010101010101010101010101010101010101010101010101010101010101010101010101010101010"
	 "1010101010101010101010101010101010101010101\"; }; } );",
	 1, "subscribers[0].key.hex: the key is too long, 64 bytes"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = { "
	 "ascii = \"010101010101010101010101010101010101010101010101010101010101010101\"; }; } );",
	 1, "subscribers[0].key.ascii: the key is too long"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = { "
	 "ascii = \"1234567\"; }; } );",
	 1, "subscribers[0].key: a key of 7 bytes is too short"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = { "
	 "file = \"absent.key\"; }; } );",
	 1, "subscribers[0].key.file: absent.key cannot be read: No such file"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = { "
	 "file = \"open.key\"; }; } );",
	 1, "subscribers[0].key.file: open.key must belong to root"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; key = { "
	 "file = \"empty.key\"; }; } );",
	 1, "subscribers[0].key.file: empty.key is not a key"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; spi = 256; " KEY
	 " associations = ( { spi = 256; " KEY " } ); } );",
	 1, "subscribers[0].spi: it stands beside the list"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; associations = (\n ); "
	 "} );",
	 1, "subscribers[0].associations: 0 associations are not possible"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; associations = (\n{ "
	 "spi = 256; " KEY " },\n{ spi = 257; " KEY " },\n{ spi = 258; " KEY
	 " },\n{ spi = 259; " KEY " },\n{ spi = 260; " KEY " } ); } );",
	 1, "subscribers[0].associations: 5 associations are not possible"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; associations = (\n{ "
	 "spi = 256; " KEY " },\n{ spi = 12; " KEY " } ); } );",
	 3, "subscribers[0].associations[1].spi: 12 is out of range"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; associations = (\n{ "
	 "spi = 256; " KEY " },\n{ spi = 256; " KEY " } ); } );",
	 3, "subscribers[0].associations[1].spi: associations[0] of this subscriber has the same"},
	{LINE_SUBSCRIBERS,
	 "subscribers = (\n{ agent = \"i-ha\"; home_address = \"10.1.0.7\"; associations = (\n{ "
	 "spi = 256; " KEY " agent = \"x-ha\"; } ); } );",
	 2, "subscribers[0].associations[0].agent: there is no such key"},
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
	config_file_write("open.key", "0123456789abcdef\n", 0640);
	config_file_write("empty.key", "\n", 0600);
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
