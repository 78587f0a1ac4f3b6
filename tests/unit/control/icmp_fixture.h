/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_ICMP_FIXTURE_H
#define TESTS_UNIT_CONTROL_ICMP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "control/icmp.h"
#include "control/icmp_relay.h"
#include "lib/checksum.h"
#include "tests/unit/control/fake_binding.h"
#include "tests/unit/control/net_fixture.h"

#define HEADERS (sizeof(struct ip_header) + sizeof(struct icmp_header))

/* One outbound SA to 172.16.5.9, and one to its port 40000; an inbound one. */
#define SPI RTE_BE32(0xc0ffee01)
#define SPI_NATTED RTE_BE32(0xc0ffee02)
#define SPI_INBOUND RTE_BE32(0xc0ffee03)

/* The ICMP part of a box with two ports, both home agents and the gateway. */
struct fixture {
	struct net_fixture net;
	struct binding_table bindings;
	struct icmp *icmp;
	struct mono_time now;
};

extern const struct config icmp_fixture_config;
extern be32 fake_source; /* what route_source() says */

struct fixture *fixture_create(void);
void fixture_destroy(struct fixture *f);

/* An IP header alone. */
void ip_write(uint8_t *bytes, uint16_t len, uint8_t protocol, be32 src, be32 dst);

/* An ICMP message from `src` to `dst` whose `data_len` bytes of data are already behind the headers. */
void icmp_write(uint8_t *bytes, struct icmp_header icmp, uint16_t data_len, be32 src, be32 dst);

/* A packet about which an error is due. */
struct rte_mbuf *due(uint8_t protocol, const char *src, const char *dst, uint16_t len);

#endif
