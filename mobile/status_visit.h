/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_STATUS_VISIT_H
#define MOBILE_STATUS_VISIT_H

#include <jansson.h>

struct mn_track;

/* The parts of the status (homeport-mn(8)) about foreign agents: the one that `track` registers through, or null; and
 * all that its interface has heard. NULL: out of memory. */
json_t *status_foreign_agent(const struct mn_track *track);
json_t *status_foreign_agents(const struct mn_track *track);

#endif
