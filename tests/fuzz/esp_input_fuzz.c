/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The VPN gateway's whole path: two workers, clients with security associations of every family of suites,
 * with and without UDP, ESN, an i-HA tunnel inside and an x-HA tunnel outside. The first octets of the
 * input choose the client, the way, where the frame is cut and what is made right or changed before it
 * goes in; the rest is the packet. What must hold: nothing leaves by the inside but a packet that a client
 * sealed and nobody changed, what goes to a client opens there, every packet ends exactly once (sent,
 * punted or dropped), and every buffer comes back.
 */
#include "dataplane/reassemble.h"
#include "lib/ip_check.h"
#include "tests/fuzz/check.h"
#include "tests/unit/dataplane/vpn.h"

#define CHOICES_LEN 8
#define WORKERS 2
#define CLIENTS 8
#define PACKET_MAX 4096
#define FITS 1200 /* a packet of this length needs no cutting, however deep it is sealed */

enum way {
	WAY_RAW,	 /* the input as it is, from outside */
	WAY_FROM_MOBILE, /* sealed by a client */
	WAY_TO_MOBILE,	 /* from inside, to be sealed */
	WAY_COUNT,
};

enum choice {
	CHOICE_HEADER =
		0x01,	    /* WAY_RAW: an IP header to the gateway, with UDP when the client has */
	CHOICE_SPI = 0x02,  /* WAY_RAW: the client's SPI and next sequence number */
	CHOICE_WRAP = 0x04, /* WAY_RAW: in the x-HA tunnel */
	CHOICE_IKE = 0x08,  /* WAY_RAW: to port 500 */
	CHOICE_INNER = 0x10,	/* the packet inside is right and plain UDP */
	CHOICE_CHANGE = 0x20,	/* WAY_FROM_MOBILE: an octet is changed once sealed */
	CHOICE_CHECKSUM = 0x40, /* after that, the outer header's checksum is made right */
	CHOICE_OTHER = 0x80,	/* by the other worker */
};

struct choices {
	uint8_t way, flags, client, first_len, rest_len, change;
	uint16_t place;
};
ASSERT_SIZE(struct choices, CHOICES_LEN);

struct client {
	struct vpn vpn;
	be32 home; /* in an i-HA tunnel; 0: none */
};

static struct fixture *fixture;
static unsigned pool_size;
static struct client clients[CLIENTS] = {
	{.vpn = {.suite = ESP_AES128_GCM16}},
	{.vpn = {.suite = ESP_AES256_GCM16, .peer_port_be = RTE_BE16(MOBILE_PORT), .is_esn = true}},
	{.vpn = {.suite = ESP_CHACHA20_POLY1305, .peer_port_be = RTE_BE16(4500)}},
	{.vpn = {.suite = ESP_AES128_CBC_SHA1_96, .is_esn = true}},
	{.vpn = {.suite = ESP_AES256_CBC_SHA512_256, .peer_port_be = RTE_BE16(MOBILE_PORT)}},
	{.vpn = {.suite = ESP_NULL_SHA256_128}},
	{.vpn = {.suite = ESP_AES256_CBC_SHA256_128}, .home = OTHER_HOME},
	{.vpn = {.suite = ESP_AES128_GCM16, .peer = X_HOME, .peer_port_be = RTE_BE16(4500)},
	 .home = HOME},
};

int LLVMFuzzerInitialize(int *argc, char ***argv);

static bool
is_wrapped(const struct client *client)
{
	return client->vpn.peer == X_HOME;
}

