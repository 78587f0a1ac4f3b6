# SPDX-License-Identifier: BSD-3-Clause
"""The data path through every encapsulation, byte for byte against scapy's."""

import mip
import plan
import pytest
import tunnel
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import GRE
from scapy.packet import Raw
from wire import neighbour_mac

ALL_KINDS = list(tunnel.KINDS)


def registered(rig, kind, **fields):
    """A mobile of the x-HA that has registered with this encapsulation, behind a NAT for the UDP kinds."""
    mobile = rig.x_mobile(**fields)
    if tunnel.is_udp(kind):
        mobile.care_of = "192.168.1.10"
        mobile.behind_nat(mobile.source, rig.nat_port())
    mobile.register(kind)
    return mobile


def arrives_inside(rig, packet):
    """Fails unless `packet`, its TTL lowered by one, leaves the internal port byte for byte."""
    expected = IP(bytes(packet))
    expected.ttl -= 1
    del expected.chksum
    frame = rig.internal.expect_ip(lambda ip: ip.src == packet.src and ip.dst == packet.dst, "forwarded packet")
    assert frame.packet.hex() == bytes(expected).hex()


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_to_the_mobile(rig, kind):
    mobile = registered(rig, kind)
    packet = rig.to_mobile(mobile, b"to the mobile", ttl=33, id=4711)
    mobile.expect_tunnelled(packet)
    rig.nothing_forwarded()


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_from_the_mobile(rig, kind):
    mobile = registered(rig, kind)
    packet = rig.datagram(mobile.home, plan.CORRESPONDENT, b"from the mobile", ttl=33, id=4712)
    with rig.drops_exactly({}):
        mobile.send_through_tunnel(packet)
        arrives_inside(rig, packet)
    rig.nothing_forwarded()


def test_packets_and_bytes_are_counted(rig):
    mobile = registered(rig, "udp")
    to_mobile = [rig.to_mobile(mobile, bytes(size)) for size in (1, 10, 100)]
    for _ in to_mobile:
        mobile.receive()
    from_mobile = rig.datagram(mobile.home, plan.CORRESPONDENT, bytes(50))
    mobile.send_through_tunnel(from_mobile)
    arrives_inside(rig, from_mobile)
    counted = rig.box.binding(mobile.home)["care_of"][0]
    assert (counted["to_mobile_packets"], counted["to_mobile_bytes"]) == (3, sum(map(len, to_mobile)))
    assert (counted["from_mobile_packets"], counted["from_mobile_bytes"]) == (1, len(from_mobile))


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("size", [28, 29, 576, 1400])
def test_sizes_both_ways(rig, kind, size):
    mobile = registered(rig, kind)
    payload = bytes(index & 0xff for index in range(size - 28))
    mobile.expect_tunnelled(rig.to_mobile(mobile, payload))
    packet = rig.datagram(mobile.home, plan.CORRESPONDENT, payload)
    mobile.send_through_tunnel(packet)
    arrives_inside(rig, packet)


@pytest.mark.parametrize("kind", ["minimal", "minimal-in-udp"])
def test_minimal_encapsulation_without_the_source_field(rig, kind):
    """The mobile itself is the source, so it may leave the S bit out only when its care-of address is; a
    box must open both forms (RFC 2004 section 3.1): with S = 0 the inner source is the outer one."""
    mobile = registered(rig, kind)
    packet = rig.datagram(mobile.source, plan.CORRESPONDENT)
    with rig.drops_exactly({"tunnel-no-binding": 1}):
        rig.external.send(tunnel.encapsulate(kind, mobile.source, mobile.agent, packet, (mobile.port, 434),
                                             with_source=False))
    rig.nothing_forwarded()


def test_gre_with_a_checksum_is_opened(rig):
    mobile = registered(rig, "gre")
    packet = rig.datagram(mobile.home, plan.CORRESPONDENT)
    rig.external.send(IP(src=mobile.source, dst=mobile.agent, proto=47) /
                      GRE(chksum_present=1, proto=0x0800) / packet)
    arrives_inside(rig, packet)


def test_gre_with_a_wrong_checksum_is_dropped(rig):
    mobile = registered(rig, "gre")
    packet = rig.datagram(mobile.home, plan.CORRESPONDENT)
    with rig.drops_exactly({"tunnel-checksum": 1}):
        rig.external.send(IP(src=mobile.source, dst=mobile.agent, proto=47) /
                          GRE(chksum_present=1, chksum=1, proto=0x0800) / packet)
    rig.nothing_forwarded()


