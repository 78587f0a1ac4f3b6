/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "ctl/session.h"

/* The commands, one function each: ask the box, print for people or as JSON. All need a connected
 * session; those of one address find it, checked, in session->argument. */

/* ctl/show_box.c */
enum ctl_status show_status(struct session *session);

/* ctl/show_bindings.c */
enum ctl_status show_bindings(struct session *session);
enum ctl_status show_binding(struct session *session);
enum ctl_status show_revoke(struct session *session);

/* ctl/show_counters.c */
enum ctl_status show_drops(struct session *session);
enum ctl_status show_stats(struct session *session);

/* ctl/show_lists.c */
enum ctl_status show_neighbours(struct session *session);
enum ctl_status show_security(struct session *session);
enum ctl_status show_stages(struct session *session);

/* ctl/show_sas.c */
enum ctl_status show_sas(struct session *session);
enum ctl_status show_sa(struct session *session);
enum ctl_status show_vpn(struct session *session);

/* ctl/show_trace.c: prints packets until session->count of them, session->seconds, or SIGINT or SIGTERM */
enum ctl_status show_trace(struct session *session);

/* ctl/watch.c: prints blocks until session->count of them or SIGINT or SIGTERM */
enum ctl_status show_watch(struct session *session);

#endif
