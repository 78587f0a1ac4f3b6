/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAPLANE_SA_H
#define DATAPLANE_SA_H

#include <stdatomic.h>

#include "lib/esp.h"
#include "lib/replay_window.h"
#include "lib/traffic_selector.h"

/*
 * A security association of the VPN gateway, one direction (RFC 4301 section 4.4.2), as the workers use
 * it. The control core makes it, with keys, and publishes it (control/publish.h); it lives until the
 * control core takes it back. An inbound one is found by its SPI, which carries its slot; an outbound one
 * hangs on the recipes that it seals.
 *
 * Its sequence number or replay window has one writer, the owner: the first worker that meets a packet
 * of it. Packets that reach other workers are handed over. The owner never changes while the SA lives, the
 * key dies with it, and `seq` only grows: so no IV, which derives from `seq`, comes twice under one key,
 * whatever restarts or moves.
 */

#define SA_OWNER_NONE UINT32_MAX

enum sa_flag {
	SA_ESN = 0x01,
	SA_ANY_REMOTE =
		0x02, /* remote: the TIA alone; local: anything (no look at selectors needed) */
	SA_INBOUND = 0x04,
};

/* Where the far end is: one word, so that it is read whole. */
union sa_peer {
	struct {
		be32 address;
		be16 port_be; /* of the UDP encapsulation; 0: none */
		uint16_t reserved;
	};
	uint64_t word;
};

struct sa {
	/* line 0: all that sealing looks at, and what each packet changes: from `owner` on, the owner writes it */
	const struct esp_key *key; /* behind all else */
	uint64_t hard_packets;	   /* UINT64_MAX: none; the owner stops here */
	uint64_t hard_bytes;
	uint8_t flags; /* enum sa_flag */
	uint8_t suite; /* enum esp_suite */
	uint8_t iv_size;
	uint8_t lines; /* control/publish.c: of its storage */
	_Atomic uint32_t owner;
	union {
		uint64_t seq; /* outbound: the last one used */
		uint64_t
			seen_peer; /* inbound: whence the newest authentic packet came (union sa_peer) */
	};
	uint64_t packets, bytes; /* of the packets inside */
	uint64_t last_use_tsc;

	/* line 1: who it is, and what opening looks at besides; written at creation, what is atomic by the
	 * control core, and `errors` by the owner */
	be32 spi_be;
	uint32_t slot;
	be32 tia; /* the mobile's tunnel inner address; 0: several, see the selectors */
	_Atomic uint32_t
		via_home_address; /* inbound: the x-HA tunnel that it must come through; 0: none */
	_Atomic uint64_t peer;	  /* union sa_peer, as charon knows it; inbound */
	/* last: `remote_count` of the mobile's side, then `local_count`; none when SA_ANY_REMOTE */
	struct traffic_selector *selectors;
	uint64_t errors[2]; /* replay and integrity, for the operator; see enum sa_error */
	uint8_t remote_count, local_count;
	uint8_t icv_size, align; /* of the suite */

	/* inbound: written by the owner; its words follow. An outbound one's storage ends here. */
	struct replay_window window __attribute__((aligned(64)));
};
ASSERT_OFFSET(struct sa, spi_be, 64);
ASSERT_OFFSET(struct sa, window, 128);

/* Its suite, and what follows from it. Control core, before the SA is published. */
static inline void
sa_set_suite(struct sa *sa, enum esp_suite suite)
{
	const struct esp_suite_info *info = esp_suite_info(suite);

	sa->suite = (uint8_t)suite;
	sa->iv_size = info->iv_size;
	sa->icv_size = info->icv_size;
	sa->align = info->align;
}

/* The selectors of the mobile's side, and those of ours. */
static inline struct traffic_selector *
sa_remote(const struct sa *sa)
{
	return sa->selectors;
}

static inline struct traffic_selector *
sa_local(const struct sa *sa)
{
	return sa->selectors + sa->remote_count;
}

#define SA_WINDOW_NONE UINT32_MAX /* bits of what an outbound one has */

enum sa_error {
	SA_ERROR_REPLAY,
	SA_ERROR_INTEGRITY,
};

/* Without ESN the last sequence number that may be used; with it, one that is never reached (RFC 4303
 * section 3.3.3: no cycling). The control core asks for a rekey well before. */
#define SA_SEQ_MAX UINT32_MAX
#define SA_SEQ_MAX_ESN (UINT64_MAX - 1)

/*
 * SPIs of inbound SAs: the slot in the low bits, above it a generation that is never 0, so that a slot's
 * next SA has another SPI than its last.
 */
static inline uint32_t
sa_spi_slot(uint32_t spi, uint32_t slot_count)
{
	return spi & (slot_count - 1);
}

#endif
