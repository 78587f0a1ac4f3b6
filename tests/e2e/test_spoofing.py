# SPDX-License-Identifier: BSD-3-Clause
"""What does not agree with the binding does not get in; each cause has its own counter, and it counts one."""

import mip
import plan
import pytest
import tunnel
from scapy.layers.inet import IP, UDP, IPOption_LSRR
from scapy.packet import Raw


@pytest.fixture
def mobile(rig):
    """Registered with plain IP-in-IP."""
    registered = rig.x_mobile()
    registered.register()
    return registered


@pytest.fixture
def natted(rig):
    """Registered with a UDP tunnel through a NAT."""
    registered = rig.x_mobile()
    registered.care_of = "192.168.1.10"
    registered.behind_nat(registered.source, rig.nat_port())
    registered.register("udp")
    return registered


def inner(rig, mobile, **fields):
    """A packet from the mobile to the correspondent."""
    return rig.datagram(mobile.home, plan.CORRESPONDENT, **fields)


def refused(rig, packet, reason, link=None):
    """Fails unless the packet is dropped for this reason alone and nothing comes of it."""
    with rig.drops_exactly({reason: 1}):
        (link or rig.external).send(packet)
    rig.nothing_forwarded()


def test_wrong_outer_source(rig, mobile):
    packet = tunnel.encapsulate("ip-in-ip", "192.0.2.250", plan.X_HA, inner(rig, mobile))
    refused(rig, packet, "tunnel-wrong-source")


def test_wrong_outer_source_behind_nat(rig, natted):
    packet = tunnel.encapsulate("udp", "192.0.2.250", plan.X_HA, inner(rig, natted), (natted.port, 434))
    refused(rig, packet, "tunnel-wrong-source")


def test_wrong_outer_port(rig, natted):
    packet = tunnel.encapsulate("udp", natted.source, plan.X_HA, inner(rig, natted), (natted.port + 1, 434))
    refused(rig, packet, "tunnel-wrong-port")


def test_somebody_elses_home_address(rig, mobile):
    other = rig.x_mobile()
    other.register()
    refused(rig, mobile.in_tunnel(inner(rig, other)), "tunnel-wrong-source")


def test_no_binding(rig, mobile):
    packet = rig.datagram("203.0.113.199", plan.CORRESPONDENT)
    refused(rig, mobile.in_tunnel(packet), "tunnel-no-binding")


def test_no_binding_after_deregistration(rig, mobile):
    packet = mobile.in_tunnel(inner(rig, mobile))
    mobile.deregister()
    refused(rig, packet, "tunnel-no-binding")


@pytest.mark.parametrize("kind", ["udp", "gre", "minimal"])
def test_another_kind_than_negotiated(rig, mobile, kind):
    packet = tunnel.encapsulate(kind, mobile.source, plan.X_HA, inner(rig, mobile))
    refused(rig, packet, "tunnel-wrong-kind")


def test_signalling_may_not_be_replaced_by_ip_in_ip_behind_nat(rig, natted):
    packet = tunnel.encapsulate("ip-in-ip", natted.source, plan.X_HA, inner(rig, natted))
    refused(rig, packet, "tunnel-wrong-kind")


def test_another_format_in_udp_than_negotiated(rig, natted):
    packet = tunnel.encapsulate("gre-in-udp", natted.source, plan.X_HA, inner(rig, natted), (natted.port, 434))
    refused(rig, packet, "tunnel-wrong-kind")


def test_another_agents_address(rig, mobile):
    """The i-HA does not open what belongs to the x-HA."""
    packet = tunnel.encapsulate("ip-in-ip", mobile.source, plan.I_HA, inner(rig, mobile))
    refused(rig, packet, "tunnel-wrong-agent", rig.internal)


def test_the_x_has_tunnel_from_inside(rig, mobile):
    refused(rig, mobile.in_tunnel(inner(rig, mobile)), "tunnel-wrong-side", rig.internal)


def test_the_i_has_tunnel_from_outside(rig):
    mobile = rig.i_mobile()
    mobile.register()
    refused(rig, mobile.in_tunnel(inner(rig, mobile)), "tunnel-wrong-side", rig.external)


def test_no_reverse_tunnel_without_t(rig):
    mobile = rig.x_mobile()
    mobile.register(flags=mip.D)
    packet = rig.to_mobile(mobile)
    mobile.expect_tunnelled(packet)
    refused(rig, mobile.in_tunnel(inner(rig, mobile)), "tunnel-not-reverse")


def test_inner_ttl_zero(rig, mobile):
    refused(rig, mobile.in_tunnel(inner(rig, mobile, ttl=0)), "tunnel-inner-ttl")


@pytest.mark.parametrize("spoil", [
    lambda raw: raw[:19],
    lambda raw: b"\x65" + raw[1:],
    lambda raw: raw[:10] + b"\xff\xff" + raw[12:],
    lambda raw: raw[:2] + b"\xff\xff" + raw[4:],
])
def test_no_valid_packet_inside(rig, mobile, spoil):
    carried = spoil(bytes(inner(rig, mobile)))
    packet = IP(src=mobile.source, dst=plan.X_HA, proto=4) / Raw(carried)
    refused(rig, IP(bytes(packet)), "tunnel-inner-invalid")


