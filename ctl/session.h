/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_SESSION_H
#define CTL_SESSION_H

#include <stdbool.h>
#include <stdio.h>

#include "ctl/box.h"

/* Exit statuses of homeportctl; part of its interface (homeportctl(1)). */
enum ctl_status {
	CTL_OK = 0,
	CTL_REFUSED = 1,     /* the box answered with an error, e.g. no such binding */
	CTL_USAGE = 2,	     /* the command line makes no sense */
	CTL_UNREACHABLE = 3, /* no box, no permission, no understandable answer, nowhere to print */
};

/* One run of homeportctl: the connection, what was asked for, where to write. */
struct session {
	struct box box;
	FILE *out;
	FILE *err;
	bool is_json;
	bool is_all;	      /* drops: also those that never happened */
	const char *agent;    /* bindings: only this one's; NULL: both */
	const char *argument; /* the word after the command, or NULL */
	unsigned interval_ms; /* watch */
	unsigned long count;  /* watch: blocks, trace: packets to print; 0: until interrupted */
	unsigned seconds;     /* trace: how long; 0: until interrupted */
};

/*
 * Asks the box. On success `answer` is a new reference. An answer that is an error has been reported (as
 * JSON on `out` with --json, else on `err`) and gives CTL_REFUSED; so has a silent or odd box, which
 * gives CTL_UNREACHABLE.
 */
enum ctl_status
session_ask(struct session *session, const char *command, const char *argument, json_t **answer);

/* Reports what a call of ctl/box.h returned; always CTL_UNREACHABLE. */
enum ctl_status session_box_failed(struct session *session, int error);

/* Reports that memory ran out; always CTL_UNREACHABLE. */
enum ctl_status session_out_of_memory(struct session *session);

/* Sees to it that everything is written; reports when it cannot be: a full disk, a closed pipe. */
enum ctl_status session_flush(struct session *session);

/* Prints JSON, indented, in the order the box gave. */
enum ctl_status session_print_json(struct session *session, const json_t *answer);

#endif
