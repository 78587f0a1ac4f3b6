/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_STATUS_JSON_H
#define MOBILE_STATUS_JSON_H

#include "mobile/mn_daemon.h"

/* The daemon's state as JSON text, as homeport-mn(8) describes it; the caller frees it. NULL:
 * out of memory. */
char *status_json(const struct mn_daemon *daemon);

#endif
