/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/ip_check.h"

#define IP_OPTION_END 0
#define IP_OPTION_NOP 1
#define IP_OPTION_LSRR 131
#define IP_OPTION_SSRR 137

enum ip_options_verdict
ip_check_options(const struct ip_header *ip)
{
	const uint8_t *option = (const uint8_t *)(ip + 1);
	const uint8_t *end = (const uint8_t *)ip + ip_header_size(ip);

	while (option < end && *option != IP_OPTION_END) {
		if (*option == IP_OPTION_NOP) {
			option++;
			continue;
		}
		if (*option == IP_OPTION_LSRR || *option == IP_OPTION_SSRR)
			return IP_OPTIONS_SOURCE_ROUTE;
		if (end - option < 2 || option[1] < 2 || option[1] > end - option)
			return IP_OPTIONS_MALFORMED;
		option += option[1];
	}
	return IP_OPTIONS_FINE;
}
