/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_MIP_MESSAGE_H
#define LIB_MIP_MESSAGE_H

#include <stdbool.h>

#include "lib/mip_auth.h"
#include "lib/wire_mip.h"

/*
 * Mobile IPv4 messages: registration requests and replies (RFC 5944), revocations (RFC 3543) and
 * their extensions. Parsing copies nothing but the fixed part: the views point into the caller's
 * buffer and live as long as it does.
 */

enum mip_parse_result {
	MIP_PARSE_OK,
	MIP_PARSE_SHORT,	     /* fixed part cut off, or no message type of ours: discard */
	MIP_PARSE_UNKNOWN_EXTENSION, /* not skippable and not known: discard, RFC 5944 section 1.8 */
	MIP_PARSE_MALFORMED, /* an extension is cut off or has an impossible length: code 134 */
};

/* Bytes of an extension's data, inside the message. `data` is NULL when the extension is absent. */
struct mip_view {
	const uint8_t *data;
	uint16_t len;
};

/* Type 32, 33, 34 or 36. `covered_len` bytes from the message's start are what it authenticates
 * (the SPI included). `authenticator.data` is NULL when absent. */
struct mip_auth_view {
	struct mip_view authenticator;
	uint32_t spi; /* host order */
	uint16_t covered_len;
	uint8_t count; /* how many of this type the message carries */
};

/* Who put an extension there: those before the authorization-enabling extension (mobile-home, or
 * MN-AAA) are the mobile node's, those behind it the foreign agent's. */
enum mip_author {
	MIP_BY_NOBODY, /* the extension is absent */
	MIP_BY_MOBILE,
	MIP_BY_FOREIGN_AGENT,
};

#define UDP_TUNNEL_FLAG_F 0x80 /* force */
#define UDP_TUNNEL_FLAG_R 0x40 /* registration through a foreign agent */
#define UDP_TUNNEL_DECLINED 64

struct mip_udp_tunnel_request { /* RFC 3519 section 3.1 */
	enum mip_author author;
	uint8_t flags;
	uint8_t encapsulation; /* 0, 4, 47 or 55 */
	uint16_t reserved3;    /* must be 0 */
};

struct mip_udp_tunnel_reply { /* RFC 3519 section 3.2 */
	bool present;
	uint8_t code; /* 0 or UDP_TUNNEL_DECLINED */
	bool forced;
	uint16_t keepalive_sec; /* 0: no keepalive asked for */
};

struct mip_revocation_support { /* RFC 3543 section 3.2 */
	enum mip_author author; /* MIP_BY_MOBILE: "direct", a co-located care-of address */
	bool inform;		/* I */
	uint32_t timestamp;
};

/* RFC 4433. The standard draws a two-octet length; Wireshark and some products use one octet.
 * Both are understood, and the answer has the form of the question. */
enum mip_dynamic_ha_form {
	MIP_DYNAMIC_HA_ABSENT,
	MIP_DYNAMIC_HA_LONG,  /* 139 | subtype | 00 04 | address: as the RFC draws it */
	MIP_DYNAMIC_HA_SHORT, /* 139 | 05 | subtype | address */
};
#define DYNAMIC_HA_REQUESTED 1
#define DYNAMIC_HA_REDIRECTED 2

struct mip_dynamic_ha {
	enum mip_dynamic_ha_form form;
	uint8_t subtype;
	be32 address;
};

/*
 * A parsed message. Extensions that are skippable and not named here have been skipped. Of one that
 * is repeated the first counts. What only the mobile node or its home agent may say (all that has
 * no author here, but the challenge) counts only before the first authenticator of type 32, 34 or
 * 36: what stands behind it, anybody on the way could have added.
 */
struct mip_message {
	const uint8_t *bytes;
	uint16_t len;
	enum mip_message_type type;
	union { /* the fixed part, by type; copied */
		struct mip_request request;
		struct mip_reply reply;
		struct mip_revocation revocation;
		struct mip_revocation_ack revocation_ack;
	};
	struct mip_auth_view mn_ha;			  /* 32 */
	struct mip_auth_view mn_fa;			  /* 33 */
	struct mip_auth_view fa_ha;			  /* 34 */
	struct mip_auth_view mn_aaa;			  /* 36, subtype 1 */
	struct mip_view nai;				  /* 131 */
	struct mip_view challenge;			  /* 132 */
	struct mip_udp_tunnel_request udp_request;	  /* 144 */
	struct mip_udp_tunnel_reply udp_reply;		  /* 44 */
	struct mip_revocation_support revocation_support; /* 137 */
	struct mip_dynamic_ha dynamic_ha;		  /* 139 */
	struct mip_view message_string;			  /* 145: the text, without the subtype */
	struct mip_view service_selection;		  /* 151 */
	enum mip_author cvse;	      /* 38: critical vendor extension, none of which we know */
	uint8_t mobile_network_count; /* 148: requests for mobile networks */
	bool trusted_networks;	      /* 149: TNC */
	bool extensions_out_of_order; /* mobile-home extension repeated, or behind the foreign-home one */
};

/* Parses the `len` bytes of a UDP payload. Any core. Views are set as far as parsing came, so
 * that a malformed message whose authenticator was read can be answered: an extension with an
 * impossible length does not end the parsing as long as its bounds are inside the message. Longer
 * than MIP_MESSAGE_SIZE_MAX: MIP_PARSE_SHORT. */
enum mip_parse_result mip_parse(const void *bytes, size_t len, struct mip_message *message);

/*
 * Builds a message: mip_begin with the fixed part, extensions in order, authenticators where they
 * belong. A builder that ran out of room remembers it and mip_end() says so. Any core.
 */
struct mip_builder {
	uint8_t *bytes;
	size_t size;
	size_t len;
	bool overflowed;
};

void mip_begin(struct mip_builder *builder, void *bytes, size_t size, const void *fixed,
	       size_t fixed_len);
/* Adds an extension with a one-octet length. */
void mip_add(struct mip_builder *builder, uint8_t type, const void *data, size_t len);
void mip_add_udp_tunnel_request(struct mip_builder *builder, uint8_t flags, uint8_t encapsulation);
void
mip_add_udp_tunnel_reply(struct mip_builder *builder, const struct mip_udp_tunnel_reply *reply);
void mip_add_trusted_networks(struct mip_builder *builder); /* TNC, RFC 5265 section 3.4 */
void mip_add_revocation_support(struct mip_builder *builder, bool inform, uint32_t timestamp);
void mip_add_dynamic_ha(struct mip_builder *builder, const struct mip_dynamic_ha *dynamic_ha);
void mip_add_message_string(struct mip_builder *builder, uint8_t subtype, const char *text);

/* Adds an authentication extension (MIP_EXT_MN_HA_AUTH, MIP_EXT_FA_HA_AUTH, MIP_EXT_MN_FA_AUTH)
 * over all that was added before. 0, or -EIO when libcrypto fails. */
int mip_add_auth(struct mip_builder *builder, struct mip_auth *auth, uint8_t type, uint32_t spi,
		 enum mip_auth_algorithm algorithm, const struct secret *key);

/* Adds one whose authenticator is written later: returns where its mip_auth_size() bytes go. It covers all that
 * stands before it. NULL: no room, which mip_end() says, too. */
uint8_t *mip_reserve_auth(struct mip_builder *builder, uint8_t type, uint32_t spi,
			  enum mip_auth_algorithm algorithm);

/* The message's length, or -ENOSPC. */
int mip_end(const struct mip_builder *builder);

#endif
