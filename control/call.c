/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/call.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define CALL_TIMEOUT_SEC 2

enum call_state {
	CALL_WAITING,
	CALL_RUNNING,
	CALL_DONE,
};

/* Lies on its caller's stack, which does not return before the call is done or out of the list. */
struct call {
	struct call *next;
	void (*function)(void *argument);
	void *argument;
	enum call_state state;
};

struct control_calls {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	struct call *first;
	atomic_bool is_waiting; /* looked at without the mutex, so that idle rounds cost nothing */
};

struct control_calls *
control_calls_create(void)
{
	struct control_calls *calls = calloc(1, sizeof(*calls));
	pthread_condattr_t attributes;

	if (calls == NULL)
		return NULL;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&calls->mutex, NULL);
	pthread_cond_init(&calls->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return calls;
}

void
control_calls_destroy(struct control_calls *calls)
{
	if (calls == NULL)
		return;
	pthread_cond_destroy(&calls->changed);
	pthread_mutex_destroy(&calls->mutex);
	free(calls);
}

static void
unlink_call(struct control_calls *calls, const struct call *call)
{
	struct call **link = &calls->first;

	while (*link != call)
		link = &(*link)->next;
	*link = call->next;
}

int
control_call(struct control_calls *calls, void (*function)(void *argument), void *argument)
{
	struct call call = {.function = function, .argument = argument};
	struct timespec deadline;
	int error = 0;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += CALL_TIMEOUT_SEC;

	pthread_mutex_lock(&calls->mutex);
	call.next = calls->first;
	calls->first = &call;
	atomic_store(&calls->is_waiting, true);
	while (call.state == CALL_WAITING && error == 0)
		error = pthread_cond_timedwait(&calls->changed, &calls->mutex, &deadline);
	if (call.state == CALL_WAITING) {
		unlink_call(calls, &call);
		pthread_mutex_unlock(&calls->mutex);
		return -ETIMEDOUT;
	}
	while (call.state != CALL_DONE)
		pthread_cond_wait(&calls->changed, &calls->mutex);
	pthread_mutex_unlock(&calls->mutex);
	return 0;
}

void
control_calls_run(struct control_calls *calls)
{
	if (!atomic_load(&calls->is_waiting))
		return;
	pthread_mutex_lock(&calls->mutex);
	while (calls->first != NULL) {
		struct call *call = calls->first;

		calls->first = call->next;
		call->state = CALL_RUNNING;
		pthread_mutex_unlock(&calls->mutex);
		call->function(call->argument);
		pthread_mutex_lock(&calls->mutex);
		call->state = CALL_DONE;
		pthread_cond_broadcast(&calls->changed);
	}
	atomic_store(&calls->is_waiting, false);
	pthread_mutex_unlock(&calls->mutex);
}