static void
bind_client(const struct client *client)
{
	struct recipe_spec spec = vpn_spec(&client->vpn), x_ha = fixture_spec(TUNNEL_UDP_IPIP);

	x_ha.home_address = X_HOME;
	if (is_wrapped(client)) {
		spec.layers[spec.layer_count++] = x_ha.layers[0];
		fixture_bind(fixture, &x_ha, 1);
		atomic_store(&client->vpn.inbound->via_home_address, X_HOME);
	}
	fixture_bind(fixture, &spec, 1);
	if (client->home == 0)
		return;
	spec = fixture_spec(TUNNEL_IPIP);
	spec.home_address = client->home;
	spec.flags |= RECIPE_INTERNAL;
	spec.layers[0].src = I_HA;
	spec.layers[0].dst = client->vpn.tia;
	vpn_layer(&client->vpn, &spec);
	if (is_wrapped(client))
		spec.layers[spec.layer_count++] = x_ha.layers[0];
	fixture_bind(fixture, &spec, 1);
}

/* Workers and SAs lie in DPDK's memory, where the leak checker does not look for what hangs on them. */
static void
clean_up(void)
{
	for (unsigned i = 0; i < WORKERS; i++)
		worker_destroy(fixture->workers[i]);
	publish_destroy(fixture->publisher);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	CHECK(fixture_start(NULL) == 0);
	fixture = fixture_new(WORKERS);
	pool_size = rte_mempool_avail_count(fixture->pool);
	for (unsigned i = 0; i < PUNT_CLASS_COUNT; i++)
		fixture->settings.punt_per_sec[i] = 1000000;
	fixture_settings(fixture);
	for (unsigned i = 0; i < CLIENTS; i++) {
		struct vpn *vpn = &clients[i].vpn;

		vpn->tia = htobe32(be32toh(TIA) + i);
		if (vpn->peer == 0)
			vpn->peer = htobe32(be32toh(CARE_OF) + i);
		vpn_connect(fixture, vpn, 2 * i);
		bind_client(&clients[i]);
	}
	atexit(clean_up);
	return 0;
}

/* An IP header that is right, before what the input says is in the packet. */
static void
make_right(struct craft *packet, be32 src, be32 dst)
{
	if (packet->len > FITS)
		packet->len = FITS;
	craft_ip(packet, &(struct craft_ip){.src = src, .dst = dst, .protocol = 17});
}

/* The input's own header, but with the addresses; what there is of it. */
static void
make_addressed(struct craft *packet, be32 src, be32 dst)
{
	uint8_t *ip = craft_at(packet);

	if (packet->len < sizeof(struct ip_header))
		return;
	memcpy(ip + 12, &src, sizeof(src));
	memcpy(ip + 16, &dst, sizeof(dst));
	if ((ip[0] & 0x0fu) * 4u <= packet->len)
		craft_ip_checksum(ip);
}

static void
wrap(struct craft *packet)
{
	craft_tunnel(packet, TUNNEL_UDP_IPIP, &(struct craft_ip){.src = CARE_OF, .dst = X_HA},
		     MOBILE_PORT, 434);
}

/* The packet as it leaves the box when nothing in it depends on the way: one less to live. */
static void
one_hop_on(struct craft *packet)
{
	craft_at(packet)[8]--;
	craft_ip_checksum(craft_at(packet));
}

/* Hands the frame to a worker and lets all of them go on until it is quiet. */
static void
carry(const struct choices *choices, uint8_t port, struct craft *packet)
{
	unsigned worker = choices->flags & CHOICE_OTHER ? 1 : 0;

	craft_ethernet(packet, port_macs[port], 0x0800);
	fixture_send_frame(fixture, worker, port, packet, 1u + choices->first_len,
			   32u + choices->rest_len);
	fixture_run(fixture);
}

static uint64_t
take_drops(void)
{
	uint64_t sum = 0;

	for (unsigned w = 0; w < WORKERS; w++) {
		struct drop_counters *drops = &fixture->workers[w]->counters.drops;

		for (unsigned i = 0; i < DROP_REASON_COUNT; i++)
			if (i != DROP_PUNT_RATE_ICMP_ERROR)
				sum += drops->count[i];
		memset(drops, 0, sizeof(*drops));
	}
	return sum;
}

