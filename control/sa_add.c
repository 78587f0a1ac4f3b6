/* SPDX-License-Identifier: BSD-3-Clause */
/* A new SA: what charon asks for, as the workers use it; and an SA whose peer has moved. */
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "control/publish.h"
#include "control/sa_table.h"

/* IANA's numbers of IKEv2 transforms. */
enum {
	ENCR_NULL = 11,
	ENCR_AES_CBC = 12,
	ENCR_AES_GCM_16 = 20,
	ENCR_CHACHA20_POLY1305 = 28,
	AUTH_HMAC_SHA1_96 = 2,
	AUTH_HMAC_SHA2_256_128 = 12,
	AUTH_HMAC_SHA2_512_256 = 14,
};

static const struct {
	uint16_t encryption, integrity; /* integrity 0: AEAD */
	enum esp_suite suite;
} suites[] = {
	{ENCR_AES_GCM_16, 0, ESP_AES128_GCM16},
	{ENCR_AES_GCM_16, 0, ESP_AES192_GCM16},
	{ENCR_AES_GCM_16, 0, ESP_AES256_GCM16},
	{ENCR_CHACHA20_POLY1305, 0, ESP_CHACHA20_POLY1305},
	{ENCR_AES_CBC, AUTH_HMAC_SHA1_96, ESP_AES128_CBC_SHA1_96},
	{ENCR_AES_CBC, AUTH_HMAC_SHA1_96, ESP_AES256_CBC_SHA1_96},
	{ENCR_AES_CBC, AUTH_HMAC_SHA2_256_128, ESP_AES128_CBC_SHA256_128},
	{ENCR_AES_CBC, AUTH_HMAC_SHA2_256_128, ESP_AES256_CBC_SHA256_128},
	{ENCR_AES_CBC, AUTH_HMAC_SHA2_512_256, ESP_AES128_CBC_SHA512_256},
	{ENCR_AES_CBC, AUTH_HMAC_SHA2_512_256, ESP_AES256_CBC_SHA512_256},
	{ENCR_NULL, AUTH_HMAC_SHA1_96, ESP_NULL_SHA1_96},
	{ENCR_NULL, AUTH_HMAC_SHA2_256_128, ESP_NULL_SHA256_128},
	{ENCR_NULL, AUTH_HMAC_SHA2_512_256, ESP_NULL_SHA512_256},
};

static bool
suite_find(const struct ike_add_sa *ask, enum esp_suite *suite)
{
	for (unsigned i = 0; i < ARRAY_COUNT(suites); i++) {
		const struct esp_suite_info *info = esp_suite_info(suites[i].suite);

		if (suites[i].encryption != ask->encryption ||
		    (suites[i].integrity != 0 && suites[i].integrity != ask->integrity) ||
		    info->encryption_key_size != ask->encryption_key_size ||
		    info->authentication_key_size != ask->integrity_key_size)
			continue;
		*suite = suites[i].suite;
		return true;
	}
	return false;
}

/* An SA that is asked for, taken apart: remote is the mobile's side, local the box's. */
struct wanted {
	const struct ike_add_sa *ask;
	const struct traffic_selector *remote, *local;
	unsigned remote_count, local_count;
	bool is_inbound;
	be32 tia; /* 0: not one host */
	union sa_peer peer;
	enum esp_suite suite;
};

static be32
wanted_tia(const struct wanted *wanted)
{
	for (unsigned i = 0; i < wanted->remote_count; i++) {
		if (!traffic_selector_is_host(&wanted->remote[i]) ||
		    wanted->remote[i].first != wanted->remote[0].first)
			return 0;
	}
	return htobe32(wanted->remote[0].first);
}

static void
say_not_supported(struct sa_table *table, const struct ike_add_sa *ask, const char *what)
{
	if (log_limit_allows(&table->log))
		log_warnx("SA of \"%.*s\" refused: %s", (int)strnlen(ask->peer, sizeof(ask->peer)),
			  ask->peer, what);
}

