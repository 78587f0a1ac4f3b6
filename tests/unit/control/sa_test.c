/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/sa.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/control/sa_fixture.h"

static void
an_spi_carries_its_slot_and_another_generation_each_time(void **state)
{
	struct sa_fixture *f = *state;
	be32 before[3 * SAS_MAX];
	unsigned count = 0;

	for (unsigned round = 0; round < 3; round++) {
		be32 spi_be[SAS_MAX];
		uint32_t slots = 0;

		for (unsigned i = 0; i < SAS_MAX; i++) {
			spi_be[i] = sa_spi_get(f, PEER(i));
			assert_true(be32toh(spi_be[i]) > ESP_SPI_RESERVED);
			for (unsigned j = 0; j < count; j++)
				assert_int_not_equal(spi_be[i], before[j]);
			before[count++] = spi_be[i];
			slots |= 1u << sa_spi_slot(be32toh(spi_be[i]), SAS_MAX);
		}
		assert_int_equal(slots, (1u << SAS_MAX) - 1);
		for (unsigned i = 0; i < SAS_MAX; i++) {
			struct ike_sa_id id = sa_id(PEER(i), GATEWAY, spi_be[i]);

			assert_int_equal(sa_remove(f->sas, &id, f->now), IKE_STATUS_OK);
		}
	}
}

static void
spis_run_out_and_unused_ones_come_back(void **state)
{
	struct sa_fixture *f = *state;
	struct ike_get_spi ask = {.src = PEER(1), .dst = GATEWAY};
	be32 spi_be;

	for (unsigned i = 0; i < SAS_MAX; i++)
		sa_spi_get(f, PEER(1));
	assert_int_equal(sa_get_spi(f->sas, &ask, EPOCH, &spi_be), IKE_STATUS_FULL);
	sa_fixture_pass(f, 160);
	assert_int_equal(sa_get_spi(f->sas, &ask, EPOCH, &spi_be), IKE_STATUS_FULL);
	sa_fixture_pass(f, 10);
	assert_int_equal(sa_get_spi(f->sas, &ask, EPOCH, &spi_be), IKE_STATUS_OK);
	assert_int_equal(sa_count(f->sas), 0);
}

static void
hear_no_change(be32 tia, struct mono_time now, void *context)
{
}

static enum ike_status
one_more(struct sa_table *sas, be32 tia, struct mono_time now)
{
	struct ike_get_spi ask = {.src = PEER(1), .dst = GATEWAY};
	struct ike_add_sa add;
	be32 spi_be;

	assert_int_equal(sa_get_spi(sas, &ask, EPOCH, &spi_be), IKE_STATUS_OK);
	add = sa_inbound(spi_be, PEER(1), tia);
	return sa_add(sas, &add, EPOCH, now);
}

static void
one_mobile_does_not_take_all_sas(void **state)
{
	struct sa_fixture *f = *state;
	struct config config = f->config;
	const struct sa_context context = {
		.config = &config,
		.publisher = f->publisher,
		.tunnel_changed = hear_no_change,
	};
	struct sa_table *sas;

	config.vpn.sas_max = 64;
	sas = sa_table_create(&context, f->now);
	assert_non_null(sas);
	for (unsigned i = 0; i < 32; i++)
		assert_int_equal(one_more(sas, TIA(1), f->now), IKE_STATUS_OK);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(one_more(sas, TIA(1), f->now), IKE_STATUS_FULL);
	assert_int_equal(sa_count(sas), 32);
	assert_int_equal(one_more(sas, TIA(2), f->now), IKE_STATUS_OK);
	sa_flush(sas, f->now);
	sa_table_destroy(sas);
}

static void
an_sa_that_was_added_does_not_time_out_as_an_spi(void **state)
{
	struct sa_fixture *f = *state;
	be32 spi_be = sa_spi_get(f, PEER(1));
	struct ike_add_sa in = sa_inbound(spi_be, PEER(1), TIA(1));

	sa_fixture_pass(f, 100);
	assert_int_equal(sa_add(f->sas, &in, EPOCH, f->now), IKE_STATUS_OK);
	sa_fixture_pass(f, 300);
	assert_non_null(sa_live(f, spi_be, GATEWAY));
}