def test_minimal_header_with_a_wrong_checksum_is_dropped(rig):
    mobile = registered(rig, "minimal")
    raw = bytearray(bytes(mobile.in_tunnel(rig.datagram(mobile.home, plan.CORRESPONDENT))))
    raw[22] ^= 0xff
    with rig.drops_exactly({"tunnel-checksum": 1}):
        rig.external.send(bytes(raw))
    rig.nothing_forwarded()


@pytest.mark.parametrize("tos", [0x00, 0x01, 0x02, 0x03, 0xb8, 0xbb])
def test_tos_and_ecn_are_copied_outside(rig, tos):
    mobile = registered(rig, "udp")
    mobile.expect_tunnelled(rig.to_mobile(mobile, tos=tos), tos=tos)


def test_a_mobile_that_knows_no_ecn_gets_none(rig):
    mobile = rig.x_mobile(plan.COMPATIBLE_HOME)
    mobile.register()
    mobile.expect_tunnelled(rig.to_mobile(mobile, tos=0xbb), tos=0xb8)


@pytest.mark.parametrize("inner, outer, result", [
    (0, 0, 0), (0, 1, 0), (0, 2, 0), (0, 3, None),
    (1, 0, 1), (1, 1, 1), (1, 2, 1), (1, 3, 3),
    (2, 0, 2), (2, 1, 1), (2, 2, 2), (2, 3, 3),
    (3, 0, 3), (3, 1, 3), (3, 2, 3), (3, 3, 3),
])
def test_ecn_on_the_way_out_of_the_tunnel(rig, inner, outer, result):
    """RFC 6040 section 4.2, figure 4, cell by cell; the DSCP outside is not taken over."""
    mobile = registered(rig, "ip-in-ip")
    packet = rig.datagram(mobile.home, plan.CORRESPONDENT, tos=0x50 | inner)
    with rig.drops_exactly({"tunnel-ecn": 1} if result is None else {}):
        mobile.send_through_tunnel(packet, tos=0xb8 | outer)
    if result is None:
        rig.nothing_forwarded()
        return
    packet.tos = 0x50 | result
    arrives_inside(rig, packet)


@pytest.mark.parametrize("flags, outer_flags", [("DF", "DF"), (0, 0)])
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_df_is_copied_outside(rig, kind, flags, outer_flags):
    mobile = registered(rig, kind)
    mobile.expect_tunnelled(rig.to_mobile(mobile, flags=flags), flags=outer_flags)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_largest_packet_goes_in_whole(rig, kind):
    mobile = registered(rig, kind)
    size = plan.MTU - tunnel.OVERHEAD[kind]
    packet = rig.to_mobile(mobile, bytes(size - 28), flags="DF")
    assert len(packet) == size
    frame = mobile.receive()
    assert len(frame.packet) <= plan.MTU
    ours, theirs = tunnel.same_but_id(mobile.expected(packet), frame.packet)
    assert ours == theirs


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_too_large_with_df_is_refused_with_the_right_mtu(rig, kind):
    mobile = registered(rig, kind)
    mtu = plan.MTU - tunnel.OVERHEAD[kind]
    with rig.drops_exactly({"ip-too-big": 1}):
        packet = rig.to_mobile(mobile, bytes(mtu + 1 - 28), flags="DF")
    error = rig.internal.expect_ip(lambda ip: ICMP in ip and ip[ICMP].type == 3, "fragmentation needed").ip
    assert (error[ICMP].code, error[ICMP].nexthopmtu) == (4, mtu)
    assert (error.src, error.dst) == (plan.INTERNAL_PORT, plan.CORRESPONDENT)
    quoted = bytes(error[ICMP].payload)
    assert len(quoted) >= 28 and quoted[:8] == bytes(packet)[:8] and quoted[12:28] == bytes(packet)[12:28]
    rig.nothing_forwarded()


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_too_large_without_df_is_cut_before_it_goes_in(rig, kind):
    mobile = registered(rig, kind)
    payload = bytes(index * 7 & 0xff for index in range(1472))
    packet = rig.to_mobile(mobile, payload, id=31337)
    assert len(packet) == 1500
    pieces = [mobile_end(mobile, kind, frame) for frame in (receive_any(mobile), receive_any(mobile))]
    rig.nothing_forwarded()
    assert all(piece.id == 31337 and piece.src == plan.CORRESPONDENT and piece.dst == mobile.home
               for piece in pieces)
    pieces.sort(key=lambda piece: piece.frag)
    assert [bool(piece.flags.MF) for piece in pieces] == [True, False]
    assert pieces[1].frag * 8 == len(bytes(pieces[0])) - 20
    assert b"".join(bytes(piece)[20:] for piece in pieces) == bytes(packet)[20:]


