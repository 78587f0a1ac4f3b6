/* SPDX-License-Identifier: BSD-3-Clause */
/* The live tables: what workers see is whole, and stays readable as long as they may look at it. */
#include "tests/unit/control/net_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>

#include "dataplane/recipe_table.h"

#define BINDINGS_MAX 64u
#define SAS_MAX 8u
#define ROUNDS 8320u /* many times what there is room for */

static struct publisher *publisher;

static int
start(void **state)
{
	static const struct publish_limits limits = {.worker_count = 2,
						     .bindings_max = BINDINGS_MAX,
						     .next_hops_max = 4,
						     .sas_max = SAS_MAX,
						     .socket = SOCKET_ID_ANY};

	publisher = publish_create(&limits);
	return publisher != NULL ? 0 : -1;
}

static int
stop(void **state)
{
	publish_destroy(publisher);
	return 0;
}

static struct recipe_spec
spec_of(uint32_t home, enum tunnel_kind kind)
{
	return (struct recipe_spec){
		.home_address = htobe32(0x0a090000 + home),
		.slot = home,
		.next_hop = 1,
		.link_mtu = 1500,
		.flags = RECIPE_REVERSE,
		.layer_count = 1,
		.layers = {{.kind = kind, .src = htobe32(0xc6336401), .dst = htobe32(0xcb007107)}},
	};
}

static void
publish_one(uint32_t home, enum tunnel_kind kind)
{
	struct recipe_spec spec = spec_of(home, kind);

	assert_int_equal(publish_recipes(publisher, &spec, 1), 0);
}

static struct rte_rcu_qsbr *
worker_online(void)
{
	struct rte_rcu_qsbr *qsbr = publish_tables(publisher)->qsbr;

	assert_int_equal(rte_rcu_qsbr_thread_register(qsbr, 0), 0);
	rte_rcu_qsbr_thread_online(qsbr, 0);
	return qsbr;
}

static void
worker_gone(struct rte_rcu_qsbr *qsbr)
{
	rte_rcu_qsbr_thread_offline(qsbr, 0);
	rte_rcu_qsbr_thread_unregister(qsbr, 0);
}

static void
recipe_is_found_by_control_and_by_workers(void **state)
{
	be32 addresses[2] = {htobe32(0x0a090001), htobe32(0x0a090002)};
	const struct recipe *recipes[2];

	publish_one(1, TUNNEL_IPIP);
	assert_int_equal(recipe_lookup(publish_tables(publisher)->recipes, addresses, 2, recipes),
			 1);
	assert_ptr_equal(recipes[0], publish_recipes_find(publisher, addresses[0]));
	assert_int_equal(recipes[0]->home_address, addresses[0]);
	assert_int_equal(recipes[0]->slot, 1);
	assert_null(publish_recipes_find(publisher, addresses[1]));
}

static void
replaced_recipe_stays_as_it_was_until_workers_are_quiescent(void **state)
{
	struct rte_rcu_qsbr *qsbr = worker_online();
	const struct recipe *old;
	struct recipe copy;

	publish_one(1, TUNNEL_IPIP);
	old = publish_recipes_find(publisher, htobe32(0x0a090001));
	memcpy(&copy, old, 64 * (size_t)recipe_lines(old));
	publish_one(1, TUNNEL_UDP_IPIP);
	for (uint32_t i = 2; i < BINDINGS_MAX; i++)
		publish_one(i, TUNNEL_IPIP);
	assert_ptr_not_equal(publish_recipes_find(publisher, htobe32(0x0a090001)), old);
	assert_int_equal(publish_reclaim(publisher), 1);
	assert_memory_equal(old, &copy, 64 * (size_t)recipe_lines(old));
	rte_rcu_qsbr_quiescent(qsbr, 0);
	assert_int_equal(publish_reclaim(publisher), 0);
	worker_gone(qsbr);
}

