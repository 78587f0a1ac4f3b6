/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/vici.h"

#include <endian.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/types.h"

struct vici {
	struct bufferevent *stream;
	struct vici_calls calls;
	void *context;
	unsigned pending;	/* commands */
	unsigned registrations; /* of events, without a confirmation yet */
	bool *is_gone;		/* set by vici_destroy(), for the function that is reading */
};

/* The connection is of no use any more. */
static void
lose(struct vici *vici, int result)
{
	bufferevent_disable(vici->stream, EV_READ | EV_WRITE);
	vici->calls.state(vici->context, result);
}

/* One packet without its length. 0, or -EPROTO. */
static int
take_packet(struct vici *vici, const uint8_t *bytes, size_t len)
{
	struct vici_reader body;
	struct vici_text name;
	enum vici_type type;

	if (!vici_open(bytes, len, &type, &name, &body))
		return -EPROTO;
	if (type == VICI_EVENT) {
		vici->calls.event(vici->context, name, &body);
		return 0;
	}
	if (type == VICI_EVENT_CONFIRM || type == VICI_EVENT_UNKNOWN) {
		if (vici->registrations == 0)
			return -EPROTO;
		vici->registrations--;
		return 0;
	}
	if (vici->pending == 0)
		return -EPROTO;
	vici->pending--;
	vici->calls.answer(vici->context, type == VICI_RESPONSE, &body);
	return 0;
}

/* The next packet's length without what says it, once all of it is there; 0: not yet; or -EPROTO. */
static long
next_len(struct evbuffer *input)
{
	be32 len_be;
	uint32_t len;

	if (evbuffer_copyout(input, &len_be, sizeof(len_be)) < (ssize_t)sizeof(len_be))
		return 0;
	len = be32toh(len_be);
	if (len == 0 || len > VICI_PACKET_SIZE_MAX)
		return -EPROTO;
	return evbuffer_get_length(input) - sizeof(len_be) < len ? 0 : (long)len;
}

static void
on_readable(struct bufferevent *stream, void *context)
{
	struct evbuffer *input = bufferevent_get_input(stream);
	struct vici *vici = context;
	bool is_gone = false;
	long len;
	int result = 0;

	vici->is_gone = &is_gone;
	while (result == 0 && (len = next_len(input)) != 0) {
		uint8_t *bytes;

		if (len < 0) {
			result = (int)len;
			break;
		}
		bytes = evbuffer_pullup(input, VICI_HEADER_SIZE + len);
		if (bytes == NULL) {
			result = -ENOMEM;
			break;
		}
		result = take_packet(vici, bytes + VICI_HEADER_SIZE, (size_t)len);
		/* the buffer went with the connection */
		if (is_gone)
			return;
		evbuffer_drain(input, VICI_HEADER_SIZE + (size_t)len);
	}
	vici->is_gone = NULL;
	if (result != 0)
		lose(vici, result);
}

static void
on_event(struct bufferevent *stream, short what, void *context)
{
	struct vici *vici = context;
	int error = EVUTIL_SOCKET_ERROR();

	if ((what & BEV_EVENT_CONNECTED) != 0)
		vici->calls.state(vici->context, 0);
	else if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
		lose(vici, (what & BEV_EVENT_ERROR) != 0 && error != 0 ? -error : -ECONNRESET);
}

int
vici_create(struct vici **vici_out, struct event_base *base, const char *path,
	    const struct vici_calls *calls, void *context)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct vici *vici;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	vici = calloc(1, sizeof(*vici));
	if (vici == NULL)
		return -ENOMEM;
	vici->calls = *calls;
	vici->context = context;
	/* deferred: nothing is called from within vici_create() */
	vici->stream =
		bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (vici->stream == NULL) {
		free(vici);
		return -ENOMEM;
	}
	bufferevent_setcb(vici->stream, on_readable, NULL, on_event, vici);
	bufferevent_setwatermark(vici->stream, EV_READ, 0, VICI_HEADER_SIZE + VICI_PACKET_SIZE_MAX);
	if (bufferevent_enable(vici->stream, EV_READ | EV_WRITE) != 0 ||
	    bufferevent_socket_connect(vici->stream, (struct sockaddr *)&address,
				       sizeof(address)) != 0) {
		int result = errno != 0 ? -errno : -ECONNREFUSED;

		vici_destroy(vici);
		return result;
	}
	*vici_out = vici;
	return 0;
}

void
vici_destroy(struct vici *vici)
{
	if (vici == NULL)
		return;
	if (vici->is_gone != NULL)
		*vici->is_gone = true;
	bufferevent_free(vici->stream);
	free(vici);
}

static int
send_request(struct vici *vici, struct vici_request *request)
{
	if (!vici_finish(request))
		return -EMSGSIZE;
	return bufferevent_write(vici->stream, request->bytes, request->len) == 0 ? 0 : -ENOMEM;
}

int
vici_register(struct vici *vici, const char *event)
{
	struct vici_request request;
	int result;

	vici_begin(&request, VICI_EVENT_REGISTER, event);
	result = send_request(vici, &request);
	if (result == 0)
		vici->registrations++;
	return result;
}

int
vici_send(struct vici *vici, struct vici_request *command)
{
	int result = send_request(vici, command);

	if (result == 0)
		vici->pending++;
	return result;
}

unsigned
vici_pending(const struct vici *vici)
{
	return vici->pending;
}
