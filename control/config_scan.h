/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_CONFIG_SCAN_H
#define CONTROL_CONFIG_SCAN_H

#include <stddef.h>

struct config_reader;

/* What one configuration may read in all, included files counted each time. */
#define CONFIG_BYTES_MAX ((size_t)1 << 30)
#define CONFIG_FILES_MAX 1000
#define CONFIG_INCLUDE_DEPTH_MAX 9 /* libconfig's own limit is one more */

/*
 * Looks through the main file and all that it includes before libconfig does, for what libconfig
 * would get wrong: its scanner ends the process on a file that cannot be read, such as a directory;
 * it does not name an included file that is missing; it reads endless files and include bombs; and
 * it cuts numbers above 32 bits without a word. Also notes in `reader->exposed` a file that every
 * user may read. Control core. 0, or -errno with the error recorded.
 */
int config_scan(struct config_reader *reader);

#endif
