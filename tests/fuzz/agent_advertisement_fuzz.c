/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/agent_advertisement.h"

#include "tests/fuzz/check.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet = exact_copy(data, size);
	struct agent_heard heard;
	be32 src;

	if (agent_advertisement_parse(packet, size, true, &heard) == 0) {
		CHECK(heard.care_of_count <= AGENT_CARE_OF_MAX);
		CHECK(heard.challenge_len <= AGENT_HEARD_CHALLENGE_MAX);
		CHECK(heard.src != 0);
	}
	(void)agent_solicitation_parse(packet, size, &src);
	free(packet);
	return 0;
}
