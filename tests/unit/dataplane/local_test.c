/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets for the box itself, what the control core gets of them and how much, and what it sends. */
#include "tests/unit/dataplane/fixture.h"

static const uint8_t agents_mac[ETH_ADDRESS_SIZE] = {0x01, 0, 0x5e, 0, 0, 0x0b};
static const uint8_t station_mac[ETH_ADDRESS_SIZE] = {2, 0, 0, 0, 0, 0x50};
static const uint8_t everyone[ETH_ADDRESS_SIZE] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* What becomes of a packet for an own address. */
static const struct {
	const char *what;
	be32 dst;
	uint16_t port; /* 0: not UDP */
	uint8_t protocol;
	uint8_t first_byte;
	bool home_link;
	uint8_t punt_class; /* PUNT_CLASS_COUNT: dropped */
	enum drop_reason reason;
} locals[] = {
	{"registration to the x-HA", X_HA, 434, 17, 1, false, PUNT_REGISTRATION_EXTERNAL, 0},
	{"registration to the i-HA", I_HA, 434, 17, 1, false, PUNT_REGISTRATION_EXTERNAL, 0},
	{"registration to a port", EXTERNAL_ADDRESS, 434, 17, 1, false, PUNT_REGISTRATION_EXTERNAL,
	 0},
	{"registration to a subnet", EXTERNAL_BROADCAST, 434, 17, 1, false,
	 PUNT_REGISTRATION_EXTERNAL, 0},
	{"registration to everybody", UINT32_MAX, 434, 17, 1, false, PUNT_REGISTRATION_EXTERNAL, 0},
	{"revocation", X_HA, 434, 17, 7, false, PUNT_REGISTRATION_EXTERNAL, 0},
	{"tunnel data to a subnet", EXTERNAL_BROADCAST, 434, 17, 4, false,
	 PUNT_REGISTRATION_EXTERNAL, 0},
	{"other UDP port", X_HA, 435, 17, 1, false, PUNT_CLASS_COUNT, DROP_LOCAL_PORT},
	{"UDP broadcast, no home link", EXTERNAL_BROADCAST, 67, 17, 1, false, PUNT_CLASS_COUNT,
	 DROP_LOCAL_PORT},
	{"UDP broadcast, home link", EXTERNAL_BROADCAST, 67, 17, 1, true, PUNT_BROADCAST, 0},
	{"UDP unicast, home link", EXTERNAL_ADDRESS, 67, 17, 1, true, PUNT_CLASS_COUNT,
	 DROP_LOCAL_PORT},
	{"ICMP to an agent", X_HA, 0, 1, 8, false, PUNT_ICMP, 0},
	{"ICMP to the i-HA, from outside", I_HA, 0, 1, 8, false, PUNT_CLASS_COUNT,
	 DROP_IP_EXTERNAL_TO_INTERNAL},
	{"ICMP to a port", EXTERNAL_ADDRESS, 0, 1, 8, false, PUNT_ICMP, 0},
	{"ICMP broadcast", EXTERNAL_BROADCAST, 0, 1, 8, false, PUNT_CLASS_COUNT,
	 DROP_LOCAL_PROTOCOL},
	{"ICMP broadcast, home link", EXTERNAL_BROADCAST, 0, 1, 8, true, PUNT_BROADCAST, 0},
	{"TCP", X_HA, 0, 6, 0, false, PUNT_CLASS_COUNT, DROP_LOCAL_PROTOCOL},
	{"ESP", EXTERNAL_ADDRESS, 0, 50, 0, false, PUNT_CLASS_COUNT, DROP_LOCAL_PROTOCOL},
	{"IGMP broadcast, home link", UINT32_MAX, 0, 2, 0, true, PUNT_BROADCAST, 0},
};

