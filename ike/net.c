/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/strongswan_compat.h"

#include "ike/address.h"
#include "ike/box_link.h"
#include "ike/net.h"

#define INTERFACE_NAME "homeport"

struct net {
	kernel_net_t public; /* first */
	struct box_link *link;
};

static kernel_feature_t
get_features(kernel_net_t *public)
{
	return 0;
}

/* Also tells its address. */
static bool
is_gateway(struct net *net, host_t *host, be32 *address)
{
	be32 gateways[IKE_GATEWAYS_MAX];
	be16 port_be;
	unsigned count = box_link_gateways(net->link, gateways);

	if (address_of(host, address, &port_be))
		for (unsigned i = 0; i < count; i++)
			if (gateways[i] == *address)
				return true;
	return false;
}

static host_t *
get_source_addr(kernel_net_t *public, host_t *dest, host_t *src)
{
	struct net *net = (struct net *)public;
	be32 address, gateways[IKE_GATEWAYS_MAX];

	if (dest->get_family(dest) != AF_INET)
		return NULL;
	if (is_gateway(net, src, &address))
		return address_to_host(address, 0);
	if (box_link_gateways(net->link, gateways) == 0)
		return NULL;
	return address_to_host(gateways[0], 0);
}

/* The box looks for the way itself; as far as charon knows, each peer is on the link. */
static host_t *
get_nexthop(kernel_net_t *public, host_t *dest, int prefix, host_t *src, char **iface)
{
	host_t *source = get_source_addr(public, dest, src);

	if (iface != NULL)
		*iface = source != NULL ? strdup(INTERFACE_NAME) : NULL;
	if (source == NULL)
		return NULL;
	source->destroy(source);
	return dest->clone(dest);
}

static bool
get_interface(kernel_net_t *public, host_t *host, char **name)
{
	be32 address;

	if (!is_gateway((struct net *)public, host, &address))
		return false;
	if (name != NULL)
		*name = strdup(INTERFACE_NAME);
	return true;
}

static void
destroy_host(void *item)
{
	host_t *host = item;

	host->destroy(host);
}

static void
destroy_hosts(void *list)
{
	linked_list_t *hosts = list;

	hosts->destroy_function(hosts, destroy_host);
}

static enumerator_t *
create_address_enumerator(kernel_net_t *public, kernel_address_type_t which)
{
	struct net *net = (struct net *)public;
	linked_list_t *hosts = linked_list_create();
	be32 gateways[IKE_GATEWAYS_MAX];
	unsigned count = box_link_gateways(net->link, gateways);

	for (unsigned i = 0; i < count && (which & ADDR_TYPE_REGULAR) != 0; i++)
		hosts->insert_last(hosts, address_to_host(gateways[i], 0));
	return enumerator_create_cleaner(hosts->create_enumerator(hosts), destroy_hosts, hosts);
}

static status_t
add_ip(kernel_net_t *public, host_t *virtual_ip, int prefix, char *iface)
{
	return NOT_SUPPORTED;
}

static status_t
del_ip(kernel_net_t *public, host_t *virtual_ip, int prefix, bool wait)
{
	return SUCCESS;
}

static status_t
accept_route(kernel_net_t *public, chunk_t dst_net, uint8_t prefixlen, host_t *gateway,
	     host_t *src_ip, char *if_name, bool pass)
{
	return SUCCESS;
}

static void
destroy(kernel_net_t *public)
{
	free(public);
}

kernel_net_t *
net_create(struct box_link *link)
{
	struct net *net = malloc(sizeof(*net));

	*net = (struct net){
		.public =
			{
				.get_features = get_features,
				.get_source_addr = get_source_addr,
				.get_nexthop = get_nexthop,
				.get_interface = get_interface,
				.create_address_enumerator = create_address_enumerator,
				.add_ip = add_ip,
				.del_ip = del_ip,
				.add_route = accept_route,
				.del_route = accept_route,
				.destroy = destroy,
			},
		.link = link,
	};
	return &net->public;
}
