/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/vici_message.h"

#include <endian.h>
#include <string.h>

#include "lib/types.h"

/* How elements are told apart on the wire. */
enum wire_element {
	WIRE_SECTION_START = 1,
	WIRE_SECTION_END = 2,
	WIRE_KEY_VALUE = 3,
	WIRE_LIST_START = 4,
	WIRE_LIST_ITEM = 5,
	WIRE_LIST_END = 6,
};

bool
vici_text_is(struct vici_text text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.bytes, word, text.len) == 0;
}

void
vici_text_copy(struct vici_text text, char *buffer, size_t size)
{
	size_t len = text.len < size ? text.len : size - 1;

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text.bytes[i];

		buffer[i] = byte >= ' ' && byte != 0x7f ? (char)byte : '?';
	}
	buffer[len] = '\0';
}

static bool
take_octet(struct vici_reader *reader, uint8_t *octet)
{
	if (reader->at >= reader->len)
		return false;
	*octet = reader->bytes[reader->at++];
	return true;
}

static bool
take_bytes(struct vici_reader *reader, size_t len, struct vici_text *text)
{
	if (reader->len - reader->at < len)
		return false;
	text->bytes = (const char *)reader->bytes + reader->at;
	text->len = len;
	reader->at += len;
	return true;
}

static bool
take_name(struct vici_reader *reader, struct vici_text *name)
{
	uint8_t len;

	return take_octet(reader, &len) && len > 0 && take_bytes(reader, len, name);
}

static bool
take_value(struct vici_reader *reader, struct vici_text *value)
{
	uint8_t high, low;

	return take_octet(reader, &high) && take_octet(reader, &low) &&
	       take_bytes(reader, (size_t)high << 8 | low, value);
}

bool
vici_open(const uint8_t *bytes, size_t len, enum vici_type *type, struct vici_text *name,
	  struct vici_reader *reader)
{
	uint8_t octet;

	*reader = (struct vici_reader){.bytes = bytes, .len = len};
	*name = (struct vici_text){0};
	if (!take_octet(reader, &octet) || octet > VICI_EVENT)
		return false;
	*type = (enum vici_type)octet;
	switch (*type) {
	case VICI_EVENT:
		return take_name(reader, name);
	case VICI_RESPONSE:
	case VICI_COMMAND_UNKNOWN:
	case VICI_EVENT_CONFIRM:
	case VICI_EVENT_UNKNOWN:
		return true;
	case VICI_COMMAND:
	case VICI_EVENT_REGISTER:
	case VICI_EVENT_UNREGISTER:
		break;
	}
	return false;
}

/* What is inside a list; what is not is broken. */
static bool
take_in_list(struct vici_reader *reader, uint8_t wire, struct vici_element *element)
{
	if (wire == WIRE_LIST_ITEM) {
		element->kind = VICI_LIST_ITEM;
		return take_value(reader, &element->value);
	}
	element->kind = VICI_LIST_END;
	reader->is_in_list = false;
	return wire == WIRE_LIST_END;
}

static bool
take_outside_list(struct vici_reader *reader, uint8_t wire, struct vici_element *element)
{
	switch (wire) {
	case WIRE_SECTION_START:
		element->kind = VICI_SECTION_START;
		return ++reader->depth <= VICI_DEPTH_MAX && take_name(reader, &element->name);
	case WIRE_SECTION_END:
		element->kind = VICI_SECTION_END;
		if (reader->depth == 0)
			return false;
		element->depth = --reader->depth;
		return true;
	case WIRE_KEY_VALUE:
		element->kind = VICI_VALUE;
		return take_name(reader, &element->name) && take_value(reader, &element->value);
	case WIRE_LIST_START:
		element->kind = VICI_LIST_START;
		reader->is_in_list = true;
		return take_name(reader, &element->name);
	default:
		return false;
	}
}

struct vici_element
vici_next(struct vici_reader *reader)
{
	struct vici_element element = {.kind = VICI_END, .depth = reader->depth};
	uint8_t wire;
	bool is_right;

	if (!reader->is_broken && !take_octet(reader, &wire)) {
		reader->is_broken = reader->depth > 0 || reader->is_in_list;
	} else if (!reader->is_broken) {
		is_right = reader->is_in_list ? take_in_list(reader, wire, &element)
					      : take_outside_list(reader, wire, &element);
		reader->is_broken = !is_right;
	}
	if (reader->is_broken)
		element = (struct vici_element){.kind = VICI_BROKEN};
	return element;
}

static void
put(struct vici_request *request, const void *bytes, size_t len)
{
	if (request->is_too_long || sizeof(request->bytes) - request->len < len) {
		request->is_too_long = true;
		return;
	}
	memcpy(request->bytes + request->len, bytes, len);
	request->len += len;
}

static void
put_octet(struct vici_request *request, unsigned octet)
{
	uint8_t byte = (uint8_t)octet;

	put(request, &byte, sizeof(byte));
}

static void
put_name(struct vici_request *request, const char *name)
{
	size_t len = strlen(name);

	request->is_too_long |= len > UINT8_MAX;
	put_octet(request, (unsigned)len);
	put(request, name, len);
}

void
vici_begin(struct vici_request *request, enum vici_type type, const char *name)
{
	request->len = VICI_HEADER_SIZE;
	request->is_too_long = false;
	put_octet(request, type);
	put_name(request, name);
}

void
vici_add(struct vici_request *request, const char *key, const char *value)
{
	size_t len = strlen(value);

	request->is_too_long |= len > UINT16_MAX;
	put_octet(request, WIRE_KEY_VALUE);
	put_name(request, key);
	put_octet(request, (unsigned)len >> 8);
	put_octet(request, (unsigned)len & 0xff);
	put(request, value, len);
}

bool
vici_finish(struct vici_request *request)
{
	be32 len_be = htobe32((uint32_t)(request->len - VICI_HEADER_SIZE));

	memcpy(request->bytes, &len_be, sizeof(len_be));
	return !request->is_too_long;
}
