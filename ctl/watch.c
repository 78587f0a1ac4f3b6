/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/watch.h"

#include <errno.h>
#include <unistd.h>

#include "ctl/answer.h"
#include "ctl/drops.h"
#include "ctl/interrupt.h"
#include "ctl/show.h"

#define CLEAR_SCREEN "\033[H\033[2J"

void
watch_sample_fini(struct watch_sample *sample)
{
	json_decref(sample->info);
	json_decref(sample->drops);
	*sample = (struct watch_sample){0};
}

static enum ctl_status
take_sample(struct session *session, struct watch_sample *sample)
{
	enum ctl_status status;
	json_t *drops;

	*sample = (struct watch_sample){0};
	status = session_ask(session, "/homeport/info", NULL, &sample->info);
	if (status != CTL_OK)
		return status;
	status = session_ask(session, "/homeport/drops", NULL, &drops);
	if (status != CTL_OK)
		return status;
	sample->at = mono_now();
	sample->drops = drops_rename(drops);
	json_decref(drops);
	if (sample->drops == NULL || answer_make_rows(sample->info, "ports") < 0)
		return session_out_of_memory(session);
	return CTL_OK;
}

/* One line a sample, so that a program can read it as it comes. */
static int
print_json_line(const struct watch_sample *now, FILE *out)
{
	json_t *line = json_pack("{s:O, s:O}", "info", now->info, "drops", now->drops);
	int error = line == NULL || json_dumpf(line, out, JSON_COMPACT) < 0 ? -ENOMEM : 0;

	json_decref(line);
	fputc('\n', out);
	return error;
}

static enum ctl_status
print_block(struct session *session, const struct watch_sample *before,
	    const struct watch_sample *now)
{
	const struct watch_sample *last = before->info == NULL ? NULL : before;
	bool is_screen = !session->is_json && isatty(fileno(session->out)) == 1;
	int error;

	if (is_screen)
		fputs(CLEAR_SCREEN, session->out);
	else if (!session->is_json && last != NULL)
		fputc('\n', session->out);
	if (session->is_json)
		error = print_json_line(now, session->out);
	else
		error = watch_print(last, now, session->out);
	if (error != 0)
		return session_out_of_memory(session);
	/* Whoever reads the output has gone: there is nothing to go on for. */
	return session_flush(session);
}

static enum ctl_status
watch(struct session *session, const struct interrupt *interrupt)
{
	struct watch_sample before = {0}, now = {0};
	enum ctl_status status;
	unsigned long blocks = 0;

	do {
		status = take_sample(session, &now);
		if (status == CTL_OK)
			status = print_block(session, &before, &now);
		watch_sample_fini(&before);
		before = now;
		now = (struct watch_sample){0};
		blocks++;
	} while (status == CTL_OK && blocks != session->count &&
		 interrupt_wait(interrupt, session->interval_ms));
	watch_sample_fini(&before);
	return status;
}

enum ctl_status
show_watch(struct session *session)
{
	struct interrupt interrupt;
	enum ctl_status status;
	int error = interrupt_open(&interrupt);

	if (error != 0)
		return session_box_failed(session, error);
	status = watch(session, &interrupt);
	interrupt_close(&interrupt);
	return status;
}
