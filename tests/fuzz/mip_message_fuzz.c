/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/mip_message.h"

#include <stdlib.h>
#include <string.h>

#include "lib/nai.h"
#include "tests/fuzz/check.h"

static void
check_view(const struct mip_message *m, const struct mip_view *view)
{
	if (view->data == NULL) {
		CHECK(view->len == 0);
		return;
	}
	CHECK(view->data > m->bytes && view->data + view->len <= m->bytes + m->len);
}

static void
check_auth(const struct mip_message *m, const struct mip_auth_view *auth)
{
	check_view(m, &auth->authenticator);
	CHECK((auth->count > 0) == (auth->authenticator.data != NULL));
	if (auth->count > 0)
		CHECK(auth->authenticator.data == m->bytes + auth->covered_len);
}

static void
check_views(const struct mip_message *m)
{
	check_auth(m, &m->mn_ha);
	check_auth(m, &m->mn_fa);
	check_auth(m, &m->fa_ha);
	check_auth(m, &m->mn_aaa);
	check_view(m, &m->nai);
	check_view(m, &m->challenge);
	check_view(m, &m->message_string);
	check_view(m, &m->service_selection);
	CHECK(m->nai.len <= MIP_NAI_SIZE_MAX);
	if (m->nai.data != NULL)
		nai_is_valid(m->nai.data, m->nai.len);
}

/* Builds from what was parsed; what is parsed from that must be the same again. */
static void
check_rebuilt(struct mip_auth *auth, const struct mip_message *m, size_t fixed_len)
{
	static const struct secret key = {.len = 16, .bytes = "0123456789abcdef"};
	uint8_t bytes[2 * MIP_MESSAGE_SIZE_MAX];
	struct mip_builder builder;
	struct mip_message again;
	int len;

	mip_begin(&builder, bytes, sizeof(bytes), m->bytes, fixed_len);
	if (m->nai.data != NULL)
		mip_add(&builder, MIP_EXT_NAI, m->nai.data, m->nai.len);
	if (m->udp_request.author != MIP_BY_NOBODY)
		mip_add_udp_tunnel_request(&builder, m->udp_request.flags,
					   m->udp_request.encapsulation);
	if (m->udp_reply.present)
		mip_add_udp_tunnel_reply(&builder, &m->udp_reply);
	mip_add_dynamic_ha(&builder, &m->dynamic_ha);
	CHECK(mip_add_auth(&builder, auth, MIP_EXT_MN_HA_AUTH, m->mn_ha.spi, MIP_AUTH_HMAC_MD5,
			   &key) == 0);
	len = mip_end(&builder);
	CHECK(len > 0);
	CHECK(mip_parse(bytes, (size_t)len, &again) == MIP_PARSE_OK);
	check_views(&again);
	CHECK(again.type == m->type && again.mn_ha.spi == m->mn_ha.spi);
	CHECK(again.nai.len == m->nai.len);
	CHECK(m->nai.data == NULL || memcmp(again.nai.data, m->nai.data, m->nai.len) == 0);
	CHECK(again.udp_request.flags == m->udp_request.flags);
	CHECK(memcmp(&again.udp_reply, &m->udp_reply, sizeof(m->udp_reply)) == 0);
	CHECK(again.dynamic_ha.form == m->dynamic_ha.form);
	CHECK(again.dynamic_ha.address == m->dynamic_ha.address);
	CHECK(mip_auth_verify(auth, MIP_AUTH_HMAC_MD5, &key, bytes, again.mn_ha.covered_len,
			      again.mn_ha.authenticator.data, again.mn_ha.authenticator.len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mip_auth *auth;
	uint8_t *copy = exact_copy(data, size);
	struct mip_message message;
	enum mip_parse_result result = mip_parse(copy, size, &message);

	if (auth == NULL)
		auth = mip_auth_create();
	CHECK(auth != NULL);
	if (result != MIP_PARSE_SHORT)
		check_views(&message);
	if (result == MIP_PARSE_OK && message.type == MIP_REGISTRATION_REQUEST)
		check_rebuilt(auth, &message, sizeof(message.request));
	if (result == MIP_PARSE_OK && message.type == MIP_REGISTRATION_REPLY)
		check_rebuilt(auth, &message, sizeof(message.reply));
	free(copy);
	return 0;
}
