/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_WIRE_MIP_H
#define LIB_WIRE_MIP_H

#include "lib/types.h"

#define MIP_PORT 434 /* RFC 5944 section 3: registration, and RFC 3519 tunnel data */

enum mip_message_type {
	MIP_REGISTRATION_REQUEST = 1,
	MIP_REGISTRATION_REPLY = 3,
	MIP_TUNNEL_DATA = 4, /* RFC 3519 */
	MIP_REVOCATION = 7,  /* RFC 3543 */
	MIP_REVOCATION_ACK = 15,
};

/* Bits of the second octet of a Registration Request, RFC 5944 section 3.3. */
enum mip_request_flag {
	MIP_FLAG_S = 0x80, /* simultaneous bindings */
	MIP_FLAG_B = 0x40, /* broadcast datagrams */
	MIP_FLAG_D = 0x20, /* decapsulation by the mobile node: co-located care-of address */
	MIP_FLAG_M = 0x10, /* minimal encapsulation */
	MIP_FLAG_G = 0x08, /* GRE */
	MIP_FLAG_R_RESERVED = 0x04,
	MIP_FLAG_T = 0x02, /* reverse tunnelling, RFC 3024 */
	MIP_FLAG_X_RESERVED = 0x01,
};

#define MIP_LIFETIME_INFINITE 0xffff

/* RFC 5944 section 3.3. */
struct mip_request {
	uint8_t type;
	uint8_t flags;
	be16 lifetime_be;
	be32 home_address;
	be32 home_agent;
	be32 care_of_address;
	be64 identification_be;
} __attribute__((packed));
ASSERT_SIZE(struct mip_request, 24);
ASSERT_OFFSET(struct mip_request, care_of_address, 12);
ASSERT_OFFSET(struct mip_request, identification_be, 16);

/* RFC 5944 section 3.4. */
struct mip_reply {
	uint8_t type;
	uint8_t code;
	be16 lifetime_be;
	be32 home_address;
	be32 home_agent;
	be64 identification_be;
} __attribute__((packed));
ASSERT_SIZE(struct mip_reply, 20);
ASSERT_OFFSET(struct mip_reply, identification_be, 12);

/* RFC 3519 section 3.3: MIP Tunnel Data message header, right behind UDP. */
struct mip_tunnel_data {
	uint8_t type;
	uint8_t next_header;
	be16 reserved_be;
} __attribute__((packed, aligned(2)));
ASSERT_SIZE(struct mip_tunnel_data, 4);

/* RFC 3543 section 3.3. */
struct mip_revocation {
	uint8_t type;
	uint8_t reserved;
	be16 flags_be; /* A 0x8000, I 0x4000 */
	be32 home_address;
	be32 home_domain;
	be32 foreign_domain;
	be32 revocation_id_be;
} __attribute__((packed));
ASSERT_SIZE(struct mip_revocation, 20);
#define MIP_REVOCATION_FLAG_A 0x8000
#define MIP_REVOCATION_FLAG_I 0x4000

/* RFC 3543 section 3.4. */
struct mip_revocation_ack {
	uint8_t type;
	uint8_t reserved;
	be16 flags_be; /* I 0x8000 */
	be32 home_address;
	be32 revocation_id_be;
} __attribute__((packed));
ASSERT_SIZE(struct mip_revocation_ack, 12);
#define MIP_REVOCATION_ACK_FLAG_I 0x8000

/* RFC 5944 section 2.1.1: Mobility Agent Advertisement Extension; care-of addresses follow. */
struct mip_advertisement {
	uint8_t type;
	uint8_t length; /* of all behind this octet */
	be16 sequence_be;
	be16 lifetime_be; /* the longest registration */
	be16 flags_be;
} __attribute__((packed, aligned(2)));
ASSERT_SIZE(struct mip_advertisement, 8);
ASSERT_OFFSET(struct mip_advertisement, flags_be, 6);

/* Of ICMP, not of registration messages. */
#define MIP_EXT_ADVERTISEMENT 16
#define MIP_EXT_ADVERTISEMENT_CHALLENGE 24 /* RFC 4721 section 2 */
#define MIP_EXT_NAI_CARRYING 136	   /* RFC 3846; a subtype comes first */
#define MIP_NAI_OF_FOREIGN_AGENT 3	   /* its subtype, RFC 4857 section 8.2 */

enum mip_advertisement_flag {
	MIP_ADVERTISEMENT_R = 0x8000, /* registration required, foreign agent */
	MIP_ADVERTISEMENT_B = 0x4000, /* busy, foreign agent */
	MIP_ADVERTISEMENT_H = 0x2000, /* home agent on this link */
	MIP_ADVERTISEMENT_F = 0x1000, /* foreign agent on this link */
	MIP_ADVERTISEMENT_M = 0x0800, /* minimal encapsulation */
	MIP_ADVERTISEMENT_G = 0x0400, /* GRE */
	MIP_ADVERTISEMENT_T = 0x0100, /* reverse tunnels, RFC 3024 */
	MIP_ADVERTISEMENT_U = 0x0080, /* UDP tunnels, RFC 3519 */
	MIP_ADVERTISEMENT_X = 0x0040, /* registration revocation, RFC 3543 */
};

