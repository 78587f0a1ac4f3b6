/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_DROPS_H
#define CTL_DROPS_H

#include <jansson.h>

/* Drop reasons as the box names them are the list of lib/drop_reason.h; DPDK's telemetry allows no "-" in
 * a key, so "ip_ttl" stands for "ip-ttl". */

/* The counters of an answer under their names of lib/drop_reason.h; names that this program does not
 * know are kept as they are. New reference; NULL: no memory. */
json_t *drops_rename(const json_t *answer);

/* The sentence for a name of drops_rename(); "" for one not known here. */
const char *drops_help(const char *name);

#endif
