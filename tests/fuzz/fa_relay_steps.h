/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_FUZZ_FA_RELAY_STEPS_H
#define TESTS_FUZZ_FA_RELAY_STEPS_H

#include "lib/log.h"
#include "tests/fuzz/check.h"
#include "tests/unit/mobile/fa_bench.h"

/* A foreign agent of its own for one input. */
static inline struct fa_bench *
fa_steps_begin(void)
{
	void *bench = NULL;

	log_set_level(LOG_LEVEL_ERROR);
	CHECK(fa_bench_setup(&bench) == 0);
	((struct fa_bench *)bench)->config.tunnels.udp = true;
	return bench;
}

/* What holds whatever came: lists within their limits, and whole messages to both sides. */
static inline void
fa_steps_check(const struct fa_bench *bench)
{
	const struct fa_visitors *visitors = fa_relay_visitors(bench->relay);
	struct mip_message message;
	unsigned count = 0;

	for (const struct fa_visitor *v = fa_visitors_next(visitors, NULL); v != NULL;
	     v = fa_visitors_next(visitors, v)) {
		CHECK(v->mobile.home_address != 0 && v->mobile.home_address != FA_CARE_OF);
		count++;
	}
	CHECK(count == fa_visitors_count(visitors));
	CHECK(count <= bench->config.limits.visitors_max);
	CHECK(fa_visitors_pending_count(visitors) <= bench->config.limits.pending_max);
	if (bench->to_agent_count != 0)
		CHECK(mip_parse(bench->agent_bytes, bench->agent_len, &message) == MIP_PARSE_OK);
	if (bench->to_mobile_count != 0)
		CHECK(mip_parse(bench->mobile_bytes, bench->to_mobile.len, &message) !=
		      MIP_PARSE_SHORT);
}

static inline void
fa_steps_end(struct fa_bench *bench)
{
	void *state = bench;

	bench->now = mono_add_sec(bench->now, UINT16_MAX);
	fa_relay_tick(bench->relay, bench->now);
	CHECK(fa_visitors_pending_count(fa_relay_visitors(bench->relay)) == 0);
	CHECK(fa_bench_teardown(&state) == 0);
}

/* Has a foreign agent of its own hear one datagram: the input without its first octet, which are the flags. */
static inline int
fa_steps_hear(const uint8_t *data, size_t size,
	      void (*hear)(struct fa_bench *bench, unsigned flags, uint8_t *bytes, size_t len))
{
	struct fa_bench *bench;
	uint8_t *bytes;

	if (size == 0)
		return 0;
	bench = fa_steps_begin();
	bytes = exact_copy(data + 1, size - 1);
	hear(bench, data[0], bytes, size - 1);
	fa_steps_check(bench);
	free(bytes);
	fa_steps_end(bench);
	return 0;
}

#endif
