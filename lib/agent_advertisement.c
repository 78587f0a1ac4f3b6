/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/agent_advertisement.h"

#include <assert.h>
#include <errno.h>

#include "lib/checksum.h"
#include "lib/ip_check.h"
#include "lib/nai.h"

#define TTL_OF_A_LINK 1 /* RFC 5944 section 2.1 */
#define ADDRESS_WORDS 2 /* RFC 1256 section 3 */
#define CODE_NO_COMMON_TRAFFIC 16
#define SEQUENCE_ROLLOVER 256 /* RFC 5944 section 2.3.2 */
#define LENGTH_FIXED 6	      /* of the extension without care-of addresses */

uint16_t
agent_sequence_next(uint16_t sequence)
{
	return sequence == UINT16_MAX ? SEQUENCE_ROLLOVER : (uint16_t)(sequence + 1);
}

static void
write_ip(const struct agent_advertisement *advertisement, size_t len, uint8_t *out)
{
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16((uint16_t)len),
		.id_be = advertisement->id_be,
		.ttl = TTL_OF_A_LINK,
		.protocol = IP_PROTOCOL_ICMP,
		.src = advertisement->src,
		.dst = advertisement->dst,
	};

	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	memcpy(out, &ip, sizeof(ip));
}

/* RFC 4721 section 2, figure 1; returns its length. */
static size_t
write_challenge(const struct agent_advertisement *advertisement, uint8_t *out)
{
	if (advertisement->challenge_len == 0)
		return 0;
	out[0] = MIP_EXT_ADVERTISEMENT_CHALLENGE;
	out[1] = (uint8_t)advertisement->challenge_len;
	memcpy(out + 2, advertisement->challenge, advertisement->challenge_len);
	return 2 + (size_t)advertisement->challenge_len;
}

/* RFC 4857 section 8.2, behind what RFC 5944 and RFC 4721 have; returns its length. */
static size_t
write_nai(const struct agent_advertisement *advertisement, uint8_t *out)
{
	if (advertisement->nai_len == 0)
		return 0;
	out[0] = MIP_EXT_NAI_CARRYING;
	out[1] = (uint8_t)(1 + advertisement->nai_len);
	out[2] = MIP_NAI_OF_FOREIGN_AGENT;
	memcpy(out + 3, advertisement->nai, advertisement->nai_len);
	return 3 + (size_t)advertisement->nai_len;
}

size_t
agent_advertisement_build(const struct agent_advertisement *advertisement,
			  uint8_t out[AGENT_ADVERTISEMENT_SIZE_MAX])
{
	size_t care_of_len = advertisement->care_of_count * sizeof(be32);
	size_t fixed_len =
		sizeof(struct icmp_router_advertisement) + sizeof(struct mip_advertisement);
	size_t icmp_len = fixed_len + care_of_len;
	uint8_t *at = out + sizeof(struct ip_header);
	struct mip_advertisement extension = {
		.type = MIP_EXT_ADVERTISEMENT,
		.length = (uint8_t)(LENGTH_FIXED + care_of_len),
		.sequence_be = htobe16(advertisement->sequence),
		.lifetime_be = htobe16(advertisement->registration_sec),
		.flags_be = htobe16(advertisement->flags),
	};
	struct icmp_router_advertisement router = {
		.type = ICMP_TYPE_ROUTER_ADVERTISEMENT,
		.address_words = ADDRESS_WORDS,
		.lifetime_be = htobe16(advertisement->lifetime_sec),
	};

	assert(advertisement->care_of_count <= AGENT_CARE_OF_MAX);
	assert(advertisement->challenge_len <= AGENT_CHALLENGE_SIZE_MAX);
	assert(advertisement->nai_len <= AGENT_NAI_LEN_MAX);
	icmp_len += write_challenge(advertisement, at + icmp_len);
	icmp_len += write_nai(advertisement, at + icmp_len);
	write_ip(advertisement, sizeof(struct ip_header) + icmp_len, out);
	memcpy(at, &router, sizeof(router));
	memcpy(at + sizeof(router), &extension, sizeof(extension));
	if (care_of_len != 0)
		memcpy(at + fixed_len, advertisement->care_of, care_of_len);
	router.checksum_be = checksum_of(at, icmp_len);
	memcpy(at, &router, sizeof(router));
	return sizeof(struct ip_header) + icmp_len;
}

int
agent_solicitation_parse(const void *packet, size_t len, be32 *src)
{
	struct icmp_header icmp;
	struct ip_header ip;
	const uint8_t *at;

	if (len < sizeof(ip))
		return -EINVAL;
	memcpy(&ip, packet, sizeof(ip));
	if (ip_check_lengths(&ip, (uint32_t)len) != IP_OK || ip_is_fragment(&ip) ||
	    ip.protocol != IP_PROTOCOL_ICMP)
		return -EINVAL;
	at = (const uint8_t *)packet + ip_header_size(&ip);
	len = be16toh(ip.total_len_be) - (size_t)ip_header_size(&ip);
	if (len < sizeof(icmp))
		return -EINVAL;
	memcpy(&icmp, at, sizeof(icmp));
	if (icmp.type != ICMP_TYPE_ROUTER_SOLICITATION || icmp.code != 0)
		return -EINVAL;
	if (checksum_of(at, len) != 0)
		return -EBADMSG;
	*src = ip.src;
	return 0;
}

