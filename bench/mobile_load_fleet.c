/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/mobile_load_fleet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/mobile_load_plan.h"
#include "lib/checksum.h"
#include "lib/mip_message.h"
#include "lib/ntp_time.h"

#define SPI_FIRST 256u
#define FIRST_WAIT_MS 1000u
#define CLOCK_ERROR_SEC (-5000)

int
load_fleet_init(struct load_fleet *fleet, uint32_t count, struct load_port *port)
{
	*fleet = (struct load_fleet){
		.count = count,
		.mobiles = calloc(count, sizeof(*fleet->mobiles)),
		.pending = calloc(count, sizeof(*fleet->pending)),
		.auth = mip_auth_create(),
		.port = port,
	};
	if (fleet->mobiles == NULL || fleet->pending == NULL || fleet->auth == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i += LOAD_WRONG_CLOCK_EVERY)
		fleet->mobiles[i].clock_error_sec = CLOCK_ERROR_SEC;
	return 0;
}

/* As bench/mobile_load_run writes it. */
static struct secret
key_of(uint32_t i)
{
	struct secret key = {.len = 16, .bytes = "mobile-load:"};
	be32 i_be = htobe32(i);

	memcpy(key.bytes + 12, &i_be, sizeof(i_be));
	return key;
}

static enum mip_auth_algorithm
algorithm_of(uint32_t i)
{
	return i % 2 == 0 ? MIP_AUTH_HMAC_MD5 : MIP_AUTH_HMAC_SHA256;
}

/* The mobile's clock, without what it has learnt. */
static struct ntp_time
clock_of(const struct load_mobile *mobile)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += mobile->clock_error_sec;
	return ntp_from_timespec(now);
}

/* RFC 5944 section 5.7.1: the time, and later than the one before. */
static uint64_t
next_identification(const struct load_mobile *mobile)
{
	uint64_t id = clock_of(mobile).units + ((uint64_t)(uint32_t)mobile->correction_sec << 32);

	return id > mobile->last_id ? id : mobile->last_id + 1;
}

/* The Registration Request as a UDP payload; its length. */
static uint16_t
write_request(struct load_fleet *fleet, uint32_t i, uint8_t *bytes, size_t size)
{
	struct load_mobile *mobile = &fleet->mobiles[i];
	struct mip_request request = {
		.type = MIP_REGISTRATION_REQUEST,
		.flags = MIP_FLAG_D | MIP_FLAG_T,
		.lifetime_be = htobe16(LOAD_LIFETIME_SEC),
		.home_address = LOAD_HOME(i),
		.home_agent = LOAD_X_HA,
		.care_of_address =
			load_is_behind_nat(i) ? LOAD_BEHIND_NAT : LOAD_PLACE(i, mobile->new_place),
		.identification_be = htobe64(next_identification(mobile)),
	};
	struct secret key = key_of(i);
	struct mip_builder builder;
	int len;

	mobile->last_id = be64toh(request.identification_be);
	mip_begin(&builder, bytes, size, &request, sizeof(request));
	if (load_is_behind_nat(i))
		mip_add_udp_tunnel_request(&builder, 0, 0);
	if (mip_add_auth(&builder, fleet->auth, MIP_EXT_MN_HA_AUTH, SPI_FIRST + i, algorithm_of(i),
			 &key) != 0)
		return 0;
	len = mip_end(&builder);
	return len < 0 ? 0 : (uint16_t)len;
}

static void
send_request(struct load_fleet *fleet, uint32_t i, struct mono_time now)
{
	struct load_mobile *mobile = &fleet->mobiles[i];
	be32 src = LOAD_PLACE(i, mobile->new_place);
	uint8_t *packet = load_port_room(fleet->port);
	struct udp_header *udp = (struct udp_header *)(packet + sizeof(struct ip_header));
	uint16_t len =
		(uint16_t)(sizeof(*udp) + write_request(fleet, i, (uint8_t *)(udp + 1), 512));
	uint64_t sum;

	*udp = (struct udp_header){
		.src_port_be = load_is_behind_nat(i) ? LOAD_NAT_PORT_BE : htobe16(MIP_PORT),
		.dst_port_be = htobe16(MIP_PORT),
		.len_be = htobe16(len),
	};
	sum = checksum_pseudo_header(src, LOAD_X_HA, IP_PROTOCOL_UDP, udp->len_be);
	udp->checksum_be = (be16)~checksum_fold(checksum_add(sum, udp, len));
	load_port_write_ip(packet, src, LOAD_X_HA, IP_PROTOCOL_UDP, len);
	load_port_commit(fleet->port, (uint16_t)(sizeof(struct ip_header) + len));
	mobile->resend = mono_add_ms(now, (uint64_t)FIRST_WAIT_MS << mobile->attempts);
}

void
load_fleet_begin(struct load_fleet *fleet, uint32_t i, uint8_t place, struct mono_time due,
		 struct mono_time now)
{
	struct load_mobile *mobile = &fleet->mobiles[i];

