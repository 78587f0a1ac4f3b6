/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_IKE_SOCKET_H
#define CONTROL_IKE_SOCKET_H

#include <stdbool.h>

/* The UNIX SEQPACKET socket that charon connects to. Control core; nothing here blocks. */

/*
 * A listening socket at `path`, mode 0600, owned by `uid`. Its directory is made, 0700, when it is missing;
 * what a homeport that died left there is removed. The descriptor, or -errno; what is wrong was logged.
 */
int ike_socket_listen(const char *path, unsigned uid);

/* The next one that connects, or -EAGAIN; -EACCES: it is neither root nor `uid`, and was turned away. */
int ike_socket_accept(int listener, unsigned uid);

#endif
