/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_STATUS_CLIENT_H
#define MOBILE_STATUS_CLIENT_H

#include <stdio.h>

/* Copies what the daemon behind the control socket at `path` says to `out`. 0, or -errno: -ENOENT or
 * -ECONNREFUSED when none runs. */
int status_client_copy(const char *path, FILE *out);

/* The same to standard output. */
static inline int
status_client_print(const char *path)
{
	return status_client_copy(path, stdout);
}

#endif
