/* SPDX-License-Identifier: BSD-3-Clause */
/* Telemetry of the VPN gateway: its security associations, one of them, and the whole. */
#include <errno.h>
#include <inttypes.h>
#include <rte_cycles.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/charon.h"
#include "control/ike_link.h"
#include "control/sa.h"
#include "control/telemetry.h"

#define SAS_A_PAGE 22 /* so many fit into an answer of DPDK's, whatever their identities */
#define IDENTITY_SHOWN_SIZE 72

/* Whose tunnel leads where: the mobile is the far end of either direction. */
static be32
peer_of(const struct sa_view *view)
{
	return view->is_inbound ? view->src : view->dst;
}

static const char *
state_of(const struct sa_view *view)
{
	if (view->is_orphan)
		return "orphan"; /* of a charon that is gone */
	if (view->is_inbound)
		return "active";
	return view->is_current ? "current" : "superseded";
}

/* Seconds since the SA was used, or made if it never was. */
static uint64_t
idle_sec(const struct sa_view *view, uint64_t age_sec)
{
	uint64_t last = view->sa->last_use_tsc, now = rte_rdtsc();

	if (last == 0)
		return age_sec;
	return now > last ? (now - last) / rte_get_tsc_hz() : 0;
}

static void
add_lifetime(const struct sa_view *view, struct rte_tel_data *dict)
{
	uint64_t age_sec = mono_ms_until(view->since, mono_now()) / 1000;
	uint64_t hard_sec = view->hard_sec;

	rte_tel_data_add_dict_u64(dict, "age_sec", age_sec);
	rte_tel_data_add_dict_u64(dict, "idle_sec", idle_sec(view, age_sec));
	rte_tel_data_add_dict_u64(dict, "lifetime_sec", hard_sec);
	rte_tel_data_add_dict_u64(dict, "left_sec", hard_sec > age_sec ? hard_sec - age_sec : 0);
}

static void
add_sa(const struct sa_view *view, struct rte_tel_data *dict)
{
	const struct sa *sa = view->sa;
	char text[IDENTITY_SHOWN_SIZE];

	snprintf(text, sizeof(text), "%08" PRIx32, be32toh(sa->spi_be));
	rte_tel_data_add_dict_string(dict, "spi", text);
	rte_tel_data_add_dict_string(dict, "direction", view->is_inbound ? "in" : "out");
	telemetry_add_address(dict, "peer_address", peer_of(view));
	rte_tel_data_add_dict_int(dict, "peer_port", be16toh(view->peer_port_be));
	telemetry_add_address(dict, "tia", sa->tia);
	snprintf(text, sizeof(text), "%s", view->peer == NULL ? "" : view->peer);
	rte_tel_data_add_dict_string(dict, "identity", text);
	rte_tel_data_add_dict_string(dict, "suite", esp_suite_info(view->suite)->name);
	rte_tel_data_add_dict_int(dict, "esn", (sa->flags & SA_ESN) != 0);
	rte_tel_data_add_dict_u64(dict, "packets", sa->packets);
	rte_tel_data_add_dict_u64(dict, "bytes", sa->bytes);
	rte_tel_data_add_dict_u64(dict, "sequence", view->is_inbound ? sa->window.top : sa->seq);
	rte_tel_data_add_dict_u64(dict, "replays", sa->errors[SA_ERROR_REPLAY]);
	rte_tel_data_add_dict_u64(dict, "forged", sa->errors[SA_ERROR_INTEGRITY]);
	add_lifetime(view, dict);
	rte_tel_data_add_dict_string(dict, "state", state_of(view));
}

struct page {
	struct rte_tel_data *list;
	unsigned count;
};

static bool
page_add(const struct sa_view *view, void *context)
{
	struct page *page = context;
	struct rte_tel_data *entry;

	if (page->count == SAS_A_PAGE)
		return false;
	entry = telemetry_list_add(page->list, &page->count);
	if (entry == NULL)
		return false;
	add_sa(view, entry);
	return true;
}

/* False, with an error in the answer, when the box is no VPN gateway. */
static bool
is_gateway(const struct gateway *gateway, struct rte_tel_data *data)
{
	if (gateway->sas != NULL)
		return true;
	rte_tel_data_add_dict_string(data, "error",
				     "the VPN gateway is not enabled; see \"vpn\" in the "
				     "configuration");
	return false;
}

int
telemetry_sas(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	struct page page = {0};
	uint32_t next;

	rte_tel_data_start_dict(data);
	if (!is_gateway(gateway, data))
		return 0;
	page.list = telemetry_dict_add(data, "sas");
	if (page.list == NULL)
		return -ENOMEM;
	next = sa_for_each(gateway->sas, (uint32_t)strtoul(params, NULL, 10), page_add, &page);
	rte_tel_data_add_dict_u64(data, "next", next);
	return 0;
}

static bool
parse_number(const char *text, int base, uint32_t *number)
{
	unsigned long long value;
	char *end;

	if (text[0] == '\0' || text[0] == '-' || text[0] == '+' || text[0] == ' ')
		return false;
	errno = 0;
	value = strtoull(text, &end, base);
	*number = (uint32_t)value;
	return errno == 0 && *end == '\0' && value <= UINT32_MAX;
}