@pytest.mark.parametrize("kind, octets", [("gre", b"\x00\x00"), ("gre", b"\x00\x01\x08\x00"),
                                          ("gre", b"\x00\x00\x86\xdd"), ("minimal", b"\x04\x80")])
def test_malformed_tunnel_header(rig, kind, octets):
    mobile = rig.x_mobile()
    mobile.register(kind)
    packet = IP(src=mobile.source, dst=plan.X_HA, proto=tunnel.KINDS[kind][0]) / Raw(octets)
    refused(rig, IP(bytes(packet)), "tunnel-malformed")


def test_malformed_tunnel_data_header(rig, natted):
    packet = IP(src=natted.source, dst=plan.X_HA) / UDP(sport=natted.port, dport=434, chksum=0) / Raw(b"\x04\x04")
    refused(rig, packet, "tunnel-malformed")


def test_already_encapsulated_for_this_mobile_by_its_care_of_address(rig, mobile):
    """RFC 5944 section 4.2.3: from the mobile's own care-of address, discarded."""
    carried = rig.datagram(plan.CORRESPONDENT, mobile.home)
    refused(rig, tunnel.encapsulate("ip-in-ip", mobile.care_of, mobile.home, carried), "tunnel-loop")


def test_already_encapsulated_by_somebody_else_is_tunnelled(rig, mobile):
    carried = rig.datagram(plan.CORRESPONDENT, mobile.home)
    packet = tunnel.encapsulate("ip-in-ip", plan.CORRESPONDENT, mobile.home, carried)
    rig.internal.send(packet)
    mobile.expect_tunnelled(packet)


@pytest.mark.parametrize("source", [plan.X_HA, plan.I_HA, plan.EXTERNAL_PORT, plan.INTERNAL_PORT])
@pytest.mark.parametrize("side", ["external", "internal"])
def test_own_addresses_come_from_nowhere_else(rig, mobile, source, side):
    link = getattr(rig, side)
    raw = bytes(rig.datagram(source, mobile.home))
    with rig.drops_exactly({"ip-own-source": 1}):
        link.send_from_stranger(raw)
    rig.nothing_forwarded()


def test_own_address_inside_a_tunnel(rig, mobile):
    """Its source has no binding, whatever else it is."""
    refused(rig, mobile.in_tunnel(rig.datagram(plan.INTERNAL_PORT, plan.CORRESPONDENT)), "tunnel-no-binding")


@pytest.mark.parametrize("fields, reason", [
    ({"src": "127.0.0.1"}, "ip-bad-source"),
    ({"src": "224.0.0.5"}, "ip-bad-source"),
    ({"src": "255.255.255.255"}, "ip-bad-source"),
    ({"dst": "127.0.0.1"}, "ip-bad-destination"),
    ({"dst": "240.0.0.1"}, "ip-bad-destination"),
    ({"dst": "224.0.0.9"}, "ip-bad-destination"),
    ({"version": 5}, "ip-version"),
    ({"chksum": 1}, "ip-checksum"),
    ({"len": 2000}, "ip-short"),
])
def test_packets_that_no_router_takes(rig, fields, reason):
    packet = IP(**{"src": plan.CORRESPONDENT, "dst": "203.0.113.1", **fields}) / UDP(sport=1, dport=2) / b"x"
    raw = bytes(packet)
    with rig.drops_exactly({reason: 1}):
        rig.internal.send_from_stranger(raw)
    rig.nothing_forwarded()


def test_source_routes_are_refused(rig, mobile):
    packet = IP(src=plan.CORRESPONDENT, dst=mobile.home, options=[IPOption_LSRR(routers=["10.1.0.9"])]) / UDP() / b"x"
    refused(rig, IP(bytes(packet)), "ip-source-route", rig.internal)


@pytest.mark.parametrize("frame, reason", [
    ("mac 020000000001 86dd 6000000000000000", "ether-type"),
    ("02aabbccddee 020000000001 0800 45", "ether-not-for-us"),
    ("mac 020000000001 0800 4500", "ip-short"),
    ("mac 020000000001 0806 0001", "arp-invalid"),
])
def test_frames_that_are_not_for_the_box(rig, frame, reason):
    raw = bytes.fromhex(frame.replace("mac", rig.external.mac().replace(":", "")).replace(" ", ""))
    with rig.drops_exactly({reason: 1}):
        rig.external.send_frame(raw)
    rig.nothing_forwarded()


@pytest.mark.parametrize("address", [plan.INTERNAL_PORT, plan.I_HA])
def test_other_ports_and_protocols_of_the_box(rig, address):
    with rig.drops_exactly({"local-port": 1}):
        rig.internal.send(rig.datagram(plan.CORRESPONDENT, address))
    with rig.drops_exactly({"local-protocol": 1}):
        rig.internal.send(IP(bytes(IP(src=plan.CORRESPONDENT, dst=address, proto=89) / Raw(b"ospf"))))
