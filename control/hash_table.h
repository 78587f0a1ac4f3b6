/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_HASH_TABLE_H
#define CONTROL_HASH_TABLE_H

/* uthash as this code base uses it: when memory runs out it does not end the process but leaves the
 * element's handle without a table (`hh.tbl == NULL`), which every HASH_ADD here is followed by a look at. */
#define HASH_NONFATAL_OOM 1

#include <uthash.h>

#endif
