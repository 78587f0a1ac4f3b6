/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/mip_auth.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "lib/mip_auth_burst.h"
#include "tests/unit/lib/golden.h"

static int
create_auth(void **state)
{
	*state = mip_auth_create();
	return *state == NULL ? -1 : 0;
}

static int
destroy_auth(void **state)
{
	mip_auth_destroy(*state);
	return 0;
}

struct vector {
	enum mip_auth_algorithm algorithm;
	const char *key_hex;
	const char *message; /* or, when NULL, 50 times `fill` */
	uint8_t fill;
	const char *expected_hex;
};

#define OF_16(byte) byte byte byte byte byte byte byte byte byte byte byte byte byte byte byte byte
#define OF_20(byte) OF_16(byte) byte byte byte byte
#define COUNT_25 "0102030405060708090a0b0c0d0e0f10111213141516171819"

/* RFC 2202 sections 2 and 3, RFC 4231 section 4: those whose keys fit a struct secret. */
static const struct vector vectors[] = {
	{MIP_AUTH_HMAC_MD5, OF_16("0b"), "Hi There", 0, "9294727a3638bb1c13f48ef8158bfc9d"},
	{MIP_AUTH_HMAC_MD5, "4a656665", "what do ya want for nothing?", 0,
	 "750c783e6ab0b503eaa86e310a5db738"},
	{MIP_AUTH_HMAC_MD5, OF_16("aa"), NULL, 0xdd, "56be34521d144c88dbb8c733f0e8b3f6"},
	{MIP_AUTH_HMAC_MD5, COUNT_25, NULL, 0xcd, "697eaf0aca3a3aea3a75164746ffaa79"},
	{MIP_AUTH_HMAC_MD5, OF_16("0c"), "Test With Truncation", 0,
	 "56461ef2342edc00f9bab995690efd4c"},
	{MIP_AUTH_HMAC_SHA1, OF_20("0b"), "Hi There", 0,
	 "b617318655057264e28bc0b6fb378c8ef146be00"},
	{MIP_AUTH_HMAC_SHA1, "4a656665", "what do ya want for nothing?", 0,
	 "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
	{MIP_AUTH_HMAC_SHA1, OF_20("aa"), NULL, 0xdd, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
	{MIP_AUTH_HMAC_SHA1, COUNT_25, NULL, 0xcd, "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
	{MIP_AUTH_HMAC_SHA1, OF_20("0c"), "Test With Truncation", 0,
	 "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"},
	{MIP_AUTH_HMAC_SHA256, OF_20("0b"), "Hi There", 0,
	 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{MIP_AUTH_HMAC_SHA256, "4a656665", "what do ya want for nothing?", 0,
	 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	{MIP_AUTH_HMAC_SHA256, OF_20("aa"), NULL, 0xdd,
	 "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	{MIP_AUTH_HMAC_SHA256, COUNT_25, NULL, 0xcd,
	 "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	/* Python: hashlib.md5(b"key" + b"message" + b"key") */
	{MIP_AUTH_PREFIX_SUFFIX_MD5, "6b6579", "message", 0, "52483b1fb2280576484acb0573cdc52c"},
};

static void
check_vector(struct mip_auth *auth, const struct vector *vector)
{
	struct secret key;
	uint8_t message[64], expected[MIP_AUTH_SIZE_MAX], out[MIP_AUTH_SIZE_MAX];
	size_t len = 50;

	memset(message, vector->fill, sizeof(message));
	if (vector->message != NULL) {
		len = strlen(vector->message);
		memcpy(message, vector->message, len);
	}
	assert_int_equal(secret_from_hex(&key, vector->key_hex), 0);
	assert_int_equal(from_hex(vector->expected_hex, expected),
			 mip_auth_size(vector->algorithm));
	assert_int_equal(mip_auth_compute(auth, vector->algorithm, &key, message, len, out), 0);
	assert_memory_equal(out, expected, mip_auth_size(vector->algorithm));
	assert_true(mip_auth_verify(auth, vector->algorithm, &key, message, len, expected,
				    mip_auth_size(vector->algorithm)));
}

static void
published_vectors_are_met(void **state)
{
	for (size_t i = 0; i < ARRAY_COUNT(vectors); i++)
		check_vector(*state, &vectors[i]);
}

static void
the_order_of_keys_and_algorithms_does_not_matter(void **state)
{
	/* contexts remember the last key: every one after every other, and after itself */
	for (size_t i = 0; i < ARRAY_COUNT(vectors); i++) {
		for (size_t j = 0; j < ARRAY_COUNT(vectors); j++) {
			check_vector(*state, &vectors[i]);
			check_vector(*state, &vectors[i]);
			check_vector(*state, &vectors[j]);
		}
	}
}

/* Bursts of 0 to all vectors, several times over: few are done by libcrypto, many by IPsec-MB. */
static void
bursts_of_any_size_come_to_the_same(void **state)
{
	enum { JOB_COUNT = 2 * ARRAY_COUNT(vectors) };
	struct mip_auth_burst *burst = mip_auth_burst_create();
	struct mip_auth_pads pads[JOB_COUNT];
	struct secret keys[JOB_COUNT];
	uint8_t messages[JOB_COUNT][64], outs[JOB_COUNT][MIP_AUTH_SIZE_MAX + 1];

	assert_non_null(burst);
	for (unsigned count = 0; count <= JOB_COUNT; count++) {
		struct mip_auth_job jobs[JOB_COUNT + 1] = {0}; /* the last is none */

		for (unsigned i = 0; i < count; i++) {
			const struct vector *vector = &vectors[i % ARRAY_COUNT(vectors)];

			memset(messages[i], vector->fill, sizeof(messages[i]));
			memset(outs[i], 0x55, sizeof(outs[i]));
			jobs[i] = (struct mip_auth_job){.algorithm = vector->algorithm,
							.key = &keys[i],
							.pads = &pads[i],
							.message = messages[i],
							.len = 50,
							.out = outs[i]};
			if (vector->message != NULL)
				jobs[i].len = strlen(strcpy((char *)messages[i], vector->message));
			assert_int_equal(secret_from_hex(&keys[i], vector->key_hex), 0);
			assert_int_equal(mip_auth_pads_make(&pads[i], vector->algorithm, &keys[i]),
					 0);
		}
		mip_auth_burst_compute(burst, *state, jobs, count + 1);
		for (unsigned i = 0; i < count; i++) {
			const struct vector *vector = &vectors[i % ARRAY_COUNT(vectors)];
			uint8_t expected[MIP_AUTH_SIZE_MAX];
			size_t size = from_hex(vector->expected_hex, expected);

			assert_true(jobs[i].is_done);
			assert_memory_equal(outs[i], expected, size);
			assert_int_equal(outs[i][size], 0x55); /* and nothing behind it */
		}
		assert_false(jobs[count].is_done);
	}
	mip_auth_burst_destroy(burst);
}

static void
a_key_that_is_the_beginning_of_the_last_one_is_another_key(void **state)
{
	struct secret longer = {.len = 3, .bytes = "abc"}, shorter = {.len = 2, .bytes = "abc"};
	uint8_t a[MIP_AUTH_SIZE_MAX], b[MIP_AUTH_SIZE_MAX];

	assert_int_equal(mip_auth_compute(*state, MIP_AUTH_HMAC_MD5, &longer, "m", 1, a), 0);
	assert_int_equal(mip_auth_compute(*state, MIP_AUTH_HMAC_MD5, &shorter, "m", 1, b), 0);
	assert_memory_not_equal(a, b, 16);
}

static void
one_wrong_bit_or_length_is_refused(void **state)
{
	struct secret key = GOLDEN_MN_KEY;
	uint8_t message[40] = {1, 2, 3}, right[MIP_AUTH_SIZE_MAX + 1] = {0};

	for (unsigned algorithm = 0; algorithm < MIP_AUTH_ALGORITHM_COUNT; algorithm++) {
		size_t size = mip_auth_size(algorithm);

		assert_int_equal(
			mip_auth_compute(*state, algorithm, &key, message, sizeof(message), right),
			0);
		for (unsigned bit = 0; bit < 8 * size; bit++) {
			right[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(mip_auth_verify(*state, algorithm, &key, message,
						     sizeof(message), right, size));
			right[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		message[39] ^= 1;
		assert_false(mip_auth_verify(*state, algorithm, &key, message, sizeof(message),
					     right, size));
		message[39] ^= 1;
		for (size_t len = 0; len <= size + 1; len++)
			assert_int_equal(mip_auth_verify(*state, algorithm, &key, message,
							 sizeof(message), right, len),
					 len == size);
	}
}

static void
names_lead_there_and_back(void **state)
{
	enum mip_auth_algorithm algorithm;

	(void)state;
	for (unsigned i = 0; i < MIP_AUTH_ALGORITHM_COUNT; i++) {
		assert_int_equal(mip_auth_parse(mip_auth_name(i), &algorithm), 0);
		assert_int_equal(algorithm, i);
	}
	assert_int_equal(mip_auth_parse("md5", &algorithm), -EINVAL);
	assert_int_equal(mip_auth_parse("", &algorithm), -EINVAL);
	mip_auth_destroy(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_are_met),
		cmocka_unit_test(the_order_of_keys_and_algorithms_does_not_matter),
		cmocka_unit_test(bursts_of_any_size_come_to_the_same),
		cmocka_unit_test(a_key_that_is_the_beginning_of_the_last_one_is_another_key),
		cmocka_unit_test(one_wrong_bit_or_length_is_refused),
		cmocka_unit_test(names_lead_there_and_back),
	};

	return cmocka_run_group_tests(tests, create_auth, destroy_auth);
}