enum mip_extension_type {
	MIP_EXT_PAD = 0, /* one octet, no length */
	MIP_EXT_MN_HA_AUTH = 32,
	MIP_EXT_MN_FA_AUTH = 33,
	MIP_EXT_FA_HA_AUTH = 34,
	MIP_EXT_GENERALIZED_AUTH = 36,	      /* RFC 4721, long format */
	MIP_EXT_CVSE = 38,		      /* RFC 3115 critical vendor, long format */
	MIP_EXT_UDP_TUNNEL_REPLY = 44,	      /* RFC 3519 */
	MIP_EXT_FA_ERROR = 45,		      /* RFC 4636 */
	MIP_EXT_SKIPPABLE = 128,	      /* this and above: skipped when not known */
	MIP_EXT_ENCAPSULATING_DELIVERY = 130, /* RFC 3024 */
	MIP_EXT_NAI = 131,		      /* RFC 2794 */
	MIP_EXT_FA_CHALLENGE = 132,	      /* RFC 4721 */
	MIP_EXT_NVSE = 134,		      /* RFC 3115 normal vendor */
	MIP_EXT_REVOCATION_SUPPORT = 137,     /* RFC 3543 */
	MIP_EXT_DYNAMIC_HA = 139,	      /* RFC 4433 */
	MIP_EXT_UDP_TUNNEL_REQUEST = 144,     /* RFC 3519 */
	MIP_EXT_MESSAGE_STRING = 145,	      /* RFC 4917 */
	MIP_EXT_MOBILE_NETWORK = 148,	      /* RFC 5177 */
	MIP_EXT_TRUSTED_NETWORKS = 149,	      /* RFC 5265: TNC */
	MIP_EXT_SERVICE_SELECTION = 151,      /* RFC 5446 */
};

/* Registration reply codes that a home agent sends. */
enum mip_code {
	MIP_CODE_ACCEPTED = 0,
	MIP_CODE_ACCEPTED_NO_SIMULTANEOUS = 1,
	MIP_CODE_UNSPECIFIED = 128,
	MIP_CODE_PROHIBITED = 129,
	MIP_CODE_NO_RESOURCES = 130,
	MIP_CODE_MN_FAILED_AUTH = 131,
	MIP_CODE_FA_FAILED_AUTH = 132,
	MIP_CODE_ID_MISMATCH = 133,
	MIP_CODE_MALFORMED = 134,
	MIP_CODE_TOO_MANY_BINDINGS = 135,
	MIP_CODE_UNKNOWN_HA = 136,
	MIP_CODE_REVERSE_TUNNEL_UNAVAILABLE = 137,
	MIP_CODE_REVERSE_TUNNEL_MANDATORY = 138,
	MIP_CODE_ENCAP_UNAVAILABLE = 139,
	MIP_CODE_UNSUPPORTED_VENDOR_MN = 140,
	MIP_CODE_UNSUPPORTED_VENDOR_FA = 141,
	MIP_CODE_UDP_ENCAP_UNAVAILABLE = 142,
	MIP_CODE_REDIRECT_HA = 143,
	MIP_CODE_MN_AAA_FAILED_AUTH = 144,
	MIP_CODE_ZERO_CARE_OF_ADDRESS = 145,
	MIP_CODE_MOBILE_NETWORK_ERROR = 147,
	MIP_CODE_MOBILE_NETWORK_DISALLOWED = 148,
	MIP_CODE_SERVICE_AUTH_FAILED = 151,
};

/* Registration reply codes of a foreign agent. */
enum mip_fa_code {
	MIP_FA_PROHIBITED = 65,
	MIP_FA_NO_RESOURCES = 66,
	MIP_FA_MN_FAILED_AUTH = 67,
	MIP_FA_HA_FAILED_AUTH = 68,
	MIP_FA_LIFETIME_TOO_LONG = 69,
	MIP_FA_POOR_REQUEST = 70,
	MIP_FA_POOR_REPLY = 71,
	MIP_FA_ENCAP_UNAVAILABLE = 72,
	MIP_FA_REVERSE_TUNNEL_UNAVAILABLE = 74, /* RFC 3024 */
	MIP_FA_REVERSE_TUNNEL_MANDATORY = 75,
	MIP_FA_TOO_DISTANT = 76,
	MIP_FA_INVALID_CARE_OF = 77,
	MIP_FA_TIMEOUT = 78,
	MIP_FA_DELIVERY_STYLE = 79, /* RFC 3024 */
	MIP_FA_HOME_NET_UNREACHABLE = 80,
	MIP_FA_HA_HOST_UNREACHABLE = 81,
	MIP_FA_HA_PORT_UNREACHABLE = 82,
	MIP_FA_HA_UNREACHABLE = 88,
	MIP_FA_UNKNOWN_CHALLENGE = 104, /* RFC 4721 */
	MIP_FA_MISSING_CHALLENGE = 105,
	MIP_FA_STALE_CHALLENGE = 106,
	MIP_FA_WRONG_HA_CHALLENGE = 109,
	MIP_FA_INVALID_HA = 194,
};

/* Smallest and greatest sizes that the parser accepts (UDP payload). */
#define MIP_NAI_SIZE_MAX 253 /* RFC 4282 section 2.2 recommends that much */
#define MIP_MESSAGE_SIZE_MAX 1472

#endif
