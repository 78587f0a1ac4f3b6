/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/vici_sa.h"

#include <stdlib.h>
#include <string.h>

#include "lib/prefix.h"

/* Where in the message the reader is. */
struct walk {
	struct vici_reader *reader;
	const char *child;
	struct vici_sa sa;
	bool is_child; /* the CHILD SA at hand is the one that was asked for */
	bool is_installed;
	bool is_broken;
};

static be32
read_address(struct vici_text text)
{
	char buffer[64];
	be32 address;

	vici_text_copy(text, buffer, sizeof(buffer));
	return address_parse(buffer, &address) == 0 ? address : 0;
}

static uint32_t
read_number(struct vici_text text)
{
	char buffer[16];

	vici_text_copy(text, buffer, sizeof(buffer));
	return (uint32_t)strtoul(buffer, NULL, 10);
}

static void
take_value(struct walk *walk, const struct vici_element *element)
{
	struct vici_sa *sa = &walk->sa;

	if (vici_text_is(element->name, "uniqueid"))
		sa->id = read_number(element->value);
	else if (vici_text_is(element->name, "state"))
		sa->is_established = vici_text_is(element->value, "ESTABLISHED") ||
				     vici_text_is(element->value, "REKEYING");
	else if (vici_text_is(element->name, "local-host"))
		sa->local = read_address(element->value);
	else if (vici_text_is(element->name, "remote-host"))
		sa->remote = read_address(element->value);
}

/* A list of the SA: of virtual addresses, the first IPv4 one is taken; tasks go by charon's names. */
static void
take_list(struct walk *walk, struct vici_text name)
{
	bool is_vips = vici_text_is(name, "local-vips");
	bool is_tasks = vici_text_is(name, "tasks-active") || vici_text_is(name, "tasks-queued");
	struct vici_element element;

	while ((element = vici_next(walk->reader)).kind == VICI_LIST_ITEM) {
		if (is_vips && walk->sa.virtual_address == 0)
			walk->sa.virtual_address = read_address(element.value);
		walk->sa.is_busy |= is_tasks && (vici_text_is(element.value, "IKE_MOBIKE") ||
						 vici_text_is(element.value, "CHILD_REKEY"));
	}
	walk->is_broken |= element.kind == VICI_BROKEN;
}

static void
take_child_value(struct walk *walk, const struct vici_element *element)
{
	if (vici_text_is(element->name, "name"))
		walk->is_child = vici_text_is(element->value, walk->child);
	else if (vici_text_is(element->name, "state"))
		walk->is_installed = vici_text_is(element->value, "INSTALLED") ||
				     vici_text_is(element->value, "REKEYING") ||
				     vici_text_is(element->value, "REKEYED");
}

/* The CHILD SAs; the sections around are two more than around the SA. */
static void
take_children(struct walk *walk, unsigned depth)
{
	struct vici_element element;

	for (;;) {
		element = vici_next(walk->reader);
		if (element.kind == VICI_BROKEN || element.kind == VICI_END) {
			walk->is_broken = true;
			return;
		}
		if (element.kind == VICI_SECTION_END && element.depth == depth)
			return;
		if (element.kind == VICI_SECTION_START && element.depth == depth + 1)
			walk->is_child = walk->is_installed = false;
		else if (element.kind == VICI_VALUE && element.depth == depth + 2)
			take_child_value(walk, &element);
		else if (element.kind == VICI_SECTION_END && element.depth == depth + 1)
			walk->sa.is_child_installed |= walk->is_child && walk->is_installed;
	}
}

/* Leaves the section whose start had `depth`. */
static void
skip_section(struct walk *walk, unsigned depth)
{
	struct vici_element element;

	do {
		element = vici_next(walk->reader);
		walk->is_broken |= element.kind == VICI_BROKEN || element.kind == VICI_END;
	} while (!walk->is_broken && !(element.kind == VICI_SECTION_END && element.depth == depth));
}

static void
take_sa(struct walk *walk)
{
	struct vici_element element;

	walk->sa = (struct vici_sa){0};
	while (!walk->is_broken) {
		element = vici_next(walk->reader);
		if (element.kind == VICI_SECTION_END)
			return;
		if (element.kind == VICI_VALUE)
			take_value(walk, &element);
		else if (element.kind == VICI_LIST_START)
			take_list(walk, element.name);
		else if (element.kind != VICI_SECTION_START)
			walk->is_broken = true;
		else if (vici_text_is(element.name, "child-sas"))
			take_children(walk, element.depth);
		else
			skip_section(walk, element.depth);
	}
}

bool
vici_sa_is_better(const struct vici_sa *a, const struct vici_sa *b)
{
	if (a->is_established != b->is_established)
		return a->is_established;
	if (a->is_child_installed != b->is_child_installed)
		return a->is_child_installed;
	return a->id > b->id;
}

bool
vici_sa_read(struct vici_reader *reader, const char *connection, const char *child,
	     struct vici_sa *sa)
{
	struct walk walk = {.reader = reader, .child = child};
	struct vici_element element;

	*sa = (struct vici_sa){0};
	while (!walk.is_broken) {
		element = vici_next(reader);
		if (element.kind == VICI_END)
			return true;
		if (element.kind == VICI_BROKEN)
			return false;
		if (element.kind != VICI_SECTION_START)
			continue;
		if (!vici_text_is(element.name, connection)) {
			skip_section(&walk, element.depth);
			continue;
		}
		take_sa(&walk);
		if (!walk.is_broken && vici_sa_is_better(&walk.sa, sa))
			*sa = walk.sa;
	}
	return false;
}
