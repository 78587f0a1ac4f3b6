/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_WIRE_ESP_H
#define LIB_WIRE_ESP_H

#include "lib/types.h"

/* RFC 4303 figure 1, up to the IV. */
struct esp_header {
	be32 spi_be;
	be32 seq_be; /* the low half, with extended sequence numbers */
} __attribute__((packed, aligned(2)));
ASSERT_SIZE(struct esp_header, 8);

/* RFC 4303 figure 1, behind payload and padding. */
struct esp_trailer {
	uint8_t pad_len;
	uint8_t next_header;
} __attribute__((packed));
ASSERT_SIZE(struct esp_trailer, 2);

#define ESP_NEXT_HEADER_DUMMY 59 /* RFC 4303 section 2.6 */
#define ESP_SPI_RESERVED 255	 /* SPIs up to here are not for use (RFC 4303 section 2.1) */

/* RFC 3948: UDP encapsulation. */
#define ESP_UDP_PORT 4500
#define IKE_UDP_PORT 500
#define ESP_KEEPALIVE 0xff /* a datagram of this one octet, section 2.3 */
#define ESP_MARKER_SIZE 4  /* zeros before an IKE message on port 4500, section 2.2 */

#endif
