/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/watch.h"
#include "tests/unit/ctl/fake_box.h"

static struct watch_sample
sample_at(uint64_t sec, const char *info, const char *drops)
{
	struct watch_sample sample = {
		.at = {sec * NS_PER_SEC},
		.info = json_loads(info, 0, NULL),
		.drops = json_loads(drops, 0, NULL),
	};

	assert_non_null(sample.info);
	assert_non_null(sample.drops);
	return sample;
}

static char *
printed(const struct watch_sample *before, const struct watch_sample *now)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(watch_print(before, now, out), 0);
	fclose(out);
	return text;
}

static void
rates_are_what_grew_between_two_samples(void **state)
{
	struct watch_sample before =
		sample_at(10,
			  "{\"registrations\":{\"received\":100,\"accepted\":50},"
			  "\"ports\":[{\"name\":\"ext0\",\"rx_packets\":1000,\"rx_bytes\":0}]}",
			  "{\"ip-ttl\":900,\"tunnel-loop\":1,\"tx-full\":0}");
	struct watch_sample now = sample_at(
		12,
		"{\"version\":\"0.1.0\",\"uptime_sec\":60,\"bindings\":3,\"bindings_max\":9,"
		"\"registrations\":{\"received\":300,\"accepted\":52},"
		"\"ports\":[{\"name\":\"ext0\",\"link\":\"up\",\"rx_packets\":5000,"
		"\"rx_bytes\":250000}]}",
		"{\"ip-ttl\":900,\"tunnel-loop\":5,\"tx-full\":0}");
	char *text = printed(&before, &now);

	assert_non_null(strstr(text, "homeport 0.1.0, up 1 m 0 s\nbindings 3 of 9\n"));
	assert_non_null(strstr(text, "registrations 100 /s (300), accepted 1 /s (52)\n"));
	assert_non_null(strstr(text, "2.0 k/s  1.0 Mbit/s"));
	/* the growing one first, the one that never happened not at all */
	assert_true(strstr(text, "tunnel-loop") < strstr(text, "ip-ttl"));
	assert_null(strstr(text, "tx-full"));
	free(text);
	watch_sample_fini(&before);
	watch_sample_fini(&now);
}

static void
first_block_has_totals_and_no_rates(void **state)
{
	struct watch_sample now = sample_at(1, "{\"registrations\":{\"received\":300}}", "{}");
	char *text = printed(NULL, &now);

	assert_non_null(strstr(text, "registrations - (300)"));
	assert_non_null(strstr(text, "no packet was dropped"));
	free(text);
	watch_sample_fini(&now);
}

static void
restarted_box_gives_no_rates_rather_than_absurd_ones(void **state)
{
	struct watch_sample before =
		sample_at(1, "{\"registrations\":{\"received\":300}}", "{\"ip-ttl\":900}");
	struct watch_sample now = sample_at(2, "{\"registrations\":{\"received\":1}}",
					    "{\"ip-ttl\":2,\"ip-short\":1}");
	char *text = printed(&before, &now);

	assert_non_null(strstr(text, "registrations - (1)"));
	free(text);
	watch_sample_fini(&before);
	watch_sample_fini(&now);
}

static const struct fake_answer answers[] = {
	{"/homeport/info", "{\"/homeport/info\":{\"version\":\"0.1.0\",\"bindings\":1}}"},
	{"/homeport/drops", "{\"/homeport/drops\":{\"ip_ttl\":3}}"},
	{NULL, NULL},
};

static void
count_ends_the_watch(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "watch 3600 --count 1");

	assert_int_equal(output.status, CTL_OK);
	assert_non_null(strstr(output.out, "bindings 1 of 0"));
	assert_non_null(strstr(output.out, "ip-ttl"));
	assert_null(strchr(output.out, '\033')); /* not a terminal */
	ctl_output_fini(&output);
}

static void
json_is_one_line_a_sample(void **state)
{
	struct ctl_output output = run_ctl_against(answers, "watch --json --count 1");

	assert_string_equal(output.out,
			    "{\"info\":{\"version\":\"0.1.0\",\"bindings\":1,\"ports\":[]},"
			    "\"drops\":{\"ip-ttl\":3}}\n");
	ctl_output_fini(&output);
}

static void
box_that_goes_away_ends_the_watch_with_an_error(void **state)
{
	static const struct fake_answer leaving[] = {
		{"/homeport/info", "{\"/homeport/info\":{}}"},
		{"/homeport/drops", NULL},
		{NULL, NULL},
	};
	struct ctl_output output = run_ctl_against(leaving, "watch");

	assert_int_equal(output.status, CTL_UNREACHABLE);
	ctl_output_fini(&output);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_what_grew_between_two_samples),
		cmocka_unit_test(first_block_has_totals_and_no_rates),
		cmocka_unit_test(restarted_box_gives_no_rates_rather_than_absurd_ones),
		cmocka_unit_test(count_ends_the_watch),
		cmocka_unit_test(json_is_one_line_a_sample),
		cmocka_unit_test(box_that_goes_away_ends_the_watch_with_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
