/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/strongswan_compat.h"

#include "ike/address.h"
#include "ike/box_link.h"
#include "ike/ipsec.h"
#include "ike/policy.h"
#include "ike/sa_list.h"
#include "ike/selector.h"

struct ipsec {
	kernel_ipsec_t public; /* first */
	struct box_link *link;
	struct sa_list *list;
};

static status_t
status_of(enum ike_status status)
{
	switch (status) {
	case IKE_STATUS_OK:
		return SUCCESS;
	case IKE_STATUS_NOT_SUPPORTED:
		return NOT_SUPPORTED;
	default:
		return FAILED;
	}
}

static enum ike_status
ask(struct ipsec *ipsec, enum ike_message_type type, const void *body)
{
	return box_link_ask(ipsec->link, type, body, NULL, 0);
}

/* False: not ESP over IPv4, so not in the box. */
static bool
id_of(const kernel_ipsec_sa_id_t *from, struct ike_sa_id *id)
{
	be16 port_be;

	*id = (struct ike_sa_id){.spi_be = from->spi};
	return from->proto == IPPROTO_ESP && address_of(from->src, &id->src, &port_be) &&
	       address_of(from->dst, &id->dst, &port_be);
}

static kernel_feature_t
get_features(kernel_ipsec_t *public)
{
	return KERNEL_NO_POLICY_UPDATES | KERNEL_POLICY_SPI;
}

static status_t
get_spi(kernel_ipsec_t *public, host_t *src, host_t *dst, uint8_t protocol, uint32_t *spi)
{
	struct ipsec *ipsec = (struct ipsec *)public;
	struct ike_get_spi body;
	struct ike_spi answer;
	be16 port_be;

	if (protocol != IPPROTO_ESP || !address_of(src, &body.src, &port_be) ||
	    !address_of(dst, &body.dst, &port_be))
		return NOT_SUPPORTED;
	if (box_link_ask(ipsec->link, IKE_GET_SPI, &body, &answer, sizeof(answer)) != IKE_STATUS_OK)
		return FAILED;
	*spi = answer.spi_be;
	return SUCCESS;
}

static status_t
get_cpi(kernel_ipsec_t *public, host_t *src, host_t *dst, uint16_t *cpi)
{
	return NOT_SUPPORTED;
}

/* For printf's with strongSwan's own conversions, which compilers do not know. */
static void
print(char *text, size_t size, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, size, format, arguments);
	va_end(arguments);
}

/* Who the peer is, as far as the IKE_SA that this thread works on knows. */
static void
name_peer(char *name, size_t size)
{
	ike_sa_t *ike_sa = charon->bus->get_sa(charon->bus);

	if (ike_sa != NULL)
		print(name, size, "%Y", ike_sa->get_other_eap_id(ike_sa));
}

static uint32_t
flags_of(const kernel_ipsec_add_sa_t *data)
{
	bool copies_dscp =
		data->copy_dscp == DSCP_COPY_YES ||
		data->copy_dscp == (data->inbound ? DSCP_COPY_IN_ONLY : DSCP_COPY_OUT_ONLY);

	return (data->inbound ? IKE_SA_INBOUND : 0) | (data->encap ? IKE_SA_UDP : 0) |
	       (data->esn ? IKE_SA_ESN : 0) | (data->update ? IKE_SA_UPDATE : 0) |
	       (data->copy_df ? IKE_SA_COPY_DF : 0) | (data->copy_ecn ? IKE_SA_COPY_ECN : 0) |
	       (copies_dscp ? IKE_SA_COPY_DSCP : 0);
}

static struct ike_lifetime
lifetime_of(const lifetime_cfg_t *lifetime)
{
	return (struct ike_lifetime){
		.soft_bytes = lifetime->bytes.rekey,
		.hard_bytes = lifetime->bytes.life,
		.soft_packets = lifetime->packets.rekey,
		.hard_packets = lifetime->packets.life,
		.soft_sec = lifetime->time.rekey,
		.hard_sec = lifetime->time.life,
	};
}

