/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/mip_message.h"

#include <string.h>

#define SPI_SIZE 4
#define TLV_SIZE 2	    /* type, length */
#define LONG_TLV_SIZE 4	    /* type, subtype, 16-bit length: RFC 5944 section 1.10 */
#define AUTH_36_SIZE_MIN 20 /* RFC 4721 section 5 */
#define CVSE_SIZE_MIN 6	    /* vendor and vendor's type, RFC 3115 section 2.1 */
#define DYNAMIC_HA_LONG_SIZE 8
#define SUBTYPE_MN_AAA 1

/* An extension in its frame: where it begins, how long all of it is, and its data. */
struct extension {
	const uint8_t *start;
	uint8_t type;
	uint8_t subtype; /* long format only */
	uint16_t size;
	uint16_t len; /* of `data` */
	const uint8_t *data;
};

static uint16_t
read_16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t
read_32(const uint8_t *bytes)
{
	return (uint32_t)read_16(bytes) << 16 | read_16(bytes + 2);
}

static size_t
fixed_size(uint8_t type)
{
	switch (type) {
	case MIP_REGISTRATION_REQUEST:
		return sizeof(struct mip_request);
	case MIP_REGISTRATION_REPLY:
		return sizeof(struct mip_reply);
	case MIP_REVOCATION:
		return sizeof(struct mip_revocation);
	case MIP_REVOCATION_ACK:
		return sizeof(struct mip_revocation_ack);
	default:
		return 0;
	}
}

/* Whether a message must be discarded for an extension of this type (RFC 5944 section 1.8). */
static bool
is_refused_type(uint8_t type)
{
	switch (type) {
	case MIP_EXT_MN_HA_AUTH:
	case MIP_EXT_MN_FA_AUTH:
	case MIP_EXT_FA_HA_AUTH:
	case MIP_EXT_GENERALIZED_AUTH:
	case MIP_EXT_CVSE:
	case MIP_EXT_UDP_TUNNEL_REPLY:
		return false;
	default:
		return type < MIP_EXT_SKIPPABLE;
	}
}

/* The form that RFC 4433 draws, with a length of two octets, though a skippable extension has
 * one of one octet. Taken for a length of one octet, 1 and 2 are impossible here, so nothing is
 * lost. */
static bool
is_dynamic_ha_long(const uint8_t *start, size_t left)
{
	return start[0] == MIP_EXT_DYNAMIC_HA && left >= LONG_TLV_SIZE &&
	       (start[1] == DYNAMIC_HA_REQUESTED || start[1] == DYNAMIC_HA_REDIRECTED) &&
	       read_16(start + 2) == DYNAMIC_HA_LONG_SIZE - LONG_TLV_SIZE;
}

/* Finds the bounds of the extension at `start`; false when the message ends before it does. */
static bool
extension_frame(const uint8_t *start, size_t left, struct extension *extension)
{
	bool is_long = start[0] == MIP_EXT_GENERALIZED_AUTH || start[0] == MIP_EXT_CVSE ||
		       is_dynamic_ha_long(start, left);
	size_t header = is_long ? LONG_TLV_SIZE : TLV_SIZE;

	if (left < header)
		return false;
	extension->start = start;
	extension->type = start[0];
	extension->subtype = is_long ? start[1] : 0;
	extension->len = is_long ? read_16(start + 2) : start[1];
	extension->data = start + header;
	extension->size = (uint16_t)(header + extension->len);
	return extension->len <= left - header;
}

/* The mobile node's own words to the home agent end where the first of their authenticators begins:
 * what comes later is not covered by it. */
static bool
is_before_auth(const struct mip_message *message)
{
	return message->mn_ha.count == 0 && message->mn_aaa.count == 0 && message->fa_ha.count == 0;
}

static enum mip_author
current_author(const struct mip_message *message)
{
	return message->mn_ha.count == 0 && message->mn_aaa.count == 0 ? MIP_BY_MOBILE
								       : MIP_BY_FOREIGN_AGENT;
}

/* Sets a view once: a repetition, which may come from somebody else, changes nothing. */
static void
view_set(struct mip_view *view, const uint8_t *data, uint16_t len)
{
	if (view->data == NULL)
		*view = (struct mip_view){data, len};
}

static enum mip_parse_result
take_auth(struct mip_message *message, struct mip_auth_view *auth, const struct extension *ext,
	  uint16_t len_min)
{
	if (ext->len < len_min)
		return MIP_PARSE_MALFORMED;
	if (auth->count++ > 0)
		return MIP_PARSE_OK;
	auth->spi = read_32(ext->data);
	auth->authenticator =
		(struct mip_view){ext->data + SPI_SIZE, (uint16_t)(ext->len - SPI_SIZE)};
	auth->covered_len = (uint16_t)(auth->authenticator.data - message->bytes);
	return MIP_PARSE_OK;
}

