/* SPDX-License-Identifier: BSD-3-Clause */
/* ether_input and ip_input: what a frame must be to be looked at. */
#include "tests/unit/dataplane/fixture.h"

static const uint8_t stranger[ETH_ADDRESS_SIZE] = {2, 9, 9, 9, 9, 9};
static const uint8_t everyone[ETH_ADDRESS_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t group[ETH_ADDRESS_SIZE] = {1, 0, 0x5e, 0, 0, 1};

static void
packet_for_the_internet(struct craft *packet)
{
	craft_plain(packet, OFFICE_HOST, INTERNET_HOST, 100);
}

/* What a router makes of it: one less to live. */
static void
forwarded(struct craft *packet)
{
	craft_at(packet)[8]--;
	craft_ip_checksum(craft_at(packet));
}

static void
frame_for_another_station_is_dropped(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft frame;

	packet_for_the_internet(&frame);
	craft_ethernet(&frame, stranger, 0x0800);
	fixture_send_frame(f, 0, INTERNAL, &frame, 0, 0);
	fixture_run(f);
	assert_drops(f, DROP_ETHER_NOT_FOR_US, 1);
	fixture_end(f);
}

static void
frame_of_the_other_port_s_address_is_not_for_us(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft frame;

	packet_for_the_internet(&frame);
	craft_ethernet(&frame, port_macs[EXTERNAL], 0x0800);
	fixture_send_frame(f, 0, INTERNAL, &frame, 0, 0);
	fixture_run(f);
	assert_drops(f, DROP_ETHER_NOT_FOR_US, 1);
	fixture_end(f);
}

static void
frame_without_a_whole_ethernet_header_is_dropped(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft frame;

	craft_payload(&frame, 13);
	fixture_send_frame(f, 0, INTERNAL, &frame, 0, 0);
	fixture_run(f);
	assert_drops(f, DROP_ETHER_SHORT, 1);
	fixture_end(f);
}

static void
ethernet_header_alone_is_a_short_packet(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft frame;

	craft_payload(&frame, 0);
	craft_ethernet(&frame, port_macs[INTERNAL], 0x0800);
	fixture_send_frame(f, 0, INTERNAL, &frame, 0, 0);
	fixture_run(f);
	assert_drops(f, DROP_IP_SHORT, 1);
	fixture_end(f);
}

static void
other_ether_types_are_dropped(void **state)
{
	static const uint16_t types[] = {0x86dd, 0x8100, 0x88cc, 0x0600, 0x0000};
	struct fixture *f = fixture_new(1);

	for (unsigned i = 0; i < ARRAY_COUNT(types); i++) {
		struct craft frame;

		packet_for_the_internet(&frame);
		craft_ethernet(&frame, port_macs[INTERNAL], types[i]);
		fixture_send_frame(f, 0, INTERNAL, &frame, 0, 0);
		fixture_run(f);
		assert_drops(f, DROP_ETHER_TYPE, 1);
	}
	fixture_end(f);
}

static void
arp_goes_to_the_control_core_without_its_ethernet_header(void **state)
{
	static const uint8_t *const destinations[] = {everyone, port_macs[EXTERNAL]};
	struct fixture *f = fixture_new(1);

	for (unsigned i = 0; i < ARRAY_COUNT(destinations); i++) {
		struct craft frame, seen;
		struct packet packet;

		craft_payload(&frame, 46);
		craft_ethernet(&frame, destinations[i], 0x0806);
		fixture_send_frame(f, 0, EXTERNAL, &frame, 0, 0);
		fixture_run(f);
		assert_punted(f, PUNT_ARP, &packet, &seen);
		assert_int_equal(packet.port, EXTERNAL);
		assert_int_equal(packet.origin, ORIGIN_EXTERNAL);
		assert_int_equal(packet.flags,
				 destinations[i] == everyone ? PACKET_LINK_BROADCAST : 0);
		frame.len -= 14;
		assert_same(&seen, &frame);
	}
	fixture_end(f);
}

static void
packet_that_came_to_many_is_not_forwarded_to_one(void **state)
{
	static const uint8_t *const destinations[] = {everyone, group};
	struct fixture *f = fixture_new(1);

	for (unsigned i = 0; i < ARRAY_COUNT(destinations); i++) {
		struct craft frame;

		packet_for_the_internet(&frame);
		craft_ethernet(&frame, destinations[i], 0x0800);
		fixture_send_frame(f, 0, INTERNAL, &frame, 0, 0);
		fixture_run(f);
		assert_drops(f, DROP_IP_BAD_DESTINATION, 1);
	}
	fixture_end(f);
}

static void
good_packet_is_forwarded_with_one_less_to_live(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft packet;

	packet_for_the_internet(&packet);
	fixture_send(f, INTERNAL, &packet);
	forwarded(&packet);
	assert_sent(f, EXTERNAL, &packet);
	fixture_end(f);
}

static void
padding_of_ethernet_is_cut_off(void **state)
{
	static const uint8_t zeroes[18];
	struct fixture *f = fixture_new(1);
	struct craft packet, padded;

	craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 28);
	craft_payload(&padded, 0);
	craft_bytes(&padded, zeroes, sizeof(zeroes));
	craft_bytes(&padded, craft_at(&packet), packet.len);
	fixture_send(f, INTERNAL, &padded);
	forwarded(&packet);
	assert_sent(f, EXTERNAL, &packet);
	fixture_end(f);
}

