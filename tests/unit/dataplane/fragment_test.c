/* SPDX-License-Identifier: BSD-3-Clause */
/* Packets cut into fragments, put together again by a receiver of the test's own, octet by octet as RFC 791
 * section 3.2 says it. */
#include "tests/unit/dataplane/fixture.h"

#include "dataplane/fragment.h"

#define PAYLOAD_MAX 8200

/* What a receiver has of one packet. */
struct receiver {
	uint8_t data[65536];
	bool has[65536];
	uint32_t total_len; /* 0: the last fragment has not come */
	uint32_t came_len;
};

static struct receiver receiver;

static void
receive(const uint8_t *bytes, uint32_t len)
{
	uint32_t size = (bytes[0] & 0x0fu) * 4, field = (uint32_t)bytes[6] << 8 | bytes[7];
	uint32_t at = (field & 0x1fff) * 8;

	assert_int_equal(bytes[0] >> 4, 4);
	assert_int_equal(bytes[2] << 8 | bytes[3], len);
	assert_int_equal(craft_sum(0, bytes, size), 0);
	assert_true(at + (len - size) <= 65535);
	for (uint32_t i = size; i < len; i++, at++) {
		assert_false(receiver.has[at]); /* nothing comes twice */
		receiver.has[at] = true;
		receiver.data[at] = bytes[i];
		receiver.came_len++;
	}
	if ((field & 0x2000) == 0) {
		assert_int_equal(receiver.total_len, 0);
		receiver.total_len = at;
	} else {
		assert_int_equal((len - size) % 8, 0);
	}
}

static struct craft_ip
header(uint16_t fragment)
{
	return (struct craft_ip){.src = OFFICE_HOST,
				 .dst = HOME,
				 .protocol = 17,
				 .id = 0xbeef,
				 .ttl = 17,
				 .tos = 0xb9,
				 .fragment = fragment};
}

/* Cuts the packet, lets the receiver have the pieces, and returns how many there were. */
static unsigned
cut_and_receive(struct fixture *f, struct craft *packet, uint32_t segment_len, uint16_t mtu)
{
	struct rte_mbuf *mbuf = fixture_mbuf(f, packet, segment_len, segment_len);
	struct rte_mbuf *fragments[FRAGMENTS_MAX];
	uint8_t bytes[CRAFT_SIZE];
	uint16_t count;

	memset(&receiver, 0, sizeof(receiver));
	*packet_of(mbuf) = (struct packet){.origin = ORIGIN_VPN, .port = 1, .next_hop = 3};
	assert_true(packet_has(mbuf, (uint16_t)((craft_at(packet)[0] & 0x0f) * 4)));
	count = fragment(f->workers[0], mbuf, mtu, fragments);
	for (uint16_t i = 0; i < count; i++) {
		uint32_t len = rte_pktmbuf_pkt_len(fragments[i]);

		rte_mbuf_sanity_check(fragments[i], 1);
		assert_int_equal(fragments[i]->nb_segs, 1);
		assert_true(len <= mtu);
		assert_true(rte_pktmbuf_headroom(fragments[i]) >= RECIPE_HEADROOM);
		assert_int_equal(packet_of(fragments[i])->origin, ORIGIN_VPN);
		assert_int_equal(packet_of(fragments[i])->port, 1);
		assert_int_equal(packet_of(fragments[i])->next_hop, 3);
		memcpy(bytes, rte_pktmbuf_mtod(fragments[i], uint8_t *), len);
		receive(bytes, len);
		/* ID, TTL, protocol, TOS and addresses are the packet's */
		assert_int_equal(bytes[1], craft_at(packet)[1]);
		assert_memory_equal(bytes + 4, craft_at(packet) + 4, 2);
		assert_memory_equal(bytes + 8, craft_at(packet) + 8, 2);
		assert_memory_equal(bytes + 12, craft_at(packet) + 12, 8);
		rte_pktmbuf_free(fragments[i]);
	}
	return count;
}

