/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/strongswan_compat.h"

#include "ike/selector.h"

bool
selector_of(traffic_selector_t *from, struct traffic_selector *selector)
{
	be32 first, last;

	if (from->get_type(from) != TS_IPV4_ADDR_RANGE ||
	    from->get_from_port(from) > from->get_to_port(from))
		return false;
	memcpy(&first, from->get_from_address(from).ptr, sizeof(first));
	memcpy(&last, from->get_to_address(from).ptr, sizeof(last));
	*selector = (struct traffic_selector){
		.first = be32toh(first),
		.last = be32toh(last),
		.first_port = from->get_from_port(from),
		.last_port = from->get_to_port(from),
		.protocol = from->get_protocol(from),
	};
	return true;
}

bool
selectors_of(linked_list_t *from, struct traffic_selector selectors[TRAFFIC_SELECTORS_MAX],
	     uint32_t *count)
{
	enumerator_t *enumerator = from->create_enumerator(from);
	traffic_selector_t *one;
	bool fits = true;

	*count = 0;
	while (fits && enumerator->enumerate(enumerator, &one)) {
		fits = *count < TRAFFIC_SELECTORS_MAX && selector_of(one, &selectors[*count]);
		++*count;
	}
	enumerator->destroy(enumerator);
	return fits && *count > 0;
}
