/* SPDX-License-Identifier: BSD-3-Clause */
/* The link to charon: its connections, and what it says. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/ike_link_state.h"
#include "control/ike_socket.h"

#define HELLO_TIMEOUT_SEC 2
#define EVENTS_MIN 1024

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
	return ike_link_watch(link, EPOLL_CTL_ADD, link->listener, EPOLLIN);
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
	ike_link_send_reply(link, now);
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

	ike_link_send_reply(link, now);
	while (count < IKE_MESSAGES_A_ROUND && link->current != NO_FD && link->reply_size == 0) {
		ssize_t len = receive(link, link->current);
		struct ike_request request;
		enum ike_fault fault;

		if (len == -EAGAIN)
			break;
		if (len < 0) {
			log_warnx("charon: connection closed; its SAs go on for ike.grace_sec");
			ike_link_disconnect(link, now);
			break;
		}
		fault = parse(link, (size_t)len, true, &request);
		if (fault != IKE_FAULT_NONE) {
			explicit_bzero(link->message, sizeof(link->message));
			refuse(link, ike_fault_text(fault));
			ike_link_disconnect(link, now);
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
		ike_link_disconnect(link, now);
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
	while (link->half_open_count < IKE_HALF_OPEN_MAX) {
		int fd = ike_socket_accept(link->listener, link->uid);

		if (fd == -EACCES) {
			refuse(link, "neither root nor ike.user made it");
			continue;
		}
		if (fd < 0)
			return;
		if (ike_link_watch(link, EPOLL_CTL_ADD, fd, EPOLLIN) != 0) {
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
		count += ike_link_send_events(link, now);
		ike_link_set_interest(link);
	}
	return count;
}
