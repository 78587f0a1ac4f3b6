/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/mip_revocation.h"

#define INTERVAL_FIRST_MS 1000
#define INTERVAL_MOST_MS 64000

static int
build(const void *fixed, size_t fixed_len, const struct mip_signer *signer,
      uint8_t bytes[MIP_MESSAGE_SIZE_MAX])
{
	struct mip_builder builder;
	int result;

	mip_begin(&builder, bytes, MIP_MESSAGE_SIZE_MAX, fixed, fixed_len);
	result = mip_add_auth(&builder, signer->auth, signer->type, signer->spi, signer->algorithm,
			      signer->key);
	return result < 0 ? result : mip_end(&builder);
}

int
mip_revocation_build(const struct mip_revocation *fixed, const struct mip_signer *signer,
		     uint8_t bytes[MIP_MESSAGE_SIZE_MAX])
{
	return build(fixed, sizeof(*fixed), signer, bytes);
}

int
mip_revocation_ack_build(const struct mip_revocation *asked, bool inform,
			 const struct mip_signer *signer, uint8_t bytes[MIP_MESSAGE_SIZE_MAX])
{
	const struct mip_revocation_ack fixed = {
		.type = MIP_REVOCATION_ACK,
		.flags_be = htobe16(inform ? MIP_REVOCATION_ACK_FLAG_I : 0),
		.home_address = asked->home_address,
		.revocation_id_be = asked->revocation_id_be,
	};

	return build(&fixed, sizeof(fixed), signer, bytes);
}

void
revocation_retry_init(struct revocation_retry *retry)
{
	*retry = (struct revocation_retry){.interval_ms = INTERVAL_FIRST_MS};
}

void
revocation_retry_note(struct revocation_retry *retry, uint32_t id)
{
	retry->ids[retry->sent++ % REVOCATION_IDS_REMEMBERED] = id;
}

bool
revocation_retry_matches(const struct revocation_retry *retry, uint32_t id)
{
	for (unsigned i = 0; i < retry->sent && i < REVOCATION_IDS_REMEMBERED; i++) {
		if (retry->ids[i] == id)
			return true;
	}
	return false;
}

uint64_t
revocation_retry_next_ms(struct revocation_retry *retry)
{
	uint64_t interval_ms = retry->interval_ms;

	if (interval_ms < INTERVAL_MOST_MS)
		retry->interval_ms *= 2;
	return interval_ms;
}
