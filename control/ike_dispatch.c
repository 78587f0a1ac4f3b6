/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ike_dispatch.h"

#include <string.h>

#include "control/sa.h"

static const char *const fault_texts[IKE_FAULT_COUNT] = {
	[IKE_FAULT_NONE] = "nothing is wrong",
	[IKE_FAULT_SHORT] = "shorter than a header",
	[IKE_FAULT_MAGIC] = "made by a plugin of another version of homeport",
	[IKE_FAULT_TYPE] = "of a type that charon does not send",
	[IKE_FAULT_SIZE] = "not as long as its type says",
	[IKE_FAULT_REQUEST_ID] = "a request without a number",
	[IKE_FAULT_HELLO_MISSING] = "a request before IKE_HELLO",
	[IKE_FAULT_HELLO_AGAIN] = "a second IKE_HELLO",
};

const char *
ike_fault_text(enum ike_fault fault)
{
	return fault_texts[fault];
}

/* The data is all that follows, and is not nothing. */
static bool
datagram_is_whole(const struct ike_datagram *datagram, size_t size)
{
	return datagram->len > 0 && datagram->len <= IKE_DATAGRAM_MAX &&
	       datagram->len == size - sizeof(*datagram);
}

enum ike_fault
ike_request_parse(void *message, size_t len, bool is_greeted, struct ike_request *request)
{
	const struct ike_header *header = message;
	size_t body_size = len - sizeof(*header);
	int expected;

	if (len < sizeof(*header))
		return IKE_FAULT_SHORT;
	if (header->magic != IKE_PROTOCOL_MAGIC)
		return IKE_FAULT_MAGIC;
	expected = ike_request_size(header->type);
	if (expected < 0)
		return IKE_FAULT_TYPE;
	*request = (struct ike_request){
		.type = (enum ike_message_type)header->type,
		.request_id = header->request_id,
		.body = (uint8_t *)message + sizeof(*header),
	};
	if (request->type == IKE_DATAGRAM_OUT) {
		if (body_size < (size_t)expected || !datagram_is_whole(request->body, body_size))
			return IKE_FAULT_SIZE;
	} else if (body_size != (size_t)expected) {
		return IKE_FAULT_SIZE;
	} else if (request->request_id == 0) {
		return IKE_FAULT_REQUEST_ID;
	}
	if (is_greeted == (request->type == IKE_HELLO))
		return is_greeted ? IKE_FAULT_HELLO_AGAIN : IKE_FAULT_HELLO_MISSING;
	return IKE_FAULT_NONE;
}

static enum ike_status
hello(struct ike_server *server, const struct ike_hello *ask, struct mono_time now,
      struct ike_reply *reply)
{
	struct ike_hello_ack *ack = &reply->body.hello_ack;

	server->charon_epoch = ask->charon_epoch;
	sa_charon_came(server->sas, ask->charon_epoch, now);
	ack->box_epoch = server->box_epoch;
	ack->gateway_count = server->gateway_count;
	memcpy(ack->gateways, server->gateways, server->gateway_count * sizeof(be32));
	return IKE_STATUS_OK;
}

static bool
selectors_are_ranges(const struct traffic_selector *selectors, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (selectors[i].first > selectors[i].last ||
		    selectors[i].first_port > selectors[i].last_port)
			return false;
	return true;
}

static bool
add_is_sound(const struct ike_add_sa *ask)
{
	return ask->encryption_key_size <= IKE_KEY_SIZE_MAX &&
	       ask->integrity_key_size <= IKE_KEY_SIZE_MAX &&
	       ask->src_selector_count <= TRAFFIC_SELECTORS_MAX &&
	       ask->dst_selector_count <= TRAFFIC_SELECTORS_MAX &&
	       selectors_are_ranges(ask->src_selectors, ask->src_selector_count) &&
	       selectors_are_ranges(ask->dst_selectors, ask->dst_selector_count);
}