static enum ike_status
check_selectors(struct sa_table *table, const struct wanted *wanted)
{
	if (wanted->remote_count == 0 || wanted->remote_count > TRAFFIC_SELECTORS_MAX ||
	    wanted->local_count == 0 || wanted->local_count > TRAFFIC_SELECTORS_MAX) {
		say_not_supported(table, wanted->ask, "none or too many traffic selectors");
		return IKE_STATUS_NOT_SUPPORTED;
	}
	for (unsigned i = 0; i < wanted->remote_count; i++) {
		if (traffic_selector_is_host(&wanted->remote[i]) &&
		    !sa_is_tia(table->context.config, htobe32(wanted->remote[i].first))) {
			say_not_supported(table, wanted->ask,
					  "its address is not in vpn.tia_networks; let charon give "
					  "one from there");
			return IKE_STATUS_NOT_SUPPORTED;
		}
	}
	return IKE_STATUS_OK;
}

static enum ike_status
wanted_fill(struct sa_table *table, const struct ike_add_sa *ask, struct wanted *wanted)
{
	bool is_inbound = (ask->flags & IKE_SA_INBOUND) != 0;
	bool is_udp = (ask->flags & IKE_SA_UDP) != 0;
	enum ike_status status;

	*wanted = (struct wanted){
		.ask = ask,
		.is_inbound = is_inbound,
		.remote = is_inbound ? ask->src_selectors : ask->dst_selectors,
		.remote_count = is_inbound ? ask->src_selector_count : ask->dst_selector_count,
		.local = is_inbound ? ask->dst_selectors : ask->src_selectors,
		.local_count = is_inbound ? ask->dst_selector_count : ask->src_selector_count,
		.peer.address = is_inbound ? ask->id.src : ask->id.dst,
	};
	if (is_udp)
		wanted->peer.port_be = is_inbound ? ask->src_port_be : ask->dst_port_be;
	if ((is_inbound ? ask->id.dst : ask->id.src) != table->context.config->vpn.address ||
	    (is_udp && wanted->peer.port_be == 0)) {
		say_not_supported(table, ask, "the box's end is not vpn.address, or no UDP port");
		return IKE_STATUS_NOT_SUPPORTED;
	}
	status = check_selectors(table, wanted);
	if (status != IKE_STATUS_OK)
		return status;
	wanted->tia = wanted_tia(wanted);
	if (!suite_find(ask, &wanted->suite)) {
		say_not_supported(table, ask, "no such algorithms; see vpn in homeport.conf(5)");
		return IKE_STATUS_NOT_SUPPORTED;
	}
	return IKE_STATUS_OK;
}

static bool
is_any_port(const struct traffic_selector *selector)
{
	return selector->protocol == 0 && selector->first_port == 0 &&
	       selector->last_port == UINT16_MAX;
}

static uint8_t
sa_flags(const struct wanted *wanted)
{
	uint8_t flags = 0;

	if (wanted->ask->flags & IKE_SA_ESN)
		flags |= SA_ESN;
	if (wanted->is_inbound)
		flags |= SA_INBOUND;
	if (wanted->tia != 0 && wanted->remote_count == 1 && is_any_port(wanted->remote) &&
	    wanted->local_count == 1 && is_any_port(wanted->local) && wanted->local->first == 0 &&
	    wanted->local->last == UINT32_MAX)
		flags |= SA_ANY_REMOTE;
	return flags;
}

/* charon's default of 32 is less than a link of 10 Gbit/s reorders: the configuration may ask for more. */
static uint32_t
window_bits(const struct sa_table *table, const struct wanted *wanted)
{
	uint32_t bits = wanted->ask->replay_window;

	if (!wanted->is_inbound)
		return SA_WINDOW_NONE;
	if (bits == 0)
		return 0;
	if (bits < table->context.config->vpn.replay_window)
		bits = table->context.config->vpn.replay_window;
	if (bits < REPLAY_WINDOW_BITS_MIN)
		return REPLAY_WINDOW_BITS_MIN;
	return bits < REPLAY_WINDOW_BITS_MAX ? bits : REPLAY_WINDOW_BITS_MAX;
}

