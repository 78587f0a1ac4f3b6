/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/strongswan_compat.h"

#include "ike/box_link.h"
#include "ike/datagram.h"
#include "ike/event.h"
#include "ike/ipsec.h"
#include "ike/net.h"
#include "ike/sa_list.h"
#include "ike/version.h"

#include <sys/prctl.h>

#define SOCKET_PATH "/run/homeport/ike.sock"

/* What charon looks for in the file. */
plugin_t *homeport_plugin_create(void);

/* One a process: the constructors that charon calls have no argument. */
static struct {
	plugin_t public;
	struct sa_list *list;
	struct box_link *link;
	socket_t *socket;
	bool is_ipsec, is_socket; /* charon took ours */
} plugin;

static kernel_ipsec_t *
create_ipsec(void)
{
	plugin.is_ipsec = true;
	return ipsec_create(plugin.link, plugin.list);
}

static kernel_net_t *
create_net(void)
{
	return net_create(plugin.link);
}

static socket_t *
create_socket(void)
{
	plugin.is_socket = true;
	return plugin.socket;
}

/* Half of it would let charon program the kernel in silence. */
static bool
is_ours(bool is_taken, const char *feature)
{
	if (!is_taken)
		DBG1(DBG_KNL,
		     "homeport: charon has %s of another plugin, NO VPN traffic can pass; load "
		     "neither kernel-netlink nor socket-default",
		     feature);
	return is_taken;
}

static bool
register_ipsec(plugin_t *self, plugin_feature_t *feature, bool is_loading, void *data)
{
	if (!is_loading)
		return charon->kernel->remove_ipsec_interface(charon->kernel, create_ipsec);
	return is_ours(charon->kernel->add_ipsec_interface(charon->kernel, create_ipsec),
		       "kernel-ipsec");
}

static bool
register_net(plugin_t *self, plugin_feature_t *feature, bool is_loading, void *data)
{
	if (!is_loading)
		return charon->kernel->remove_net_interface(charon->kernel, create_net);
	return plugin.is_ipsec &&
	       is_ours(charon->kernel->add_net_interface(charon->kernel, create_net), "kernel-net");
}

static bool
register_socket(plugin_t *self, plugin_feature_t *feature, bool is_loading, void *data)
{
	if (is_loading && !plugin.is_ipsec)
		return false;
	if (is_loading)
		charon->socket->add_socket(charon->socket, create_socket);
	if (is_loading && is_ours(plugin.is_socket, "a socket"))
		return true;
	charon->socket->remove_socket(charon->socket, create_socket);
	return !is_loading;
}

static char *
get_name(plugin_t *self)
{
	return "homeport";
}

static int
get_features(plugin_t *self, plugin_feature_t *features[])
{
	static plugin_feature_t all[] = {
		PLUGIN_CALLBACK(register_ipsec, NULL),	PLUGIN_PROVIDE(CUSTOM, "kernel-ipsec"),
		PLUGIN_CALLBACK(register_net, NULL),	PLUGIN_PROVIDE(CUSTOM, "kernel-net"),
		PLUGIN_DEPENDS(CUSTOM, "kernel-ipsec"), PLUGIN_CALLBACK(register_socket, NULL),
		PLUGIN_PROVIDE(CUSTOM, "socket"),	PLUGIN_DEPENDS(CUSTOM, "kernel-ipsec"),
	};

	*features = all;
	return countof(all);
}

static void
destroy(plugin_t *self)
{
	if (plugin.link != NULL)
		box_link_destroy(plugin.link);
	datagram_destroy(plugin.socket);
	sa_list_destroy(plugin.list);
}

static void
take_datagram(const struct ike_datagram *datagram, const uint8_t *data, void *context)
{
	datagram_arrived(plugin.socket, datagram, data);
}

static void
take_lost(void *context)
{
	event_expire_lost(plugin.list);
}

plugin_t *
homeport_plugin_create(void)
{
	static const struct box_link_events events = {
		.expire = event_expire,
		.mapping = event_mapping,
		.datagram = take_datagram,
		.lost = take_lost,
	};
	const char *path;

	if (!version_is_running(STRONGSWAN_VERSION)) {
		DBG1(DBG_LIB, "homeport: built for strongSwan %s, which this is not; not loaded",
		     STRONGSWAN_VERSION);
		return NULL;
	}
	prctl(PR_SET_DUMPABLE, 0); /* keys of all mobiles would be in the core */
	path = lib->settings->get_str(lib->settings, "%s.plugins.homeport.socket", SOCKET_PATH,
				      lib->ns);
	plugin.public =
		(plugin_t){.get_name = get_name, .get_features = get_features, .destroy = destroy};
	plugin.list = sa_list_create();
	plugin.socket = datagram_create();
	plugin.link = box_link_create(path, STRONGSWAN_VERSION, plugin.list, &events);
	if (plugin.link == NULL) {
		DBG1(DBG_LIB, "homeport: no thread for %s; not loaded", path);
		destroy(&plugin.public);
		return NULL;
	}
	datagram_set_link(plugin.socket, plugin.link);
	return &plugin.public;
}
