/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/mip_message.h"
#include "tests/unit/lib/golden.h"

static const struct mip_reply accepted = {.type = MIP_REGISTRATION_REPLY};

static int
create_auth(void **state)
{
	*state = mip_auth_create();
	return *state == NULL ? -1 : 0;
}

static int
destroy_auth(void **state)
{
	mip_auth_destroy(*state);
	return 0;
}

static size_t
fixed_len(const struct mip_message *m)
{
	return m->type == MIP_REGISTRATION_REQUEST ? sizeof(m->request) : sizeof(m->reply);
}

/* Builds anew what was parsed, into `size` bytes. */
static int
rebuild(struct mip_auth *auth, const struct mip_message *m, uint8_t *out, size_t size)
{
	struct secret mn_key = GOLDEN_MN_KEY, fa_key = GOLDEN_FA_KEY;
	struct mip_builder builder;

	mip_begin(&builder, out, size, &m->request, fixed_len(m));
	if (m->nai.data != NULL)
		mip_add(&builder, MIP_EXT_NAI, m->nai.data, m->nai.len);
	if (m->udp_request.author != MIP_BY_NOBODY)
		mip_add_udp_tunnel_request(&builder, m->udp_request.flags,
					   m->udp_request.encapsulation);
	if (m->udp_reply.present)
		mip_add_udp_tunnel_reply(&builder, &m->udp_reply);
	if (m->trusted_networks)
		mip_add_trusted_networks(&builder);
	assert_int_equal(mip_add_auth(&builder, auth, MIP_EXT_MN_HA_AUTH, GOLDEN_MN_SPI,
				      MIP_AUTH_HMAC_MD5, &mn_key),
			 0);
	if (m->fa_ha.count > 0)
		assert_int_equal(mip_add_auth(&builder, auth, MIP_EXT_FA_HA_AUTH, GOLDEN_FA_SPI,
					      MIP_AUTH_HMAC_MD5, &fa_key),
				 0);
	return mip_end(&builder);
}

static void
golden_messages_are_rebuilt_byte_for_byte(void **state)
{
	for (size_t i = 0; i < GOLDEN_COUNT; i++) {
		uint8_t bytes[GOLDEN_SIZE_MAX], out[GOLDEN_SIZE_MAX];
		size_t len = from_hex(golden_hex[i], bytes);
		struct mip_message m;

		assert_int_equal(mip_parse(bytes, len, &m), MIP_PARSE_OK);
		assert_int_equal(rebuild(*state, &m, out, sizeof(out)), len);
		assert_memory_equal(out, bytes, len);
	}
}

static void
a_builder_without_room_writes_nothing_beyond_it_and_says_so(void **state)
{
	uint8_t bytes[GOLDEN_SIZE_MAX];
	size_t len = from_hex(golden_hex[3], bytes);
	struct mip_message m;

	assert_int_equal(mip_parse(bytes, len, &m), MIP_PARSE_OK);
	for (size_t size = 0; size <= len; size++) {
		uint8_t out[GOLDEN_SIZE_MAX];

		memset(out, 0xa5, sizeof(out));
		assert_int_equal(rebuild(*state, &m, out, size), size < len ? -ENOSPC : (int)len);
		for (size_t i = size; i < sizeof(out); i++)
			assert_int_equal(out[i], 0xa5);
	}
}

static void
extensions_have_the_bytes_that_the_standards_draw(void **state)
{
	static const char expected_hex[] = "0300000000000000000000000000000000000000"
					   "2c060040800012348906800000000102"
					   "8b0200040a0100018b05020a010001"
					   "9106016275737921"
					   "9006000080370000"
					   "95020000";
	const struct mip_udp_tunnel_reply reply = {.present = true,
						   .code = UDP_TUNNEL_DECLINED,
						   .forced = true,
						   .keepalive_sec = 0x1234};
	struct mip_dynamic_ha dynamic_ha = {
		.form = MIP_DYNAMIC_HA_LONG,
		.subtype = DYNAMIC_HA_REDIRECTED,
		.address = htobe32(0x0a010001),
	};
	uint8_t out[256], expected[256];
	struct mip_builder builder;
	size_t len = from_hex(expected_hex, expected);

	(void)state;
	mip_begin(&builder, out, sizeof(out), &accepted, sizeof(accepted));
	mip_add_udp_tunnel_reply(&builder, &reply);
	mip_add_revocation_support(&builder, true, 0x102);
	mip_add_dynamic_ha(&builder, &dynamic_ha);
	dynamic_ha.form = MIP_DYNAMIC_HA_SHORT;
	mip_add_dynamic_ha(&builder, &dynamic_ha);
	dynamic_ha.form = MIP_DYNAMIC_HA_ABSENT;
	mip_add_dynamic_ha(&builder, &dynamic_ha);
	mip_add_message_string(&builder, 1, "busy!");
	mip_add_udp_tunnel_request(&builder, UDP_TUNNEL_FLAG_F, 55);
	mip_add_trusted_networks(&builder);
	assert_int_equal(mip_end(&builder), len);
	assert_memory_equal(out, expected, len);
}

static void
an_extension_of_more_than_255_bytes_is_refused(void **state)
{
	uint8_t data[256] = {0}, out[1024];
	struct mip_builder builder;

	(void)state;
	mip_begin(&builder, out, sizeof(out), &accepted, sizeof(accepted));
	mip_add(&builder, MIP_EXT_NVSE, data, 255);
	assert_int_equal(mip_end(&builder), sizeof(accepted) + 2 + 255);
	mip_add(&builder, MIP_EXT_NVSE, data, 256);
	assert_int_equal(mip_end(&builder), -ENOSPC);
}

static void
a_long_message_string_is_cut_between_characters(void **state)
{
	char text[600];
	uint8_t out[512];
	struct mip_builder builder;

	(void)state;
	for (unsigned i = 0; i < 299; i++)
		memcpy(text + 2 * i, "\xc3\xa9", 2);
	text[598] = '\0';
	mip_begin(&builder, out, sizeof(out), &accepted, sizeof(accepted));
	mip_add_message_string(&builder, 1, text);
	assert_int_equal(mip_end(&builder), 20 + 2 + 1 + 254);
	assert_int_equal(out[20 + 2 + 1 + 253], 0xa9);

	text[0] = 'x'; /* now an odd byte is left at the end */
	memmove(text + 1, text + 2, 597);
	mip_begin(&builder, out, sizeof(out), &accepted, sizeof(accepted));
	mip_add_message_string(&builder, 1, text);
	assert_int_equal(mip_end(&builder), 20 + 2 + 1 + 253);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_messages_are_rebuilt_byte_for_byte),
		cmocka_unit_test(a_builder_without_room_writes_nothing_beyond_it_and_says_so),
		cmocka_unit_test(extensions_have_the_bytes_that_the_standards_draw),
		cmocka_unit_test(an_extension_of_more_than_255_bytes_is_refused),
		cmocka_unit_test(a_long_message_string_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, create_auth, destroy_auth);
}
