# SPDX-License-Identifier: BSD-3-Clause
"""Fragments: forwarded as they are, and put together where they end at the box; with three workers."""

import plan
import pytest
import tunnel
from scapy.layers.inet import ICMP, IP, UDP, fragment
from wire import LONGEST_WAIT


def registered(rig, kind):
    """A mobile of the x-HA that has registered with this encapsulation, behind a NAT for the UDP kinds."""
    mobile = rig.x_mobile()
    if tunnel.is_udp(kind):
        mobile.care_of = "192.168.1.10"
        mobile.behind_nat(mobile.source, rig.nat_port())
    mobile.register(kind)
    return mobile


def pieces_of(mobile, packet, size=600, number=1):
    """The tunnel packet with `packet` inside, cut into fragments on its way to the box."""
    return fragment(mobile.in_tunnel(packet, flags=0, id=number), size)


def arrives(rig, packet):
    """Fails unless the payload of `packet` leaves the internal port."""
    frame = rig.internal.expect_ip(lambda ip: ip.src == packet.src and ip.dst == packet.dst, "forwarded packet")
    assert bytes(frame.ip[UDP]) == bytes(packet[UDP])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("kind", list(tunnel.KINDS))
def test_put_together_at_the_tunnels_end(tap_rig, kind, order):
    mobile = registered(tap_rig, kind)
    packet = tap_rig.datagram(mobile.home, plan.CORRESPONDENT, bytes(index & 0xff for index in range(1300)))
    pieces = pieces_of(mobile, packet)
    assert len(pieces) == 3
    with tap_rig.drops_exactly({}):
        for index in order:
            tap_rig.external.send(pieces[index])
        arrives(tap_rig, packet)


def test_fragments_of_one_packet_meet_at_one_worker(tap_rig):
    """The first one has ports and the others have not, so they come in by different queues."""
    mobile = registered(tap_rig, "udp")
    handed_over = tap_rig.box.ask("/homeport/stats")["handovers"]
    with tap_rig.drops_exactly({}):
        for number in range(24):
            packet = tap_rig.datagram(mobile.home, plan.CORRESPONDENT, bytes([number]) * 1300)
            for piece in pieces_of(mobile, packet, number=1000 + number):
                tap_rig.external.send(piece)
            arrives(tap_rig, packet)
    assert tap_rig.box.ask("/homeport/stats")["handovers"] > handed_over


def test_registrations_come_in_fragments(tap_rig):
    mobile = tap_rig.x_mobile()
    whole = IP(bytes(IP(src=mobile.source, dst=mobile.agent, id=9) / UDP(sport=434, dport=434) / mobile.request()))
    for piece in fragment(whole, 24):
        tap_rig.external.send(piece)
    assert mobile.reply().code == 0


def test_a_large_echo_request_comes_in_fragments(tap_rig):
    data = bytes(index & 0xff for index in range(2000))
    whole = IP(bytes(IP(src=plan.CORRESPONDENT, dst=plan.I_HA, id=8) / ICMP(id=3) / data))
    for piece in fragment(whole, 1400):
        tap_rig.internal.send(piece)
    first = tap_rig.internal.expect_ip(lambda ip: ip.src == plan.I_HA and ip.frag == 0, "first fragment of the reply")
    rest = tap_rig.internal.expect_ip(lambda ip: ip.src == plan.I_HA and ip.frag > 0, "second fragment of the reply")
    assert (first.packet[20:] + rest.packet[20:])[8:] == data


@pytest.mark.parametrize("kind", list(tunnel.KINDS))
def test_fragments_to_the_mobile_are_tunnelled_as_they_are(tap_rig, kind):
    """Minimal encapsulation cannot carry fragments (RFC 2004 section 1): they go as IP-in-IP."""
    mobile = registered(tap_rig, kind)
    pieces = fragment(tap_rig.datagram(plan.CORRESPONDENT, mobile.home, bytes(800), id=99), 400)
    mobile.kind = {"minimal": "ip-in-ip", "minimal-in-udp": "udp"}.get(kind, kind)
    for piece in pieces:
        tap_rig.internal.send(piece)
        mobile.expect_tunnelled(piece)
    tap_rig.nothing_forwarded()


