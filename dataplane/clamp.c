/* SPDX-License-Identifier: BSD-3-Clause */
/* Does a TCP connection begin with this packet? Then its ends are to send no segments that would not fit
 * the tunnel: the size that the SYN announces is lowered to what the recipe carries, so that nothing has to
 * be learnt by losses. Fragments are let pass: no stack cuts a SYN. */
#include "dataplane/clamp.h"

#include "dataplane/recipe_table.h"
#include "lib/tcp_mss.h"

/* The header with its options, as much of it as the packet has, is made contiguous. */
__attribute__((noinline, cold)) void
clamp_syn(struct worker *worker, struct rte_mbuf *mbuf, uint16_t mtu)
{
	uint16_t ip_size = ip_header_size(packet_ip(mbuf)), tcp_size;
	uint8_t *tcp;

	if (mtu < CLAMP_HEADERS_LEN || !packet_has(mbuf, ip_size + sizeof(struct tcp_header)))
		return;
	tcp_size = (uint16_t)((*rte_pktmbuf_mtod_offset(
				       mbuf, uint8_t *,
				       ip_size + offsetof(struct tcp_header, data_offset)) >>
			       4) *
			      4);
	if (!packet_has(mbuf, (uint16_t)(ip_size + tcp_size)))
		return;
	tcp = rte_pktmbuf_mtod_offset(mbuf, uint8_t *, ip_size);
	if (tcp_mss_clamp(tcp, (size_t)rte_pktmbuf_data_len(mbuf) - ip_size,
			  (uint16_t)(mtu - CLAMP_HEADERS_LEN)))
		worker->counters.mss_clamped++;
}

/* Where the recipe takes packets that are cut once they are sealed, those that would not be. */
static uint16_t
unfragmented(const struct recipe *recipe)
{
	unsigned inside, room;

	if (!(recipe->flags & RECIPE_SEALED) || recipe->seal_mtu == 0)
		return recipe->inner_mtu;
	inside = recipe_sealed_len(recipe, 0);
	room = recipe->seal_mtu - (recipe->push_len - inside) - recipe->seal_icv_size;
	room &= ~(recipe->seal_align - 1u);
	return (uint16_t)(room - inside - sizeof(struct esp_trailer));
}

uint16_t
clamp_mtu(const struct recipe *recipe)
{
	uint16_t mtu = unfragmented(recipe);

	while (unlikely(recipe->flags & RECIPE_HAS_NEXT)) {
		recipe = recipe->next;
		mtu = RTE_MIN(mtu, unfragmented(recipe));
	}
	return mtu;
}

void
clamp_source(struct worker *worker, struct rte_mbuf *mbuf)
{
	const struct recipe *recipe;
	be32 src;

	if (likely(!clamp_is_due(worker, mbuf)))
		return;
	src = packet_ip(mbuf)->src;
	if (recipe_lookup(worker->tables->recipes, &src, 1, &recipe) != 0)
		clamp_syn(worker, mbuf, clamp_mtu(recipe));
}
