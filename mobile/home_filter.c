/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/home_filter.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/wire_ip.h"

#define CHAIN "prerouting"
/* Before fragments are put together: those that a foreign agent or the home link sends come once more by the TUN
 * device, and must not meet themselves. */
#define PRIORITY_FIRST (-450)
#define LOOPBACK_IFINDEX 1
/* Far more than a rule for each of the most home agents takes. */
#define BATCH_SIZE 8192

struct home_filter {
	struct mnl_socket *socket;
	uint32_t sequence, port;
	char name[32];
	size_t batch_len;
	_Alignas(struct nlmsghdr) char batch[BATCH_SIZE];
};

static struct nlmsghdr *
message_begin(struct home_filter *filter, uint16_t type, uint16_t flags, uint8_t family,
	      uint16_t resource)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(filter->batch + filter->batch_len);
	struct nfgenmsg *body = mnl_nlmsg_put_extra_header(message, sizeof(*body));

	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	message->nlmsg_seq = filter->sequence;
	*body = (struct nfgenmsg){
		.nfgen_family = family,
		.version = NFNETLINK_V0,
		.res_id = htobe16(resource),
	};
	return message;
}

static void
message_end(struct home_filter *filter, const struct nlmsghdr *message)
{
	filter->batch_len += message->nlmsg_len;
}

static struct nlmsghdr *
command_begin(struct home_filter *filter, uint16_t command, uint16_t flags)
{
	return message_begin(filter, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | command), flags,
			     NFPROTO_IPV4, 0);
}

static void
batch_begin(struct home_filter *filter)
{
	filter->batch_len = 0;
	filter->sequence++;
	message_end(filter, message_begin(filter, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC,
					  NFNL_SUBSYS_NFTABLES));
}