static void
what_workers_get_is_what_charon_asked_for(void **state)
{
	struct sa_fixture *f = *state;
	be32 spi_be = sa_spi_get(f, PEER(1));
	struct ike_add_sa in = sa_inbound(spi_be, PEER(1), TIA(1));
	union sa_peer peer;
	const struct sa *sa;

	in.flags |= IKE_SA_UDP | IKE_SA_ESN;
	in.src_port_be = htobe16(33000);
	in.dst_port_be = htobe16(4500);
	in.lifetime.hard_bytes = 5000;
	assert_int_equal(sa_add(f->sas, &in, EPOCH, f->now), IKE_STATUS_OK);
	sa = sa_live(f, spi_be, GATEWAY);
	assert_non_null(sa);
	peer.word = sa->peer;
	assert_int_equal(peer.address, PEER(1));
	assert_int_equal(peer.port_be, htobe16(33000));
	assert_int_equal(sa->tia, TIA(1));
	assert_int_equal(sa->flags, SA_ESN | SA_INBOUND | SA_ANY_REMOTE);
	assert_int_equal(sa->window.size_bits, 1024);
	assert_int_equal(sa->hard_bytes, 5000);
	assert_true(sa->hard_packets == UINT64_MAX);
	assert_int_equal(sa->owner, SA_OWNER_NONE);
	assert_int_equal(sa->slot, sa_spi_slot(be32toh(spi_be), SAS_MAX));
	assert_int_equal(sa->iv_size, 8);
	assert_int_equal(sa->remote_count + sa->local_count, 0);
}

static void
narrow_selectors_are_to_be_looked_at(void **state)
{
	struct sa_fixture *f = *state;
	be32 spi_be = sa_spi_get(f, PEER(1));
	struct ike_add_sa in = sa_inbound(spi_be, PEER(1), TIA(1));

	in.dst_selectors[0].protocol = 6;
	assert_int_equal(sa_add(f->sas, &in, EPOCH, f->now), IKE_STATUS_OK);
	assert_int_equal(sa_live(f, spi_be, GATEWAY)->flags, SA_INBOUND);
	assert_int_equal(sa_remote(sa_live(f, spi_be, GATEWAY))->first, be32toh(TIA(1)));
	assert_int_equal(sa_local(sa_live(f, spi_be, GATEWAY))->protocol, 6);
}

static const struct {
	uint32_t asked, configured, got;
} windows[] = {
	{32, 1024, 1024}, {2048, 1024, 2048}, {0, 1024, 0}, {5, 0, 32}, {100000, 32, 4096},
};

static void
replay_windows_are_the_larger_of_asked_and_configured(void **state)
{
	struct sa_fixture *f = *state;

	for (unsigned i = 0; i < ARRAY_COUNT(windows); i++) {
		be32 spi_be = sa_spi_get(f, PEER(1));
		struct ike_add_sa in = sa_inbound(spi_be, PEER(1), TIA(1));

		in.replay_window = windows[i].asked;
		f->config.vpn.replay_window = windows[i].configured;
		assert_int_equal(sa_add(f->sas, &in, EPOCH, f->now), IKE_STATUS_OK);
		assert_int_equal(sa_live(f, spi_be, GATEWAY)->window.size_bits, windows[i].got);
	}
}

static const struct {
	uint16_t encryption, encryption_size, integrity, integrity_size;
	int suite; /* -1: none */
} transforms[] = {
	{20, 20, 1024, 0, ESP_AES128_GCM16},
	{20, 28, 0, 0, ESP_AES192_GCM16},
	{20, 36, 1024, 0, ESP_AES256_GCM16},
	{28, 36, 1024, 0, ESP_CHACHA20_POLY1305},
	{12, 16, 2, 20, ESP_AES128_CBC_SHA1_96},
	{12, 32, 12, 32, ESP_AES256_CBC_SHA256_128},
	{12, 32, 14, 64, ESP_AES256_CBC_SHA512_256},
	{11, 0, 12, 32, ESP_NULL_SHA256_128},
	{12, 24, 12, 32, -1},
	{12, 16, 12, 20, -1},
	{12, 16, 1024, 0, -1},
	{20, 16, 1024, 0, -1},
	{20, 20, 12, 32, -1},
	{20, 65535, 1024, 65535, -1},
	{3, 24, 2, 20, -1},
};

static void
transforms_lead_to_suites(void **state)
{
	struct sa_fixture *f = *state;

	for (unsigned i = 0; i < ARRAY_COUNT(transforms); i++) {
		struct ike_add_sa out = sa_outbound(1000 + i, PEER(1), TIA(1));
		struct ike_sa_id id = out.id;
		struct sa_view view;

		out.encryption = transforms[i].encryption;
		out.encryption_key_size = transforms[i].encryption_size;
		out.integrity = transforms[i].integrity;
		out.integrity_key_size = transforms[i].integrity_size;
		if (transforms[i].suite < 0) {
			assert_int_equal(sa_add(f->sas, &out, EPOCH, f->now),
					 IKE_STATUS_NOT_SUPPORTED);
			continue;
		}
		assert_int_equal(sa_add(f->sas, &out, EPOCH, f->now), IKE_STATUS_OK);
		assert_true(sa_find(f->sas, id.spi_be, 0, &view));
		assert_int_equal(view.suite, transforms[i].suite);
		sa_remove(f->sas, &id, f->now);
	}
}

