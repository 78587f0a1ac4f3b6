/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_IKE_MESSAGE_H
#define LIB_IKE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/traffic_selector.h"
#include "lib/types.h"

/*
 * What homeport and its plugin inside charon say to each other, on one UNIX SEQPACKET socket: one message
 * a packet, a header and the body that belongs to its type, both ends on the same machine and of the same
 * version. Integers are in host order unless they end in _be or are of type be32. The plugin (GPL) and
 * the box (BSD) are separate processes; this file is all they share.
 *
 * Every request (IKE_HELLO to IKE_FLUSH_POLICIES) is answered by one message with its request_id; the
 * others are not answered.
 */
#define IKE_PROTOCOL_MAGIC 0x686b6501 /* changes with every change of this file */
#define IKE_DATAGRAM_MAX 16384	      /* bytes of an IKE message */
#define IKE_KEY_SIZE_MAX 64
#define IKE_GATEWAYS_MAX 4

enum ike_message_type {
	/* charon to the box */
	IKE_HELLO = 1,	    /* ike_hello -> ike_hello_ack; first, once a connection */
	IKE_GET_SPI,	    /* ike_get_spi -> ike_spi */
	IKE_ADD_SA,	    /* ike_add_sa -> nothing */
	IKE_UPDATE_SA,	    /* ike_update_sa -> nothing */
	IKE_QUERY_SA,	    /* ike_sa_id -> ike_use */
	IKE_DEL_SA,	    /* ike_sa_id -> nothing; unknown is fine */
	IKE_FLUSH_SAS,	    /* nothing -> nothing */
	IKE_ADD_POLICY,	    /* ike_policy -> nothing */
	IKE_DEL_POLICY,	    /* ike_policy -> nothing; unknown is fine */
	IKE_QUERY_POLICY,   /* ike_policy -> ike_use */
	IKE_FLUSH_POLICIES, /* nothing -> nothing */
	IKE_SYNC_BEGIN,	    /* nothing -> nothing: what follows is all that charon has */
	IKE_SYNC_SA,	    /* ike_sa_id -> nothing, or IKE_STATUS_UNKNOWN: expire it */
	IKE_SYNC_END,	    /* nothing -> nothing: what was not named is gone */
	IKE_DATAGRAM_OUT,   /* ike_datagram, not answered */
	/* the box to charon */
	IKE_REPLY = 64,	 /* a header with the status, and the body named above when it is 0 */
	IKE_EXPIRE,	 /* ike_expire */
	IKE_MAPPING,	 /* ike_mapping */
	IKE_DATAGRAM_IN, /* ike_datagram */
};

enum ike_status {
	IKE_STATUS_OK = 0,
	IKE_STATUS_FAILED,
	IKE_STATUS_UNKNOWN,	  /* no such SA or policy */
	IKE_STATUS_NOT_SUPPORTED, /* algorithm, mode, protocol or selectors */
	IKE_STATUS_FULL,	  /* no SA free */
	IKE_STATUS_DUPLICATE,
};

struct ike_header {
	uint32_t magic;
	uint32_t type;	     /* enum ike_message_type */
	uint32_t request_id; /* not 0 in requests and replies */
	uint32_t status;     /* enum ike_status, in IKE_REPLY */
};
ASSERT_SIZE(struct ike_header, 16);

struct ike_hello {
	uint64_t charon_epoch; /* random, one a charon process */
	char charon_version[32];
};

struct ike_hello_ack {
	uint64_t
		box_epoch; /* random, one a homeport process: another one means that no SA is left */
	uint32_t gateway_count;
	be32 gateways[IKE_GATEWAYS_MAX]; /* addresses that charon may use as its own */
};

struct ike_get_spi {
	be32 src; /* the peer */
	be32 dst; /* the gateway */
};

struct ike_spi {
	be32 spi_be; /* of an inbound SA */
};

struct ike_sa_id {
	be32 src, dst; /* outer addresses, as charon knows the SA */
	be32 spi_be;
	uint32_t reserved;
};

struct ike_lifetime {
	uint64_t soft_bytes, hard_bytes; /* 0: none; relative, as all of these */
	uint64_t soft_packets, hard_packets;
	uint64_t soft_sec, hard_sec;
};

