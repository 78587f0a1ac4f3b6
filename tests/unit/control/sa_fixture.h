/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_SA_FIXTURE_H
#define TESTS_UNIT_CONTROL_SA_FIXTURE_H

#include "control/binding.h"
#include "control/sa.h"
#include "control/subscriber.h"
#include "tests/unit/control/fake_esp.h"
#include "tests/unit/control/fake_network.h"

/*
 * The tables of SAs and of bindings together, on a network that is not there: port 0 is external, 1 is
 * internal. gateway 198.51.100.3, TIAs 10.8.0.0/24, x-HA 198.51.100.2 with x-HoAs 203.0.113.0/24, i-HA
 * 10.1.0.2 with i-HoAs 10.2.0.0/24.
 */
#define ADDRESS(a, b, c, d) htobe32((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define GATEWAY ADDRESS(198, 51, 100, 3)
#define X_HA ADDRESS(198, 51, 100, 2)
#define I_HA ADDRESS(10, 1, 0, 2)
#define TIA(n) ADDRESS(10, 8, 0, n)
#define X_HOA(n) ADDRESS(203, 0, 113, n)
#define I_HOA(n) ADDRESS(10, 2, 0, n)
#define PEER(n) ADDRESS(192, 0, 2, n)
#define SAS_MAX 8
#define BINDINGS_MAX 16
#define EPOCH 77

struct sa_fixture {
	struct config config;
	struct config_home_network networks[2];
	struct config_subscriber subscriber_config;
	struct subscriber subscriber;
	struct publisher *publisher;
	struct route_table *routes;
	struct timer_wheel *wheel;
	struct sa_table *sas;
	struct binding_table *bindings;
	struct mono_time now;
	unsigned ended, tunnel_changes, soft, hard, mappings;
	struct ike_expire expire;
	struct ike_mapping mapping;
};

/* Both SAs of a mobile. */
struct sa_pair {
	be32 in_be, out_be;
};

int sa_fixture_start(void **state);
int sa_fixture_stop(void **state);
/* Makes the table of bindings anew, for so many. */
void sa_fixture_grow(struct sa_fixture *f, unsigned bindings_max);
void sa_fixture_pass(struct sa_fixture *f, unsigned sec);

struct ike_add_sa sa_inbound(be32 spi_be, be32 peer, be32 tia);
struct ike_add_sa sa_outbound(uint32_t spi, be32 peer, be32 tia);
struct ike_policy sa_policy(uint32_t direction, be32 spi_be, be32 peer, be32 tia);
struct ike_sa_id sa_id(be32 src, be32 dst, be32 spi_be);
be32 sa_spi_get(struct sa_fixture *f, be32 peer);
/* As charon does it: SPI, both SAs, policies; udp_port 0: no UDP. */
struct sa_pair sa_connect(struct sa_fixture *f, be32 peer, uint16_t udp_port, be32 tia,
			  uint32_t spi, uint64_t epoch);
void sa_disconnect(struct sa_fixture *f, struct sa_pair pair, be32 peer, be32 tia);
enum ike_status
sa_move(struct sa_fixture *f, struct sa_pair pair, be32 from, be32 to, uint16_t udp_port);
/* What workers would see. */
struct sa *sa_live(const struct sa_fixture *f, be32 spi_be, be32 dst);
bool sa_current_is(const struct sa_fixture *f, be32 tia, be32 spi_be);

int sa_bind_x(struct sa_fixture *f, be32 home_address, be32 care_of, bool keeps_others);
int sa_bind_i(struct sa_fixture *f, be32 home_address, be32 care_of, enum tunnel_kind kind,
	      bool keeps_others);
const struct recipe *sa_published(const struct sa_fixture *f, be32 address);

#endif
