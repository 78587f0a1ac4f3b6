/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/timer_wheel.h"

#include <stdlib.h>

/*
 * A tick is a number of 64 bits, read as digits of 6 bits. A timer waits at the level of the
 * highest digit in which its tick differs from the present one, in the slot of that digit. So all
 * timers of a level are due before all of the levels above it, and the slots of a level are due in
 * order: the next event is the first occupied slot of the lowest occupied level. When the present
 * reaches that slot, its timers move to the levels below, or are due. A timer moves at most once a
 * level, and time may pass in any stride at no cost. One that is put off stays where it waits, in too
 * early a slot, until the present comes there: most timers of a home agent are only ever put off, and
 * taking one out of its list costs the cache lines of its neighbours.
 */
#define DIGIT_BITS 6
#define SLOT_COUNT (1u << DIGIT_BITS)
#define LEVEL_COUNT 11 /* 11 digits of 6 bits hold 64 bits */
#define TICK_NS (TIMER_TICK_MS * NS_PER_MS)

struct timer_wheel {
	uint64_t tick; /* the present; what is due by then is in `due` or has fired */
	void *context;
	struct timer_node *due; /* in the order in which they became due */
	struct timer_node **due_end;
	uint64_t occupied[LEVEL_COUNT]; /* a bit a slot */
	struct timer_node *slots[LEVEL_COUNT][SLOT_COUNT];
};

struct timer_wheel *
timer_wheel_create(struct mono_time now, void *context)
{
	struct timer_wheel *wheel = calloc(1, sizeof(*wheel));

	if (wheel == NULL)
		return NULL;
	wheel->tick = now.ns / TICK_NS;
	wheel->context = context;
	wheel->due_end = &wheel->due;
	return wheel;
}

void
timer_wheel_destroy(struct timer_wheel *wheel)
{
	free(wheel);
}

static void
list_add(struct timer_node **link, struct timer_node *node)
{
	node->next = *link;
	node->link = link;
	if (node->next != NULL)
		node->next->link = &node->next;
	*link = node;
}

/* Puts a node where its tick belongs, seen from the present. */
static void
place(struct timer_wheel *wheel, struct timer_node *node)
{
	unsigned level, slot;

	if (node->tick <= wheel->tick) {
		list_add(wheel->due_end, node);
		wheel->due_end = &node->next;
		return;
	}
	level = (63 - (unsigned)__builtin_clzll(node->tick ^ wheel->tick)) / DIGIT_BITS;
	slot = (node->tick >> (level * DIGIT_BITS)) % SLOT_COUNT;
	list_add(&wheel->slots[level][slot], node);
	wheel->occupied[level] |= 1ull << slot;
}

/* Clears the bit of the slot that `link` is the head of, if it is one and has become empty. */
static void
mark_if_emptied(struct timer_wheel *wheel, struct timer_node **link)
{
	struct timer_node **first = &wheel->slots[0][0];
	uintptr_t offset = (uintptr_t)link - (uintptr_t)first;

	if (*link != NULL || offset >= sizeof(wheel->slots))
		return;
	offset /= sizeof(*first);
	wheel->occupied[offset / SLOT_COUNT] &= ~(1ull << offset % SLOT_COUNT);
}

void
timer_disarm(struct timer_wheel *wheel, struct timer_node *node)
{
	if (node->link == NULL)
		return;
	*node->link = node->next;
	if (node->next != NULL)
		node->next->link = node->link;
	else if (wheel->due_end == &node->next)
		wheel->due_end = node->link;
	mark_if_emptied(wheel, node->link);
	node->next = NULL;
	node->link = NULL;
}

void
timer_arm(struct timer_wheel *wheel, struct timer_node *node, struct mono_time when,
	  void (*fire)(struct timer_node *node, void *context))
{
	/* rounded up: never earlier than asked */
	uint64_t tick = when.ns / TICK_NS + (when.ns % TICK_NS != 0);
	bool is_put_off = node->link != NULL && node->tick > wheel->tick && node->tick <= tick;

	if (!is_put_off)
		timer_disarm(wheel, node);
	node->tick = tick;
	node->fire = fire;
	if (!is_put_off)
		place(wheel, node);
}

bool
timer_is_armed(const struct timer_node *node)
{
	return node->link != NULL;
}

/* The tick at which the next occupied slot begins; false when there is none. */
static bool
next_slot(const struct timer_wheel *wheel, unsigned *level, unsigned *slot, uint64_t *tick)
{
	for (*level = 0; *level < LEVEL_COUNT; (*level)++) {
		unsigned shift = *level * DIGIT_BITS;
		uint64_t below;

		if (wheel->occupied[*level] == 0)
			continue;
		*slot = (unsigned)__builtin_ctzll(wheel->occupied[*level]);
		below = shift + DIGIT_BITS < 64 ? (1ull << (shift + DIGIT_BITS)) - 1 : UINT64_MAX;
		*tick = (wheel->tick & ~below) | (uint64_t)*slot << shift;
		return true;
	}
	return false;
}

/* Lets time pass until the next occupied slot, if that is not later than `tick`. */
static bool
advance(struct timer_wheel *wheel, uint64_t tick)
{
	unsigned level, slot;
	struct timer_node *node;
	uint64_t slot_tick;

	if (!next_slot(wheel, &level, &slot, &slot_tick) || slot_tick > tick)
		return false;
	wheel->tick = slot_tick;
	node = wheel->slots[level][slot];
	wheel->slots[level][slot] = NULL;
	wheel->occupied[level] &= ~(1ull << slot);
	while (node != NULL) {
		struct timer_node *next = node->next;

		place(wheel, node);
		node = next;
	}
	return true;
}

unsigned
timer_wheel_run(struct timer_wheel *wheel, struct mono_time now, unsigned most)
{
	uint64_t tick = now.ns / TICK_NS;
	unsigned fired = 0;

	do {
		while (wheel->due != NULL) {
			struct timer_node *node = wheel->due;

			if (fired == most)
				return fired;
			fired++;
			timer_disarm(wheel, node);
			node->fire(node, wheel->context);
		}
	} while (advance(wheel, tick));
	if (tick > wheel->tick)
		wheel->tick = tick;
	return fired;
}

bool
timer_wheel_next(const struct timer_wheel *wheel, struct mono_time *when)
{
	unsigned level, slot;
	uint64_t tick = wheel->tick;

	if (wheel->due == NULL && !next_slot(wheel, &level, &slot, &tick))
		return false;
	when->ns = tick > UINT64_MAX / TICK_NS ? UINT64_MAX : tick * TICK_NS;
	return true;
}
