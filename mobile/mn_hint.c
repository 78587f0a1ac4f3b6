/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_hint.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FILE_SIZE_MAX 4096
#define SPACES " \t\r"

static bool
is_domain_or_below(const char *word, size_t len, const char *domain)
{
	size_t domain_len = strlen(domain);

	while (len > 0 && word[len - 1] == '.')
		len--;
	if (len < domain_len || strncasecmp(word + len - domain_len, domain, domain_len) != 0)
		return false;
	return len == domain_len || word[len - domain_len - 1] == '.';
}

static bool
line_matches(const char *line, size_t len, const char domains[][MN_DOMAIN_SIZE], unsigned count)
{
	size_t at = strcspn(line, SPACES "\n"), end;

	if (!(at == 6 && strncmp(line, "search", 6) == 0) &&
	    !(at == 6 && strncmp(line, "domain", 6) == 0))
		return false;
	while (at < len) {
		at += strspn(line + at, SPACES);
		end = at + strcspn(line + at, SPACES "\n");
		for (unsigned i = 0; end > at && i < count; i++) {
			if (is_domain_or_below(line + at, end - at, domains[i]))
				return true;
		}
		at = end > at ? end : len;
	}
	return false;
}

bool
mn_hint_domain_matches(const char *text, const char domains[][MN_DOMAIN_SIZE], unsigned count)
{
	while (text[0] != '\0') {
		size_t len = strcspn(text, "\n");

		if (line_matches(text, len, domains, count))
			return true;
		text += len + (text[len] == '\n');
	}
	return false;
}

bool
mn_hint_realm_matches(const char *nai, size_t len, const char realms[][MN_DOMAIN_SIZE],
		      unsigned count)
{
	const char *at = len > 0 ? memchr(nai, '@', len) : NULL;

	if (at == NULL)
		return false;
	at++;
	for (unsigned i = 0; i < count; i++) {
		if (is_domain_or_below(at, (size_t)(nai + len - at), realms[i]))
			return true;
	}
	return false;
}

static bool
file_matches(const struct mn_hint_config *config)
{
	char text[FILE_SIZE_MAX + 1];
	FILE *file;
	size_t len;

	if (config->domain_count == 0)
		return false;
	file = fopen(config->domain_file, "re");
	if (file == NULL)
		return false;
	len = fread(text, 1, FILE_SIZE_MAX, file);
	fclose(file);
	text[len] = '\0';
	return mn_hint_domain_matches(text, config->domains, config->domain_count);
}

/* A gateway of the interface, and whether its MAC address is one of those in the configuration. */
struct search {
	const struct mn_hint_config *config;
	unsigned ifindex;
	be32 gateway; /* 0: none yet */
	bool is_found;
};

static int
take_route(const struct nlmsghdr *message, void *context)
{
	const struct rtmsg *body = mnl_nlmsg_get_payload(message);
	struct search *search = context;
	const struct nlattr *attr;
	unsigned ifindex = 0;
	be32 gateway = 0;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*body) || body->rtm_family != AF_INET ||
	    body->rtm_table != RT_TABLE_MAIN || body->rtm_dst_len != 0)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*body))
	{
		if (mnl_attr_validate(attr, MNL_TYPE_U32) != 0)
			continue;
		if (mnl_attr_get_type(attr) == RTA_GATEWAY)
			gateway = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == RTA_OIF)
			ifindex = mnl_attr_get_u32(attr);
	}
	if (ifindex == search->ifindex && search->gateway == 0)
		search->gateway = gateway;
	return MNL_CB_OK;
}

static int
take_neighbour(const struct nlmsghdr *message, void *context)
{
	const struct ndmsg *body = mnl_nlmsg_get_payload(message);
	struct search *search = context;
	const uint8_t *mac = NULL;
	const struct nlattr *attr;
	be32 address = 0;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*body) || body->ndm_family != AF_INET ||
	    (unsigned)body->ndm_ifindex != search->ifindex)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*body))
	{
		if (mnl_attr_get_type(attr) == NDA_DST &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			address = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == NDA_LLADDR &&
			 mnl_attr_get_payload_len(attr) == ETH_ADDRESS_SIZE)
			mac = mnl_attr_get_payload(attr);
	}
	if (mac == NULL || address != search->gateway)
		return MNL_CB_OK;
	for (unsigned i = 0; i < search->config->gateway_count; i++)
		search->is_found |= memcmp(mac, search->config->gateways[i], ETH_ADDRESS_SIZE) == 0;
	return MNL_CB_OK;
}

static bool
gateway_matches(const struct mn_hint_config *config, struct netlink *netlink, unsigned ifindex)
{
	struct search search = {.config = config, .ifindex = ifindex};

	if (config->gateway_count == 0 ||
	    netlink_dump(netlink, RTM_GETROUTE, take_route, &search) != 0 || search.gateway == 0)
		return false;
	return netlink_dump(netlink, RTM_GETNEIGH, take_neighbour, &search) == 0 && search.is_found;
}

bool
mn_hint_is_inside(const struct mn_hint_config *config, struct netlink *netlink,
		  const struct attachment *attachment)
{
	if (attachment->care_of == 0)
		return false;
	return file_matches(config) || gateway_matches(config, netlink, attachment->ifindex);
}
