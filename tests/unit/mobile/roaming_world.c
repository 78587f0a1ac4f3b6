/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/mobile/roaming_world.h"

#include <string.h>

uint64_t
world_now_ms(const struct world *world)
{
	return world->bench->at.mono.ns / NS_PER_MS;
}

unsigned
world_choose(struct world *world, unsigned count)
{
	world->random = world->random * 1664525u + 1013904223u;
	return (world->random >> 8) % count;
}

struct world *
world_create(struct bench *bench, bool simultaneous)
{
	static struct world world;
	static const char *const names[TRACKS] = {"eth0", "wlan0", "wwan0"};

	memset(&world, 0, sizeof(world));
	world.bench = bench;
	world.random = 20261125;
	world.config.agent_count = AGENTS;
	world.config.interface_count = TRACKS;
	world.config.timing = bench->timing;
	world.config.timing.drain_ms = 500;
	world.config.timing.failover_ms = 2000;
	world.config.detect.hints.period_ms = 1500;
	for (unsigned i = 0; i < AGENTS; i++) {
		struct mn_agent_config *agent = &world.config.agents[i];

		*agent = bench->config;
		agent->monitor_grace_sec = 15;
		agent->lifetime_sec = 600;
		agent->simultaneous = simultaneous;
		agent->role = i == I_HA ? MN_ROLE_I_HA : MN_ROLE_X_HA;
		agent->address = bench_address(i == I_HA ? "10.1.0.1" : "203.0.113.1");
		agent->home_address = bench_address(i == I_HA ? "10.1.0.7" : "203.0.113.7");
	}
	for (unsigned t = 0; t < TRACKS; t++)
		assert_int_equal(mn_track_init(&world.tracks[t], MN_TRACK_INTERFACE, t, names[t],
					       &world.config, bench->auth, bench->at.mono),
				 0);
	mn_roaming_init(&world.roaming, &world.config, world.tracks, TRACKS, bench->at.mono);
	return &world;
}

void
world_add_vpn(struct world *world)
{
	assert_int_equal(mn_track_init(&world->tracks[VPN], MN_TRACK_VPN, VPN, "vpn",
				       &world->config, world->bench->auth, world->bench->at.mono),
			 0);
	world->roaming.count = TRACKS + 1;
}

/* Requests that the last event sent are on their way. */
static void
take_sends(struct world *world)
{
	for (unsigned t = 0; t < world->roaming.count; t++) {
		for (unsigned i = 0; i < AGENTS; i++) {
			if ((world->effects.bits[t][i] & MN_SEND) == 0)
				continue;
			world->flights[t][i] = (struct flight){
				true, world->tracks[t].registrations[i], world_now_ms(world)};
		}
	}
	memset(&world->effects, 0, sizeof(world->effects));
}

static void
forget(struct world *world, unsigned t)
{
	world->links[t] = (struct link){0};
	memset(world->flights[t], 0, sizeof(world->flights[t]));
}

void
world_attach(struct world *world, unsigned t, bool is_inside)
{
	be32 care_of[MN_AGENTS_MAX] = {0};

	forget(world, t);
	world->links[t].care_of = htobe32(0xac100000u + ++world->address % 60000u + 1);
	world->links[t].is_inside = is_inside;

	for (unsigned i = 0; i < AGENTS; i++)
		mn_registration_set_home(&world->tracks[t].registrations[i], false);
	world->tracks[t].policy.is_hinted = world->has_hints && world->address % 3 == 0;
	care_of[I_HA] = world->links[t].care_of;
	care_of[X_HA] = t == VPN ? 0 : care_of[I_HA];
	mn_roaming_move(&world->roaming, t, care_of, &world->bench->at, &world->effects);
	take_sends(world);
}

