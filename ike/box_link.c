/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/strongswan_compat.h"

#include "ike/box_link.h"
#include "ike/box_socket.h"
#include "ike/message_check.h"
#include "ike/sa_list.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define MESSAGE_MAX (sizeof(struct ike_header) + sizeof(struct ike_datagram) + IKE_DATAGRAM_MAX)
#define COMPLAINTS_MAX 10 /* a connection */

/* A request that waits for its answer, on the stack of who asks. */
struct waiter {
	struct waiter *next;
	uint32_t request_id;
	bool is_answered; /* or never will be */
	enum ike_status status;
	void *answer;
	size_t answer_size;
};

struct box_link {
	char *path;
	struct ike_hello hello;
	struct box_link_events events;
	struct sa_list *list;
	thread_t *thread;

	/* the receiving thread's alone */
	uint64_t box_epoch; /* 0: no box yet */
	unsigned complaints;
	int last_trouble;		  /* errno */
	uint8_t message[MESSAGE_MAX + 1]; /* one more, to see what is too long */

	mutex_t *mutex; /* for what follows; held for no call that blocks */
	condvar_t *changed;
	int fd;	      /* -1: none */
	bool is_open; /* others than the receiving thread may ask */
	atomic_bool is_stopping;
	uint32_t last_request_id;
	struct waiter *waiters;
	be32 gateways[IKE_GATEWAYS_MAX];
	unsigned gateway_count;
};

