/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/control/ike_client.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/checksum.h"

void
ike_fixture_init(struct ike_fixture *fixture)
{
	struct ike_link_context context;

	memset(&fake_sa, 0, sizeof(fake_sa));
	memset(fixture, 0, sizeof(*fixture));
	net_fixture_init(&fixture->net);
	snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/homeport-ike.XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	fixture->config = calloc(1, sizeof(*fixture->config));
	assert_non_null(fixture->config);
	fixture->config->vpn.address = IKE_GATEWAY;
	fixture->config->vpn.sas_max = 8;
	fixture->config->ike.uid = geteuid();
	fixture->config->limits.log_per_sec = 0;
	snprintf(fixture->config->ike.socket, sizeof(fixture->config->ike.socket),
		 "%s/run/ike.sock", fixture->directory);
	snprintf(fixture->config->runtime_directory, sizeof(fixture->config->runtime_directory),
		 "%s/run", fixture->directory);
	context = (struct ike_link_context){
		.config = fixture->config,
		.injector = &fixture->net.injector,
		.drops = &fixture->net.drops,
	};
	fixture->now = mono_add_sec((struct mono_time){0}, 1000);
	fixture->link = ike_link_create(&context);
	assert_non_null(fixture->link);
}

void
ike_fixture_fini(struct ike_fixture *fixture)
{
	ike_link_destroy(fixture->link);
	assert_int_equal(access(fixture->config->ike.socket, F_OK), -1);
	assert_int_equal(rmdir(fixture->config->runtime_directory), 0);
	assert_int_equal(rmdir(fixture->directory), 0);
	free(fixture->config);
	net_fixture_fini(&fixture->net);
}

void
ike_fixture_run(struct ike_fixture *fixture)
{
	unsigned rounds = 0;

	while (ike_link_run(fixture->link, fixture->now) > 0)
		assert_true(++rounds < 100000);
}

void
ike_fixture_look(struct ike_fixture *fixture, struct ike_link_view *view)
{
	ike_link_look(fixture->link, view);
}

int
ike_client_connect(const struct ike_fixture *fixture)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_true(strlen(fixture->config->ike.socket) < sizeof(address.sun_path));
	strcpy(address.sun_path, fixture->config->ike.socket);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

int
ike_client_greet(struct ike_fixture *fixture, uint64_t epoch)
{
	const struct ike_hello hello = {.charon_epoch = epoch, .charon_version = "5.9.8"};
	struct ike_answer answer;
	int fd = ike_client_connect(fixture);

	ike_client_send(fd, IKE_HELLO, 1, &hello, sizeof(hello));
	ike_fixture_run(fixture);
	assert_int_equal(ike_client_receive(fd, &answer),
			 sizeof(struct ike_header) + sizeof(struct ike_hello_ack));
	assert_int_equal(answer.header.status, IKE_STATUS_OK);
	return fd;
}

void
ike_client_send(int fd, uint32_t type, uint32_t request_id, const void *body, size_t size)
{
	static uint8_t message[sizeof(struct ike_header) + IKE_DATAGRAM_MAX + 64];
	const struct ike_header header = {
		.magic = IKE_PROTOCOL_MAGIC,
		.type = type,
		.request_id = request_id,
	};

	assert_true(size <= sizeof(message) - sizeof(header));
	memcpy(message, &header, sizeof(header));
	if (size > 0)
		memcpy(message + sizeof(header), body, size);
	assert_int_equal(send(fd, message, sizeof(header) + size, MSG_NOSIGNAL),
			 sizeof(header) + size);
}

int
ike_client_receive(int fd, struct ike_answer *answer)
{
	ssize_t len = recv(fd, answer, sizeof(*answer), MSG_DONTWAIT);

	if (len < 0 && errno == ECONNRESET)
		return 0;
	return (int)len;
}

uint16_t
ike_packet_write(uint8_t *packet, uint16_t dst_port, const void *payload, uint16_t payload_len)
{
	const uint16_t len = (uint16_t)(28 + payload_len);
	const struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16(len),
		.ttl = 64,
		.protocol = IP_PROTOCOL_UDP,
		.src = net_address("203.0.113.9"),
		.dst = IKE_GATEWAY,
	};
	struct udp_header udp = {
		.src_port_be = htobe16(31337),
		.dst_port_be = htobe16(dst_port),
		.len_be = htobe16((uint16_t)(8 + payload_len)),
	};
	uint64_t sum = checksum_pseudo_header(ip.src, ip.dst, IP_PROTOCOL_UDP, udp.len_be);

	sum = checksum_add(checksum_add(sum, &udp, sizeof(udp)), payload, payload_len);
	udp.checksum_be = (be16)~checksum_fold(sum);
	memcpy(packet, &ip, sizeof(ip));
	memcpy(packet + 20, &udp, sizeof(udp));
	memcpy(packet + 28, payload, payload_len);
	return len;
}