static void
padding_in_segments_of_its_own_is_cut_off(void **state)
{
	struct fixture *f = fixture_new(1);

	for (uint32_t cut = 15; cut < 14 + 28 + 18; cut++) {
		static const uint8_t zeroes[18];
		struct craft packet, padded;

		craft_plain(&packet, OFFICE_HOST, INTERNET_HOST, 28);
		craft_payload(&padded, 0);
		craft_bytes(&padded, zeroes, sizeof(zeroes));
		craft_bytes(&padded, craft_at(&packet), packet.len);
		craft_ethernet(&padded, port_macs[INTERNAL], 0x0800);
		fixture_send_frame(f, 0, INTERNAL, &padded, cut, 3);
		fixture_run(f);
		forwarded(&packet);
		assert_sent(f, EXTERNAL, &packet);
	}
	fixture_end(f);
}

static void
headers_may_be_cut_anywhere(void **state)
{
	static const uint32_t rests[] = {0, 1, 2, 7, 20};
	struct fixture *f = fixture_new(1);

	for (unsigned i = 0; i < ARRAY_COUNT(rests); i++)
		for (uint32_t cut = 1; cut < 64; cut++) {
			struct craft packet;

			packet_for_the_internet(&packet);
			craft_ethernet(&packet, port_macs[INTERNAL], 0x0800);
			fixture_send_frame(f, 0, INTERNAL, &packet, cut, rests[i]);
			fixture_run(f);
			packet.len -= 14;
			forwarded(&packet);
			assert_sent(f, EXTERNAL, &packet);
		}
	fixture_end(f);
}

