/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_EVENT_H
#define IKE_EVENT_H

#include "lib/ike_message.h"

struct sa_list;

/* What charon is told of its SAs, by jobs of its own threads. Any thread; nothing blocks. */

void event_expire(const struct ike_expire *expire, void *unused);
void event_mapping(const struct ike_mapping *mapping, void *unused);

/* Has charon rekey what is lost, EVENT_LOST_MAX every EVENT_LOST_MS until none is left. The list outlives
 * charon's jobs. */
void event_expire_lost(struct sa_list *list);

#define EVENT_LOST_MAX 50
#define EVENT_LOST_MS 100

#endif
