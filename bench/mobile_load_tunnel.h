/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MOBILE_LOAD_TUNNEL_H
#define BENCH_MOBILE_LOAD_TUNNEL_H

#include <stdbool.h>

#include "lib/wire_ip.h"

/* A mobile's end of its tunnel to the x-HA: IP in IP, or from behind a NAT in UDP (RFC 3519 section 3.3). */

/* Writes the outer headers of mobile `i` at `place` for an inner packet of `len` bytes; returns where
 * that goes. */
uint8_t *load_tunnel_write(uint8_t *bytes, uint32_t i, uint8_t place, uint16_t len);

/* The inner packet of *len bytes, and its length in *len; NULL when it is no tunnel of the x-HA's. */
const struct ip_header *load_tunnel_open(const struct ip_header *outer, uint16_t *len);

/* Whether the outer headers, which load_tunnel_open() has passed, are those to mobile `i` at `place`. */
bool load_tunnel_leads_to(const struct ip_header *outer, uint32_t i, uint8_t place);

#endif
