/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_ADDRESS_H
#define IKE_ADDRESS_H

#include <stdbool.h>

#include "lib/types.h"

struct host_t;

/* strongSwan's addresses and ours. Any thread. */

/* Whether it is IPv4; then its address and port. */
bool address_of(struct host_t *host, be32 *address, be16 *port_be);
/* The caller destroys it. */
struct host_t *address_to_host(be32 address, be16 port_be);

#endif