static enum mip_parse_result
take_mn_ha(struct mip_message *message, const struct extension *ext)
{
	if (message->mn_ha.count > 0 || message->fa_ha.count > 0)
		message->extensions_out_of_order = true;
	return take_auth(message, &message->mn_ha, ext, SPI_SIZE + 1);
}

static enum mip_parse_result
take_udp_request(struct mip_message *message, const struct extension *ext)
{
	const uint8_t *data = ext->data;

	if (ext->len != 6)
		return MIP_PARSE_MALFORMED;
	if (data[0] != 0 || message->udp_request.author != MIP_BY_NOBODY)
		return MIP_PARSE_OK;
	message->udp_request = (struct mip_udp_tunnel_request){
		.author = current_author(message),
		.flags = data[2],
		.encapsulation = data[3],
		.reserved3 = read_16(data + 4),
	};
	return MIP_PARSE_OK;
}

static enum mip_parse_result
take_udp_reply(struct mip_message *message, const struct extension *ext)
{
	const uint8_t *data = ext->data;

	if (ext->len > 0 && data[0] != 0)
		return MIP_PARSE_UNKNOWN_EXTENSION; /* another subtype, not to be skipped */
	if (ext->len != 6)
		return MIP_PARSE_MALFORMED;
	if (!is_before_auth(message) || message->udp_reply.present)
		return MIP_PARSE_OK;
	message->udp_reply = (struct mip_udp_tunnel_reply){
		.present = true,
		.code = data[1],
		.forced = (data[2] & UDP_TUNNEL_FLAG_F) != 0,
		.keepalive_sec = read_16(data + 4),
	};
	return MIP_PARSE_OK;
}

static enum mip_parse_result
take_revocation_support(struct mip_message *message, const struct extension *ext)
{
	if (ext->len != 6)
		return MIP_PARSE_MALFORMED;
	/* behind the foreign-home authenticator nothing protects it (RFC 3543 section 3.2) */
	if (message->revocation_support.author != MIP_BY_NOBODY || message->fa_ha.count > 0)
		return MIP_PARSE_OK;
	message->revocation_support = (struct mip_revocation_support){
		.author = current_author(message),
		.inform = (ext->data[0] & 0x80) != 0,
		.timestamp = read_32(ext->data + 2),
	};
	return MIP_PARSE_OK;
}

static enum mip_parse_result
take_dynamic_ha(struct mip_message *message, const struct extension *ext)
{
	bool is_long = is_dynamic_ha_long(ext->start, ext->size);
	uint8_t subtype = ext->subtype;
	const uint8_t *address = ext->data;

	if (!is_long) {
		if (ext->len != 5)
			return MIP_PARSE_MALFORMED;
		subtype = *address++;
		if (subtype != DYNAMIC_HA_REQUESTED && subtype != DYNAMIC_HA_REDIRECTED)
			return MIP_PARSE_OK;
	}
	if (!is_before_auth(message) || message->dynamic_ha.form != MIP_DYNAMIC_HA_ABSENT)
		return MIP_PARSE_OK;
	message->dynamic_ha.form = is_long ? MIP_DYNAMIC_HA_LONG : MIP_DYNAMIC_HA_SHORT;
	message->dynamic_ha.subtype = subtype;
	memcpy(&message->dynamic_ha.address, address, sizeof(be32));
	return MIP_PARSE_OK;
}

static enum mip_parse_result
take_text(struct mip_message *message, struct mip_view *view, const struct extension *ext,
	  uint16_t skip, uint16_t len_min, uint16_t len_max)
{
	if (ext->len < len_min || ext->len > len_max)
		return MIP_PARSE_MALFORMED;
	if (is_before_auth(message))
		view_set(view, ext->data + skip, (uint16_t)(ext->len - skip));
	return MIP_PARSE_OK;
}

static enum mip_parse_result
take_mobile_network(struct mip_message *message, const struct extension *ext)
{
	if (ext->len == 0)
		return MIP_PARSE_MALFORMED;
	if (ext->data[0] != 0)
		return MIP_PARSE_OK; /* an acknowledgement */
	if (ext->len != 6)
		return MIP_PARSE_MALFORMED;
	if (is_before_auth(message))
		message->mobile_network_count++;
	return MIP_PARSE_OK;
}

static enum mip_parse_result
take_trusted_networks(struct mip_message *message, const struct extension *ext)
{
	if (ext->len != 2)
		return MIP_PARSE_MALFORMED;
	if (ext->data[0] == 0 && is_before_auth(message))
		message->trusted_networks = true;
	return MIP_PARSE_OK;
}

