/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/port.h"

#include <errno.h>
#include <net/if.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <stdio.h>
#include <string.h>

#include "dataplane/port_flow.h"

#define DRIVER_AF_PACKET "net_af_packet"
#define FRAMES_TOGETHER \
	64u /* rings of the kernel consist of blocks of frames, up to so many in each */
/* i40e knows IPv4 by what it carries only, with ports: uneven, but without it one worker would get all. */
#define HASH_BY_PROTOCOL                                               \
	(RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP | \
	 RTE_ETH_RSS_NONFRAG_IPV4_SCTP | RTE_ETH_RSS_NONFRAG_IPV4_OTHER)
#define HASH_ONE_SIDE (RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L3_DST_ONLY)
#define FRAME_OVERHEAD 18u /* Ethernet header and a VLAN tag */

/* The part of `device` that names it to ethdev: before the arguments. */
static void
device_name(const char *device, char *name, size_t size)
{
	snprintf(name, size, "%.*s", (int)strcspn(device, ","), device);
}

/* Copies the value of `key` ("iface=") among the device's arguments, or "". */
static void
device_argument(const char *device, const char *key, char *value, size_t size)
{
	const char *at = strstr(device, key);

	value[0] = '\0';
	if (at != NULL && at > device && at[-1] == ',') {
		at += strlen(key);
		snprintf(value, size, "%.*s", (int)strcspn(at, ","), at);
	}
}

void
port_device_arguments(const struct port_config *config, char *arguments, size_t size)
{
	unsigned frames = config->rx_descriptors > config->tx_descriptors ? config->rx_descriptors
									  : config->tx_descriptors;
	char queues[32] = "", rings[32] = "";

	if (strncmp(config->device, DRIVER_AF_PACKET, strlen(DRIVER_AF_PACKET)) == 0) {
		if (strstr(config->device, ",qpairs=") == NULL)
			snprintf(queues, sizeof(queues), ",qpairs=%u", config->queues);
		if (strstr(config->device, ",framecnt=") == NULL)
			snprintf(rings, sizeof(rings), ",framecnt=%u",
				 (frames + FRAMES_TOGETHER - 1) / FRAMES_TOGETHER *
					 FRAMES_TOGETHER);
	}
	snprintf(arguments, size, "%s%s%s", config->device, queues, rings);
}

static int
probe(const struct port_config *config)
{
	char arguments[512];

	port_device_arguments(config, arguments, sizeof(arguments));
	return rte_dev_probe(arguments);
}

uint64_t
port_hash_types(uint64_t offered, bool is_external)
{
	uint64_t types = offered & (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4);

	if ((types & RTE_ETH_RSS_IPV4) == 0)
		types |= offered & HASH_BY_PROTOCOL;
	if (types == 0)
		return 0;
	return types |
	       (offered & (is_external ? RTE_ETH_RSS_L3_SRC_ONLY : RTE_ETH_RSS_L3_DST_ONLY));
}

static int
configure(const struct port_config *config, uint16_t id, struct port *port, char *problem,
	  size_t problem_size)
{
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info info;
	unsigned buffer_size = rte_pktmbuf_data_room_size(config->pool) - RTE_PKTMBUF_HEADROOM;
	int error = rte_eth_dev_info_get(id, &info);

	if (error != 0)
		return error;
	if (info.max_rx_queues < config->queues || info.max_tx_queues < config->queues) {
		snprintf(problem, problem_size,
			 "has %u receive and %u transmit queues, %u workers need %u of each; use "
			 "fewer worker_cores or a device with more queues",
			 info.max_rx_queues, info.max_tx_queues, config->queues, config->queues);
		return -ENOTSUP;
	}
	conf.rxmode.offloads = info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
	if (config->mtu + FRAME_OVERHEAD > buffer_size) {
		if (!(info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER)) {
			snprintf(problem, problem_size,
				 "cannot receive packets of %u bytes into several buffers; lower "
				 "its mtu",
				 config->mtu);
			return -ENOTSUP;
		}
		conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
	}
	conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	port->multi_segments = conf.txmode.offloads != 0;
	if (config->queues > 1)
		port->hash_types =
			port_hash_types(info.flow_type_rss_offloads, config->is_external);
	conf.rx_adv_conf.rss_conf.rss_hf = port->hash_types;
	if (port->hash_types != 0)
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	return rte_eth_dev_configure(id, config->queues, config->queues, &conf);
}

