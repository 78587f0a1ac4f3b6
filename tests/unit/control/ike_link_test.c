/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ike_link.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/ike_socket.h"
#include "tests/unit/control/ike_client.h"

#define NOBODY 65534

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

static void
charon_that_says_hello_is_connected(void **state)
{
	int fd = ike_client_greet(&fixture, 4711);
	const struct ike_hello_ack *ack = (const struct ike_hello_ack *)answer.body;
	uint64_t epoch;

	assert_int_equal(fake_sa.came, 1);
	assert_int_equal(fake_sa.epoch, 4711);
	ike_fixture_look(&fixture, &view);
	assert_true(view.is_connected);
	assert_string_equal(view.charon_version, "5.9.8");
	assert_int_equal(ike_link_hellos(fixture.link), 1);
	close(fd);
	ike_fixture_run(&fixture);
	assert_int_equal(fake_sa.left, 1);
	ike_fixture_look(&fixture, &view);
	assert_false(view.is_connected);

	/* the box is the same one to the next charon */
	for (unsigned i = 0; i < 2; i++) {
		const struct ike_hello hello = {.charon_epoch = 5 + i};

		fd = ike_client_connect(&fixture);
		ike_client_send(fd, IKE_HELLO, 1, &hello, sizeof(hello));
		ike_fixture_run(&fixture);
		assert_int_equal(ike_client_receive(fd, &answer), 16 + sizeof(*ack));
		assert_int_not_equal(ack->box_epoch, 0);
		if (i > 0)
			assert_int_equal(ack->box_epoch, epoch);
		epoch = ack->box_epoch;
		assert_int_equal(ack->gateways[0], IKE_GATEWAY);
		close(fd);
		ike_fixture_run(&fixture);
	}
}

static void
every_request_is_answered_in_order(void **state)
{
	int fd = ike_client_greet(&fixture, 1);
	uint8_t body[sizeof(struct ike_add_sa)] = {0};
	uint32_t id = 100;

	for (uint32_t type = IKE_GET_SPI; type < IKE_DATAGRAM_OUT; type++)
		ike_client_send(fd, type, id + type, body, (size_t)ike_request_size(type));
	ike_fixture_run(&fixture);
	for (uint32_t type = IKE_GET_SPI; type < IKE_DATAGRAM_OUT; type++) {
		assert_true(ike_client_receive(fd, &answer) >= (int)sizeof(struct ike_header));
		assert_int_equal(answer.header.type, IKE_REPLY);
		assert_int_equal(answer.header.request_id, id + type);
	}
	ike_fixture_look(&fixture, &view);
	for (uint32_t type = IKE_HELLO; type < IKE_DATAGRAM_OUT; type++)
		assert_int_equal(view.requests[type], 1);
	assert_int_equal(view.replies_failed, 3); /* policies without a direction */
	close(fd);
}

static void
what_is_no_message_ends_the_connection(void **state)
{
	static const char texts[][20] = {"", "short", "GET / HTTP/1.1\r\n\r\n"};
	int fd = ike_client_greet(&fixture, 1);

	ike_client_send(fd, IKE_ADD_SA, 2, "x", 1);
	ike_fixture_run(&fixture);
	assert_int_equal(ike_client_receive(fd, &answer), 0);
	assert_int_equal(fake_sa.left, 1);
	close(fd);
	for (unsigned i = 1; i < ARRAY_COUNT(texts); i++) {
		fd = ike_client_connect(&fixture);
		assert_true(send(fd, texts[i], sizeof(texts[i]), MSG_NOSIGNAL) > 0);
		ike_fixture_run(&fixture);
		assert_int_equal(ike_client_receive(fd, &answer), 0);
		close(fd);
	}
	fd = ike_client_connect(&fixture); /* a request before hello */
	ike_client_send(fd, IKE_FLUSH_SAS, 2, NULL, 0);
	ike_fixture_run(&fixture);
	assert_int_equal(ike_client_receive(fd, &answer), 0);
	close(fd);
	ike_fixture_look(&fixture, &view);
	assert_int_equal(view.connections_refused, 4);
	assert_int_equal(fake_sa.calls, 2); /* came and left */
}

static void
half_a_hello_does_not_replace_charon(void **state)
{
	const struct ike_hello hello = {.charon_epoch = 2};
	int fd = ike_client_greet(&fixture, 1), other = ike_client_connect(&fixture);

	ike_client_send(other, IKE_HELLO, 1, &hello, sizeof(hello) / 2);
	ike_fixture_run(&fixture);
	assert_int_equal(ike_client_receive(other, &answer), 0);
	ike_client_send(fd, IKE_FLUSH_SAS, 9, NULL, 0);
	ike_fixture_run(&fixture);
	assert_int_equal(ike_client_receive(fd, &answer), sizeof(struct ike_header));
	assert_int_equal(fake_sa.left, 0);
	close(other);
	close(fd);
}

