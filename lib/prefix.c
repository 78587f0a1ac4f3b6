/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

int
address_parse(const char *text, be32 *address)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return -EINVAL;
	*address = in.s_addr;
	return 0;
}

/* One or two digits, 0 to 32, without a leading zero. */
static int
len_bits_parse(const char *text, uint8_t *len_bits)
{
	size_t digit_count = strspn(text, "0123456789");
	int value = 0;

	if (digit_count == 0 || digit_count > 2 || text[digit_count] != '\0')
		return -EINVAL;
	if (digit_count == 2 && text[0] == '0')
		return -EINVAL;
	for (size_t i = 0; i < digit_count; i++)
		value = value * 10 + (text[i] - '0');
	if (value > 32)
		return -EINVAL;
	*len_bits = (uint8_t)value;
	return 0;
}

int
prefix_parse(const char *text, struct prefix *prefix)
{
	const char *slash = strchr(text, '/');
	char address[ADDRESS_TEXT_SIZE];
	struct prefix parsed = {.len_bits = 32};
	size_t len = slash == NULL ? strlen(text) : (size_t)(slash - text);

	if (len >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, len);
	address[len] = '\0';
	if (address_parse(address, &parsed.address) < 0)
		return -EINVAL;
	if (slash != NULL && len_bits_parse(slash + 1, &parsed.len_bits) < 0)
		return -EINVAL;
	*prefix = parsed;
	return 0;
}

const char *
address_format(be32 address, char text[ADDRESS_TEXT_SIZE])
{
	return inet_ntop(AF_INET, &address, text, ADDRESS_TEXT_SIZE);
}

const char *
prefix_format(struct prefix prefix, char text[PREFIX_TEXT_SIZE])
{
	char address[ADDRESS_TEXT_SIZE];

	snprintf(text, PREFIX_TEXT_SIZE, "%s/%u", address_format(prefix.address, address),
		 prefix.len_bits % 100u);
	return text;
}
