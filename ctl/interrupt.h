/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_INTERRUPT_H
#define CTL_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

/* SIGINT and SIGTERM, taken from a descriptor, so that they end a wait and not a printing. */
struct interrupt {
	int fd;
	sigset_t old;
};

/* From now on the signals do not end the program. 0 or -errno, and then they do. */
int interrupt_open(struct interrupt *interrupt);

/* Waits; true when the time is over, false when a signal came, which is then forgotten. */
bool interrupt_wait(const struct interrupt *interrupt, unsigned ms);

void interrupt_close(const struct interrupt *interrupt);

#endif