static void
hostile_messages_are_refused(void **state)
{
	struct sa_fixture *f = *state;
	be32 spi_be = sa_spi_get(f, PEER(1));
	struct ike_add_sa in = sa_inbound(spi_be, PEER(1), TIA(1));
	struct ike_add_sa bad = in;
	struct sa_view view;

	bad.src_selector_count = TRAFFIC_SELECTORS_MAX + 1;
	assert_int_equal(sa_add(f->sas, &bad, EPOCH, f->now), IKE_STATUS_NOT_SUPPORTED);
	bad = in;
	bad.dst_selector_count = UINT32_MAX;
	assert_int_equal(sa_add(f->sas, &bad, EPOCH, f->now), IKE_STATUS_NOT_SUPPORTED);
	bad = in;
	bad.src_selector_count = 0;
	assert_int_equal(sa_add(f->sas, &bad, EPOCH, f->now), IKE_STATUS_NOT_SUPPORTED);
	bad = in;
	bad.flags |= IKE_SA_UDP; /* and no port */
	assert_int_equal(sa_add(f->sas, &bad, EPOCH, f->now), IKE_STATUS_NOT_SUPPORTED);
	bad = in;
	bad.id.spi_be ^= htobe32(SAS_MAX); /* another generation */
	assert_int_equal(sa_add(f->sas, &bad, EPOCH, f->now), IKE_STATUS_UNKNOWN);
	bad = sa_inbound(spi_be, PEER(1), I_HOA(1)); /* not a TIA */
	assert_int_equal(sa_add(f->sas, &bad, EPOCH, f->now), IKE_STATUS_NOT_SUPPORTED);
	memset(in.peer, 'x', sizeof(in.peer));
	assert_int_equal(sa_add(f->sas, &in, EPOCH, f->now), IKE_STATUS_OK);
	assert_true(sa_find(f->sas, spi_be, GATEWAY, &view));
	assert_int_equal(strlen(view.peer), sizeof(in.peer));
}

static void
an_identity_is_kept_once_for_all_sas_that_have_it(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	struct ike_add_sa other = sa_outbound(2000, PEER(1), TIA(1));
	struct sa_view in, out;

	assert_true(sa_find(f->sas, pair.in_be, GATEWAY, &in));
	assert_true(sa_find(f->sas, pair.out_be, PEER(1), &out));
	assert_ptr_equal(in.peer, out.peer);
	strcpy(other.peer, "mobile@example.com");
	assert_int_equal(sa_add(f->sas, &other, EPOCH, f->now), IKE_STATUS_OK);
	sa_disconnect(f, (struct sa_pair){pair.in_be, 0}, PEER(1), TIA(1));
	assert_true(sa_find(f->sas, pair.out_be, PEER(1), &out));
	assert_string_equal(out.peer, "mobile@example.org");
	assert_true(sa_find(f->sas, other.id.spi_be, PEER(1), &out));
	assert_string_equal(out.peer, "mobile@example.com");
}

static void
an_sa_that_is_there_keeps_its_key(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	struct ike_add_sa in = sa_inbound(pair.in_be, PEER(1), TIA(1));
	struct ike_add_sa out = sa_outbound(1000, PEER(1), TIA(1));
	const struct sa *before = sa_live(f, pair.out_be, PEER(1));

	assert_int_equal(sa_add(f->sas, &in, EPOCH, f->now), IKE_STATUS_DUPLICATE);
	assert_int_equal(sa_add(f->sas, &out, EPOCH, f->now), IKE_STATUS_DUPLICATE);
	assert_ptr_equal(sa_live(f, pair.out_be, PEER(1)), before);
	assert_int_equal(fake_esp_keys(), 2);
}

static void
removal_of_what_is_unknown_is_fine(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);

	sa_disconnect(f, pair, PEER(1), TIA(1));
	sa_disconnect(f, pair, PEER(1), TIA(1));
	assert_int_equal(sa_count(f->sas), 0);
	assert_int_equal(fake_esp_keys(), 0);
	assert_null(sa_published(f, TIA(1)));
}

