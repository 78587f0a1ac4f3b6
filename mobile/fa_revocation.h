/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_REVOCATION_H
#define MOBILE_FA_REVOCATION_H

#include "lib/mip_message.h"
#include "mobile/fa_relay.h"

/*
 * Registration revocation at a foreign agent (RFC 3543), both ways: what it tells a home agent, with which that was
 * negotiated, when a visitor must leave before his time; and what a home agent tells us. The relay's own. One thread.
 */

/* The clock of revocations and of what is offered with requests: seconds. */
uint32_t fa_revocation_timestamp(const struct fa_relay *relay, struct mono_time now);

/* Whether it is offered with this request; `association` is the home agent's, or NULL. */
bool fa_revocation_is_offered(const struct fa_relay *relay, const struct fa_pending *pending,
			      const struct fa_association *association);

/* What a reply, which has proved to be the home agent's, has negotiated for the visitor. */
void fa_revocation_granted(struct fa_relay *relay, struct fa_visitor *visitor,
			   const struct mip_message *reply, const struct fa_pending *pending);

/* Ends a visitor's registration; fa_revocation_tick() tells his home agent, if that was negotiated. `tell_mobile`: the
 * mobile hears of it, at once or, where the home agent decides that, with its acknowledgement. */
void fa_revocation_start(struct fa_relay *relay, struct fa_visitor *visitor, bool tell_mobile,
			 struct mono_time now);

/* A revocation or an acknowledgement has come. */
void fa_revocation_input(struct fa_relay *relay, const struct fa_peer *from,
			 const struct mip_message *message, enum mip_parse_result parsed);

/* Sends what is due, and gives up what would have ended by itself. */
void fa_revocation_tick(struct fa_relay *relay, struct mono_time now);

/* When there is something for fa_revocation_tick(); `*when` is left alone if that is later, or never. */
void fa_revocation_deadline(const struct fa_relay *relay, struct mono_time *when);

void fa_revocation_fini(struct fa_relay *relay); /* forgets all that wait */

#endif