/* One octet of a good packet made bad, its checksum made good again. */
static const struct {
	const char *what;
	uint8_t at, value;
	bool keep_checksum;
	enum drop_reason reason;
} bad_octets[] = {
	{"version 6", 0, 0x65, false, DROP_IP_VERSION},
	{"version 0", 0, 0x05, false, DROP_IP_VERSION},
	{"header of 16 bytes", 0, 0x44, false, DROP_IP_VERSION},
	{"header of 0 bytes", 0, 0x40, false, DROP_IP_VERSION},
	{"longer than there is", 3, 101, false, DROP_IP_SHORT},
	{"much longer than there is", 2, 0xff, false, DROP_IP_SHORT},
	{"shorter than its header", 3, 19, false, DROP_IP_SHORT},
	{"length of 0", 3, 0, false, DROP_IP_SHORT},
	{"TTL changed under way", 8, 77, true, DROP_IP_CHECKSUM},
	{"checksum changed under way", 10, 0xee, true, DROP_IP_CHECKSUM},
	{"from 0/8", 12, 0, false, DROP_IP_BAD_SOURCE},
	{"from 127/8", 12, 127, false, DROP_IP_BAD_SOURCE},
	{"from multicast", 12, 224, false, DROP_IP_BAD_SOURCE},
	{"from class E", 12, 240, false, DROP_IP_BAD_SOURCE},
	{"from 255/8", 12, 255, false, DROP_IP_BAD_SOURCE},
	{"to 0/8", 16, 0, false, DROP_IP_BAD_DESTINATION},
	{"to 127/8", 16, 127, false, DROP_IP_BAD_DESTINATION},
	{"to multicast", 16, 224, false, DROP_IP_BAD_DESTINATION},
	{"to class E", 16, 241, false, DROP_IP_BAD_DESTINATION},
};

static void
packet_that_rfc_1812_forbids_is_dropped_for_its_reason(void **state)
{
	struct fixture *f = fixture_new(1);

	for (unsigned i = 0; i < ARRAY_COUNT(bad_octets); i++) {
		struct craft packet;
		uint8_t *ip;

		packet_for_the_internet(&packet);
		ip = craft_at(&packet);
		ip[bad_octets[i].at] = bad_octets[i].value;
		if (!bad_octets[i].keep_checksum)
			craft_ip_checksum(ip);
		print_message("%s\n", bad_octets[i].what);
		fixture_send(f, INTERNAL, &packet);
		assert_drops(f, bad_octets[i].reason, 1);
	}
	fixture_end(f);
}

static void
source_that_is_the_box_itself_is_dropped(void **state)
{
	static const be32 own[] = {X_HA, I_HA, EXTERNAL_ADDRESS, INTERNAL_BROADCAST};
	struct fixture *f = fixture_new(1);

	for (unsigned i = 0; i < ARRAY_COUNT(own); i++) {
		struct craft packet;

		craft_plain(&packet, own[i], INTERNET_HOST, 60);
		fixture_send(f, INTERNAL, &packet);
		assert_drops(f, DROP_IP_OWN_SOURCE, 1);
	}
	fixture_end(f);
}

static void
checksum_verdict_of_the_hardware_is_believed(void **state)
{
	static const struct {
		uint64_t flag;
		bool is_right;
		bool passes;
	} cases[] = {
		{RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN, true, true},
		{RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN, false, false},
		{RTE_MBUF_F_RX_IP_CKSUM_GOOD, true, true},
		{RTE_MBUF_F_RX_IP_CKSUM_GOOD, false, true},
		{RTE_MBUF_F_RX_IP_CKSUM_BAD, true, false},
		{RTE_MBUF_F_RX_IP_CKSUM_BAD, false, false},
	};
	struct fixture *f = fixture_new(1);

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct craft packet, seen;
		struct rte_mbuf *mbuf;

		packet_for_the_internet(&packet);
		craft_at(&packet)[10] ^= cases[i].is_right ? 0 : 0x55;
		craft_ethernet(&packet, port_macs[INTERNAL], 0x0800);
		mbuf = fixture_mbuf(f, &packet, 0, 0);
		mbuf->ol_flags |= cases[i].flag;
		path_receive(f->workers[0], INTERNAL, &mbuf, 1);
		worker_flush(f->workers[0]);
		assert_int_equal(fixture_sent(f, EXTERNAL, &seen), cases[i].passes);
		assert_drops(f, DROP_IP_CHECKSUM, cases[i].passes ? 0 : 1);
	}
	fixture_end(f);
}

