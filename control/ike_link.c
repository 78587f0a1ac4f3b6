/* SPDX-License-Identifier: BSD-3-Clause */
#include "control/ike_link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "control/ike_datagram.h"
#include "control/ike_dispatch.h"
#include "control/ike_events.h"
#include "control/ike_socket.h"
#include "control/sa.h"
#include "lib/log.h"

#define HALF_OPEN_MAX 4
#define HELLO_TIMEOUT_SEC 2
#define MESSAGES_A_ROUND 64
#define EVENTS_MIN 1024
#define MESSAGE_SIZE_MAX \
	(sizeof(struct ike_header) + sizeof(struct ike_datagram) + IKE_DATAGRAM_MAX)
_Static_assert(MESSAGE_SIZE_MAX >= sizeof(struct ike_header) + sizeof(struct ike_add_sa),
	       "datagrams are the longest messages");

#define NO_FD (-1)

/* One that has connected and not said hello. */
struct half_open {
	int fd;
	struct mono_time since;
};

struct ike_link {
	struct ike_link_context context;
	char path[CONFIG_PATH_SIZE];
	unsigned uid;
	int listener;
	int epoll;
	int current; /* the connection to charon, or NO_FD */
	uint32_t current_interest;
	struct half_open half_open[HALF_OPEN_MAX];
	unsigned half_open_count;
	struct ike_server server;
	struct ike_events *events;
	bool events_blocked; /* charon did not take the oldest */
	struct ike_reply reply;
	size_t reply_size; /* not 0: charon has not taken the reply, and gets to ask no more before */
	struct log_limit log_refused, log_datagram, log_lost;
	struct ike_link_view view;
	uint8_t packet[IKE_PACKET_SIZE_MAX];
	_Alignas(uint64_t) uint8_t message[MESSAGE_SIZE_MAX];
};

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

static int
watch(struct ike_link *link, int operation, int fd, uint32_t interest)
{
	struct epoll_event event = {.events = interest, .data.fd = fd};

	return epoll_ctl(link->epoll, operation, fd, &event) != 0 ? -errno : 0;
}

static int
open_sockets(struct ike_link *link, const struct config *config)
{
	/* another user's charon has to get through it */
	if (link->uid != geteuid() && chmod(config->runtime_directory, 0711) != 0 &&
	    errno != ENOENT)
		log_warn(errno, "runtime_directory %s", config->runtime_directory);
	link->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (link->epoll < 0)
		return -errno;
	link->listener = ike_socket_listen(link->path, link->uid);
	if (link->listener < 0)
		return link->listener;
	return watch(link, EPOLL_CTL_ADD, link->listener, EPOLLIN);
}

struct ike_link *
ike_link_create(const struct ike_link_context *context)
{
	const struct config *config = context->config;
	/* an expiry and a mapping of each SA */
	unsigned events_most = RTE_MAX(2 * config->vpn.sas_max, (unsigned)EVENTS_MIN);
	struct ike_link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	link->context = *context;
	link->context.config = NULL; /* goes with a reload */
	link->listener = NO_FD;
	link->epoll = NO_FD;
	link->current = NO_FD;
	link->server = (struct ike_server){
		.sas = context->sas,
		.gateways = {config->vpn.address},
		.gateway_count = 1,
	};
	memcpy(link->path, config->ike.socket, sizeof(link->path));
	link->uid = config->ike.uid;
	ike_link_reload(link, config);
	link->events = ike_events_create(events_most);
	if (link->events == NULL ||
	    getrandom(&link->server.box_epoch, sizeof(link->server.box_epoch), 0) !=
		    sizeof(link->server.box_epoch) ||
	    open_sockets(link, config) != 0) {
		ike_link_destroy(link);
		return NULL;
	}
	return link;
}

void
ike_link_destroy(struct ike_link *link)
{
	if (link == NULL)
		return;
	if (link->current >= 0)
		close(link->current);
	for (unsigned i = 0; i < link->half_open_count; i++)
		close(link->half_open[i].fd);
	if (link->listener >= 0) {
		close(link->listener);
		unlink(link->path);
	}
	if (link->epoll >= 0)
		close(link->epoll);
	ike_events_destroy(link->events);
	free(link);
}

