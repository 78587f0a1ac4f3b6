/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_MESSAGE_CHECK_H
#define IKE_MESSAGE_CHECK_H

#include "lib/ike_message.h"

/*
 * Is this, as it came from the box, a message that the box may send? Type, sizes, counts and lengths are
 * then right, except that the body of a reply may belong to another request. Bytes; any thread.
 */
bool message_is_valid(const void *message, size_t len);

/* Do `len` bytes, which are a valid reply, answer a request whose answer has a body of `body_size` bytes? */
bool message_answers(const void *reply, size_t len, size_t body_size);

#endif
