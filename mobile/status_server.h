/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_STATUS_SERVER_H
#define MOBILE_STATUS_SERVER_H

#include "mobile/mn_daemon.h"

/* The control socket: who connects gets the state as JSON, and the connection is closed. Mode
 * 0600 in the runtime directory. It also keeps a second daemon from starting on the same one. */
struct status_server;

/* 0, or -errno after a line in the log; -EADDRINUSE when another daemon answers there. */
int status_server_create(struct status_server **server, struct event_base *base,
			 struct mn_daemon *daemon);
void status_server_destroy(struct status_server *server); /* removes the socket; NULL is fine */

#endif
