/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes by charon's socket, up to the SA table. The first octet: whether there was a hello. */
#include "control/ike_datagram.h"
#include "control/ike_dispatch.h"
#include "tests/fuzz/check.h"
#include "tests/unit/control/fake_sa.h"

static void
request_fuzz(uint8_t *message, size_t len, bool is_greeted)
{
	struct ike_server server = {.gateway_count = 1};
	struct ike_request request;
	struct ike_reply reply;
	size_t size;

	fake_sa = (struct fake_sa){.status = (enum ike_status)(len % 3)};
	if (ike_request_parse(message, len, is_greeted, &request) != IKE_FAULT_NONE)
		return;
	CHECK(is_greeted == (request.type != IKE_HELLO));
	if (request.type == IKE_DATAGRAM_OUT) {
		const struct ike_datagram *datagram = request.body;

		CHECK(datagram->len > 0);
		CHECK((const uint8_t *)(datagram + 1) + datagram->len == message + len);
		return;
	}
	size = ike_serve(&server, &request, (struct mono_time){0}, &reply);
	CHECK(size >= sizeof(reply.header) && size <= sizeof(reply));
	CHECK(reply.header.request_id == request.request_id);
	if (fake_sa.function != NULL && request.type == IKE_ADD_SA) {
		CHECK(fake_sa.add.src_selector_count <= TRAFFIC_SELECTORS_MAX);
		CHECK(fake_sa.add.dst_selector_count <= TRAFFIC_SELECTORS_MAX);
		CHECK(fake_sa.add.encryption_key_size <= IKE_KEY_SIZE_MAX);
		CHECK(fake_sa.add.integrity_key_size <= IKE_KEY_SIZE_MAX);
		CHECK(memchr(fake_sa.add.peer, 0, sizeof(fake_sa.add.peer)) != NULL);
	}
}

/* The other way: the packets of the network that are handed to charon. */
static void
datagram_fuzz(const uint8_t *packet, size_t len)
{
	struct ike_datagram datagram;
	const uint8_t *data;

	if (ike_datagram_parse(packet, len, &datagram, &data) != DROP_REASON_COUNT)
		return;
	CHECK(datagram.len > 0 && datagram.len <= IKE_DATAGRAM_MAX);
	CHECK(data > packet && data + datagram.len <= packet + len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *message;

	if (size < 1)
		return 0;
	message = exact_copy(data + 1, size - 1);
	if (data[0] % 3 == 2)
		datagram_fuzz(message, size - 1);
	else
		request_fuzz(message, size - 1, data[0] % 3 == 1);
	free(message);
	return 0;
}
