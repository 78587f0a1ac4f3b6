/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_SA_H
#define CONTROL_SA_H

#include "control/config.h"
#include "dataplane/sa.h"
#include "lib/ike_message.h"
#include "lib/mono_time.h"

struct publisher;

/*
 * The security associations and policies of the VPN gateway, as charon asks for them: records, SPIs,
 * lifetimes, orphans. An outbound policy ties a TIA to the outbound SA that seals what goes to it; a TIA
 * with one has a tunnel (sa_tunnel_find), which recipes are composed from. Control core; nothing blocks.
 */
struct sa_table;

struct sa_context {
	struct publisher *publisher;
	const struct config *config;
	/* An SA nears its end (soft), or has reached it. */
	void (*expire)(const struct ike_expire *expire, void *context);
	/* An authentic packet came from another outer address or port. */
	void (*mapping)(const struct ike_mapping *mapping, void *context);
	/* The tunnel of this TIA appeared, changed (peer, SA) or went: recipes to be composed anew. The old
	 * SA is taken back only after this returned. */
	void (*tunnel_changed)(be32 tia, struct mono_time now, void *context);
	void *context;
};

struct sa_table *sa_table_create(const struct sa_context *context, struct mono_time now);
void sa_table_destroy(struct sa_table *table); /* workers have stopped; wipes; NULL is fine */

/* A reloaded configuration: lifetimes, windows of later SAs, grace. */
void sa_table_reload(struct sa_table *table, const struct config *config);

/* What charon asks for. The answers are those of the message types of the same name. `epoch`: of the
 * charon that asks. */
enum ike_status
sa_get_spi(struct sa_table *table, const struct ike_get_spi *ask, uint64_t epoch, be32 *spi_be);
enum ike_status
sa_add(struct sa_table *table, const struct ike_add_sa *ask, uint64_t epoch, struct mono_time now);
enum ike_status
sa_update(struct sa_table *table, const struct ike_update_sa *ask, struct mono_time now);
enum ike_status
sa_query(const struct sa_table *table, const struct ike_sa_id *id, struct ike_use *use);
enum ike_status sa_remove(struct sa_table *table, const struct ike_sa_id *id, struct mono_time now);
void sa_flush(struct sa_table *table, struct mono_time now);
enum ike_status
sa_policy_add(struct sa_table *table, const struct ike_policy *policy, struct mono_time now);
enum ike_status
sa_policy_remove(struct sa_table *table, const struct ike_policy *policy, struct mono_time now);
enum ike_status
sa_policy_query(const struct sa_table *table, const struct ike_policy *policy, struct ike_use *use);
void sa_policy_flush(struct sa_table *table, struct mono_time now);

/* A charon said hello: SAs of other epochs are orphans from now on, and end after config.ike.grace_sec, or
 * when their TIA gets a new SA. */
void sa_charon_came(struct sa_table *table, uint64_t epoch, struct mono_time now);
/* The connection to charon broke. Nothing ends by that alone; the grace time of its SAs begins. */
void sa_charon_left(struct sa_table *table, struct mono_time now);
/* After a broken connection charon names all SAs it has: the others go. */
void sa_sync_begin(struct sa_table *table);
enum ike_status sa_sync_one(struct sa_table *table, const struct ike_sa_id *id);
void sa_sync_end(struct sa_table *table, uint64_t epoch, struct mono_time now);

/* Looks at some of the SAs: lifetimes, exhaustion, mappings, grace. Call it every 10 ms or so; all are
 * looked at once a second. */
void sa_table_tick(struct sa_table *table, struct mono_time now);

/* True when an address is a TIA: one that SAs may be for, and that is never sent to in the clear. Pure. */
bool sa_is_tia(const struct config *config, be32 address);

/* How packets to a TIA are sealed and where they then go. */
struct sa_tunnel {
	struct sa *sa;	    /* outbound */
	be32 gateway;	    /* outer source */
	union sa_peer peer; /* outer destination; port_be 0: no UDP */
	struct sa *inbound; /* the newest inbound SA of the same TIA, or NULL */
};
bool sa_tunnel_find(const struct sa_table *table, be32 tia, struct sa_tunnel *tunnel);

/* Visits the TIAs whose tunnel has this peer address (an x-HoA whose binding changed). */
void sa_for_each_tia_of_peer(const struct sa_table *table, be32 peer,
			     void (*visit)(be32 tia, void *context), void *context);

/* The inbound SAs of a TIA must come through this x-HoA's tunnel from now on (0: through none). */
void sa_set_via(struct sa_table *table, be32 tia, be32 home_address);

/* One SA, for telemetry. */
struct sa_view {
	const struct sa *sa;
	be32 src, dst;
	be16 peer_port_be; /* 0: no UDP */
	enum esp_suite suite;
	uint32_t hard_sec; /* 0: none */
	struct mono_time since;
	bool is_inbound, is_orphan, is_current; /* current: its TIA's outbound SA */
	const char *peer;			/* IKE identity */
	uint32_t reqid;
};
unsigned sa_count(const struct sa_table *table);
bool
sa_find(const struct sa_table *table, be32 spi_be, be32 dst, struct sa_view *view); /* dst 0: any */
/* Visits SAs from slot `first` on until `visit` returns false: that one is next. Returns the slot to go on
 * from, or 0 at the end. */
uint32_t sa_for_each(const struct sa_table *table, uint32_t first,
		     bool (*visit)(const struct sa_view *view, void *context), void *context);

#endif
