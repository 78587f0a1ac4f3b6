/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_FAKE_NETWORK_H
#define TESTS_UNIT_CONTROL_FAKE_NETWORK_H

#include <stdbool.h>

#include "lib/recipe.h"

/*
 * Doubles of control/publish.h and control/route.h, as far as registrations use them: recipes are really
 * compiled and kept, next hops are counted references, and there is no network. A program that uses it
 * links it before the control library.
 */
struct publisher;
struct sa;
struct route_table;

struct publisher *fake_publisher_create(void);
void fake_publisher_destroy(struct publisher *publisher);
/* The next `times` calls of publish_recipes() return `error` (a negative errno) and change nothing. */
void fake_publisher_fail(struct publisher *publisher, int error, unsigned times);
/* Successful calls of publish_recipes() so far. */
unsigned fake_publisher_calls(const struct publisher *publisher);
/* Home addresses that are published. */
unsigned fake_publisher_count(const struct publisher *publisher);

/* What lies in a slot of the table of SAs. One that is taken back must not be named by a recipe any more,
 * or the test fails. */
struct sa *fake_publisher_sa(const struct publisher *publisher, uint32_t slot);

struct route_table *fake_routes_create(void);
void fake_routes_destroy(struct route_table *routes);
/* MTU of every link, 1500 at first; 0: there is no route to anywhere. */
void fake_routes_set_mtu(struct route_table *routes, uint16_t mtu);
/* The port by which every next hop leaves; -1 at first: none that is known. */
void fake_routes_set_port(struct route_table *routes, int port);
/* References to next hops that are held. */
unsigned fake_routes_held(const struct route_table *routes);
bool fake_routes_is_proxied(const struct route_table *routes, be32 home_address);

#endif
