/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_SA_LIST_H
#define IKE_SA_LIST_H

#include "lib/ike_message.h"

/*
 * The SAs that charon has in the box: what it must name when it and the box have lost sight of each other,
 * and which of them are lost, so that charon has to rekey them. Identities only, no keys. Any thread; the
 * lock is its own and held for no call of others.
 */
struct sa_list;

struct sa_list *sa_list_create(void);
void sa_list_destroy(struct sa_list *list);

/*
 * False: charon has one with this identity already, which stays. The SPI is the peer's choice, and mobiles
 * behind one NAT have one address: who takes his neighbour's SPI must neither replace nor end his SA. charon
 * deletes what it could not add, too: sa_list_remove() is false for that, and the box is not to be asked.
 */
bool sa_list_add(struct sa_list *list, const struct ike_sa_id *id, bool is_inbound);
bool sa_list_remove(struct sa_list *list, const struct ike_sa_id *id);
void sa_list_move(struct sa_list *list, const struct ike_sa_id *id, be32 new_src, be32 new_dst);
void sa_list_clear(struct sa_list *list);
bool sa_list_has(struct sa_list *list, const struct ike_sa_id *id);

/* All of them; the caller frees. */
struct ike_sa_id *sa_list_copy(struct sa_list *list, unsigned *count);

/* The box does not know this one (any more). */
void sa_list_lose(struct sa_list *list, const struct ike_sa_id *id);
/* The box knows none. Of each pair the inbound one counts as lost, the other is forgotten. */
void sa_list_lose_all(struct sa_list *list);
/* Takes up to `max` lost ones; returns how many. */
unsigned sa_list_take_lost(struct sa_list *list, struct ike_sa_id *ids, unsigned max);

#endif
