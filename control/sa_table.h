/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_SA_TABLE_H
#define CONTROL_SA_TABLE_H

#include "control/sa.h"
#include "lib/log.h"

/*
 * What the files of the table of security associations share; nobody else includes this.
 *
 * A record's number is its slot, which the SPI of an inbound one carries in its low bits; above them is the
 * record's generation, another one each time it is taken. Every SA of a TIA hangs on the TIA's entry, which
 * lives as long as there is one, and so do the outbound policies: that of the newest says which outbound
 * SA is the current one.
 */

enum sa_state {
	SA_FREE,
	SA_RESERVED, /* its SPI was given out, its keys have not come */
	SA_LIVE,
};

/* An IKE identity, which the SAs of a mobile share. */
struct sa_name {
	uint32_t references;
	char text[];
};

struct sa_record {
	struct sa *sa;			       /* SA_LIVE */
	struct sa_tia *tia;		       /* or NULL */
	struct sa_record *next;		       /* free, or outbound of the same bucket */
	struct sa_record *tia_prev, *tia_next; /* of the same TIA, newest first */
	struct sa_name *peer_name;	       /* or NULL */
	be32 src, dst, spi_be;
	uint32_t slot;
	union sa_peer peer;
	uint32_t generation;
	uint32_t reqid;
	uint64_t epoch;			   /* of the charon that asked for it */
	uint64_t soft_bytes, soft_packets; /* 0: none; the hard ones are in the SA */
	uint32_t soft_sec, hard_sec;	   /* 0: none */
	struct mono_time since;
	struct mono_time until;	       /* of a reservation, or of the grace; 0: none */
	struct mono_time mapping_next; /* no mapping is said before */
	uint64_t mapping_packets;      /* what came up to here says nothing of a mapping */
	uint8_t state;		       /* enum sa_state */
	uint8_t policy_count;
	bool is_inbound, is_orphan;
	bool soft_was_said;
	bool was_named; /* in the synchronisation that is under way */
};

/* An outbound policy, kept as often as it was added. */
struct sa_policy {
	struct traffic_selector src, dst;
	uint32_t priority;
	unsigned references;
	struct sa_record *record;
	struct sa_policy *next; /* of the same TIA, newest first */
};
#define SA_POLICIES_MAX (TRAFFIC_SELECTORS_MAX * TRAFFIC_SELECTORS_MAX) /* an SA */

/* SAs of a TIA, both directions: what rekeys and several CHILD_SAs need, by far. */
#define SA_TIA_RECORDS_MAX 32

struct sa_tia {
	be32 address;
	be32 via; /* x-HoA; 0: none */
	struct sa_record *records;
	struct sa_policy *policies;
	struct sa_record *current;	      /* outbound, or NULL */
	be32 peer;			      /* the bucket it is in, when it has a current SA */
	struct sa_tia *peer_prev, *peer_next; /* of the same bucket of peers */
	struct sa_tia *next;		      /* of the same bucket of addresses */
};

struct sa_table {
	struct sa_context context;
	struct sa_record **by_id;   /* outbound, buckets of SPI and destination */
	struct sa_tia **by_peer;    /* buckets of the current SA's peer */
	struct sa_tia **by_address; /* buckets of TIAs */
	uint32_t bucket_mask;	    /* of all three */
	uint32_t seed;
	uint32_t slots, slot_bits;
	uint32_t generation_min, generation_max, generation_first;
	uint32_t touched; /* records from here on have never been used, and cost no memory yet */
	struct sa_record *free_first, *free_last; /* who was freed first is taken first */
	uint32_t count, orphan_count;		  /* SA_LIVE */
	uint32_t tick_slot;			  /* where sa_table_tick() goes on */
	struct mono_time tick_round;		  /* when it began with the first */
	struct log_limit log;
	struct sa_record records[];
};

/* A charon that got an SPI comes back with keys within this time, or never (its own limit for IKE_SAs that
 * are half open is 30 s; with retransmissions an exchange takes 165 s). */
#define SA_RESERVED_SEC 165
#define SA_MAPPING_SEC 1 /* between two mappings of one SA */
#define SA_LIFETIME_SEC_MAX (100u * 365 * 86400)

/* The record of an id as charon knows it, live or reserved, or NULL. */
struct sa_record *sa_record_find(const struct sa_table *table, be32 spi_be, be32 dst);
/* A free record, of the next generation and SA_RESERVED; NULL: none. An orphan may end for it. */
struct sa_record *sa_record_take(struct sa_table *table, struct mono_time now);
/* Ends what there is and gives the record back: policies first, then recipes, then the SA itself. */
void sa_record_end(struct sa_table *table, struct sa_record *record, struct mono_time now);

/* Into the buckets of outbound SAs by the record's SPI and destination, and out. */
void sa_record_index(struct sa_table *table, struct sa_record *record);
void sa_record_unindex(struct sa_table *table, struct sa_record *record);

void sa_name_release(struct sa_name *name); /* NULL is fine */

struct sa_tia *sa_tia_find(const struct sa_table *table, be32 address);
struct sa_tia *sa_tia_find_or_add(struct sa_table *table, be32 address); /* NULL: no memory */
void sa_tia_destroy(struct sa_table *table, struct sa_tia *tia); /* it has no record any more */
/* Takes the newest policy's SA as the current one, and says so when that changes something. */
void sa_tia_choose(struct sa_table *table, struct sa_tia *tia, struct mono_time now);
/* The current SA's peer has moved. */
void sa_tia_moved(struct sa_table *table, struct sa_tia *tia, struct mono_time now);
/* Which tunnel an inbound SA must come through, by its own peer. */
void sa_via_refresh(struct sa_record *record);
/* Ends the orphans of a TIA. */
void sa_tia_evict_orphans(struct sa_table *table, struct sa_tia *tia, struct mono_time now);
/* Takes a record's policies out of its TIA. */
void sa_policies_drop(struct sa_record *record);

#endif
