/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_SECRET_H
#define LIB_SECRET_H

#include <stdbool.h>

#include "lib/types.h"

#define SECRET_SIZE_MAX 64

/* A key. Never logged, compared in constant time, wiped when done. */
struct secret {
	uint8_t len;
	uint8_t bytes[SECRET_SIZE_MAX];
};

/* Reads hexadecimal digits, an even number of them. 0, -EINVAL or -E2BIG. Any core. */
int secret_from_hex(struct secret *secret, const char *hex);

/* Takes the characters themselves. 0, -EINVAL when empty, or -E2BIG. Any core. */
int secret_from_text(struct secret *secret, const char *text);

/*
 * Reads a key file: one line, "0x" and hexadecimal digits, or the characters themselves.
 * 0, or -errno; -EPERM when group or others may read or write the file, or it belongs to neither
 * root nor this user. Control core, homeport-mn.
 */
int secret_from_file(struct secret *secret, const char *path);

bool secret_equal(const struct secret *a, const struct secret *b);
void secret_wipe(struct secret *secret);

#endif
