/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/agent_advertisement.h"

#include <assert.h>
#include <errno.h>

#include "lib/checksum.h"
#include "lib/ip_check.h"

#define TTL_OF_A_LINK 1	      /* RFC 5944 section 2.1 */
#define ADDRESS_WORDS 2	      /* RFC 1256 section 3 */
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
	icmp_len += write_challenge(advertisement, at + icmp_len);
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