static void
second_hello_takes_the_place_of_the_first(void **state)
{
	int first = ike_client_greet(&fixture, 1), second = ike_client_greet(&fixture, 2);

	assert_int_equal(ike_client_receive(first, &answer), 0);
	assert_int_equal(fake_sa.left, 1);
	assert_int_equal(fake_sa.came, 2);
	assert_int_equal(fake_sa.epoch, 2);
	ike_client_send(second, IKE_FLUSH_SAS, 9, NULL, 0);
	ike_fixture_run(&fixture);
	assert_int_equal(ike_client_receive(second, &answer), sizeof(struct ike_header));
	close(first);
	close(second);
}

static void
silent_connections_are_few_and_end(void **state)
{
	int fds[6];

	for (unsigned i = 0; i < ARRAY_COUNT(fds); i++)
		fds[i] = ike_client_connect(&fixture);
	ike_fixture_run(&fixture);
	fixture.now = mono_add_ms(fixture.now, 1999);
	ike_fixture_run(&fixture);
	for (unsigned i = 0; i < ARRAY_COUNT(fds); i++)
		assert_int_equal(ike_client_receive(fds[i], &answer), -1);
	fixture.now = mono_add_ms(fixture.now, 1);
	ike_fixture_run(&fixture);
	ike_fixture_look(&fixture, &view);
	assert_int_equal(view.connections_refused, 4);
	for (unsigned i = 0; i < ARRAY_COUNT(fds); i++)
		assert_int_equal(ike_client_receive(fds[i], &answer), i < 4 ? 0 : -1);
	close(ike_client_greet(&fixture, 1)); /* there is room again */
	for (unsigned i = 0; i < ARRAY_COUNT(fds); i++)
		close(fds[i]);
}

