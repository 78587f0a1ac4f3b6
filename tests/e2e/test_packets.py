# SPDX-License-Identifier: BSD-3-Clause
"""Odd but legal packets: padding, options, checksums that need not be there, errors that go through the tunnel."""

import mip
import plan
import pytest
import tunnel
from scapy.layers.inet import ICMP, IP, UDP, IPOption_RR
from scapy.packet import Raw
from wire import mac_bytes, neighbour_mac

KINDS = list(tunnel.KINDS)


def registered(rig, kind):
    """A mobile of the x-HA that has registered with this encapsulation, with a UDP tunnel behind a NAT."""
    mobile = rig.x_mobile()
    if tunnel.is_udp(kind):
        mobile.care_of = "192.168.1.10"
        mobile.behind_nat(mobile.source, rig.nat_port())
    mobile.register(kind)
    return mobile


def forwarded(packet):
    """A packet after its last hop."""
    packet = IP(bytes(packet))
    packet.ttl -= 1
    del packet.chksum
    return bytes(packet)


def padded(link, packet):
    """Sends a packet in a frame that is longer than it, as short frames on real Ethernet are."""
    source = neighbour_mac(link.neighbour_of(packet.src))
    link.send_frame(mac_bytes(link.mac()) + mac_bytes(source) + b"\x08\x00" + bytes(packet) + b"\xaa" * 18)


def with_options(packet):
    """The packet with a record route option."""
    packet = IP(bytes(packet))
    packet.options = [IPOption_RR(length=11, pointer=4, routers=["0.0.0.0", "0.0.0.0"])]
    del packet.ihl, packet.len, packet.chksum
    return IP(bytes(packet))


@pytest.mark.parametrize("kind", KINDS)
def test_padding_of_the_frame_goes_no_further(rig, kind):
    mobile = registered(rig, kind)
    packet = rig.datagram(plan.CORRESPONDENT, mobile.home, b"")
    padded(rig.internal, packet)
    mobile.expect_tunnelled(packet)
    packet = rig.datagram(mobile.home, plan.CORRESPONDENT, b"")
    padded(rig.external, mobile.in_tunnel(packet))
    frame = rig.internal.expect_ip(lambda ip: ip.src == mobile.home, "forwarded packet")
    assert frame.raw[14:14 + len(packet)] == forwarded(packet) and b"\xaa" not in frame.raw[14:]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("minimal")])
def test_options_stay_inside_the_tunnel(rig, kind):
    mobile = registered(rig, kind)
    packet = with_options(rig.datagram(plan.CORRESPONDENT, mobile.home))
    rig.internal.send(packet)
    mobile.expect_tunnelled(packet)
    packet = with_options(rig.datagram(mobile.home, plan.CORRESPONDENT))
    mobile.send_through_tunnel(packet)
    assert rig.internal.expect_ip(lambda ip: ip.src == mobile.home, "packet").packet == forwarded(packet)


def test_minimal_encapsulation_keeps_the_options_in_the_one_header(rig):
    """RFC 2004 section 3.1: the forwarding header goes between the IP header, options and all, and the rest."""
    mobile = registered(rig, "minimal")
    packet = with_options(rig.datagram(plan.CORRESPONDENT, mobile.home))
    rig.internal.send(packet)
    got = mobile.receive().packet
    assert got[20:32] == bytes(packet)[20:32] and got[32] == 17 and got[44:] == bytes(packet)[32:]
    assert got[36:40] == mip.packed(mobile.home) and got[40:44] == mip.packed(plan.CORRESPONDENT)


def test_a_udp_tunnel_with_checksums_is_opened(rig):
    mobile = registered(rig, "udp")
    packet = rig.datagram(mobile.home, plan.CORRESPONDENT)
    outer = mobile.in_tunnel(packet)
    del outer[UDP].chksum
    outer = IP(bytes(outer))
    assert outer[UDP].chksum != 0
    rig.external.send(outer)
    assert rig.internal.expect_ip(lambda ip: ip.src == mobile.home, "packet").packet == forwarded(packet)


