/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_dns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first line of a file of ours. */
#define MARKER "# homeport-mn set this up for the internal network"
#define FILE_SIZE_MAX (64u << 10)
#define ARGUMENTS_MAX (8 + MN_DNS_SERVERS_MAX + MN_DNS_DOMAINS_MAX)

static enum mn_dns_method
find_method(enum mn_dns_method wanted)
{
	if (wanted != MN_DNS_AUTO)
		return wanted;
	if (access("/run/systemd/resolve/io.systemd.Resolve", F_OK) == 0)
		return MN_DNS_RESOLVECTL;
	if (access("/sbin/resolvconf", X_OK) == 0 || access("/usr/sbin/resolvconf", X_OK) == 0)
		return MN_DNS_RESOLVCONF;
	return MN_DNS_FILE;
}

/* Runs a program, for not longer than some seconds, with what `input_fd` has (-1: nothing). */
static void
run(const char *const *words, int input_fd)
{
	const char *arguments[ARGUMENTS_MAX + 3] = {"timeout", "5"};
	posix_spawn_file_actions_t actions;
	int status = -1, result;
	unsigned count = 2;
	pid_t pid;

	for (unsigned i = 0; words[i] != NULL && count < ARGUMENTS_MAX + 2; i++)
		arguments[count++] = words[i];
	posix_spawn_file_actions_init(&actions);
	if (input_fd >= 0)
		posix_spawn_file_actions_adddup2(&actions, input_fd, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	/* posix_spawnp() does not write to the words */
	result =
		posix_spawnp(&pid, arguments[0], &actions, NULL, (char *const *)arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (result == 0 && (waitpid(pid, &status, 0) != pid || status != 0))
		result = EIO;
	if (result != 0)
		log_warn(result, "DNS: %s", words[0]);
}

static void
print_servers(const struct mn_dns_config *config, FILE *out)
{
	char text[ADDRESS_TEXT_SIZE];

	fputs(MARKER "\n", out);
	for (unsigned i = 0; i < config->server_count; i++)
		fprintf(out, "nameserver %s\n", address_format(config->servers[i], text));
	for (unsigned i = 0; i < config->search_count; i++)
		fprintf(out, "%s%s", i == 0 ? "search " : " ", config->search[i]);
	if (config->search_count > 0)
		fputc('\n', out);
}

static void
set_by_resolvectl(const struct mn_dns *dns, bool is_set)
{
	const struct mn_dns_config *config = &dns->config->dns;
	const char *words[ARGUMENTS_MAX] = {"resolvectl", is_set ? "dns" : "revert", dns->device};
	char servers[MN_DNS_SERVERS_MAX][ADDRESS_TEXT_SIZE];

	for (unsigned i = 0; is_set && i < config->server_count; i++)
		words[3 + i] = address_format(config->servers[i], servers[i]);
	run(words, -1);
	if (!is_set || config->search_count == 0)
		return;
	memset(words + 3, 0, sizeof(words) - 3 * sizeof(words[0]));
	words[1] = "domain";
	for (unsigned i = 0; i < config->search_count; i++)
		words[3 + i] = config->search[i];
	run(words, -1);
}

static void
set_by_resolvconf(const struct mn_dns *dns, bool is_set)
{
	char record[IFNAMSIZ + sizeof(".homeport")];
	const char *words[] = {"resolvconf", is_set ? "-a" : "-d", record, NULL};
	FILE *input = is_set ? tmpfile() : NULL;

	snprintf(record, sizeof(record), "%s.homeport", dns->device);
	if (is_set && input == NULL) {
		log_warn(errno, "DNS: no temporary file");
		return;
	}
	if (input != NULL) {
		print_servers(&dns->config->dns, input);
		fflush(input);
		(void)lseek(fileno(input), 0, SEEK_SET);
	}
	run(words, input != NULL ? fileno(input) : -1);
	if (input != NULL)
		fclose(input);
}

/* The whole file, terminated; NULL: none, or too long. The caller frees it. */
static char *
read_file(const char *path)
{
	FILE *in = fopen(path, "re");
	char *text = in != NULL ? malloc(FILE_SIZE_MAX + 1) : NULL;
	size_t len;

	if (text != NULL) {
		len = fread(text, 1, FILE_SIZE_MAX + 1, in);
		if (len <= FILE_SIZE_MAX) {
			text[len] = '\0';
		} else {
			free(text);
			text = NULL;
		}
	}
	if (in != NULL)
		fclose(in);
	return text;
}

/* Puts `text` in place of the file at `path`, at one stroke. 0, or -errno. */
static int
replace_file(const char *path, const char *text)
{
	char temporary[PATH_MAX];
	int fd, result = 0;
	FILE *out;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = mkstemp(temporary);
	if (fd < 0)
		return -errno;
	out = fdopen(fd, "w");
	if (out == NULL) {
		result = -errno;
		close(fd);
	} else {
		if (fputs(text, out) < 0 || fflush(out) != 0 || fchmod(fd, 0644) != 0)
			result = -EIO;
		if (fclose(out) != 0 && result == 0)
			result = -errno;
	}
	if (result == 0 && rename(temporary, path) != 0)
		result = -errno;
	if (result != 0)
		unlink(temporary);
	return result;
}

/* The file itself, where the configured path may be a link to it. */
static void
find_file(const struct mn_dns *dns, char path[PATH_MAX])
{
	if (realpath(dns->config->dns.file, path) == NULL)
		snprintf(path, PATH_MAX, "%s", dns->config->dns.file);
}

static void
find_copy(const struct mn_dns *dns, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/resolv.conf.saved", dns->config->runtime_directory);
}

static bool
is_ours(const char *text)
{
	return strncmp(text, MARKER, strlen(MARKER)) == 0;
}

static int
set_file(const struct mn_dns *dns)
{
	char path[PATH_MAX], copy[PATH_MAX], *old, *text = NULL;
	size_t size = 0;
	FILE *memory;
	int result;

	find_file(dns, path);
	find_copy(dns, copy);
	old = read_file(path);
	memory = open_memstream(&text, &size);
	if (memory == NULL) {
		free(old);
		return -ENOMEM;
	}
	print_servers(&dns->config->dns, memory);
	result = fclose(memory) == 0 ? 0 : -ENOMEM;
	if (result == 0 && (old == NULL || !is_ours(old)))
		result = replace_file(copy, old != NULL ? old : "");
	if (result == 0)
		result = replace_file(path, text);
	free(text);
	free(old);
	return result;
}

/* What somebody else has written since is left as it is. */
static int
restore_file(const struct mn_dns *dns)
{
	char path[PATH_MAX], copy[PATH_MAX], *now, *saved;
	int result = 0;

	find_file(dns, path);
	find_copy(dns, copy);
	saved = read_file(copy);
	now = read_file(path);
	if (saved != NULL && now != NULL && is_ours(now))
		result = replace_file(path, saved);
	if (saved != NULL && result == 0)
		unlink(copy);
	free(saved);
	free(now);
	return result;
}

void
mn_dns_init(struct mn_dns *dns, const struct mn_config *config, const char *device)
{
	*dns = (struct mn_dns){
		.config = config,
		.device = device,
		.method = find_method(config->dns.method),
	};
	if (config->dns.server_count > 0 && dns->method == MN_DNS_FILE)
		(void)restore_file(dns);
}

void
mn_dns_update(struct mn_dns *dns, bool passes)
{
	int result = 0;

	if (dns->config == NULL || dns->config->dns.server_count == 0 || dns->is_set == passes)
		return;
	dns->is_set = passes;
	switch (dns->method) {
	case MN_DNS_RESOLVECTL:
		set_by_resolvectl(dns, passes);
		break;
	case MN_DNS_RESOLVCONF:
		set_by_resolvconf(dns, passes);
		break;
	case MN_DNS_AUTO:
	case MN_DNS_FILE:
		result = passes ? set_file(dns) : restore_file(dns);
		break;
	}
	if (result != 0)
		log_warn(-result, "DNS: %s cannot be %s", dns->config->dns.file,
			 passes ? "replaced" : "restored");
	else
		log_info("DNS: %s",
			 passes ? "servers of the internal network" : "as it was before");
}
