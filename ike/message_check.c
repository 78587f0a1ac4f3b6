/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/message_check.h"

#include <string.h>

static bool
reply_is_valid(const struct ike_header *header, const uint8_t *body, size_t body_len)
{
	struct ike_hello_ack ack;

	if (header->request_id == 0 || header->status > IKE_STATUS_DUPLICATE)
		return false;
	if (header->status != IKE_STATUS_OK)
		return body_len == 0;
	switch (body_len) {
	case 0:
	case sizeof(struct ike_spi):
	case sizeof(struct ike_use):
		return true;
	case sizeof(ack):
		memcpy(&ack, body, sizeof(ack));
		return ack.gateway_count <= IKE_GATEWAYS_MAX;
	default:
		return false;
	}
}

static bool
datagram_is_valid(const uint8_t *body, size_t body_len)
{
	struct ike_datagram datagram;

	if (body_len < sizeof(datagram))
		return false;
	memcpy(&datagram, body, sizeof(datagram));
	return datagram.len > 0 && datagram.len <= IKE_DATAGRAM_MAX &&
	       datagram.len == body_len - sizeof(datagram);
}

bool
message_is_valid(const void *message, size_t len)
{
	const uint8_t *body = (const uint8_t *)message + sizeof(struct ike_header);
	size_t body_len = len - sizeof(struct ike_header);
	struct ike_header header;

	if (len < sizeof(header))
		return false;
	memcpy(&header, message, sizeof(header));
	if (header.magic != IKE_PROTOCOL_MAGIC)
		return false;
	switch (header.type) {
	case IKE_REPLY:
		return reply_is_valid(&header, body, body_len);
	case IKE_EXPIRE:
		return body_len == sizeof(struct ike_expire);
	case IKE_MAPPING:
		return body_len == sizeof(struct ike_mapping);
	case IKE_DATAGRAM_IN:
		return datagram_is_valid(body, body_len);
	default:
		return false;
	}
}

bool
message_answers(const void *reply, size_t len, size_t body_size)
{
	struct ike_header header;

	memcpy(&header, reply, sizeof(header));
	return header.status != IKE_STATUS_OK || len == sizeof(header) + body_size;
}
