/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_STATUS_JSON_H
#define MOBILE_STATUS_JSON_H

/* The state of `daemon`, a struct mn_daemon, as JSON text, as homeport-mn(8) describes it; the caller frees it. NULL:
 * out of memory. */
char *status_json(const void *daemon);

#endif
