/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ike_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"

#define BACKLOG 8
#define SEND_BUFFER_SIZE (4 * 1024 * 1024) /* what charon may be behind: some 2000 IKE messages */

/* The directory of `path`. Another user's charon needs to get through it, and no more than that. */
static int
make_directory(const char *path, bool is_shared)
{
	char directory[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	const char *end = strrchr(path, '/');

	if (end == NULL || end == path)
		return 0;
	snprintf(directory, sizeof(directory), "%.*s", (int)(end - path), path);
	if (mkdir(directory, is_shared ? 0711 : 0700) != 0 && errno != EEXIST)
		return -errno;
	return 0;
}

/* Removes the socket of a homeport that died; one that somebody listens on stays. */
static int
remove_stale(const struct sockaddr_un *address)
{
	struct stat st;
	int fd, error = 0;

	if (lstat(address->sun_path, &st) != 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
		error = -EADDRINUSE;
	close(fd);
	if (error == 0 && unlink(address->sun_path) != 0)
		error = -errno;
	return error;
}

/* The mode is set before there is a name, so that nobody gets in by being quick. */
static int
bind_and_listen(int fd, const struct sockaddr_un *address, unsigned uid)
{
	if (fchmod(fd, 0600) != 0 ||
	    bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
		return -errno;
	if ((uid != geteuid() && lchown(address->sun_path, uid, (gid_t)-1) != 0) ||
	    listen(fd, BACKLOG) != 0) {
		int error = -errno;

		unlink(address->sun_path);
		return error;
	}
	return 0;
}

int
ike_socket_listen(const char *path, unsigned uid)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int error, fd = -1;

	error = strlen(path) < sizeof(address.sun_path) ? 0 : -ENAMETOOLONG;
	if (error == 0) {
		memcpy(address.sun_path, path, strlen(path) + 1);
		error = make_directory(path, uid != geteuid());
	}
	if (error == 0)
		error = remove_stale(&address);
	if (error == 0) {
		fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		error = fd < 0 ? -errno : bind_and_listen(fd, &address, uid);
	}
	if (error == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	log_error(-error, "ike.socket %s", path);
	return error;
}

static bool
may_connect(int fd, unsigned uid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == 0 || peer.uid == uid);
}

int
ike_socket_accept(int listener, unsigned uid)
{
	const int size = SEND_BUFFER_SIZE;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return errno == EINTR || errno == ECONNABORTED ? -EAGAIN : -errno;
	if (!may_connect(fd, uid)) {
		close(fd);
		return -EACCES;
	}
	/* beyond net.core.wmem_max when root; as far as that otherwise */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return fd;
}