enum ike_sa_flag {
	IKE_SA_INBOUND = 0x01,
	IKE_SA_UDP = 0x02, /* encapsulated (RFC 3948) */
	IKE_SA_ESN = 0x04,
	IKE_SA_UPDATE = 0x08, /* the SPI came from IKE_GET_SPI */
	IKE_SA_COPY_DF = 0x10,
	IKE_SA_COPY_ECN = 0x20,
	IKE_SA_COPY_DSCP = 0x40,
};

struct ike_add_sa {
	struct ike_sa_id id;
	be16 src_port_be, dst_port_be; /* of the UDP encapsulation, when IKE_SA_UDP */
	uint32_t reqid;
	uint32_t flags; /* enum ike_sa_flag */
	uint32_t replay_window;
	struct ike_lifetime lifetime;
	/* IKEv2 transform numbers (IANA): encryption 20 with key size, 12, 11, 28; integrity 2, 12, 14 */
	uint16_t encryption, integrity;
	uint16_t encryption_key_size, integrity_key_size;
	uint8_t encryption_key[IKE_KEY_SIZE_MAX]; /* wiped by both sides as soon as it was used */
	uint8_t integrity_key[IKE_KEY_SIZE_MAX];
	uint32_t src_selector_count, dst_selector_count;
	struct traffic_selector src_selectors[TRAFFIC_SELECTORS_MAX];
	struct traffic_selector dst_selectors[TRAFFIC_SELECTORS_MAX];
	char peer[96]; /* the peer's IKE identity or "", for operators; ends in a zero byte */
};

struct ike_update_sa {
	struct ike_sa_id id; /* with the old addresses */
	be32 new_src, new_dst;
	be16 new_src_port_be, new_dst_port_be;
	uint32_t is_udp; /* whether it is encapsulated from now on */
	uint32_t reserved;
};

struct ike_use {
	uint64_t bytes, packets;
	uint64_t last_use_sec; /* CLOCK_MONOTONIC seconds; 0: never */
};

enum ike_direction {
	IKE_DIRECTION_IN = 1,
	IKE_DIRECTION_OUT,
	IKE_DIRECTION_FORWARD,
};

struct ike_policy {
	uint32_t direction; /* enum ike_direction */
	uint32_t priority;
	be32 spi_be;   /* of the SA that it leads to */
	be32 src, dst; /* that SA's outer addresses */
	uint32_t reserved;
	struct traffic_selector src_selector, dst_selector;
};

struct ike_expire {
	be32 spi_be;
	be32 dst;
	uint32_t is_hard;
	uint32_t reserved;
};

struct ike_mapping {
	be32 spi_be; /* inbound */
	be32 dst;    /* the gateway */
	be32 new_src;
	be16 new_src_port_be;
	uint16_t reserved;
};

/* `len` bytes of data follow. On ports other than 500 the data begins with the non-ESP marker, as on the
 * wire. */
struct ike_datagram {
	be32 src, dst;
	be16 src_port_be, dst_port_be;
	uint32_t len;
};

/* Bytes of the body that a message of this type from charon has (IKE_DATAGRAM_OUT: at least); -1: no such
 * type. */
static inline int
ike_request_size(uint32_t type)
{
	switch ((enum ike_message_type)type) {
	case IKE_HELLO:
		return sizeof(struct ike_hello);
	case IKE_GET_SPI:
		return sizeof(struct ike_get_spi);
	case IKE_ADD_SA:
		return sizeof(struct ike_add_sa);
	case IKE_UPDATE_SA:
		return sizeof(struct ike_update_sa);
	case IKE_QUERY_SA:
	case IKE_DEL_SA:
	case IKE_SYNC_SA:
		return sizeof(struct ike_sa_id);
	case IKE_FLUSH_SAS:
	case IKE_FLUSH_POLICIES:
	case IKE_SYNC_BEGIN:
	case IKE_SYNC_END:
		return 0;
	case IKE_ADD_POLICY:
	case IKE_DEL_POLICY:
	case IKE_QUERY_POLICY:
		return sizeof(struct ike_policy);
	case IKE_DATAGRAM_OUT:
		return sizeof(struct ike_datagram);
	default:
		return -1;
	}
}

#endif
