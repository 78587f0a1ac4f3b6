/* SPDX-License-Identifier: BSD-3-Clause */
/* The parts of the box that are there when it is a VPN gateway. */
#include <errno.h>

#include "control/gateway.h"
#include "control/ike_link.h"
#include "control/sa.h"
#include "lib/log.h"

#define VPN_TICK_MS 10

static void
expire(const struct ike_expire *event, void *context)
{
	const struct gateway *gateway = context;

	if (gateway->ike != NULL)
		ike_link_expire(gateway->ike, event);
}

static void
mapping(const struct ike_mapping *event, void *context)
{
	const struct gateway *gateway = context;

	if (gateway->ike != NULL)
		ike_link_mapping(gateway->ike, event);
}

static void
tunnel_changed(be32 tia, struct mono_time now, void *context)
{
	const struct gateway *gateway = context;

	binding_tia_changed(registration_bindings(gateway->registration), tia, now);
}

int
gateway_vpn_create(struct gateway *gateway, struct mono_time now)
{
	const struct config *config = gateway->config;
	const struct sa_context sa_context = {
		.publisher = gateway->publisher,
		.config = config,
		.expire = expire,
		.mapping = mapping,
		.tunnel_changed = tunnel_changed,
		.context = gateway,
	};
	struct ike_link_context link_context = {
		.config = config,
		.injector = &gateway->injector,
		.drops = &gateway->drops,
	};

	if (!config->vpn.enabled)
		return 0;
	gateway->sas = sa_table_create(&sa_context, now);
	if (gateway->sas == NULL) {
		log_errorx("vpn.sas_max = %u: no memory for so many; lower it",
			   config->vpn.sas_max);
		return -ENOMEM;
	}
	binding_table_use_sas(registration_bindings(gateway->registration), gateway->sas);
	link_context.sas = gateway->sas;
	gateway->ike = ike_link_create(&link_context);
	if (gateway->ike == NULL)
		return -EIO;
	if (!config->ike.supervise)
		return 0;
	gateway->charon = charon_create(&config->ike);
	return gateway->charon == NULL ? -ENOMEM : 0;
}

void
gateway_vpn_destroy(struct gateway *gateway)
{
	charon_destroy(gateway->charon);
	ike_link_destroy(gateway->ike);
	gateway->ike = NULL;
	sa_table_destroy(gateway->sas);
}

unsigned
gateway_vpn_round(struct gateway *gateway, struct mono_time now)
{
	unsigned done;

	if (gateway->ike == NULL)
		return 0;
	done = ike_link_run(gateway->ike, now);
	if (mono_is_before(now, gateway->next_vpn_tick))
		return done;
	gateway->next_vpn_tick = mono_add_ms(now, VPN_TICK_MS);
	sa_table_tick(gateway->sas, now);
	if (gateway->charon != NULL)
		charon_tick(gateway->charon, ike_link_hellos(gateway->ike), now);
	return done;
}

int
gateway_wake_fd(const struct gateway *gateway)
{
	return gateway->ike != NULL ? ike_link_fd(gateway->ike) : -1;
}

void
gateway_vpn_reload(struct gateway *gateway, const struct config *wanted)
{
	if (gateway->ike == NULL)
		return;
	sa_table_reload(gateway->sas, wanted);
	ike_link_reload(gateway->ike, wanted);
}
