/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_BOX_SOCKET_H
#define IKE_BOX_SOCKET_H

/*
 * Connects to the box's SEQPACKET socket; waits for two seconds at most, when the box accepts nobody.
 * Returns the descriptor, or -errno; -EACCES also when neither root nor this user holds the socket. Any
 * thread.
 */
int box_socket_open(const char *path);

#endif
