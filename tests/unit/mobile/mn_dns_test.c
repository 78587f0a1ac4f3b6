/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mobile/mn_dns.h"

#define BEFORE "nameserver 192.0.2.53\n"

/* A directory with a resolv.conf of its own. */
struct host {
	struct mn_config config;
	struct mn_dns dns;
	char text[512];
};

static void
write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static const char *
text_of(struct host *host)
{
	FILE *in = fopen(host->config.dns.file, "r");
	size_t len;

	assert_non_null(in);
	len = fread(host->text, 1, sizeof(host->text) - 1, in);
	host->text[len] = '\0';
	fclose(in);
	return host->text;
}

static int
set_up(void **state)
{
	struct host *host = calloc(1, sizeof(*host));
	struct mn_dns_config *dns = &host->config.dns;

	strcpy(host->config.runtime_directory, "/tmp/mn_dns.XXXXXX");
	assert_non_null(mkdtemp(host->config.runtime_directory));
	snprintf(dns->file, sizeof(dns->file), "%s/resolv.conf", host->config.runtime_directory);
	dns->method = MN_DNS_FILE;
	dns->servers[0] = inet_addr("10.1.0.53");
	dns->server_count = 1;
	strcpy(dns->search[0], "corp.example");
	dns->search_count = 1;
	write_file(dns->file, BEFORE);
	mn_dns_init(&host->dns, &host->config, "hp0");
	*state = host;
	return 0;
}

static int
tear_down(void **state)
{
	struct host *host = *state;
	char copy[128];

	snprintf(copy, sizeof(copy), "%s/resolv.conf.saved", host->config.runtime_directory);
	unlink(copy);
	unlink(host->config.dns.file);
	assert_int_equal(rmdir(host->config.runtime_directory), 0);
	free(host);
	return 0;
}

static void
servers_come_with_the_data_and_go_with_it(void **state)
{
	struct host *host = *state;

	for (unsigned i = 0; i < 2; i++) {
		mn_dns_update(&host->dns, true);
		assert_non_null(strstr(text_of(host), "\nnameserver 10.1.0.53\n"));
		assert_non_null(strstr(host->text, "\nsearch corp.example\n"));
		mn_dns_update(&host->dns, false);
		assert_string_equal(text_of(host), BEFORE);
	}
}

static void
what_a_crash_left_is_restored_at_the_next_start(void **state)
{
	struct host *host = *state;

	mn_dns_update(&host->dns, true);
	mn_dns_init(&host->dns, &host->config, "hp0");
	assert_string_equal(text_of(host), BEFORE);
}

static void
what_somebody_else_wrote_meanwhile_stays(void **state)
{
	struct host *host = *state;

	mn_dns_update(&host->dns, true);
	write_file(host->config.dns.file, "nameserver 198.51.100.53\n");
	mn_dns_update(&host->dns, false);
	assert_string_equal(text_of(host), "nameserver 198.51.100.53\n");
	mn_dns_init(&host->dns, &host->config, "hp0");
	assert_string_equal(text_of(host), "nameserver 198.51.100.53\n");
}

static void
a_link_stays_a_link(void **state)
{
	struct host *host = *state;
	char link[MN_PATH_SIZE + 8];
	struct stat info;

	snprintf(link, sizeof(link), "%s.link", host->config.dns.file);
	assert_int_equal(symlink(host->config.dns.file, link), 0);
	strcpy(host->config.dns.file, link);
	mn_dns_update(&host->dns, true);
	assert_non_null(strstr(text_of(host), "10.1.0.53"));
	mn_dns_update(&host->dns, false);
	assert_string_equal(text_of(host), BEFORE);
	assert_int_equal(lstat(link, &info), 0);
	assert_true(S_ISLNK(info.st_mode));
	unlink(link);
	host->config.dns.file[strlen(link) - strlen(".link")] = '\0';
}

static void
without_servers_dns_is_left_alone(void **state)
{
	struct host *host = *state;

	host->config.dns.server_count = 0;
	mn_dns_update(&host->dns, true);
	assert_string_equal(text_of(host), BEFORE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(servers_come_with_the_data_and_go_with_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_a_crash_left_is_restored_at_the_next_start,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_somebody_else_wrote_meanwhile_stays, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_link_stays_a_link, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_servers_dns_is_left_alone, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
