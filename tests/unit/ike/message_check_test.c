/* SPDX-License-Identifier: BSD-3-Clause */
#include "ike/message_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ROOM (sizeof(struct ike_header) + sizeof(struct ike_datagram) + IKE_DATAGRAM_MAX + 8)

static uint8_t message[ROOM];

/* Makes a message with a body of zero bytes; returns its length. */
static size_t
make(uint32_t type, uint32_t request_id, uint32_t status, size_t body_len)
{
	struct ike_header header = {IKE_PROTOCOL_MAGIC, type, request_id, status};

	memset(message, 0, sizeof(message));
	memcpy(message, &header, sizeof(header));
	return sizeof(header) + body_len;
}

static size_t
make_datagram(uint32_t told_len, size_t data_len)
{
	struct ike_datagram datagram = {.len = told_len};
	size_t len = make(IKE_DATAGRAM_IN, 0, 0, sizeof(datagram) + data_len);

	memcpy(message + sizeof(struct ike_header), &datagram, sizeof(datagram));
	return len;
}

static size_t
make_hello_ack(uint32_t gateway_count)
{
	struct ike_hello_ack ack = {.gateway_count = gateway_count};
	size_t len = make(IKE_REPLY, 1, IKE_STATUS_OK, sizeof(ack));

	memcpy(message + sizeof(struct ike_header), &ack, sizeof(ack));
	return len;
}

static void
events_have_their_size(void **state)
{
	size_t len = make(IKE_EXPIRE, 0, 0, sizeof(struct ike_expire));

	assert_true(message_is_valid(message, len));
	assert_false(message_is_valid(message, len - 1));
	assert_false(message_is_valid(message, len + 1));
	len = make(IKE_MAPPING, 0, 0, sizeof(struct ike_mapping));
	assert_true(message_is_valid(message, len));
	assert_false(message_is_valid(message, len - 1));
	assert_false(message_is_valid(message, len + 1));
}

static void
less_than_a_header_is_refused(void **state)
{
	make(IKE_REPLY, 1, 0, 0);
	for (size_t len = 0; len < sizeof(struct ike_header); len++)
		assert_false(message_is_valid(message, len));
}

static void
another_protocol_is_refused(void **state)
{
	size_t len = make(IKE_REPLY, 1, 0, 0);

	assert_true(message_is_valid(message, len));
	message[0] ^= 1;
	assert_false(message_is_valid(message, len));
}

static void
requests_do_not_come_from_the_box(void **state)
{
	for (uint32_t type = 0; type < IKE_REPLY; type++)
		assert_false(message_is_valid(message, make(type, 1, 0, 0)));
	assert_false(message_is_valid(message, make(IKE_DATAGRAM_IN + 1, 1, 0, 0)));
}

static void
datagrams_are_as_long_as_they_say(void **state)
{
	assert_true(message_is_valid(message, make_datagram(1, 1)));
	assert_true(message_is_valid(message, make_datagram(IKE_DATAGRAM_MAX, IKE_DATAGRAM_MAX)));
	assert_false(message_is_valid(message, make_datagram(0, 0)));
	assert_false(message_is_valid(message, make_datagram(2, 1)));
	assert_false(message_is_valid(message, make_datagram(1, 2)));
	assert_false(message_is_valid(message, make_datagram(UINT32_MAX, 1)));
	assert_false(message_is_valid(message,
				      make_datagram(IKE_DATAGRAM_MAX + 1, IKE_DATAGRAM_MAX + 1)));
}

static void
replies_have_an_id_a_status_and_a_known_body(void **state)
{
	assert_true(message_is_valid(message, make(IKE_REPLY, 1, IKE_STATUS_DUPLICATE, 0)));
	assert_false(message_is_valid(message, make(IKE_REPLY, 0, IKE_STATUS_OK, 0)));
	assert_false(message_is_valid(message, make(IKE_REPLY, 1, IKE_STATUS_DUPLICATE + 1, 0)));
	assert_false(message_is_valid(message, make(IKE_REPLY, 1, IKE_STATUS_FAILED, 4)));
	assert_true(message_is_valid(message,
				     make(IKE_REPLY, 1, IKE_STATUS_OK, sizeof(struct ike_spi))));
	assert_true(message_is_valid(message,
				     make(IKE_REPLY, 1, IKE_STATUS_OK, sizeof(struct ike_use))));
	assert_false(message_is_valid(message, make(IKE_REPLY, 1, IKE_STATUS_OK, 5)));
}

static void
hello_names_no_more_gateways_than_fit(void **state)
{
	assert_true(message_is_valid(message, make_hello_ack(IKE_GATEWAYS_MAX)));
	assert_false(message_is_valid(message, make_hello_ack(IKE_GATEWAYS_MAX + 1)));
}

static void
success_answers_only_with_the_body_asked_for(void **state)
{
	size_t len = make(IKE_REPLY, 1, IKE_STATUS_OK, sizeof(struct ike_spi));

	assert_true(message_answers(message, len, sizeof(struct ike_spi)));
	assert_false(message_answers(message, len, sizeof(struct ike_use)));
	assert_false(message_answers(message, len, 0));
	assert_true(message_answers(message, make(IKE_REPLY, 1, IKE_STATUS_FULL, 0),
				    sizeof(struct ike_spi)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_have_their_size),
		cmocka_unit_test(less_than_a_header_is_refused),
		cmocka_unit_test(another_protocol_is_refused),
		cmocka_unit_test(requests_do_not_come_from_the_box),
		cmocka_unit_test(datagrams_are_as_long_as_they_say),
		cmocka_unit_test(replies_have_an_id_a_status_and_a_known_body),
		cmocka_unit_test(hello_names_no_more_gateways_than_fit),
		cmocka_unit_test(success_answers_only_with_the_body_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