static void
packet_for_the_box_goes_where_it_belongs(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(locals); i++) {
		struct fixture *f = fixture_new(1);
		struct craft packet, seen;
		struct packet punted;

		print_message("%s\n", locals[i].what);
		f->settings.is_home_link[EXTERNAL] = locals[i].home_link;
		fixture_settings(f);
		craft_payload(&packet, 40);
		craft_at(&packet)[0] = locals[i].first_byte;
		if (locals[i].port != 0)
			craft_udp(&packet, 5000, locals[i].port);
		craft_ip(&packet, &(struct craft_ip){.src = CARE_OF,
						     .dst = locals[i].dst,
						     .protocol = locals[i].protocol});
		fixture_send(f, EXTERNAL, &packet);
		if (locals[i].punt_class != PUNT_CLASS_COUNT) {
			assert_punted(f, locals[i].punt_class, &punted, &seen);
			assert_same(&seen, &packet);
			assert_int_equal(punted.origin, ORIGIN_EXTERNAL);
			assert_int_equal(punted.port, EXTERNAL);
			assert_int_equal(punted.flags, locals[i].dst == EXTERNAL_BROADCAST ||
								       locals[i].dst == UINT32_MAX
							       ? PACKET_OWN_BROADCAST
							       : 0);
			assert_int_equal(f->workers[0]->counters.punts[locals[i].punt_class], 1);
			assert_drops(f, DROP_REASON_COUNT, 0);
		} else {
			assert_drops(f, locals[i].reason, 1);
		}
		fixture_end(f);
	}
}

static void
link_broadcast_is_told_to_the_control_core(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft packet, seen;
	struct packet punted;

	craft_payload(&packet, 24);
	craft_at(&packet)[0] = 1;
	craft_udp(&packet, 434, 434);
	craft_ip(&packet,
		 &(struct craft_ip){.src = CARE_OF, .dst = EXTERNAL_BROADCAST, .protocol = 17});
	craft_ethernet(&packet, everyone, 0x0800);
	fixture_send_frame(f, 0, EXTERNAL, &packet, 0, 0);
	fixture_run(f);
	assert_punted(f, PUNT_REGISTRATION_EXTERNAL, &punted, &seen);
	assert_int_equal(punted.flags, PACKET_OWN_BROADCAST | PACKET_LINK_BROADCAST);
	fixture_end(f);
}

/* Who may hear that somebody looks for a home agent: ICMP router solicitations in a frame to a group. */
static const struct {
	const char *what;
	be32 src, dst;
	const uint8_t *mac;
	uint8_t type;
	uint8_t protocol;
	uint16_t fragment;
	bool home_link;
	enum drop_reason reason; /* DROP_REASON_COUNT: it reaches the control core */
} solicitations[] = {
	{"to the mobility agents", CARE_OF, ADDRESS(224, 0, 0, 11), agents_mac, 10, 1, 0, true,
	 DROP_REASON_COUNT},
	{"to the routers", CARE_OF, ADDRESS(224, 0, 0, 2), agents_mac, 10, 1, 0, true,
	 DROP_REASON_COUNT},
	{"to everybody", CARE_OF, UINT32_MAX, everyone, 10, 1, 0, true, DROP_REASON_COUNT},
	{"from nobody yet", 0, ADDRESS(224, 0, 0, 11), agents_mac, 10, 1, 0, true,
	 DROP_REASON_COUNT},
	{"no home link", CARE_OF, ADDRESS(224, 0, 0, 11), agents_mac, 10, 1, 0, false,
	 DROP_IP_BAD_DESTINATION},
	{"from nobody, no home link", 0, ADDRESS(224, 0, 0, 11), agents_mac, 10, 1, 0, false,
	 DROP_IP_BAD_SOURCE},
	{"to other groups", CARE_OF, ADDRESS(224, 0, 0, 1), agents_mac, 10, 1, 0, true,
	 DROP_IP_BAD_DESTINATION},
	{"to one station's link address", CARE_OF, ADDRESS(224, 0, 0, 11), port_macs[EXTERNAL], 10,
	 1, 0, true, DROP_IP_BAD_DESTINATION},
	{"advertisement", CARE_OF, ADDRESS(224, 0, 0, 11), agents_mac, 9, 1, 0, true,
	 DROP_IP_BAD_DESTINATION},
	{"advertisement from nobody", 0, ADDRESS(224, 0, 0, 11), agents_mac, 9, 1, 0, true,
	 DROP_IP_BAD_SOURCE},
	{"echo request", CARE_OF, ADDRESS(224, 0, 0, 11), agents_mac, 8, 1, 0, true,
	 DROP_IP_BAD_DESTINATION},
	{"UDP", CARE_OF, ADDRESS(224, 0, 0, 11), agents_mac, 10, 17, 0, true,
	 DROP_IP_BAD_DESTINATION},
	{"first fragment", CARE_OF, ADDRESS(224, 0, 0, 11), agents_mac, 10, 1, IP_FLAG_MF, true,
	 DROP_IP_BAD_DESTINATION},
	{"from loopback", ADDRESS(127, 0, 0, 1), ADDRESS(224, 0, 0, 11), agents_mac, 10, 1, 0, true,
	 DROP_IP_BAD_SOURCE},
};

