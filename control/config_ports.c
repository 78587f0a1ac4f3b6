/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_reader.h"
#include "control/config_section.h"

#include <errno.h>
#include <string.h>

static const char *const roles[] = {"external", "internal", NULL};

struct port_values {
	struct config_port port;
	unsigned role; /* index into roles */
};

#define PORT_FIELD(field) offsetof(struct port_values, port.field)

static const struct config_key keys[] = {
	{.name = "name",
	 .kind = CONFIG_KEY_TEXT,
	 .offset = PORT_FIELD(name),
	 .size = CONFIG_NAME_SIZE,
	 .is_required = true,
	 .hint = "a word by which other sections and the operator know the port"},
	{.name = "device",
	 .kind = CONFIG_KEY_TEXT,
	 .offset = PORT_FIELD(device),
	 .size = CONFIG_PATH_SIZE,
	 .is_required = true,
	 .hint = "a PCI address such as \"0000:03:00.0\", or \"net_af_packet0,iface=eth1\""},
	{.name = "role",
	 .kind = CONFIG_KEY_CHOICE,
	 .offset = offsetof(struct port_values, role),
	 .choices = roles,
	 .is_required = true,
	 .hint = "\"external\" (not trusted) or \"internal\" (trusted)"},
	{.name = "address",
	 .kind = CONFIG_KEY_PORT_ADDRESS,
	 .offset = PORT_FIELD(network),
	 .is_required = true,
	 .hint = "the port's own, with the prefix length, such as \"192.0.2.1/24\""},
	{.name = "mtu",
	 .kind = CONFIG_KEY_UINT16,
	 .offset = PORT_FIELD(mtu),
	 .least = 576,
	 .most = 9216,
	 .otherwise = 1500},
	{.name = "rx_descriptors",
	 .kind = CONFIG_KEY_UINT16,
	 .offset = PORT_FIELD(rx_descriptors),
	 .least = 64,
	 .most = 32768,
	 .otherwise = 1024},
	{.name = "tx_descriptors",
	 .kind = CONFIG_KEY_UINT16,
	 .offset = PORT_FIELD(tx_descriptors),
	 .least = 64,
	 .most = 32768,
	 .otherwise = 1024},
	{.name = NULL},
};

int
config_port_find(const struct config *config, const char *name)
{
	for (unsigned i = 0; i < config->port_count; i++) {
		if (strcmp(config->ports[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

const struct config_port *
config_port_of(const struct config *config, be32 address)
{
	for (unsigned i = 0; i < config->port_count; i++) {
		struct prefix network = config->ports[i].network;

		if (!prefix_contains(network, address))
			continue;
		if (network.len_bits >= 31 ||
		    (address != prefix_network(network) && address != prefix_broadcast(network)))
			return &config->ports[i];
	}
	return NULL;
}

/* EAL knows a device by what stands before its arguments. */
static bool
is_same_device(const char *a, const char *b)
{
	size_t len = strcspn(a, ",");

	return len == strcspn(b, ",") && strncmp(a, b, len) == 0;
}

static int
check_unique(struct config_reader *reader, const struct config_setting_t *setting,
	     const struct config_port *port, const struct config_port *other)
{
	char text[PREFIX_TEXT_SIZE];
	struct prefix network = {prefix_network(port->network), port->network.len_bits};

	if (strcmp(port->name, other->name) == 0)
		return config_reader_fail(reader, setting, "name",
					  "\"%s\" is the name of another port", port->name);
	if (is_same_device(port->device, other->device))
		return config_reader_fail(reader, setting, "device",
					  "port \"%s\" has this device; number virtual ones "
					  "differently, such as net_af_packet0, net_af_packet1",
					  other->name);
	if (port->network.address == other->network.address)
		return config_reader_fail(reader, setting, "address",
					  "port \"%s\" has this address", other->name);
	if (network.len_bits == other->network.len_bits &&
	    network.address == prefix_network(other->network))
		return config_reader_fail(reader, setting, "address",
					  "port \"%s\" is on the same network %s; there would be "
					  "two ways to every host of it",
					  other->name, prefix_format(network, text));
	return 0;
}

static int
read_port(struct config_reader *reader, const struct config_setting_t *setting,
	  struct config *config)
{
	struct port_values values = {.role = 0};

	if (config_reader_group(reader, setting, keys, NULL, &values) < 0)
		return -EINVAL;
	values.port.is_internal = values.role == 1;
	if (strpbrk(values.port.name, " \t\",:/") != NULL)
		return config_reader_fail(reader, setting, "name",
					  "a name has no blanks and none of \" , : /");
	for (unsigned i = 0; i < config->port_count; i++) {
		if (check_unique(reader, setting, &values.port, &config->ports[i]) < 0)
			return -EINVAL;
	}
	config->ports[config->port_count++] = values.port;
	return 0;
}

int
config_ports_read(struct config_reader *reader, const struct config_setting_t *section,
		  struct config *config)
{
	unsigned count = config_reader_count(section);

	if (count == 0 || count > CONFIG_PORTS_MAX)
		return config_reader_fail(reader, section, section == NULL ? "ports" : NULL,
					  "%u ports are not possible, give 1 to %d", count,
					  CONFIG_PORTS_MAX);
	for (unsigned i = 0; i < count; i++) {
		if (read_port(reader, config_reader_element(section, i), config) < 0)
			return -EINVAL;
	}
	return 0;
}
