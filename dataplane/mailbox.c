/* SPDX-License-Identifier: BSD-3-Clause */
#include "dataplane/mailbox.h"

#include <rte_errno.h>
#include <stdio.h>

static void
ring_free(struct rte_ring *ring)
{
	struct rte_mbuf *mbuf;

	while (ring != NULL && rte_ring_dequeue(ring, (void **)&mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	rte_ring_free(ring);
}

static struct rte_ring *
ring_create(const char *what, unsigned id, int socket)
{
	char name[RTE_RING_NAMESIZE];

	snprintf(name, sizeof(name), "%s-%u", what, id);
	return rte_ring_create(name, MAILBOX_SIZE, socket, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

int
mailbox_init(struct mailbox *mailbox, unsigned id, int socket)
{
	mailbox->punt = ring_create("punt", id, socket);
	mailbox->inject = ring_create("inject", id, socket);
	if (mailbox->punt == NULL || mailbox->inject == NULL) {
		mailbox_fini(mailbox);
		return -rte_errno;
	}
	return 0;
}

void
mailbox_fini(struct mailbox *mailbox)
{
	ring_free(mailbox->punt);
	ring_free(mailbox->inject);
	*mailbox = (struct mailbox){0};
}