static const struct {
	const char *what;
	uint8_t options_len;
	uint8_t options[40];
	enum drop_reason reason; /* DROP_REASON_COUNT: passes */
} options[] = {
	{"nothing but padding", 4, {1, 1, 1, 0}, DROP_REASON_COUNT},
	{"end, then anything", 4, {0, 0xff, 0xff, 0xff}, DROP_REASON_COUNT},
	{"router alert", 4, {148, 4, 0, 0}, DROP_REASON_COUNT},
	{"record route", 8, {7, 7, 4, 0, 0, 0, 0, 0}, DROP_REASON_COUNT},
	{"loose source route", 8, {131, 7, 4, 10, 0, 0, 1, 0}, DROP_IP_SOURCE_ROUTE},
	{"strict source route", 8, {137, 7, 4, 10, 0, 0, 1, 0}, DROP_IP_SOURCE_ROUTE},
	{"source route behind padding", 8, {1, 131, 7, 4, 10, 0, 0, 1}, DROP_IP_SOURCE_ROUTE},
	{"option of length 0", 4, {148, 0, 0, 0}, DROP_IP_BAD_OPTIONS},
	{"option of length 1", 4, {148, 1, 0, 0}, DROP_IP_BAD_OPTIONS},
	{"option past the header", 4, {148, 5, 0, 0}, DROP_IP_BAD_OPTIONS},
	{"option without a length", 4, {1, 1, 1, 148}, DROP_IP_BAD_OPTIONS},
	{"40 bytes of padding", 40, {1}, DROP_REASON_COUNT},
};

static void
options_are_walked_wherever_the_packet_is_cut(void **state)
{
	struct fixture *f = fixture_new(1);

	for (unsigned i = 0; i < ARRAY_COUNT(options); i++)
		for (uint32_t cut = 0; cut < 64; cut += 3) {
			struct craft_ip ip = {.src = OFFICE_HOST,
					      .dst = INTERNET_HOST,
					      .protocol = 17,
					      .options_len = options[i].options_len};
			struct craft packet;

			memcpy(ip.options, options[i].options, sizeof(ip.options));
			craft_payload(&packet, 30);
			craft_ip(&packet, &ip);
			craft_ethernet(&packet, port_macs[INTERNAL], 0x0800);
			fixture_send_frame(f, 0, INTERNAL, &packet, cut, cut % 5);
			fixture_run(f);
			packet.len -= 14;
			forwarded(&packet);
			if (options[i].reason == DROP_REASON_COUNT)
				assert_sent(f, EXTERNAL, &packet);
			else
				assert_drops(f, options[i].reason, 1);
		}
	fixture_end(f);
}

static void
options_beyond_the_packet_s_end_are_not_read(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft packet;

	packet_for_the_internet(&packet);
	craft_at(&packet)[0] = 0x4f;
	craft_at(&packet)[3] = 59;
	fixture_send(f, INTERNAL, &packet);
	assert_drops(f, DROP_IP_SHORT, 1);
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_for_another_station_is_dropped),
		cmocka_unit_test(frame_of_the_other_port_s_address_is_not_for_us),
		cmocka_unit_test(frame_without_a_whole_ethernet_header_is_dropped),
		cmocka_unit_test(ethernet_header_alone_is_a_short_packet),
		cmocka_unit_test(other_ether_types_are_dropped),
		cmocka_unit_test(arp_goes_to_the_control_core_without_its_ethernet_header),
		cmocka_unit_test(packet_that_came_to_many_is_not_forwarded_to_one),
		cmocka_unit_test(good_packet_is_forwarded_with_one_less_to_live),
		cmocka_unit_test(padding_of_ethernet_is_cut_off),
		cmocka_unit_test(padding_in_segments_of_its_own_is_cut_off),
		cmocka_unit_test(headers_may_be_cut_anywhere),
		cmocka_unit_test(packet_that_rfc_1812_forbids_is_dropped_for_its_reason),
		cmocka_unit_test(source_that_is_the_box_itself_is_dropped),
		cmocka_unit_test(checksum_verdict_of_the_hardware_is_believed),
		cmocka_unit_test(options_are_walked_wherever_the_packet_is_cut),
		cmocka_unit_test(options_beyond_the_packet_s_end_are_not_read),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
