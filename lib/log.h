/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stdbool.h>

#include "lib/mono_time.h"

/*
 * Lines for the operator, on standard error; under systemd with its priority prefixes. log_warn()
 * and log_error() add the text of `error` (a positive errno); the x forms do not. Never call from a
 * worker's packet path; never pass a key.
 */
enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* Lines below `level` are left out; the default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);
/* Name shown before each line; not copied. */
void log_set_program(const char *name);

void log_error(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_errorx(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_warnx(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A limit for lines of one kind: so many a second; what was left out is counted and said with
 * the next line. Zero-initialised with `per_sec` set. One thread. */
struct log_limit {
	unsigned per_sec;
	unsigned spent;
	uint64_t suppressed;
	struct mono_time second;
};

/* True when a line may be written now. Writes how many were suppressed before, if any were. */
bool log_limit_allows(struct log_limit *limit);

#endif
