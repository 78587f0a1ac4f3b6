/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_PAGES_H
#define CTL_PAGES_H

#include "ctl/session.h"

/*
 * Lists that the box sends in pages: "/homeport/bindings,<cursor>" answers with rows and the cursor of
 * the next page, 0 after the last. Cursors rise; a box whose cursor does not is not believed, or a bad
 * answer could keep the program busy for ever.
 */
struct page_reader {
	struct session *session;
	const char *command; /* "/homeport/bindings" */
	const char *key;     /* of the rows in an answer: "bindings" */
	/* Called with the rows of each page, an array, in turn. */
	enum ctl_status (*read_rows)(void *context, const json_t *rows);
	void *context;
};

/* Reads all pages. CTL_OK, or what session_ask() or read_rows() gave. */
enum ctl_status pages_read(const struct page_reader *reader);

#endif