static int
set_up_queues(const struct port_config *config, uint16_t id)
{
	uint16_t rx = config->rx_descriptors, tx = config->tx_descriptors;
	int socket = rte_eth_dev_socket_id(id);
	int error = rte_eth_dev_adjust_nb_rx_tx_desc(id, &rx, &tx);

	for (uint16_t q = 0; error == 0 && q < config->queues; q++) {
		error = rte_eth_rx_queue_setup(id, q, rx, (unsigned)socket, NULL, config->pool);
		if (error == 0)
			error = rte_eth_tx_queue_setup(id, q, tx, (unsigned)socket, NULL);
	}
	return error;
}

/* The groups to whose address on the link solicitations go (RFC 1112 section 6.4). A device that cannot
 * choose takes all multicasts, or what it takes anyway; the workers drop what else comes. */
static void
join_groups(uint16_t id)
{
	struct rte_ether_addr groups[] = {
		{.addr_bytes = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x02}}, /* IP_ALL_ROUTERS */
		{.addr_bytes = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x0b}}, /* IP_MOBILE_AGENTS */
	};

	if (rte_eth_dev_set_mc_addr_list(id, groups, RTE_DIM(groups)) != 0)
		rte_eth_allmulticast_enable(id);
}

int
port_open(const struct port_config *config, struct port *port, char *problem, size_t problem_size)
{
	char name[RTE_ETH_NAME_MAX_LEN];
	struct rte_ether_addr mac;
	int error;

	*port = (struct port){0};
	problem[0] = '\0';
	device_name(config->device, name, sizeof(name));
	device_argument(config->device, "iface=", port->interface, sizeof(port->interface));
	port->interface_index = if_nametoindex(port->interface);
	if (port->interface[0] != '\0' && port->interface_index == 0) {
		snprintf(problem, problem_size,
			 "there is no network interface \"%s\" here; `ip link` lists those there "
			 "are",
			 port->interface);
		return -ENODEV;
	}
	if (rte_eth_dev_get_port_by_name(name, &port->id) != 0) {
		error = probe(config);
		if (error == 0)
			error = rte_eth_dev_get_port_by_name(name, &port->id);
		if (error != 0) {
			snprintf(
				problem, problem_size,
				"no such device, or DPDK cannot drive it (is a PCI device bound to "
				"vfio-pci? `dpdk-devbind.py --status` tells)");
			return -ENODEV;
		}
	}
	error = configure(config, port->id, port, problem, problem_size);
	if (error == 0)
		error = set_up_queues(config, port->id);
	if (error == 0) {
		error = rte_eth_dev_set_mtu(port->id, config->mtu);
		if (error == -ENOTSUP)
			error = 0; /* what the device receives is bounded by its buffers */
	}
	if (error == 0)
		error = rte_eth_dev_start(port->id);
	if (error == 0)
		error = rte_eth_macaddr_get(port->id, &mac);
	if (error != 0) {
		if (problem[0] == '\0')
			snprintf(problem, problem_size, "could not be started: %s",
				 strerror(-error));
		rte_eth_dev_close(port->id);
		return error;
	}
	memcpy(port->mac, mac.addr_bytes, ETH_ADDRESS_SIZE);
	join_groups(port->id);
	if ((port->hash_types & RTE_ETH_RSS_IPV4) != 0 && (port->hash_types & HASH_ONE_SIDE) == 0)
		port->has_flow_rule = port_flow_spread(port->id, config->is_external);
	return 0;
}

const char *
port_spread_text(const struct port *port)
{
	if (port->has_flow_rule)
		return "the mobile's address, by a flow rule";
	if ((port->hash_types & HASH_ONE_SIDE) != 0)
		return "the mobile's address";
	if ((port->hash_types & RTE_ETH_RSS_IPV4) != 0)
		return "both addresses";
	return port->hash_types != 0 ? "addresses and ports" : "what the device decides";
}

void
port_close(struct port *port)
{
	rte_eth_dev_stop(port->id);
	rte_eth_dev_close(port->id);
}

bool
port_is_present(const struct port *port)
{
	if (port->interface[0] != '\0')
		return if_nametoindex(port->interface) == port->interface_index;
	return rte_eth_dev_is_removed(port->id) == 0;
}
