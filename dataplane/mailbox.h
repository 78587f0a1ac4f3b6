/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_MAILBOX_H
#define DATAPLANE_MAILBOX_H

#include <rte_ring.h>

#include "dataplane/packet.h"

/* The two rings between one worker and the control core; each has one producer and one consumer. What
 * they carry is described by struct packet. */
struct mailbox {
	struct rte_ring *punt;	 /* worker to control */
	struct rte_ring *inject; /* control to worker */
};

#define MAILBOX_SIZE 4096 /* packets a ring */

/* Creates both rings of worker `id` on `socket`. Control core, before the worker starts. 0 or -errno. */
int mailbox_init(struct mailbox *mailbox, unsigned id, int socket);

/* Frees the rings and every packet in them. Control core, after the worker has stopped. */
void mailbox_fini(struct mailbox *mailbox);

#endif
