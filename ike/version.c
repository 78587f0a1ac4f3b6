/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/version.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION_MAX 30

/* The whole of a text in the image: between two zero bytes. */
static bool
has_text(const void *image, size_t len, const char *text)
{
	char pattern[VERSION_MAX + 2] = {0};
	size_t text_len = strlen(text);

	if (text_len > VERSION_MAX)
		return false;
	memcpy(pattern + 1, text, text_len);
	return memmem(image, len, pattern, text_len + 2) != NULL;
}

bool
version_is_running(const char *version)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	bool is_running = false;
	struct stat status;
	void *image;

	if (fd < 0)
		return false;
	if (fstat(fd, &status) == 0) {
		image = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (image != MAP_FAILED) {
			is_running = has_text(image, status.st_size, version);
			munmap(image, status.st_size);
		}
	}
	close(fd);
	return is_running;
}
