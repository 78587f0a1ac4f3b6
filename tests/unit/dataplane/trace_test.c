/* SPDX-License-Identifier: BSD-3-Clause */
/* Following one address through the stages: what is recorded, of which packets, and what is lost. */
#include "dataplane/trace.h"

#include "tests/unit/dataplane/fixture.h"

static struct fixture *
bound(be32 traced, struct trace_reader *reader)
{
	struct fixture *f = fixture_new(1);
	struct recipe_spec spec = fixture_spec(TUNNEL_UDP_IPIP);

	spec.flags = RECIPE_REVERSE;
	fixture_bind(f, &spec, 1);
	f->settings.forward_external_to_internal = true;
	fixture_settings(f);
	trace_reader_init(reader, f->workers[0]->trace);
	trace_set_address(f->workers[0], traced);
	return f;
}

static void
send_from_mobile(struct fixture *f, uint16_t port)
{
	struct craft_ip outer = {.src = CARE_OF, .dst = X_HA, .id = 9, .ttl = 50};
	struct craft packet;

	craft_plain(&packet, HOME, OFFICE_HOST, 120);
	craft_tunnel(&packet, TUNNEL_UDP_IPIP, &outer, port, 434);
	fixture_send(f, EXTERNAL, &packet);
	fixture_run(f);
}

static void
send_to_mobile(struct fixture *f, uint32_t len)
{
	struct craft packet;

	craft_plain(&packet, OFFICE_HOST, HOME, len);
	craft_at(&packet)[6] = 0; /* may be cut */
	craft_ip_checksum(craft_at(&packet));
	fixture_send(f, INTERNAL, &packet);
	fixture_run(f);
}

static struct trace_record
next_record(struct fixture *f, struct trace_reader *reader)
{
	struct trace_record record;

	assert_true(trace_read(f->workers[0]->trace, reader, &record));
	return record;
}

static void
assert_nothing_recorded(struct fixture *f, struct trace_reader *reader)
{
	struct trace_record record;

	assert_false(trace_read(f->workers[0]->trace, reader, &record));
	assert_int_equal(reader->lost, 0);
}

/* The next records are of these stages; STAGE_COUNT ends the list. Yields the last one. */
static struct trace_record
assert_stages(struct fixture *f, struct trace_reader *reader, const enum stage_id *stages)
{
	struct trace_record record = {0};

	for (; *stages != STAGE_COUNT; stages++) {
		record = next_record(f, reader);
		assert_int_equal(record.event, TRACE_STAGE);
		assert_string_equal(stage_name((enum stage_id)record.code), stage_name(*stages));
	}
	return record;
}

static void
discard_sent(struct fixture *f, uint8_t port)
{
	struct craft packet;

	assert_true(fixture_sent(f, port, &packet));
}

static const enum stage_id arrival[] = {STAGE_ETHER_INPUT, STAGE_IP_INPUT, STAGE_LOCAL,
					STAGE_COUNT};
static const enum stage_id tunnel_end[] = {STAGE_DEMUX, STAGE_STRIP, STAGE_MATCH, STAGE_COUNT};
static const enum stage_id by_route[] = {STAGE_TTL,	 STAGE_LOOKUP, STAGE_ROUTE,
					 STAGE_TRANSMIT, STAGE_SEND,   STAGE_COUNT};
static const enum stage_id by_tunnel[] = {STAGE_TTL,	  STAGE_LOOKUP, STAGE_FIT,  STAGE_PUSH,
					  STAGE_TRANSMIT, STAGE_SEND,	STAGE_COUNT};