static void
recipe_that_comes_out_the_same_stays_where_it_is(void **state)
{
	struct recipe_spec chain[2] = {spec_of(9, TUNNEL_IPIP), spec_of(9, TUNNEL_UDP_GRE)};
	const struct recipe *before;

	chain[1].slot = 10;
	assert_int_equal(publish_recipes(publisher, chain, 2), 0);
	before = publish_recipes_find(publisher, chain[0].home_address);
	assert_int_equal(publish_recipes(publisher, chain, 2), 0);
	assert_ptr_equal(publish_recipes_find(publisher, chain[0].home_address), before);
	/* no matter which of them changes */
	chain[1].layers[0].dst_port_be = htobe16(99);
	assert_int_equal(publish_recipes(publisher, chain, 2), 0);
	assert_ptr_not_equal(publish_recipes_find(publisher, chain[0].home_address), before);
	before = publish_recipes_find(publisher, chain[0].home_address);
	assert_int_equal(publish_recipes(publisher, chain, 1), 0);
	assert_ptr_not_equal(publish_recipes_find(publisher, chain[0].home_address), before);
}

static void
removed_recipe_is_kept_as_long(void **state)
{
	struct rte_rcu_qsbr *qsbr = worker_online();

	publish_one(1, TUNNEL_UDP_GRE);
	publish_recipes_remove(publisher, htobe32(0x0a090001));
	assert_null(publish_recipes_find(publisher, htobe32(0x0a090001)));
	assert_int_equal(publish_reclaim(publisher), 1);
	rte_rcu_qsbr_quiescent(qsbr, 0);
	assert_int_equal(publish_reclaim(publisher), 0);
	publish_recipes_remove(publisher, htobe32(0x0a090001));
	assert_int_equal(publish_reclaim(publisher), 0);
	worker_gone(qsbr);
}

static void
several_recipes_make_a_chain_cut_to_the_narrowest(void **state)
{
	struct recipe_spec specs[3] = {spec_of(1, TUNNEL_IPIP), spec_of(1, TUNNEL_UDP_GRE),
				       spec_of(1, TUNNEL_GRE)};
	const struct recipe *recipe;
	struct rte_rcu_qsbr *qsbr = worker_online();

	specs[1].slot = 2;
	specs[2].slot = 3;
	assert_int_equal(publish_recipes(publisher, specs, 3), 0);
	recipe = publish_recipes_find(publisher, htobe32(0x0a090001));
	assert_int_equal(recipe->slot, 1);
	assert_int_equal(recipe->inner_mtu, 1500 - 36);
	assert_true(recipe->flags & RECIPE_HAS_NEXT);
	assert_int_equal(recipe->next->slot, 2);
	assert_int_equal(recipe->next->next->slot, 3);
	assert_int_equal(recipe->next->next->inner_mtu, 1500 - 24);
	assert_false(recipe->next->next->flags & RECIPE_HAS_NEXT);
	publish_one(1, TUNNEL_IPIP);
	assert_int_equal(publish_reclaim(publisher), 3);
	worker_gone(qsbr);
}

static void
wrong_spec_changes_nothing(void **state)
{
	struct recipe_spec specs[2] = {spec_of(1, TUNNEL_GRE), spec_of(1, TUNNEL_IPIP)};
	const struct recipe *old;

	publish_one(1, TUNNEL_IPIP);
	old = publish_recipes_find(publisher, htobe32(0x0a090001));
	specs[0].link_mtu = 60;
	/* the second is compiled first, and given back */
	for (unsigned i = 0; i < ROUNDS; i++)
		assert_int_equal(publish_recipes(publisher, specs, 2), -EINVAL);
	assert_int_equal(publish_recipes(publisher, specs, 0), -EINVAL);
	assert_ptr_equal(publish_recipes_find(publisher, htobe32(0x0a090001)), old);
	assert_int_equal(publish_reclaim(publisher), 0);
	publish_one(2, TUNNEL_IPIP);
}

static void
full_table_refuses_more_and_keeps_what_it_has(void **state)
{
	uint32_t count = 0;
	struct recipe_spec spec;
	int error;

	do {
		spec = spec_of(count, TUNNEL_IPIP);
		error = publish_recipes(publisher, &spec, 1);
		count += error == 0;
	} while (error == 0 && count < ROUNDS);
	assert_true(error == -ENOSPC || error == -ENOMEM);
	assert_true(count >= BINDINGS_MAX);
	for (uint32_t i = 0; i < count; i++)
		assert_non_null(publish_recipes_find(publisher, htobe32(0x0a090000 + i)));
	publish_recipes_remove(publisher, htobe32(0x0a090000));
	publish_one(0, TUNNEL_IPIP);
}

