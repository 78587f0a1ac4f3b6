/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/box_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define SEND_BUFFER_SIZE (4 << 20)
#define CONNECT_TIMEOUT_SEC 2

static void
set_options(int fd)
{
	struct timeval timeout = {.tv_sec = CONNECT_TIMEOUT_SEC};
	int size = SEND_BUFFER_SIZE;

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/* 0 or -errno. */
static int
check_peer(int fd)
{
	struct ucred box;
	socklen_t size = sizeof(box);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &box, &size) != 0)
		return -errno;
	return box.uid == 0 || box.uid == geteuid() ? 0 : -EACCES;
}

int
box_socket_open(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	set_options(fd);
	error = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0
			? check_peer(fd)
			: -errno;
	if (error == 0)
		return fd;
	close(fd);
	return error;
}