static void
solicitations_on_a_home_link_reach_the_control_core_with_their_sender(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(solicitations); i++) {
		struct fixture *f = fixture_new(1);
		struct craft packet, frame, seen;
		struct packet punted;

		print_message("%s\n", solicitations[i].what);
		f->settings.is_home_link[EXTERNAL] = solicitations[i].home_link;
		fixture_settings(f);
		craft_payload(&packet, 8);
		craft_at(&packet)[0] = solicitations[i].type;
		craft_ip(&packet, &(struct craft_ip){.src = solicitations[i].src,
						     .dst = solicitations[i].dst,
						     .protocol = solicitations[i].protocol,
						     .fragment = solicitations[i].fragment,
						     .ttl = 1});
		frame = packet;
		craft_ethernet(&frame, solicitations[i].mac, 0x0800);
		memcpy(craft_at(&frame) + ETH_ADDRESS_SIZE, station_mac, ETH_ADDRESS_SIZE);
		fixture_send_frame(f, 0, EXTERNAL, &frame, 34, 0); /* the ICMP message apart */
		fixture_run(f);
		if (solicitations[i].reason == DROP_REASON_COUNT) {
			assert_punted(f, PUNT_ICMP, &punted, &seen);
			assert_same(&seen, &packet);
			assert_int_equal(punted.flags, PACKET_LINK_BROADCAST | PACKET_SOLICITATION);
			assert_int_equal(punted.port, EXTERNAL);
			assert_memory_equal(punted.sender_mac, station_mac, ETH_ADDRESS_SIZE);
			assert_drops(f, DROP_REASON_COUNT, 0);
		} else {
			assert_drops(f, solicitations[i].reason, 1);
		}
		fixture_end(f);
	}
}

static void
udp_header_that_is_not_whole_is_refused(void **state)
{
	for (uint32_t len = 0; len <= 8; len++) {
		struct fixture *f = fixture_new(1);
		struct craft packet;

		craft_payload(&packet, len);
		craft_ip(&packet, &(struct craft_ip){.src = CARE_OF, .dst = X_HA, .protocol = 17});
		fixture_send(f, EXTERNAL, &packet);
		assert_drops(f, DROP_UDP_SHORT, 1);
		fixture_end(f);
	}
}

static void
send_ping(struct fixture *f)
{
	struct craft packet;

	craft_payload(&packet, 8);
	craft_ip(&packet, &(struct craft_ip){.src = CARE_OF, .dst = X_HA, .protocol = 1});
	fixture_send_to(f, 0, EXTERNAL, &packet);
}

static unsigned
punted_count(struct fixture *f)
{
	struct packet packet;
	struct craft craft;
	unsigned count = 0;

	while (fixture_punted(f, &packet, &craft))
		count++;
	return count;
}

