/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_REG_SITUATION_H
#define TESTS_UNIT_CONTROL_REG_SITUATION_H

#include "control/reg_decide.h"

/*
 * A request that is accepted, a co-located mobile's at the x-HA. Each case of a test changes something
 * about it, so that it would be code 0 without the rule that the case is there for.
 */
#define HOME htobe32(0x0a010007)
#define AGENT htobe32(0x0a010001)
#define CARE_OF htobe32(0xac100509)
#define NAT htobe32(0xac10ff01)
#define SOURCE_PORT 40000

struct situation {
	struct config_agent agent;
	struct mip_message message;
	struct reg_facts facts;
	struct reg_decision decision;
};

struct situation_case {
	void (*change)(struct situation *s);
	uint8_t code;
};

/* Bytes that are there, whatever they say. */
extern const uint8_t situation_bytes[16];

void situation_init(struct situation *s);
void situation_decide(struct situation *s);

/* The situation that `change` makes, decided. */
struct situation situation_after(void (*change)(struct situation *s));

/* Asserts that each change has its code, and the verdict and text that go with it. */
void situation_assert_codes(const struct situation_case *cases, unsigned count);

#endif
