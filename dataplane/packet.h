/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_PACKET_H
#define DATAPLANE_PACKET_H

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

#include "lib/wire_ip.h"

struct recipe;
struct sa;

/*
 * What the box knows of a packet besides its bytes. It lies in the mbuf's own dynamic field area, so it
 * travels with the packet through rings. From stage_ether_input on, an mbuf's data begins with the IP
 * header; stage_transmit puts the Ethernet header before it.
 */

/* Where a packet came from. This, never a source address alone, decides trust (RFC 5265 section 3.1). */
enum packet_origin {
	ORIGIN_EXTERNAL,
	ORIGIN_INTERNAL,
	ORIGIN_VPN,	/* out of a security association: packet.sa_slot */
	ORIGIN_CONTROL, /* the control core made it */
};

/* What the control core is asked to look at. Each class has its own rate limit, so that a flood of one
 * starves neither the others nor the traffic. */
enum punt_class {
	PUNT_REGISTRATION_EXTERNAL, /* UDP port 434 for an own address or an own network */
	PUNT_REGISTRATION_INTERNAL, /* the same from inside */
	PUNT_KEEPALIVE,		    /* came out of a tunnel, for the home agent itself */
	PUNT_ICMP,		    /* ICMP for an own address */
	PUNT_ICMP_ERROR,	    /* an ICMP error is due: type, code and mtu say which */
	PUNT_ARP,		    /* data begins with the ARP packet */
	PUNT_RESOLVE,		    /* the next hop's link address is not known */
	PUNT_BROADCAST,		    /* for mobiles that asked for their home network's broadcasts */
	PUNT_IKE, /* UDP port 500 or 4500 of the VPN gateway, no ESP; origin as ever */
	PUNT_CLASS_COUNT,
};

/* What a worker does with a packet of the control core. */
enum inject_kind {
	INJECT_IP,    /* as if it had been received: binding first, then route */
	INJECT_ROUTE, /* by route only: replies, ICMP, deregistration from home */
	INJECT_VIA,   /* through the tunnels of `home_address`, whatever its destination */
	INJECT_FRAME, /* data is a whole Ethernet frame for `port` */
};

enum packet_flag {
	PACKET_LINK_BROADCAST = 0x01, /* came as a link-layer broadcast or multicast */
	PACKET_OWN_BROADCAST = 0x02,  /* destination is a broadcast address of an own network */
	PACKET_FROM_TUNNEL = 0x04,    /* left a mobile's tunnel; home_address says whose */
	PACKET_SOLICITATION = 0x08,   /* PUNT_ICMP: asks for agents; sender_mac says whom to tell */
	PACKET_TRACED = 0x80, /* followed for the operator; its number is in the mbuf's hash.usr */
};

struct packet {
	uint8_t origin;	    /* enum packet_origin */
	uint8_t port;	    /* the port it came in by; INJECT_FRAME: goes out by */
	uint8_t flags;	    /* enum packet_flag */
	uint8_t punt_class; /* enum punt_class; inject_kind on the way back; handover_kind */
	union {
		uint8_t own_roles; /* for the box: what its destination is, a set of own_role */
		uint32_t next_hop; /* else: where it goes, once known */
		be32 handover_key; /* before: whose recipes push it (dataplane/handover.h) */
	};
	union {
		const struct recipe *recipe; /* workers only, within one burst */
		struct sa *sa;		     /* the same, between stage_open and stage_admit */
		struct {
			uint8_t icmp_type; /* PUNT_ICMP_ERROR */
			uint8_t icmp_code;
			uint16_t mtu;
		};
	};
	union {
		struct {
			be32 home_address; /* PACKET_FROM_TUNNEL, INJECT_VIA */
			be32 outer_src;	   /* PACKET_FROM_TUNNEL: the far end as it was seen */
			be32 outer_dst;
			be16 outer_port_be;  /* 0: not in UDP */
			uint8_t tunnel_kind; /* enum tunnel_kind: how it came */
			uint8_t esp_offset;  /* ESP: from the IP header to ESP's */
		};
		uint8_t sender_mac[6]; /* PACKET_LINK_BROADCAST, and not out of a tunnel */
	};
};
_Static_assert(sizeof(struct packet) == 32, "struct packet fills its place");

/* The offset is fixed, so that reading the field costs no look-up; packet_register() claims it. */
#define PACKET_OFFSET 96
_Static_assert(PACKET_OFFSET >= offsetof(struct rte_mbuf, dynfield1) &&
		       PACKET_OFFSET + sizeof(struct packet) <= sizeof(struct rte_mbuf),
	       "struct packet lies in the dynamic field area");

/* Claims the dynamic field. Control core, once, before any worker starts. 0 or -errno. */
int packet_register(void);

static inline struct packet *
packet_of(struct rte_mbuf *mbuf)
{
	return RTE_MBUF_DYNFIELD(mbuf, PACKET_OFFSET, struct packet *);
}

static inline struct ip_header *
packet_ip(struct rte_mbuf *mbuf)
{
	return rte_pktmbuf_mtod(mbuf, struct ip_header *);
}

/*
 * Makes the first `len` bytes contiguous in the first segment. Any core.
 * Returns 0, or -EMSGSIZE when the packet is shorter or the first segment has no room for them. Header
 * pointers taken before the call are stale after it.
 */
int packet_gather(struct rte_mbuf *mbuf, uint16_t len);

/* Cuts the packet, which is longer, to `len` bytes, whole segments included. Any core. */
void packet_cut(struct rte_mbuf *mbuf, uint32_t len);

/* The same, should it be longer. Any core. */
static inline void
packet_trim(struct rte_mbuf *mbuf, uint32_t len)
{
	if (likely(rte_pktmbuf_pkt_len(mbuf) <= len))
		return;
	if (likely(mbuf->nb_segs == 1))
		mbuf->pkt_len = mbuf->data_len = (uint16_t)len;
	else
		packet_cut(mbuf, len);
}

/*
 * A copy of the packet in buffers of `pool`, struct packet included, with RECIPE_HEADROOM before it, whatever
 * head room the packet itself has. NULL: no buffer is left. Worker.
 */
struct rte_mbuf *packet_copy(struct rte_mbuf *mbuf, struct rte_mempool *pool);

/* True when the first `len` bytes are contiguous, gathering them if they are not. Any core. */
static inline bool
packet_has(struct rte_mbuf *mbuf, uint16_t len)
{
	return rte_pktmbuf_data_len(mbuf) >= len || packet_gather(mbuf, len) == 0;
}

#endif