/* An ICMP error goes with a drop that has been counted. */
static unsigned
take_punts(void)
{
	struct packet punted;
	struct craft bytes;
	unsigned count = 0;

	while (fixture_punted(fixture, &punted, &bytes))
		if (punted.punt_class != PUNT_ICMP_ERROR)
			count++;
	return count;
}

static void
check_whole(struct craft *packet)
{
	const struct ip_header *ip = (const struct ip_header *)craft_at(packet);
	struct ip_header aligned;

	CHECK(packet->len >= sizeof(*ip));
	memcpy(&aligned, ip, sizeof(aligned));
	CHECK(ip_check_lengths(&aligned, packet->len) == IP_OK);
	CHECK(be16toh(aligned.total_len_be) == packet->len);
	CHECK(craft_sum(0, craft_at(packet), (craft_at(packet)[0] & 0x0fu) * 4) == 0);
}

/* What left by a port, the first of it in `first`. Returns how many. */
static unsigned
take_sent(uint8_t port, struct craft *first)
{
	struct craft more;
	unsigned count = 0;

	while (fixture_sent(fixture, port, count == 0 ? first : &more))
		check_whole(count++ == 0 ? first : &more);
	return count;
}

/* Fragments wait in the tables between inputs, but not for ever. */
static void
check_buffers(void)
{
	static unsigned inputs;

	if (++inputs % 64 != 0)
		return;
	for (unsigned w = 0; w < WORKERS; w++) {
		fixture->workers[w]->round_clock += rte_get_tsc_hz() * 2;
		reassemble_expire(fixture->workers[w]);
	}
	take_drops();
	CHECK(rte_mempool_avail_count(fixture->pool) == pool_size);
}

static bool
is_pool_full(void)
{
	return rte_mempool_avail_count(fixture->pool) == pool_size;
}

/* Ends exactly once, unless fragments wait or waited. */
static void
check_ends(bool was_full, unsigned sent)
{
	uint64_t ends = take_drops() + take_punts() + (sent > 0);

	CHECK(!(was_full && is_pool_full()) || ends == 1);
	check_buffers();
}

/* Whatever outsiders send to the gateway, nothing of it is sent on. */
static void
raw(const struct choices *choices, struct craft *packet)
{
	struct client *client = &clients[choices->client];
	bool was_full = is_pool_full();
	struct craft seen;
	unsigned inside, outside;

	if (choices->flags & CHOICE_SPI && packet->len >= 8) {
		be32 spi_and_seq[2] = {client->vpn.spi_be, htobe32((uint32_t)client->vpn.seq + 1)};

		memcpy(craft_at(packet), spi_and_seq, sizeof(spi_and_seq));
	}
	if (choices->flags & CHOICE_HEADER) {
		struct craft_ip outer = {.src = client->vpn.peer, .dst = GATEWAY, .protocol = 50};

		if (client->vpn.peer_port_be != 0) {
			craft_udp(packet, be16toh(client->vpn.peer_port_be),
				  choices->flags & CHOICE_IKE ? 500 : 4500);
			outer.protocol = 17;
		}
		craft_ip(packet, &outer);
	}
	if (choices->flags & CHOICE_WRAP)
		wrap(packet);
	carry(choices, EXTERNAL, packet);
	inside = take_sent(INTERNAL, &seen);
	outside = take_sent(EXTERNAL, &seen);
	CHECK(inside == 0);
	CHECK(!(choices->flags & CHOICE_HEADER) || outside == 0);
	check_ends(was_full, inside + outside);
}

/* Changes an octet. True: it is one that the ICV covers, or the ICV's. */
static bool
change(const struct choices *choices, const struct vpn *vpn, struct craft *packet)
{
	uint32_t place = choices->place % packet->len;

	if (!(choices->flags & CHOICE_CHANGE) || choices->change == 0 || place == 1)
		return false;
	craft_at(packet)[place] ^= choices->change;
	if (choices->flags & CHOICE_CHECKSUM && place > 0)
		craft_ip_checksum(craft_at(packet));
	return place >= (vpn->peer_port_be != 0 ? 28 : 20);
}

