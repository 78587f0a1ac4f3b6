/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_STATUS_SERVER_H
#define MOBILE_STATUS_SERVER_H

struct event_base;

/* The control socket: who connects says what he wants, ends that, and is answered; then the connection is closed. Who
 * says nothing gets the state as JSON. Mode 0600 in the runtime directory. It also keeps a second daemon from starting
 * on the same one. */
struct status_server;

/* Whose state it is. The strings must outlive the server. */
struct status_source {
	const char *program;
	const char *runtime_directory;
	const char *control_socket; /* in the runtime directory */
	char *(*text)(
		const void *context); /* JSON for a client, which the server frees; NULL: none */
	/* The answer to a command; NULL: this program has none. */
	const char *(*command)(void *context, const char *words);
	void *context;
};

#define STATUS_COMMAND_SIZE 128 /* with the zero at its end */

/* 0, or -errno after a line in the log; -EADDRINUSE when another daemon answers there. */
int status_server_create(struct status_server **server, struct event_base *base,
			 const struct status_source *source);
void status_server_destroy(struct status_server *server); /* removes the socket; NULL is fine */

#endif
