/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_vpn_errand.h"

#include <stdio.h>
#include <string.h>

void
mn_vpn_errand_end(struct mn_vpn_errand *errand)
{
	vici_destroy(errand->vici);
	errand->vici = NULL;
}

static void
send_initiate(struct mn_vpn_errand *errand)
{
	const struct mn_vpn_config *config = errand->config;
	struct vici_request request;
	char timeout[16];

	snprintf(timeout, sizeof(timeout), "%u", config->connect_sec * 1000);
	(void)vici_register(errand->vici, "control-log");
	vici_begin(&request, VICI_COMMAND, "initiate");
	vici_add(&request, "ike", errand->connection);
	vici_add(&request, "child", config->child);
	vici_add(&request, "timeout", timeout);
	vici_add(&request, "loglevel", "1");
	(void)vici_send(errand->vici, &request);
}

static void
send_terminate(struct mn_vpn_errand *errand)
{
	struct vici_request request;

	vici_begin(&request, VICI_COMMAND, "terminate");
	vici_add(&request, "ike", errand->connection);
	/* inside, the way to the gateway may be gone: then without its answer */
	vici_add(&request, "force", "yes");
	vici_add(&request, "timeout", errand->kind == MN_VPN_ERRAND_TERMINATE ? "2000" : "0");
	(void)vici_send(errand->vici, &request);
}

static void
on_state(void *context, int result)
{
	struct mn_vpn_errand *errand = context;

	if (result != 0) {
		bool is_initiate = errand->kind == MN_VPN_ERRAND_INITIATE;

		mn_vpn_errand_end(errand);
		if (is_initiate)
			errand->failed(errand->context, "charon's VICI socket is gone");
	} else if (errand->kind == MN_VPN_ERRAND_INITIATE) {
		send_initiate(errand);
	} else {
		send_terminate(errand);
	}
}

/* A line of charon's log about the attempt. What IKE itself says tells more than what is sent and received. */
static void
on_event(void *context, struct vici_text name, struct vici_reader *body)
{
	struct mn_vpn_errand *errand = context;
	struct vici_text message = {0};
	struct vici_element element;
	bool is_telling = false;

	while ((element = vici_next(body)).kind == VICI_VALUE) {
		if (vici_text_is(element.name, "group"))
			is_telling = vici_text_is(element.value, "IKE") ||
				     vici_text_is(element.value, "CFG");
		else if (vici_text_is(element.name, "msg"))
			message = element.value;
	}
	if (is_telling && message.len > 0)
		vici_text_copy(message, errand->said, sizeof(errand->said));
}

static void
on_answer(void *context, bool is_known, struct vici_reader *body)
{
	struct mn_vpn_errand *errand = context;
	bool is_initiate = errand->kind == MN_VPN_ERRAND_INITIATE, is_success = false;
	char text[MN_VPN_ERROR_SIZE] = "charon gives no reason", whole[2 * MN_VPN_ERROR_SIZE];
	struct vici_element element;

	while ((element = vici_next(body)).kind == VICI_VALUE) {
		if (vici_text_is(element.name, "success"))
			is_success = vici_text_is(element.value, "yes");
		else if (vici_text_is(element.name, "errmsg"))
			vici_text_copy(element.value, text, sizeof(text));
	}
	mn_vpn_errand_end(errand);
	if (is_initiate && !(is_known && is_success)) {
		snprintf(whole, sizeof(whole), "%s%s%s", text, errand->said[0] != '\0' ? ": " : "",
			 errand->said);
		errand->failed(errand->context, whole);
	}
	if (!is_initiate)
		errand->gone(errand->context);
}

static const struct vici_calls calls = {on_state, on_event, on_answer};

void
mn_vpn_errand_begin(struct mn_vpn_errand *errand, enum mn_vpn_errand_kind kind,
		    const char *connection)
{
	int result;

	mn_vpn_errand_end(errand);
	errand->kind = kind;
	errand->connection = connection;
	errand->said[0] = '\0';
	result = vici_create(&errand->vici, errand->base, errand->config->socket, &calls, errand);
	if (result != 0 && kind == MN_VPN_ERRAND_INITIATE)
		errand->failed(errand->context, strerror(-result));
}
