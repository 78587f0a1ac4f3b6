/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/esp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
every_suite_has_a_name_of_its_own_and_sizes_that_fit(void **state)
{
	(void)state;
	for (enum esp_suite suite = 0; suite < ESP_SUITE_COUNT; suite++) {
		const struct esp_suite_info *info = esp_suite_info(suite);

		assert_non_null(info->name);
		for (enum esp_suite other = 0; other < suite; other++)
			assert_string_not_equal(info->name, esp_suite_info(other)->name);
		assert_true(info->iv_size <= ESP_IV_SIZE_MAX);
		assert_true(info->icv_size >= 12 && info->icv_size <= ESP_ICV_SIZE_MAX);
		assert_true(info->align == 4 || info->align == 16);
	}
}

/* RFC 4106 section 8.1, RFC 7634 section 2, RFC 4868 section 2.1.1: what IKE cuts out of KEYMAT. */
static void
the_sizes_are_those_of_the_rfcs(void **state)
{
	const struct esp_suite_info *gcm = esp_suite_info(ESP_AES192_GCM16);
	const struct esp_suite_info *chacha = esp_suite_info(ESP_CHACHA20_POLY1305);
	const struct esp_suite_info *cbc = esp_suite_info(ESP_AES256_CBC_SHA512_256);
	const struct esp_suite_info *null = esp_suite_info(ESP_NULL_SHA1_96);

	(void)state;
	assert_int_equal(gcm->encryption_key_size, 28);
	assert_int_equal(gcm->authentication_key_size, 0);
	assert_int_equal(gcm->iv_size, 8);
	assert_int_equal(gcm->icv_size, 16);
	assert_int_equal(chacha->encryption_key_size, 36);
	assert_int_equal(chacha->iv_size, 8);
	assert_int_equal(cbc->encryption_key_size, 32);
	assert_int_equal(cbc->authentication_key_size, 64);
	assert_int_equal(cbc->iv_size, 16);
	assert_int_equal(cbc->icv_size, 32);
	assert_int_equal(cbc->align, 16);
	assert_int_equal(null->encryption_key_size, 0);
	assert_int_equal(null->authentication_key_size, 20);
	assert_int_equal(null->iv_size, 0);
	assert_int_equal(null->icv_size, 12);
}

static void
the_tail_brings_payload_and_trailer_to_the_alignment(void **state)
{
	(void)state;
	assert_int_equal(esp_tail_len(0, 4, 16), 4 + 16);
	assert_int_equal(esp_tail_len(1, 4, 16), 3 + 16);
	assert_int_equal(esp_tail_len(2, 4, 16), 2 + 16);
	assert_int_equal(esp_tail_len(3, 4, 16), 5 + 16);
	assert_int_equal(esp_tail_len(14, 16, 32), 2 + 32);
	assert_int_equal(esp_tail_len(15, 16, 32), ESP_TAIL_SIZE_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_suite_has_a_name_of_its_own_and_sizes_that_fit),
		cmocka_unit_test(the_sizes_are_those_of_the_rfcs),
		cmocka_unit_test(the_tail_brings_payload_and_trailer_to_the_alignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