static void
what_is_beyond_a_class_s_rate_is_counted_and_starves_no_other_class(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft packet;

	for (unsigned i = 0; i < 200; i++)
		send_ping(f);
	fixture_run(f);
	assert_int_equal(punted_count(f), 64); /* what may come at once */
	assert_drops(f, DROP_PUNT_RATE_ICMP, 200 - 64);
	assert_int_equal(f->workers[0]->counters.punts[PUNT_ICMP], 64);

	craft_plain(&packet, OFFICE_HOST, UNRESOLVED_HOST, 60);
	fixture_send(f, INTERNAL, &packet);
	assert_int_equal(punted_count(f), 1);
	fixture_end(f);
}

static void
new_settings_change_the_rates(void **state)
{
	struct fixture *f = fixture_new(1);

	f->settings.punt_per_sec[PUNT_ICMP] = 1000;
	fixture_settings(f);
	for (unsigned i = 0; i < 200; i++)
		send_ping(f);
	f->workers[0]->round_clock = 0;
	worker_round(f->workers[0]);
	fixture_run(f);
	assert_in_range(punted_count(f), 100, 200);
	f->workers[0]->counters.drops = (struct drop_counters){0};
	fixture_end(f);
}

static void
full_punt_ring_is_counted(void **state)
{
	struct fixture *f = fixture_new(1);
	struct rte_ring *ring = f->mailboxes[0].punt;
	void *filler = NULL;

	while (rte_ring_enqueue(ring, &filler) == 0)
		;
	send_ping(f);
	fixture_run(f);
	while (rte_ring_dequeue(ring, &filler) == 0)
		;
	assert_drops(f, DROP_PUNT_RING_FULL, 1);
	assert_int_equal(f->workers[0]->counters.punts[PUNT_ICMP], 0);
	fixture_end(f);
}

/* What the control core makes of it cannot change the way of packets that came before. */
static void
punted_packet_is_handed_over_at_the_end_of_the_round(void **state)
{
	struct fixture *f = fixture_new(1);
	struct rte_ring *ring = f->mailboxes[0].punt;
	struct rte_mbuf *mbufs[2];
	void *filler = NULL;

	for (unsigned i = 0; i < 2; i++) {
		struct craft packet;

		craft_payload(&packet, 8);
		craft_ip(&packet, &(struct craft_ip){.src = CARE_OF, .dst = X_HA, .protocol = 1});
		craft_ethernet(&packet, port_macs[EXTERNAL], 0x0800);
		mbufs[i] = fixture_mbuf(f, &packet, 0, 0);
	}
	while (rte_ring_free_count(ring) > 1)
		rte_ring_enqueue(ring, filler);
	path_receive(f->workers[0], EXTERNAL, mbufs, 2);
	assert_int_equal(rte_ring_free_count(ring), 1);
	worker_flush(f->workers[0]);
	assert_int_equal(rte_ring_free_count(ring), 0);
	for (unsigned i = 0; i < MAILBOX_SIZE - 2; i++)
		rte_ring_dequeue(ring, &filler);
	assert_int_equal(punted_count(f), 1);
	/* no more was taken than there is room for */
	assert_drops(f, DROP_PUNT_RING_FULL, 1);
	fixture_end(f);
}

static void
inject(struct fixture *f, struct craft *bytes, enum inject_kind kind, be32 home_address)
{
	struct rte_mbuf *mbuf = fixture_mbuf(f, bytes, 0, 0);

	*packet_of(mbuf) = (struct packet){
		.punt_class = (uint8_t)kind, .port = INTERNAL, .home_address = home_address};
	assert_int_equal(rte_ring_enqueue(f->mailboxes[0].inject, mbuf), 0);
	fixture_run(f);
}

