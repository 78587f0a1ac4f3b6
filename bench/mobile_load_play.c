/* SPDX-License-Identifier: BSD-3-Clause */
#include <poll.h>

#include "bench/mobile_load.h"
#include "bench/mobile_load_plan.h"
#include "lib/wire_mip.h"

#define TICK_MS 10
#define STRIDE 7919u   /* prime: mobiles are not taken one after the other */
#define BEGIN_MAX 64u  /* registrations at once: the load has other things to do */
#define DRAIN_MS 1000  /* without a packet of the stream: none comes any more */
#define PAUSE_NS 50000 /* slept when there is nothing to do */

/* The payload of a UDP datagram is a reply, which begins with its type; or tunnel data (RFC 3519). */
static bool
is_reply(const struct ip_header *ip, uint16_t len)
{
	const struct udp_header *udp = (const struct udp_header *)(ip + 1);

	return ip->protocol == IP_PROTOCOL_UDP && len > sizeof(*ip) + sizeof(*udp) &&
	       udp->src_port_be == htobe16(MIP_PORT) && be16toh(udp->len_be) == len - sizeof(*ip) &&
	       *(const uint8_t *)(udp + 1) == MIP_REGISTRATION_REPLY;
}

/* Out of the box's external port: replies, and what the tunnels carry to mobiles. */
static void
take_external(void *context, const struct ip_header *ip, uint16_t len)
{
	const uint16_t headers = sizeof(struct ip_header) + sizeof(struct udp_header);
	struct mobile_load *load = context;

	if (ip->src != LOAD_X_HA)
		return;
	if (is_reply(ip, len))
		load_fleet_take(&load->fleet, ip->dst, (const uint8_t *)ip + headers,
				(uint16_t)(len - headers));
	else
		load_stream_take_tunnelled(&load->stream, ip, len);
}

/* Out of the internal port: what mobiles sent. */
static void
take_internal(void *context, const struct ip_header *ip, uint16_t len)
{
	struct mobile_load *load = context;

	if (ip->dst == LOAD_CORRESPONDENT)
		load_stream_take_plain(&load->stream, ip, len);
}

/* What every round does, registrations begun aside. Returns how many frames came, or -errno. */
static int
work(struct mobile_load *load, struct mono_time now)
{
	unsigned came = load_port_receive(&load->external, take_external, load) +
			load_port_receive(&load->internal, take_internal, load);
	int ret = load_stream_send(&load->stream, now);

	if (!mono_is_before(now, load->next_tick)) {
		load_fleet_tick(&load->fleet, now);
		load->next_tick = mono_add_ms(now, TICK_MS);
	}
	return ret == 0 ? (int)came : ret;
}

/* Sends what the round that began at `begin` made, and sleeps a little when nothing came. Returns the time. */
static struct mono_time
end_round(struct mobile_load *load, int came, struct mono_time begin)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	struct pollfd ends[] = {{load->external.fd, POLLIN, 0}, {load->internal.fd, POLLIN, 0}};
	struct mono_time now;

	load_port_flush(&load->external);
	load_port_flush(&load->internal);
	if (came == 0)
		ppoll(ends, ARRAY_COUNT(ends), &pause, NULL);
	now = mono_now();
	if (now.ns - begin.ns > load->longest_round_ns)
		load->longest_round_ns = now.ns - begin.ns;
	return now;
}

static bool
has_more(const struct mobile_load *load, const struct load_phase *phase, struct mono_time end,
	 struct mono_time now)
{
	if (phase->pattern == LOAD_ATTACH)
		return phase->tally.begun < load->fleet.count;
	return mono_is_before(now, end);
}

/* Attaching, one after the other; otherwise a mobile that has nothing pending. */
static uint32_t
choose(struct mobile_load *load, const struct load_phase *phase)
{
	if (phase->pattern == LOAD_ATTACH)
		return (uint32_t)phase->tally.begun;
	do
		load->next = (load->next + STRIDE) % load->fleet.count;
	while (load->fleet.mobiles[load->next].is_pending);
	return load->next;
}

/* The very first registers alone: the box asks for the router's MAC address, and few packets can wait for it. */
static uint32_t
window_of(const struct mobile_load *load, const struct load_phase *phase)
{
	return phase->pattern == LOAD_ATTACH && phase->tally.accepted == 0 ? 1 : load->window;
}

static void
begin_some(struct mobile_load *load, struct load_phase *phase, struct pace *pace,
	   struct mono_time now)
{
	struct mono_time due;

	for (unsigned n = 0; n < BEGIN_MAX; n++) {
		bool has_room = load->fleet.pending_count < window_of(load, phase);
		uint32_t i;
		uint8_t place;

		if (phase->pattern == LOAD_ATTACH && phase->tally.begun == load->fleet.count)
			return;
		if (!has_room) {
			phase->held_up +=
				pace->per_sec != 0 && !mono_is_before(now, pace_due(pace));
			return;
		}
		if (!pace_take(pace, now, &due))
			return;
		i = choose(load, phase);
		place = load->fleet.mobiles[i].place;
		if (phase->pattern == LOAD_MOVE)
			place = (uint8_t)((place + 1) % LOAD_PLACES);
		load_fleet_begin(&load->fleet, i, place, due, now);
	}
}

int
mobile_load_play(struct mobile_load *load, struct load_phase *phase)
{
	struct mono_time now = mono_now(), end = mono_add_sec(now, phase->seconds);
	struct pace pace;

	pace_begin(&pace, now, phase->per_sec);
	load->fleet.tally = &phase->tally;
	while (has_more(load, phase, end, now) || load->fleet.pending_count > 0) {
		int came = work(load, now);

		if (came < 0)
			return came;
		if (has_more(load, phase, end, now))
			begin_some(load, phase, &pace, now);
		now = end_round(load, came, now);
	}
	return 0;
}

int
mobile_load_drain(struct mobile_load *load)
{
	struct load_flow *flows = load->stream.flows;
	struct mono_time now = mono_now(), last = now;

	load->fleet.tally = &load->afterwards;
	pace_begin(&load->stream.pace, (struct mono_time){UINT64_MAX}, 1); /* no more */
	while (flows[0].received + flows[1].received < flows[0].sent + flows[1].sent &&
	       mono_is_before(now, mono_add_ms(last, DRAIN_MS))) {
		int came = work(load, now);

		if (came < 0)
			return came;
		now = end_round(load, came, now);
		if (came > 0)
			last = now;
	}
	load_port_count_drops(&load->external);
	load_port_count_drops(&load->internal);
	return 0;
}
