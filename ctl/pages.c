/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/pages.h"

#include <errno.h>
#include <inttypes.h>

#include "ctl/answer.h"

static enum ctl_status
read_page(const struct page_reader *reader, uint64_t cursor, uint64_t *next)
{
	enum ctl_status status;
	char argument[24];
	json_t *page;

	snprintf(argument, sizeof(argument), "%" PRIu64, cursor);
	status = session_ask(reader->session, reader->command, argument, &page);
	if (status != CTL_OK)
		return status;
	if (answer_make_rows(page, reader->key) < 0)
		status = session_out_of_memory(reader->session);
	else
		status = reader->read_rows(reader->context, json_object_get(page, reader->key));
	*next = answer_number(page, "next");
	json_decref(page);
	return status;
}

enum ctl_status
pages_read(const struct page_reader *reader)
{
	uint64_t cursor, next = 0;

	do {
		enum ctl_status status;

		cursor = next;
		status = read_page(reader, cursor, &next);
		if (status != CTL_OK)
			return status;
	} while (next > cursor);
	return next == 0 ? CTL_OK : session_box_failed(reader->session, -EPROTO);
}