/* NULL: no memory, or the machine cannot do it. */
static struct sa *
sa_make(struct sa_table *table, const struct wanted *wanted, const struct sa_record *record)
{
	const struct ike_add_sa *ask = wanted->ask;
	uint8_t flags = sa_flags(wanted);
	unsigned remote_count = flags & SA_ANY_REMOTE ? 0 : wanted->remote_count;
	unsigned local_count = flags & SA_ANY_REMOTE ? 0 : wanted->local_count;
	struct sa_room room = {.suite = wanted->suite,
			       .window_bits = window_bits(table, wanted),
			       .selector_count = remote_count + local_count};
	struct sa *sa = publish_sa_storage(table->context.publisher, &room);

	if (sa == NULL)
		return NULL;
	if (!esp_key_init((struct esp_key *)(uintptr_t)sa->key, wanted->suite, ask->encryption_key,
			  ask->encryption_key_size, ask->integrity_key, ask->integrity_key_size)) {
		publish_sa_give_back(table->context.publisher, sa);
		return NULL;
	}
	sa->spi_be = ask->id.spi_be;
	sa->slot = record->slot;
	sa->tia = wanted->tia;
	sa->flags = flags;
	sa->hard_packets =
		ask->lifetime.hard_packets != 0 ? ask->lifetime.hard_packets : UINT64_MAX;
	sa->hard_bytes = ask->lifetime.hard_bytes != 0 ? ask->lifetime.hard_bytes : UINT64_MAX;
	atomic_init(&sa->peer, wanted->peer.word);
	sa->remote_count = (uint8_t)remote_count;
	sa->local_count = (uint8_t)local_count;
	memcpy(sa_remote(sa), wanted->remote, remote_count * sizeof(*wanted->remote));
	memcpy(sa_local(sa), wanted->local, local_count * sizeof(*wanted->local));
	return sa;
}

/* The record that the SA goes into: an inbound one has got its SPI before. One that is there already keeps
 * its keys: its sequence numbers must not begin again under them. */
static enum ike_status
record_for(struct sa_table *table, const struct wanted *wanted, struct mono_time now,
	   struct sa_record **record)
{
	const struct ike_sa_id *id = &wanted->ask->id;
	struct sa_record *found = sa_record_find(table, id->spi_be, id->dst);

	if (wanted->is_inbound) {
		*record = found;
		if (found == NULL || !found->is_inbound)
			return IKE_STATUS_UNKNOWN;
		return found->state == SA_RESERVED ? IKE_STATUS_OK : IKE_STATUS_DUPLICATE;
	}
	if (found != NULL && !found->is_orphan)
		return IKE_STATUS_DUPLICATE;
	if (found != NULL)
		sa_record_end(table, found, now);
	*record = sa_record_take(table, now);
	if (*record == NULL && log_limit_allows(&table->log))
		log_warnx("vpn.sas_max = %u: no security association is free; raise it",
			  table->slots);
	return *record != NULL ? IKE_STATUS_OK : IKE_STATUS_FULL;
}

/* One mobile must not take all SAs there are: each CREATE_CHILD_SA makes two more. */
static bool
has_too_many(struct sa_table *table, const struct sa_tia *tia, const struct wanted *wanted)
{
	const struct sa_record *record;
	unsigned count;

	DL_COUNT2(tia->records, record, count, tia_next);
	if (count < SA_TIA_RECORDS_MAX)
		return false;
	say_not_supported(table, wanted->ask, "its address has too many already");
	return true;
}

/* For operators: may be NULL. It need not end in a zero byte, whatever the message says. `other` may be NULL,
 * or has it already. */
static struct sa_name *
name_hold(const char *text, size_t size, const struct sa_record *other)
{
	struct sa_name *name = other != NULL ? other->peer_name : NULL;
	size_t len = strnlen(text, size);

	if (name != NULL && strlen(name->text) == len && memcmp(name->text, text, len) == 0) {
		name->references++;
		return name;
	}
	name = malloc(sizeof(*name) + len + 1);
	if (name != NULL) {
		name->references = 1;
		memcpy(name->text, text, len);
		name->text[len] = 0;
	}
	return name;
}

void
sa_name_release(struct sa_name *name)
{
	if (name != NULL && --name->references == 0)
		free(name);
}

/* What is longer is for ever, and adding it to a time stays a time. */
static uint32_t
lifetime_sec(uint64_t sec)
{
	return sec <= SA_LIFETIME_SEC_MAX ? (uint32_t)sec : 0;
}