static enum ike_status
add(struct ike_server *server, struct ike_add_sa *ask, struct mono_time now)
{
	enum ike_status status = IKE_STATUS_NOT_SUPPORTED;

	ask->peer[sizeof(ask->peer) - 1] = '\0';
	if (add_is_sound(ask))
		status = sa_add(server->sas, ask, server->charon_epoch, now);
	explicit_bzero(ask->encryption_key, sizeof(ask->encryption_key));
	explicit_bzero(ask->integrity_key, sizeof(ask->integrity_key));
	return status;
}

static enum ike_status
policy(struct ike_server *server, enum ike_message_type type, const struct ike_policy *ask,
       struct mono_time now, struct ike_reply *reply)
{
	if (ask->direction < IKE_DIRECTION_IN || ask->direction > IKE_DIRECTION_FORWARD ||
	    !selectors_are_ranges(&ask->src_selector, 1) ||
	    !selectors_are_ranges(&ask->dst_selector, 1))
		return IKE_STATUS_NOT_SUPPORTED;
	if (type == IKE_ADD_POLICY)
		return sa_policy_add(server->sas, ask, now);
	if (type == IKE_DEL_POLICY)
		return sa_policy_remove(server->sas, ask, now);
	return sa_policy_query(server->sas, ask, &reply->body.use);
}

/* What is asked without a body, and always done. */
static enum ike_status
whole_table(struct ike_server *server, enum ike_message_type type, struct mono_time now)
{
	if (type == IKE_FLUSH_SAS)
		sa_flush(server->sas, now);
	else if (type == IKE_FLUSH_POLICIES)
		sa_policy_flush(server->sas, now);
	else if (type == IKE_SYNC_BEGIN)
		sa_sync_begin(server->sas);
	else
		sa_sync_end(server->sas, server->charon_epoch, now);
	return IKE_STATUS_OK;
}

static enum ike_status
serve(struct ike_server *server, const struct ike_request *request, struct mono_time now,
      struct ike_reply *reply)
{
	switch (request->type) {
	case IKE_HELLO:
		return hello(server, request->body, now, reply);
	case IKE_GET_SPI:
		return sa_get_spi(server->sas, request->body, server->charon_epoch,
				  &reply->body.spi.spi_be);
	case IKE_ADD_SA:
		return add(server, request->body, now);
	case IKE_UPDATE_SA:
		return sa_update(server->sas, request->body, now);
	case IKE_QUERY_SA:
		return sa_query(server->sas, request->body, &reply->body.use);
	case IKE_DEL_SA:
		return sa_remove(server->sas, request->body, now);
	case IKE_SYNC_SA:
		return sa_sync_one(server->sas, request->body);
	case IKE_ADD_POLICY:
	case IKE_DEL_POLICY:
	case IKE_QUERY_POLICY:
		return policy(server, request->type, request->body, now, reply);
	case IKE_FLUSH_SAS:
	case IKE_FLUSH_POLICIES:
	case IKE_SYNC_BEGIN:
	case IKE_SYNC_END:
		return whole_table(server, request->type, now);
	case IKE_DATAGRAM_OUT:
	case IKE_REPLY:
	case IKE_EXPIRE:
	case IKE_MAPPING:
	case IKE_DATAGRAM_IN:
		break;
	}
	return IKE_STATUS_FAILED; /* not reached: ike_request_parse() lets none of these through */
}

/* Bytes behind the header of an answer that says yes. */
static size_t
answer_size(enum ike_message_type type)
{
	switch (type) {
	case IKE_HELLO:
		return sizeof(struct ike_hello_ack);
	case IKE_GET_SPI:
		return sizeof(struct ike_spi);
	case IKE_QUERY_SA:
	case IKE_QUERY_POLICY:
		return sizeof(struct ike_use);
	default:
		return 0;
	}
}

size_t
ike_serve(struct ike_server *server, const struct ike_request *request, struct mono_time now,
	  struct ike_reply *reply)
{
	enum ike_status status;

	memset(reply, 0, sizeof(*reply));
	status = serve(server, request, now, reply);
	reply->header = (struct ike_header){
		.magic = IKE_PROTOCOL_MAGIC,
		.type = IKE_REPLY,
		.request_id = request->request_id,
		.status = status,
	};
	return sizeof(reply->header) + (status == IKE_STATUS_OK ? answer_size(request->type) : 0);
}
