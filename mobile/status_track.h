/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_STATUS_TRACK_H
#define MOBILE_STATUS_TRACK_H

#include <jansson.h>

#include "mobile/mn_roaming.h"

/* Parts of the status (homeport-mn(8)) that are about one track. NULL: out of memory. */
json_t *status_address(be32 address); /* 0: null */
json_t *status_detection(const struct mn_track *track);
json_t *status_agents(const struct mn_track *track);
json_t *status_layers(enum mn_mode mode);
json_t *status_track(const struct mn_roaming *roaming, const struct mn_track *track);

#endif
