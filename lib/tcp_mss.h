/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_TCP_MSS_H
#define LIB_TCP_MSS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/wire_tcp.h"

/*
 * Lowers the maximum segment size that a TCP SYN or SYN-ACK announces (RFC 9293 section 3.7.1) to `mss`
 * bytes and puts the checksum right incrementally (RFC 1624), so that a checksum that was wrong stays
 * wrong. It is never raised, and none is added where none is. `tcp` is the TCP header, any alignment, of
 * which `len` bytes are there; options beyond those are left alone, and so is all that follows a malformed
 * one. Pure; any core. True when something was lowered.
 */
bool tcp_mss_clamp(uint8_t *tcp, size_t len, uint16_t mss);

#endif
