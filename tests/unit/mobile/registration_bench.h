/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_MOBILE_REGISTRATION_BENCH_H
#define TESTS_UNIT_MOBILE_REGISTRATION_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/mip_message.h"
#include "mobile/mn_registration.h"

#define NTP_START 0xe4a1b2c312345678ull
#define SPI 256

/* A registration, the home agent's side of it, and a clock that only the test moves. */
struct bench {
	struct mn_agent_config config;
	struct mn_timing_config timing;
	struct mip_auth *auth;
	struct mn_registration registration;
	struct mn_instant at;
};

/* What a reply differs in from the plain acceptance of the latest request. */
struct answer {
	uint8_t code;
	uint16_t lifetime_sec; /* 0: as asked */
	be32 home_address;     /* 0: the registration's */
	be32 home_agent;       /* 0: the registration's */
	uint32_t high;	       /* of the Identification; 0: the request's */
	be32 redirect;
	const struct mip_udp_tunnel_reply *udp;
	bool has_tnc;
	bool has_wrong_low;
	bool has_no_auth;
	bool has_wrong_key;
	const char *nai;
};

/* Reads an address; the test fails when it is none. */
be32 bench_address(const char *text);

/* For cmocka_unit_test_setup_teardown(). */
int bench_setup(void **state);

int bench_teardown(void **state);

/* Lets time pass; nothing happens by itself. */
void bench_pass_ms(struct bench *bench, uint64_t ms);

/* Moves to a care-of address. Effects. */
unsigned bench_arrive(struct bench *bench, const char *care_of);

/* Initialises and moves to 172.16.5.9; the first request is out. */
void bench_begin(struct bench *bench);

/* The fixed part of the latest request, which must be whole. */
struct mip_request bench_sent(const struct bench *bench);

/* Writes the reply of the home agent; returns its length. */
size_t bench_build_answer(const struct bench *bench, const struct answer *answer, uint8_t *bytes,
			  size_t size);

/* Hands the reply to the registration, as from `src`. */
enum mn_verdict
bench_reply_from(struct bench *bench, be32 src, const struct answer *answer, unsigned *effects);

/* The same, as from the home agent that was asked. */
enum mn_verdict bench_reply(struct bench *bench, const struct answer *answer);

/* Milliseconds until the next deadline; UINT64_MAX: none. */
uint64_t bench_wait_ms(const struct bench *bench);

/* Lets time pass until the next deadline. Effects. */
unsigned bench_wait_and_tick(struct bench *bench);

#define BENCH_TEST(function) cmocka_unit_test_setup_teardown(function, bench_setup, bench_teardown)

#endif
