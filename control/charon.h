/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_CHARON_H
#define CONTROL_CHARON_H

#include "control/config.h"
#include "lib/mono_time.h"

/*
 * Keeps charon running when the configuration says so (ike.supervise): starts it, starts it anew with
 * growing pauses when it ends, has swanctl load its configuration once the plugin has said hello, and
 * ends it. Both write to this process's standard error and inherit no other descriptor, and of the
 * environment only PATH and the time zone. Control core; nothing here blocks but charon_destroy().
 */
struct charon;

struct charon *charon_create(const struct config_ike *config); /* copied. NULL: no memory */
/* Kills what still runs. NULL is fine. */
void charon_destroy(struct charon *charon);

/* Looks whether anything has ended or is due. `hellos`: how many connections to the plugin there have
 * been. Every 10 ms or so. */
void charon_tick(struct charon *charon, uint64_t hellos, struct mono_time now);

/* Asks charon to end; the ticks that follow kill it when it has not done so within 5 s. It is not started
 * again. */
void charon_stop(struct charon *charon, struct mono_time now);

bool charon_is_running(const struct charon *charon);

/* For telemetry. */
struct charon_view {
	int pid;	   /* 0: does not run */
	uint64_t starts;   /* so far */
	unsigned pause_ms; /* until the next start, when it ends now */
};
void charon_look(const struct charon *charon, struct charon_view *view);

#endif
