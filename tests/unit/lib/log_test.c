/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Standard error while a test runs: a file in memory. */
struct capture {
	int file, saved;
	char text[8192];
};

static void
capture_begin(struct capture *capture)
{
	capture->file = memfd_create("stderr", MFD_CLOEXEC);
	capture->saved = dup(STDERR_FILENO);
	assert_true(capture->file >= 0 && capture->saved >= 0);
	assert_true(dup2(capture->file, STDERR_FILENO) >= 0);
}

static const char *
capture_end(struct capture *capture)
{
	ssize_t len = pread(capture->file, capture->text, sizeof(capture->text) - 1, 0);

	dup2(capture->saved, STDERR_FILENO);
	close(capture->saved);
	close(capture->file);
	assert_true(len >= 0);
	capture->text[len] = '\0';
	return capture->text;
}

static int
set_up(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_set_program("test");
	log_set_level(LOG_LEVEL_INFO);
	return 0;
}

static void
a_line_says_program_level_text_and_error(void **state)
{
	struct capture capture;

	(void)state;
	capture_begin(&capture);
	log_error(ENOENT, "cannot open %s", "x");
	log_errorx("bad %d", 1);
	log_warn(EPERM, "key");
	log_warnx("odd");
	log_info("hello");
	assert_string_equal(capture_end(&capture),
			    "test: error: cannot open x: No such file or directory\n"
			    "test: error: bad 1\n"
			    "test: warning: key: Operation not permitted\n"
			    "test: warning: odd\n"
			    "test: hello\n");
}

static void
lines_below_the_level_are_left_out(void **state)
{
	struct capture capture;

	(void)state;
	capture_begin(&capture);
	log_debug("no");
	log_set_level(LOG_LEVEL_WARNING);
	log_info("no");
	log_warnx("a");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("b");
	assert_string_equal(capture_end(&capture), "test: warning: a\ntest: debug: b\n");
}

static void
what_is_quoted_cannot_forge_a_line(void **state)
{
	struct capture capture;

	(void)state;
	capture_begin(&capture);
	log_info("from %s", "x\n<3>test: error: forged\x1b[2J");
	assert_string_equal(capture_end(&capture),
			    "test: from x\\x0a<3>test: error: forged\\x1b[2J\n");
}

static void
an_endless_line_is_cut(void **state)
{
	static const char end[] = ": Operation not permitted\n";
	struct capture capture;
	char text[6000];
	const char *line;

	(void)state;
	memset(text, '\n', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	capture_begin(&capture);
	log_error(EPERM, "%s", text);
	line = capture_end(&capture);
	assert_true(strlen(line) > 1000 && strlen(line) < 3000);
	assert_string_equal(line + strlen(line) - strlen(end), end);
}

static void
the_journal_gets_priorities(void **state)
{
	struct capture capture;
	char stream[64];
	struct stat st;

	(void)state;
	capture_begin(&capture);
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_errorx("a");
	log_warnx("b");
	log_info("c");
	setenv("JOURNAL_STREAM", "1:1", 1); /* somebody else's */
	log_info("d");
	setenv("JOURNAL_STREAM", "nonsense", 1);
	log_info("e");
	unsetenv("JOURNAL_STREAM");
	assert_string_equal(capture_end(&capture), "<3>test: error: a\n"
						   "<4>test: warning: b\n"
						   "<6>test: c\n"
						   "test: d\n"
						   "test: e\n");
}

static void
a_limit_allows_so_many_a_second_and_then_says_what_it_held_back(void **state)
{
	struct log_limit limit = {.per_sec = 3};
	struct capture capture;
	unsigned allowed = 0;

	(void)state;
	capture_begin(&capture);
	/* a second that lasts: begun in the far future */
	assert_true(log_limit_allows(&limit));
	limit.second = mono_add_sec(limit.second, 1000);
	for (unsigned i = 0; i < 10; i++)
		allowed += log_limit_allows(&limit);
	limit.second = (struct mono_time){0}; /* now it is over */
	assert_true(log_limit_allows(&limit));
	assert_true(log_limit_allows(&limit));
	assert_string_equal(capture_end(&capture),
			    "test: warning: 8 more lines of the next kind were suppressed\n");
	assert_int_equal(allowed, 2);
	assert_int_equal(limit.suppressed, 0);
}

static void
a_limit_of_none_allows_none(void **state)
{
	struct log_limit limit = {.per_sec = 0};

	(void)state;
	assert_false(log_limit_allows(&limit));
	assert_false(log_limit_allows(&limit));
	assert_int_equal(limit.suppressed, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line_says_program_level_text_and_error, set_up),
		cmocka_unit_test_setup(lines_below_the_level_are_left_out, set_up),
		cmocka_unit_test_setup(what_is_quoted_cannot_forge_a_line, set_up),
		cmocka_unit_test_setup(an_endless_line_is_cut, set_up),
		cmocka_unit_test_setup(the_journal_gets_priorities, set_up),
		cmocka_unit_test_setup(
			a_limit_allows_so_many_a_second_and_then_says_what_it_held_back, set_up),
		cmocka_unit_test_setup(a_limit_of_none_allows_none, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
