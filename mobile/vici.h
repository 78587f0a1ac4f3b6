/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_VICI_H
#define MOBILE_VICI_H

#include "mobile/vici_message.h"

struct event_base;

/*
 * A connection to charon's VICI socket on the event loop; it never waits. Commands are answered in the
 * order in which they were sent, events come in between. One thread.
 */
struct vici;

struct vici_calls {
	/* The connection stands (0) or is lost, or could not be made (-errno). After a loss nothing is
	 * called any more: vici_destroy() from here is fine, and a new one may be made. */
	void (*state)(void *context, int result);
	/* An event that was registered for. */
	void (*event)(void *context, struct vici_text name, struct vici_reader *body);
	/* The answer to the oldest command that had none. `is_known`: charon knows the command; then
	 * `body` has what it says. */
	void (*answer)(void *context, bool is_known, struct vici_reader *body);
};

/* Begins to connect to the UNIX socket at `path`; state() tells what comes of it. 0, or -errno. */
int vici_create(struct vici **vici, struct event_base *base, const char *path,
		const struct vici_calls *calls, void *context);
void vici_destroy(struct vici *vici); /* NULL is fine */

/* Wants events of this name; that charon does not know them is no error. 0, or -errno. */
int vici_register(struct vici *vici, const char *event);

/* Sends a finished command. 0, or -errno. */
int vici_send(struct vici *vici, struct vici_request *command);

/* Commands without an answer yet. */
unsigned vici_pending(const struct vici *vici);

#endif