static void
fragments_make_the_packet_whatever_its_segments(void **state)
{
	static const uint32_t lens[] = {1, 7, 8, 9, 1480, 1481, 2900, PAYLOAD_MAX};
	static const uint16_t mtus[] = {92, 576, 1280, 1374, 1406, 1500, 1999};
	static const uint32_t segment_lens[] = {0, 61, 500, 1333};
	struct fixture *f = fixture_new(1);
	struct craft payload, packet;

	for (unsigned l = 0; l < ARRAY_COUNT(lens); l++)
		for (unsigned m = 0; m < ARRAY_COUNT(mtus); m++)
			for (unsigned s = 0; s < ARRAY_COUNT(segment_lens); s++) {
				struct craft_ip ip = header(0);
				uint32_t piece = (mtus[m] - 20u) / 8 * 8;

				if (lens[l] > piece * FRAGMENTS_MAX)
					continue;
				craft_payload(&payload, lens[l]);
				packet = payload;
				craft_ip(&packet, &ip);
				assert_int_equal(
					cut_and_receive(f, &packet, segment_lens[s], mtus[m]),
					(lens[l] + piece - 1) / piece);
				assert_int_equal(receiver.total_len, lens[l]);
				assert_int_equal(receiver.came_len, lens[l]);
				assert_memory_equal(receiver.data, craft_at(&payload), lens[l]);
			}
	fixture_end(f);
}

static void
a_fragment_is_cut_again_at_its_place(void **state)
{
	static const struct {
		uint16_t offset, more;
	} cases[] = {{0, IP_FLAG_MF}, {100, IP_FLAG_MF}, {100, 0}, {7900, 0}};
	struct fixture *f = fixture_new(1);
	struct craft payload, packet;

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct craft_ip ip = header(cases[i].offset | cases[i].more);
		uint32_t begin = cases[i].offset * 8u;

		craft_payload(&payload, 1600);
		packet = payload;
		craft_ip(&packet, &ip);
		assert_int_equal(cut_and_receive(f, &packet, 0, 900), 2);
		assert_int_equal(receiver.came_len, 1600);
		assert_int_equal(receiver.total_len, cases[i].more ? 0 : begin + 1600);
		assert_memory_equal(receiver.data + begin, craft_at(&payload), 1600);
	}
	fixture_end(f);
}

/* RFC 791 section 3.1: each option says by its first bit whether it is in all fragments. */
static void
later_fragments_have_the_copied_options_only(void **state)
{
	static const uint8_t security[] = {130, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9};
	static const uint8_t copied[16] = {130, 11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 148, 4};
	struct fixture *f = fixture_new(1);
	struct rte_mbuf *mbuf, *fragments[FRAGMENTS_MAX];
	struct craft_ip ip = header(0);
	struct craft packet;
	uint16_t count;

	/* record route (not copied), no operation, security, timestamp (not copied), router alert */
	memcpy(ip.options, (uint8_t[]){7, 7, 4, 0, 0, 0, 0, 1}, 8);
	memcpy(ip.options + 8, security, sizeof(security));
	memcpy(ip.options + 19, (uint8_t[]){68, 4, 5, 0, 148, 4, 0, 0, 0}, 9);
	ip.options_len = 28;
	craft_payload(&packet, 1000);
	craft_ip(&packet, &ip);
	mbuf = fixture_mbuf(f, &packet, 0, 0);
	count = fragment(f->workers[0], mbuf, 500, fragments);
	assert_int_equal(count, 3);
	for (uint16_t i = 0; i < count; i++) {
		const uint8_t *bytes = rte_pktmbuf_mtod(fragments[i], uint8_t *);

		if (i == 0) {
			assert_int_equal(bytes[0], 0x4c);
			assert_memory_equal(bytes + 20, ip.options, 28);
			assert_int_equal(fragments[i]->pkt_len, 48 + 448);
		} else {
			assert_int_equal(bytes[0], 0x49);
			assert_memory_equal(bytes + 20, copied, sizeof(copied));
		}
		assert_int_equal(craft_sum(0, bytes, (bytes[0] & 0x0fu) * 4), 0);
		rte_pktmbuf_free(fragments[i]);
	}
	fixture_end(f);
}

static void
malformed_options_are_not_read_beyond(void **state)
{
	static const uint8_t options[][4] = {{0x94, 0, 0, 0},
					     {0x94, 1, 0, 0},
					     {0x94, 5, 0, 0},
					     {1, 1, 1, 0x94},
					     {0xff, 0xff, 9, 9}};
	struct fixture *f = fixture_new(1);
	struct craft payload, packet;

	for (unsigned i = 0; i < ARRAY_COUNT(options); i++) {
		struct craft_ip ip = header(0);

		memcpy(ip.options, options[i], 4);
		ip.options_len = 4;
		craft_payload(&payload, 1000);
		packet = payload;
		craft_ip(&packet, &ip);
		assert_int_equal(cut_and_receive(f, &packet, 0, 576), 2);
		assert_int_equal(receiver.total_len, 1000);
		assert_memory_equal(receiver.data, craft_at(&payload), 1000);
	}
	fixture_end(f);
}

