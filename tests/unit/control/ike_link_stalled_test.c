/* SPDX-License-Identifier: BSD-3-Clause */
/* A charon that does not read, or is away: the control core goes on, and what matters is not lost. */
#include "control/ike_link.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/control/ike_client.h"

static struct ike_fixture fixture;
static struct ike_answer answer;
static struct ike_link_view view;

static int
start(void **state)
{
	ike_fixture_init(&fixture);
	return 0;
}

static int
stop(void **state)
{
	ike_fixture_fini(&fixture);
	return 0;
}

/* Datagrams for charon until the socket takes no more; returns how many it took. */
static uint64_t
fill_socket(void)
{
	static const uint8_t payload[8000];
	uint8_t packet[8028];
	uint16_t len = ike_packet_write(packet, 500, payload, sizeof(payload));

	do {
		ike_link_input(fixture.link, net_mbuf(packet, len, 1500), fixture.now);
		ike_fixture_look(&fixture, &view);
		assert_true(view.datagrams_in < 100000);
	} while (view.datagrams_in_dropped == 0);
	return view.datagrams_in;
}

/* Reads all; how many messages there were of each type. */
static void
drain(int fd, unsigned counts[IKE_DATAGRAM_IN + 1])
{
	unsigned idle = 0;

	memset(counts, 0, (IKE_DATAGRAM_IN + 1) * sizeof(counts[0]));
	while (idle < 2) {
		ike_link_run(fixture.link, fixture.now);
		if (ike_client_receive(fd, &answer) > 0) {
			assert_true(answer.header.type <= IKE_DATAGRAM_IN);
			counts[answer.header.type]++;
			idle = 0;
		} else {
			idle++;
		}
	}
}

static void
charon_that_does_not_read_blocks_nobody_and_misses_no_event(void **state)
{
	int fd = ike_client_greet(&fixture, 1);
	unsigned counts[IKE_DATAGRAM_IN + 1];
	uint64_t taken = fill_socket();
	struct pollfd readable = {.fd = ike_link_fd(fixture.link), .events = POLLIN};

	for (uint32_t i = 0; i < 100; i++) {
		ike_link_expire(fixture.link, &(struct ike_expire){.spi_be = i});
		ike_link_expire(fixture.link, &(struct ike_expire){.spi_be = i, .is_hard = 1});
		ike_link_mapping(fixture.link, &(struct ike_mapping){.spi_be = i});
	}
	for (uint32_t i = 1; i <= 5; i++)
		ike_client_send(fd, IKE_FLUSH_SAS, i, NULL, 0);
	ike_fixture_run(&fixture);
	ike_fixture_run(&fixture);
	ike_fixture_look(&fixture, &view);
	assert_true(view.is_connected);
	assert_int_equal(fixture.net.drops.count[DROP_IKE_CHARON_BUSY], 1);
	assert_int_equal(view.events_waiting, 200);
	/* the answer to the first holds up the others, and wakes nobody */
	assert_true(view.requests[IKE_FLUSH_SAS] <= 1);
	assert_int_equal(poll(&readable, 1, 0), 0);

	drain(fd, counts);
	assert_int_equal(counts[IKE_DATAGRAM_IN], taken);
	assert_int_equal(counts[IKE_EXPIRE], 100);
	assert_int_equal(counts[IKE_MAPPING], 100);
	assert_int_equal(counts[IKE_REPLY], 5);
	ike_fixture_look(&fixture, &view);
	assert_int_equal(view.events_waiting, 0);
	assert_int_equal(view.events_lost, 0);
	close(fd);
}

static void
charon_that_dies_stalled_is_noticed(void **state)
{
	int fd = ike_client_greet(&fixture, 1);

	fill_socket();
	ike_client_send(fd, IKE_FLUSH_SAS, 1, NULL, 0);
	ike_fixture_run(&fixture);
	close(fd);
	ike_fixture_run(&fixture);
	assert_int_equal(fake_sa.left, 1);
	close(ike_client_greet(&fixture, 2));
}

static void
event_waits_for_the_charon_that_it_is_for(void **state)
{
	const struct ike_expire expire = {.spi_be = 7, .dst = 8, .is_hard = 1};
	unsigned counts[IKE_DATAGRAM_IN + 1];
	int fd = ike_client_greet(&fixture, 1);

	close(fd);
	ike_fixture_run(&fixture);
	ike_link_expire(fixture.link, &expire);
	ike_fixture_run(&fixture);
	fd = ike_client_greet(&fixture, 1); /* the same one is back */
	assert_int_equal(ike_client_receive(fd, &answer), 16 + sizeof(expire));
	assert_int_equal(answer.header.type, IKE_EXPIRE);
	assert_memory_equal(answer.body, &expire, sizeof(expire));
	close(fd);
	ike_fixture_run(&fixture);
	ike_link_expire(fixture.link, &expire);
	fd = ike_client_greet(&fixture, 2); /* another one knows nothing of that SA */
	drain(fd, counts);
	assert_int_equal(counts[IKE_EXPIRE], 0);
	close(fd);
}

static void
event_that_finds_no_room_is_counted(void **state)
{
	for (uint32_t i = 0; i < 1025; i++)
		ike_link_mapping(fixture.link, &(struct ike_mapping){.spi_be = i});
	ike_fixture_look(&fixture, &view);
	assert_int_equal(view.events_waiting, 1024);
	assert_int_equal(view.events_lost, 1);
}

int
main(void)
{
#define LINK_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		LINK_TEST(charon_that_does_not_read_blocks_nobody_and_misses_no_event),
		LINK_TEST(charon_that_dies_stalled_is_noticed),
		LINK_TEST(event_waits_for_the_charon_that_it_is_for),
		LINK_TEST(event_that_finds_no_room_is_counted),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
