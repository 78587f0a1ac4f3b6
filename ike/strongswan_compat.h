/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IKE_STRONGSWAN_COMPAT_H
#define IKE_STRONGSWAN_COMPAT_H

/*
 * strongSwan's headers, as Debian's build sees them; include this and none of them. What stands here
 * instead of its config.h decides on the layout of structures (ME: mediation). Known to fit 5.9.8;
 * structures changed in 5.9.10, 6.0.2 and 6.0.5: what differs belongs here, nowhere else.
 */
#define CONFIG_H_INCLUDED
#define HAVE_STDBOOL_H
#define HAVE_SIGWAITINFO
#define HAVE_CLOSEFROM
#define HAVE_MEMRCHR
#define HAVE_EXPLICIT_BZERO
#define HAVE_ALLOCA_H
#define HAVE_SYS_PARAM_H
#define HAVE_CLOCK_GETTIME
#define HAVE_CONDATTR_CLOCK_MONOTONIC
#define ME
#define USE_IKEV1
#define USE_IKEV2

#include <daemon.h>
#include <kernel/kernel_ipsec.h>
#include <kernel/kernel_net.h>
#include <network/socket.h>
#include <processing/jobs/callback_job.h>
#include <threading/condvar.h>
#include <threading/mutex.h>
#include <threading/thread.h>

#endif
