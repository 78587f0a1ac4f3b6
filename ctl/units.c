/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/units.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/types.h"

struct unit_text
unit_duration(uint64_t sec)
{
	uint64_t days = sec / 86400, hours = sec / 3600 % 24, minutes = sec / 60 % 60;
	struct unit_text out;

	if (days > 0)
		snprintf(out.text, sizeof(out.text), "%" PRIu64 " d %" PRIu64 " h", days, hours);
	else if (hours > 0)
		snprintf(out.text, sizeof(out.text), "%" PRIu64 " h %" PRIu64 " m", hours, minutes);
	else if (minutes > 0)
		snprintf(out.text, sizeof(out.text), "%" PRIu64 " m %" PRIu64 " s", minutes,
			 sec % 60);
	else
		snprintf(out.text, sizeof(out.text), "%" PRIu64 " s", sec);
	return out;
}

static struct unit_text
scaled(double quantity, const char *unit)
{
	static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
	struct unit_text out;
	size_t i = 0;

	/* 999.95 would round up to "1000.0". */
	while (quantity >= 999.95 && i + 1 < ARRAY_COUNT(prefixes)) {
		quantity /= 1000;
		i++;
	}
	snprintf(out.text, sizeof(out.text), "%.*f %s%s", i == 0 ? 0 : 1, quantity, prefixes[i],
		 unit);
	return out;
}

struct unit_text
unit_bytes(uint64_t bytes)
{
	return scaled((double)bytes, "B");
}

static struct unit_text
rate(uint64_t before, uint64_t after, uint64_t elapsed_ms, double factor, const char *unit)
{
	if (elapsed_ms == 0 || after < before)
		return (struct unit_text){"-"};
	return scaled((double)(after - before) * factor * 1000 / (double)elapsed_ms, unit);
}

struct unit_text
unit_rate(uint64_t before, uint64_t after, uint64_t elapsed_ms)
{
	return rate(before, after, elapsed_ms, 1, "/s");
}

struct unit_text
unit_bit_rate(uint64_t before, uint64_t after, uint64_t elapsed_ms)
{
	return rate(before, after, elapsed_ms, 8, "bit/s");
}
