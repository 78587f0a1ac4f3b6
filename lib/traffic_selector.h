/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_TRAFFIC_SELECTOR_H
#define LIB_TRAFFIC_SELECTOR_H

#include <stdbool.h>

#include "lib/types.h"

/* One side of an SA's traffic (RFC 4301 section 4.4.1.1): ranges, inclusive, in host order, so that the
 * control core, the workers and the link to charon share one form. */
struct traffic_selector {
	uint32_t first, last;		/* addresses */
	uint16_t first_port, last_port; /* 0 to 65535: any */
	uint8_t protocol;		/* 0: any */
	uint8_t reserved[3];
};
ASSERT_SIZE(struct traffic_selector, 16);

#define TRAFFIC_SELECTORS_MAX 8 /* a side of one SA */

static inline bool
traffic_selector_is_host(const struct traffic_selector *selector)
{
	return selector->first == selector->last;
}

#endif
