/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_reader.h"
#include "control/config_section.h"

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_NAME "/ike.sock"

struct ike_values {
	struct config_ike ike;
	const char *user;
};

#define IKE_FIELD(field) offsetof(struct ike_values, ike.field)

static const struct config_key keys[] = {
	{.name = "socket",
	 .kind = CONFIG_KEY_TEXT,
	 .offset = IKE_FIELD(socket),
	 .size = CONFIG_PATH_SIZE},
	{.name = "supervise", .kind = CONFIG_KEY_BOOL, .offset = IKE_FIELD(supervise)},
	{.name = "charon",
	 .kind = CONFIG_KEY_TEXT,
	 .offset = IKE_FIELD(charon),
	 .size = CONFIG_PATH_SIZE,
	 .otherwise_text = "/usr/sbin/charon-systemd"},
	{.name = "strongswan_conf",
	 .kind = CONFIG_KEY_TEXT,
	 .offset = IKE_FIELD(strongswan_conf),
	 .size = CONFIG_PATH_SIZE},
	{.name = "swanctl_directory",
	 .kind = CONFIG_KEY_TEXT,
	 .offset = IKE_FIELD(swanctl_directory),
	 .size = CONFIG_PATH_SIZE},
	{.name = "user", .kind = CONFIG_KEY_STRING, .offset = offsetof(struct ike_values, user)},
	{.name = "grace_sec",
	 .kind = CONFIG_KEY_UNSIGNED,
	 .offset = IKE_FIELD(grace_sec),
	 .most = 86400,
	 .otherwise = 300},
	{.name = NULL},
};

static int
check_paths(struct config_reader *reader, const struct config_setting_t *section,
	    const struct config_ike *ike)
{
	const struct {
		const char *key, *path;
	} paths[] = {
		{"socket", ike->socket},
		{"charon", ike->charon},
		{"strongswan_conf", ike->strongswan_conf},
		{"swanctl_directory", ike->swanctl_directory},
	};

	for (unsigned i = 0; i < ARRAY_COUNT(paths); i++) {
		if (paths[i].path[0] != '\0' && paths[i].path[0] != '/')
			return config_reader_fail(reader, section, paths[i].key,
						  "an absolute path is expected");
	}
	return 0;
}

static int
read_socket(struct config_reader *reader, const struct config_setting_t *section,
	    const char *directory, struct config_ike *ike)
{
	struct sockaddr_un address;

	/* the key runtime_directory leaves room for names of files */
	if (ike->socket[0] == '\0')
		snprintf(ike->socket, sizeof(ike->socket), "%.*s" SOCKET_NAME,
			 (int)(sizeof(ike->socket) - sizeof(SOCKET_NAME)), directory);
	if (strlen(ike->socket) >= sizeof(address.sun_path))
		return config_reader_fail(reader, section,
					  section != NULL ? "socket" : "ike.socket",
					  "the path %.20s... is too long for a UNIX socket, give "
					  "%zu characters at most",
					  ike->socket, sizeof(address.sun_path) - 1);
	return 0;
}

static int
read_user(struct config_reader *reader, const struct config_setting_t *section, const char *user,
	  unsigned *uid)
{
	const struct passwd *entry;

	*uid = 0;
	if (user == NULL)
		return 0;
	if (isdigit((unsigned char)user[0])) {
		unsigned long number;
		char *end;

		errno = 0;
		number = strtoul(user, &end, 10);
		if (*end != '\0' || errno != 0 || number >= UINT32_MAX)
			return config_reader_fail(reader, section, "user",
						  "\"%.40s\" is not the number of a user", user);
		*uid = (unsigned)number;
		return 0;
	}
	entry = getpwnam(user);
	if (entry == NULL)
		return config_reader_fail(
			reader, section, "user",
			"there is no user of the name \"%.40s\"; name the one that "
			"charon runs as, or give its number in quotes",
			user);
	*uid = entry->pw_uid;
	return 0;
}

static void
warn_supervision(struct config_reader *reader, const struct config_setting_t *section,
		 const struct config_ike *ike)
{
	static const char *const others[] = {"charon", "strongswan_conf", "swanctl_directory"};

	if (ike->supervise && access(ike->charon, X_OK) != 0)
		config_reader_warn(reader, section, "charon",
				   "%.80s cannot be run: %s; Debian has it in the package "
				   "charon-systemd",
				   ike->charon, strerror(errno));
	for (unsigned i = 0; !ike->supervise && i < ARRAY_COUNT(others); i++) {
		if (config_reader_has(section, others[i]))
			config_reader_warn(reader, section, others[i],
					   "it has no effect, since charon is started by others: "
					   "supervise is false");
	}
}

int
config_ike_read(struct config_reader *reader, const struct config_setting_t *section,
		struct config *config)
{
	struct ike_values values = {.user = NULL};

	if (section != NULL && !config->vpn.enabled)
		return config_reader_fail(reader, section, NULL,
					  "without a section \"vpn\" there is nothing that charon "
					  "could do; add one, or leave this one out");
	if (config_reader_group(reader, section, keys, NULL, &values) < 0)
		return -EINVAL;
	if (!config->vpn.enabled)
		return 0;
	if (check_paths(reader, section, &values.ike) < 0 ||
	    read_socket(reader, section, config->runtime_directory, &values.ike) < 0 ||
	    read_user(reader, section, values.user, &values.ike.uid) < 0)
		return -EINVAL;
	if (section != NULL)
		warn_supervision(reader, section, &values.ike);
	config->ike = values.ike;
	return 0;
}
