/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/subscriber.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HOST(n) __builtin_bswap32(0x0a010000u + (n))

static struct config_subscriber people[] = {
	{.agent = AGENT_X_HA,
	 .home_address = HOST(7),
	 .nai = "a@example.com",
	 .associations =
		 (struct config_association[]){{.spi = 256}, {.spi = 257, .replay = REPLAY_NONCES}},
	 .association_count = 2},
	{.agent = AGENT_X_HA,
	 .nai = "b@example.com",
	 .associations = (struct config_association[]){{.spi = 300}},
	 .association_count = 1},
	{.agent = AGENT_I_HA,
	 .home_address = HOST(7),
	 .associations = (struct config_association[]){{.spi = 400}},
	 .association_count = 1},
};
static struct config_foreign_agent agents[] = {{.address = HOST(99)}};
static const struct config config = {
	.subscribers = people,
	.subscriber_count = ARRAY_COUNT(people),
	.foreign_agents = agents,
	.foreign_agent_count = ARRAY_COUNT(agents),
};

static struct subscriber *
find_nai(struct subscriber_table *table, const char *nai)
{
	return subscriber_find_nai(table, AGENT_X_HA, nai, strlen(nai));
}

static void
subscribers_are_found_by_agent_and_name_or_address(void **state)
{
	struct subscriber_table *table = subscriber_table_create(&config, (struct ntp_time){1});

	(void)state;
	assert_ptr_equal(find_nai(table, "a@example.com")->config, &people[0]);
	assert_ptr_equal(find_nai(table, "b@example.com")->config, &people[1]);
	assert_null(find_nai(table, "a@example.co"));
	assert_null(find_nai(table, ""));
	assert_null(subscriber_find_nai(table, AGENT_I_HA, "a@example.com", 13));
	assert_ptr_equal(subscriber_find_address(table, AGENT_X_HA, HOST(7))->config, &people[0]);
	assert_ptr_equal(subscriber_find_address(table, AGENT_I_HA, HOST(7))->config, &people[2]);
	assert_null(subscriber_find_address(table, AGENT_X_HA, 0));
	assert_non_null(foreign_agent_find(table, HOST(99)));
	assert_null(foreign_agent_find(table, HOST(98)));
	subscriber_table_destroy(table);
}

/* As in a message, where what comes before it has any length. */
static void
a_nai_is_found_wherever_it_begins(void **state)
{
	struct subscriber_table *table = subscriber_table_create(&config, (struct ntp_time){1});
	const size_t len = strlen(people[1].nai);
	_Alignas(8) char message[32];

	(void)state;
	for (size_t at = 0; at < 8; at++) {
		memset(message, 'x', sizeof(message));
		memcpy(message + at, people[1].nai, len);
		assert_ptr_equal(subscriber_find_nai(table, AGENT_X_HA, message + at, len)->config,
				 &people[1]);
	}
	subscriber_table_destroy(table);
}

static void
associations_are_found_by_spi(void **state)
{
	struct subscriber_table *table = subscriber_table_create(&config, (struct ntp_time){1});
	struct subscriber *subscriber = find_nai(table, "a@example.com");
	unsigned index;

	(void)state;
	assert_ptr_equal(subscriber_association(subscriber, 257, &index),
			 &people[0].associations[1]);
	assert_int_equal(index, 1);
	assert_null(subscriber_association(subscriber, 300, &index));
	subscriber_table_destroy(table);
}

static void
what_is_remembered_survives_a_reload(void **state)
{
	struct config_subscriber next_people[] = {people[1], people[0]};
	const struct config next = {.subscribers = next_people,
				    .subscriber_count = ARRAY_COUNT(next_people),
				    .foreign_agents = agents,
				    .foreign_agent_count = 1};
	struct subscriber_table *before = subscriber_table_create(&config, (struct ntp_time){1});
	struct subscriber_table *after = subscriber_table_create(&next, (struct ntp_time){1});
	struct subscriber *old = find_nai(before, "a@example.com"), *now;

	(void)state;
	/* its associations change places, and one is new */
	next_people[1].associations =
		(struct config_association[]){{.spi = 257, .replay = REPLAY_NONCES}, {.spi = 500}};
	old->replay.last.units = 77;
	old->replay.nonces[1].current = 88;
	old->service.accepted = 5;
	foreign_agent_find(before, HOST(99))->revoked.id = 9;
	subscriber_table_inherit(after, before);
	now = find_nai(after, "a@example.com");
	assert_ptr_equal(old->successor, now);
	assert_int_equal(now->replay.last.units, 77);
	assert_int_equal(now->replay.nonces[0].current, 88);
	assert_int_equal(now->replay.nonces[1].current, 0);
	assert_int_equal(now->service.accepted, 5);
	/* nobody needs room for nonces who uses timestamps */
	assert_null(find_nai(after, "b@example.com")->replay.nonces);
	assert_null(subscriber_find_address(before, AGENT_I_HA, HOST(7))->successor);
	assert_int_equal(foreign_agent_find(after, HOST(99))->revoked.id, 9);
	subscriber_table_destroy(before);
	subscriber_table_destroy(after);
}

static void
another_home_address_is_another_mobile(void **state)
{
	struct config_subscriber next_person = people[0];
	const struct config next = {.subscribers = &next_person, .subscriber_count = 1};
	struct subscriber_table *before = subscriber_table_create(&config, (struct ntp_time){1});
	struct subscriber_table *after;

	(void)state;
	next_person.home_address = HOST(8);
	after = subscriber_table_create(&next, (struct ntp_time){1});
	subscriber_table_inherit(after, before);
	assert_null(find_nai(before, "a@example.com")->successor);
	subscriber_table_destroy(before);
	subscriber_table_destroy(after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subscribers_are_found_by_agent_and_name_or_address),
		cmocka_unit_test(a_nai_is_found_wherever_it_begins),
		cmocka_unit_test(associations_are_found_by_spi),
		cmocka_unit_test(what_is_remembered_survives_a_reload),
		cmocka_unit_test(another_home_address_is_another_mobile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
