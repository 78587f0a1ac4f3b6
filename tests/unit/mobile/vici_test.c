/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "mobile/vici.h"

/* A charon of which only the socket is there: the test says what it answers. */
struct charon {
	struct event_base *base;
	struct vici *vici;
	char directory[32], path[64];
	int listener, fd;
	int result;
	unsigned states, events, answers, unknowns;
	bool destroys_on_event;
};

static void
on_state(void *context, int result)
{
	struct charon *charon = context;

	charon->states++;
	charon->result = result;
	event_base_loopbreak(charon->base);
}

static void
on_event(void *context, struct vici_text name, struct vici_reader *body)
{
	struct charon *charon = context;

	assert_true(vici_text_is(name, "ike-updown"));
	charon->events++;
	if (charon->destroys_on_event) {
		vici_destroy(charon->vici);
		charon->vici = NULL;
	}
	event_base_loopbreak(charon->base);
}

static void
on_answer(void *context, bool is_known, struct vici_reader *body)
{
	struct charon *charon = context;

	charon->answers++;
	charon->unknowns += !is_known;
	event_base_loopbreak(charon->base);
}

static const struct vici_calls calls = {on_state, on_event, on_answer};

static int
set_up(void **state)
{
	struct charon *charon = calloc(1, sizeof(*charon));
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	assert_non_null(charon);
	strcpy(charon->directory, "/tmp/vici.XXXXXX");
	assert_non_null(mkdtemp(charon->directory));
	snprintf(charon->path, sizeof(charon->path), "%s/socket", charon->directory);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", charon->path);
	charon->fd = -1;
	charon->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(charon->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(charon->listener, 1), 0);
	charon->base = event_base_new();
	*state = charon;
	return 0;
}

static int
tear_down(void **state)
{
	struct charon *charon = *state;

	vici_destroy(charon->vici);
	if (charon->fd >= 0)
		close(charon->fd);
	close(charon->listener);
	unlink(charon->path);
	rmdir(charon->directory);
	event_base_free(charon->base);
	free(charon);
	return 0;
}

static void
connect_to(struct charon *charon)
{
	assert_int_equal(vici_create(&charon->vici, charon->base, charon->path, &calls, charon), 0);
	assert_int_equal(charon->states, 0);
	event_base_dispatch(charon->base);
	assert_int_equal(charon->states, 1);
	assert_int_equal(charon->result, 0);
	charon->fd = accept(charon->listener, NULL, NULL);
	assert_true(charon->fd >= 0);
}

static void
say(struct charon *charon, const char *bytes, size_t len)
{
	assert_int_equal(write(charon->fd, bytes, len), len);
	event_base_dispatch(charon->base);
}

static void
command(struct charon *charon)
{
	struct vici_request request;

	vici_begin(&request, VICI_COMMAND, "version");
	assert_int_equal(vici_send(charon->vici, &request), 0);
}

static void
answers_and_events_are_told_apart(void **state)
{
	struct charon *charon = *state;

	connect_to(charon);
	assert_int_equal(vici_register(charon->vici, "ike-updown"), 0);
	command(charon);
	command(charon);
	assert_int_equal(vici_pending(charon->vici), 2);
	say(charon, "\0\0\0\1\5\0\0\0\xc\7\nike-updown", 21);
	assert_int_equal(charon->events, 1);
	say(charon, "\0\0\0\1\1", 5);
	assert_int_equal(charon->answers, 1);
	say(charon, "\0\0\0\1\2", 5);
	assert_int_equal(charon->answers, 2);
	assert_int_equal(charon->unknowns, 1);
	assert_int_equal(vici_pending(charon->vici), 0);
}

static void
a_packet_may_come_in_pieces(void **state)
{
	struct charon *charon = *state;

	connect_to(charon);
	command(charon);
	assert_int_equal(write(charon->fd, "\0\0", 2), 2);
	event_base_loop(charon->base, EVLOOP_ONCE);
	assert_int_equal(write(charon->fd, "\0\7\1\3\1a", 6), 6);
	event_base_loop(charon->base, EVLOOP_ONCE);
	assert_int_equal(charon->answers, 0);
	say(charon, "\0\1b", 3);
	assert_int_equal(charon->answers, 1);
}

static void
the_end_of_charon_is_told(void **state)
{
	struct charon *charon = *state;

	connect_to(charon);
	close(charon->fd);
	charon->fd = -1;
	event_base_dispatch(charon->base);
	assert_int_equal(charon->states, 2);
	assert_true(charon->result < 0);
}

static void
nonsense_ends_the_connection(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} nonsense[] = {
		{"\0\0\0\0", 4},    /* an empty packet */
		{"\x7f\0\0\0", 4},  /* a huge one */
		{"\0\0\0\1\1", 5},  /* an answer to nothing */
		{"\0\0\0\1\5", 5},  /* a confirmation of nothing */
		{"\0\0\0\1\x8", 5}, /* no such type */
	};
	struct charon *charon = *state;

	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		charon->states = 0;
		connect_to(charon);
		say(charon, nonsense[i].bytes, nonsense[i].len);
		assert_int_equal(charon->states, 2);
		assert_int_equal(charon->result, -EPROTO);
		vici_destroy(charon->vici);
		charon->vici = NULL;
		close(charon->fd);
		charon->fd = -1;
	}
}

static void
an_event_may_end_the_connection(void **state)
{
	struct charon *charon = *state;

	charon->destroys_on_event = true;
	connect_to(charon);
	say(charon, "\0\0\0\xc\7\nike-updown\0\0\0\xc\7\nike-updown", 32);
	assert_int_equal(charon->events, 1);
	assert_null(charon->vici);
}

static void
without_a_charon_there_is_no_connection(void **state)
{
	struct charon *charon = *state;
	int result;

	unlink(charon->path);
	result = vici_create(&charon->vici, charon->base, charon->path, &calls, charon);
	if (result == 0) {
		event_base_dispatch(charon->base);
		result = charon->result;
	}
	assert_int_equal(result, -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_and_events_are_told_apart, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_packet_may_come_in_pieces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_end_of_charon_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nonsense_ends_the_connection, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_event_may_end_the_connection, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_charon_there_is_no_connection, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
