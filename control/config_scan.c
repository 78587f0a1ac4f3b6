/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config_scan.h"

#include "control/config_reader.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORD_SIZE 64

struct scan_totals {
	struct config_reader *reader;
	size_t bytes;
	unsigned files;
};

/* One file that is being looked through. */
struct scan {
	struct scan_totals *totals;
	const char *name; /* for messages */
	FILE *file;
	unsigned depth;
	int line;
	char key[WORD_SIZE]; /* the last name, for messages */
};

static int scan_file(struct scan_totals *totals, const char *path, const char *name, unsigned depth,
		     const struct scan *from);

static int
next_char(struct scan *scan)
{
	int c = getc_unlocked(scan->file);

	if (c == '\n')
		scan->line++;
	return c;
}

static void
put_back(struct scan *scan, int c)
{
	if (c == '\n')
		scan->line--;
	if (c != EOF)
		ungetc(c, scan->file);
}

static void
skip_line(struct scan *scan)
{
	int c;

	do {
		c = next_char(scan);
	} while (c != '\n' && c != EOF);
}

static void
skip_comment(struct scan *scan)
{
	int before = 0;
	int c;

	while ((c = next_char(scan)) != EOF && !(before == '*' && c == '/'))
		before = c;
}

/* A string behind its opening quote; `text` gets its beginning. Returns its length. */
static size_t
take_string(struct scan *scan, char *text, size_t size)
{
	size_t len = 0;
	int c;

	while ((c = next_char(scan)) != EOF && c != '"') {
		if (c == '\\' && (c = next_char(scan)) == EOF)
			break;
		if (len < size - 1)
			text[len] = (char)c;
		len++;
	}
	text[len < size ? len : size - 1] = '\0';
	return len;
}

/* Letters, digits and what else numbers and names are made of, from `c` on, cut to WORD_SIZE. */
static void
take_word(struct scan *scan, int c, char word[WORD_SIZE])
{
	size_t len = 0;

	while (c != EOF && (isalnum(c) || strchr("_*-+.", c) != NULL) && c != '\0') {
		if (len < WORD_SIZE - 1)
			word[len++] = (char)c;
		c = next_char(scan);
	}
	word[len] = '\0';
	put_back(scan, c);
}

static int
check_number(struct scan *scan, const char *word)
{
	bool is_hex = strncasecmp(word, "0x", 2) == 0;
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(word, &end, is_hex ? 16 : 10);
	if (end == word || (*end != '\0' && *end != 'L'))
		return 0; /* a fraction or no number: the parser's and the reader's business */
	if (word[0] == '-')
		return config_reader_fail_at(scan->totals->reader, scan->name, scan->line,
					     "%s: %s is negative; no key takes such a number",
					     scan->key, word);
	if (errno == ERANGE || number > UINT32_MAX)
		return config_reader_fail_at(scan->totals->reader, scan->name, scan->line,
					     "%s: %s is out of range; no key takes more than %u",
					     scan->key, word, UINT32_MAX);
	return 0;
}

/* An @include directive behind its '@'. What is not one is left to the parser. */
static int
scan_include(struct scan *scan)
{
	struct config_reader *reader = scan->totals->reader;
	char word[WORD_SIZE];
	char name[CONFIG_PATH_SIZE];
	char path[CONFIG_PATH_SIZE];
	int line = scan->line;
	int c;

	take_word(scan, next_char(scan), word);
	do {
		c = next_char(scan);
	} while (c == ' ' || c == '\t');
	if (strcmp(word, "include") != 0 || c != '"') {
		put_back(scan, c);
		return 0;
	}
	if (take_string(scan, name, sizeof(name)) >= sizeof(name) ||
	    config_reader_path(reader, name, path) < 0)
		return config_reader_fail_at(reader, scan->name, line,
					     "@include: the file name is too long");
	if (name[0] == '/')
		return config_reader_fail_at(reader, scan->name, line,
					     "@include \"%s\": give the file name relative to the "
					     "directory of the main file",
					     name);
	if (scan->depth == CONFIG_INCLUDE_DEPTH_MAX)
		return config_reader_fail_at(reader, scan->name, line,
					     "@include \"%s\": files include each other deeper "
					     "than %d levels",
					     name, CONFIG_INCLUDE_DEPTH_MAX);
	return scan_file(scan->totals, path, name, scan->depth + 1, scan);
}

static int
scan_tokens(struct scan *scan)
{
	char word[WORD_SIZE];
	int error = 0;
	int c;

	while (error == 0 && (c = next_char(scan)) != EOF) {
		if (c == '#') {
			skip_line(scan);
		} else if (c == '/') {
			c = next_char(scan);
			if (c == '/')
				skip_line(scan);
			else if (c == '*')
				skip_comment(scan);
			else
				put_back(scan, c);
		} else if (c == '"') {
			take_string(scan, word, sizeof(word));
		} else if (c == '@') {
			error = scan_include(scan);
		} else if (isalpha(c) || c == '*') {
			take_word(scan, c, scan->key);
		} else if (isdigit(c) || c == '-' || c == '+') {
			take_word(scan, c, word);
			error = check_number(scan, word);
		}
	}
	return error;
}

/* Opens `path` for reading when it is a regular file that keeps within the limits. */
static int
open_file(struct scan_totals *totals, const char *path, FILE **file)
{
	struct config_reader *reader = totals->reader;
	struct stat status;
	/* Not to be held up by a pipe that nobody writes to. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status) < 0)
		error = -errno;
	else if (S_ISDIR(status.st_mode))
		error = -EISDIR;
	else if (!S_ISREG(status.st_mode))
		error = -ENOTSUP;
	else if ((size_t)status.st_size > CONFIG_BYTES_MAX - totals->bytes ||
		 totals->files == CONFIG_FILES_MAX)
		error = -EFBIG;
	if (error == 0 && (*file = fdopen(fd, "r")) == NULL)
		error = -errno;
	if (error < 0) {
		close(fd);
		return error;
	}
	totals->bytes += (size_t)status.st_size;
	totals->files++;
	if ((status.st_mode & S_IROTH) != 0 && reader->exposed[0] == '\0')
		snprintf(reader->exposed, sizeof(reader->exposed), "%s", path);
	return 0;
}

static int
fail_open(struct scan_totals *totals, const char *name, const struct scan *from, int error)
{
	const char *why = error == -EFBIG     ? "the configuration is too large in all"
			  : error == -ENOTSUP ? "not a regular file"
					      : strerror(-error);

	if (from == NULL)
		config_reader_fail_at(totals->reader, name, 0, "cannot be read: %s", why);
	else
		config_reader_fail_at(totals->reader, from->name, from->line,
				      "@include \"%s\" cannot be read: %s", name, why);
	return error;
}

static int
scan_file(struct scan_totals *totals, const char *path, const char *name, unsigned depth,
	  const struct scan *from)
{
	struct scan scan = {.totals = totals, .name = name, .depth = depth, .line = 1};
	int error = open_file(totals, path, &scan.file);

	if (error < 0)
		return fail_open(totals, name, from, error);
	error = scan_tokens(&scan);
	if (error == 0 && ferror(scan.file) != 0)
		error = fail_open(totals, name, from, -EIO);
	fclose(scan.file);
	return error;
}

int
config_scan(struct config_reader *reader)
{
	struct scan_totals totals = {.reader = reader};

	return scan_file(&totals, reader->path, reader->path, 0, NULL);
}