	mobile->new_place = place;
	mobile->due = due;
	mobile->attempts = 0;
	mobile->repairs = 0;
	mobile->is_pending = true;
	mobile->pending_at = fleet->pending_count;
	fleet->pending[fleet->pending_count++] = i;
	if (fleet->tally->begun++ == 0)
		fleet->tally->first = now;
	send_request(fleet, i, now);
}

/* Another takes its place in the list. */
static void
end_pending(struct load_fleet *fleet, struct load_mobile *mobile)
{
	uint32_t other = fleet->pending[--fleet->pending_count];

	fleet->pending[mobile->pending_at] = other;
	fleet->mobiles[other].pending_at = mobile->pending_at;
	mobile->is_pending = false;
}

static void
accept_reply(struct load_fleet *fleet, struct load_mobile *mobile, struct mono_time now)
{
	struct load_tally *tally = fleet->tally;

	end_pending(fleet, mobile);
	mobile->is_registered = true;
	mobile->place = mobile->new_place;
	tally->accepted++;
	tally->last = now;
	latency_add(&tally->latency,
		    mono_is_before(mobile->due, now) ? now.ns - mobile->due.ns : 0);
}

/* The reply's high half is the home agent's clock, in whole seconds: once it may not do. */
static void
resynchronise(struct load_fleet *fleet, uint32_t i, const struct mip_reply *reply,
	      struct mono_time now)
{
	struct load_mobile *mobile = &fleet->mobiles[i];

	mobile->correction_sec = (int32_t)((uint32_t)(be64toh(reply->identification_be) >> 32) -
					   (uint32_t)(clock_of(mobile).units >> 32));
	mobile->last_id = 0;
	mobile->repairs++;
	fleet->tally->resynchronised++;
	send_request(fleet, i, now);
}

/* RFC 5944 section 3.6.2.1. Its number, or UINT32_MAX when it answers no request. */
static uint32_t
check_reply(struct load_fleet *fleet, be32 dst, const struct mip_message *message)
{
	const struct mip_reply *reply = &message->reply;
	uint32_t i = load_mobile_of(reply->home_address);
	const struct load_mobile *mobile = &fleet->mobiles[i < fleet->count ? i : 0];
	const struct mip_auth_view *view = &message->mn_ha;
	struct secret key = key_of(i);

	if (i >= fleet->count || !mobile->is_pending || dst != LOAD_PLACE(i, mobile->new_place) ||
	    reply->home_agent != LOAD_X_HA ||
	    (uint32_t)be64toh(reply->identification_be) != (uint32_t)mobile->last_id ||
	    (message->reply.code == MIP_CODE_ACCEPTED &&
	     message->udp_reply.present != load_is_behind_nat(i)) ||
	    view->authenticator.data == NULL || view->spi != SPI_FIRST + i ||
	    !mip_auth_verify(fleet->auth, algorithm_of(i), &key, message->bytes, view->covered_len,
			     view->authenticator.data, view->authenticator.len))
		return UINT32_MAX;
	return i;
}

void
load_fleet_take(struct load_fleet *fleet, be32 dst, const void *payload, uint16_t len)
{
	struct mono_time now = mono_now();
	struct mip_message message;
	struct load_mobile *mobile;
	uint32_t i;

	if (mip_parse(payload, len, &message) != MIP_PARSE_OK ||
	    message.type != MIP_REGISTRATION_REPLY) {
		fleet->tally->invalid++;
		return;
	}
	i = check_reply(fleet, dst, &message);
	if (i == UINT32_MAX) {
		fleet->tally->invalid++;
		return;
	}
	mobile = &fleet->mobiles[i];
	if (message.reply.code == MIP_CODE_ID_MISMATCH && mobile->repairs < LOAD_REPAIRS_MAX)
		resynchronise(fleet, i, &message.reply, now);
	else if (message.reply.code == MIP_CODE_ACCEPTED && message.reply.lifetime_be != 0)
		accept_reply(fleet, mobile, now);
	else
		fleet->tally
			->denied[message.reply.code]++; /* it asks again when its time has come */
}

void
load_fleet_tick(struct load_fleet *fleet, struct mono_time now)
{
	/* backwards: one that ends is replaced by one that was looked at already */
	for (uint32_t n = fleet->pending_count; n-- > 0;) {
		uint32_t i = fleet->pending[n];
		struct load_mobile *mobile = &fleet->mobiles[i];

		if (mono_is_before(now, mobile->resend))
			continue;
		if (++mobile->attempts == LOAD_ATTEMPTS_MAX) {
			end_pending(fleet, mobile);
			fleet->tally->given_up++;
			continue;
		}
		fleet->tally->retransmissions++;
		send_request(fleet, i, now);
	}
}

uint32_t
load_fleet_registered(const struct load_fleet *fleet)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < fleet->count; i++)
		count += fleet->mobiles[i].is_registered;
	return count;
}