def test_a_udp_tunnel_with_a_wrong_checksum_is_not(rig):
    mobile = registered(rig, "udp")
    outer = mobile.in_tunnel(rig.datagram(mobile.home, plan.CORRESPONDENT))
    outer[UDP].chksum = 0x1234
    with rig.drops_exactly({"udp-checksum": 1}):
        rig.external.send(outer)
    rig.nothing_forwarded()


def test_a_registration_without_udp_checksum_is_taken(rig):
    mobile = rig.x_mobile()
    rig.external.send(IP(src=mobile.source, dst=mobile.agent) / UDP(sport=434, dport=434, chksum=0) /
                      Raw(mobile.request()))
    assert mobile.reply().code == 0


def test_a_reply_goes_to_the_port_that_asked(rig):
    mobile = rig.x_mobile()
    mobile.port = 50001
    assert mobile.exchange().code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_errors_about_a_mobiles_packets_go_through_its_tunnel(rig, kind):
    mobile = registered(rig, kind)
    packet = rig.datagram(mobile.home, plan.CORRESPONDENT, ttl=1)
    with rig.drops_exactly({"ip-ttl": 1}):
        mobile.send_through_tunnel(packet)
    error = tunnel.decapsulate(kind, mobile.receive().packet)
    assert error.dst == mobile.home and (error[ICMP].type, error[ICMP].code) == (11, 0)
    assert bytes(error[ICMP].payload)[:28] == bytes(packet)[:28]
    rig.nothing_forwarded()


def test_what_a_mobile_sends_to_nowhere_is_reported_to_it(rig):
    mobile = registered(rig, "udp")
    with rig.drops_exactly({"ip-unreachable": 1}):
        mobile.send_through_tunnel(rig.datagram(mobile.home, "10.2.0.199"))
    error = tunnel.decapsulate("udp", mobile.receive().packet)
    assert (error[ICMP].type, error[ICMP].code) == (3, 1)


@pytest.mark.parametrize("address", [plan.EXTERNAL_PORT, plan.INTERNAL_PORT, plan.I_HA])
def test_a_mobile_pings_the_boxs_addresses_through_its_tunnel(rig, address):
    mobile = registered(rig, "ip-in-ip")
    mobile.send_through_tunnel(IP(src=mobile.home, dst=address) / ICMP(id=11) / b"ping")
    reply = tunnel.decapsulate("ip-in-ip", mobile.receive().packet)
    assert (reply.src, reply.dst) == (address, mobile.home) and reply[ICMP].type == 0


@pytest.mark.parametrize("care_of", [plan.X_HA, "127.0.0.1", "224.0.0.1", "255.255.255.255", "0.1.2.3"])
def test_care_of_addresses_that_lead_nowhere_are_refused(rig, care_of):
    mobile = rig.x_mobile()
    assert mobile.exchange(care_of=care_of, flags=mip.T).code == 134


def test_a_second_mobile_home_authenticator_is_answered_134(rig):
    mobile = rig.x_mobile()
    mobile.send(mip.authenticate(mobile.request(), mobile.association))
    reply = mobile.reply()
    assert reply.code == 134 and reply.is_authentic(mobile.association)


def test_deregistration_through_a_foreign_agent_needs_no_authenticator_of_its_own(rig):
    """RFC 5944 section 3.8.2.1 c: and must not be discarded for the lack of it."""
    mobile = rig.x_mobile(care_of=plan.FOREIGN_AGENT)
    message = mip.authenticate(mobile.request(flags=mip.T), plan.FA_ASSOCIATION, mip.FA_HA)
    assert mobile.exchange(message).code == 0
    assert mobile.exchange(flags=mip.T, lifetime=0).code == 0
    assert mobile.home not in {binding["home_address"] for binding in rig.box.bindings()}
