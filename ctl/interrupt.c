/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

int
interrupt_open(struct interrupt *interrupt)
{
	sigset_t stop;
	int error;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, &interrupt->old);
	interrupt->fd = signalfd(-1, &stop, SFD_CLOEXEC);
	if (interrupt->fd >= 0)
		return 0;
	error = -errno;
	sigprocmask(SIG_SETMASK, &interrupt->old, NULL);
	return error;
}

bool
interrupt_wait(const struct interrupt *interrupt, unsigned ms)
{
	struct pollfd poll_fd = {.fd = interrupt->fd, .events = POLLIN};

	struct signalfd_siginfo info;

	if (poll(&poll_fd, 1, (int)ms) == 0)
		return true;
	/* still pending, it would end the program after all once it is let through again */
	(void)!read(interrupt->fd, &info, sizeof(info));
	return false;
}

void
interrupt_close(const struct interrupt *interrupt)
{
	close(interrupt->fd);
	sigprocmask(SIG_SETMASK, &interrupt->old, NULL);
}
