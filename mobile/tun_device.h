/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_TUN_DEVICE_H
#define MOBILE_TUN_DEVICE_H

#include <net/if.h>
#include <stddef.h>

/* The TUN device that bears the home addresses. It goes away with its file descriptor, and takes
 * its addresses and routes with it. */
struct tun_device {
	int fd;
	unsigned ifindex;
	char name[IFNAMSIZ];
};

/* Creates the device `name`, non-blocking, down. 0; -EBUSY when another program holds it;
 * -errno. */
int tun_device_open(struct tun_device *tun, const char *name);
void tun_device_close(struct tun_device *tun); /* not open (fd -1): fine */

#endif
