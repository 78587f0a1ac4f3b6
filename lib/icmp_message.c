/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/icmp_message.h"

#include <errno.h>
#include <string.h>

#include "lib/checksum.h"

#define TTL_OF_OUR_OWN 64
#define PRECEDENCE_INTERNETWORK_CONTROL 0xc0
#define TOS_BITS 0x1c /* neither precedence nor ECN */
#define QUOTE_DATA_MIN 8

/* Copies the header of the IPv4 packet at `packet` and checks it against itself and the `len` bytes
 * that are there. `is_cut_fine`: a packet that lacks its end, as errors quote it. */
static int
ip_read(struct ip_header *ip, const uint8_t *packet, size_t len, bool is_cut_fine)
{
	size_t total_len;

	if (len < sizeof(*ip))
		return -EINVAL;
	memcpy(ip, packet, sizeof(*ip));
	total_len = be16toh(ip->total_len_be);
	if (ip->version_ihl >> 4 != 4 || ip_header_size(ip) < sizeof(*ip) ||
	    ip_header_size(ip) > len || total_len < ip_header_size(ip))
		return -EINVAL;
	return !is_cut_fine && total_len > len ? -EINVAL : 0;
}

/* Neither "this network", loopback, multicast, reserved nor broadcast (RFC 1812 section 5.3.7). */
static bool
is_single_host(be32 address)
{
	uint8_t first = (uint8_t)(be32toh(address) >> 24);

	return first != 0 && first != 127 && first < 224;
}

/* Of a type that asks or answers; all others, also those nobody knows, are taken for errors. */
static bool
is_icmp_query(uint8_t type)
{
	switch (type) {
	case ICMP_TYPE_ECHO_REPLY:
	case ICMP_TYPE_ECHO_REQUEST:
	case ICMP_TYPE_ROUTER_ADVERTISEMENT:
	case ICMP_TYPE_ROUTER_SOLICITATION:
	case 13: /* timestamp, information and address mask with their replies, RFC 792, 950 */
	case 14:
	case 15:
	case 16:
	case 17:
	case 18:
		return true;
	default:
		return false;
	}
}

bool
icmp_error_is_due(const void *packet, size_t len, bool was_broadcast)
{
	struct ip_header ip;

	if (was_broadcast || ip_read(&ip, packet, len, false) < 0)
		return false;
	if (ip.fragment_be & htobe16(IP_FRAGMENT_OFFSET_MASK))
		return false;
	if (!is_single_host(ip.src) || be32toh(ip.dst) >> 28 >= 0xe)
		return false;
	if (ip.protocol == IP_PROTOCOL_ICMP) {
		if (be16toh(ip.total_len_be) <= ip_header_size(&ip))
			return false; /* nobody can tell that it is not one */
		return is_icmp_query(((const uint8_t *)packet)[ip_header_size(&ip)]);
	}
	return true;
}

int
icmp_error_build(const struct icmp_error *error, const void *packet, size_t len, void *out,
		 size_t size, size_t *out_len)
{
	const size_t headers = sizeof(struct ip_header) + sizeof(struct icmp_header);
	struct icmp_header icmp = {.type = error->type, .code = error->code};
	struct ip_header quoted, ip = {0};
	size_t quote_len, room;
	uint8_t *bytes = out;

	if (ip_read(&quoted, packet, len, true) < 0)
		return -EINVAL;
	/* not the padding that Ethernet put behind a short packet */
	quote_len = be16toh(quoted.total_len_be) < len ? be16toh(quoted.total_len_be) : len;
	if (size > ICMP_ERROR_SIZE_MAX)
		size = ICMP_ERROR_SIZE_MAX;
	room = size > headers ? size - headers : 0;
	if (quote_len > room) {
		quote_len = room;
		if (room < ip_header_size(&quoted) + (size_t)QUOTE_DATA_MIN)
			return -ENOSPC;
	}

	if (error->type == ICMP_TYPE_PARAMETER_PROBLEM)
		icmp.id_be = htobe16((uint16_t)(error->pointer << 8));
	if (error->type == ICMP_TYPE_UNREACHABLE && error->code == ICMP_CODE_FRAGMENTATION_NEEDED)
		icmp.mtu_be = htobe16(error->mtu);
	memcpy(bytes + headers, packet, quote_len);
	icmp.checksum_be = (be16)~checksum_fold(
		checksum_add(checksum_add(0, &icmp, sizeof(icmp)), bytes + headers, quote_len));
	memcpy(bytes + sizeof(ip), &icmp, sizeof(icmp));

	ip.version_ihl = IP_VERSION_IHL_PLAIN;
	ip.tos = PRECEDENCE_INTERNETWORK_CONTROL | (quoted.tos & TOS_BITS);
	ip.total_len_be = htobe16((uint16_t)(headers + quote_len));
	ip.id_be = error->id_be;
	ip.ttl = TTL_OF_OUR_OWN;
	ip.protocol = IP_PROTOCOL_ICMP;
	ip.src = error->src;
	ip.dst = quoted.src;
	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(bytes, &ip, sizeof(ip));
	*out_len = headers + quote_len;
	return 0;
}

