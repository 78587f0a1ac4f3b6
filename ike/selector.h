/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_SELECTOR_H
#define IKE_SELECTOR_H

#include "lib/traffic_selector.h"

struct linked_list_t;
struct traffic_selector_t;

/* charon's traffic selectors as ours. Any thread. */

/* False: not IPv4, or no range of ports (OPAQUE, RFC 7296 section 3.13.1). */
bool selector_of(struct traffic_selector_t *from, struct traffic_selector *selector);
/* False also when there are more than TRAFFIC_SELECTORS_MAX, or none. */
bool selectors_of(struct linked_list_t *from,
		  struct traffic_selector selectors[TRAFFIC_SELECTORS_MAX], uint32_t *count);

#endif
