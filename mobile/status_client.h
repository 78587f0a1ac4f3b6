/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_STATUS_CLIENT_H
#define MOBILE_STATUS_CLIENT_H

#include <stdio.h>

/* Says `words` to the daemon behind the control socket at `path`, NULL to ask for its state, and copies the answer to
 * `out`. 0, or -errno: -ENOENT or -ECONNREFUSED when none runs. */
int status_client_ask(const char *path, const char *words, FILE *out);

/* Copies the state of the daemon. */
static inline int
status_client_copy(const char *path, FILE *out)
{
	return status_client_ask(path, NULL, out);
}

/* The same to standard output. */
static inline int
status_client_print(const char *path)
{
	return status_client_copy(path, stdout);
}

#endif