static void
storage_goes_round_for_ever(void **state)
{
	for (uint32_t i = 0; i < 2 * ROUNDS; i++) {
		publish_one(i % 8, i % 3 == 0 ? TUNNEL_UDP_GRE : TUNNEL_IPIP);
		if (i % 5 == 0)
			publish_recipes_remove(publisher, htobe32(0x0a090000 + i % 8));
	}
	publish_reclaim(publisher);
	assert_int_equal(publish_reclaim(publisher), 0);
}

static bool
is_filled(const void *bytes, size_t size, uint8_t with)
{
	for (size_t i = 0; i < size; i++)
		if (((const uint8_t *)bytes)[i] != with)
			return false;
	return true;
}

static size_t
words_size(uint32_t window_bits)
{
	return window_bits == SA_WINDOW_NONE
		       ? 0
		       : replay_window_size(window_bits) - sizeof(struct replay_window);
}

static void
key_make(struct sa *sa, enum esp_suite suite)
{
	static const uint8_t secret[64];
	const struct esp_suite_info *info = esp_suite_info(suite);

	assert_true(esp_key_init((struct esp_key *)(uintptr_t)sa->key, suite, secret,
				 info->encryption_key_size, secret, info->authentication_key_size));
}

/* From the smallest to those with the widest window. */
static void
sas_of_all_sizes_are_apart_zeroed_and_used_again(void **state)
{
	static const struct sa_room cases[SAS_MAX] = {
		{ESP_AES128_GCM16, SA_WINDOW_NONE, 0},
		{ESP_AES128_GCM16, SA_WINDOW_NONE, 2},
		{ESP_CHACHA20_POLY1305, SA_WINDOW_NONE, 2},
		{ESP_AES128_CBC_SHA1_96, 32, 16},
		{ESP_AES128_GCM16, 0, 2},
		{ESP_AES128_GCM16, 1024, 5},
		{ESP_AES128_GCM16, 4096, 2},
		{ESP_AES128_GCM16, 4096, 16},
	};
	struct sa *sas[SAS_MAX];

	for (unsigned round = 0; round < 200; round++) {
		for (uint32_t i = 0; i < SAS_MAX; i++) {
			size_t size = cases[i].selector_count * sizeof(struct traffic_selector);
			size_t words = words_size(cases[i].window_bits);

			sas[i] = publish_sa_storage(publisher, &cases[i]);
			assert_non_null(sas[i]);
			assert_int_equal((uintptr_t)sas[i] % 64, 0);
			assert_int_equal(sas[i]->seq, 0);
			assert_true(is_filled(sas[i]->selectors, size, 0));
			assert_true(is_filled(sas[i]->window.words, words, 0));
			assert_true(is_filled(sas[i]->key, esp_key_size(cases[i].suite), 0));
			memset(sas[i]->selectors, (int)i + 1, size);
			key_make(sas[i], cases[i].suite);
			memset(sas[i]->window.words, (int)i + 101, words);
			sas[i]->seq = i + 1;
			publish_sa(publisher, i, sas[i]);
		}
		for (uint32_t i = 0; i < SAS_MAX; i++) {
			size_t size = cases[i].selector_count * sizeof(struct traffic_selector);

			assert_int_equal(sas[i]->seq, i + 1);
			if (cases[i].window_bits != SA_WINDOW_NONE)
				assert_int_equal(sas[i]->window.size_bits, cases[i].window_bits);
			assert_true(is_filled(sas[i]->selectors, size, (uint8_t)(i + 1)));
			publish_sa_remove(publisher, i);
		}
		assert_int_equal(publish_reclaim(publisher), 0);
	}
}

static void
an_sa_that_was_taken_back_is_nobody_elses_until_workers_are_quiescent(void **state)
{
	struct rte_rcu_qsbr *qsbr = worker_online();
	const struct sa_room room = {ESP_AES128_GCM16, 64, 2};
	struct sa *first = publish_sa_storage(publisher, &room), *second;

	first->spi_be = htobe32(0x1001);
	publish_sa(publisher, 0, first);
	publish_sa_remove(publisher, 0);
	assert_int_equal(publish_reclaim(publisher), 1);
	second = publish_sa_storage(publisher, &room);
	assert_ptr_not_equal(second, first);
	assert_int_equal(first->spi_be, htobe32(0x1001));
	publish_sa(publisher, 1, second);
	rte_rcu_qsbr_quiescent(qsbr, 0);
	assert_int_equal(publish_reclaim(publisher), 0);
	second = publish_sa_storage(publisher, &room);
	assert_ptr_equal(second, first);
	publish_sa(publisher, 2, second);
	worker_gone(qsbr);
}

