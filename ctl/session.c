/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/session.h"

#include <errno.h>
#include <string.h>

#include "ctl/answer.h"
#include "ctl/table.h"

#define MESSAGE_SIZE 512

enum ctl_status
session_box_failed(struct session *session, int error)
{
	char text[MESSAGE_SIZE];

	box_explain(&session->box, error, text, sizeof(text));
	fprintf(session->err, "homeportctl: %s\n", text);
	return CTL_UNREACHABLE;
}

enum ctl_status
session_out_of_memory(struct session *session)
{
	return session_box_failed(session, -ENOMEM);
}

enum ctl_status
session_flush(struct session *session)
{
	if (fflush(session->out) == 0 && !ferror(session->out))
		return CTL_OK;
	fprintf(session->err, "homeportctl: cannot write: %s\n", strerror(errno));
	return CTL_UNREACHABLE;
}

enum ctl_status
session_print_json(struct session *session, const json_t *answer)
{
	if (json_dumpf(answer, session->out, JSON_INDENT(2)) < 0)
		return session_out_of_memory(session);
	fputc('\n', session->out);
	return CTL_OK;
}

static enum ctl_status
refused(struct session *session, const json_t *answer)
{
	char text[MESSAGE_SIZE];

	if (session->is_json)
		session_print_json(session, answer);
	table_clean(answer_error(answer), text, sizeof(text));
	fprintf(session->err, "homeportctl: %s\n", text);
	return CTL_REFUSED;
}

enum ctl_status
session_ask(struct session *session, const char *command, const char *argument, json_t **answer)
{
	enum ctl_status status;
	int error = box_ask(&session->box, command, argument, answer);

	if (error != 0)
		return session_box_failed(session, error);
	if (answer_error(*answer) == NULL)
		return CTL_OK;
	status = refused(session, *answer);
	json_decref(*answer);
	*answer = NULL;
	return status;
}
