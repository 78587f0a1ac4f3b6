/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/status_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_TIMEOUT_SEC 5

static int
copy_answer(int fd, FILE *out)
{
	char buffer[4096];
	ssize_t len;

	while ((len = read(fd, buffer, sizeof(buffer))) > 0) {
		if (fwrite(buffer, 1, (size_t)len, out) != (size_t)len)
			return -EIO;
	}
	if (len < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return fflush(out) == 0 ? 0 : -EIO;
}

/* The end of what we say is what the daemon waits for. */
static int
say(int fd, const char *words)
{
	size_t len = words != NULL ? strlen(words) : 0;

	if (len > 0 && send(fd, words, len, MSG_NOSIGNAL) != (ssize_t)len)
		return -EIO;
	return shutdown(fd, SHUT_WR) == 0 ? 0 : -errno;
}

int
status_client_ask(const char *path, const char *words, FILE *out)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval timeout = {.tv_sec = ANSWER_TIMEOUT_SEC};
	int fd, result;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		result = -errno;
	else
		result = say(fd, words);
	if (result == 0)
		result = copy_answer(fd, out);
	close(fd);
	return result;
}
