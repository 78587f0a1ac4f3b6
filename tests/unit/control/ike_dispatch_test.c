/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ike_dispatch.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

#include "tests/unit/control/fake_sa.h"

#define EPOCH 0x1122334455667788
#define BOX_EPOCH 0x99aabbccddeeff00

static struct ike_server server;
static _Alignas(uint64_t) uint8_t message[2048];

static const struct mono_time now;

static int
start(void **state)
{
	memset(&fake_sa, 0, sizeof(fake_sa));
	memset(message, 0, sizeof(message));
	server = (struct ike_server){
		.box_epoch = BOX_EPOCH,
		.charon_epoch = EPOCH,
		.gateways = {htobe32(0xc6336403)},
		.gateway_count = 1,
	};
	return 0;
}

static struct ike_header *
header_write(uint32_t type)
{
	struct ike_header *header = (struct ike_header *)message;

	*header = (struct ike_header){
		.magic = IKE_PROTOCOL_MAGIC,
		.type = type,
		.request_id = 77,
	};
	return header;
}

static void *
body_of(const struct ike_header *header)
{
	return (void *)(uintptr_t)(header + 1);
}

/* Reads and serves what is in `message`; it must be right. */
static size_t
serve(uint32_t type, struct ike_reply *reply)
{
	size_t len = sizeof(struct ike_header) + (size_t)ike_request_size(type);
	struct ike_request request;

	assert_int_equal(ike_request_parse(message, len, type != IKE_HELLO, &request),
			 IKE_FAULT_NONE);
	return ike_serve(&server, &request, now, reply);
}

/* A body that is sound for the type. */
static void
body_write(uint32_t type)
{
	if (type == IKE_ADD_POLICY || type == IKE_DEL_POLICY || type == IKE_QUERY_POLICY)
		((struct ike_policy *)(message + 16))->direction = IKE_DIRECTION_OUT;
}

static void
each_request_reaches_its_function_and_is_answered(void **state)
{
	static const struct {
		uint32_t type;
		const char *function;
		size_t answer_size;
	} cases[] = {
		{IKE_HELLO, "sa_charon_came", sizeof(struct ike_hello_ack)},
		{IKE_GET_SPI, "sa_get_spi", sizeof(struct ike_spi)},
		{IKE_ADD_SA, "sa_add", 0},
		{IKE_UPDATE_SA, "sa_update", 0},
		{IKE_QUERY_SA, "sa_query", sizeof(struct ike_use)},
		{IKE_DEL_SA, "sa_remove", 0},
		{IKE_FLUSH_SAS, "sa_flush", 0},
		{IKE_ADD_POLICY, "sa_policy_add", 0},
		{IKE_DEL_POLICY, "sa_policy_remove", 0},
		{IKE_QUERY_POLICY, "sa_policy_query", sizeof(struct ike_use)},
		{IKE_FLUSH_POLICIES, "sa_policy_flush", 0},
		{IKE_SYNC_BEGIN, "sa_sync_begin", 0},
		{IKE_SYNC_SA, "sa_sync_one", 0},
		{IKE_SYNC_END, "sa_sync_end", 0},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct ike_reply reply;

		start(state);
		header_write(cases[i].type);
		body_write(cases[i].type);
		assert_int_equal(serve(cases[i].type, &reply),
				 sizeof(reply.header) + cases[i].answer_size);
		assert_int_equal(fake_sa.calls, 1);
		assert_string_equal(fake_sa.function, cases[i].function);
		assert_int_equal(reply.header.magic, IKE_PROTOCOL_MAGIC);
		assert_int_equal(reply.header.type, IKE_REPLY);
		assert_int_equal(reply.header.request_id, 77);
		assert_int_equal(reply.header.status, IKE_STATUS_OK);
	}
}

static void
answers_carry_what_was_asked_for(void **state)
{
	struct ike_reply reply;

	header_write(IKE_GET_SPI);
	serve(IKE_GET_SPI, &reply);
	assert_int_equal(reply.body.spi.spi_be, FAKE_SPI);
	assert_int_equal(fake_sa.epoch, EPOCH);
	header_write(IKE_QUERY_SA);
	serve(IKE_QUERY_SA, &reply);
	assert_int_equal(reply.body.use.bytes, FAKE_BYTES);
}

