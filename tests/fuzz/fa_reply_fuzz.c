/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/fuzz/fa_relay_steps.h"

/*
 * A datagram of any kind from a home agent while a mobile waits for a reply. The first octet: it shares a key with
 * us (0x01); he asked for GRE (0x02), minimal encapsulation (0x04); the datagram is from another agent (0x08); he is
 * a visitor already (0x10), or was one, of whose end the home agent has been told (0x20).
 */
enum reply_flag {
	REPLY_AGENT_KEY = 0x01,
	REPLY_GRE = 0x02,
	REPLY_MINIMAL = 0x04,
	REPLY_STRANGER = 0x08,
	REPLY_VISITOR = 0x10,
	REPLY_REVOKED = 0x20,
};

static void
hear(struct fa_bench *bench, unsigned flags, uint8_t *bytes, size_t len)
{
	struct fa_ask ask = {.flags = MIP_FLAG_T};
	struct fa_peer from = {.port_be = htobe16(MIP_PORT)};
	unsigned before;

	bench->config.home_agents.count = (flags & REPLY_AGENT_KEY) != 0;
	bench->config.revocation = (struct fa_revocation_config){true, true, 0};
	fa_bench_restart(bench);
	if (flags & REPLY_GRE)
		ask.flags |= MIP_FLAG_G;
	if (flags & REPLY_MINIMAL)
		ask.flags |= MIP_FLAG_M;
	if (flags & (REPLY_VISITOR | REPLY_REVOKED)) {
		(void)fa_bench_ask(bench, &ask);
		(void)fa_bench_answer(bench, &(struct fa_answer){.has_udp = true,
								 .has_revocation = true,
								 .has_inform = true});
	}
	if (flags & REPLY_REVOKED)
		(void)fa_relay_revoke(bench->relay, FA_HOME, 0, bench->now);
	(void)fa_bench_ask(bench, &ask);
	before = bench->changed_count;
	from.address = (flags & REPLY_STRANGER) != 0 ? FA_OTHER_AGENT : FA_HOME_AGENT;
	fa_relay_reply(bench->relay, &from, bytes, len, bench->now);
	/* who was not asked changes nothing */
	if (flags & REPLY_STRANGER)
		CHECK(bench->changed_count == before);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fa_steps_hear(data, size, hear);
}
