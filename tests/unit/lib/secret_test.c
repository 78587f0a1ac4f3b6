/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/secret.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/secret_test.XXXXXX";
static char path[64];

static int
make_directory(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/key", directory);
	return 0;
}

static int
remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

/* Reads a key file of these bytes and mode. */
static int
read_file(const void *bytes, size_t len, mode_t mode, struct secret *secret)
{
	FILE *file = fopen(path, "we");
	int ret;

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	ret = secret_from_file(secret, path);
	assert_int_equal(unlink(path), 0);
	return ret;
}

static void
hexadecimal_digits_are_read_or_refused(void **state)
{
	char hex[2 * SECRET_SIZE_MAX + 3];
	struct secret secret;

	(void)state;
	assert_int_equal(secret_from_hex(&secret, "00fFa5"), 0);
	assert_int_equal(secret.len, 3);
	assert_memory_equal(secret.bytes, "\x00\xff\xa5", 3);
	assert_int_equal(secret_from_hex(&secret, ""), -EINVAL);
	assert_int_equal(secret_from_hex(&secret, "abc"), -EINVAL);
	assert_int_equal(secret_from_hex(&secret, "0x11"), -EINVAL);
	assert_int_equal(secret_from_hex(&secret, "1g"), -EINVAL);
	memset(hex, '1', sizeof(hex));
	hex[2 * SECRET_SIZE_MAX] = '\0';
	assert_int_equal(secret_from_hex(&secret, hex), 0);
	assert_int_equal(secret.len, SECRET_SIZE_MAX);
	hex[2 * SECRET_SIZE_MAX] = '1';
	hex[2 * SECRET_SIZE_MAX + 2] = '\0';
	assert_int_equal(secret_from_hex(&secret, hex), -E2BIG);
}

static void
text_is_taken_as_it_is(void **state)
{
	char text[SECRET_SIZE_MAX + 2];
	struct secret secret;

	(void)state;
	assert_int_equal(secret_from_text(&secret, "0x11 "), 0);
	assert_int_equal(secret.len, 5);
	assert_memory_equal(secret.bytes, "0x11 ", 5);
	assert_int_equal(secret_from_text(&secret, ""), -EINVAL);
	memset(text, 'k', sizeof(text));
	text[SECRET_SIZE_MAX] = '\0';
	assert_int_equal(secret_from_text(&secret, text), 0);
	text[SECRET_SIZE_MAX] = 'k';
	text[SECRET_SIZE_MAX + 1] = '\0';
	assert_int_equal(secret_from_text(&secret, text), -E2BIG);
}

static void
files_hold_one_line_of_text_or_digits(void **state)
{
	static const struct {
		const char *content;
		int result;
		uint8_t len;
	} cases[] = {
		{"secret", 0, 6},      {"secret\n", 0, 6},     {"secret\r\n", 0, 6},
		{"0x0102\n", 0, 2},    {"0xzz\n", -EINVAL, 0}, {"0x\n", -EINVAL, 0},
		{"", -EINVAL, 0},      {"\n", -EINVAL, 0},     {"a\nb\n", -EINVAL, 0},
		{"two words\n", 0, 9}, {"a\n\n", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct secret secret;

		assert_int_equal(
			read_file(cases[i].content, strlen(cases[i].content), 0600, &secret),
			cases[i].result);
		if (cases[i].result == 0)
			assert_int_equal(secret.len, cases[i].len);
	}
}

static void
the_longest_key_fits_in_a_file_and_longer_ones_are_refused(void **state)
{
	char text[1000];
	struct secret secret;

	(void)state;
	memset(text, '1', sizeof(text));
	memcpy(text, "0x", 2);
	memcpy(text + 2 + 2 * SECRET_SIZE_MAX, "\r\n", 2);
	assert_int_equal(read_file(text, 2 + 2 * SECRET_SIZE_MAX + 2, 0600, &secret), 0);
	assert_int_equal(secret.len, SECRET_SIZE_MAX);
	memset(text, '1', sizeof(text));
	for (size_t len = SECRET_SIZE_MAX + 1; len < sizeof(text); len += 7)
		assert_int_equal(read_file(text, len, 0600, &secret), -E2BIG);
	assert_int_equal(read_file("a\0b", 3, 0600, &secret), -EINVAL);
}

static void
files_that_others_may_read_or_write_are_refused(void **state)
{
	struct secret secret;

	(void)state;
	for (mode_t mode = 0; mode < 0100; mode++) {
		bool is_open = (mode & 066) != 0;

		assert_int_equal(read_file("key", 3, 0400 | mode, &secret), is_open ? -EPERM : 0);
	}
}

static void
files_of_another_user_are_refused(void **state)
{
	struct secret secret;
	FILE *file = fopen(path, "we");

	(void)state;
	assert_non_null(file);
	fputs("key", file);
	fclose(file);
	assert_int_equal(chmod(path, 0600), 0);
	if (geteuid() == 0) { /* only root can give a file away */
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(secret_from_file(&secret, path), -EPERM);
	}
	assert_int_equal(unlink(path), 0);
}

static void
what_is_no_file_is_refused_without_waiting(void **state)
{
	struct secret secret;

	(void)state;
	assert_int_equal(secret_from_file(&secret, path), -ENOENT);
	assert_int_equal(secret_from_file(&secret, directory), -EINVAL);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(secret_from_file(&secret, path), -EINVAL);
	assert_int_equal(unlink(path), 0);
}

static void
secrets_are_compared_whole_and_wiped(void **state)
{
	struct secret a = {.len = 3, .bytes = "abc"}, b = {.len = 3, .bytes = "abd"};
	const struct secret nothing = {0};

	(void)state;
	assert_true(secret_equal(&a, &a));
	assert_false(secret_equal(&a, &b));
	b.len = 2;
	assert_false(secret_equal(&a, &b));
	a.len = 2;
	assert_true(secret_equal(&a, &b)); /* bytes behind the length do not count */
	secret_wipe(&a);
	assert_memory_equal(&a, &nothing, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hexadecimal_digits_are_read_or_refused),
		cmocka_unit_test(text_is_taken_as_it_is),
		cmocka_unit_test(files_hold_one_line_of_text_or_digits),
		cmocka_unit_test(the_longest_key_fits_in_a_file_and_longer_ones_are_refused),
		cmocka_unit_test(files_that_others_may_read_or_write_are_refused),
		cmocka_unit_test(files_of_another_user_are_refused),
		cmocka_unit_test(what_is_no_file_is_refused_without_waiting),
		cmocka_unit_test(secrets_are_compared_whole_and_wiped),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
