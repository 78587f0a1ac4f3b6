/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/box.h"

#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define GREETING_SIZE 1024
#define REQUEST_SIZE 256
/* What the greeting may claim; DPDK 22.11 says 16384. */
#define ANSWER_SIZE_MIN 1024
#define ANSWER_SIZE_MAX (1024 * 1024)

/* One datagram within the time limit: its length, or -errno. */
static ssize_t
receive(int fd, char *buffer, size_t buffer_size)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	ssize_t len;
	int ready;

	do
		ready = poll(&poll_fd, 1, BOX_TIMEOUT_MS);
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return -errno;
	if (ready == 0)
		return -ETIMEDOUT;
	len = recv(fd, buffer, buffer_size, MSG_TRUNC);
	if (len < 0)
		return -errno;
	if (len == 0)
		return -ECONNRESET;
	if ((size_t)len > buffer_size)
		return -EMSGSIZE;
	return len;
}

/* The greeting tells how long answers may become. */
static int
read_greeting(struct box *box)
{
	char greeting[GREETING_SIZE];
	ssize_t len = receive(box->fd, greeting, sizeof(greeting));
	json_int_t size;
	json_t *info;

	if (len < 0)
		return (int)len;
	info = json_loadb(greeting, (size_t)len, 0, NULL);
	size = json_integer_value(json_object_get(info, "max_output_len"));
	json_decref(info);
	if (size < ANSWER_SIZE_MIN || size > ANSWER_SIZE_MAX)
		return -EPROTO;
	box->answer_size = (size_t)size;
	box->answer = malloc(box->answer_size);
	return box->answer == NULL ? -ENOMEM : 0;
}

int
box_connect(struct box *box, const char *path)
{
	struct timeval limit = {.tv_sec = BOX_TIMEOUT_MS / 1000};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t path_size = strlen(path) + 1;
	int error;

	*box = (struct box){.fd = -1};
	if (path_size > sizeof(address.sun_path)) {
		snprintf(box->path, sizeof(box->path), "%.*s...", BOX_PATH_SIZE - 4, path);
		return -ENAMETOOLONG;
	}
	memcpy(address.sun_path, path, path_size);
	memcpy(box->path, path, path_size);
	box->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (box->fd < 0)
		return -errno;
	/* A listener that does not accept would hold connect() and send() for ever. */
	if (setsockopt(box->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
	    connect(box->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		error = errno == EAGAIN ? -ETIMEDOUT : -errno;
	else
		error = read_greeting(box);
	if (error != 0)
		box_close(box);
	return error;
}

int
box_connect_prefix(struct box *box, const char *runtime_dir, const char *prefix)
{
	char path[512];
	int first_error, error;
	glob_t others;

	snprintf(path, sizeof(path), "%s/dpdk/%s/dpdk_telemetry.v2", runtime_dir, prefix);
	first_error = box_connect(box, path);
	if (first_error != -ENOENT && first_error != -ECONNREFUSED)
		return first_error;
	strncat(path, ":*", sizeof(path) - strlen(path) - 1);
	if (glob(path, 0, NULL, &others) != 0)
		return first_error;
	error = first_error;
	for (size_t i = 0; i < others.gl_pathc && error != 0; i++) {
		struct box other;

		error = box_connect(&other, others.gl_pathv[i]);
		if (error == 0)
			*box = other;
	}
	globfree(&others);
	return error == 0 ? 0 : first_error;
}

void
box_close(struct box *box)
{
	if (box->fd >= 0)
		close(box->fd);
	free(box->answer);
	box->fd = -1;
	box->answer = NULL;
}

static int
send_request(struct box *box, const char *command, const char *argument)
{
	char request[REQUEST_SIZE];
	int len = snprintf(request, sizeof(request), "%s%s%s", command, argument != NULL ? "," : "",
			   argument != NULL ? argument : "");

	if (len < 0 || (size_t)len >= sizeof(request))
		return -EMSGSIZE;
	if (send(box->fd, request, (size_t)len, MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno == EAGAIN)
		return -ETIMEDOUT;
	return errno == EPIPE ? -ECONNRESET : -errno;
}

int
box_ask(struct box *box, const char *command, const char *argument, json_t **answer)
{
	int error = send_request(box, command, argument);
	json_t *whole, *content;
	ssize_t len;

	if (error != 0)
		return error;
	len = receive(box->fd, box->answer, box->answer_size);
	if (len < 0)
		return (int)len;
	whole = json_loadb(box->answer, (size_t)len, 0, NULL);
	content = json_object_get(whole, command);
	if (content == NULL)
		error = -EPROTO;
	else if (json_is_null(content))
		error = -ENOTSUP;
	else
		*answer = json_incref(content);
	json_decref(whole);
	return error;
}

void
box_explain(const struct box *box, int error, char *text, size_t text_size)
{
	const char *path = box->path;

	switch (-error) {
	case ENOENT:
		snprintf(text, text_size, "homeport is not running (no socket at %s)", path);
		break;
	case ECONNREFUSED:
		snprintf(text, text_size, "homeport is not running (nobody answers at %s)", path);
		break;
	case EACCES:
	case EPERM:
		snprintf(text, text_size, "permission denied at %s: run as root", path);
		break;
	case ETIMEDOUT:
		snprintf(text, text_size, "no answer within %d s from %s", BOX_TIMEOUT_MS / 1000,
			 path);
		break;
	case ECONNRESET:
		snprintf(text, text_size,
			 "homeport hung up at %s: it is stopping, or has too many telemetry "
			 "clients",
			 path);
		break;
	case EPROTO:
		snprintf(text, text_size, "%s answers, but not as a homeport does", path);
		break;
	case ENOTSUP:
		snprintf(text, text_size,
			 "what runs at %s does not know this command: it is stopping, of another "
			 "version, or no homeport",
			 path);
		break;
	default:
		snprintf(text, text_size, "%s: %s", path, strerror(-error));
	}
}
