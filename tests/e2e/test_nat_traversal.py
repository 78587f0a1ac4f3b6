# SPDX-License-Identifier: BSD-3-Clause
"""Mobiles behind NATs: RFC 3519 on the wire."""

import mip
import plan
import pytest
import tunnel
from scapy.layers.inet import ICMP, IP, UDP

PRIVATE = "192.168.1.10"


def behind_nat(rig, **fields):
    """A mobile whose care-of address is private and whose packets come from a NAT."""
    mobile = rig.x_mobile(**fields)
    mobile.care_of = PRIVATE
    return mobile.behind_nat(mobile.source, rig.nat_port())


def udp_reply(reply):
    """(code, forced, keepalive interval) of a UDP Tunnel Reply extension."""
    data = reply.get(mip.UDP_REPLY)
    assert len(data) == 6 and data[0] == 0
    return data[1], bool(data[2] & 0x80), int.from_bytes(data[4:6], "big")


def test_a_nat_on_the_way_gets_a_udp_tunnel(rig):
    mobile = behind_nat(rig)
    reply = mobile.exchange(extensions=mip.udp_request(), lifetime=3600)
    assert reply.code == 0
    assert udp_reply(reply) == (0, False, plan.KEEPALIVE_SEC)
    assert reply.lifetime == plan.UDP_LIFETIME_MAX, "a NAT's mapping is short-lived"
    care_of = rig.box.binding(mobile.home)["care_of"][0]
    assert (care_of["kind"], int(care_of["port"])) == ("udp", mobile.port)


def test_no_nat_no_udp_tunnel(rig):
    mobile = rig.x_mobile()
    reply = mobile.exchange(extensions=mip.udp_request())
    assert reply.code == 0 and udp_reply(reply)[0] == 64
    mobile.kind = "ip-in-ip"
    mobile.expect_tunnelled(rig.to_mobile(mobile))


def test_a_udp_tunnel_can_be_forced(rig):
    mobile = rig.x_mobile()
    reply = mobile.exchange(extensions=mip.udp_request(flags=0x80))
    assert reply.code == 0 and udp_reply(reply)[:2] == (0, True)
    mobile.kind = "udp"
    mobile.expect_tunnelled(rig.to_mobile(mobile))


def test_a_nat_without_a_udp_tunnel_request_is_refused(rig):
    assert behind_nat(rig).exchange().code == 129


def test_an_unknown_encapsulation_in_udp_is_refused(rig):
    assert behind_nat(rig).exchange(extensions=mip.udp_request(encapsulation=99)).code == 142


def test_the_m_and_g_bits_decide_when_the_request_leaves_it_open(rig):
    mobile = behind_nat(rig)
    assert mobile.exchange(flags=mip.D | mip.T | mip.G, extensions=mip.udp_request()).code == 0
    mobile.kind = "gre-in-udp"
    mobile.expect_tunnelled(rig.to_mobile(mobile))


@pytest.mark.parametrize("kind", [kind for kind in tunnel.KINDS if tunnel.is_udp(kind)])
def test_keepalives_are_answered_through_the_tunnel(rig, kind):
    mobile = behind_nat(rig)
    mobile.register(kind)
    echo = IP(bytes(IP(src=mobile.home, dst=plan.X_HA) / ICMP(id=5, seq=6) / b"alive?"))
    with rig.drops_exactly({}):
        mobile.send_through_tunnel(echo)
        frame = mobile.receive()
    inner = tunnel.decapsulate(kind, frame.packet)
    assert (inner.src, inner.dst) == (plan.X_HA, mobile.home)
    reply = inner[ICMP]
    assert (reply.type, reply.id, reply.seq, bytes(reply.payload)) == (0, 5, 6, b"alive?")
    rig.nothing_forwarded()


def test_a_nat_that_changes_its_port_is_not_followed_by_data(rig):
    """RFC 3519 section 4.4: only a registration moves the tunnel."""
    mobile = behind_nat(rig)
    mobile.register("udp")
    old = mobile.port
    mobile.port = rig.nat_port()
    with rig.drops_exactly({"tunnel-wrong-port": 1}):
        mobile.send_through_tunnel(rig.datagram(mobile.home, plan.CORRESPONDENT))
    new, mobile.port = mobile.port, old
    mobile.expect_tunnelled(rig.to_mobile(mobile))
    mobile.port = new
    mobile.register("udp")
    mobile.expect_tunnelled(rig.to_mobile(mobile))
    rig.nothing_forwarded()


def test_two_mobiles_behind_one_nat_are_told_apart(rig):
    alice, bob = behind_nat(rig), behind_nat(rig)
    bob.source = alice.source
    alice.register("udp")
    bob.register("udp")
    alice.expect_tunnelled(rig.to_mobile(alice, b"for Alice"))
    bob.expect_tunnelled(rig.to_mobile(bob, b"for Bob"))
    with rig.drops_exactly({"tunnel-wrong-port": 1}):
        alice.send_through_tunnel(rig.datagram(bob.home, plan.CORRESPONDENT))
    rig.nothing_forwarded()


def half_bound(rig):
    """A mobile that registered with the R flag: its tunnel's port is not known yet."""
    mobile = behind_nat(rig)
    assert mobile.exchange(extensions=mip.udp_request(flags=0x40)).code == 0
    mobile.kind = "udp"
    return mobile


def test_half_bound_until_the_first_keepalive(rig):
    mobile = half_bound(rig)
    registered_from = mobile.port
    with rig.drops_exactly({"tunnel-half-bound": 2}):
        rig.to_mobile(mobile)
        mobile.send_through_tunnel(rig.datagram(mobile.home, plan.CORRESPONDENT))
    rig.nothing_forwarded()

    mobile.port = rig.nat_port()
    assert mobile.port != registered_from
    mobile.send_through_tunnel(IP(src=mobile.home, dst=plan.X_HA) / ICMP(id=1) / b"here I am")
    reply = mobile.receive()
    assert IP(reply.packet[32:])[ICMP].type == 0
    mobile.expect_tunnelled(rig.to_mobile(mobile))


def test_half_bound_takes_no_keepalive_from_elsewhere(rig):
    mobile = half_bound(rig)
    right, mobile.source = mobile.source, "192.0.2.251"
    with rig.drops_exactly({"tunnel-wrong-source": 1}):
        mobile.send_through_tunnel(IP(src=mobile.home, dst=plan.X_HA) / ICMP(id=1) / b"I am it")
    mobile.source = right
    with rig.drops_exactly({"tunnel-half-bound": 1}):
        rig.to_mobile(mobile)
    rig.nothing_forwarded()


def test_signalling_does_not_go_through_the_tunnel(rig):
    """RFC 3519 section 4.7: a registration that comes out of a tunnel is not taken."""
    mobile = behind_nat(rig)
    mobile.register("udp")
    inner = IP(bytes(IP(src=mobile.home, dst=plan.X_HA) / UDP(sport=434, dport=434) / mobile.request()))
    with rig.drops_exactly({"local-protocol": 1}):
        mobile.send_through_tunnel(inner)
    rig.nothing_forwarded()


def test_the_i_ha_traverses_nats_too(rig):
    """RFC 5265 section 4.3: for VPN gateways that translate the inner address."""
    mobile = rig.i_mobile()
    mobile.care_of = PRIVATE
    mobile.behind_nat(mobile.source, rig.nat_port())
    mobile.register("udp")
    mobile.expect_tunnelled(rig.to_mobile(mobile))
