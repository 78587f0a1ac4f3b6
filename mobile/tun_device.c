/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/tun_device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int
tun_device_open(struct tun_device *tun, const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int result;

	tun->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tun->fd < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(tun->fd, TUNSETIFF, &request) != 0) {
		result = -errno;
		tun_device_close(tun);
		return result;
	}
	snprintf(tun->name, sizeof(tun->name), "%s", request.ifr_name);
	tun->ifindex = if_nametoindex(tun->name);
	if (tun->ifindex == 0) {
		result = -errno;
		tun_device_close(tun);
		return result;
	}
	return 0;
}

void
tun_device_close(struct tun_device *tun)
{
	if (tun->fd >= 0)
		close(tun->fd);
	tun->fd = -1;
}
