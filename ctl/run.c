/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/run.h"

#include "ctl/options.h"

/* Where DPDK puts the sockets of a process that runs as root. */
#define RUNTIME_DIR "/var/run"

static enum ctl_status
run_command(struct session *session, const struct options *options)
{
	enum ctl_status status;
	int error;

	if (options->socket != NULL)
		error = box_connect(&session->box, options->socket);
	else
		error = box_connect_prefix(&session->box, RUNTIME_DIR, options->prefix);
	if (error != 0)
		return session_box_failed(session, error);
	status = options->command->run(session);
	box_close(&session->box);
	return status;
}

enum ctl_status
ctl_run(int argc, char **argv, FILE *out, FILE *err)
{
	struct session session = {.box.fd = -1, .out = out, .err = err};
	struct options options;
	enum ctl_status status = options_parse(argc, argv, &session, &options);
	enum ctl_status written;

	if (status != CTL_OK)
		return status;
	if (options.is_help)
		options_print_help(out);
	else if (options.is_version)
		fputs("homeportctl " HOMEPORT_VERSION "\n", out);
	else
		status = run_command(&session, &options);
	written = session_flush(&session);
	return status != CTL_OK ? status : written;
}
