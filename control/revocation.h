/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_REVOCATION_H
#define CONTROL_REVOCATION_H

#include "control/registration.h"
#include "lib/mip_message.h"

struct reg_request;

/*
 * Registration revocation, RFC 3543, both ways: what this side tells a foreign agent, or a mobile with a
 * co-located care-of address, when a binding ends before its time; and what a foreign agent tells us.
 */

/*
 * Ends all bindings of a home address by the operator's wish, at once, and tells those with whom
 * revocation was negotiated until they acknowledge or the binding would have run out. Control core.
 * How many bindings ended, or -ENOENT.
 */
int revocation_start(struct registration *engine, be32 home_address, struct mono_time now);

/* The engine's own: begins without any; not before the engine's context is set. */
void revocation_init(struct registration *engine, struct mono_time now);

/* The engine's own: tells the peer of `binding`, which ends, when there is one to be told; when many end at
 * once, in turns. */
void revocation_send(struct registration *engine, const struct binding *binding, bool inform_mobile,
		     struct mono_time now);

/* The engine's own: stops telling about a binding that the mobile has made again since. */
void revocation_cancel(struct registration *engine, const struct binding_terms *terms);

/* The engine's own: a revocation, or an acknowledgement, that has come in. */
void revocation_input(struct registration *engine, struct reg_request *request);

/* The engine's own: forgets all that wait for an acknowledgement. */
void revocation_fini(struct registration *engine);

#endif
