/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/vici_message.h"

#include "mobile/vici_sa.h"
#include "tests/fuzz/check.h"

static void
check_text(const uint8_t *bytes, size_t size, struct vici_text text)
{
	const uint8_t *begin = (const uint8_t *)text.bytes;

	CHECK(text.len == 0 || (begin > bytes && begin + text.len <= bytes + size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = exact_copy(data, size);
	struct vici_element element;
	struct vici_reader reader;
	struct vici_text name;
	enum vici_type type;
	size_t count = 0;

	if (vici_open(copy, size, &type, &name, &reader)) {
		struct vici_reader again = reader;
		struct vici_sa sa;
		bool is_whole;

		check_text(copy, size, name);
		do {
			element = vici_next(&reader);
			check_text(copy, size, element.name);
			check_text(copy, size, element.value);
			CHECK(element.depth <= VICI_DEPTH_MAX);
			CHECK(++count <= size + 1);
		} while (element.kind != VICI_END && element.kind != VICI_BROKEN);
		CHECK(vici_next(&reader).kind == element.kind);
		is_whole = vici_sa_read(&again, "home", "net", &sa);
		CHECK(is_whole == (element.kind == VICI_END));
	}
	free(copy);
	return 0;
}