static void
hello_is_answered_with_epoch_and_gateways(void **state)
{
	struct ike_hello *hello = body_of(header_write(IKE_HELLO));
	struct ike_reply reply;

	hello->charon_epoch = 4711;
	serve(IKE_HELLO, &reply);
	assert_int_equal(fake_sa.epoch, 4711);
	assert_int_equal(server.charon_epoch, 4711);
	assert_int_equal(reply.body.hello_ack.box_epoch, BOX_EPOCH);
	assert_int_equal(reply.body.hello_ack.gateway_count, 1);
	assert_int_equal(reply.body.hello_ack.gateways[0], htobe32(0xc6336403));
	assert_int_equal(reply.body.hello_ack.gateways[1], 0);
}

static void
refusal_is_a_header_with_the_status(void **state)
{
	struct ike_reply reply;

	fake_sa.status = IKE_STATUS_FULL;
	header_write(IKE_GET_SPI);
	assert_int_equal(serve(IKE_GET_SPI, &reply), sizeof(reply.header));
	assert_int_equal(reply.header.status, IKE_STATUS_FULL);
	assert_int_equal(reply.header.request_id, 77);
}

static void
keys_are_used_whole_and_wiped_then(void **state)
{
	static const uint8_t zeros[IKE_KEY_SIZE_MAX];
	uint8_t key[IKE_KEY_SIZE_MAX];
	struct ike_add_sa *add = body_of(header_write(IKE_ADD_SA));
	struct ike_reply reply;

	memset(key, 0x5a, sizeof(key));
	for (unsigned i = 0; i < 2; i++) {
		memcpy(add->encryption_key, key, sizeof(key));
		memcpy(add->integrity_key, key, sizeof(key));
		serve(IKE_ADD_SA, &reply);
		assert_memory_equal(fake_sa.add.encryption_key, key, sizeof(key));
		assert_memory_equal(fake_sa.add.integrity_key, key, sizeof(key));
		assert_memory_equal(add->encryption_key, zeros, sizeof(zeros));
		assert_memory_equal(add->integrity_key, zeros, sizeof(zeros));
		add->encryption_key_size = i; /* wiped whatever their size */
	}
	memcpy(add->encryption_key, key, sizeof(key));
	add->encryption_key_size = IKE_KEY_SIZE_MAX + 1; /* and when refused */
	serve(IKE_ADD_SA, &reply);
	assert_memory_equal(add->encryption_key, zeros, sizeof(zeros));
}

static void
counts_beyond_their_bounds_are_declined(void **state)
{
	struct ike_add_sa *add = body_of(header_write(IKE_ADD_SA));
	struct ike_reply reply;
	const struct ike_add_sa cases[] = {
		{.encryption_key_size = IKE_KEY_SIZE_MAX + 1},
		{.integrity_key_size = IKE_KEY_SIZE_MAX + 1},
		{.src_selector_count = TRAFFIC_SELECTORS_MAX + 1},
		{.dst_selector_count = TRAFFIC_SELECTORS_MAX + 1},
		{.src_selector_count = 1, .src_selectors = {{.first = 2, .last = 1}}},
		{.dst_selector_count = 1, .dst_selectors = {{.first_port = 2, .last_port = 1}}},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		*add = cases[i];
		serve(IKE_ADD_SA, &reply);
		assert_int_equal(reply.header.status, IKE_STATUS_NOT_SUPPORTED);
	}
	for (uint32_t direction = 0; direction < 6; direction++) {
		struct ike_policy *policy = body_of(header_write(IKE_ADD_POLICY));

		*policy = (struct ike_policy){.direction = direction};
		serve(IKE_ADD_POLICY, &reply);
		assert_int_equal(reply.header.status == IKE_STATUS_OK,
				 direction >= IKE_DIRECTION_IN &&
					 direction <= IKE_DIRECTION_FORWARD);
	}
	assert_int_equal(fake_sa.calls, 3);
}

