/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/telemetry.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

static const struct telemetry_command commands[] = {
	{"/homeport/info", telemetry_info, "The box as a whole: ports, workers, totals."},
	{"/homeport/bindings", telemetry_bindings,
	 "Bindings, a page at a time. Parameter: where to go on, 0 at first; \"next\" in the "
	 "answer."},
	{"/homeport/binding", telemetry_binding, "One mobile. Parameter: its home address."},
	{"/homeport/stats", telemetry_stats, "Counters of registrations and of the control core."},
	{"/homeport/drops", telemetry_drops, "Dropped packets by reason."},
	{"/homeport/drop", telemetry_drop, "One drop reason explained. Parameter: its name."},
	{"/homeport/stages", telemetry_stages, "Calls, packets and cycles of each stage."},
	{"/homeport/security", telemetry_security, "Security violations, as RFC 2006 has them."},
	{"/homeport/neighbours", telemetry_neighbours, "Link addresses learnt by ARP."},
	{"/homeport/revoke", telemetry_revoke,
	 "Ends a mobile's bindings and tells the other side. Parameter: its home address."},
	{"/homeport/vpn", telemetry_vpn, "The VPN gateway as a whole."},
	{"/homeport/sas", telemetry_sas,
	 "Security associations, a page at a time. Parameter: where to go on, 0 at first; "
	 "\"next\" in the answer."},
	{"/homeport/sa", telemetry_sa,
	 "A security association and its other direction. Parameter: SPI."},
	{"/homeport/trace", telemetry_trace,
	 "Starts to follow the packets of an address. Parameter: the address."},
	{"/homeport/trace_poll", telemetry_trace_poll,
	 "What was followed since. Parameter: \"next\" of the answer before."},
	{"/homeport/trace_stop", telemetry_trace_stop,
	 "Ends a trace. Parameter: \"next\" of the answer before."},
};

/* DPDK's callbacks have no argument of ours: the one box of this process. */
static _Atomic(struct gateway *) box;

/* Questions under way, so that the box does not go while one of them looks at it. */
static atomic_uint asking;

struct question {
	struct gateway *gateway;
	const struct telemetry_command *command;
	const char *params;
	struct rte_tel_data *data;
	int error;
};

static void
answer(void *argument)
{
	struct question *question = argument;

	question->error =
		question->command->answer(question->gateway, question->params, question->data);
}

static const struct telemetry_command *
find_command(const char *path)
{
	for (unsigned i = 0; i < ARRAY_COUNT(commands); i++)
		if (strcmp(commands[i].path, path) == 0)
			return &commands[i];
	return NULL;
}

static int
ask(const char *path, const char *params, struct rte_tel_data *data)
{
	struct question question = {
		.gateway = atomic_load(&box),
		.command = find_command(path),
		.params = params == NULL ? "" : params,
		.data = data,
	};
	int error;

	if (question.gateway == NULL || question.command == NULL)
		return -ENODEV;
	error = control_call(question.gateway->calls, answer, &question);
	return error != 0 ? error : question.error;
}

static int
handle(const char *path, const char *params, struct rte_tel_data *data)
{
	int error;

	atomic_fetch_add(&asking, 1);
	error = ask(path, params, data);
	atomic_fetch_sub(&asking, 1);
	return error;
}

int
telemetry_start(struct gateway *gateway)
{
	int error = 0;

	atomic_store(&box, gateway);
	for (unsigned i = 0; error == 0 && i < ARRAY_COUNT(commands); i++)
		error = rte_telemetry_register_cmd(commands[i].path, handle, commands[i].help);
	return error;
}

void
telemetry_stop(void)
{
	struct gateway *gateway = atomic_exchange(&box, NULL);

	/* questions that came just before are answered now; later ones find no box */
	while (gateway != NULL && atomic_load(&asking) > 0) {
		control_calls_run(gateway->calls);
		sched_yield();
	}
}

struct rte_tel_data *
telemetry_dict_add(struct rte_tel_data *dict, const char *name)
{
	struct rte_tel_data *inner = rte_tel_data_alloc();

	if (inner == NULL)
		return NULL;
	rte_tel_data_start_dict(inner);
	if (rte_tel_data_add_dict_container(dict, name, inner, 0) != 0) {
		rte_tel_data_free(inner);
		return NULL;
	}
	return inner;
}

struct rte_tel_data *
telemetry_list_add(struct rte_tel_data *list, unsigned *count)
{
	char name[12];
	struct rte_tel_data *entry;

	snprintf(name, sizeof(name), "%u", *count);
	entry = telemetry_dict_add(list, name);
	if (entry != NULL)
		(*count)++;
	return entry;
}

const char *
telemetry_key(const char *name, char *text, size_t size)
{
	snprintf(text, size, "%s", name);
	for (char *at = text; *at != '\0'; at++)
		if (*at == '-')
			*at = '_';
	return text;
}

const char *
telemetry_punt_name(enum punt_class punt_class)
{
	static const char *const names[PUNT_CLASS_COUNT] = {
		[PUNT_REGISTRATION_EXTERNAL] = "registration-external",
		[PUNT_REGISTRATION_INTERNAL] = "registration-internal",
		[PUNT_KEEPALIVE] = "keepalive",
		[PUNT_ICMP] = "icmp",
		[PUNT_ICMP_ERROR] = "icmp-error",
		[PUNT_ARP] = "arp",
		[PUNT_RESOLVE] = "resolve",
		[PUNT_BROADCAST] = "broadcast",
		[PUNT_IKE] = "ike",
	};

	return names[punt_class];
}

void
telemetry_add_address(struct rte_tel_data *dict, const char *name, be32 address)
{
	char text[ADDRESS_TEXT_SIZE];

	rte_tel_data_add_dict_string(dict, name, address_format(address, text));
}

void
telemetry_add_prefix(struct rte_tel_data *dict, const char *name, struct prefix prefix)
{
	char text[PREFIX_TEXT_SIZE];

	rte_tel_data_add_dict_string(dict, name, prefix_format(prefix, text));
}

void
telemetry_add_mac(struct rte_tel_data *dict, const char *name, const uint8_t mac[ETH_ADDRESS_SIZE])
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	rte_tel_data_add_dict_string(dict, name, text);
}
