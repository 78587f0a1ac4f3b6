/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/strongswan_compat.h"

#include "ike/address.h"

bool
address_of(host_t *host, be32 *address, be16 *port_be)
{
	if (host == NULL || host->get_family(host) != AF_INET)
		return false;
	memcpy(address, host->get_address(host).ptr, sizeof(*address));
	*port_be = htobe16(host->get_port(host));
	return true;
}

host_t *
address_to_host(be32 address, be16 port_be)
{
	return host_create_from_chunk(AF_INET, chunk_from_thing(address), be16toh(port_be));
}