def receive_any(mobile):
    """The next packet to the mobile; fragments in minimal encapsulation go as IP-in-IP."""
    return mobile.link.expect_ip(lambda ip: ip.src == mobile.agent and ip.dst == mobile.source, "tunnel packet")


def mobile_end(mobile, kind, frame):
    """What a mobile finds in the tunnel."""
    assert len(frame.packet) <= plan.MTU and not frame.ip.flags.MF and frame.ip.frag == 0
    offset = {"ip-in-ip": 20, "minimal": 20, "gre": 24}.get(kind)
    if offset is None:
        offset = 36 if kind == "gre-in-udp" else 32
    if kind == "minimal":
        assert frame.ip.proto == 4
    return IP(frame.packet[offset:])


def test_two_mobiles_talk_through_the_box_alone(rig):
    alice, bob = registered(rig, "ip-in-ip"), registered(rig, "udp")
    packet = rig.datagram(alice.home, bob.home, b"hello Bob", ttl=20)
    with rig.drops_exactly({}):
        alice.send_through_tunnel(packet)
        bob.expect_tunnelled(packet)
    assert rig.internal.leftover() == []
    answer = rig.datagram(bob.home, alice.home, b"hello Alice", ttl=20)
    bob.send_through_tunnel(answer)
    alice.expect_tunnelled(answer)


def test_mobiles_of_both_agents_talk(rig):
    outside, inside = registered(rig, "udp"), rig.i_mobile()
    inside.register()
    packet = rig.datagram(outside.home, inside.home, b"from outside")
    outside.send_through_tunnel(packet)
    inside.expect_tunnelled(packet)
    answer = rig.datagram(inside.home, outside.home, b"from inside")
    inside.send_through_tunnel(answer)
    outside.expect_tunnelled(answer)


def test_simultaneous_bindings_get_a_copy_each(rig):
    first = rig.x_mobile()
    second = rig.x_mobile(first.home)
    for mobile in (first, second):
        mobile.register(flags=mip.S | mip.D | mip.T)
    packet = rig.to_mobile(first, b"twice")
    first.expect_tunnelled(packet)
    second.expect_tunnelled(packet)
    rig.nothing_forwarded()
    third = rig.x_mobile(first.home)
    third.register()
    packet = rig.to_mobile(first, b"once")
    third.expect_tunnelled(packet)
    rig.nothing_forwarded()


def test_the_next_hop_of_a_tunnel_is_the_gateway_or_the_neighbour(rig):
    far = registered(rig, "ip-in-ip")
    rig.to_mobile(far)
    assert far.receive().dst == neighbour_mac(plan.EXTERNAL_GATEWAY)
    near = registered(rig, "ip-in-ip", care_of="198.51.100.77")
    rig.to_mobile(near)
    assert near.receive().dst == neighbour_mac("198.51.100.77")


def test_a_move_takes_the_next_packet_along(rig):
    mobile = registered(rig, "ip-in-ip")
    mobile.expect_tunnelled(rig.to_mobile(mobile))
    mobile.care_of = mobile.source = "192.0.2.222"
    mobile.register()
    mobile.expect_tunnelled(rig.to_mobile(mobile))
    mobile.behind_nat("192.0.2.223", rig.nat_port())
    mobile.register("udp")
    mobile.expect_tunnelled(rig.to_mobile(mobile))
    rig.nothing_forwarded()


def test_nothing_is_tunnelled_after_deregistration(rig):
    mobile = registered(rig, "ip-in-ip")
    mobile.deregister()
    with rig.drops_exactly({"ip-unreachable": 1}):
        rig.to_mobile(mobile)
    error = rig.internal.expect_ip(lambda ip: ICMP in ip and ip[ICMP].type == 3, "unreachable").ip
    assert error[ICMP].code == 1 and error.dst == plan.CORRESPONDENT
    rig.nothing_forwarded()


def test_outer_ids_of_fragmentable_packets_differ(rig):
    """RFC 6864: packets that may be fragmented on the way need their own Identification."""
    mobile = registered(rig, "ip-in-ip")
    for _ in range(20):
        rig.to_mobile(mobile)
    seen = {mobile.receive().ip.id for _ in range(20)}
    assert len(seen) == 20


def test_udp_ports_of_the_correspondent_do_not_matter(rig):
    """A correspondent's own port 434 is no business of the box."""
    mobile = registered(rig, "ip-in-ip")
    packet = IP(bytes(IP(src=plan.CORRESPONDENT, dst=mobile.home) / UDP(sport=434, dport=434) /
                      Raw(mip.request(mobile.home, plan.CORRESPONDENT, mobile.home, 1))))
    rig.internal.send(packet)
    mobile.expect_tunnelled(packet)