/* All of it, or nothing. The kernel is done with it when it has been sent, and has answered what went wrong. */
static int
batch_run(struct home_filter *filter)
{
	char answer[4096];
	int result = 0;
	ssize_t len;

	message_end(filter,
		    message_begin(filter, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
	if (mnl_socket_sendto(filter->socket, filter->batch, filter->batch_len) < 0)
		return -errno;
	while ((len = recv(mnl_socket_get_fd(filter->socket), answer, sizeof(answer),
			   MSG_DONTWAIT)) >= 0) {
		if (mnl_cb_run(answer, (size_t)len, filter->sequence, filter->port, NULL, NULL) ==
			    MNL_CB_ERROR &&
		    result == 0)
			result = -errno;
	}
	return result;
}

static void
add_table(struct home_filter *filter)
{
	struct nlmsghdr *message = command_begin(filter, NFT_MSG_NEWTABLE, NLM_F_CREATE);

	mnl_attr_put_strz(message, NFTA_TABLE_NAME, filter->name);
	mnl_attr_put_u32(message, NFTA_TABLE_FLAGS, htobe32(NFT_TABLE_F_OWNER));
	message_end(filter, message);
}

static void
add_chain(struct home_filter *filter)
{
	struct nlmsghdr *message = command_begin(filter, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nlattr *hook;

	mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, filter->name);
	mnl_attr_put_strz(message, NFTA_CHAIN_NAME, CHAIN);
	mnl_attr_put_strz(message, NFTA_CHAIN_TYPE, "filter");
	hook = mnl_attr_nest_start(message, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(message, NFTA_HOOK_HOOKNUM, htobe32(NF_INET_PRE_ROUTING));
	mnl_attr_put_u32(message, NFTA_HOOK_PRIORITY, htobe32((uint32_t)PRIORITY_FIRST));
	mnl_attr_nest_end(message, hook);
	message_end(filter, message);
}

/* Begins an expression of a rule; `nests` are for expression_end(). */
static void
expression_begin(struct nlmsghdr *message, const char *name, struct nlattr *nests[2])
{
	nests[0] = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
	mnl_attr_put_strz(message, NFTA_EXPR_NAME, name);
	nests[1] = mnl_attr_nest_start(message, NFTA_EXPR_DATA);
}

static void
expression_end(struct nlmsghdr *message, struct nlattr *nests[2])
{
	mnl_attr_nest_end(message, nests[1]);
	mnl_attr_nest_end(message, nests[0]);
}

static void
load_destination(struct nlmsghdr *message)
{
	struct nlattr *nests[2];

	expression_begin(message, "payload", nests);
	mnl_attr_put_u32(message, NFTA_PAYLOAD_DREG, htobe32(NFT_REG_1));
	mnl_attr_put_u32(message, NFTA_PAYLOAD_BASE, htobe32(NFT_PAYLOAD_NETWORK_HEADER));
	mnl_attr_put_u32(message, NFTA_PAYLOAD_OFFSET, htobe32(offsetof(struct ip_header, dst)));
	mnl_attr_put_u32(message, NFTA_PAYLOAD_LEN, htobe32(sizeof(be32)));
	expression_end(message, nests);
}

static void
load_interface(struct nlmsghdr *message)
{
	struct nlattr *nests[2];

	expression_begin(message, "meta", nests);
	mnl_attr_put_u32(message, NFTA_META_DREG, htobe32(NFT_REG_1));
	mnl_attr_put_u32(message, NFTA_META_KEY, htobe32(NFT_META_IIF));
	expression_end(message, nests);
}

/* The rule goes on only where what was loaded is, or is not, `value`. */
static void
compare(struct nlmsghdr *message, enum nft_cmp_ops op, uint32_t value)
{
	struct nlattr *nests[2], *data;

	expression_begin(message, "cmp", nests);
	mnl_attr_put_u32(message, NFTA_CMP_SREG, htobe32(NFT_REG_1));
	mnl_attr_put_u32(message, NFTA_CMP_OP, htobe32(op));
	data = mnl_attr_nest_start(message, NFTA_CMP_DATA);
	mnl_attr_put(message, NFTA_DATA_VALUE, sizeof(value), &value);
	mnl_attr_nest_end(message, data);
	expression_end(message, nests);
}

static void
drop(struct nlmsghdr *message)
{
	struct nlattr *nests[2], *data, *verdict;

	expression_begin(message, "counter", nests);
	expression_end(message, nests);
	expression_begin(message, "immediate", nests);
	mnl_attr_put_u32(message, NFTA_IMMEDIATE_DREG, htobe32(NFT_REG_VERDICT));
	data = mnl_attr_nest_start(message, NFTA_IMMEDIATE_DATA);
	verdict = mnl_attr_nest_start(message, NFTA_DATA_VERDICT);
	mnl_attr_put_u32(message, NFTA_VERDICT_CODE, htobe32(NF_DROP));
	mnl_attr_nest_end(message, verdict);
	mnl_attr_nest_end(message, data);
	expression_end(message, nests);
}

static void
add_rule(struct home_filter *filter, const struct home_filter_entry *entry)
{
	struct nlmsghdr *message =
		command_begin(filter, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	struct nlattr *expressions;

	mnl_attr_put_strz(message, NFTA_RULE_TABLE, filter->name);
	mnl_attr_put_strz(message, NFTA_RULE_CHAIN, CHAIN);
	expressions = mnl_attr_nest_start(message, NFTA_RULE_EXPRESSIONS);
	load_destination(message);
	compare(message, NFT_CMP_EQ, entry->home_address);
	load_interface(message);
	compare(message, NFT_CMP_NEQ, entry->ifindex);
	compare(message, NFT_CMP_NEQ, LOOPBACK_IFINDEX);
	drop(message);
	mnl_attr_nest_end(message, expressions);
	message_end(filter, message);
}

static void
remove_rules(struct home_filter *filter)
{
	struct nlmsghdr *message = command_begin(filter, NFT_MSG_DELRULE, 0);

	mnl_attr_put_strz(message, NFTA_RULE_TABLE, filter->name);
	mnl_attr_put_strz(message, NFTA_RULE_CHAIN, CHAIN);
	message_end(filter, message);
}

int
home_filter_set(struct home_filter *filter, const struct home_filter_entry *entries, unsigned count)
{
	batch_begin(filter);
	remove_rules(filter);
	for (unsigned i = 0; i < count; i++)
		add_rule(filter, &entries[i]);
	return batch_run(filter);
}

int
home_filter_create(struct home_filter **filter_out, const char *name)
{
	struct home_filter *filter = calloc(1, sizeof(*filter));
	int result;

	if (filter == NULL)
		return -ENOMEM;
	snprintf(filter->name, sizeof(filter->name), "%s", name);
	filter->sequence = (uint32_t)time(NULL);
	filter->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (filter->socket == NULL || mnl_socket_bind(filter->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		result = -errno;
		home_filter_destroy(filter);
		return result;
	}
	filter->port = mnl_socket_get_portid(filter->socket);
	batch_begin(filter);
	add_table(filter);
	add_chain(filter);
	result = batch_run(filter);
	if (result != 0)
		home_filter_destroy(filter);
	else
		*filter_out = filter;
	return result;
}

void
home_filter_destroy(struct home_filter *filter)
{
	if (filter == NULL)
		return;
	if (filter->socket != NULL)
		mnl_socket_close(filter->socket);
	free(filter);
}