/* An SPI as people write it: eight digits are hexadecimal, as the list shows them, and else decimal. */
static bool
find_by_text(const struct gateway *gateway, const char *text, struct sa_view *view, bool *is_number)
{
	uint32_t hex, decimal;
	bool is_hex = parse_number(text, 16, &hex), is_decimal = parse_number(text, 10, &decimal);

	*is_number = is_hex || is_decimal;
	if (is_hex && sa_find(gateway->sas, htobe32(hex), 0, view))
		return true;
	return is_decimal && sa_find(gateway->sas, htobe32(decimal), 0, view);
}

/* The other direction of the same mobile. */
static bool
find_other(const struct gateway *gateway, const struct sa_view *view, struct sa_view *other)
{
	struct sa_tunnel tunnel;

	if (view->sa->tia == 0 || !sa_tunnel_find(gateway->sas, view->sa->tia, &tunnel))
		return false;
	if (view->is_inbound)
		return sa_find(gateway->sas, tunnel.sa->spi_be, tunnel.peer.address, other);
	return tunnel.inbound != NULL &&
	       sa_find(gateway->sas, tunnel.inbound->spi_be, tunnel.gateway, other);
}

static void
add_no_sa(const char *params, bool is_number, struct rte_tel_data *data)
{
	char error[96];

	if (is_number)
		snprintf(error, sizeof(error), "no security association has SPI %s", params);
	else
		snprintf(error, sizeof(error),
			 "the parameter is to be an SPI, as the list has them");
	rte_tel_data_add_dict_string(data, "error", error);
}

int
telemetry_sa(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	struct sa_view view, other;
	struct page page = {0};
	bool is_number;

	rte_tel_data_start_dict(data);
	if (!is_gateway(gateway, data))
		return 0;
	if (!find_by_text(gateway, params, &view, &is_number)) {
		add_no_sa(params, is_number, data);
		return 0;
	}
	page.list = telemetry_dict_add(data, "sas");
	if (page.list == NULL || !page_add(&view, &page))
		return -ENOMEM;
	if (find_other(gateway, &view, &other) && !page_add(&other, &page))
		return -ENOMEM;
	return 0;
}

struct sa_counts {
	uint64_t inbound, outbound, orphans, tunnels;
};

static bool
count_sa(const struct sa_view *view, void *context)
{
	struct sa_counts *counts = context;

	counts->inbound += view->is_inbound;
	counts->outbound += !view->is_inbound;
	counts->orphans += view->is_orphan;
	counts->tunnels += view->is_current;
	return true;
}

/* The link to charon, and the charon that this box started, if it did. */
static int
add_charon(const struct gateway *gateway, struct rte_tel_data *data)
{
	struct rte_tel_data *dict = telemetry_dict_add(data, "charon");
	struct charon_view charon = {0};
	struct ike_link_view link = {0};

	if (dict == NULL)
		return -ENOMEM;
	if (gateway->ike != NULL)
		ike_link_look(gateway->ike, &link);
	if (gateway->charon != NULL)
		charon_look(gateway->charon, &charon);
	rte_tel_data_add_dict_int(dict, "connected", link.is_connected);
	rte_tel_data_add_dict_string(dict, "version", link.charon_version);
	rte_tel_data_add_dict_int(dict, "pid", charon.pid);
	rte_tel_data_add_dict_u64(dict, "starts", charon.starts);
	rte_tel_data_add_dict_u64(dict, "hellos", link.hellos);
	rte_tel_data_add_dict_u64(dict, "requests_failed", link.replies_failed);
	rte_tel_data_add_dict_u64(dict, "datagrams_in", link.datagrams_in);
	rte_tel_data_add_dict_u64(dict, "datagrams_in_dropped", link.datagrams_in_dropped);
	rte_tel_data_add_dict_u64(dict, "datagrams_out", link.datagrams_out);
	rte_tel_data_add_dict_u64(dict, "datagrams_out_refused", link.datagrams_out_refused);
	rte_tel_data_add_dict_u64(dict, "expires", link.expires);
	rte_tel_data_add_dict_u64(dict, "mappings", link.mappings);
	rte_tel_data_add_dict_u64(dict, "events_lost", link.events_lost);
	rte_tel_data_add_dict_u64(dict, "connections_refused", link.connections_refused);
	return 0;
}

int
telemetry_vpn(struct gateway *gateway, const char *params, struct rte_tel_data *data)
{
	const struct config_vpn *config = &gateway->config->vpn;
	struct sa_counts counts = {0};

	rte_tel_data_start_dict(data);
	if (!is_gateway(gateway, data))
		return 0;
	sa_for_each(gateway->sas, 0, count_sa, &counts);
	telemetry_add_address(data, "address", config->address);
	rte_tel_data_add_dict_u64(data, "sas", sa_count(gateway->sas));
	rte_tel_data_add_dict_u64(data, "sas_max", config->sas_max);
	rte_tel_data_add_dict_u64(data, "inbound", counts.inbound);
	rte_tel_data_add_dict_u64(data, "outbound", counts.outbound);
	rte_tel_data_add_dict_u64(data, "orphans", counts.orphans);
	rte_tel_data_add_dict_u64(data, "tunnels", counts.tunnels);
	return add_charon(gateway, data);
}
