/* SPDX-License-Identifier: BSD-3-Clause */
/* Headers made contiguous and packets cut, whatever their segments. */
#include "tests/unit/dataplane/fixture.h"

#include <errno.h>

#define LEN 60u

static void
assert_bytes(struct rte_mbuf *mbuf, struct craft *bytes, uint32_t len)
{
	uint8_t copy[CRAFT_SIZE];
	const void *at = rte_pktmbuf_read(mbuf, 0, len, copy);

	rte_mbuf_sanity_check(mbuf, 1);
	assert_int_equal(rte_pktmbuf_pkt_len(mbuf), len);
	assert_memory_equal(at, craft_at(bytes), len);
}

static void
any_number_of_bytes_is_gathered_from_any_segments(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft bytes;

	craft_payload(&bytes, LEN);
	for (uint32_t first = 1; first < LEN; first += 4)
		for (uint32_t rest = 1; rest < LEN; rest += 5)
			for (uint16_t len = 1; len <= LEN; len++) {
				struct rte_mbuf *mbuf = fixture_mbuf(f, &bytes, first, rest);

				assert_true(packet_has(mbuf, len));
				assert_true(rte_pktmbuf_data_len(mbuf) >= len);
				assert_bytes(mbuf, &bytes, LEN);
				rte_pktmbuf_free(mbuf);
			}
	fixture_end(f);
}

static void
more_than_there_is_is_not_gathered(void **state)
{
	struct fixture *f = fixture_new(1);
	struct rte_mbuf *mbuf;
	struct craft bytes;

	craft_payload(&bytes, LEN);
	mbuf = fixture_mbuf(f, &bytes, 20, 20);
	assert_int_equal(packet_gather(mbuf, LEN + 1), -EMSGSIZE);
	assert_bytes(mbuf, &bytes, LEN);
	rte_pktmbuf_free(mbuf);
	fixture_end(f);
}

static void
segment_without_room_is_left_alone(void **state)
{
	struct fixture *f = fixture_new(1);
	struct rte_mbuf *mbuf;
	struct craft bytes;

	craft_payload(&bytes, 2000);
	mbuf = fixture_mbuf(f, &bytes, 1000, 1000);
	rte_pktmbuf_adj(mbuf, 990);
	mbuf->data_off = (uint16_t)(mbuf->buf_len - 10); /* its last ten bytes */
	assert_int_equal(packet_gather(mbuf, 11), -EMSGSIZE);
	assert_int_equal(rte_pktmbuf_data_len(mbuf), 10);
	rte_pktmbuf_free(mbuf);
	fixture_end(f);
}

static void
shared_buffer_is_not_written_to(void **state)
{
	struct fixture *f = fixture_new(1);
	struct rte_mbuf *mbuf, *clone;
	struct craft bytes;

	craft_payload(&bytes, LEN);
	mbuf = fixture_mbuf(f, &bytes, 20, 20);
	clone = rte_pktmbuf_clone(mbuf, f->pool);
	assert_int_equal(packet_gather(clone, 30), -EMSGSIZE);
	assert_int_equal(packet_gather(mbuf, 30), -EMSGSIZE);
	assert_bytes(clone, &bytes, LEN);
	rte_pktmbuf_free(clone);
	assert_int_equal(packet_gather(mbuf, 30), 0);
	rte_pktmbuf_free(mbuf);
	fixture_end(f);
}

static void
packet_is_cut_to_any_length(void **state)
{
	struct fixture *f = fixture_new(1);
	struct craft bytes;

	craft_payload(&bytes, LEN);
	for (uint32_t first = 1; first <= LEN; first += 7)
		for (uint32_t len = 1; len <= LEN + 10; len++) {
			struct rte_mbuf *mbuf = fixture_mbuf(f, &bytes, first, 9);

			packet_trim(mbuf, len);
			assert_bytes(mbuf, &bytes, RTE_MIN(len, LEN));
			rte_pktmbuf_free(mbuf);
		}
	fixture_end(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_number_of_bytes_is_gathered_from_any_segments),
		cmocka_unit_test(more_than_there_is_is_not_gathered),
		cmocka_unit_test(segment_without_room_is_left_alone),
		cmocka_unit_test(shared_buffer_is_not_written_to),
		cmocka_unit_test(packet_is_cut_to_any_length),
	};

	return cmocka_run_group_tests(tests, fixture_start, NULL);
}
