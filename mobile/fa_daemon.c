/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/fa_daemon.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/prefix.h"
#include "mobile/fa_command.h"
#include "mobile/fa_datagram.h"
#include "mobile/fa_keepalive.h"
#include "mobile/fa_send.h"
#include "mobile/fa_status.h"
#include "mobile/status_server.h"

/* Packets taken from one descriptor before the others have their turn. */
#define BURST 64
#define ICMP_PER_SEC 100

static void
rearm(struct fa_daemon *daemon)
{
	struct mono_time when, now = mono_now();
	uint64_t ns;

	if (daemon->is_leaving && fa_relay_revoking_count(daemon->relay) == 0)
		event_base_loopexit(daemon->base, NULL);
	if (!fa_relay_deadline(daemon->relay, &when)) {
		event_del(daemon->deadline_timer);
		return;
	}
	/* rounded up, so that the deadline has passed when the timer fires */
	ns = mono_is_before(now, when) ? when.ns - now.ns + 999 : 0;
	event_add(daemon->deadline_timer, &(struct timeval){(time_t)(ns / NS_PER_SEC),
							    (suseconds_t)(ns % NS_PER_SEC / 1000)});
}

static void
on_deadline(evutil_socket_t fd, short what, void *context)
{
	struct fa_daemon *daemon = context;

	fa_relay_tick(daemon->relay, mono_now());
	rearm(daemon);
}

static void
on_advertise(evutil_socket_t fd, short what, void *context)
{
	fa_send_advertisement(context);
}

static void
on_link(evutil_socket_t fd, short what, void *context)
{
	struct fa_daemon *daemon = context;
	struct fa_frame frame;

	for (unsigned i = 0; i < BURST; i++) {
		struct fa_datagram datagram;
		struct fa_asker asker;

		if (fa_link_receive(&daemon->link, daemon->frame, &frame) != 0)
			break;
		if (fa_datagram_parse(daemon->frame, frame.len, frame.is_checked, &datagram) != 0) {
			fa_send_solicited(daemon, &frame);
			continue;
		}
		asker = (struct fa_asker){
			.src = datagram.src,
			.dst = datagram.dst,
			.src_port_be = datagram.src_port_be,
		};
		memcpy(asker.mac, frame.mac, sizeof(asker.mac));
		fa_relay_request(daemon->relay, &asker, datagram.ttl, datagram.payload,
				 datagram.len, mono_now());
	}
	rearm(daemon);
}

static void
deliver(struct fa_daemon *daemon, uint8_t *packet, size_t len)
{
	uint8_t *inner;
	size_t inner_len;
	struct fa_visitor *visitor =
		fa_traffic_open(&daemon->traffic, packet, len, &inner, &inner_len);

	if (visitor != NULL && !fa_keepalive_answer(visitor, inner, inner_len, mono_now()) &&
	    write(daemon->tun.fd, inner, inner_len) != (ssize_t)inner_len)
		daemon->undelivered_packets++;
}

static void
on_udp(evutil_socket_t fd, short what, void *context)
{
	struct fa_daemon *daemon = context;
	struct agent_packet packet;
	struct agent_error error;

	while (agent_socket_next_error(fd, &error)) {
		if (error.is_unreachable)
			fa_relay_unreachable(daemon->relay, error.dst, error.code, mono_now());
		if (error.is_too_big)
			fa_relay_path_changed(daemon->relay, error.dst);
	}
	for (unsigned i = 0; i < BURST; i++) {
		int result = agent_socket_receive_udp(&daemon->socket, daemon->packet, &packet);

		if (result == -EAGAIN)
			break;
		/* no home agent is on the visitors' link: it would be a visitor that plays one */
		if (result != 0 || packet.payload_len == 0 ||
		    packet.ifindex == daemon->link.ifindex)
			continue;
		if (packet.payload[0] == MIP_TUNNEL_DATA)
			deliver(daemon, packet.bytes, packet.len);
		else
			fa_relay_reply(daemon->relay,
				       &(struct fa_peer){packet.src, packet.src_port_be},
				       packet.payload, packet.payload_len, mono_now());
	}
	rearm(daemon);
}

