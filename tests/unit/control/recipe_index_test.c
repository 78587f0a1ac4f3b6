/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of recipes: whatever is set and removed in whatever order, an address yields its own recipe or
 * nothing, to workers that read meanwhile, too. */
#include "tests/unit/control/net_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "control/recipe_index.h"

#define ENTRIES_MAX 64u
#define ADDRESSES 4096u
#define CROWD 24u /* addresses that fall into one bucket */

static struct recipe_index subject;
static struct rte_rcu_qsbr *qsbr;
static struct recipe *recipes; /* one for each address */

static int
start(void **state)
{
	if (posix_memalign((void **)&recipes, 64, ADDRESSES * sizeof(*recipes)) != 0 ||
	    posix_memalign((void **)&qsbr, 64, rte_rcu_qsbr_get_memsize(2)) != 0)
		return -1;
	memset(recipes, 0, ADDRESSES * sizeof(*recipes));
	for (uint32_t i = 0; i < ADDRESSES; i++)
		recipes[i].home_address = htobe32(0x0a000000 + i);
	rte_rcu_qsbr_init(qsbr, 2);
	return recipe_index_init(&subject, ENTRIES_MAX, qsbr, SOCKET_ID_ANY);
}

static int
stop(void **state)
{
	recipe_index_fini(&subject);
	free(qsbr);
	free(recipes);
	return 0;
}

static int
set(uint32_t i)
{
	return recipe_index_set(&subject, recipes[i].home_address, &recipes[i]);
}

static void
unset(uint32_t i)
{
	recipe_index_remove(&subject, recipes[i].home_address);
}

/* What a worker finds under address number i. */
static const struct recipe *
found(uint32_t i)
{
	const struct recipe *recipe;

	if (recipe_lookup(&subject.table, &recipes[i].home_address, 1, &recipe) == 0)
		return NULL;
	return recipe;
}

/* Numbers of CROWD addresses that fall into the bucket of the first one. */
static void
crowd(uint32_t numbers[CROWD])
{
	const struct recipe_bucket *bucket =
		recipe_bucket_of(&subject.table, recipes[0].home_address);
	unsigned count = 0;

	for (uint32_t i = 0; i < ADDRESSES && count < CROWD; i++)
		if (recipe_bucket_of(&subject.table, recipes[i].home_address) == bucket)
			numbers[count++] = i;
	assert_int_equal(count, CROWD);
}

static void
worker_online(void)
{
	assert_int_equal(rte_rcu_qsbr_thread_register(qsbr, 0), 0);
	rte_rcu_qsbr_thread_online(qsbr, 0);
}

static void
worker_gone(void)
{
	rte_rcu_qsbr_thread_offline(qsbr, 0);
	rte_rcu_qsbr_thread_unregister(qsbr, 0);
}

static void
what_was_set_is_found_and_nothing_else(void **state)
{
	be32 nobody = 0;
	const struct recipe *recipe;

	assert_null(found(1));
	assert_int_equal(recipe_lookup(&subject.table, &nobody, 1, &recipe), 0);
	assert_int_equal(set(1), 0);
	assert_ptr_equal(found(1), &recipes[1]);
	assert_null(found(2));
	assert_int_equal(recipe_lookup(&subject.table, &nobody, 1, &recipe), 0);
	assert_int_equal(recipe_index_set(&subject, recipes[1].home_address, &recipes[2]), 0);
	assert_ptr_equal(found(1), &recipes[2]);
	assert_int_equal(subject.entries, 1);
	unset(1);
	assert_null(found(1));
	unset(1);
	assert_int_equal(subject.entries, 0);
}

static void
crowded_bucket_spills_and_takes_back(void **state)
{
	uint32_t numbers[CROWD], spares = subject.spare_count;

	crowd(numbers);
	for (unsigned round = 0; round < 100; round++) {
		for (unsigned i = 0; i < CROWD; i++)
			assert_int_equal(set(numbers[i]), 0);
		assert_true(subject.spare_count < spares);
		for (unsigned i = 0; i < CROWD; i++)
			assert_ptr_equal(found(numbers[i]), &recipes[numbers[i]]);
		/* from the first on, and from the last on */
		for (unsigned i = 0; i < CROWD; i++) {
			unset(numbers[round % 2 ? i : CROWD - 1 - i]);
			assert_null(found(numbers[round % 2 ? i : CROWD - 1 - i]));
		}
		assert_int_equal(subject.spare_count, spares);
	}
}

static void
full_is_full_and_what_is_there_can_still_be_changed(void **state)
{
	for (uint32_t i = 0; i < ENTRIES_MAX; i++)
		assert_int_equal(set(i), 0);
	assert_int_equal(set(ENTRIES_MAX), -ENOSPC);
	assert_int_equal(recipe_index_set(&subject, recipes[3].home_address, &recipes[4]), 0);
	assert_ptr_equal(found(3), &recipes[4]);
	unset(5);
	assert_int_equal(set(ENTRIES_MAX), 0);
	assert_null(found(5));
}

