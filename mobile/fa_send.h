/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_FA_SEND_H
#define MOBILE_FA_SEND_H

#include "mobile/fa_relay.h"

struct fa_daemon;
struct fa_frame;

/* What the running foreign agent says: advertisements, and what its relay asks for. One thread. */

/* The relay's; their context is the daemon. */
extern const struct fa_hooks fa_send_hooks;

void fa_send_advertisement(struct fa_daemon *daemon); /* to all */

/* Answers the solicitation in `frame`, whose packet is in the daemon's buffer; anything else: nothing. */
void fa_send_solicited(struct fa_daemon *daemon, const struct fa_frame *frame);

/* For struct fa_traffic, whose context is the daemon: tells a visitor what fits into his reverse tunnel (RFC 1191). */
void
fa_send_too_big(void *daemon, const struct fa_visitor *visitor, const uint8_t *packet, size_t len);

#endif