void
world_come_home(struct world *world, unsigned t)
{
	be32 care_of[MN_AGENTS_MAX] = {0};

	forget(world, t);
	for (unsigned i = 0; i < AGENTS; i++) {
		mn_registration_set_home(&world->tracks[t].registrations[i], true);
		care_of[i] = world->config.agents[i].home_address;
	}
	world->links[t].care_of = care_of[I_HA];
	world->links[t].is_inside = world->links[t].is_home = true;
	mn_roaming_move(&world->roaming, t, care_of, &world->bench->at, &world->effects);
	take_sends(world);
}

void
world_detach(struct world *world, unsigned t)
{
	be32 care_of[MN_AGENTS_MAX] = {0};

	forget(world, t);
	mn_roaming_move(&world->roaming, t, care_of, &world->bench->at, &world->effects);
	take_sends(world);
}

void
world_interrupt(struct world *world, unsigned t)
{
	forget(world, t);
	mn_roaming_interrupt(&world->roaming, t, &world->bench->at, &world->effects);
	take_sends(world);
}

void
world_pass_ms(struct world *world, uint64_t ms)
{
	bench_pass_ms(world->bench, ms);
	mn_roaming_tick(&world->roaming, &world->bench->at, &world->effects);
	mn_roaming_settle(&world->roaming, &world->bench->at, &world->effects);
	take_sends(world);
}

void
world_keep_x_ha(struct world *world, bool keeps)
{
	mn_roaming_keep_x_ha(&world->roaming, keeps, &world->bench->at, &world->effects);
	take_sends(world);
}

void
world_traffic(struct world *world)
{
	if (mn_roaming_traffic(&world->roaming, world->bench->at.mono))
		mn_roaming_wake(&world->roaming, &world->bench->at, &world->effects);
	take_sends(world);
}

bool
world_is_bound(const struct world *world, unsigned agent, be32 care_of)
{
	for (unsigned i = 0; i <= TRACKS; i++) {
		if (world->agents[agent].bindings[i] == care_of)
			return care_of != 0;
	}
	return false;
}

unsigned
world_binding_count(const struct world *world, unsigned agent)
{
	unsigned count = 0;

	for (unsigned i = 0; i <= TRACKS; i++)
		count += world->agents[agent].bindings[i] != 0;
	return count;
}

static void
unbind(struct agent_model *model, be32 care_of)
{
	for (unsigned i = 0; i <= TRACKS; i++) {
		if (care_of == 0 || model->bindings[i] == care_of)
			model->bindings[i] = 0;
	}
}

/* The home agent's table after an accepted request; the reply's code. */
static uint8_t
serve(struct agent_model *model, const struct mip_request *request)
{
	bool keeps_others = (request->flags & MIP_FLAG_S) != 0 && !model->is_single;

	if (request->lifetime_be == 0) {
		unbind(model, request->care_of_address == request->home_address
				      ? 0
				      : request->care_of_address);
		return MIP_CODE_ACCEPTED;
	}
	unbind(model, keeps_others ? request->care_of_address : 0);
	for (unsigned i = 0; i <= TRACKS; i++) {
		if (model->bindings[i] != 0)
			continue;
		model->bindings[i] = request->care_of_address;
		return model->is_single ? MIP_CODE_ACCEPTED_NO_SIMULTANEOUS : MIP_CODE_ACCEPTED;
	}
	return MIP_CODE_TOO_MANY_BINDINGS;
}

/* What the home agent makes of a request, and writes as its answer. */
static size_t
process(struct world *world, unsigned t, unsigned i, uint8_t *bytes, size_t size)
{
	struct flight *flight = &world->flights[t][i];
	struct agent_model *model = &world->agents[i];
	struct answer answer = {.has_tnc = i == I_HA};
	struct mip_message message;
	uint64_t id;

	assert_int_equal(
		mip_parse(flight->registration.request, flight->registration.request_len, &message),
		MIP_PARSE_OK);
	id = be64toh(message.request.identification_be);
	if (id <= model->last_id) {
		answer.code = MIP_CODE_ID_MISMATCH;
		answer.high = (uint32_t)(world->bench->at.ntp.units >> 32);
		model->mismatches++;
	} else {
		model->last_id = id;
		answer.code = serve(model, &message.request);
	}
	world->bench->registration = flight->registration;
	return bench_build_answer(world->bench, &answer, bytes, size);
}

