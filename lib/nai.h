/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_NAI_H
#define LIB_NAI_H

#include <stdbool.h>

#include "lib/wire_mip.h"

/*
 * True when the `len` bytes at `nai` are a network access identifier: the grammar of RFC 4282
 * section 2.1 with the UTF-8 realms of RFC 7542 section 2.2, 1 to MIP_NAI_SIZE_MAX bytes.
 * Characters that do not show (controls, spaces, direction overrides) are refused even where RFC
 * 4282 lets a backslash quote them, so that a valid NAI may be logged as it stands. Any core.
 */
bool nai_is_valid(const void *nai, size_t len);

#endif
