/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/prefix.h"
#include "mobile/vici_message.h"
#include "mobile/vici_sa.h"

#define PACKET(text) ((const uint8_t *)(text)), sizeof(text) - 1

/* An SA as charon lists it. */
#define CHILD(name, state)                                                         \
	"\1\5net-1\3\4name\0\3" name "\3\5state\0\x9" state "\4\x8local-ts\5\0\xb" \
	"10.8.0.1/32\6\2"
#define SA(connection, id, state, children)                                                    \
	"\1\4" connection "\3\x8uniqueid\0\1" id "\3\5state\0\xb" state "\3\xalocal-host\0\xa" \
	"192.0.2.74\3\xbremote-host\0\xc"                                                      \
	"198.51.100.3\4\xalocal-vips\5\0\x8"                                                   \
	"10.8.0.1\6\1\x9"                                                                      \
	"child-sas" children "\2\2"

static void
open_event(const uint8_t *bytes, size_t len, const char *event, struct vici_reader *reader)
{
	struct vici_text name;
	enum vici_type type;

	assert_true(vici_open(bytes, len, &type, &name, reader));
	assert_int_equal(type, VICI_EVENT);
	assert_true(vici_text_is(name, event));
}

static void
requests_are_encoded_as_charon_wants_them(void **state)
{
	static const uint8_t wanted[] = "\0\0\0\x1a\0\x9terminate\3\3ike\0\4home";
	struct vici_request request;

	vici_begin(&request, VICI_COMMAND, "terminate");
	vici_add(&request, "ike", "home");
	assert_true(vici_finish(&request));
	assert_int_equal(request.len, 4 + 0x16);
	assert_memory_equal(request.bytes + 4, wanted + 4, request.len - 4);
	assert_int_equal(request.bytes[3], 0x16);
}

static void
requests_that_do_not_fit_are_refused(void **state)
{
	char text[VICI_REQUEST_SIZE_MAX + 1];
	struct vici_request request;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	vici_begin(&request, VICI_COMMAND, "initiate");
	vici_add(&request, "child", text);
	assert_false(vici_finish(&request));
	text[256] = '\0';
	vici_begin(&request, VICI_COMMAND, text);
	assert_false(vici_finish(&request));
}

static void
elements_are_read_in_order(void **state)
{
	static const struct {
		enum vici_kind kind;
		const char *name, *value;
		unsigned depth;
	} wanted[] = {
		{VICI_VALUE, "up", "yes", 0},	  {VICI_SECTION_START, "home", "", 0},
		{VICI_LIST_START, "vips", "", 1}, {VICI_LIST_ITEM, "", "a", 1},
		{VICI_LIST_ITEM, "", "", 1},	  {VICI_LIST_END, "", "", 1},
		{VICI_SECTION_END, "", "", 0},	  {VICI_END, "", "", 0},
	};
	struct vici_reader reader;

	open_event(PACKET("\7\1e\3\2up\0\3yes\1\4home\4\4vips\5\0\1a\5\0\0\6\2"), "e", &reader);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct vici_element element = vici_next(&reader);

		assert_int_equal(element.kind, wanted[i].kind);
		assert_int_equal(element.depth, wanted[i].depth);
		assert_true(element.name.len == 0 ? wanted[i].name[0] == '\0'
						  : vici_text_is(element.name, wanted[i].name));
		assert_true(element.value.len == 0 ? wanted[i].value[0] == '\0'
						   : vici_text_is(element.value, wanted[i].value));
	}
}

static void
broken_messages_end_as_broken(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} broken[] = {
		{"\1\3\1a\xff\xff", 6}, /* a value longer than the packet */
		{"\1\3\xff", 3},	/* a name longer than the packet */
		{"\1\3\0\0\0", 5},	/* a name of no length */
		{"\1\2", 2},		/* an end without a beginning */
		{"\1\1\1a", 4},		/* a beginning without an end */
		{"\1\5\0\1a", 5},	/* an item outside a list */
		{"\1\4\1a\1\1b", 7},	/* a section inside a list */
		{"\1\4\1a\5\0\1x", 8},	/* a list without an end */
		{"\1\7", 2},		/* no such element */
		{"\1\0", 2},
	};
	struct vici_text name;
	struct vici_reader reader;
	enum vici_type type;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct vici_element element;

		assert_true(vici_open((const uint8_t *)broken[i].bytes, broken[i].len, &type, &name,
				      &reader));
		do {
			element = vici_next(&reader);
			assert_int_not_equal(element.kind, VICI_END);
		} while (element.kind != VICI_BROKEN);
		assert_int_equal(vici_next(&reader).kind, VICI_BROKEN);
	}
}

