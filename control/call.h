/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_CALL_H
#define CONTROL_CALL_H

/*
 * Work that other threads (DPDK's telemetry) ask of the control core, so that everything the control
 * core owns needs no lock: the caller waits, the control core runs the function between two rounds.
 */
struct control_calls;

struct control_calls *control_calls_create(void);	 /* NULL: no memory */
void control_calls_destroy(struct control_calls *calls); /* nobody is waiting; NULL is fine */

/* Runs `function(argument)` on the control core and returns when it is done: 0, or -ETIMEDOUT when the
 * control core did not get to it within two seconds, in which case it never will. Any other thread. */
int control_call(struct control_calls *calls, void (*function)(void *argument), void *argument);

/* Runs what is asked for. Control core, every round. */
void control_calls_run(struct control_calls *calls);

#endif