static void
no_key_no_sa(void **state)
{
	struct sa_fixture *f = *state;
	struct ike_add_sa out = sa_outbound(1000, PEER(1), TIA(1));

	fake_esp_fail(true);
	assert_int_equal(sa_add(f->sas, &out, EPOCH, f->now), IKE_STATUS_FAILED);
	assert_int_equal(sa_count(f->sas), 0);
	fake_esp_fail(false);
	assert_int_equal(sa_add(f->sas, &out, EPOCH, f->now), IKE_STATUS_OK);
}

static void
peers_may_choose_the_same_spi(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair a = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	struct sa_pair b = sa_connect(f, PEER(2), 0, TIA(2), 1000, EPOCH);

	assert_ptr_not_equal(sa_live(f, a.out_be, PEER(1)), sa_live(f, b.out_be, PEER(2)));
	sa_disconnect(f, a, PEER(1), TIA(1));
	assert_null(sa_live(f, a.out_be, PEER(1)));
	assert_non_null(sa_live(f, b.out_be, PEER(2)));
}

static void
a_move_changes_the_peer_and_nothing_else(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair pair = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	struct sa *in = sa_live(f, pair.in_be, GATEWAY), *out = sa_live(f, pair.out_be, PEER(1));
	union sa_peer peer;

	out->seq = 99;
	in->window.top = 55;
	assert_int_equal(sa_move(f, pair, PEER(1), PEER(2), 33000), IKE_STATUS_OK);
	assert_ptr_equal(sa_live(f, pair.in_be, GATEWAY), in);
	assert_ptr_equal(sa_live(f, pair.out_be, PEER(2)), out);
	assert_null(sa_live(f, pair.out_be, PEER(1)));
	peer.word = in->peer;
	assert_int_equal(peer.address, PEER(2));
	assert_int_equal(peer.port_be, htobe16(33000));
	assert_int_equal(out->seq, 99);
	assert_int_equal(in->window.top, 55);
	/* said again, and out of the NAT: ports are no UDP */
	assert_int_equal(sa_move(f, pair, PEER(1), PEER(2), 33000), IKE_STATUS_OK);
	assert_int_equal(sa_move(f, pair, PEER(2), PEER(3), 0), IKE_STATUS_OK);
	peer.word = in->peer;
	assert_int_equal(peer.port_be, 0);
	assert_int_equal(sa_move(f, (struct sa_pair){1, 2}, PEER(2), PEER(3), 0),
			 IKE_STATUS_UNKNOWN);
}

static void
a_move_does_not_take_the_place_of_another_sa(void **state)
{
	struct sa_fixture *f = *state;
	struct sa_pair a = sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	struct sa_pair b = sa_connect(f, PEER(2), 0, TIA(2), 1000, EPOCH);

	assert_int_equal(sa_move(f, a, PEER(1), PEER(2), 0), IKE_STATUS_NOT_SUPPORTED);
	assert_non_null(sa_live(f, a.out_be, PEER(1)));
	assert_non_null(sa_live(f, b.out_be, PEER(2)));
}

static bool
visit_two(const struct sa_view *view, void *context)
{
	unsigned *count = context;

	return (*count)++ < 2;
}

static void
sas_are_visited_in_portions(void **state)
{
	struct sa_fixture *f = *state;
	unsigned count = 0, rounds = 0;
	uint32_t at = 0;

	sa_connect(f, PEER(1), 0, TIA(1), 1000, EPOCH);
	sa_connect(f, PEER(2), 0, TIA(2), 1001, EPOCH);
	assert_int_equal(sa_count(f->sas), 4);
	do {
		count = 0;
		at = sa_for_each(f->sas, at, visit_two, &count);
		rounds++;
	} while (at != 0);
	assert_int_equal(rounds, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, sa_fixture_start, sa_fixture_stop)
		TEST(an_spi_carries_its_slot_and_another_generation_each_time),
		TEST(spis_run_out_and_unused_ones_come_back),
		TEST(one_mobile_does_not_take_all_sas),
		TEST(an_sa_that_was_added_does_not_time_out_as_an_spi),
		TEST(what_workers_get_is_what_charon_asked_for),
		TEST(narrow_selectors_are_to_be_looked_at),
		TEST(replay_windows_are_the_larger_of_asked_and_configured),
		TEST(transforms_lead_to_suites),
		TEST(hostile_messages_are_refused),
		TEST(an_identity_is_kept_once_for_all_sas_that_have_it),
		TEST(an_sa_that_is_there_keeps_its_key),
		TEST(removal_of_what_is_unknown_is_fine),
		TEST(no_key_no_sa),
		TEST(peers_may_choose_the_same_spi),
		TEST(a_move_changes_the_peer_and_nothing_else),
		TEST(a_move_does_not_take_the_place_of_another_sa),
		TEST(sas_are_visited_in_portions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