/* charon's numbers below 1024 are IANA's. */
static bool
take_algorithms(const kernel_ipsec_add_sa_t *data, struct ike_add_sa *body)
{
	switch (data->enc_alg) {
	case ENCR_AES_GCM_ICV16:
	case ENCR_CHACHA20_POLY1305:
		if (data->int_alg != AUTH_UNDEFINED && data->int_alg != 0)
			return false;
		break;
	case ENCR_AES_CBC:
	case ENCR_NULL:
		if (data->int_alg != AUTH_HMAC_SHA1_96 && data->int_alg != AUTH_HMAC_SHA2_256_128 &&
		    data->int_alg != AUTH_HMAC_SHA2_512_256)
			return false;
		body->integrity = data->int_alg;
		break;
	default:
		return false;
	}
	body->encryption = data->enc_alg;
	return true;
}

static bool
take_keys(const kernel_ipsec_add_sa_t *data, struct ike_add_sa *body)
{
	if (data->enc_key.len > IKE_KEY_SIZE_MAX || data->int_key.len > IKE_KEY_SIZE_MAX)
		return false;
	body->encryption_key_size = data->enc_key.len;
	body->integrity_key_size = data->int_key.len;
	if (data->enc_key.len > 0)
		memcpy(body->encryption_key, data->enc_key.ptr, data->enc_key.len);
	if (data->int_key.len > 0)
		memcpy(body->integrity_key, data->int_key.ptr, data->int_key.len);
	return true;
}

/* What the box is to know of an SA; false when it could not do what is asked for. */
static bool
describe(const kernel_ipsec_sa_id_t *id, const kernel_ipsec_add_sa_t *data, struct ike_add_sa *body)
{
	if (!id_of(id, &body->id) || data->mode != MODE_TUNNEL || data->ipcomp != IPCOMP_NONE ||
	    !take_algorithms(data, body) || !take_keys(data, body) ||
	    !selectors_of(data->src_ts, body->src_selectors, &body->src_selector_count) ||
	    !selectors_of(data->dst_ts, body->dst_selectors, &body->dst_selector_count))
		return false;
	if (data->encap) {
		body->src_port_be = htobe16(id->src->get_port(id->src));
		body->dst_port_be = htobe16(id->dst->get_port(id->dst));
	}
	body->reqid = data->reqid;
	body->flags = flags_of(data);
	body->replay_window = data->replay_window;
	body->lifetime = lifetime_of(data->lifetime);
	name_peer(body->peer, sizeof(body->peer));
	return true;
}

/* On the list before the box is asked: whatever then happens to the box, charon hears of it. */
static status_t
add_sa(kernel_ipsec_t *public, kernel_ipsec_sa_id_t *id, kernel_ipsec_add_sa_t *data)
{
	struct ipsec *ipsec = (struct ipsec *)public;
	struct ike_add_sa body = {0};
	enum ike_status status = IKE_STATUS_NOT_SUPPORTED;

	if (!id_of(id, &body.id))
		return NOT_SUPPORTED;
	if (!sa_list_add(ipsec->list, &body.id, data->inbound))
		return FAILED;
	if (describe(id, data, &body))
		status = ask(ipsec, IKE_ADD_SA, &body);
	if (status != IKE_STATUS_OK && status != IKE_STATUS_DUPLICATE)
		sa_list_remove(ipsec->list, &body.id);
	explicit_bzero(&body, sizeof(body));
	return status_of(status);
}

/* charon takes no notice of FAILED, but rekeys after NOT_SUPPORTED. */
static status_t
update_sa(kernel_ipsec_t *public, kernel_ipsec_sa_id_t *id, kernel_ipsec_update_sa_t *data)
{
	struct ipsec *ipsec = (struct ipsec *)public;
	struct ike_update_sa body = {.is_udp = data->new_encap};

	if (!id_of(id, &body.id) || data->cpi != 0 ||
	    !address_of(data->new_src, &body.new_src, &body.new_src_port_be) ||
	    !address_of(data->new_dst, &body.new_dst, &body.new_dst_port_be) ||
	    ask(ipsec, IKE_UPDATE_SA, &body) != IKE_STATUS_OK)
		return NOT_SUPPORTED;
	sa_list_move(ipsec->list, &body.id, body.new_src, body.new_dst);
	return SUCCESS;
}