static struct fixture *
bound(uint8_t flags)
{
	struct fixture *f = fixture_new(1);
	struct recipe_spec spec = fixture_spec(TUNNEL_IPIP);

	spec.flags |= flags;
	fixture_bind(f, &spec, 1);
	return f;
}

static void
injected_packet_takes_binding_or_route_and_keeps_its_time_to_live(void **state)
{
	struct craft_ip outer = {.src = X_HA, .dst = CARE_OF, .fragment = IP_FLAG_DF};
	struct fixture *f = bound(0);
	struct craft packet, tunnelled;

	craft_plain(&packet, X_HA, HOME, 60);
	inject(f, &packet, INJECT_IP, 0);
	tunnelled = packet;
	outer.id = 1;
	craft_tunnel(&tunnelled, TUNNEL_IPIP, &outer, 0, 0);
	assert_sent(f, EXTERNAL, &tunnelled);

	inject(f, &packet, INJECT_ROUTE, 0);
	assert_sent(f, INTERNAL, &packet);

	craft_plain(&packet, X_HA, INTERNET_HOST, 60);
	inject(f, &packet, INJECT_IP, 0);
	assert_sent(f, EXTERNAL, &packet);

	inject(f, &packet, INJECT_VIA, HOME);
	outer.id = 2;
	craft_tunnel(&packet, TUNNEL_IPIP, &outer, 0, 0);
	assert_sent(f, EXTERNAL, &packet);
	fixture_end(f);
}

static void
injected_frame_leaves_as_it_is(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft frame, seen;

	craft_payload(&frame, 28);
	craft_ethernet(&frame, everyone, 0x0806);
	inject(f, &frame, INJECT_FRAME, 0);
	assert_true(fixture_sent_frame(f, INTERNAL, &seen));
	assert_same(&seen, &frame);
	fixture_end(f);
}

static void
injected_packet_for_a_mobile_that_is_gone_is_counted(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft packet;

	craft_plain(&packet, X_HA, HOME, 60);
	inject(f, &packet, INJECT_VIA, HOME);
	assert_drops(f, DROP_TUNNEL_NO_BINDING, 1);
	fixture_end(f);
}

static void
box_is_not_told_of_errors_with_its_own_packets(void **state)
{
	struct fixture *f = bound(RECIPE_UNREACHABLE);
	struct craft packet;

	craft_plain(&packet, X_HA, UNREACHABLE_HOST, 60);
	inject(f, &packet, INJECT_ROUTE, 0);
	assert_drops(f, DROP_IP_UNREACHABLE, 1);
	craft_plain(&packet, X_HA, HOME, 60);
	inject(f, &packet, INJECT_IP, 0);
	craft_tunnel(
		&packet, TUNNEL_IPIP,
		&(struct craft_ip){.src = X_HA, .dst = CARE_OF, .id = 1, .fragment = IP_FLAG_DF}, 0,
		0);
	assert_sent(f, EXTERNAL, &packet);
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_for_the_box_goes_where_it_belongs),
		cmocka_unit_test(link_broadcast_is_told_to_the_control_core),
		cmocka_unit_test(
			solicitations_on_a_home_link_reach_the_control_core_with_their_sender),
		cmocka_unit_test(udp_header_that_is_not_whole_is_refused),
		cmocka_unit_test(
			what_is_beyond_a_class_s_rate_is_counted_and_starves_no_other_class),
		cmocka_unit_test(new_settings_change_the_rates),
		cmocka_unit_test(full_punt_ring_is_counted),
		cmocka_unit_test(punted_packet_is_handed_over_at_the_end_of_the_round),
		cmocka_unit_test(injected_packet_takes_binding_or_route_and_keeps_its_time_to_live),
		cmocka_unit_test(injected_frame_leaves_as_it_is),
		cmocka_unit_test(injected_packet_for_a_mobile_that_is_gone_is_counted),
		cmocka_unit_test(box_is_not_told_of_errors_with_its_own_packets),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
