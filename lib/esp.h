/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_ESP_H
#define LIB_ESP_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/types.h"
#include "lib/wire_esp.h"

/*
 * ESP on bytes (RFC 4303, RFC 4106, RFC 3602, RFC 7634): key schedules, sealing and opening in place, a
 * burst at a time. Nothing here knows of packets' buffers, of tables or of sequence windows.
 */

enum esp_suite {
	ESP_AES128_GCM16,
	ESP_AES192_GCM16,
	ESP_AES256_GCM16,
	ESP_CHACHA20_POLY1305,
	ESP_AES128_CBC_SHA1_96,
	ESP_AES256_CBC_SHA1_96,
	ESP_AES128_CBC_SHA256_128,
	ESP_AES256_CBC_SHA256_128,
	ESP_AES128_CBC_SHA512_256,
	ESP_AES256_CBC_SHA512_256,
	ESP_NULL_SHA1_96,
	ESP_NULL_SHA256_128,
	ESP_NULL_SHA512_256,
	ESP_SUITE_COUNT,
};

/* What a suite looks like on the wire and how much key material it takes. */
struct esp_suite_info {
	const char *name;	     /* "aes128gcm16": as strongSwan writes it */
	uint8_t encryption_key_size; /* the 4 octets of salt of AEAD suites included, at the end */
	uint8_t authentication_key_size; /* 0: AEAD */
	uint8_t iv_size;		 /* 0, 8 or 16 */
	uint8_t icv_size;		 /* 12, 16 or 32 */
	uint8_t align; /* payload, padding and the 2 trailer octets together: 4 or 16 */
};
const struct esp_suite_info *esp_suite_info(enum esp_suite suite); /* never NULL */

#define ESP_IV_SIZE_MAX 16
#define ESP_ICV_SIZE_MAX 32
/* What is written behind a payload, at most: padding, trailer, ICV. */
#define ESP_TAIL_SIZE_MAX (15 + 2 + ESP_ICV_SIZE_MAX)

/* A key schedule, for one SA and one direction. Read-only once made; any core. */
struct esp_key;

/* Bytes of storage that it takes, a multiple of the cache lines at which it begins. */
size_t esp_key_size(enum esp_suite suite);
#define ESP_KEY_SIZE_MAX 1024
/* Makes a key schedule; the sizes must be those of esp_suite_info(). False: wrong size, or no support on this
 * machine. Control core. */
bool esp_key_init(struct esp_key *key, enum esp_suite suite, const uint8_t *encryption_key,
		  size_t encryption_key_size, const uint8_t *authentication_key,
		  size_t authentication_key_size);
void esp_key_fini(struct esp_key *key, enum esp_suite suite); /* wipes the storage of one */
enum esp_suite esp_key_suite(const struct esp_key *key);
/* Asks for the lines of a schedule of that suite, which is not looked at, that a packet of `len` bytes needs to be
 * in the cache soon. Worker. */
void esp_key_prefetch(const struct esp_key *key, enum esp_suite suite, uint32_t len);

/* The same for one packet after another: nothing is to be done while the key stays the `last` one. */
static inline void
esp_key_fetch(const struct esp_key **last, const struct esp_key *key, enum esp_suite suite,
	      uint32_t len)
{
	if (key == *last)
		return;
	*last = key;
	esp_key_prefetch(key, suite, len);
}

/* The multi-buffer crypto of one core; not to be shared. */
struct esp_engine;
struct esp_engine *esp_engine_create(void); /* NULL: no memory or no support */
void esp_engine_destroy(struct esp_engine *engine);

#define ESP_BURST_MAX 64

/*
 * One packet to seal or to open: `esp` is the ESP header (any alignment), contiguous with IV, payload and
 * everything else.
 */
struct esp_op {
	const struct esp_key *key;
	uint8_t *esp;
	/* seal: bytes of payload behind header and IV. Behind those there must be room for
	 * ESP_TAIL_SIZE_MAX bytes. open: bytes from the ESP header to the end of the ICV. */
	uint32_t len;
	uint64_t seq;	     /* the whole 64 bits: those of an ESN SA, or the high half is 0 */
	bool is_esn;	     /* the high half is authenticated (RFC 4303 section 2.2.1) */
	uint8_t next_header; /* seal: given; open: found */
	bool is_right;	     /* open: set when ICV and padding are right */
	bool is_bad_pad; /* open: the ICV was right and the padding was not (RFC 4303 section 2.4) */
	uint32_t
		result_len; /* seal: bytes from the ESP header to the end of the ICV; open: bytes of
			      * payload, which begins behind header and IV. */
};

/*
 * Seals up to ESP_BURST_MAX packets in place: writes SPI's neighbour the sequence number, the IV, padding
 * 1, 2, 3, ..., trailer and ICV, and encrypts. The SPI is there already. `seq` must never have been
 * given before with the same key: IVs derive from it. Order is kept; suites may be mixed. Worker.
 */
void esp_seal(struct esp_engine *engine, struct esp_op *ops, unsigned count);

/*
 * Opens up to ESP_BURST_MAX packets in place; the ICV is compared in constant time, and nothing else of a
 * packet means anything unless `is_right`. Too short or not a multiple of the block: not right. Worker.
 */
void esp_open(struct esp_engine *engine, struct esp_op *ops, unsigned count);

/* Bytes that sealing adds behind `payload_len` bytes: padding, trailer and ICV. */
static inline uint32_t
esp_tail_len(uint32_t payload_len, uint8_t align, uint8_t icv_size)
{
	uint32_t padded = (payload_len + (uint32_t)sizeof(struct esp_trailer) + align - 1) &
			  ~(uint32_t)(align - 1);

	return padded - payload_len + icv_size;
}

#endif
