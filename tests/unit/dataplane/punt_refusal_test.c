/* SPDX-License-Identifier: BSD-3-Clause */
/* What the control core is not given, for the sake of those inside. */
#include "tests/unit/dataplane/fixture.h"

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
send_registration(struct fixture *f, uint8_t port)
{
	be32 src = port == EXTERNAL ? CARE_OF : INTERNAL_CARE_OF;
	be32 dst = port == EXTERNAL ? X_HA : I_HA;
	struct craft packet;

	craft_payload(&packet, 24);
	craft_at(&packet)[0] = 1;
	craft_udp(&packet, 434, 434);
	craft_ip(&packet, &(struct craft_ip){.src = src, .dst = dst, .protocol = 17});
	fixture_send_to(f, 0, port, &packet);
	fixture_run(f);
}

static void
registrations_from_outside_leave_rate_and_ring_to_those_from_inside(void **state)
{
	struct fixture *f = fixture_new(1);
	struct rte_ring *ring;
	unsigned fillers = 0;
	struct packet punted;
	struct craft seen;
	void *filler = NULL;

	for (unsigned i = 0; i < 200; i++)
		send_registration(f, EXTERNAL);
	assert_int_equal(punted_count(f), 64);
	assert_drops(f, DROP_PUNT_RATE_REGISTRATION_EXTERNAL, 200 - 64);
	send_registration(f, INTERNAL);
	assert_punted(f, PUNT_REGISTRATION_INTERNAL, &punted, &seen);
	for (unsigned i = 0; i < 200; i++)
		send_registration(f, INTERNAL);
	assert_int_equal(punted_count(f), 63);
	assert_drops(f, DROP_PUNT_RATE_REGISTRATION_INTERNAL, 200 - 63);
	fixture_end(f);

	f = fixture_new(1);
	ring = f->mailboxes[0].punt;
	for (; rte_ring_free_count(ring) > 1024; fillers++)
		rte_ring_enqueue(ring, filler);
	send_registration(f, EXTERNAL);
	assert_drops(f, DROP_PUNT_RING_FULL, 1);
	send_registration(f, INTERNAL);
	while (fillers-- > 0)
		rte_ring_dequeue(ring, &filler);
	assert_punted(f, PUNT_REGISTRATION_INTERNAL, &punted, &seen);
	fixture_end(f);
}

/* Sources from outside: are they answered? */
static const struct {
	const char *what;
	be32 src;
	bool is_bound, is_bound_inside, is_forwarding;
	bool is_answered;
} sources[] = {
	{"of outside", CARE_OF, false, false, false, true},
	{"of the inside", OFFICE_HOST, false, false, false, false},
	{"of the inside, not resolved", UNRESOLVED_HOST, false, false, false, false},
	{"of the inside, which may be reached", OFFICE_HOST, false, false, true, true},
	{"that nothing is sent to", UNREACHABLE_HOST, false, false, false, true},
	{"of a mobile of the x-HA", HOME, true, false, false, true},
	{"of a mobile of the i-HA", HOME, true, true, false, false},
};

static void
source_of_the_inside_gets_no_answer_when_it_comes_from_outside(void **state)
{
	for (unsigned i = 0; i < ARRAY_COUNT(sources); i++) {
		struct recipe_spec spec = fixture_spec(TUNNEL_IPIP);
		struct fixture *f = fixture_new(1);
		struct craft packet, seen;
		struct packet punted;

		print_message("source %s\n", sources[i].what);
		f->settings.forward_external_to_internal = sources[i].is_forwarding;
		fixture_settings(f);
		if (sources[i].is_bound_inside)
			spec.flags |= RECIPE_INTERNAL;
		if (sources[i].is_bound)
			fixture_bind(f, &spec, 1);
		craft_payload(&packet, 24);
		craft_udp(&packet, 434, 434);
		craft_ip(&packet,
			 &(struct craft_ip){.src = sources[i].src, .dst = X_HA, .protocol = 17});
		fixture_send(f, EXTERNAL, &packet);
		if (sources[i].is_answered)
			assert_punted(f, PUNT_REGISTRATION_EXTERNAL, &punted, &seen);
		assert_drops(f, DROP_IP_SPOOFED_INSIDE, !sources[i].is_answered);

		/* the same for ICMP errors; the packet counts once */
		craft_payload(&packet, 8);
		craft_ip(&packet, &(struct craft_ip){.src = sources[i].src,
						     .dst = INTERNET_HOST,
						     .protocol = 17,
						     .ttl = 1});
		fixture_send(f, EXTERNAL, &packet);
		if (sources[i].is_answered)
			assert_punted(f, PUNT_ICMP_ERROR, &punted, &seen);
		assert_drops(f, DROP_IP_TTL, 1);
		fixture_end(f);
	}
}

static void
inside_source_is_fine_from_inside(void **state)
{
	struct fixture *f = fixture_new(1);
	struct packet punted;
	struct craft seen;

	send_registration(f, INTERNAL);
	assert_punted(f, PUNT_REGISTRATION_INTERNAL, &punted, &seen);
	fixture_end(f);
}

static void
error_that_is_not_sent_is_counted_as_that_and_its_packet_once(void **state)
{
	struct fixture *f = fixture_new(1);
	struct drop_counters *drops = &f->workers[0]->counters.drops;
	struct rte_ring *ring = f->mailboxes[0].punt;
	void *filler = NULL;
	struct craft packet;

	for (unsigned i = 0; i < 100; i++) {
		craft_payload(&packet, 8);
		craft_ip(&packet,
			 &(struct craft_ip){
				 .src = CARE_OF, .dst = INTERNET_HOST, .protocol = 17, .ttl = 1});
		fixture_send(f, EXTERNAL, &packet);
		if (i == 0) /* full for all but the first */
			while (rte_ring_enqueue(ring, filler) == 0)
				;
	}
	assert_int_equal(drops->count[DROP_PUNT_RATE_ICMP_ERROR], 99);
	drops->count[DROP_PUNT_RATE_ICMP_ERROR] = 0;
	assert_drops(f, DROP_IP_TTL, 100);
	assert_int_equal(rte_ring_dequeue(ring, &filler), 0);
	rte_pktmbuf_free(filler);
	while (rte_ring_dequeue(ring, &filler) == 0)
		;
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			registrations_from_outside_leave_rate_and_ring_to_those_from_inside),
		cmocka_unit_test(source_of_the_inside_gets_no_answer_when_it_comes_from_outside),
		cmocka_unit_test(inside_source_is_fine_from_inside),
		cmocka_unit_test(error_that_is_not_sent_is_counted_as_that_and_its_packet_once),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
