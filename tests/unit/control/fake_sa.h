/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_FAKE_SA_H
#define TESTS_UNIT_CONTROL_FAKE_SA_H

#include "control/sa.h"

/* An SA table that remembers how it was last called and answers as it is told. */
struct fake_sa {
	enum ike_status status; /* what it answers */
	unsigned calls;
	const char *function; /* the last that was called */
	uint64_t epoch;
	unsigned came, left;
	struct ike_add_sa add;
	struct ike_sa_id id;
	struct ike_update_sa update;
	struct ike_policy policy;
	struct ike_get_spi get_spi;
};
extern struct fake_sa fake_sa;

#define FAKE_SPI htobe32(0xc0ffee01)
#define FAKE_BYTES 123456789

#endif