static void
hear(struct world *world, unsigned t, unsigned i, const uint8_t *bytes, size_t len, uint64_t sent)
{
	struct mn_registration *registration = &world->tracks[t].registrations[i];
	enum mn_state before = registration->state;
	enum mn_verdict verdict;

	verdict = mn_registration_reply(registration, registration->home_agent, bytes, len,
					&world->bench->at, &world->effects.bits[t][i]);
	if (verdict < MN_REPLY_MALFORMED)
		mn_roaming_learn(&world->roaming, &world->tracks[t], i);
	mn_roaming_settle(&world->roaming, &world->bench->at, &world->effects);
	take_sends(world);
	if (verdict != MN_REPLY_ACCEPTED || before == MN_DEREGISTERING)
		return;
	world->links[t].is_x_ha_accepted |= i == X_HA;
	if (i == I_HA) {
		world->links[t].is_proved = true;
		world->links[t].proved_sent = sent;
	}
}

static bool
is_reachable(const struct world *world, unsigned t, unsigned i)
{
	return world->links[t].care_of != 0 && (i == X_HA || t == VPN || world->links[t].is_inside);
}

void
world_deliver(struct world *world, unsigned t, unsigned i, bool is_answer_lost)
{
	struct flight *flight = &world->flights[t][i];
	uint64_t sent = flight->sent;
	uint8_t bytes[512];
	size_t len;

	if (!flight->is_under_way)
		return;
	flight->is_under_way = false;
	if (!is_reachable(world, t, i))
		return;
	len = process(world, t, i, bytes, sizeof(bytes));
	if (!is_answer_lost)
		hear(world, t, i, bytes, len, sent);
}

static void
deliver_all(struct world *world)
{
	for (unsigned t = 0; t < world->roaming.count; t++) {
		for (unsigned i = 0; i < AGENTS; i++)
			world_deliver(world, t, i, false);
	}
}

/* RFC 5265 sections 3.2.1 to 3.2.4, by the test's own knowledge: what track `t` lets pass. */
static void
check_track(const struct world *world, unsigned t, unsigned i, bool passes)
{
	const struct link *link = &world->links[t];

	if (!passes)
		return;
	assert_int_not_equal(link->care_of, 0);
	if (i == X_HA) {
		assert_true(link->is_x_ha_accepted);
		return;
	}
	if (t == VPN)
		return;
	assert_true(link->is_inside && link->is_proved);
	assert_true(world_now_ms(world) < link->proved_sent + T_MONITOR_MS);
}

void
world_check(struct world *world)
{
	struct mono_time now = world->bench->at.mono;
	int senders[AGENTS];

	for (unsigned i = 0; i < AGENTS; i++) {
		senders[i] = mn_roaming_sender(&world->roaming, i, now);
		if (senders[i] >= 0) {
			check_track(world, (unsigned)senders[i], i, true);
			assert_int_equal(senders[i], senders[i] == VPN ? world->roaming.vpn
								       : world->roaming.carrier);
			world->sends[i][senders[i]]++;
		}
		for (unsigned t = 0; t < TRACKS; t++) {
			bool admits = mn_roaming_admits(&world->roaming, &world->tracks[t], i, now);

			check_track(world, t, i, admits);
			/* only the carrier sends; who drains receives, and neither renews nor repeats */
			assert_true(!admits || (int)t == senders[i] ||
				    world->tracks[t].is_draining);
		}
	}
	assert_true(senders[X_HA] < 0 || senders[I_HA] < 0 || senders[I_HA] == VPN);
	assert_true(world->roaming.carrier < 0 ||
		    !world->tracks[world->roaming.carrier].is_draining);
}

void
world_calm_down(struct world *world, unsigned seconds)
{
	for (unsigned s = 0; s < 2 * seconds; s++) {
		deliver_all(world);
		world_pass_ms(world, 500);
		world_check(world);
	}
}