def test_fragments_inside_the_tunnel_are_forwarded_as_they_are(tap_rig):
    mobile = registered(tap_rig, "ip-in-ip")
    for piece in fragment(tap_rig.datagram(mobile.home, plan.CORRESPONDENT, bytes(800), id=98), 400):
        piece = IP(bytes(piece))
        mobile.send_through_tunnel(piece)
        frame = tap_rig.internal.expect_ip(lambda ip: ip.src == mobile.home, "forwarded fragment")
        assert (frame.ip.frag, frame.ip.flags.MF) == (piece.frag, piece.flags.MF)
        assert frame.packet[20:] == bytes(piece)[20:]


def test_overlapping_fragments_are_dropped_and_counted(tap_rig):
    mobile = registered(tap_rig, "ip-in-ip")
    packet = tap_rig.datagram(mobile.home, plan.CORRESPONDENT, bytes(600))
    first, second = pieces_of(mobile, packet, 400, number=78)
    second.frag -= 10
    with tap_rig.drops_exactly({"reassembly-failed": 2}):
        tap_rig.external.send(first)
        tap_rig.external.send(second)
    tap_rig.nothing_forwarded()


def test_a_fragment_that_hides_in_an_overlap_does_not_get_through(tap_rig):
    """What is missing at the end is made up by an overlap, so that the lengths add up."""
    mobile = registered(tap_rig, "ip-in-ip")
    packet = tap_rig.datagram(mobile.home, plan.CORRESPONDENT, bytes(1172))
    first, middle, last = pieces_of(mobile, packet, 400, number=80)
    middle.frag -= 10
    before = tap_rig.drops().get("reassembly-failed", 0)
    for piece in (first, middle, last):
        tap_rig.external.send(piece)
    tap_rig.settle()
    assert tap_rig.internal.leftover(lambda ip: ip.src == mobile.home) == []
    assert tap_rig.drops().get("reassembly-failed", 0) >= before


def test_more_than_a_packet_can_hold_is_dropped(tap_rig):
    mobile = registered(tap_rig, "ip-in-ip")
    beyond = IP(src=mobile.source, dst=mobile.agent, proto=4, frag=8191) / (b"x" * 64)
    with tap_rig.drops_exactly({"reassembly-failed": 1}):
        tap_rig.external.send(IP(bytes(beyond)))
    tap_rig.nothing_forwarded()


def test_a_missing_fragment_is_given_up_and_counted(tap_rig, eventually):
    mobile = registered(tap_rig, "ip-in-ip")
    packet = tap_rig.datagram(mobile.home, plan.CORRESPONDENT, bytes(600))
    before = tap_rig.drops().get("reassembly-failed", 0)
    tap_rig.external.send(pieces_of(mobile, packet, 400, number=79)[0])
    tap_rig.settle()
    assert tap_rig.drops().get("reassembly-failed", 0) == before, "it waits for the rest"
    eventually(lambda: tap_rig.drops().get("reassembly-failed", 0) == before + 1, "reassembly given up",
               within=2 * LONGEST_WAIT)


def test_a_flood_of_first_fragments_leaves_room_for_others(tap_rig):
    """Memory for reassembly is bounded; ordinary packets go on."""
    mobile = registered(tap_rig, "ip-in-ip")
    packet = tap_rig.datagram(mobile.home, plan.CORRESPONDENT, bytes(600))
    for number in range(300):
        tap_rig.external.send(pieces_of(mobile, packet, 400, number=5000 + number)[0])
    small = tap_rig.datagram(mobile.home, plan.CORRESPONDENT, b"small")
    mobile.send_through_tunnel(small)
    arrives(tap_rig, small)
    mobile.expect_tunnelled(tap_rig.to_mobile(mobile))