/* Sends one message without blocking; the mutex is held. */
static bool
transmit(struct box_link *link, enum ike_message_type type, uint32_t request_id,
	 const struct iovec parts[2])
{
	struct ike_header header = {
		.magic = IKE_PROTOCOL_MAGIC, .type = type, .request_id = request_id};
	struct iovec all[3] = {{&header, sizeof(header)}, parts[0], parts[1]};
	struct msghdr message = {.msg_iov = all, .msg_iovlen = 3};

	return link->fd >= 0 && sendmsg(link->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

/* Gives up on this connection, so that box and charon compare what they have; the mutex is held. */
static void
break_off(struct box_link *link)
{
	link->is_open = false;
	if (link->fd >= 0)
		shutdown(link->fd, SHUT_RDWR);
}

/* Sends a request; the mutex is held. */
static bool
request(struct box_link *link, struct waiter *waiter, enum ike_message_type type, const void *body)
{
	struct iovec parts[2] = {{(void *)body, ike_request_size(type)}};

	if (++link->last_request_id == 0)
		link->last_request_id = 1;
	waiter->request_id = link->last_request_id;
	if (!transmit(link, type, waiter->request_id, parts))
		return false;
	waiter->next = link->waiters;
	link->waiters = waiter;
	return true;
}

/* The mutex is held. */
static void
stop_waiting(struct box_link *link, struct waiter *waiter)
{
	struct waiter **at = &link->waiters;

	while (*at != NULL && *at != waiter)
		at = &(*at)->next;
	if (*at != NULL)
		*at = waiter->next;
}

enum ike_status
box_link_ask(struct box_link *link, enum ike_message_type type, const void *body, void *answer,
	     size_t answer_size)
{
	struct waiter waiter = {
		.status = IKE_STATUS_FAILED, .answer = answer, .answer_size = answer_size};
	timeval_t deadline;

	time_monotonic(&deadline);
	timeval_add_ms(&deadline, BOX_LINK_TIMEOUT_MS);
	link->mutex->lock(link->mutex);
	if (link->is_open) {
		if (!request(link, &waiter, type, body))
			break_off(link);
		while (link->is_open && !waiter.is_answered)
			if (link->changed->timed_wait_abs(link->changed, link->mutex, deadline))
				break;
		stop_waiting(link, &waiter);
		if (link->is_open && !waiter.is_answered) {
			DBG1(DBG_KNL, "homeport: no answer to a request of type %d", (int)type);
			break_off(link);
		}
	}
	link->mutex->unlock(link->mutex);
	return waiter.status;
}

bool
box_link_send(struct box_link *link, const struct ike_datagram *datagram, const void *data)
{
	struct iovec parts[2] = {{(void *)datagram, sizeof(*datagram)},
				 {(void *)data, datagram->len}};
	bool is_sent;

	link->mutex->lock(link->mutex);
	is_sent = link->is_open && transmit(link, IKE_DATAGRAM_OUT, 0, parts);
	link->mutex->unlock(link->mutex);
	return is_sent;
}

unsigned
box_link_gateways(struct box_link *link, be32 gateways[IKE_GATEWAYS_MAX])
{
	unsigned count;

	link->mutex->lock(link->mutex);
	count = link->gateway_count;
	memcpy(gateways, link->gateways, sizeof(link->gateways));
	link->mutex->unlock(link->mutex);
	return count;
}

/* An answer for somebody, unless it comes late or twice. */
static void
take_reply(struct box_link *link, size_t len)
{
	const uint8_t *body = link->message + sizeof(struct ike_header);
	struct ike_header header;
	struct waiter *waiter;

	memcpy(&header, link->message, sizeof(header));
	link->mutex->lock(link->mutex);
	for (waiter = link->waiters; waiter != NULL; waiter = waiter->next)
		if (waiter->request_id == header.request_id)
			break;
	if (waiter != NULL && !waiter->is_answered) {
		waiter->is_answered = true;
		if (message_answers(link->message, len, waiter->answer_size))
			waiter->status = header.status;
		if (waiter->status == IKE_STATUS_OK && waiter->answer_size > 0)
			memcpy(waiter->answer, body, waiter->answer_size);
		link->changed->broadcast(link->changed);
	}
	link->mutex->unlock(link->mutex);
}

static void
take_datagram(struct box_link *link, const uint8_t *body)
{
	struct ike_datagram datagram;

	memcpy(&datagram, body, sizeof(datagram));
	link->events.datagram(&datagram, body + sizeof(datagram), link->events.context);
}

static void
take(struct box_link *link, size_t len)
{
	const uint8_t *body = link->message + sizeof(struct ike_header);
	struct ike_header header;
	struct ike_expire expire;
	struct ike_mapping mapping;

	if (!message_is_valid(link->message, len)) {
		if (link->complaints++ < COMPLAINTS_MAX)
			DBG1(DBG_KNL, "homeport: ignored a message of %zu bytes that is not valid",
			     len);
		return;
	}
	memcpy(&header, link->message, sizeof(header));
	switch (header.type) {
	case IKE_EXPIRE:
		memcpy(&expire, body, sizeof(expire));
		link->events.expire(&expire, link->events.context);
		break;
	case IKE_MAPPING:
		memcpy(&mapping, body, sizeof(mapping));
		link->events.mapping(&mapping, link->events.context);
		break;
	case IKE_DATAGRAM_IN:
		take_datagram(link, body);
		break;
	default:
		take_reply(link, len);
		break;
	}
}

/* Waits up to `wait_ms` for a message and takes it. False: the connection is over. */
static bool
receive(struct box_link *link, int wait_ms)
{
	struct pollfd ready = {.fd = link->fd, .events = POLLIN};
	ssize_t len;

	if (poll(&ready, 1, wait_ms) <= 0)
		return true;
	len = recv(link->fd, link->message, sizeof(link->message), MSG_DONTWAIT | MSG_TRUNC);
	if (len < 0)
		return errno == EAGAIN || errno == EINTR;
	if (len > 0)
		take(link, len);
	return len > 0;
}

static int
ms_until(const timeval_t *deadline)
{
	timeval_t now, left;

	time_monotonic(&now);
	timersub(deadline, &now, &left);
	return (int)(left.tv_sec * 1000 + left.tv_usec / 1000);
}

/* As box_link_ask, of the receiving thread, before the link is open to others. */
static enum ike_status
ask_first(struct box_link *link, enum ike_message_type type, const void *body, void *answer,
	  size_t answer_size, bool *is_over)
{
	struct waiter waiter = {
		.status = IKE_STATUS_FAILED, .answer = answer, .answer_size = answer_size};
	timeval_t deadline;
	bool is_alive;
	int left_ms;

	time_monotonic(&deadline);
	timeval_add_ms(&deadline, BOX_LINK_TIMEOUT_MS);
	link->mutex->lock(link->mutex);
	is_alive = request(link, &waiter, type, body);
	link->mutex->unlock(link->mutex);
	while (is_alive && !waiter.is_answered && !link->is_stopping) {
		left_ms = ms_until(&deadline);
		if (left_ms <= 0)
			break;
		is_alive = receive(link, left_ms);
	}
	link->mutex->lock(link->mutex);
	stop_waiting(link, &waiter);
	link->mutex->unlock(link->mutex);
	*is_over = !waiter.is_answered;
	return waiter.status;
}

/* Names each SA to a box that has seen no other start since, and takes back what charon has deleted
 * meanwhile. False: the connection is over. */
static bool
name_sas(struct box_link *link, const struct ike_sa_id *ids, unsigned count)
{
	enum ike_status status;
	bool is_over;

	ask_first(link, IKE_SYNC_BEGIN, NULL, NULL, 0, &is_over);
	for (unsigned i = 0; i < count && !is_over; i++) {
		status = ask_first(link, IKE_SYNC_SA, &ids[i], NULL, 0, &is_over);
		if (status == IKE_STATUS_UNKNOWN)
			sa_list_lose(link->list, &ids[i]);
	}
	if (!is_over)
		ask_first(link, IKE_SYNC_END, NULL, NULL, 0, &is_over);
	return !is_over;
}

/* From now on others may ask. What charon deleted while they could not is deleted now; nobody waits for
 * the answers. */
static void
open_up(struct box_link *link, const struct ike_sa_id *ids, unsigned count)
{
	struct iovec parts[2] = {{NULL, sizeof(*ids)}};

	link->mutex->lock(link->mutex);
	link->is_open = true;
	link->mutex->unlock(link->mutex);
	for (unsigned i = 0; i < count; i++) {
		if (sa_list_has(link->list, &ids[i]))
			continue;
		parts[0].iov_base = (void *)&ids[i];
		link->mutex->lock(link->mutex);
		if (++link->last_request_id == 0)
			link->last_request_id = 1;
		if (!transmit(link, IKE_DEL_SA, link->last_request_id, parts))
			break_off(link);
		link->mutex->unlock(link->mutex);
	}
}

/* Says hello and brings both sides to the same SAs. False: to no avail. */
static bool
greet(struct box_link *link)
{
	struct ike_hello_ack ack;
	struct ike_sa_id *ids;
	unsigned count;
	bool is_over, is_greeted = true;

	if (ask_first(link, IKE_HELLO, &link->hello, &ack, sizeof(ack), &is_over) != IKE_STATUS_OK)
		return false;
	link->mutex->lock(link->mutex);
	link->gateway_count = ack.gateway_count;
	memcpy(link->gateways, ack.gateways, sizeof(link->gateways));
	link->mutex->unlock(link->mutex);
	if (link->box_epoch != ack.box_epoch)
		sa_list_lose_all(link->list);
	ids = sa_list_copy(link->list, &count);
	if (link->box_epoch == ack.box_epoch)
		is_greeted = name_sas(link, ids, count);
	link->box_epoch = ack.box_epoch;
	if (is_greeted) {
		open_up(link, ids, count);
		link->events.lost(link->events.context);
	}
	free(ids);
	return is_greeted;
}

/* Each trouble once, until there was a box again. */
static void
complain(struct box_link *link, int error)
{
	if (link->last_trouble != error)
		DBG1(DBG_KNL, "homeport: no box at %s: %s", link->path,
		     error == EACCES   ? "held by another user, or out of reach"
		     : error == EPROTO ? "no right answer to our hello; is it of another version?"
				       : strerror(error));
	link->last_trouble = error;
}

/* One connection, from beginning to end. */
static void
converse(struct box_link *link, int fd)
{
	link->mutex->lock(link->mutex);
	link->fd = fd;
	link->mutex->unlock(link->mutex);
	link->complaints = 0;
	if (greet(link)) {
		DBG1(DBG_KNL, "homeport: connected to %s", link->path);
		link->last_trouble = 0;
		while (!link->is_stopping && receive(link, -1))
			;
		DBG1(DBG_KNL, "homeport: the connection is over");
	} else {
		complain(link, EPROTO);
	}
	link->mutex->lock(link->mutex);
	link->is_open = false;
	link->fd = -1;
	for (struct waiter *waiter = link->waiters; waiter != NULL; waiter = waiter->next)
		waiter->is_answered = true;
	link->changed->broadcast(link->changed);
	link->mutex->unlock(link->mutex);
	close(fd);
}

static void *
run(void *argument)
{
	struct box_link *link = argument;
	int fd;

	while (!link->is_stopping) {
		fd = box_socket_open(link->path);
		if (fd >= 0)
			converse(link, fd);
		else
			complain(link, -fd);
		link->mutex->lock(link->mutex);
		if (!link->is_stopping)
			link->changed->timed_wait(link->changed, link->mutex, BOX_LINK_RETRY_MS);
		link->mutex->unlock(link->mutex);
	}
	return NULL;
}

/* Signals are charon's main thread's: one that came to ours would end the process. */
static thread_t *
start_thread(struct box_link *link)
{
	sigset_t all, before;
	thread_t *thread;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	thread = thread_create(run, link);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return thread;
}

struct box_link *
box_link_create(const char *path, const char *charon_version, struct sa_list *list,
		const struct box_link_events *events)
{
	struct box_link *link = calloc(1, sizeof(*link));

	link->path = strdup(path);
	link->events = *events;
	link->list = list;
	link->fd = -1;
	link->mutex = mutex_create(MUTEX_TYPE_DEFAULT);
	link->changed = condvar_create(CONDVAR_TYPE_DEFAULT);
	snprintf(link->hello.charon_version, sizeof(link->hello.charon_version), "%s",
		 charon_version);
	if (getrandom(&link->hello.charon_epoch, sizeof(link->hello.charon_epoch), 0) > 0)
		link->thread = start_thread(link);
	if (link->thread == NULL) {
		link->changed->destroy(link->changed);
		link->mutex->destroy(link->mutex);
		free(link->path);
		free(link);
		return NULL;
	}
	return link;
}

void
box_link_destroy(struct box_link *link)
{
	link->mutex->lock(link->mutex);
	link->is_stopping = true;
	break_off(link);
	link->changed->broadcast(link->changed);
	link->mutex->unlock(link->mutex);
	link->thread->join(link->thread);
	link->changed->destroy(link->changed);
	link->mutex->destroy(link->mutex);
	free(link->path);
	free(link);
}