static void
way_is_not_given_away_while_a_worker_may_look_at_it(void **state)
{
	const struct recipe_bucket *bucket;
	uint32_t numbers[CROWD];
	unsigned way;

	crowd(numbers);
	bucket = recipe_bucket_of(&subject.table, recipes[numbers[0]].home_address);
	worker_online();
	assert_int_equal(set(numbers[0]), 0);
	way = recipe_bucket_way(bucket, recipes[numbers[0]].home_address);
	unset(numbers[0]);
	assert_int_equal(recipe_bucket_way(bucket, recipes[numbers[0]].home_address),
			 RECIPE_BUCKET_WAYS);
	assert_int_equal(set(numbers[1]), 0);
	assert_int_equal(set(numbers[0]), 0);
	assert_true(bucket->ways[way] & RECIPE_WAY_GONE);
	rte_rcu_qsbr_quiescent(qsbr, 0);
	assert_int_equal(set(numbers[2]), 0);
	assert_ptr_equal(bucket->ways[way], &recipes[numbers[2]]);
	for (unsigned i = 0; i < 3; i++)
		assert_ptr_equal(found(numbers[i]), &recipes[numbers[i]]);
	worker_gone();
}

static void
more_that_fall_together_than_there_is_room_for_are_refused(void **state)
{
	uint32_t numbers[CROWD], spares = subject.spare_count;
	unsigned count = 0;

	subject.spare_count = 2;
	crowd(numbers);
	while (count < CROWD && set(numbers[count]) == 0)
		count++;
	assert_int_equal(count, 3 * RECIPE_BUCKET_WAYS);
	for (unsigned i = 0; i < CROWD; i++)
		assert_ptr_equal(found(numbers[i]), i < count ? &recipes[numbers[i]] : NULL);
	unset(numbers[7]);
	assert_int_equal(set(numbers[CROWD - 1]), 0);
	subject.spare_count = spares;
}

/* Random changes beside a plain array that says what there should be. */
static void
agrees_with_a_plain_array_after_every_change(void **state)
{
	static bool is_set[ADDRESSES];
	uint32_t numbers[CROWD], random = 1, count = 0;

	memset(is_set, 0, sizeof(is_set));
	crowd(numbers);
	for (unsigned step = 0; step < 200000; step++) {
		uint32_t i;

		random = random * 1664525 + 1013904223;
		i = random >> 8 & 1 ? numbers[(random >> 10) % CROWD] : (random >> 10) % 128;
		if (random >> 9 & 1) {
			int error = set(i);

			if (!is_set[i] && count == ENTRIES_MAX) {
				assert_int_equal(error, -ENOSPC);
			} else {
				assert_int_equal(error, 0);
				count += !is_set[i];
				is_set[i] = true;
			}
		} else {
			unset(i);
			count -= is_set[i];
			is_set[i] = false;
		}
		assert_int_equal(subject.entries, count);
		assert_ptr_equal(found(i), is_set[i] ? &recipes[i] : NULL);
		if (step % 64 != 0)
			continue;
		for (uint32_t other = 0; other < ADDRESSES; other++)
			assert_ptr_equal(found(other), is_set[other] ? &recipes[other] : NULL);
	}
}

struct reader {
	uint32_t numbers[CROWD];
	_Atomic bool stop;
	uint64_t wrong, lost, hits;
};

/* A worker: half of the addresses come and go, the others are always there. */
static void *
read_on(void *context)
{
	struct reader *reader = context;

	while (!atomic_load(&reader->stop)) {
		be32 addresses[CROWD];
		const struct recipe *results[CROWD];
		uint64_t hits;

		for (unsigned i = 0; i < CROWD; i++)
			addresses[i] = recipes[reader->numbers[i]].home_address;
		hits = recipe_lookup(&subject.table, addresses, CROWD, results);
		for (unsigned i = 0; i < CROWD; i++) {
			if ((hits & 1ull << i) == 0)
				reader->lost += i % 2;
			else if (results[i] != &recipes[reader->numbers[i]])
				reader->wrong++;
			else
				reader->hits++;
		}
		rte_rcu_qsbr_quiescent(qsbr, 0);
	}
	worker_gone();
	return NULL;
}

static void
reader_never_finds_another_and_never_misses_what_stays(void **state)
{
	struct reader reader = {0};
	uint32_t random = 7;
	pthread_t thread;

	crowd(reader.numbers);
	for (unsigned i = 1; i < CROWD; i += 2)
		assert_int_equal(set(reader.numbers[i]), 0);
	worker_online();
	assert_int_equal(pthread_create(&thread, NULL, read_on, &reader), 0);
	for (unsigned step = 0; step < 200000; step++) {
		uint32_t i;

		random = random * 1664525 + 1013904223;
		i = (random >> 10) % (CROWD / 2) * 2;
		if (random >> 9 & 1)
			assert_int_equal(set(reader.numbers[i]), 0);
		else
			unset(reader.numbers[i]);
	}
	atomic_store(&reader.stop, true);
	pthread_join(thread, NULL);
	assert_int_equal(reader.wrong, 0);
	assert_int_equal(reader.lost, 0);
	assert_true(reader.hits > 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(what_was_set_is_found_and_nothing_else),
		TEST(crowded_bucket_spills_and_takes_back),
		TEST(full_is_full_and_what_is_there_can_still_be_changed),
		TEST(way_is_not_given_away_while_a_worker_may_look_at_it),
		TEST(more_that_fall_together_than_there_is_room_for_are_refused),
		TEST(agrees_with_a_plain_array_after_every_change),
		TEST(reader_never_finds_another_and_never_misses_what_stays),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
