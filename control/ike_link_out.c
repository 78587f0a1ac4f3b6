/* SPDX-License-Identifier: BSD-3-Clause */
/* The link to charon: what it is told. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "control/ike_link_state.h"
#include "control/sa.h"

int
ike_link_watch(struct ike_link *link, int operation, int fd, uint32_t interest)
{
	struct epoll_event event = {.events = interest, .data.fd = fd};

	return epoll_ctl(link->epoll, operation, fd, &event) != 0 ? -errno : 0;
}

void
ike_link_disconnect(struct ike_link *link, struct mono_time now)
{
	close(link->current);
	link->current = NO_FD;
	link->reply_size = 0;
	link->events_blocked = false;
	sa_charon_left(link->context.sas, now);
}

/* What to wake up for: while charon takes no answers it gets to ask nothing. */
void
ike_link_set_interest(struct ike_link *link)
{
	uint32_t interest = link->reply_size > 0 ? EPOLLOUT : EPOLLIN;

	if (link->events_blocked)
		interest |= EPOLLOUT;
	if (link->current == NO_FD || interest == link->current_interest)
		return;
	if (ike_link_watch(link, EPOLL_CTL_MOD, link->current, interest) == 0)
		link->current_interest = interest;
}

/* True when charon took all of it. */
static bool
send_message(struct ike_link *link, const struct iovec *pieces, size_t piece_count,
	     struct mono_time now)
{
	const struct msghdr message = {
		.msg_iov = (struct iovec *)(uintptr_t)pieces,
		.msg_iovlen = piece_count,
	};

	if (sendmsg(link->current, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return true;
	if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
		log_warn(errno, "charon: connection lost");
		ike_link_disconnect(link, now);
	}
	return false;
}

void
ike_link_send_reply(struct ike_link *link, struct mono_time now)
{
	const struct iovec piece = {&link->reply, link->reply_size};

	if (link->reply_size > 0 && send_message(link, &piece, 1, now))
		link->reply_size = 0;
}

unsigned
ike_link_send_events(struct ike_link *link, struct mono_time now)
{
	const struct ike_event *event;
	unsigned count = 0;
	size_t size;

	link->events_blocked = false;
	while (count < IKE_MESSAGES_A_ROUND && link->current != NO_FD &&
	       (event = ike_events_first(link->events, &size)) != NULL) {
		const struct iovec piece = {(void *)(uintptr_t)event, size};

		if (!send_message(link, &piece, 1, now)) {
			link->events_blocked = link->current != NO_FD;
			break;
		}
		if (event->header.type == IKE_EXPIRE)
			link->view.expires++;
		else
			link->view.mappings++;
		ike_events_drop_first(link->events);
		count++;
	}
	return count;
}

void
ike_link_input(struct ike_link *link, struct rte_mbuf *mbuf, struct mono_time now)
{
	uint32_t len = RTE_MIN(rte_pktmbuf_pkt_len(mbuf), (uint32_t)IKE_PACKET_SIZE_MAX);
	const uint8_t *packet = rte_pktmbuf_read(mbuf, 0, len, link->packet), *data;
	struct ike_header header = {.magic = IKE_PROTOCOL_MAGIC, .type = IKE_DATAGRAM_IN};
	enum drop_reason reason = DROP_IP_SHORT;
	struct ike_datagram datagram;

	if (packet != NULL)
		reason = ike_datagram_parse(packet, len, &datagram, &data);
	if (reason == DROP_REASON_COUNT && link->current == NO_FD)
		reason = DROP_IKE_NO_CHARON;
	if (reason == DROP_REASON_COUNT) {
		const struct iovec pieces[] = {
			{&header, sizeof(header)},
			{&datagram, sizeof(datagram)},
			{(void *)(uintptr_t)data, datagram.len},
		};

		if (send_message(link, pieces, ARRAY_COUNT(pieces), now)) {
			link->view.datagrams_in++;
		} else {
			link->view.datagrams_in_dropped++;
			reason = link->current == NO_FD ? DROP_IKE_NO_CHARON : DROP_IKE_CHARON_BUSY;
		}
	}
	if (reason != DROP_REASON_COUNT)
		link->context.drops->count[reason]++;
	rte_pktmbuf_free(mbuf);
}

const char *
ike_request_name(enum ike_message_type type)
{
	static const char *const names[IKE_REQUEST_TYPES] = {
		[IKE_HELLO] = "hello",
		[IKE_GET_SPI] = "get-spi",
		[IKE_ADD_SA] = "add-sa",
		[IKE_UPDATE_SA] = "update-sa",
		[IKE_QUERY_SA] = "query-sa",
		[IKE_DEL_SA] = "del-sa",
		[IKE_FLUSH_SAS] = "flush-sas",
		[IKE_ADD_POLICY] = "add-policy",
		[IKE_DEL_POLICY] = "del-policy",
		[IKE_QUERY_POLICY] = "query-policy",
		[IKE_FLUSH_POLICIES] = "flush-policies",
		[IKE_SYNC_BEGIN] = "sync-begin",
		[IKE_SYNC_SA] = "sync-sa",
		[IKE_SYNC_END] = "sync-end",
		[IKE_DATAGRAM_OUT] = "datagram-out",
	};

	return type < IKE_REQUEST_TYPES && names[type] != NULL ? names[type] : "";
}

static void
event_result(struct ike_link *link, int error)
{
	if (error == 0)
		return;
	link->view.events_lost++;
	if (log_limit_allows(&link->log_lost))
		log_warnx("charon: does not read, and too much waits to be told: an expiry or "
			  "mapping of an SA is lost");
}

void
ike_link_expire(struct ike_link *link, const struct ike_expire *expire)
{
	event_result(link, ike_events_add_expire(link->events, expire));
}

void
ike_link_mapping(struct ike_link *link, const struct ike_mapping *mapping)
{
	event_result(link, ike_events_add_mapping(link->events, mapping));
}

void
ike_link_look(const struct ike_link *link, struct ike_link_view *view)
{
	*view = link->view;
	view->is_connected = link->current != NO_FD;
	view->events_waiting = ike_events_count(link->events);
}

uint64_t
ike_link_hellos(const struct ike_link *link)
{
	return link->view.hellos;
}
