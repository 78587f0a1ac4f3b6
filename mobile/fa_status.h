/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_STATUS_H
#define MOBILE_FA_STATUS_H

/* The state of `daemon`, a struct fa_daemon, as JSON text, as homeport-fa(8) describes it; the caller frees it.
 * NULL: out of memory. */
char *fa_status_json(const void *daemon);

#endif
