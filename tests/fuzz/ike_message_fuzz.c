/* SPDX-License-Identifier: BSD-3-Clause */
#include "ike/message_check.h"
#include "tests/fuzz/check.h"

/* What the receiving thread then copies is there, to the last byte. */
static void
read_all(const uint8_t *message, size_t size)
{
	const uint8_t *body = message + sizeof(struct ike_header);
	struct ike_header header;
	struct ike_expire expire;
	struct ike_mapping mapping;
	struct ike_datagram datagram;
	struct ike_hello_ack ack;

	memcpy(&header, message, sizeof(header));
	switch (header.type) {
	case IKE_EXPIRE:
		memcpy(&expire, body, sizeof(expire));
		break;
	case IKE_MAPPING:
		memcpy(&mapping, body, sizeof(mapping));
		break;
	case IKE_DATAGRAM_IN:
		memcpy(&datagram, body, sizeof(datagram));
		free(exact_copy(body + sizeof(datagram), datagram.len));
		break;
	default:
		CHECK(header.type == IKE_REPLY && header.request_id != 0);
		if (message_answers(message, size, sizeof(ack)) && header.status == IKE_STATUS_OK) {
			memcpy(&ack, body, sizeof(ack));
			CHECK(ack.gateway_count <= IKE_GATEWAYS_MAX);
		}
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *message = exact_copy(data, size);

	if (message_is_valid(message, size))
		read_all(message, size);
	free(message);
	return 0;
}
