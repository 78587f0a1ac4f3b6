/* SPDX-License-Identifier: BSD-3-Clause */
/* Reload: a second configuration is read and checked while the first one is in force; what can change
 * while packets flow is taken over, the rest stays as it was and is named. */
#include <errno.h>
#include <string.h>

#include "control/config_compare.h"
#include "control/gateway.h"
#include "lib/log.h"

static void
say_needs_restart(const char *key, void *context)
{
	log_warnx("%s: %s has changed; that takes a restart and is not taken over",
		  (const char *)context, key);
}

/* The VPN gateway comes and goes with a restart only; windows, policies and TIA networks change live. */
static void
keep_vpn(const struct config *running, struct config *wanted)
{
	unsigned grace_sec = wanted->ike.grace_sec;

	if (running->vpn.enabled != wanted->vpn.enabled) {
		wanted->vpn = running->vpn;
		grace_sec = running->ike.grace_sec;
	}
	wanted->vpn.address = running->vpn.address;
	wanted->vpn.sas_max = running->vpn.sas_max;
	wanted->ike = running->ike;
	wanted->ike.grace_sec = grace_sec;
}

/* What a reload leaves as it was, so that the configuration in force says what is in force. Home networks
 * keep to the ports that they name. 0, or -EINVAL: one names a port that is not open. */
static int
keep_what_runs(const struct config *running, struct config *wanted)
{
	for (unsigned i = 0; i < wanted->home_network_count; i++) {
		int *port = &wanted->home_networks[i].port;
		const char *name = *port < 0 ? NULL : wanted->ports[*port].name;

		for (unsigned p = 0; name != NULL && p < running->port_count; p++) {
			if (strcmp(running->ports[p].name, name) == 0) {
				*port = (int)p;
				name = NULL;
			}
		}
		if (name != NULL) {
			log_errorx(
				"home_networks[%u]: port \"%s\" is not open yet; restart homeport "
				"to open it",
				i, name);
			return -EINVAL;
		}
	}
	wanted->eal = running->eal;
	memcpy(wanted->ports, running->ports, sizeof(wanted->ports));
	wanted->port_count = running->port_count;
	for (unsigned i = 0; i < AGENT_COUNT; i++) {
		wanted->agents[i].enabled = running->agents[i].enabled;
		wanted->agents[i].address = running->agents[i].address;
	}
	keep_vpn(running, wanted);
	memcpy(wanted->runtime_directory, running->runtime_directory,
	       sizeof(wanted->runtime_directory));
	wanted->limits.bindings_max = running->limits.bindings_max;
	wanted->limits.reassembly_entries = running->limits.reassembly_entries;
	wanted->limits.reassembly_timeout_ms = running->limits.reassembly_timeout_ms;
	return 0;
}

static int
check_kept_addresses(const struct config *wanted)
{
	char problem[160];
	int error = config_check_own_addresses(wanted, problem, sizeof(problem));

	if (error != 0)
		log_errorx("%s; restart homeport to change the box's addresses", problem);
	return error;
}

/* All of it or nothing. */
static int
take_over(struct gateway *gateway, const struct config *wanted)
{
	struct live_settings settings;
	int error = gateway_settings(gateway, wanted, &settings);

	if (error != 0)
		return error;
	error = route_reload(gateway->routes, wanted);
	if (error != 0)
		return error;
	error = registration_reload(gateway->registration, wanted, mono_now());
	if (error != 0) {
		if (route_reload(gateway->routes, gateway->config) != 0)
			log_warnx("the routes of before could not be put back");
		return error;
	}
	gateway->broadcast.config = wanted;
	icmp_reload(gateway->icmp, wanted);
	advertiser_reload(gateway->advertiser, wanted, mono_now());
	gateway_vpn_reload(gateway, wanted);
	if (publish_settings(gateway->publisher, &settings) != 0)
		log_warnx("no memory for the new limits and addresses; the old ones stay");
	return 0;
}

int
gateway_reload(struct gateway *gateway)
{
	struct config_error config_error;
	struct config *wanted;
	int error = config_load(gateway->config_path, &wanted, &config_error);

	gateway->reloads++;
	gateway->last_reload = RELOAD_FAILED;
	if (error != 0) {
		log_errorx("%s:%d: %s", config_error.file, config_error.line, config_error.text);
		log_errorx("reload refused; everything stays as it was");
		return error;
	}
	config_needs_restart(gateway->config, wanted, say_needs_restart,
			     (void *)(uintptr_t)gateway->config_path);
	error = keep_what_runs(gateway->config, wanted);
	if (error == 0)
		error = check_kept_addresses(wanted);
	if (error == 0)
		error = take_over(gateway, wanted);
	if (error != 0) {
		log_error(-error, "reload refused; everything stays as it was");
		config_unload(wanted);
		return error;
	}
	config_unload(gateway->config);
	gateway->config = wanted;
	gateway->last_reload = RELOAD_OK;
	log_info("reloaded %s: %u subscribers, %u routes", gateway->config_path,
		 wanted->subscriber_count, wanted->route_count);
	return 0;
}