static void
on_raw(evutil_socket_t fd, short what, void *context)
{
	struct fa_daemon *daemon = context;
	struct agent_packet packet;
	struct agent_error error;

	while (agent_socket_next_error(fd, &error)) {
		if (error.is_too_big)
			fa_relay_path_changed(daemon->relay, error.dst);
	}
	for (unsigned i = 0; i < BURST; i++) {
		if (agent_socket_receive_raw(fd, daemon->packet, &packet) != 0)
			return;
		deliver(daemon, packet.bytes, packet.len);
	}
}

/* `visitor`, unless that is NULL, has the packet at `outer` in his reverse tunnel. */
static void
send_outer(struct fa_daemon *daemon, struct fa_visitor *visitor, const uint8_t *outer,
	   size_t outer_len)
{
	if (visitor == NULL)
		return;
	if (agent_socket_send_packet(&daemon->socket, outer, outer_len) != 0)
		daemon->traffic.unsent++;
	else if (visitor->keepalive.is_running)
		mn_keepalive_data_sent(&visitor->keepalive, mono_now());
}

static void
on_delivery(evutil_socket_t fd, short what, void *context)
{
	struct fa_daemon *daemon = context;

	for (unsigned i = 0; i < BURST; i++) {
		struct fa_visitor *visitor;
		struct agent_packet packet;
		uint8_t *outer;
		size_t outer_len;

		if (agent_socket_receive_raw(fd, daemon->outbound + MN_TUNNEL_HEADROOM, &packet) !=
		    0)
			return;
		visitor = fa_traffic_relay(&daemon->traffic, packet.bytes, packet.len, &outer,
					   &outer_len);
		send_outer(daemon, visitor, outer, outer_len);
	}
}

static void
on_tun(evutil_socket_t fd, short what, void *context)
{
	struct fa_daemon *daemon = context;
	uint8_t *packet = daemon->outbound + MN_TUNNEL_HEADROOM, *outer;
	struct fa_visitor *visitor;
	size_t outer_len;
	ssize_t len;

	for (unsigned i = 0; i < BURST; i++) {
		len = read(fd, packet, AGENT_PACKET_SIZE);
		if (len <= 0)
			break;
		visitor =
			fa_traffic_push(&daemon->traffic, packet, (size_t)len, &outer, &outer_len);
		send_outer(daemon, visitor, outer, outer_len);
	}
	if (len < 0 && errno != EAGAIN && errno != EINTR && errno != EIO) {
		/* EIO: the device is down for a moment; all else is for good */
		daemon->result = -errno;
		log_error(errno, "%s cannot be read any more", daemon->tun.name);
		event_base_loopexit(daemon->base, NULL);
	}
}

static void
on_signal(evutil_socket_t number, short what, void *context)
{
	struct fa_daemon *daemon = context;
	struct timeval patience = {.tv_sec = (time_t)daemon->config->revocation.stop_sec};

	if (daemon->is_leaving) {
		event_base_loopexit(daemon->base, NULL);
		return;
	}
	log_info("leaving");
	sd_notify(0, "STOPPING=1");
	daemon->is_leaving = true;
	event_del(daemon->advertise_timer);
	fa_relay_leave(daemon->relay, mono_now());
	fa_send_advertisement(daemon);
	event_base_loopexit(daemon->base, &patience);
	rearm(daemon);
}

static const char *
on_command(void *context, const char *words)
{
	struct fa_daemon *daemon = context;
	struct fa_command command;
	const char *wrong = fa_command_parse(words, &command);
	int result;

	if (wrong != NULL)
		return wrong;
	result = fa_relay_revoke(daemon->relay, command.home_address, command.ban_sec, mono_now());
	rearm(daemon);
	if (result == 0)
		return FA_COMMAND_DONE;
	return result == -ENOENT ? "no visitor has this home address"
				 : "as many as can be are banned already: try with 0 seconds";
}