void
ike_link_reload(struct ike_link *link, const struct config *config)
{
	link->log_refused.per_sec = config->limits.log_per_sec;
	link->log_datagram.per_sec = config->limits.log_per_sec;
	link->log_lost.per_sec = config->limits.log_per_sec;
}

int
ike_link_fd(const struct ike_link *link)
{
	return link->epoll;
}

static void
refuse(struct ike_link *link, const char *why)
{
	link->view.connections_refused++;
	if (log_limit_allows(&link->log_refused))
		log_warnx("charon: connection to %s closed: %s", link->path, why);
}

static void
disconnect(struct ike_link *link, struct mono_time now)
{
	close(link->current);
	link->current = NO_FD;
	link->reply_size = 0;
	link->events_blocked = false;
	sa_charon_left(link->context.sas, now);
}

/* What to wake up for: while charon takes no answers it gets to ask nothing. */
static void
set_interest(struct ike_link *link)
{
	uint32_t interest = link->reply_size > 0 ? EPOLLOUT : EPOLLIN;

	if (link->events_blocked)
		interest |= EPOLLOUT;
	if (link->current == NO_FD || interest == link->current_interest)
		return;
	if (watch(link, EPOLL_CTL_MOD, link->current, interest) == 0)
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
		disconnect(link, now);
	}
	return false;
}

static void
send_reply(struct ike_link *link, struct mono_time now)
{
	const struct iovec piece = {&link->reply, link->reply_size};

	if (link->reply_size > 0 && send_message(link, &piece, 1, now))
		link->reply_size = 0;
}

