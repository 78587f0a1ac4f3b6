/* SPDX-License-Identifier: BSD-3-Clause */
/* Follows the packets of one address: has the box trace them, and asks for what was traced until enough
 * was seen, the time is over, or a signal comes. */
#include <errno.h>
#include <inttypes.h>

#include "ctl/answer.h"
#include "ctl/interrupt.h"
#include "ctl/show.h"
#include "ctl/trace_log.h"
#include "lib/mono_time.h"

#define POLL_MS 100
#define POLLS_AT_END 100 /* at most, for what waits when the trace ends */

struct trace {
	struct session *session;
	struct trace_log log;
	uint64_t next; /* what the next question must bring */
	uint64_t lost;
	bool is_more; /* the last answer did not hold everything */
	struct mono_time end;
};

static enum ctl_status
ask(struct trace *trace, const char *command, json_t **answer)
{
	enum ctl_status status;
	char argument[24];

	snprintf(argument, sizeof(argument), "%" PRIu64, trace->next);
	status = session_ask(trace->session, command, argument, answer);
	if (status == CTL_OK) {
		trace->next = answer_number(*answer, "next");
		trace->lost = answer_number(*answer, "lost");
		trace->is_more = answer_number(*answer, "more") != 0;
	}
	return status;
}

static enum ctl_status
poll_box(struct trace *trace)
{
	enum ctl_status status;
	json_t *answer, *record;
	size_t index;
	int error;

	status = ask(trace, "/homeport/trace_poll", &answer);
	if (status != CTL_OK)
		return status;
	error = answer_make_rows(answer, "records");
	json_array_foreach(json_object_get(answer, "records"), index, record)
	{
		if (error == 0)
			error = trace_log_add(&trace->log, record);
	}
	json_decref(answer);
	if (error == 0 && !trace->is_more)
		error = trace_log_print(&trace->log, false);
	return error == 0 ? session_flush(trace->session) : session_out_of_memory(trace->session);
}

/* True when it is time for the next question, false when the trace is to end. */
static bool
is_to_go_on(const struct trace *trace, const struct interrupt *interrupt)
{
	uint64_t left_ms = POLL_MS;

	if (trace_log_is_full(&trace->log))
		return false;
	if (trace->session->seconds != 0)
		left_ms = mono_ms_until(mono_now(), trace->end);
	if (left_ms == 0)
		return false;
	if (trace->is_more)
		left_ms = 0;
	return interrupt_wait(interrupt, (unsigned)(left_ms < POLL_MS ? left_ms : POLL_MS));
}

/* Takes what waits, and ends the trace in the box. */
static enum ctl_status
finish(struct trace *trace)
{
	enum ctl_status status = CTL_OK;
	json_t *answer;

	for (unsigned i = 0; status == CTL_OK && i < POLLS_AT_END; i++) {
		if (trace_log_is_full(&trace->log))
			break;
		status = poll_box(trace);
		if (!trace->is_more)
			break;
	}
	if (status != CTL_OK)
		return status;
	if (trace_log_print(&trace->log, true) != 0)
		return session_out_of_memory(trace->session);
	status = ask(trace, "/homeport/trace_stop", &answer);
	if (status == CTL_OK)
		json_decref(answer);
	return status;
}

static enum ctl_status
follow(struct trace *trace, const struct interrupt *interrupt)
{
	enum ctl_status status;

	do
		status = poll_box(trace);
	while (status == CTL_OK && is_to_go_on(trace, interrupt));
	if (status == CTL_OK)
		status = finish(trace);
	if (trace->lost > 0)
		fprintf(trace->session->err,
			"homeportctl: %" PRIu64 " records were lost: there was too much traffic\n",
			trace->lost);
	return status;
}

static enum ctl_status
start(struct trace *trace)
{
	struct session *session = trace->session;
	json_t *answer;
	enum ctl_status status =
		session_ask(session, "/homeport/trace", session->argument, &answer);

	if (status != CTL_OK)
		return status;
	trace->next = answer_number(answer, "next");
	json_decref(answer);
	trace->end = mono_add_ms(mono_now(), session->seconds * 1000ull);
	fprintf(session->err, "following %s; Ctrl-C ends\n", session->argument);
	fflush(session->err);
	return CTL_OK;
}

enum ctl_status
show_trace(struct session *session)
{
	struct trace trace = {
		.session = session,
		.log = {.out = session->out, .is_json = session->is_json, .most = session->count},
	};
	struct interrupt interrupt;
	enum ctl_status status;
	int error = interrupt_open(&interrupt);

	if (error != 0)
		return session_box_failed(session, error);
	status = start(&trace);
	if (status == CTL_OK)
		status = follow(&trace, &interrupt);
	trace_log_fini(&trace.log);
	interrupt_close(&interrupt);
	return status;
}