static void
identity_always_ends(void **state)
{
	struct ike_add_sa *add = body_of(header_write(IKE_ADD_SA));
	struct ike_reply reply;

	memset(add->peer, 'x', sizeof(add->peer));
	serve(IKE_ADD_SA, &reply);
	assert_int_equal(strlen(fake_sa.add.peer), sizeof(add->peer) - 1);
}

static void
message_that_is_none_is_told_why(void **state)
{
	const size_t add_len = sizeof(struct ike_header) + sizeof(struct ike_add_sa);
	struct ike_header *header = header_write(IKE_ADD_SA);
	struct ike_request request;

	assert_int_equal(ike_request_parse(message, 0, true, &request), IKE_FAULT_SHORT);
	assert_int_equal(ike_request_parse(message, 15, true, &request), IKE_FAULT_SHORT);
	assert_int_equal(ike_request_parse(message, add_len, false, &request),
			 IKE_FAULT_HELLO_MISSING);
	assert_int_equal(ike_request_parse(message, add_len - 1, true, &request), IKE_FAULT_SIZE);
	assert_int_equal(ike_request_parse(message, add_len + 1, true, &request), IKE_FAULT_SIZE);
	header->request_id = 0;
	assert_int_equal(ike_request_parse(message, add_len, true, &request), IKE_FAULT_REQUEST_ID);
	header->magic++;
	assert_int_equal(ike_request_parse(message, add_len, true, &request), IKE_FAULT_MAGIC);
	header_write(IKE_HELLO);
	assert_int_equal(ike_request_parse(message, 16 + sizeof(struct ike_hello), true, &request),
			 IKE_FAULT_HELLO_AGAIN);
	for (uint32_t type = 0; type < 300; type++) {
		bool is_request = type >= IKE_HELLO && type <= IKE_DATAGRAM_OUT;

		header_write(type);
		if (!is_request)
			assert_int_equal(ike_request_parse(message, 16, true, &request),
					 IKE_FAULT_TYPE);
	}
	for (unsigned fault = 0; fault < IKE_FAULT_COUNT; fault++)
		assert_non_null(ike_fault_text((enum ike_fault)fault));
}

static void
datagram_is_as_long_as_it_says(void **state)
{
	struct ike_datagram *datagram = body_of(header_write(IKE_DATAGRAM_OUT));
	const size_t head = sizeof(struct ike_header) + sizeof(*datagram);
	struct ike_request request;

	datagram->len = 100;
	assert_int_equal(ike_request_parse(message, head + 100, true, &request), IKE_FAULT_NONE);
	assert_ptr_equal(request.body, datagram);
	assert_int_equal(ike_request_parse(message, head + 99, true, &request), IKE_FAULT_SIZE);
	assert_int_equal(ike_request_parse(message, head + 101, true, &request), IKE_FAULT_SIZE);
	assert_int_equal(ike_request_parse(message, head - 1, true, &request), IKE_FAULT_SIZE);
	datagram->len = 0;
	assert_int_equal(ike_request_parse(message, head, true, &request), IKE_FAULT_SIZE);
	datagram->len = UINT32_MAX;
	assert_int_equal(ike_request_parse(message, head + 100, true, &request), IKE_FAULT_SIZE);
	datagram->len = 100;
	header_write(IKE_DATAGRAM_OUT)->request_id = 0;
	assert_int_equal(ike_request_parse(message, head + 100, true, &request), IKE_FAULT_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_request_reaches_its_function_and_is_answered, start),
		cmocka_unit_test_setup(answers_carry_what_was_asked_for, start),
		cmocka_unit_test_setup(hello_is_answered_with_epoch_and_gateways, start),
		cmocka_unit_test_setup(refusal_is_a_header_with_the_status, start),
		cmocka_unit_test_setup(keys_are_used_whole_and_wiped_then, start),
		cmocka_unit_test_setup(counts_beyond_their_bounds_are_declined, start),
		cmocka_unit_test_setup(identity_always_ends, start),
		cmocka_unit_test_setup(message_that_is_none_is_told_why, start),
		cmocka_unit_test_setup(datagram_is_as_long_as_it_says, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