void
agent_solicitation_build(be32 src, uint8_t out[AGENT_SOLICITATION_SIZE])
{
	struct ip_header ip = {
		.version_ihl = IP_VERSION_IHL_PLAIN,
		.total_len_be = htobe16(AGENT_SOLICITATION_SIZE),
		.ttl = TTL_OF_A_LINK,
		.protocol = IP_PROTOCOL_ICMP,
		.src = src,
		.dst = IP_ALL_ROUTERS,
	};
	struct icmp_header icmp = {.type = ICMP_TYPE_ROUTER_SOLICITATION};

	ip.checksum_be = checksum_of(&ip, sizeof(ip));
	icmp.checksum_be = checksum_of(&icmp, sizeof(icmp));
	memcpy(out, &ip, sizeof(ip));
	memcpy(out + sizeof(ip), &icmp, sizeof(icmp));
}

/* The mobility agent extension at `at`, `len` bytes with its two octets of head. */
static int
read_agent(const uint8_t *at, size_t len, struct agent_heard *heard)
{
	struct mip_advertisement extension;
	size_t count;

	if (len < sizeof(extension) || (len - sizeof(extension)) % sizeof(be32) != 0)
		return -EINVAL;
	memcpy(&extension, at, sizeof(extension));
	heard->sequence = be16toh(extension.sequence_be);
	heard->registration_sec = be16toh(extension.lifetime_be);
	heard->flags = be16toh(extension.flags_be);
	count = (len - sizeof(extension)) / sizeof(be32);
	for (size_t i = 0; i < count && heard->care_of_count < AGENT_CARE_OF_MAX; i++) {
		be32 care_of;

		memcpy(&care_of, at + sizeof(extension) + i * sizeof(care_of), sizeof(care_of));
		if (!ip_source_is_martian(care_of))
			heard->care_of[heard->care_of_count++] = care_of;
	}
	return 0;
}

/* An extension that carries an NAI: its `len` octets behind type and length. */
static void
read_nai(const uint8_t *at, size_t len, struct agent_heard *heard)
{
	if (heard->nai_len != 0 || len < 2 || len > 1 + AGENT_NAI_LEN_MAX ||
	    at[0] != MIP_NAI_OF_FOREIGN_AGENT || !nai_is_valid(at + 1, len - 1))
		return;
	heard->nai_len = (unsigned)(len - 1);
	memcpy(heard->nai, at + 1, len - 1);
}

/* All behind the router addresses. RFC 5944 section 1.8: unknown ones are skipped, and one octet of padding has
 * no length. */
static int
read_extensions(const uint8_t *at, const uint8_t *end, struct agent_heard *heard)
{
	bool is_agent = false;

	while (at < end) {
		size_t len;

		if (*at == MIP_EXT_PAD) {
			at++;
			continue;
		}
		if (end - at < 2 || (size_t)(end - at) < 2 + (size_t)at[1])
			return -EINVAL;
		len = 2 + (size_t)at[1];
		if (at[0] == MIP_EXT_ADVERTISEMENT && !is_agent) {
			if (read_agent(at, len, heard) != 0)
				return -EINVAL;
			is_agent = true;
		} else if (at[0] == MIP_EXT_ADVERTISEMENT_CHALLENGE && heard->challenge_len == 0) {
			heard->challenge_len = at[1];
			memcpy(heard->challenge, at + 2, at[1]);
		} else if (at[0] == MIP_EXT_NAI_CARRYING) {
			read_nai(at + 2, at[1], heard);
		}
		at += len;
	}
	return is_agent ? 0 : -ENOMSG;
}

/* IP, as far as advertisements are concerned; the ICMP message is then at `*icmp`. */
static int
read_ip(const uint8_t *packet, size_t len, struct ip_header *ip, const uint8_t **icmp,
	size_t *icmp_len)
{
	bool is_for_all;

	if (len < sizeof(*ip) || len > AGENT_HEARD_SIZE_MAX)
		return -EINVAL;
	memcpy(ip, packet, sizeof(*ip));
	if (ip_check_lengths(ip, (uint32_t)len) != IP_OK || ip_is_fragment(ip) ||
	    ip->protocol != IP_PROTOCOL_ICMP || ip_source_is_martian(ip->src))
		return -EINVAL;
	is_for_all = ip_is_multicast(ip->dst) || ip->dst == UINT32_MAX;
	if (is_for_all && ip->ttl != TTL_OF_A_LINK)
		return -EINVAL;
	if (checksum_of(packet, ip_header_size(ip)) != 0)
		return -EBADMSG;
	*icmp = packet + ip_header_size(ip);
	*icmp_len = be16toh(ip->total_len_be) - (size_t)ip_header_size(ip);
	return 0;
}

int
agent_advertisement_parse(const void *packet, size_t len, bool has_partial_checksum,
			  struct agent_heard *heard)
{
	struct icmp_router_advertisement router;
	struct ip_header ip;
	const uint8_t *icmp;
	size_t addresses_len;
	int result;

	*heard = (struct agent_heard){0};
	result = read_ip(packet, len, &ip, &icmp, &len);
	if (result != 0)
		return result;
	if (len < sizeof(router))
		return -EINVAL;
	memcpy(&router, icmp, sizeof(router));
	/* 16: an agent that does not route common traffic (RFC 5944 section 2.1) */
	if (router.type != ICMP_TYPE_ROUTER_ADVERTISEMENT ||
	    (router.code != 0 && router.code != CODE_NO_COMMON_TRAFFIC))
		return -EINVAL;
	if (!has_partial_checksum && checksum_of(icmp, len) != 0)
		return -EBADMSG;
	addresses_len = (size_t)router.address_count * router.address_words * sizeof(be32);
	if (router.address_count > 0 && router.address_words < ADDRESS_WORDS)
		return -EINVAL;
	if (addresses_len > len - sizeof(router))
		return -EINVAL;
	heard->src = ip.src;
	heard->lifetime_sec = be16toh(router.lifetime_be);
	return read_extensions(icmp + sizeof(router) + addresses_len, icmp + len, heard);
}
