/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/status_server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"

/* A client that does not read, or does not say what it wants, is dropped after this long. */
#define CLIENT_TIMEOUT_SEC 5

struct status_server {
	struct status_source source;
	struct evconnlistener *listener;
	int lock_fd; /* held as long as the daemon runs */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static void
on_client_done(struct bufferevent *client, void *context)
{
	bufferevent_free(client);
}

static void
on_client_gone(struct bufferevent *client, short what, void *context)
{
	bufferevent_free(client);
}

/* Answers what the client said. False: out of memory. */
static bool
answer(struct status_server *server, struct bufferevent *client)
{
	struct evbuffer *input = bufferevent_get_input(client);
	size_t len = evbuffer_get_length(input);
	char words[STATUS_COMMAND_SIZE] = "";
	char *text;

	if (len < sizeof(words))
		evbuffer_remove(input, words, len);
	/* it is too long, or has a zero, which would hide what follows */
	if (strlen(words) != len || (len > 0 && server->source.command == NULL)) {
		evbuffer_add_printf(bufferevent_get_output(client), "no such command\n");
		return true;
	}
	if (len > 0) {
		evbuffer_add_printf(bufferevent_get_output(client), "%s\n",
				    server->source.command(server->source.context, words));
		return true;
	}
	text = server->source.text(server->source.context);
	if (text == NULL)
		return false;
	evbuffer_add_printf(bufferevent_get_output(client), "%s\n", text);
	free(text);
	return true;
}

/* He has said what he wants, or more than anybody can want. */
static void
on_client_said(struct bufferevent *client, void *context)
{
	bufferevent_disable(client, EV_READ);
	if (!answer(context, client)) {
		bufferevent_free(client);
		return;
	}
	bufferevent_setcb(client, NULL, on_client_done, on_client_gone, NULL);
}

static void
on_client_event(struct bufferevent *client, short what, void *context)
{
	if ((what & BEV_EVENT_EOF) != 0)
		on_client_said(client, context);
	else
		bufferevent_free(client);
}

static void
on_client(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int len,
	  void *context)
{
	struct status_server *server = context;
	struct event_base *base = evconnlistener_get_base(listener);
	struct bufferevent *client = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	struct timeval timeout = {.tv_sec = CLIENT_TIMEOUT_SEC};

	if (client == NULL) {
		evutil_closesocket(fd);
		return;
	}
	bufferevent_set_timeouts(client, &timeout, &timeout);
	bufferevent_setwatermark(client, EV_READ, STATUS_COMMAND_SIZE, STATUS_COMMAND_SIZE);
	bufferevent_setcb(client, on_client_said, NULL, on_client_event, server);
	bufferevent_enable(client, EV_READ);
}

/* The lock, not the socket, says whether another daemon runs: it goes with the process. */
static int
take_lock(struct status_server *server, const char *directory)
{
	char path[sizeof(server->path)];

	if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
		log_error(errno, "runtime_directory %s", directory);
		return -errno;
	}
	snprintf(path, sizeof(path), "%s/lock", directory);
	server->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (server->lock_fd < 0) {
		int error = errno;

		log_error(error, "%s", path);
		return -error;
	}
	if (flock(server->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		log_errorx("another %s runs with runtime_directory %s", server->source.program,
			   directory);
		return -EADDRINUSE;
	}
	return 0;
}

static int
listen_at(struct status_server *server, struct event_base *base)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	mode_t mask;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", server->path);
	(void)unlink(server->path); /* of a daemon that was killed: we hold the lock */
	mask = umask(0177);
	server->listener = evconnlistener_new_bind(
		base, on_client, server, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 16,
		(struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (server->listener == NULL) {
		int error = errno != 0 ? errno : ENOMEM;

		log_error(error, "control socket %s", server->path);
		return -error;
	}
	return 0;
}

int
status_server_create(struct status_server **server_out, struct event_base *base,
		     const struct status_source *source)
{
	struct status_server *server = calloc(1, sizeof(*server));
	int result;

	if (server == NULL)
		return -ENOMEM;
	server->source = *source;
	result = take_lock(server, source->runtime_directory);
	if (result == 0) {
		snprintf(server->path, sizeof(server->path), "%s", source->control_socket);
		result = listen_at(server, base);
	}
	if (result != 0) {
		if (server->lock_fd > 0)
			close(server->lock_fd);
		free(server);
		return result;
	}
	*server_out = server;
	return 0;
}

void
status_server_destroy(struct status_server *server)
{
	if (server == NULL)
		return;
	evconnlistener_free(server->listener);
	(void)unlink(server->path);
	close(server->lock_fd);
	free(server);
}
