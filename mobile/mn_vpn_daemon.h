/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_VPN_DAEMON_H
#define MOBILE_MN_VPN_DAEMON_H

#include <jansson.h>
#include <stdbool.h>

struct mn_daemon;

/* The VPN of the running daemon: glue between its decisions (mn_vpn.h), charon, and the VPN's track. One
 * thread. */
struct mn_vpn_daemon;

/* `track`: the index of the VPN's track. 0, or -errno. */
int mn_vpn_daemon_create(struct mn_vpn_daemon **vpn, struct mn_daemon *daemon, unsigned track);
void mn_vpn_daemon_destroy(struct mn_vpn_daemon *vpn); /* NULL is fine; the SA stays as it is */

/* Something changed in the daemon that the VPN may depend on. It is looked at when the event loop runs next.
 * NULL is fine. */
void mn_vpn_daemon_look(struct mn_vpn_daemon *vpn);

/* The connection status of interface `index` has changed, which the daemon is about to take note of: the VPN has
 * moved with it, if it runs from there. NULL is fine. */
void mn_vpn_daemon_interrupt(struct mn_vpn_daemon *vpn, unsigned index);

/* The program is to end: gives the i-HAs' bindings back and hangs up, and then calls mn_daemon_leave(). False:
 * there is nothing to do, or that is under way already, or `vpn` is NULL; nothing is called. */
bool mn_vpn_daemon_leave(struct mn_vpn_daemon *vpn);

/* For the status; null for NULL. */
json_t *mn_vpn_daemon_json(const struct mn_vpn_daemon *vpn);

#endif
