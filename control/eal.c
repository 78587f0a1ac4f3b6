/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/eal.h"

#include <errno.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_pci.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ARGUMENTS_MAX 64
#define HUGE_PAGES_FREE "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages"
#define HUGE_PAGES_FREE_1G "/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages"

struct arguments {
	int count;
	char *values[ARGUMENTS_MAX + 1];
};

static void __attribute__((format(printf, 2, 3)))
add(struct arguments *arguments, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	if (arguments->count < ARGUMENTS_MAX &&
	    vasprintf(&arguments->values[arguments->count], format, list) >= 0)
		arguments->count++;
	va_end(list);
}

static void
add_lcores(struct arguments *arguments, const struct config_eal *eal)
{
	char lcores[CONFIG_WORKERS_MAX * 12 + 16];
	int len = snprintf(lcores, sizeof(lcores), "0@%u", eal->main_core);

	for (unsigned i = 0; i < eal->worker_count; i++)
		len += snprintf(lcores + len, sizeof(lcores) - (size_t)len, ",%u@%u", i + 1,
				eal->worker_cores[i]);
	add(arguments, "--lcores=%s", lcores);
	add(arguments, "--main-lcore=0");
}

/* A PCI address stands before the arguments, if there are any. */
static bool
is_pci(const char *device)
{
	char name[CONFIG_PATH_SIZE];
	struct rte_pci_addr address;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(device, ","), device);
	return rte_pci_addr_parse(name, &address) == 0;
}

/* Only the PCI devices that the configuration names; a vdev is probed when its port is opened. */
static void
add_devices(struct arguments *arguments, const struct config *config)
{
	bool has_pci = false;

	for (unsigned i = 0; i < config->port_count; i++) {
		const char *device = config->ports[i].device;

		if (is_pci(device)) {
			add(arguments, "--allow=%s", device);
			has_pci = true;
		}
	}
	if (!has_pci)
		add(arguments, "--no-pci");
}

static unsigned long
read_number(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long number = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu", &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

static int
check_huge_pages(const struct config_eal *eal, char *problem, size_t problem_size)
{
	if (!eal->huge_pages || read_number(HUGE_PAGES_FREE) > 0 ||
	    read_number(HUGE_PAGES_FREE_1G) > 0)
		return 0;
	snprintf(problem, problem_size,
		 "no huge page is free; reserve some (echo 512 > "
		 "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages), or set "
		 "eal.huge_pages = false, which is slower");
	return -ENOMEM;
}

int
eal_start(const struct config *config, char *problem, size_t problem_size)
{
	const struct config_eal *eal = &config->eal;
	/* EAL keeps pointers into these and permutes them: they live as long as the process */
	static struct arguments arguments;
	int error = check_huge_pages(eal, problem, problem_size);

	if (error != 0)
		return error;
	add(&arguments, "homeport");
	add_lcores(&arguments, eal);
	add(&arguments, "--file-prefix=%s", eal->file_prefix);
	add(&arguments, "--log-level=warning");
	add(&arguments, eal->huge_pages ? "--in-memory" : "--no-huge");
	if (eal->memory_mb > 0)
		add(&arguments, "-m%u", eal->memory_mb);
	add_devices(&arguments, config);
	for (unsigned i = 0; i < eal->extra_count; i++)
		add(&arguments, "%s", eal->extra[i]);

	if (rte_eal_init(arguments.count, arguments.values) < 0) {
		error = rte_errno != 0 ? rte_errno : EIO;
		snprintf(problem, problem_size,
			 "DPDK did not start: %s (its own words are above; the keys are under eal)",
			 strerror(error));
		return -error;
	}
	return 0;
}

void
eal_stop(void)
{
	rte_eal_cleanup();
}