static void
packet_is_followed_after_its_tunnel_was_stripped(void **state)
{
	struct trace_reader reader;
	struct fixture *f = bound(CARE_OF, &reader);
	struct trace_record first, last;

	send_from_mobile(f, MOBILE_PORT);
	first = next_record(f, &reader);
	assert_int_equal(first.code, STAGE_ETHER_INPUT);
	assert_int_equal(first.src, CARE_OF);
	assert_int_equal(first.dst, X_HA);
	assert_int_equal(first.protocol, IP_PROTOCOL_UDP);
	assert_int_equal(first.src_port_be, htobe16(MOBILE_PORT));
	assert_int_equal(first.dst_port_be, htobe16(434));
	assert_int_equal(first.origin, ORIGIN_EXTERNAL);
	assert_int_equal(first.port, EXTERNAL);
	assert_stages(f, &reader, arrival + 1);
	assert_stages(f, &reader, tunnel_end);
	last = assert_stages(f, &reader, by_route);
	assert_int_equal(last.src, HOME);
	assert_int_equal(last.dst, OFFICE_HOST);
	assert_int_equal(last.len, 120);
	assert_int_equal(last.port, INTERNAL);
	assert_int_equal(last.packet, first.packet);
	assert_true(last.tsc >= first.tsc);
	assert_nothing_recorded(f, &reader);
	discard_sent(f, INTERNAL);
	fixture_end(f);
}

static void
packet_is_followed_from_where_it_first_has_the_address(void **state)
{
	struct trace_reader reader;
	struct fixture *f = bound(HOME, &reader);
	static const enum stage_id match[] = {STAGE_MATCH, STAGE_COUNT};

	send_from_mobile(f, MOBILE_PORT);
	assert_stages(f, &reader, match);
	assert_stages(f, &reader, by_route);
	assert_nothing_recorded(f, &reader);
	discard_sent(f, INTERNAL);
	fixture_end(f);
}

static void
packet_to_the_mobile_is_followed_into_its_tunnel(void **state)
{
	struct trace_reader reader;
	struct fixture *f = bound(HOME, &reader);
	struct trace_record last;

	send_to_mobile(f, 100);
	assert_stages(f, &reader, arrival);
	last = assert_stages(f, &reader, by_tunnel);
	assert_int_equal(last.dst, CARE_OF);
	assert_int_equal(last.port, EXTERNAL);
	assert_nothing_recorded(f, &reader);
	discard_sent(f, EXTERNAL);
	fixture_end(f);
}

static void
reason_of_a_drop_is_recorded(void **state)
{
	struct trace_reader reader;
	struct fixture *f = bound(CARE_OF, &reader);
	struct trace_record stripped, dropped;

	send_from_mobile(f, MOBILE_PORT + 1);
	assert_stages(f, &reader, arrival);
	stripped = assert_stages(f, &reader, tunnel_end);
	dropped = next_record(f, &reader);
	assert_int_equal(dropped.event, TRACE_DROP);
	assert_int_equal(dropped.code, DROP_TUNNEL_WRONG_PORT);
	assert_int_equal(dropped.packet, stripped.packet);
	assert_nothing_recorded(f, &reader);
	assert_drops(f, DROP_TUNNEL_WRONG_PORT, 1);
	fixture_end(f);
}

static void
drop_that_is_told_by_icmp_is_recorded_and_so_is_the_punt(void **state)
{
	struct trace_reader reader;
	struct fixture *f = bound(OFFICE_HOST, &reader);
	struct trace_record record;
	struct packet punted;
	struct craft packet;

	craft_plain(&packet, OFFICE_HOST, HOME, 100);
	craft_at(&packet)[8] = 1;
	craft_ip_checksum(craft_at(&packet));
	fixture_send(f, INTERNAL, &packet);
	fixture_run(f);
	assert_stages(f, &reader, arrival);
	record = next_record(f, &reader);
	assert_int_equal(record.code, STAGE_TTL);
	record = next_record(f, &reader);
	assert_int_equal(record.event, TRACE_DROP);
	assert_int_equal(record.code, DROP_IP_TTL);
	record = next_record(f, &reader);
	assert_int_equal(record.event, TRACE_PUNT);
	assert_int_equal(record.code, PUNT_ICMP_ERROR);
	assert_punted(f, PUNT_ICMP_ERROR, &punted, &packet);
	assert_drops(f, DROP_IP_TTL, 1);
	fixture_end(f);
}

