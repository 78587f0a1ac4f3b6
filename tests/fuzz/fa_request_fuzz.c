/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/fuzz/fa_relay_steps.h"

/*
 * A datagram of any kind from the visitors' link. The first octet: TTL, or 255 if even; challenges are
 * required (0x02); the mobile is known by a key (0x04); the last octet of the MAC address (0x08).
 */
enum request_flag {
	REQUEST_TTL = 0x01,
	REQUEST_CHALLENGE = 0x02,
	REQUEST_MOBILE_KEY = 0x04,
	REQUEST_OTHER_MAC = 0x08,
};

static void
hear(struct fa_bench *bench, unsigned flags, uint8_t *bytes, size_t len)
{
	struct fa_asker asker = {.mac = {2}, .src = FA_HOME, .dst = FA_LINK_ADDRESS};

	bench->config.challenge.required = (flags & REQUEST_CHALLENGE) != 0;
	bench->config.mobiles.count = (flags & REQUEST_MOBILE_KEY) != 0;
	fa_bench_restart(bench);
	if (flags & REQUEST_OTHER_MAC)
		asker.mac[5] = 1;
	/* twice: the second one finds what the first one left */
	for (unsigned i = 0; i < 2; i++) {
		fa_relay_request(bench->relay, &asker, (flags & REQUEST_TTL) != 0 ? 1 : 255, bytes,
				 len, bench->now);
		fa_steps_check(bench);
	}
	CHECK(fa_visitors_count(fa_relay_visitors(bench->relay)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fa_steps_hear(data, size, hear);
}
