/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/slab.h"

#include "tests/unit/control/net_fixture.h"

#include <rte_malloc.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SIZE 192u
#define COUNT 1000u

static void
objects_are_apart_at_cache_lines_and_used_again(void **state)
{
	static uint8_t *objects[COUNT];
	struct slab slab;

	slab_init(&slab, SIZE, SOCKET_ID_ANY);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < COUNT; i++) {
			objects[i] = slab_alloc(&slab);
			assert_non_null(objects[i]);
			assert_int_equal((uintptr_t)objects[i] % 64, 0);
			memset(objects[i], (int)(i + round), SIZE);
		}
		/* nobody has written over anybody */
		for (unsigned i = 0; i < COUNT; i++)
			for (unsigned at = 0; at < SIZE; at++)
				assert_int_equal(objects[i][at], (uint8_t)(i + round));
		for (unsigned i = 0; i < COUNT; i++)
			slab_free(&slab, objects[i]);
	}
	assert_ptr_equal(slab_alloc(&slab), objects[COUNT - 1]);
	slab_fini(&slab);
}

static size_t
memory_in_use(void)
{
	struct rte_malloc_socket_stats stats;

	assert_int_equal(rte_malloc_get_socket_stats((int)rte_socket_id(), &stats), 0);
	return stats.heap_allocsz_bytes;
}

static void
what_is_reserved_needs_no_memory_later(void **state)
{
	struct slab slab;
	size_t reserved;

	slab_init(&slab, SIZE, (int)rte_socket_id());
	assert_true(slab_reserve(&slab, COUNT));
	reserved = memory_in_use();
	for (unsigned i = 0; i < COUNT; i++)
		assert_non_null(slab_alloc(&slab));
	assert_int_equal(memory_in_use(), reserved);
	assert_false(slab_reserve(&slab, SIZE_MAX));
	slab_fini(&slab);
	assert_true(memory_in_use() < reserved);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_apart_at_cache_lines_and_used_again),
		cmocka_unit_test(what_is_reserved_needs_no_memory_later),
	};

	return cmocka_run_group_tests(tests, net_eal_start, NULL);
}