static void
fragments_bear_the_number_of_the_packet(void **state)
{
	struct trace_reader reader;
	struct fixture *f = bound(HOME, &reader);
	static const enum stage_id until_fit[] = {STAGE_TTL, STAGE_LOOKUP, STAGE_FIT, STAGE_COUNT};
	static const enum stage_id sent[] = {STAGE_SEND, STAGE_COUNT};
	uint32_t number;

	send_to_mobile(f, 1500);
	assert_stages(f, &reader, arrival);
	number = assert_stages(f, &reader, until_fit).packet;
	assert_int_equal(assert_stages(f, &reader, sent).packet, number);
	assert_int_equal(assert_stages(f, &reader, sent).packet, number);
	assert_nothing_recorded(f, &reader);
	discard_sent(f, EXTERNAL);
	discard_sent(f, EXTERNAL);
	fixture_end(f);
}

static void
copies_bear_the_number_of_the_packet(void **state)
{
	struct trace_reader reader;
	struct fixture *f = bound(HOME, &reader);
	struct recipe_spec specs[] = {fixture_spec(TUNNEL_UDP_IPIP), fixture_spec(TUNNEL_UDP_IPIP)};
	struct trace_record record;
	unsigned sent = 0;
	uint32_t number;

	specs[1].layers[0].dst = OTHER_CARE_OF;
	fixture_bind(f, specs, 2);
	send_to_mobile(f, 100);
	number = assert_stages(f, &reader, arrival).packet;
	while (trace_read(f->workers[0]->trace, &reader, &record)) {
		assert_int_equal(record.packet, number);
		sent += record.event == TRACE_STAGE && record.code == STAGE_SEND;
	}
	assert_int_equal(sent, 2);
	discard_sent(f, EXTERNAL);
	discard_sent(f, EXTERNAL);
	fixture_end(f);
}

static void
other_packets_are_not_recorded(void **state)
{
	static const be32 addresses[] = {0, OTHER_HOME};

	for (unsigned i = 0; i < ARRAY_COUNT(addresses); i++) {
		struct trace_reader reader;
		struct fixture *f = bound(addresses[i], &reader);

		send_from_mobile(f, MOBILE_PORT + 1);
		assert_nothing_recorded(f, &reader);
		assert_drops(f, DROP_TUNNEL_WRONG_PORT, 1);
		send_to_mobile(f, 100);
		assert_nothing_recorded(f, &reader);
		discard_sent(f, EXTERNAL);
		fixture_end(f);
	}
}

static void
each_packet_has_a_number_of_its_own(void **state)
{
	struct trace_reader reader;
	struct fixture *f = bound(HOME, &reader);
	uint32_t number;

	send_to_mobile(f, 100);
	send_to_mobile(f, 100);
	assert_stages(f, &reader, arrival);
	number = assert_stages(f, &reader, by_tunnel).packet;
	assert_int_not_equal(assert_stages(f, &reader, arrival).packet, number);
	discard_sent(f, EXTERNAL);
	discard_sent(f, EXTERNAL);
	fixture_end(f);
}

static void
overwritten_records_are_counted_as_lost(void **state)
{
	struct trace_reader reader;
	struct fixture *f = bound(HOME, &reader);
	const unsigned records = ARRAY_COUNT(arrival) - 1 + ARRAY_COUNT(by_tunnel) - 1;
	const unsigned packets = TRACE_RECORDS / records + 1;
	struct trace_record record;
	unsigned read = 0;

	for (unsigned i = 0; i < packets; i++) {
		send_to_mobile(f, 100);
		discard_sent(f, EXTERNAL);
	}
	while (trace_read(f->workers[0]->trace, &reader, &record))
		read++;
	assert_int_equal(read, TRACE_RECORDS);
	assert_int_equal(reader.lost, packets * records - TRACE_RECORDS);
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_is_followed_after_its_tunnel_was_stripped),
		cmocka_unit_test(packet_is_followed_from_where_it_first_has_the_address),
		cmocka_unit_test(packet_to_the_mobile_is_followed_into_its_tunnel),
		cmocka_unit_test(reason_of_a_drop_is_recorded),
		cmocka_unit_test(drop_that_is_told_by_icmp_is_recorded_and_so_is_the_punt),
		cmocka_unit_test(fragments_bear_the_number_of_the_packet),
		cmocka_unit_test(copies_bear_the_number_of_the_packet),
		cmocka_unit_test(other_packets_are_not_recorded),
		cmocka_unit_test(each_packet_has_a_number_of_its_own),
		cmocka_unit_test(overwritten_records_are_counted_as_lost),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