static enum mip_parse_result
take_challenge(struct mip_message *message, const struct extension *ext)
{
	if (ext->len == 0)
		return MIP_PARSE_MALFORMED;
	view_set(&message->challenge, ext->data, ext->len);
	return MIP_PARSE_OK;
}

static enum mip_parse_result
take_cvse(struct mip_message *message, const struct extension *ext)
{
	if (ext->len < CVSE_SIZE_MIN)
		return MIP_PARSE_MALFORMED;
	if (message->cvse == MIP_BY_NOBODY)
		message->cvse = current_author(message);
	return MIP_PARSE_OK;
}

/* Puts one extension where it belongs in the message; one that is not named here is skipped. */
static enum mip_parse_result
take_extension(struct mip_message *message, const struct extension *ext)
{
	switch (ext->type) {
	case MIP_EXT_MN_HA_AUTH:
		return take_mn_ha(message, ext);
	case MIP_EXT_MN_FA_AUTH:
		return take_auth(message, &message->mn_fa, ext, SPI_SIZE + 1);
	case MIP_EXT_FA_HA_AUTH:
		return take_auth(message, &message->fa_ha, ext, SPI_SIZE + 1);
	case MIP_EXT_GENERALIZED_AUTH:
		if (ext->subtype != SUBTYPE_MN_AAA)
			return MIP_PARSE_UNKNOWN_EXTENSION;
		return take_auth(message, &message->mn_aaa, ext, AUTH_36_SIZE_MIN);
	case MIP_EXT_CVSE:
		return take_cvse(message, ext);
	case MIP_EXT_UDP_TUNNEL_REPLY:
		return take_udp_reply(message, ext);
	case MIP_EXT_NAI:
		return take_text(message, &message->nai, ext, 0, 1, MIP_NAI_SIZE_MAX);
	case MIP_EXT_FA_CHALLENGE:
		return take_challenge(message, ext);
	case MIP_EXT_REVOCATION_SUPPORT:
		return take_revocation_support(message, ext);
	case MIP_EXT_DYNAMIC_HA:
		return take_dynamic_ha(message, ext);
	case MIP_EXT_UDP_TUNNEL_REQUEST:
		return take_udp_request(message, ext);
	case MIP_EXT_MESSAGE_STRING:
		return take_text(message, &message->message_string, ext, 1, 1, UINT8_MAX);
	case MIP_EXT_MOBILE_NETWORK:
		return take_mobile_network(message, ext);
	case MIP_EXT_TRUSTED_NETWORKS:
		return take_trusted_networks(message, ext);
	case MIP_EXT_SERVICE_SELECTION:
		return take_text(message, &message->service_selection, ext, 0, 1, UINT8_MAX);
	default:
		return MIP_PARSE_OK;
	}
}

/* Walks the extensions behind the fixed part. One with an impossible length does not end the
 * walk as long as its bounds are known: an unknown one behind it still means discard, and an
 * authenticator behind it still says who is to be answered. */
static enum mip_parse_result
parse_extensions(struct mip_message *message, size_t at)
{
	enum mip_parse_result result = MIP_PARSE_OK;

	while (at < message->len) {
		struct extension ext;
		enum mip_parse_result taken;

		if (message->bytes[at] == MIP_EXT_PAD) {
			at++;
			continue;
		}
		if (is_refused_type(message->bytes[at]))
			return MIP_PARSE_UNKNOWN_EXTENSION;
		if (!extension_frame(message->bytes + at, message->len - at, &ext))
			return MIP_PARSE_MALFORMED;
		taken = take_extension(message, &ext);
		if (taken == MIP_PARSE_UNKNOWN_EXTENSION)
			return taken;
		if (taken == MIP_PARSE_MALFORMED)
			result = taken;
		at += ext.size;
	}
	return result;
}

enum mip_parse_result
mip_parse(const void *bytes, size_t len, struct mip_message *message)
{
	size_t fixed_len;

	memset(message, 0, sizeof(*message));
	if (len == 0 || len > MIP_MESSAGE_SIZE_MAX)
		return MIP_PARSE_SHORT;
	message->bytes = bytes;
	message->len = (uint16_t)len;
	fixed_len = fixed_size(message->bytes[0]);
	if (fixed_len == 0 || len < fixed_len)
		return MIP_PARSE_SHORT;
	message->type = (enum mip_message_type)message->bytes[0];
	memcpy(&message->request, bytes, fixed_len); /* whichever member of the union it is */
	return parse_extensions(message, fixed_len);
}
