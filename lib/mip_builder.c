/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "lib/mip_message.h"
#include "lib/utf8.h"

#define TLV_LEN_MAX 255

/* Room for `len` more bytes, or NULL, and the builder remembers. */
static uint8_t *
reserve(struct mip_builder *builder, size_t len)
{
	uint8_t *room;

	if (builder->overflowed || len > builder->size - builder->len) {
		builder->overflowed = true;
		return NULL;
	}
	room = builder->bytes + builder->len;
	builder->len += len;
	return room;
}

void
mip_begin(struct mip_builder *builder, void *bytes, size_t size, const void *fixed,
	  size_t fixed_len)
{
	uint8_t *room;

	*builder = (struct mip_builder){.bytes = bytes, .size = size};
	room = reserve(builder, fixed_len);
	if (room != NULL)
		memcpy(room, fixed, fixed_len);
}

/* Writes type and length and returns where the `len` bytes of data go, or NULL. */
static uint8_t *
reserve_tlv(struct mip_builder *builder, uint8_t type, size_t len)
{
	uint8_t *room;

	if (len > TLV_LEN_MAX) {
		builder->overflowed = true;
		return NULL;
	}
	room = reserve(builder, 2 + len);
	if (room == NULL)
		return NULL;
	room[0] = type;
	room[1] = (uint8_t)len;
	return room + 2;
}

void
mip_add(struct mip_builder *builder, uint8_t type, const void *data, size_t len)
{
	uint8_t *room = reserve_tlv(builder, type, len);

	if (room != NULL && len > 0)
		memcpy(room, data, len);
}

void
mip_add_udp_tunnel_request(struct mip_builder *builder, uint8_t flags, uint8_t encapsulation)
{
	const uint8_t data[6] = {0, 0, flags, encapsulation};

	mip_add(builder, MIP_EXT_UDP_TUNNEL_REQUEST, data, sizeof(data));
}

void
mip_add_udp_tunnel_reply(struct mip_builder *builder, const struct mip_udp_tunnel_reply *reply)
{
	const uint8_t data[6] = {
		0,
		reply->code,
		reply->forced ? UDP_TUNNEL_FLAG_F : 0,
		0,
		(uint8_t)(reply->keepalive_sec >> 8),
		(uint8_t)reply->keepalive_sec,
	};

	mip_add(builder, MIP_EXT_UDP_TUNNEL_REPLY, data, sizeof(data));
}

void
mip_add_trusted_networks(struct mip_builder *builder)
{
	const uint8_t data[2] = {0};

	mip_add(builder, MIP_EXT_TRUSTED_NETWORKS, data, sizeof(data));
}

void
mip_add_revocation_support(struct mip_builder *builder, bool inform, uint32_t timestamp)
{
	be32 timestamp_be = htobe32(timestamp);
	uint8_t data[6] = {inform ? 0x80 : 0};

	memcpy(data + 2, &timestamp_be, sizeof(timestamp_be));
	mip_add(builder, MIP_EXT_REVOCATION_SUPPORT, data, sizeof(data));
}

void
mip_add_dynamic_ha(struct mip_builder *builder, const struct mip_dynamic_ha *dynamic_ha)
{
	uint8_t long_form[8] = {MIP_EXT_DYNAMIC_HA, dynamic_ha->subtype, 0, sizeof(be32)};
	uint8_t short_form[5] = {dynamic_ha->subtype};
	uint8_t *room;

	switch (dynamic_ha->form) {
	case MIP_DYNAMIC_HA_ABSENT:
		break;
	case MIP_DYNAMIC_HA_LONG:
		memcpy(long_form + 4, &dynamic_ha->address, sizeof(be32));
		room = reserve(builder, sizeof(long_form));
		if (room != NULL)
			memcpy(room, long_form, sizeof(long_form));
		break;
	case MIP_DYNAMIC_HA_SHORT:
		memcpy(short_form + 1, &dynamic_ha->address, sizeof(be32));
		mip_add(builder, MIP_EXT_DYNAMIC_HA, short_form, sizeof(short_form));
		break;
	}
}

void
mip_add_message_string(struct mip_builder *builder, uint8_t subtype, const char *text)
{
	char data[TLV_LEN_MAX + 1];
	size_t len;

	data[0] = (char)subtype;
	len = utf8_make_printable(data + 1, sizeof(data) - 1, text, strlen(text));
	mip_add(builder, MIP_EXT_MESSAGE_STRING, data, 1 + len);
}

uint8_t *
mip_reserve_auth(struct mip_builder *builder, uint8_t type, uint32_t spi,
		 enum mip_auth_algorithm algorithm)
{
	be32 spi_be = htobe32(spi);
	uint8_t *room = reserve_tlv(builder, type, sizeof(spi_be) + mip_auth_size(algorithm));

	if (room == NULL)
		return NULL;
	memcpy(room, &spi_be, sizeof(spi_be));
	return room + sizeof(spi_be);
}

int
mip_add_auth(struct mip_builder *builder, struct mip_auth *auth, uint8_t type, uint32_t spi,
	     enum mip_auth_algorithm algorithm, const struct secret *key)
{
	uint8_t *room = mip_reserve_auth(builder, type, spi, algorithm);
	uint8_t authenticator[MIP_AUTH_SIZE_MAX];
	int ret;

	if (room == NULL)
		return 0; /* mip_end() will say so */
	ret = mip_auth_compute(auth, algorithm, key, builder->bytes,
			       (size_t)(room - builder->bytes), authenticator);
	if (ret < 0) {
		builder->overflowed = true; /* never send it without */
		return ret;
	}
	memcpy(room, authenticator, mip_auth_size(algorithm));
	return 0;
}

int
mip_end(const struct mip_builder *builder)
{
	return builder->overflowed ? -ENOSPC : (int)builder->len;
}
