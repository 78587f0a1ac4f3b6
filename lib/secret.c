/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

/* "0x", two digits a byte, an end of line of up to two characters */
#define KEY_FILE_SIZE_MAX (2 + 2 * SECRET_SIZE_MAX + 2)

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
secret_from_hex(struct secret *secret, const char *hex)
{
	size_t digit_count = strlen(hex);

	if (digit_count == 0 || digit_count % 2 != 0)
		return -EINVAL;
	if (digit_count / 2 > SECRET_SIZE_MAX)
		return -E2BIG;
	for (size_t i = 0; i < digit_count / 2; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0) {
			secret_wipe(secret);
			return -EINVAL;
		}
		secret->bytes[i] = (uint8_t)(high << 4 | low);
	}
	secret->len = (uint8_t)(digit_count / 2);
	return 0;
}

int
secret_from_text(struct secret *secret, const char *text)
{
	size_t len = strlen(text);

	if (len == 0)
		return -EINVAL;
	if (len > SECRET_SIZE_MAX)
		return -E2BIG;
	memcpy(secret->bytes, text, len);
	secret->len = (uint8_t)len;
	return 0;
}

/* Only the owner may have access, and the owner must be somebody who could do worse anyway. */
static int
check_permissions(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH))
		return -EPERM;
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return -EPERM;
	return 0;
}

/* Reads all of `fd` into `text` and ends it; no stdio, whose buffer would keep the key. */
static int
read_all(int fd, char *text, size_t size)
{
	size_t len = 0;

	for (;;) {
		ssize_t count = read(fd, text + len, size - 1 - len);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			break;
		len += (size_t)count;
		if (len == size - 1)
			return -E2BIG;
	}
	text[len] = '\0';
	return strlen(text) == len ? 0 : -EINVAL;
}

/* One line, as the header describes it; `text` is changed. */
static int
secret_from_line(struct secret *secret, char *text)
{
	size_t len = strlen(text);

	if (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	if (len > 0 && text[len - 1] == '\r')
		text[--len] = '\0';
	if (strchr(text, '\n') != NULL)
		return -EINVAL;
	if (strncmp(text, "0x", 2) == 0)
		return secret_from_hex(secret, text + 2);
	return secret_from_text(secret, text);
}

int
secret_from_file(struct secret *secret, const char *path)
{
	char text[KEY_FILE_SIZE_MAX + 2]; /* the end, and one to tell that there was more */
	int fd, ret;

	/* O_NONBLOCK: a pipe in the file's place must not stop the program */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	ret = check_permissions(fd);
	if (ret == 0)
		ret = read_all(fd, text, sizeof(text));
	if (ret == 0)
		ret = secret_from_line(secret, text);
	OPENSSL_cleanse(text, sizeof(text));
	close(fd);
	return ret;
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && CRYPTO_memcmp(a->bytes, b->bytes, a->len) == 0;
}

void
secret_wipe(struct secret *secret)
{
	OPENSSL_cleanse(secret, sizeof(*secret));
}
