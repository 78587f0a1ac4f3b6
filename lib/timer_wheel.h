/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_TIMER_WHEEL_H
#define LIB_TIMER_WHEEL_H

#include <stdbool.h>

#include "lib/mono_time.h"

/*
 * A hierarchical timer wheel: arming and disarming cost the same however many timers run. A timer
 * is a field of what it belongs to and never moves while it is armed. One tick is TIMER_TICK_MS; a
 * timer fires at its time or up to one tick later, never earlier. One thread.
 */
#define TIMER_TICK_MS 10

struct timer_node {
	struct timer_node *next;
	struct timer_node **link; /* what points here; NULL: not armed */
	uint64_t tick;
	void (*fire)(struct timer_node *node, void *context);
};

struct timer_wheel;

struct timer_wheel *timer_wheel_create(struct mono_time now, void *context); /* NULL: no memory */
void timer_wheel_destroy(struct timer_wheel *wheel);

/* Arms `node`, or moves it when it is armed. `fire` gets the wheel's context; it may arm and
 * disarm any timer, its own too. */
void timer_arm(struct timer_wheel *wheel, struct timer_node *node, struct mono_time when,
	       void (*fire)(struct timer_node *node, void *context));
void timer_disarm(struct timer_wheel *wheel, struct timer_node *node); /* not armed: fine */
bool timer_is_armed(const struct timer_node *node);

/* Fires what is due at `now`, at most `most` timers; returns how many it fired. */
unsigned timer_wheel_run(struct timer_wheel *wheel, struct mono_time now, unsigned most);

/* When the next timer is due at the earliest (a lower bound); false when none is armed. */
bool timer_wheel_next(const struct timer_wheel *wheel, struct mono_time *when);

#endif
