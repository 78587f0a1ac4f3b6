/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/config.h"
#include "lib/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The whole way of a configuration file, from the scan for includes to the checks across sections. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 does not free a string that is still open when a file does not parse. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

static int
file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("config", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_error error;
	struct config *config = NULL;
	char path[64];
	int fd = file_of(data, size);

	log_set_level(LOG_LEVEL_ERROR);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (config_load(path, &config, &error) == 0)
		config_unload(config);
	else if (error.text[0] == '\0')
		abort(); /* an error says what is wrong */
	close(fd);
	return 0;
}