static void
from_mobile(const struct choices *choices, struct craft *packet)
{
	struct client *client = &clients[choices->client];
	be32 src = client->home != 0 ? client->home : client->vpn.tia;
	bool is_right = choices->flags & CHOICE_INNER, was_full = is_pool_full(), is_forged;
	struct craft expected, seen;
	unsigned inside, outside;

	if (is_right)
		make_right(packet, src, OFFICE_HOST);
	else
		make_addressed(packet, src, OFFICE_HOST);
	expected = *packet;
	if (client->home != 0)
		craft_tunnel(packet, TUNNEL_IPIP,
			     &(struct craft_ip){.src = client->vpn.tia, .dst = I_HA}, 0, 0);
	vpn_seal(&client->vpn, packet);
	is_forged = change(choices, &client->vpn, packet);
	if (is_wrapped(client))
		wrap(packet);
	carry(choices, EXTERNAL, packet);
	inside = take_sent(INTERNAL, &seen);
	CHECK(inside == 0 || !is_forged);
	if (is_right) {
		one_hop_on(&expected);
		CHECK(inside == 1 || choices->flags & CHOICE_CHANGE);
		CHECK(inside == 0 || (seen.len == expected.len &&
				      memcmp(craft_at(&seen), craft_at(&expected), seen.len) == 0));
	}
	outside = take_sent(EXTERNAL, &expected);
	CHECK(outside == 0 || choices->flags & CHOICE_CHANGE);
	check_ends(was_full, inside + outside);
}

/* Takes off what the box put around a packet for the client; its headers are looked at, too. */
static void
take_apart(struct client *client, struct craft *packet, uint64_t seq)
{
	if (is_wrapped(client))
		packet->len -= sizeof(struct ip_header) + sizeof(struct udp_header) + 4;
	vpn_open(&client->vpn, packet, seq);
	check_whole(packet);
	if (client->home != 0)
		vpn_strip_ipip(packet, I_HA, client->vpn.tia);
	check_whole(packet);
}

static void
to_mobile(const struct choices *choices, struct craft *packet)
{
	struct client *client = &clients[choices->client];
	be32 dst = client->home != 0 ? client->home : client->vpn.tia;
	bool is_right = choices->flags & CHOICE_INNER, was_full = is_pool_full();
	uint64_t seq = client->vpn.outbound->seq;
	struct craft expected, seen;
	unsigned count = 0;

	if (is_right)
		make_right(packet, OFFICE_HOST, dst);
	else
		make_addressed(packet, OFFICE_HOST, dst);
	expected = *packet;
	carry(choices, INTERNAL, packet);
	for (; fixture_sent(fixture, EXTERNAL, &seen); count++) {
		check_whole(&seen);
		CHECK(seen.len <= FIXTURE_MTU);
		take_apart(client, &seen, ++seq);
	}
	CHECK(seq == client->vpn.outbound->seq);
	if (is_right) {
		one_hop_on(&expected);
		CHECK(count == 1 && seen.len == expected.len &&
		      memcmp(craft_at(&seen), craft_at(&expected), seen.len) == 0);
	}
	CHECK(take_sent(INTERNAL, &seen) == 0);
	check_ends(was_full, count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct choices choices;
	struct craft packet = {.len = 0};

	if (size < CHOICES_LEN || size > CHOICES_LEN + PACKET_MAX)
		return 0;
	memcpy(&choices, data, sizeof(choices));
	choices.client %= CLIENTS;
	craft_bytes(&packet, data + CHOICES_LEN, (uint32_t)(size - CHOICES_LEN));
	switch ((enum way)(choices.way % WAY_COUNT)) {
	case WAY_RAW:
		raw(&choices, &packet);
		break;
	case WAY_FROM_MOBILE:
		from_mobile(&choices, &packet);
		break;
	default:
		to_mobile(&choices, &packet);
	}
	return 0;
}
