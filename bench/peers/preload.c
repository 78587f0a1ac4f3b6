/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loaded into homeport by bench-peers alone (LD_PRELOAD), so that the program as it is can be measured
 * between net_pcap devices:
 *
 *   - libcrypto's random numbers are all zero: the SPIs that the box is going to draw are then known when
 *     the packets for them are sealed, before the box starts;
 *   - net_pcap insists on a place for receive times in every mbuf, where struct packet leaves none. It is
 *     told that the last octets are it. They are free when it writes: a packet comes in, no stage has
 *     seen it; and it writes them for the few packets of the set-up alone.
 */
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <string.h>

int RAND_bytes(unsigned char *bytes, int count);

int
RAND_bytes(unsigned char *bytes, int count)
{
	memset(bytes, 0, (size_t)count);
	return 1;
}

int
rte_mbuf_dyn_rx_timestamp_register(int *field_offset, uint64_t *rx_flag)
{
	*field_offset = sizeof(struct rte_mbuf) - sizeof(rte_mbuf_timestamp_t);
	*rx_flag = 0;
	return 0;
}