static void
route(uint32_t address, uint8_t len_bits, uint32_t next_hop)
{
	assert_int_equal(
		publish_route(publisher, (struct prefix){htobe32(address), len_bits}, next_hop), 0);
}

static uint32_t
looked_up(uint32_t address)
{
	return publish_route_lookup(publisher, htobe32(address));
}

static void
longest_prefix_wins_and_removal_brings_back_the_shorter(void **state)
{
	assert_int_equal(looked_up(0x0a010203), NEXT_HOP_NONE);
	route(0, 0, 1);
	route(0x0a000000, 8, 2);
	route(0x0a010203, 32, 3);
	assert_int_equal(looked_up(0x0a010203), 3);
	assert_int_equal(looked_up(0x0a010204), 2);
	assert_int_equal(looked_up(0x01010101), 1);
	assert_int_equal(looked_up(0xdfffffff), 1);
	publish_route_remove(publisher, (struct prefix){htobe32(0x0a010203), 32});
	assert_int_equal(looked_up(0x0a010203), 2);
	route(0x0a000000, 8, 1);
	assert_int_equal(looked_up(0x0a010203), 1);
	publish_route_remove(publisher, (struct prefix){htobe32(0x0a000000), 8});
	publish_route_remove(publisher, (struct prefix){0, 0});
	assert_int_equal(looked_up(0x0a010203), NEXT_HOP_NONE);
	assert_int_equal(looked_up(0xdfffffff), NEXT_HOP_NONE);
}

static void
next_hop_0_is_always_unreachable(void **state)
{
	struct next_hop hop = {.port = 1, .state = NEXT_HOP_RESOLVED, .mac = {2, 3}};

	publish_next_hop(publisher, NEXT_HOP_NONE, hop);
	publish_next_hop(publisher, 3, hop);
	publish_next_hop(publisher, 4, hop); /* beyond the table */
	assert_int_equal(next_hop_load(publish_tables(publisher), 0).state, NEXT_HOP_UNREACHABLE);
	assert_int_equal(next_hop_load(publish_tables(publisher), 3).state, NEXT_HOP_RESOLVED);
	assert_int_equal(next_hop_load(publish_tables(publisher), 3).mac[1], 3);
}

static void
settings_are_copied_and_the_old_ones_kept_for_workers(void **state)
{
	struct live_settings settings = {.mtu = {1400}};
	const struct live_settings *first, *second;
	struct rte_rcu_qsbr *qsbr = worker_online();

	publish_reclaim(publisher);
	assert_int_equal(publish_settings(publisher, &settings), 0);
	first = live_settings_load(publish_tables(publisher));
	settings.mtu[0] = 1300;
	assert_int_equal(first->mtu[0], 1400);
	assert_int_equal(publish_settings(publisher, &settings), 0);
	second = live_settings_load(publish_tables(publisher));
	assert_int_equal(second->mtu[0], 1300);
	assert_int_equal(first->mtu[0], 1400);
	assert_int_equal(publish_reclaim(publisher), 2);
	rte_rcu_qsbr_quiescent(qsbr, 0);
	assert_int_equal(publish_reclaim(publisher), 0);
	worker_gone(qsbr);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(recipe_is_found_by_control_and_by_workers),
		TEST(replaced_recipe_stays_as_it_was_until_workers_are_quiescent),
		TEST(recipe_that_comes_out_the_same_stays_where_it_is),
		TEST(removed_recipe_is_kept_as_long),
		TEST(several_recipes_make_a_chain_cut_to_the_narrowest),
		TEST(wrong_spec_changes_nothing),
		TEST(full_table_refuses_more_and_keeps_what_it_has),
		TEST(storage_goes_round_for_ever),
		TEST(sas_of_all_sizes_are_apart_zeroed_and_used_again),
		TEST(an_sa_that_was_taken_back_is_nobody_elses_until_workers_are_quiescent),
		TEST(longest_prefix_wins_and_removal_brings_back_the_shorter),
		TEST(next_hop_0_is_always_unreachable),
		TEST(settings_are_copied_and_the_old_ones_kept_for_workers),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
