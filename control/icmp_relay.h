/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_ICMP_RELAY_H
#define CONTROL_ICMP_RELAY_H

#include "control/binding.h"
#include "lib/icmp_message.h"

/*
 * ICMP errors about packets inside a tunnel of ours (RFC 2003 sections 4 and 5): what they mean, and
 * which tunnel and which packet they are about. Pure functions on bytes.
 */

/* What to do about an error of some type and code. */
struct icmp_relay {
	bool is_mtu;	 /* the tunnel's path MTU is smaller than thought */
	bool is_down;	 /* the tunnel's far end cannot be reached */
	bool is_relayed; /* the original sender is told, of `type` and `code` */
	uint8_t type;
	uint8_t code;
};

/* RFC 2003 sections 4.1 to 4.6; `is_udp`: the tunnel is in UDP, so that a port can be unreachable. */
struct icmp_relay icmp_relay_decide(uint8_t type, uint8_t code, bool is_udp);

/*
 * A path MTU can hardly be smaller; an error that says so is not believed beyond this. One that anybody can
 * have made, because it does not quote the packet inside, is believed down to what every link of today
 * carries, since IPv6 asks it to (RFC 8200 section 5): a narrower one is found by routers that quote more, as
 * RFC 1812 section 4.3.2.3 tells them to.
 */
#define ICMP_RELAY_MTU_MIN 576
#define ICMP_RELAY_MTU_MIN_RUMOUR 1280

/* The path MTU that a fragmentation needed error tells: its own, or for a router older than RFC 1191 the
 * next plateau (section 7.1). 0 when it makes no sense: not smaller than the packet. */
uint16_t icmp_relay_mtu(const struct icmp_error_view *view, enum tunnel_evidence evidence);

/* The same, but never below `least`. */
uint16_t icmp_relay_mtu_above(const struct icmp_error_view *view, uint16_t least);

/* The tunnel that a quoted packet was in, and what there is of the packet inside. */
struct icmp_quote {
	enum tunnel_kind kind;
	be32 agent; /* the tunnel's ends */
	be32 care_of;
	be16 dst_port_be;     /* UDP kinds only */
	be32 home_address;    /* the destination of the packet inside; 0: not in the quote */
	const uint8_t *inner; /* as quoted; NULL when not even its header is there */
	uint16_t inner_len;
};

/* Reads it; 0, or -EINVAL when it is no packet of a tunnel or not the first fragment of one. For minimal
 * encapsulation `inner` is NULL, see icmp_quote_minimal(). */
int icmp_quote_parse(const struct icmp_error_view *view, struct icmp_quote *quote);

/* The binding of the chain from `first` on whose tunnel this is, or NULL. An error that passes was
 * provoked by a packet of that binding, or made by someone who knows it. */
const struct binding *
icmp_quote_binding(const struct icmp_quote *quote, const struct binding *first);

/* The ESP packet of the VPN gateway that an error quotes: what is inside it cannot be read. */
struct icmp_esp_quote {
	be32 gateway;
	be32 peer;
	be16 port_be; /* of the peer's UDP encapsulation (RFC 3948), else 0 */
	be32 spi_be;  /* 0: not in the quote */
};

/* Reads it; 0, or -EINVAL when it is neither ESP nor UDP from port 4500, not the first fragment, so short that
 * not even the ports are there, or IKE. */
int icmp_quote_esp_parse(const struct icmp_error_view *view, struct icmp_esp_quote *quote);

/* Restores the beginning of a packet in minimal encapsulation (RFC 2004) into `out`, `size` bytes, so that
 * an error about it can be built. 0; -EINVAL when the quote is too short. */
int
icmp_quote_minimal(const struct icmp_error_view *view, uint8_t *out, size_t size, size_t *out_len);

#endif
