/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/strongswan_compat.h"

#include "ike/address.h"
#include "ike/box_link.h"
#include "ike/datagram.h"

struct queue {
	socket_t socket; /* first */
	struct box_link *link;
	mutex_t *mutex;
	condvar_t *filled;
	linked_list_t *packets; /* packet_t */
};

static packet_t *
packet_of(const struct ike_datagram *datagram, const uint8_t *data)
{
	host_t *src = address_to_host(datagram->src, datagram->src_port_be);
	host_t *dst = address_to_host(datagram->dst, datagram->dst_port_be);

	return packet_create_from_data(src, dst,
				       chunk_clone(chunk_create((u_char *)data, datagram->len)));
}

void
datagram_arrived(socket_t *socket, const struct ike_datagram *datagram, const uint8_t *data)
{
	struct queue *queue = (struct queue *)socket;
	packet_t *packet = packet_of(datagram, data);

	queue->mutex->lock(queue->mutex);
	if (queue->packets->get_count(queue->packets) < DATAGRAM_QUEUE_MAX) {
		queue->packets->insert_last(queue->packets, packet);
		queue->filled->signal(queue->filled);
		packet = NULL;
	}
	queue->mutex->unlock(queue->mutex);
	if (packet != NULL)
		packet->destroy(packet);
}

/* Blocks until one is there or charon cancels the thread. */
static status_t
receive(socket_t *socket, packet_t **packet)
{
	struct queue *queue = (struct queue *)socket;
	void *first;
	bool was_cancelable;

	queue->mutex->lock(queue->mutex);
	thread_cleanup_push((thread_cleanup_t)queue->mutex->unlock, queue->mutex);
	was_cancelable = thread_cancelability(TRUE);
	while (queue->packets->get_count(queue->packets) == 0)
		queue->filled->wait(queue->filled, queue->mutex);
	thread_cancelability(was_cancelable);
	queue->packets->remove_first(queue->packets, &first);
	thread_cleanup_pop(TRUE);
	*packet = first;
	return SUCCESS;
}

static status_t
send_packet(socket_t *socket, packet_t *packet)
{
	struct queue *queue = (struct queue *)socket;
	chunk_t data = packet->get_data(packet);
	struct ike_datagram datagram = {.len = data.len};

	if (data.len == 0 || data.len > IKE_DATAGRAM_MAX ||
	    !address_of(packet->get_source(packet), &datagram.src, &datagram.src_port_be) ||
	    !address_of(packet->get_destination(packet), &datagram.dst, &datagram.dst_port_be))
		return FAILED;
	return box_link_send(queue->link, &datagram, data.ptr) ? SUCCESS : FAILED;
}

static uint16_t
get_port(socket_t *socket, bool is_nat_traversal)
{
	return is_nat_traversal ? IKEV2_NATT_PORT : IKEV2_UDP_PORT;
}

static socket_family_t
supported_families(socket_t *socket)
{
	return SOCKET_FAMILY_IPV4;
}

static void
destroy(socket_t *socket)
{
}

void
datagram_destroy(socket_t *socket)
{
	struct queue *queue = (struct queue *)socket;

	queue->packets->destroy_offset(queue->packets, offsetof(packet_t, destroy));
	queue->filled->destroy(queue->filled);
	queue->mutex->destroy(queue->mutex);
	free(queue);
}

void
datagram_set_link(socket_t *socket, struct box_link *link)
{
	((struct queue *)socket)->link = link;
}

socket_t *
datagram_create(void)
{
	struct queue *queue = malloc(sizeof(*queue));

	*queue = (struct queue){
		.socket = {receive, send_packet, get_port, supported_families, destroy},
		.mutex = mutex_create(MUTEX_TYPE_DEFAULT),
		.filled = condvar_create(CONDVAR_TYPE_DEFAULT),
		.packets = linked_list_create(),
	};
	return &queue->socket;
}