static int
watch(struct fa_daemon *daemon, int fd, event_callback_fn on_readable)
{
	struct event *event =
		event_new(daemon->base, fd, EV_READ | EV_PERSIST, on_readable, daemon);

	daemon->readable[daemon->readable_count++] = event;
	return event != NULL && event_add(event, NULL) == 0 ? 0 : -ENOMEM;
}

static int
create_events(struct fa_daemon *daemon)
{
	static const int numbers[] = {SIGTERM, SIGINT};
	struct timeval interval = {.tv_sec = (time_t)daemon->config->advertise.interval_sec};
	int result = watch(daemon, daemon->link.packet_fd, on_link);

	if (result == 0)
		result = watch(daemon, daemon->socket.udp_fd, on_udp);
	if (result == 0)
		result = watch(daemon, daemon->tun.fd, on_tun);
	for (unsigned i = 0; result == 0 && i < AGENT_SOCKET_RAW_MAX; i++)
		result = watch(daemon, daemon->socket.raw_fds[i], on_raw);
	for (unsigned i = 0; result == 0 && i < FA_LINK_RAW_MAX; i++) {
		if (daemon->link.raw_fds[i] >= 0)
			result = watch(daemon, daemon->link.raw_fds[i], on_delivery);
	}
	for (unsigned i = 0; result == 0 && i < ARRAY_COUNT(numbers); i++) {
		daemon->signals[i] = evsignal_new(daemon->base, numbers[i], on_signal, daemon);
		if (daemon->signals[i] == NULL || event_add(daemon->signals[i], NULL) != 0)
			result = -ENOMEM;
	}
	if (result != 0)
		return result;
	daemon->deadline_timer = evtimer_new(daemon->base, on_deadline, daemon);
	daemon->advertise_timer = event_new(daemon->base, -1, EV_PERSIST, on_advertise, daemon);
	if (daemon->deadline_timer == NULL || daemon->advertise_timer == NULL ||
	    event_add(daemon->advertise_timer, &interval) != 0)
		return -ENOMEM;
	return 0;
}

static int
open_sockets(struct fa_daemon *daemon)
{
	const struct fa_config *config = daemon->config;
	struct attachment attachment = {.care_of = config->care_of};
	int result = fa_link_open(&daemon->link, config->visitor_interface,
				  config->tunnels.encapsulating_delivery);

	if (result != 0) {
		log_error(-result, "visitor_interface %s (needs CAP_NET_RAW)",
			  config->visitor_interface);
		return result;
	}
	snprintf(attachment.interface, sizeof(attachment.interface), "%s", config->uplink);
	result = agent_socket_open_foreign(&daemon->socket, &attachment);
	if (result != 0)
		log_error(-result, "care_of_address on uplink %s, port %u", config->uplink,
			  MIP_PORT);
	return result;
}

static unsigned
mtu_of(const struct fa_daemon *daemon, const char *interface)
{
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	return ioctl(daemon->socket.udp_fd, SIOCGIFMTU, &request) == 0 ? (unsigned)request.ifr_mtu
								       : 1500;
}

static struct ntp_time
wall_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ntp_from_timespec(now);
}

static void
warn_unless_forwarding(void)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_forward", "re");

	if (file == NULL)
		return;
	if (fgetc(file) == '0')
		log_warnx("net.ipv4.ip_forward is 0: visitors get no packets");
	fclose(file);
}

static int
open_kernel(struct fa_daemon *daemon)
{
	const struct fa_config *config = daemon->config;
	unsigned mtu = mtu_of(daemon, config->uplink);
	int result = netlink_create(&daemon->netlink);

	if (result == 0)
		result = tun_device_open(&daemon->tun, config->tun_name);
	if (result != 0) {
		log_error(-result, "TUN device %s (needs CAP_NET_ADMIN and /dev/net/tun)",
			  config->tun_name);
		return result;
	}
	result = mac_check_open(&daemon->mac_check, daemon->netlink, daemon->link.ifindex,
				(uint16_t)config->rule_priority, config->limits.visitors_max);
	if (result != 0) {
		log_error(-result,
			  "MAC addresses on %s cannot be checked (needs CAP_BPF and cls_bpf)",
			  config->visitor_interface);
		return result;
	}
	daemon->uplink_mtu = mtu;
	result = fa_routing_init(&daemon->routing, daemon->netlink, config, &daemon->tun,
				 daemon->link.ifindex, mtu);
	if (result != 0)
		log_error(-result, "routes of %s cannot be set up", config->tun_name);
	warn_unless_forwarding();
	return result;
}