static void
what_charon_never_sends_is_no_packet(void **state)
{
	struct vici_reader reader;
	struct vici_text name;
	enum vici_type type;

	assert_false(vici_open(PACKET(""), &type, &name, &reader));
	assert_false(vici_open(PACKET("\10"), &type, &name, &reader));
	assert_false(vici_open(PACKET("\0\1a"), &type, &name, &reader));
	assert_false(vici_open(PACKET("\7\5abc"), &type, &name, &reader));
	assert_false(vici_open(PACKET("\7"), &type, &name, &reader));
}

static void
nesting_is_bounded(void **state)
{
	uint8_t bytes[1 + 3 * (VICI_DEPTH_MAX + 1)] = {VICI_RESPONSE};
	struct vici_reader reader;
	struct vici_text name;
	enum vici_type type;

	for (unsigned i = 0; i <= VICI_DEPTH_MAX; i++)
		memcpy(bytes + 1 + 3 * i, "\1\1a", 3);
	assert_true(vici_open(bytes, sizeof(bytes), &type, &name, &reader));
	for (unsigned i = 0; i < VICI_DEPTH_MAX; i++)
		assert_int_equal(vici_next(&reader).kind, VICI_SECTION_START);
	assert_int_equal(vici_next(&reader).kind, VICI_BROKEN);
}

static void
text_for_logs_is_clean_and_terminated(void **state)
{
	char buffer[4];

	vici_text_copy((struct vici_text){"a\nbcdef", 7}, buffer, sizeof(buffer));
	assert_string_equal(buffer, "a?b");
}

static void
an_sa_with_its_child_is_read(void **state)
{
	struct vici_reader reader;
	struct vici_sa sa;

	open_event(PACKET("\7\7list-sa" SA("home", "7", "ESTABLISHED", CHILD("net", "INSTALLED"))),
		   "list-sa", &reader);
	assert_true(vici_sa_read(&reader, "home", "net", &sa));
	assert_int_equal(sa.id, 7);
	assert_true(sa.is_established && sa.is_child_installed);
	assert_int_equal(be32toh(sa.virtual_address), 0x0a080001);
	assert_int_equal(be32toh(sa.local), 0xc000024a);
	assert_int_equal(be32toh(sa.remote), 0xc6336403);
}

static void
other_connections_and_children_do_not_count(void **state)
{
	struct vici_reader reader;
	struct vici_sa sa;

	open_event(PACKET("\7\7list-sa" SA("work", "7", "ESTABLISHED", CHILD("net", "INSTALLED"))),
		   "list-sa", &reader);
	assert_true(vici_sa_read(&reader, "home", "net", &sa));
	assert_int_equal(sa.id, 0);
	open_event(PACKET("\7\7list-sa" SA("home", "7", "ESTABLISHED", CHILD("dmz", "INSTALLED"))),
		   "list-sa", &reader);
	assert_true(vici_sa_read(&reader, "home", "net", &sa));
	assert_true(sa.is_established && !sa.is_child_installed);
}

static void
the_established_sa_is_taken_before_others(void **state)
{
	struct vici_reader reader;
	struct vici_sa sa;

	open_event(PACKET("\7\7list-sa" SA("home", "3", "ESTABLISHED", CHILD("net", "INSTALLED"))
				  SA("home", "4", "CONNECTING.", "")),
		   "list-sa", &reader);
	assert_true(vici_sa_read(&reader, "home", "net", &sa));
	assert_int_equal(sa.id, 3);
}

static void
a_truncated_sa_is_broken(void **state)
{
	static const char text[] =
		"\7\7list-sa" SA("home", "7", "ESTABLISHED", CHILD("net", "INSTALLED"));
	struct vici_reader reader;
	struct vici_sa sa;

	for (size_t len = sizeof("\7\7list-sa"); len < sizeof(text) - 1; len++) {
		open_event((const uint8_t *)text, len, "list-sa", &reader);
		assert_false(vici_sa_read(&reader, "home", "net", &sa));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_encoded_as_charon_wants_them),
		cmocka_unit_test(requests_that_do_not_fit_are_refused),
		cmocka_unit_test(elements_are_read_in_order),
		cmocka_unit_test(broken_messages_end_as_broken),
		cmocka_unit_test(what_charon_never_sends_is_no_packet),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(text_for_logs_is_clean_and_terminated),
		cmocka_unit_test(an_sa_with_its_child_is_read),
		cmocka_unit_test(other_connections_and_children_do_not_count),
		cmocka_unit_test(the_established_sa_is_taken_before_others),
		cmocka_unit_test(a_truncated_sa_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