static unsigned
send_events(struct ike_link *link, struct mono_time now)
{
	const struct ike_event *event;
	unsigned count = 0;
	size_t size;

	link->events_blocked = false;
	while (count < MESSAGES_A_ROUND && link->current != NO_FD &&
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

static void
send_datagram(struct ike_link *link, const struct ike_datagram *datagram)
{
	int error = ike_datagram_send(link->context.injector, link->server.gateways,
				      link->server.gateway_count, datagram);

	if (error == 0) {
		link->view.datagrams_out++;
		return;
	}
	link->view.datagrams_out_refused++;
	if (log_limit_allows(&link->log_datagram))
		log_warn(-error, "charon: an IKE message of %u bytes was not sent%s", datagram->len,
			 error == -EACCES ? ": its source is not vpn.address, port 500 or 4500"
					  : "");
}

/* Does what a request asks and answers; its bytes are wiped, since there may be keys in them. */
static void
serve(struct ike_link *link, const struct ike_request *request, size_t len, struct mono_time now)
{
	link->view.requests[request->type]++;
	if (request->type == IKE_DATAGRAM_OUT) {
		send_datagram(link, request->body);
		return;
	}
	link->reply_size = ike_serve(&link->server, request, now, &link->reply);
	explicit_bzero(link->message, len);
	if (link->reply.header.status != IKE_STATUS_OK)
		link->view.replies_failed++;
	send_reply(link, now);
}

/* One message of this connection into `message`: its length, or -EAGAIN, or what has become of the
 * connection. One that is too long counts as too long. */
static ssize_t
receive(struct ike_link *link, int fd)
{
	ssize_t len = recv(fd, link->message, sizeof(link->message), MSG_DONTWAIT | MSG_TRUNC);

	if (len < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	return len == 0 ? -ECONNRESET : len;
}

static enum ike_fault
parse(struct ike_link *link, size_t len, bool is_greeted, struct ike_request *request)
{
	if (len > sizeof(link->message))
		return IKE_FAULT_SIZE;
	return ike_request_parse(link->message, len, is_greeted, request);
}

static unsigned
serve_current(struct ike_link *link, struct mono_time now)
{
	unsigned count = 0;

	send_reply(link, now);
	while (count < MESSAGES_A_ROUND && link->current != NO_FD && link->reply_size == 0) {
		ssize_t len = receive(link, link->current);
		struct ike_request request;
		enum ike_fault fault;

		if (len == -EAGAIN)
			break;
		if (len < 0) {
			log_warnx("charon: connection closed; its SAs go on for ike.grace_sec");
			disconnect(link, now);
			break;
		}
		fault = parse(link, (size_t)len, true, &request);
		if (fault != IKE_FAULT_NONE) {
			explicit_bzero(link->message, sizeof(link->message));
			refuse(link, ike_fault_text(fault));
			disconnect(link, now);
			break;
		}
		serve(link, &request, (size_t)len, now);
		count++;
	}
	return count;
}

/* A connection that said hello is the current one from now on. What waits to be told is of no use to
 * another charon than the one it was meant for. */
static void
greet(struct ike_link *link, int fd, const struct ike_request *request, size_t len,
      struct mono_time now)
{
	const struct ike_hello *ask = request->body;

	if (link->current != NO_FD) {
		log_warnx("charon: a new connection takes the place of the one before");
		disconnect(link, now);
	}
	if (ask->charon_epoch != link->server.charon_epoch)
		ike_events_clear(link->events);
	link->current = fd;
	link->current_interest = EPOLLIN;
	link->view.hellos++;
	snprintf(link->view.charon_version, sizeof(link->view.charon_version), "%.*s",
		 (int)sizeof(ask->charon_version), ask->charon_version);
	log_info("charon: connected, version %s", link->view.charon_version);
	serve(link, request, len, now);
}

/* True when there is nothing more to be had from it as a half-open one. */
static bool
serve_half_open(struct ike_link *link, const struct half_open *half_open, struct mono_time now)
{
	ssize_t len = receive(link, half_open->fd);
	struct ike_request request;
	enum ike_fault fault;

	if (len == -EAGAIN) {
		if (mono_is_before(now, mono_add_sec(half_open->since, HELLO_TIMEOUT_SEC)))
			return false;
		refuse(link, "no IKE_HELLO came");
	} else if (len < 0) {
		refuse(link, "it ended before IKE_HELLO");
	} else {
		fault = parse(link, (size_t)len, false, &request);
		if (fault == IKE_FAULT_NONE) {
			greet(link, half_open->fd, &request, (size_t)len, now);
			return true;
		}
		explicit_bzero(link->message, sizeof(link->message));
		refuse(link, ike_fault_text(fault));
	}
	close(half_open->fd);
	return true;
}

static void
serve_half_opens(struct ike_link *link, struct mono_time now)
{
	for (unsigned i = 0; i < link->half_open_count;) {
		if (serve_half_open(link, &link->half_open[i], now))
			link->half_open[i] = link->half_open[--link->half_open_count];
		else
			i++;
	}
}

/* When all places are taken, the others wait in the listener's backlog, for two seconds at most. */
static void
accept_some(struct ike_link *link, struct mono_time now)
{
	while (link->half_open_count < HALF_OPEN_MAX) {
		int fd = ike_socket_accept(link->listener, link->uid);

		if (fd == -EACCES) {
			refuse(link, "neither root nor ike.user made it");
			continue;
		}
		if (fd < 0)
			return;
		if (watch(link, EPOLL_CTL_ADD, fd, EPOLLIN) != 0) {
			close(fd);
			return;
		}
		link->half_open[link->half_open_count++] = (struct half_open){fd, now};
	}
}

unsigned
ike_link_run(struct ike_link *link, struct mono_time now)
{
	struct epoll_event ready[1];
	unsigned count = 0;

	if (ike_events_count(link->events) == 0 && link->half_open_count == 0 &&
	    epoll_wait(link->epoll, ready, 1, 0) <= 0)
		return 0;
	accept_some(link, now);
	serve_half_opens(link, now);
	if (link->current != NO_FD) {
		count += serve_current(link, now);
		count += send_events(link, now);
		set_interest(link);
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

		if (send_message(link, pieces, ARRAY_COUNT(pieces), now))
			link->view.datagrams_in++;
		else
			link->view.datagrams_in_dropped++;
	} else {
		link->context.drops->count[reason]++;
	}
	rte_pktmbuf_free(mbuf);
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
