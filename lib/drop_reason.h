/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_DROP_REASON_H
#define LIB_DROP_REASON_H

#include <stdint.h>

/* Every cause for which the box drops a packet: X(NAME, "counter name", "what it means and what to do").
 * The one X-list of the project. Counters, telemetry and `homeportctl drops` all read from it. */
#define DROP_REASONS(X)                                                                            \
	/* Ethernet */                                                                             \
	X(ETHER_SHORT, "ether-short", "frame too short for an Ethernet header")                    \
	X(ETHER_NOT_FOR_US, "ether-not-for-us", "frame for another station's address")             \
	X(ETHER_TYPE, "ether-type", "neither IPv4 nor ARP; Homeport forwards IPv4 only")           \
	/* IPv4, RFC 1812 section 5.2.2 */                                                         \
	X(IP_SHORT, "ip-short", "packet shorter than its IPv4 header says")                        \
	X(IP_VERSION, "ip-version", "IP version is not 4 or the header length is below 20")        \
	X(IP_CHECKSUM, "ip-checksum", "IPv4 header checksum is wrong")                             \
	X(IP_BAD_SOURCE, "ip-bad-source", "source is broadcast, multicast, loopback or zero")      \
	X(IP_BAD_DESTINATION, "ip-bad-destination",                                                \
	  "destination is zero, loopback, reserved, or a multicast group nobody here serves")      \
	X(IP_OWN_SOURCE, "ip-own-source",                                                          \
	  "arrived with one of the box's own addresses as source: a loop or a forgery")            \
	X(IP_SOURCE_ROUTE, "ip-source-route", "carries a source route option, which is refused")   \
	X(IP_BAD_OPTIONS, "ip-bad-options", "the IPv4 options are malformed")                      \
	X(IP_NOT_CONTIGUOUS, "ip-not-contiguous",                                                  \
	  "headers span buffers and could not be gathered into one")                               \
	X(IP_TTL, "ip-ttl", "time to live ran out; the sender is told")                            \
	X(IP_UNREACHABLE, "ip-unreachable", "no route to the destination; the sender is told")     \
	X(IP_TOO_BIG, "ip-too-big",                                                                \
	  "larger than the next link with DF set; the sender is told the MTU")                     \
	X(IP_EXTERNAL_TO_INTERNAL, "ip-external-to-internal",                                      \
	  "plain packet from an external port for the inside; see "                                \
	  "security.forward_external_to_internal")                                                 \
	X(IP_SPOOFED_INSIDE, "ip-spoofed-inside",                                                  \
	  "for the box itself, from an external port, but the route to its source leads inside: "  \
	  "a forgery; see security.forward_external_to_internal")                                  \
	X(FRAGMENT_FAILED, "fragment-failed", "could not be cut into fragments (no buffers)")      \
	X(REASSEMBLY_FAILED, "reassembly-failed",                                                  \
	  "fragments overlapped, were malformed, timed out or did not fit the reassembly table")   \
	X(LOCAL_PROTOCOL, "local-protocol", "for the box itself, in a protocol it does not serve") \
	X(LOCAL_PORT, "local-port", "for the box itself, to a UDP port it does not serve")         \
	X(UDP_SHORT, "udp-short", "UDP length does not fit the packet")                            \
	X(UDP_CHECKSUM, "udp-checksum", "UDP checksum is wrong")                                   \
	X(ICMP_INVALID, "icmp-invalid", "ICMP message short, or its checksum is wrong")            \
	X(ICMP_IGNORED, "icmp-ignored", "ICMP message of a kind the box has no use for")           \
	X(ARP_INVALID, "arp-invalid",                                                              \
	  "malformed ARP packet, or a sender address not of this link")                            \
	X(ARP_IGNORED, "arp-ignored", "ARP request for an address that is not the box's concern")  \
	X(ARP_CONFLICT, "arp-conflict",                                                            \
	  "another station claims one of the box's own addresses; the log says which")             \
	X(ARP_TIMEOUT, "arp-timeout", "waited for a neighbour that did not answer ARP")            \
	X(ARP_QUEUE_FULL, "arp-queue-full", "too many packets wait for a neighbour's address")     \
	/* tunnels from the mobile */                                                              \
	X(TUNNEL_MALFORMED, "tunnel-malformed", "tunnel header short or with impossible fields")   \
	X(TUNNEL_CHECKSUM, "tunnel-checksum", "GRE or minimal encapsulation checksum is wrong")    \
	X(TUNNEL_INNER_INVALID, "tunnel-inner-invalid",                                            \
	  "what the tunnel carries is not a valid IPv4 packet")                                    \
	X(TUNNEL_INNER_TTL, "tunnel-inner-ttl", "the packet inside has a time to live of 0")       \
	X(TUNNEL_ECN, "tunnel-ecn",                                                                \
	  "congestion mark outside, inner packet without ECN (RFC 6040 section 4.2)")              \
	X(TUNNEL_NO_BINDING, "tunnel-no-binding",                                                  \
	  "inner source has no binding: not registered, expired, or a forgery")                    \
	X(TUNNEL_WRONG_SOURCE, "tunnel-wrong-source",                                              \
	  "outer source is not the care-of address registered for the inner source")               \
	X(TUNNEL_WRONG_PORT, "tunnel-wrong-port",                                                  \
	  "outer UDP port is not the registered one: the NAT moved it; the mobile must register "  \
	  "again")                                                                                 \
	X(TUNNEL_WRONG_AGENT, "tunnel-wrong-agent",                                                \
	  "sent to another home agent address than the one that holds the binding")                \
	X(TUNNEL_WRONG_KIND, "tunnel-wrong-kind",                                                  \
	  "not the encapsulation negotiated at registration")                                      \
	X(TUNNEL_WRONG_SIDE, "tunnel-wrong-side",                                                  \
	  "tunnel of the i-HA from an external port, or of the x-HA from an internal one")         \
	X(TUNNEL_NOT_REVERSE, "tunnel-not-reverse", "the binding has no reverse tunnel (T bit)")   \
	X(TUNNEL_HALF_BOUND, "tunnel-half-bound",                                                  \
	  "the binding waits for its first keepalive (RFC 3519 R flag)")                           \
	X(TUNNEL_LOOP, "tunnel-loop",                                                              \
	  "for this mobile but from its own care-of address (RFC 5944 section 4.2.3), or out of "  \
	  "a GRE tunnel but for its far end (RFC 2784 section 3.1)")                               \
	X(TUNNEL_NO_HEADROOM, "tunnel-no-headroom",                                                \
	  "no room before the packet for the headers to push: a bug, please report")               \
	/* ESP: what leaves and enters security associations (RFC 4303 names the audit events) */  \
	X(ESP_SHORT, "esp-short",                                                                  \
	  "ESP packet shorter than its headers, or its UDP length is wrong")                       \
	X(ESP_FRAGMENT, "esp-fragment",                                                            \
	  "a fragment came to ESP processing (RFC 4303 section 3.4.1)")                            \
	X(ESP_NO_SA, "esp-no-sa",                                                                  \
	  "no security association has this SPI: expired, before a restart, or a forgery")         \
	X(ESP_REPLAY, "esp-replay", "sequence number seen before, or left of the window")          \
	X(ESP_INTEGRITY, "esp-integrity", "integrity check failed: corrupted or forged")           \
	X(ESP_PADDING, "esp-padding", "authentic, but padded with other than 1, 2, 3, ...")        \
	X(ESP_DUMMY, "esp-dummy", "next header 59: traffic flow confidentiality, no fault")        \
	X(ESP_INNER_INVALID, "esp-inner-invalid", "what was sealed is not a valid IPv4 packet")    \
	X(ESP_SELECTOR, "esp-selector",                                                            \
	  "inner addresses are not what the security association is for (RFC 4301 section 5.2)")   \
	X(ESP_WRONG_TUNNEL, "esp-wrong-tunnel",                                                    \
	  "came through another mobile's x-HA tunnel than the security association's, or through " \
	  "none")                                                                                  \
	X(ESP_NESTED, "esp-nested", "ESP, IKE or an x-HA tunnel inside a security association")    \
	X(ESP_WRONG_SIDE, "esp-wrong-side",                                                        \
	  "IKE or ESP from an internal port, and vpn.from_inside is false")                        \
	X(ESP_LIFETIME, "esp-lifetime", "the security association's packets or bytes are used up") \
	X(ESP_EXHAUSTED, "esp-exhausted",                                                          \
	  "the security association has used its last sequence number; a rekey is due")            \
	X(ESP_NO_POLICY, "esp-no-policy",                                                          \
	  "for a tunnel inner address, but the traffic selectors do not have it")                  \
	X(ESP_PLAIN, "esp-plain",                                                                  \
	  "source is a tunnel inner address, but it came out of no security association")          \
	X(ESP_KEEPALIVE, "esp-keepalive", "NAT keepalives of VPN clients (RFC 3948), no fault")    \
	X(ESP_TOO_BIG, "esp-too-big", "too large to be sealed, and vpn.fragment is \"drop\"")      \
	X(ESP_FAILED, "esp-failed", "could not be sealed: no room or no buffer")                   \
	/* between workers and control core */                                                     \
	X(PUNT_RATE_REGISTRATION_EXTERNAL, "punt-rate-registration-external",                      \
	  "more registrations from outside than limits.punt_registration_per_sec allows")          \
	X(PUNT_RATE_REGISTRATION_INTERNAL, "punt-rate-registration-internal",                      \
	  "more registrations from inside than limits.punt_registration_per_sec allows")           \
	X(PUNT_RATE_KEEPALIVE, "punt-rate-keepalive",                                              \
	  "more keepalives than limits.punt_keepalive_per_sec allows")                             \
	X(PUNT_RATE_ICMP, "punt-rate-icmp",                                                        \
	  "more ICMP for the box than limits.punt_icmp_per_sec allows")                            \
	X(PUNT_RATE_ICMP_ERROR, "punt-rate-icmp-error",                                            \
	  "ICMP errors that were not sent, being more than limits.punt_icmp_error_per_sec allows " \
	  "or than the control core keeps up with; no drops of their own: the packets they are "   \
	  "about count for their own reasons, or went on")                                         \
	X(PUNT_RATE_ARP, "punt-rate-arp", "more ARP than limits.punt_arp_per_sec allows")          \
	X(PUNT_RATE_RESOLVE, "punt-rate-resolve",                                                  \
	  "more packets for unresolved neighbours than limits.punt_resolve_per_sec allows")        \
	X(PUNT_RATE_IKE, "punt-rate-ike", "more IKE messages than limits.punt_ike_per_sec allows") \
	X(IKE_NO_CHARON, "ike-no-charon", "IKE messages while charon was not connected")           \
	X(IKE_CHARON_BUSY, "ike-charon-busy",                                                      \
	  "IKE messages while charon did not read; see whether it hangs, or punt_ike_per_sec")     \
	X(PUNT_RATE_BROADCAST, "punt-rate-broadcast",                                              \
	  "more home network broadcasts than limits.punt_broadcast_per_sec allows")                \
	X(BROADCAST_QUEUE_FULL, "broadcast-queue-full",                                            \
	  "too many home network broadcasts wait to be copied to their mobiles")                   \
	X(PUNT_RING_FULL, "punt-ring-full", "the control core did not keep up")                    \
	X(HANDOVER_RING_FULL, "handover-ring-full", "another worker did not keep up")              \
	X(NO_BUFFER, "no-buffer", "the packet buffer pool is empty; raise eal.buffers")            \
	X(TX_FULL, "tx-full", "the port's transmit queue is full")                                 \
	X(TX_PORT_DOWN, "tx-port-down", "the outgoing port has disappeared")                       \
	X(SHUTDOWN, "shutdown", "still queued when the box stopped")                               \
	/* registrations that get no reply */                                                      \
	X(REG_MALFORMED, "reg-malformed",                                                          \
	  "registration message shorter than its fixed part, or of unknown type")                  \
	X(REG_UNKNOWN_EXTENSION, "reg-unknown-extension",                                          \
	  "carries an extension of type 0 to 127 that is not known (RFC 5944 section 1.8)")        \
	X(REG_NO_AUTH, "reg-no-auth", "carries no authorization-enabling extension")               \
	X(REG_NO_ASSOCIATION, "reg-no-association",                                                \
	  "no mobility security association with this mobile node")                                \
	X(REG_FA_NO_ASSOCIATION, "reg-fa-no-association",                                          \
	  "carries a foreign-home authenticator but there is no association with that agent")      \
	X(REG_AUTH_RATE, "reg-auth-rate",                                                          \
	  "not authentic or not fresh, and the rate of 131 or 133 replies is spent")               \
	X(REG_UNTRUSTED_SOURCE, "reg-untrusted-source",                                            \
	  "registration to the i-HA from a source outside its trusted networks (RFC 5265 section " \
	  "4.3)")                                                                                  \
	X(REG_EXTERNAL_TO_I_HA, "reg-external-to-i-ha",                                            \
	  "registration to the i-HA from an external port (RFC 5265 section 3.1)")                 \
	X(REG_INTERNAL_TO_X_HA, "reg-internal-to-x-ha",                                            \
	  "registration to the x-HA from inside (RFC 5265 section 3.7)")                           \
	X(REG_NO_AGENT, "reg-no-agent", "port 434 on an address that is no home agent")            \
	X(REVOCATION_INVALID, "revocation-invalid",                                                \
	  "revocation or its acknowledgement was malformed, not authenticated, or replayed")

enum drop_reason {
#define DROP_ENUM(name, text, help) DROP_##name,
	DROP_REASONS(DROP_ENUM)
#undef DROP_ENUM
		DROP_REASON_COUNT
};

/* The counter's name ("ip-ttl"); never NULL for a reason of the list. */
const char *drop_reason_name(enum drop_reason reason);

/* The sentence for the operator. */
const char *drop_reason_help(enum drop_reason reason);

#endif