static void
what_cannot_be_cut_is_dropped_and_counted(void **state)
{
	static const struct {
		uint32_t payload_len;
		uint16_t fragment, mtu;
		uint8_t options_len;
	} cases[] = {
		{1000, IP_FLAG_DF, 576, 0},
		{1000, 0, 27, 0},     /* no room for eight octets */
		{1000, 0, 40, 40},    /* nor for the header */
		{8200, 0, 83, 0},     /* more than FRAGMENTS_MAX */
		{1600, 8100, 900, 0}, /* would end beyond 65,535: the "ping of death" */
		{1600, 8100 | IP_FLAG_MF, 900, 0},
	};
	struct fixture *f = fixture_new(1);
	struct craft packet;

	for (unsigned i = 0; i < ARRAY_COUNT(cases); i++) {
		struct craft_ip ip = header(cases[i].fragment);

		memset(ip.options, 1, sizeof(ip.options));
		ip.options_len = cases[i].options_len;
		craft_payload(&packet, cases[i].payload_len);
		craft_ip(&packet, &ip);
		assert_int_equal(cut_and_receive(f, &packet, 0, cases[i].mtu), 0);
		assert_drops(f, DROP_FRAGMENT_FAILED, 1);
	}
	fixture_end(f);
}

static void
when_buffers_run_out_no_fragment_is_left(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft_ip ip = header(0);
	static struct rte_mbuf *held[8192];
	struct rte_mbuf *mbuf, *fragments[FRAGMENTS_MAX];
	struct craft packet;
	unsigned count = 0;

	craft_payload(&packet, 1400);
	craft_ip(&packet, &ip);
	mbuf = fixture_mbuf(f, &packet, 0, 0);
	while (count < ARRAY_COUNT(held) && (held[count] = rte_pktmbuf_alloc(f->pool)) != NULL)
		count++;
	rte_pktmbuf_free(held[--count]); /* one is there, two are needed */
	assert_int_equal(fragment(f->workers[0], mbuf, 1000, fragments), 0);
	assert_int_equal(rte_mempool_avail_count(f->pool), 2);
	rte_pktmbuf_free_bulk(held, count);
	assert_drops(f, DROP_FRAGMENT_FAILED, 1);
	fixture_end(f);
}

static void
a_copy_has_the_bytes_and_room_for_the_deepest_recipe(void **state)
{
	static const uint32_t segment_lens[] = {0, 20, 700};
	static const uint32_t lens[] = {20, 1500, 2016, 2017, 8000};
	struct fixture *f = fixture_new(1);
	uint8_t seen[CRAFT_SIZE];
	struct craft bytes;

	for (unsigned i = 0; i < ARRAY_COUNT(segment_lens); i++)
		for (unsigned l = 0; l < ARRAY_COUNT(lens); l++) {
			struct rte_mbuf *mbuf, *copy;
			const void *at;

			craft_payload(&bytes, lens[l]);
			mbuf = fixture_mbuf(f, &bytes, segment_lens[i], segment_lens[i]);
			*packet_of(mbuf) = (struct packet){.origin = ORIGIN_VPN, .next_hop = 7};
			copy = packet_copy(mbuf, f->pool);
			rte_pktmbuf_free(mbuf);
			assert_non_null(copy);
			rte_mbuf_sanity_check(copy, 1);
			assert_true(rte_pktmbuf_headroom(copy) >= RECIPE_HEADROOM);
			assert_int_equal(rte_pktmbuf_pkt_len(copy), lens[l]);
			at = rte_pktmbuf_read(copy, 0, lens[l], seen);
			assert_memory_equal(at, craft_at(&bytes), lens[l]);
			assert_int_equal(packet_of(copy)->origin, ORIGIN_VPN);
			assert_int_equal(packet_of(copy)->next_hop, 7);
			rte_pktmbuf_free(copy);
		}
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragments_make_the_packet_whatever_its_segments),
		cmocka_unit_test(a_fragment_is_cut_again_at_its_place),
		cmocka_unit_test(later_fragments_have_the_copied_options_only),
		cmocka_unit_test(malformed_options_are_not_read_beyond),
		cmocka_unit_test(what_cannot_be_cut_is_dropped_and_counted),
		cmocka_unit_test(when_buffers_run_out_no_fragment_is_left),
		cmocka_unit_test(a_copy_has_the_bytes_and_room_for_the_deepest_recipe),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
