/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_RUN_H
#define CTL_RUN_H

#include <stdio.h>

#include "ctl/session.h"

/* All of homeportctl but the process: understands the command line, connects, runs the command. Returns
 * the exit status. */
enum ctl_status ctl_run(int argc, char **argv, FILE *out, FILE *err);

#endif
