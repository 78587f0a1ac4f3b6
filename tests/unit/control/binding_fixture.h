/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_BINDING_FIXTURE_H
#define TESTS_UNIT_CONTROL_BINDING_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "control/binding.h"
#include "control/publish.h"
#include "control/route.h"
#include "control/subscriber.h"
#include "control/tunnel_state.h"
#include "tests/unit/control/fake_network.h"

/* The table alone, on a network that is not there. */
#define HOST(n) __builtin_bswap32(0x0a010000u + (n))
#define CARE_OF(n) htobe32(0xac100000u + (n))
#define AGENT HOST(1)
#define BINDINGS_MAX 8

struct fixture {
	struct config config;
	struct config_home_network networks[2];
	struct config_subscriber subscriber_config;
	struct subscriber subscriber;
	struct publisher *publisher;
	struct route_table *routes;
	struct timer_wheel *wheel;
	struct binding_table *table;
	struct mono_time now;
	unsigned ended[BINDING_END_COUNT];
	unsigned last_ended;
};

int binding_fixture_start(void **state);
int binding_fixture_stop(void **state);
#define TABLE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, binding_fixture_start, binding_fixture_stop)

/* What the table calls at the end of a binding; `context`: the fixture. */
void note_end(const struct binding *binding, enum binding_end why, bool is_last,
	      struct mono_time now, void *context);
/* Time passes. */
void pass(struct fixture *fixture, unsigned sec);
int register_with(struct fixture *fixture, be32 home_address, be32 care_of, uint8_t request_flags);
struct tunnel_key tunnel(be32 agent, be32 far_end, uint16_t port);
const struct recipe *published(const struct fixture *fixture, be32 home_address);

#endif
