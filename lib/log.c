/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/utf8.h"

#define LINE_SIZE 2048

/* Read by every thread that logs; set by the main thread. */
static _Atomic(enum log_level) shown_level = LOG_LEVEL_INFO;
static _Atomic(const char *) program = "homeport";

/* What the journal takes from the head of a line (sd-daemon(3)), and what a person does. */
static const struct {
	const char *priority;
	const char *word;
} levels[] = {
	[LOG_LEVEL_ERROR] = {"<3>", "error: "},
	[LOG_LEVEL_WARNING] = {"<4>", "warning: "},
	[LOG_LEVEL_INFO] = {"<6>", ""},
	[LOG_LEVEL_DEBUG] = {"<7>", "debug: "},
};

void
log_set_level(enum log_level level)
{
	atomic_store(&shown_level, level);
}

void
log_set_program(const char *name)
{
	atomic_store(&program, name);
}

/* True when standard error leads to the journal: systemd says in JOURNAL_STREAM which file that
 * is. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	if (stream == NULL || sscanf(stream, "%ju:%ju", &device, &inode) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/* One write() a line, so that lines of several threads never mix; what the text quotes from the
 * network cannot end the line or reach the terminal. */
static void
write_line(enum log_level level, const char *text, const char *error_text)
{
	char safe[LINE_SIZE];
	char line[LINE_SIZE + 256];
	int len;

	utf8_make_printable(safe, sizeof(safe), text, strlen(text));
	len = snprintf(line, sizeof(line) - 1, "%s%.64s: %s%s%s%.128s",
		       is_journal() ? levels[level].priority : "", atomic_load(&program),
		       levels[level].word, safe, error_text == NULL ? "" : ": ",
		       error_text == NULL ? "" : error_text);
	line[len] = '\n';
	/* nothing is left to be done about an error here */
	if (write(STDERR_FILENO, line, (size_t)len + 1) < 0)
		return;
}

static void
log_line(enum log_level level, int error, const char *format, va_list args)
{
	char text[LINE_SIZE], buffer[128];

	if (level > atomic_load(&shown_level))
		return;
	vsnprintf(text, sizeof(text), format, args);
	write_line(level, text, error == 0 ? NULL : strerror_r(error, buffer, sizeof(buffer)));
}

void
log_error(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(LOG_LEVEL_ERROR, error, format, args);
	va_end(args);
}

void
log_errorx(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(LOG_LEVEL_ERROR, 0, format, args);
	va_end(args);
}

void
log_warn(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(LOG_LEVEL_WARNING, error, format, args);
	va_end(args);
}

void
log_warnx(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(LOG_LEVEL_WARNING, 0, format, args);
	va_end(args);
}

void
log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(LOG_LEVEL_INFO, 0, format, args);
	va_end(args);
}

void
log_debug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(LOG_LEVEL_DEBUG, 0, format, args);
	va_end(args);
}

bool
log_limit_allows(struct log_limit *limit)
{
	struct mono_time now = mono_now();

	if (!mono_is_before(now, mono_add_sec(limit->second, 1))) {
		limit->second = now;
		limit->spent = 0;
	}
	if (limit->spent >= limit->per_sec) {
		limit->suppressed++;
		return false;
	}
	limit->spent++;
	if (limit->suppressed > 0) {
		log_warnx("%" PRIu64 " more lines of the next kind were suppressed",
			  limit->suppressed);
		limit->suppressed = 0;
	}
	return true;
}
