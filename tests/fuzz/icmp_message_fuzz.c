/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/icmp_message.h"

#include "lib/checksum.h"
#include "tests/fuzz/check.h"

static void
check_parse(const uint8_t *packet, size_t size)
{
	struct icmp_error_view view;

	if (icmp_error_parse(packet, size, &view) < 0)
		return;
	CHECK(view.quoted >= packet + 28 && view.quoted + view.quoted_len <= packet + size);
	CHECK(view.quoted_header_len >= 20 && view.quoted_header_len <= view.quoted_len);
	CHECK(memcmp(&view.quoted_ip, view.quoted, sizeof(view.quoted_ip)) == 0);
	/* no error about an error */
	CHECK(!icmp_error_is_due(packet, size, false));
}

static void
check_build(const uint8_t *packet, size_t size)
{
	struct icmp_error error = {.type = ICMP_TYPE_UNREACHABLE, .code = 4, .mtu = 1400, .src = 9};
	uint8_t out[ICMP_ERROR_SIZE_MAX];
	struct icmp_error_view view;
	size_t out_len;

	if (!icmp_error_is_due(packet, size, false))
		return;
	CHECK(icmp_error_build(&error, packet, size, out, sizeof(out), &out_len) == 0);
	CHECK(out_len <= sizeof(out));
	CHECK(icmp_error_parse(out, out_len, &view) == 0);
	CHECK(view.mtu == 1400 && view.reporter == 9);
	CHECK(memcmp(view.quoted, packet, view.quoted_len) == 0);
}

static void
check_echo(uint8_t *packet, size_t size)
{
	if (icmp_echo_reply_build(packet, size) < 0)
		return;
	CHECK(checksum_of(packet, (size_t)(packet[0] & 0x0f) * 4) == 0);
	CHECK(icmp_echo_reply_build(packet, size) < 0); /* a reply gets none */
}

/* Checksums made right, or hardly any input would come past them. */
static void
repair(uint8_t *packet, size_t size)
{
	size_t header_len, total_len;
	be16 checksum_be;

	if (size < 20)
		return;
	header_len = (size_t)(packet[0] & 0x0f) * 4;
	total_len = (size_t)packet[2] << 8 | packet[3];
	if (total_len > size || total_len < header_len + 4)
		return;
	memset(packet + header_len + 2, 0, 2);
	checksum_be = checksum_of(packet + header_len, total_len - header_len);
	memcpy(packet + header_len + 2, &checksum_be, 2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet = exact_copy(data, size);

	check_build(packet, size);
	check_parse(packet, size);
	repair(packet, size);
	check_parse(packet, size);
	check_echo(packet, size);
	free(packet);
	return 0;
}
