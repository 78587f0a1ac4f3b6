/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_STATUS_CLIENT_H
#define MOBILE_STATUS_CLIENT_H

/* Copies what the daemon behind the control socket at `path` says to standard output. 0, or -errno:
 * -ENOENT or -ECONNREFUSED when none runs. */
int status_client_print(const char *path);

#endif
