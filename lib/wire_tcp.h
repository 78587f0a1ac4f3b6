/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_WIRE_TCP_H
#define LIB_WIRE_TCP_H

#include "lib/types.h"

/* RFC 9293 section 3.1, figure 1, without options. */
struct tcp_header {
	be16 src_port_be;
	be16 dst_port_be;
	be32 seq_be;
	be32 ack_be;
	uint8_t data_offset; /* words of the header, in the high half */
	uint8_t flags;
	be16 window_be;
	be16 checksum_be;
	be16 urgent_be;
} __attribute__((packed, aligned(2)));
ASSERT_SIZE(struct tcp_header, 20);
ASSERT_OFFSET(struct tcp_header, flags, 13);
ASSERT_OFFSET(struct tcp_header, checksum_be, 16);

#define TCP_FLAG_SYN 0x02

/* RFC 9293 section 3.2. */
enum tcp_option {
	TCP_OPTION_END = 0,
	TCP_OPTION_NOP = 1,
	TCP_OPTION_MSS = 2,
};
#define TCP_OPTION_MSS_SIZE 4

#endif
