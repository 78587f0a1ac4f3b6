/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_EAL_H
#define CONTROL_EAL_H

#include "control/config.h"

/*
 * Starts DPDK's environment as the configuration says: the control core is lcore 0, worker n is lcore
 * n + 1. Once, from main. Returns 0, or -errno with a sentence for the operator in `problem`.
 */
int eal_start(const struct config *config, char *problem, size_t problem_size);

/* After everything that DPDK gave has been given back. */
void eal_stop(void);

#endif
