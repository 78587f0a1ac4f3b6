/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_VICI_MESSAGE_H
#define MOBILE_VICI_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Messages of VICI, the control protocol of strongSwan's charon (its README.md in the vici plugin): a
 * packet is a 32-bit length and that many bytes, which begin with the packet's type and, for some
 * types, a name; sections, values and lists follow. Read in place, element by element; every length is
 * checked, and nesting is bounded. No I/O, no allocation.
 */
#define VICI_PACKET_SIZE_MAX (512u << 10) /* as charon has it */
#define VICI_HEADER_SIZE 4
#define VICI_DEPTH_MAX 16
#define VICI_REQUEST_SIZE_MAX 1024

enum vici_type {
	VICI_COMMAND = 0, /* named */
	VICI_RESPONSE = 1,
	VICI_COMMAND_UNKNOWN = 2,
	VICI_EVENT_REGISTER = 3,   /* named */
	VICI_EVENT_UNREGISTER = 4, /* named */
	VICI_EVENT_CONFIRM = 5,
	VICI_EVENT_UNKNOWN = 6,
	VICI_EVENT = 7, /* named */
};

/* Bytes of a packet; not terminated. */
struct vici_text {
	const char *bytes;
	size_t len;
};

/* True when `text` is exactly the string `word`. */
bool vici_text_is(struct vici_text text, const char *word);

/* Copies what fits and terminates it; control characters become '?'. */
void vici_text_copy(struct vici_text text, char *buffer, size_t size);

enum vici_kind {
	VICI_END,    /* of the message, which was well-formed */
	VICI_BROKEN, /* it is not; nothing follows */
	VICI_SECTION_START,
	VICI_SECTION_END,
	VICI_VALUE,
	VICI_LIST_START,
	VICI_LIST_ITEM,
	VICI_LIST_END,
};

struct vici_element {
	enum vici_kind kind;
	struct vici_text name;	/* of a section, value or list */
	struct vici_text value; /* of a value or list item */
	unsigned depth;		/* sections around it: a section's start and end have the same */
};

struct vici_reader {
	const uint8_t *bytes;
	size_t len, at;
	unsigned depth;
	bool is_in_list;
	bool is_broken;
};

/* A packet's type and name, and a reader for what follows. `bytes` are those behind the length. False:
 * not a packet that charon sends. */
bool vici_open(const uint8_t *bytes, size_t len, enum vici_type *type, struct vici_text *name,
	       struct vici_reader *reader);

/* The next element; after VICI_END and VICI_BROKEN the same again. */
struct vici_element vici_next(struct vici_reader *reader);

/* A packet to send. */
struct vici_request {
	uint8_t bytes[VICI_REQUEST_SIZE_MAX];
	size_t len;
	bool is_too_long; /* something did not fit: not to be sent */
};

/* Begins a command, or the registration for an event, with this name. */
void vici_begin(struct vici_request *request, enum vici_type type, const char *name);

/* Adds `key = value`. */
void vici_add(struct vici_request *request, const char *key, const char *value);

/* Fills in the length. False: it did not fit. */
bool vici_finish(struct vici_request *request);

#endif
