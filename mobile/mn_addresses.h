/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_ADDRESSES_H
#define MOBILE_MN_ADDRESSES_H

struct mn_daemon;

/* Makes addresses, routes and MTU of the TUN device what the registrations and the roaming say. */
void mn_addresses_update(struct mn_daemon *daemon);

#endif
