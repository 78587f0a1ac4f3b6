/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_BOX_H
#define CTL_BOX_H

#include <jansson.h>
#include <stddef.h>

/*
 * The conversation with a running box over DPDK's telemetry socket (UNIX SEQPACKET): the box greets
 * with a line about itself, then each request is one datagram of text and each answer one of JSON.
 * Plain blocking calls with a time limit; nothing in an answer is trusted.
 */

#define BOX_TIMEOUT_MS 5000
#define BOX_PATH_SIZE 108 /* sun_path */
#define BOX_DEFAULT_PREFIX "homeport"

struct box {
	int fd;
	char path[BOX_PATH_SIZE]; /* the socket in use, for messages */
	char *answer;		  /* room for one answer */
	size_t answer_size;
};

/*
 * Connects to the box with the given EAL file prefix: its sockets in `runtime_dir` ("/var/run") are
 * tried in turn, since a box that was killed leaves a dead one behind and a second process adds a
 * suffix. 0 or -errno as box_connect().
 */
int box_connect_prefix(struct box *box, const char *runtime_dir, const char *prefix);

/*
 * Connects to the socket at `path` and reads the greeting. 0; -ENOENT, -ECONNREFUSED: nobody there;
 * -EACCES; -ENAMETOOLONG; -ETIMEDOUT: silent; -ECONNRESET: hung up; -EPROTO: not a telemetry
 * socket; -ENOMEM. On error `box->path` still names what was tried and nothing is left open.
 */
int box_connect(struct box *box, const char *path);

/* Closes; a box that never connected is fine if it was zeroed with fd = -1. */
void box_close(struct box *box);

/*
 * Asks `command` ("/homeport/binding") with `argument`, which may be NULL, and yields what the box says
 * (a new reference; the wrapper that names the command is taken off). 0; -ETIMEDOUT; -ECONNRESET;
 * -EMSGSIZE: request or answer too long; -EPROTO: not JSON, or the answer to something else;
 * -ENOTSUP: the box does not know the command.
 */
int box_ask(struct box *box, const char *command, const char *argument, json_t **answer);

/* What `error` (from the calls above) means for the operator and what to do; writes a sentence. */
void box_explain(const struct box *box, int error, char *text, size_t text_size);

#endif
