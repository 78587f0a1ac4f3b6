/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOBILE_MN_DNS_H
#define MOBILE_MN_DNS_H

#include "mobile/mn_config.h"

/*
 * The host's name servers while user data passes to and from an i-HA's home address: those of the
 * configuration, and afterwards again what was there before. Through systemd-resolved or resolvconf, which belong
 * to the TUN device and take them back with it, or by replacing a file, of which a copy lies in the
 * runtime directory: a later run finds it there after a crash. One thread.
 */
struct mn_dns {
	const struct mn_config *config;
	const char *device;	   /* the TUN device's name */
	enum mn_dns_method method; /* never MN_DNS_AUTO */
	bool is_set;
};

/* Gives back what an earlier run that was killed may have left. Both must outlive it. */
void mn_dns_init(struct mn_dns *dns, const struct mn_config *config, const char *device);

/* User data passes, or not. Without servers in the configuration nothing is done. What fails is
 * logged. */
void mn_dns_update(struct mn_dns *dns, bool passes);

#endif
