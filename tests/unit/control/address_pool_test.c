/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/address_pool.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* a constant, which htobe32() is not */
#define HOST(n) __builtin_bswap32(0x0a010000u + (n))

static struct config_home_network networks[] = {
	{.agent = AGENT_X_HA,
	 .prefix = {HOST(0), 24},
	 .pool_first = HOST(100),
	 .pool_last = HOST(102)},
	{.agent = AGENT_I_HA, .prefix = {HOST(0x200), 24}},
};
static const struct config config = {.home_networks = networks, .home_network_count = 2};

static int
offer(const struct address_pool *pool, const char *nai, be32 wanted, be32 *address)
{
	return address_pool_offer(pool, AGENT_X_HA, nai, strlen(nai), wanted, address);
}

/* Offers and takes; the address, or 0. */
static be32
take(struct address_pool *pool, const char *nai, be32 wanted)
{
	be32 address;

	if (offer(pool, nai, wanted, &address) < 0)
		return 0;
	assert_int_equal(address_pool_take(pool, AGENT_X_HA, nai, strlen(nai), address), 0);
	return address;
}

static void
mobiles_get_different_addresses_until_none_is_left(void **state)
{
	struct address_pool *pool = address_pool_create(&config);
	be32 address;

	(void)state;
	assert_int_equal(take(pool, "a", 0), HOST(100));
	assert_int_equal(take(pool, "b", 0), HOST(101));
	assert_int_equal(take(pool, "c", 0), HOST(102));
	assert_int_equal(offer(pool, "d", 0, &address), -ENOSPC);
	address_pool_destroy(pool);
}

static void
an_offer_takes_nothing(void **state)
{
	struct address_pool *pool = address_pool_create(&config);
	be32 first, second;

	(void)state;
	assert_int_equal(offer(pool, "a", 0, &first), 0);
	assert_int_equal(offer(pool, "b", 0, &second), 0);
	assert_int_equal(first, second);
	address_pool_destroy(pool);
}

static void
a_mobile_keeps_its_address_also_when_it_was_gone(void **state)
{
	struct address_pool *pool = address_pool_create(&config);
	be32 address = take(pool, "a", 0);

	(void)state;
	assert_int_equal(take(pool, "a", 0), address);
	address_pool_release(pool, address);
	assert_int_not_equal(take(pool, "b", 0), address);
	assert_int_equal(take(pool, "a", 0), address);
	assert_int_equal(address_pool_address(pool, AGENT_X_HA, "a", 1), address);
	assert_int_equal(address_pool_address(pool, AGENT_I_HA, "a", 1), 0);
	address_pool_destroy(pool);
}

static void
the_address_of_the_mobile_gone_longest_goes_first(void **state)
{
	struct address_pool *pool = address_pool_create(&config);
	be32 a = take(pool, "a", 0), b = take(pool, "b", 0), c = take(pool, "c", 0);

	(void)state;
	address_pool_release(pool, b);
	address_pool_release(pool, a);
	assert_int_equal(take(pool, "d", 0), b);
	assert_int_equal(take(pool, "e", 0), a);
	assert_int_equal(take(pool, "f", 0), 0);
	address_pool_release(pool, c);
	assert_int_equal(take(pool, "b", 0), c);
	address_pool_destroy(pool);
}

static void
a_wanted_address_is_given_unless_it_is_anothers(void **state)
{
	struct address_pool *pool = address_pool_create(&config);
	be32 address;

	(void)state;
	assert_int_equal(take(pool, "a", HOST(101)), HOST(101));
	assert_int_equal(offer(pool, "b", HOST(101), &address), -EADDRINUSE);
	assert_int_equal(offer(pool, "b", HOST(99), &address), -ENOENT);
	assert_int_equal(offer(pool, "a", HOST(102), &address), -EADDRINUSE);
	assert_int_equal(take(pool, "b", 0), HOST(100));
	assert_int_equal(take(pool, "c", 0), HOST(102));
	address_pool_destroy(pool);
}

static void
an_address_left_for_another_is_free_again(void **state)
{
	struct address_pool *pool = address_pool_create(&config);

	(void)state;
	assert_int_equal(take(pool, "a", 0), HOST(100));
	address_pool_release(pool, HOST(100));
	assert_int_equal(take(pool, "a", HOST(102)), HOST(102));
	assert_int_equal(take(pool, "b", 0), HOST(100));
	assert_int_equal(take(pool, "c", 0), HOST(101));
	address_pool_destroy(pool);
}

static void
an_agent_without_a_pool_has_nothing_to_offer(void **state)
{
	struct address_pool *pool = address_pool_create(&config);
	be32 address;

	(void)state;
	assert_int_equal(address_pool_offer(pool, AGENT_I_HA, "a", 1, 0, &address), -ENOENT);
	assert_int_equal(address_pool_offer(pool, AGENT_I_HA, "a", 1, HOST(100), &address),
			 -ENOENT);
	address_pool_destroy(pool);
}

static void
a_new_pool_inherits_who_has_what(void **state)
{
	struct address_pool *pool = address_pool_create(&config);
	struct address_pool *next = address_pool_create(&config);

	(void)state;
	assert_int_equal(take(pool, "a", 0), HOST(100));
	assert_int_equal(take(pool, "b", 0), HOST(101));
	address_pool_release(pool, HOST(101));
	assert_int_equal(address_pool_inherit(next, pool), 0);
	address_pool_destroy(pool);
	assert_int_equal(take(next, "c", 0), HOST(102));
	assert_int_equal(take(next, "b", 0), HOST(101));
	assert_int_equal(take(next, "a", 0), HOST(100));
	address_pool_destroy(next);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mobiles_get_different_addresses_until_none_is_left),
		cmocka_unit_test(an_offer_takes_nothing),
		cmocka_unit_test(a_mobile_keeps_its_address_also_when_it_was_gone),
		cmocka_unit_test(the_address_of_the_mobile_gone_longest_goes_first),
		cmocka_unit_test(a_wanted_address_is_given_unless_it_is_anothers),
		cmocka_unit_test(an_address_left_for_another_is_free_again),
		cmocka_unit_test(an_agent_without_a_pool_has_nothing_to_offer),
		cmocka_unit_test(a_new_pool_inherits_who_has_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