static enum ike_status
record_fill(struct sa_table *table, struct sa_record *record, const struct wanted *wanted)
{
	const struct ike_add_sa *ask = wanted->ask;
	struct sa_tia *tia = NULL;

	if (wanted->tia != 0) {
		tia = sa_tia_find_or_add(table, wanted->tia);
		if (tia == NULL)
			return IKE_STATUS_FAILED;
		if (has_too_many(table, tia, wanted))
			return IKE_STATUS_FULL;
	}
	record->tia = tia;
	if (tia != NULL)
		DL_PREPEND2(tia->records, record, tia_prev, tia_next);
	record->sa = sa_make(table, wanted, record);
	if (record->sa == NULL)
		return IKE_STATUS_FAILED;
	record->src = ask->id.src;
	record->dst = ask->id.dst;
	record->spi_be = ask->id.spi_be;
	record->is_inbound = wanted->is_inbound;
	record->peer = wanted->peer;
	record->reqid = ask->reqid;
	record->soft_bytes = ask->lifetime.soft_bytes;
	record->soft_packets = ask->lifetime.soft_packets;
	record->soft_sec = lifetime_sec(ask->lifetime.soft_sec);
	record->hard_sec = lifetime_sec(ask->lifetime.hard_sec);
	record->peer_name = name_hold(ask->peer, sizeof(ask->peer), record->tia_next);
	return IKE_STATUS_OK;
}

enum ike_status
sa_add(struct sa_table *table, const struct ike_add_sa *ask, uint64_t epoch, struct mono_time now)
{
	struct wanted wanted;
	struct sa_record *record = NULL;
	enum ike_status status = wanted_fill(table, ask, &wanted);

	if (status == IKE_STATUS_OK)
		status = record_for(table, &wanted, now, &record);
	if (status != IKE_STATUS_OK)
		return status;
	status = record_fill(table, record, &wanted);
	if (status != IKE_STATUS_OK) {
		sa_record_end(table, record, now);
		return status;
	}
	record->state = SA_LIVE;
	record->epoch = epoch;
	record->since = now;
	record->until = (struct mono_time){0};
	record->was_named = true;
	table->count++;
	if (record->is_inbound)
		sa_via_refresh(record);
	else
		sa_record_index(table, record);
	publish_sa(table->context.publisher, record->slot, record->sa);
	return IKE_STATUS_OK;
}

/* The record that is meant: charon names the addresses of before, or those of now if it repeats itself. */
static struct sa_record *
moved_record(const struct sa_table *table, const struct ike_update_sa *ask)
{
	struct sa_record *record = sa_record_find(table, ask->id.spi_be, ask->id.dst);

	if (record == NULL)
		record = sa_record_find(table, ask->id.spi_be, ask->new_dst);
	return record != NULL && record->state == SA_LIVE ? record : NULL;
}

static void
record_move(struct sa_table *table, struct sa_record *record, const struct ike_update_sa *ask,
	    union sa_peer peer)
{
	if (!record->is_inbound)
		sa_record_unindex(table, record);
	record->src = ask->new_src;
	record->dst = ask->new_dst;
	record->peer = peer;
	atomic_store_explicit(&record->sa->peer, peer.word, memory_order_relaxed);
	if (record->is_inbound) {
		/* where packets came from before the move is not where it is now */
		record->mapping_packets = __atomic_load_n(&record->sa->packets, __ATOMIC_RELAXED);
		sa_via_refresh(record);
	} else {
		sa_record_index(table, record);
	}
}

enum ike_status
sa_update(struct sa_table *table, const struct ike_update_sa *ask, struct mono_time now)
{
	struct sa_record *record = moved_record(table, ask), *other;
	union sa_peer peer = {0};

	if (record == NULL)
		return IKE_STATUS_UNKNOWN;
	peer.address = record->is_inbound ? ask->new_src : ask->new_dst;
	if (ask->is_udp)
		peer.port_be = record->is_inbound ? ask->new_src_port_be : ask->new_dst_port_be;
	other = sa_record_find(table, ask->id.spi_be, ask->new_dst);
	if ((record->is_inbound ? ask->new_dst : ask->new_src) !=
		    table->context.config->vpn.address ||
	    (ask->is_udp && peer.port_be == 0) || (other != NULL && other != record))
		return IKE_STATUS_NOT_SUPPORTED;
	record_move(table, record, ask, peer);
	if (record->tia != NULL && record->tia->current == record)
		sa_tia_moved(table, record->tia, now);
	return IKE_STATUS_OK;
}
