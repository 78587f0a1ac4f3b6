/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_VERSION_H
#define IKE_VERSION_H

#include <stdbool.h>

/*
 * Is the running daemon of this version of strongSwan? Before 6.0.3 there is no symbol that says so; what
 * every daemon has is the text that it prints when it starts, so it is looked for in the program file.
 */
bool version_is_running(const char *version);

#endif