/* Reads the headers of a whole ICMP message and verifies its checksum. */
static int
icmp_read(struct ip_header *ip, struct icmp_header *icmp, const uint8_t *packet, size_t len)
{
	size_t icmp_len;

	if (ip_read(ip, packet, len, false) < 0 || ip->protocol != IP_PROTOCOL_ICMP ||
	    ip_is_fragment(ip))
		return -EINVAL;
	icmp_len = be16toh(ip->total_len_be) - (size_t)ip_header_size(ip);
	if (icmp_len < sizeof(*icmp))
		return -EINVAL;
	memcpy(icmp, packet + ip_header_size(ip), sizeof(*icmp));
	return checksum_of(packet + ip_header_size(ip), icmp_len) == 0 ? 0 : -EBADMSG;
}

int
icmp_echo_reply_build(uint8_t *packet, size_t len)
{
	struct icmp_header icmp;
	struct ip_header ip;
	uint16_t header_len;
	uint64_t sum;
	be32 own;
	int ret;

	ret = icmp_read(&ip, &icmp, packet, len);
	if (ret < 0)
		return ret;
	if (icmp.type != ICMP_TYPE_ECHO_REQUEST || !is_single_host(ip.src) ||
	    !is_single_host(ip.dst))
		return -EINVAL;
	header_len = ip_header_size(&ip);

	icmp.checksum_be =
		checksum_update(icmp.checksum_be, htobe16((uint16_t)(icmp.type << 8 | icmp.code)),
				htobe16(ICMP_TYPE_ECHO_REPLY << 8 | icmp.code));
	icmp.type = ICMP_TYPE_ECHO_REPLY;
	memcpy(packet + header_len, &icmp, sizeof(icmp));

	own = ip.dst;
	ip.dst = ip.src;
	ip.src = own;
	ip.ttl = TTL_OF_OUR_OWN;
	ip.tos &= (uint8_t)~IP_ECN_MASK; /* the mark was for the way here */
	ip.checksum_be = 0;
	sum = checksum_add(0, &ip, sizeof(ip));
	sum = checksum_add(sum, packet + sizeof(ip), header_len - sizeof(ip));
	ip.checksum_be = (be16)~checksum_fold(sum);
	memcpy(packet, &ip, sizeof(ip));
	return 0;
}

static bool
is_icmp_error(uint8_t type)
{
	switch (type) {
	case ICMP_TYPE_UNREACHABLE:
	case ICMP_TYPE_SOURCE_QUENCH:
	case ICMP_TYPE_REDIRECT:
	case ICMP_TYPE_TIME_EXCEEDED:
	case ICMP_TYPE_PARAMETER_PROBLEM:
		return true;
	default:
		return false;
	}
}

int
icmp_error_parse(const void *packet, size_t len, struct icmp_error_view *view)
{
	struct icmp_header icmp;
	struct ip_header ip;
	size_t quoted_len, quoted_total_len;
	int ret;

	memset(view, 0, sizeof(*view));
	ret = icmp_read(&ip, &icmp, packet, len);
	if (ret < 0)
		return ret;
	if (!is_icmp_error(icmp.type))
		return -ENOMSG;
	view->quoted = (const uint8_t *)packet + ip_header_size(&ip) + sizeof(icmp);
	quoted_len = be16toh(ip.total_len_be) - (size_t)ip_header_size(&ip) - sizeof(icmp);
	if (ip_read(&view->quoted_ip, view->quoted, quoted_len, true) < 0)
		return -EINVAL;
	/* what follows the quoted packet is no part of it: RFC 4884 */
	quoted_total_len = be16toh(view->quoted_ip.total_len_be);
	view->quoted_len =
		(uint16_t)(quoted_len < quoted_total_len ? quoted_len : quoted_total_len);
	view->quoted_header_len = ip_header_size(&view->quoted_ip);
	view->reporter = ip.src;
	view->type = icmp.type;
	view->code = icmp.code;
	if (icmp.type == ICMP_TYPE_PARAMETER_PROBLEM)
		view->pointer = (uint8_t)(be16toh(icmp.id_be) >> 8);
	if (icmp.type == ICMP_TYPE_UNREACHABLE && icmp.code == ICMP_CODE_FRAGMENTATION_NEEDED)
		view->mtu = be16toh(icmp.mtu_be);
	return 0;
}