/* Connects as another user, and says by its exit status whether it was turned away. */
static void
connect_as_nobody(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	char byte;

	strcpy(address.sun_path, fixture.config->ike.socket);
	if (setuid(NOBODY) != 0 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
		_exit(2);
	_exit(recv(fd, &byte, 1, 0) == 0 ? 0 : 1);
}

static void
other_users_are_turned_away(void **state)
{
	struct pollfd readable = {.fd = ike_link_fd(fixture.link), .events = POLLIN};
	struct stat st;
	int status;
	pid_t child;

	assert_int_equal(stat(fixture.config->ike.socket, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(fixture.config->runtime_directory, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	if (geteuid() != 0)
		skip();
	/* even if the modes had let them in */
	assert_int_equal(chmod(fixture.config->ike.socket, 0666), 0);
	assert_int_equal(chmod(fixture.config->runtime_directory, 0755), 0);
	assert_int_equal(chmod(fixture.directory, 0755), 0);
	child = fork();
	if (child == 0)
		connect_as_nobody();
	assert_int_equal(poll(&readable, 1, 60000), 1);
	ike_fixture_run(&fixture);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	ike_fixture_look(&fixture, &view);
	assert_int_equal(view.connections_refused, 1);
}

static void
socket_of_a_dead_homeport_is_replaced_and_of_a_living_one_kept(void **state)
{
	char path[128];
	int fd, other;

	assert_int_equal(ike_socket_listen(fixture.config->ike.socket, geteuid()), -EADDRINUSE);
	snprintf(path, sizeof(path), "%s/run/other.sock", fixture.directory);
	fd = ike_socket_listen(path, geteuid());
	assert_true(fd >= 0);
	close(fd); /* the name stays */
	other = ike_socket_listen(path, geteuid());
	assert_true(other >= 0);
	close(other);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0); /* what is no socket is nobody's to remove */
	assert_int_equal(ike_socket_listen(path, geteuid()), -EEXIST);
	rmdir(path);
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(ike_socket_listen(path, geteuid()), -ENAMETOOLONG);
}

static void
datagram_reaches_charon_with_its_true_addresses(void **state)
{
	static const uint16_t ports[] = {500, 4500};
	const struct ike_datagram *datagram = (const struct ike_datagram *)answer.body;
	static uint8_t payload[IKE_DATAGRAM_MAX], packet[IKE_DATAGRAM_MAX + 28];
	int fd = ike_client_greet(&fixture, 1);

	memset(payload + 4, 0x77, sizeof(payload) - 4); /* the marker is kept */
	for (unsigned i = 0; i < ARRAY_COUNT(ports); i++) {
		uint16_t payload_len = i == 0 ? 40 : IKE_DATAGRAM_MAX;
		uint16_t len = ike_packet_write(packet, ports[i], payload, payload_len);

		/* in many segments, too */
		ike_link_input(fixture.link, net_mbuf(packet, len, i == 0 ? 0 : 1000), fixture.now);
		assert_int_equal(ike_client_receive(fd, &answer),
				 sizeof(struct ike_header) + sizeof(*datagram) + payload_len);
		assert_int_equal(answer.header.type, IKE_DATAGRAM_IN);
		assert_int_equal(datagram->src, net_address("203.0.113.9"));
		assert_int_equal(datagram->dst, IKE_GATEWAY);
		assert_int_equal(be16toh(datagram->src_port_be), 31337);
		assert_int_equal(be16toh(datagram->dst_port_be), ports[i]);
		assert_int_equal(datagram->len, payload_len);
		assert_memory_equal(datagram + 1, payload, payload_len);
	}
	ike_fixture_look(&fixture, &view);
	assert_int_equal(view.datagrams_in, 2);
	close(fd);
}

static void
datagram_that_charon_cannot_get_is_counted(void **state)
{
	static const uint8_t payload[64];
	struct drop_counters *drops = &fixture.net.drops;
	uint8_t packet[128];
	uint16_t len = ike_packet_write(packet, 500, payload, sizeof(payload));
	int fd;

	ike_link_input(fixture.link, net_mbuf(packet, len, 0), fixture.now);
	assert_int_equal(drops->count[DROP_IKE_NO_CHARON], 1);
	fd = ike_client_greet(&fixture, 1);
	packet[60] ^= 1;
	ike_link_input(fixture.link, net_mbuf(packet, len, 0), fixture.now);
	assert_int_equal(drops->count[DROP_UDP_CHECKSUM], 1);
	len = ike_packet_write(packet, 501, payload, sizeof(payload));
	ike_link_input(fixture.link, net_mbuf(packet, len, 0), fixture.now);
	assert_int_equal(drops->count[DROP_LOCAL_PORT], 1);
	len = ike_packet_write(packet, 500, payload, 0);
	ike_link_input(fixture.link, net_mbuf(packet, len, 0), fixture.now);
	assert_int_equal(drops->count[DROP_UDP_SHORT], 1);
	ike_link_input(fixture.link, net_mbuf(packet, 19, 0), fixture.now);
	assert_int_equal(drops->count[DROP_IP_SHORT], 1);
	assert_int_equal(ike_client_receive(fd, &answer), -1);
	close(fd);
}

static void
charons_datagrams_leave_from_the_gateway_only(void **state)
{
	struct {
		struct ike_datagram header;
		uint8_t data[3000];
	} ask = {.header = {.src = IKE_GATEWAY,
			    .dst = net_address("203.0.113.9"),
			    .src_port_be = htobe16(4500),
			    .dst_port_be = htobe16(31337),
			    .len = sizeof(ask.data)}};
	int fd = ike_client_greet(&fixture, 1);
	struct rte_mbuf *mbuf;

	ike_client_send(fd, IKE_DATAGRAM_OUT, 0, &ask, sizeof(ask));
	ask.header.src_port_be = htobe16(434);
	ike_client_send(fd, IKE_DATAGRAM_OUT, 0, &ask, sizeof(ask));
	ask.header.src_port_be = htobe16(500);
	ask.header.src = net_address("198.51.100.2");
	ike_client_send(fd, IKE_DATAGRAM_OUT, 0, &ask, sizeof(ask));
	ask.header.src = IKE_GATEWAY;
	ask.header.dst = 0;
	ike_client_send(fd, IKE_DATAGRAM_OUT, 0, &ask, sizeof(ask));
	ike_fixture_run(&fixture);
	assert_int_equal(net_injected_count(&fixture.net), 1);
	mbuf = net_injected(&fixture.net);
	assert_int_equal(packet_of(mbuf)->punt_class, INJECT_IP);
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), 3028);
	assert_int_equal(packet_ip(mbuf)->src, IKE_GATEWAY);
	assert_int_equal(packet_ip(mbuf)->dst, net_address("203.0.113.9"));
	rte_pktmbuf_free(mbuf);
	ike_fixture_look(&fixture, &view);
	assert_int_equal(view.datagrams_out, 1);
	assert_int_equal(view.datagrams_out_refused, 3);
	assert_int_equal(ike_client_receive(fd, &answer), -1); /* not answered */
	close(fd);
}

int
main(void)
{
#define LINK_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		LINK_TEST(charon_that_says_hello_is_connected),
		LINK_TEST(every_request_is_answered_in_order),
		LINK_TEST(what_is_no_message_ends_the_connection),
		LINK_TEST(half_a_hello_does_not_replace_charon),
		LINK_TEST(second_hello_takes_the_place_of_the_first),
		LINK_TEST(silent_connections_are_few_and_end),
		LINK_TEST(other_users_are_turned_away),
		LINK_TEST(socket_of_a_dead_homeport_is_replaced_and_of_a_living_one_kept),
		LINK_TEST(datagram_reaches_charon_with_its_true_addresses),
		LINK_TEST(datagram_that_charon_cannot_get_is_counted),
		LINK_TEST(charons_datagrams_leave_from_the_gateway_only),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