static status_t
query_sa(kernel_ipsec_t *public, kernel_ipsec_sa_id_t *id, kernel_ipsec_query_sa_t *data,
	 uint64_t *bytes, uint64_t *packets, time_t *last_use)
{
	struct ipsec *ipsec = (struct ipsec *)public;
	struct ike_sa_id body;
	struct ike_use use;

	if (!id_of(id, &body) ||
	    box_link_ask(ipsec->link, IKE_QUERY_SA, &body, &use, sizeof(use)) != IKE_STATUS_OK)
		return FAILED;
	if (bytes != NULL)
		*bytes = use.bytes;
	if (packets != NULL)
		*packets = use.packets;
	if (last_use != NULL)
		*last_use = use.last_use_sec;
	return SUCCESS;
}

/* A box that is absent forgets by itself, or when it is told what charon still has. */
static status_t
del_sa(kernel_ipsec_t *public, kernel_ipsec_sa_id_t *id, kernel_ipsec_del_sa_t *data)
{
	struct ipsec *ipsec = (struct ipsec *)public;
	struct ike_sa_id body;

	if (id_of(id, &body) && sa_list_remove(ipsec->list, &body))
		ask(ipsec, IKE_DEL_SA, &body);
	return SUCCESS;
}

static status_t
flush_sas(kernel_ipsec_t *public)
{
	struct ipsec *ipsec = (struct ipsec *)public;

	sa_list_clear(ipsec->list);
	ask(ipsec, IKE_FLUSH_SAS, NULL);
	return SUCCESS;
}

static status_t
add_policy(kernel_ipsec_t *public, kernel_ipsec_policy_id_t *id, kernel_ipsec_manage_policy_t *data)
{
	struct ipsec *ipsec = (struct ipsec *)public;
	struct ike_policy body;

	if (!policy_of(id, data, &body))
		return SUCCESS;
	return status_of(ask(ipsec, IKE_ADD_POLICY, &body));
}

static status_t
query_policy(kernel_ipsec_t *public, kernel_ipsec_policy_id_t *id,
	     kernel_ipsec_query_policy_t *data, time_t *use_time)
{
	struct ipsec *ipsec = (struct ipsec *)public;
	struct ike_policy body;
	struct ike_use use;

	*use_time = 0;
	if (!policy_of(id, NULL, &body) ||
	    box_link_ask(ipsec->link, IKE_QUERY_POLICY, &body, &use, sizeof(use)) != IKE_STATUS_OK)
		return FAILED;
	*use_time = use.last_use_sec;
	return SUCCESS;
}

static status_t
del_policy(kernel_ipsec_t *public, kernel_ipsec_policy_id_t *id, kernel_ipsec_manage_policy_t *data)
{
	struct ipsec *ipsec = (struct ipsec *)public;
	struct ike_policy body;

	if (policy_of(id, data, &body))
		ask(ipsec, IKE_DEL_POLICY, &body);
	return SUCCESS;
}

static status_t
flush_policies(kernel_ipsec_t *public)
{
	ask((struct ipsec *)public, IKE_FLUSH_POLICIES, NULL);
	return SUCCESS;
}

/* No socket of charon's goes to the kernel for IKE or ESP. */
static bool
bypass_socket(kernel_ipsec_t *public, int fd, int family)
{
	return true;
}

static bool
enable_udp_decap(kernel_ipsec_t *public, int fd, int family, uint16_t port)
{
	return true;
}

static void
destroy(kernel_ipsec_t *public)
{
	free(public);
}

kernel_ipsec_t *
ipsec_create(struct box_link *link, struct sa_list *list)
{
	struct ipsec *ipsec = malloc(sizeof(*ipsec));

	*ipsec = (struct ipsec){
		.public =
			{
				.get_features = get_features,
				.get_spi = get_spi,
				.get_cpi = get_cpi,
				.add_sa = add_sa,
				.update_sa = update_sa,
				.query_sa = query_sa,
				.del_sa = del_sa,
				.flush_sas = flush_sas,
				.add_policy = add_policy,
				.query_policy = query_policy,
				.del_policy = del_policy,
				.flush_policies = flush_policies,
				.bypass_socket = bypass_socket,
				.enable_udp_decap = enable_udp_decap,
				.destroy = destroy,
			},
		.link = link,
		.list = list,
	};
	return &ipsec->public;
}
