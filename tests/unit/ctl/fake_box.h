/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CTL_FAKE_BOX_H
#define TESTS_UNIT_CTL_FAKE_BOX_H

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

#include "ctl/session.h"

/*
 * A telemetry server that says what a test tells it to, as DPDK 22.11's does: greeting, then an answer a
 * request. Serves one client in a thread, at a socket in a directory of its own.
 */

#define FAKE_GREETING "{\"version\":\"DPDK 22.11.11\",\"pid\":7,\"max_output_len\":16384}"

struct fake_answer {
	const char *request; /* NULL ends the list */
	const char *answer;  /* NULL: hang up instead */
};

struct fake_box {
	char dir[32];
	char prefix_dir[64];
	char path[96]; /* the socket */
	int listener;
	const char *greeting; /* NULL: hang up at once */
	const struct fake_answer *answers;
	pthread_t thread;
};

/* Starts serving. A request that is not in the list is answered with null, as DPDK does. */
void fake_box_start(struct fake_box *box, const char *greeting, const struct fake_answer *answers);

/* Stops and removes the socket; the client must have hung up. */
void fake_box_stop(struct fake_box *box);

/* What a run of homeportctl said; free both texts with ctl_output_fini(). */
struct ctl_output {
	enum ctl_status status;
	char *out;
	char *err;
};

/* Runs `homeportctl WORDS...` (split at blanks). */
struct ctl_output run_ctl(const char *words);

/* The same against a box that gives `answers`. */
struct ctl_output run_ctl_against(const struct fake_answer *answers, const char *words);
void ctl_output_fini(struct ctl_output *output);

#endif
