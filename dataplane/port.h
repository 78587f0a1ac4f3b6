/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_PORT_H
#define DATAPLANE_PORT_H

#include <rte_mempool.h>
#include <stdbool.h>

#include "lib/wire_eth.h"

/* A port as DPDK's ethdev gives it: opened, with one receive and one transmit queue a worker. */
struct port_config {
	const char *device; /* PCI address, or vdev with its arguments */
	uint16_t queues;
	uint16_t mtu;
	uint16_t rx_descriptors;
	uint16_t tx_descriptors;
	struct rte_mempool *pool;
	bool is_external;
};

struct port {
	uint16_t id;
	uint8_t mac[ETH_ADDRESS_SIZE];
	bool multi_segments; /* can send packets of several segments */
	uint64_t
		hash_types; /* RTE_ETH_RSS_ types that choose a queue; 0: one queue, or it cannot */
	bool has_flow_rule; /* by which it hashes the mobile's address alone */
	char interface[32]; /* the kernel's interface under a vdev, or "" */
	unsigned interface_index; /* its number: one that comes back by the same name has another */
};

/*
 * Opens, configures and starts a port. Control core, before any worker runs. Returns 0, or -errno with a
 * sentence in `problem` (`problem_size` bytes) that names the cause and what to do.
 */
int
port_open(const struct port_config *config, struct port *port, char *problem, size_t problem_size);

/*
 * What the device is probed with: the configuration's text, and for a vdev on a kernel interface, which takes
 * them from nowhere else, the number of queues and the size of rings unless the text has them. Any core.
 */
void port_device_arguments(const struct port_config *config, char *arguments, size_t size);

/*
 * What a port hashes a packet by to choose its worker, of the RTE_ETH_RSS_ types that it offers: IPv4 addresses
 * without ports, so that fragments stay together, if it can; and of the two, where the device can tell them apart, the
 * one that is a mobile's, so that its packets meet the owner of its security association: outside the
 * source, inside the destination. 0: the device cannot hash them.
 */
uint64_t port_hash_types(uint64_t offered, bool is_external);

/* What decides which worker gets a packet of an open port, in words. Any core. */
const char *port_spread_text(const struct port *port);

/* Stops and closes it. After all workers have stopped. */
void port_close(struct port *port);

/* False when the device has been taken away, or another one has its name now. Control core. */
bool port_is_present(const struct port *port);

#endif
