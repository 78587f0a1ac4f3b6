/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_TRACE_LOG_H
#define CTL_TRACE_LOG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define TRACE_LOG_PACKETS 256

/*
 * Records of a trace, put together again: one line a packet. The box sends them as its workers wrote them, those
 * of a burst stage by stage, and those that went from one worker to another in any order.
 */
struct trace_log {
	FILE *out;
	bool is_json;
	unsigned long most;    /* packets to print; 0: any number */
	unsigned long printed; /* packets so far */
	unsigned count;
	struct trace_packet {
		json_t *number;
		json_t *records; /* by time */
		bool is_new;	 /* got a record since trace_log_print() */
	} packets[TRACE_LOG_PACKETS];
};

/* Adds a record; prints the oldest packet when there are too many. 0 or -ENOMEM. */
int trace_log_add(struct trace_log *log, json_t *record);

/* Prints the packets that have met their end, or of which nothing more was heard since the last call;
 * or all of them. 0 or -ENOMEM. */
int trace_log_print(struct trace_log *log, bool is_all);

/* True when no more packets are to be printed. */
bool trace_log_is_full(const struct trace_log *log);

void trace_log_fini(struct trace_log *log);

#endif