/* Everything that can fail before the loop; each with the line that tells the operator. */
static int
open_all(struct fa_daemon *daemon)
{
	const struct fa_config *config = daemon->config;
	const struct status_source source = {
		.program = "homeport-fa",
		.runtime_directory = config->runtime_directory,
		.control_socket = config->control_socket,
		.text = fa_status_json,
		.command = on_command,
		.context = daemon,
	};
	int result = fa_relay_create(&daemon->relay, config, &fa_send_hooks, daemon);

	daemon->base = event_base_new();
	if (result != 0 || daemon->base == NULL) {
		log_errorx("out of memory, or libcrypto lacks MD5 or SHA");
		return -ENOMEM;
	}
	fa_relay_set_clock(daemon->relay, wall_now(), mono_now());
	daemon->traffic.visitors = fa_relay_visitors(daemon->relay);
	daemon->traffic.on_too_big = fa_send_too_big;
	daemon->traffic.context = daemon;
	token_bucket_init(&daemon->icmp_pace, ICMP_PER_SEC, ICMP_PER_SEC, mono_now());
	fa_advertiser_init(&daemon->advertiser, config, daemon->relay, mono_now());
	result = status_server_create(&daemon->status, daemon->base, &source);
	if (result == 0)
		result = open_sockets(daemon);
	if (result == 0)
		result = open_kernel(daemon);
	if (result != 0)
		return result;
	result = create_events(daemon);
	if (result != 0)
		log_error(-result, "cannot watch sockets and signals");
	return result;
}

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

static void
drop_visitors(struct fa_daemon *daemon)
{
	const struct fa_visitors *visitors = fa_relay_visitors(daemon->relay);

	for (const struct fa_visitor *visitor = fa_visitors_next(visitors, NULL); visitor != NULL;
	     visitor = fa_visitors_next(visitors, visitor))
		(void)fa_routing_drop(&daemon->routing, visitor);
}

static void
close_all(struct fa_daemon *daemon)
{
	for (unsigned i = 0; i < daemon->readable_count; i++)
		free_event(daemon->readable[i]);
	free_event(daemon->advertise_timer);
	free_event(daemon->deadline_timer);
	for (unsigned i = 0; i < ARRAY_COUNT(daemon->signals); i++)
		free_event(daemon->signals[i]);
	if (daemon->relay != NULL && daemon->routing.is_set_up)
		drop_visitors(daemon);
	fa_routing_fini(&daemon->routing);
	mac_check_close(&daemon->mac_check);
	tun_device_close(&daemon->tun);
	netlink_destroy(daemon->netlink);
	agent_socket_close(&daemon->socket);
	fa_link_close(&daemon->link);
	status_server_destroy(daemon->status);
	if (daemon->base != NULL)
		event_base_free(daemon->base);
	fa_relay_destroy(daemon->relay);
}

int
fa_daemon_run(const struct fa_config *config)
{
	struct fa_daemon *daemon = calloc(1, sizeof(*daemon));
	int result;

	if (daemon == NULL)
		return -ENOMEM;
	daemon->config = config;
	daemon->tun.fd = -1;
	daemon->log_limit.per_sec = 20;
	agent_socket_init(&daemon->socket);
	fa_link_init(&daemon->link);
	mac_check_init(&daemon->mac_check);
	signal(SIGPIPE, SIG_IGN);
	result = open_all(daemon);
	if (result == 0) {
		fa_send_advertisement(daemon);
		sd_notify(0, "READY=1");
		event_base_dispatch(daemon->base);
		result = daemon->result;
	}
	close_all(daemon);
	free(daemon);
	return result;
}
