# SPDX-License-Identifier: BSD-3-Clause
"""The box as a router and neighbour: ARP, forwarding, ICMP, home networks on a link."""

import functools

import mip
import plan
import pytest
import tshark
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw
from wire import BROADCAST_MAC, neighbour_mac

AWAY = "10.4.0.50"


def is_error(kind, code=None):
    """A match for ICMP errors."""
    return lambda ip: ICMP in ip and ip[ICMP].type == kind and code in (None, ip[ICMP].code)


@pytest.mark.parametrize("side, addresses", [("external", [plan.EXTERNAL_PORT, plan.X_HA]),
                                             ("internal", [plan.INTERNAL_PORT, plan.I_HA])])
def test_answers_arp_for_its_own_addresses(rig, side, addresses):
    link = getattr(rig, side)
    for address in addresses:
        assert link.resolve(address) == link.mac()


def test_does_not_answer_arp_for_others(rig):
    mac = neighbour_mac(plan.INTERNAL_GATEWAY)
    with rig.drops_exactly({"arp-ignored": 1}):
        rig.internal.send_frame(bytes(Ether(dst=BROADCAST_MAC, src=mac) /
                                      ARP(op=1, hwsrc=mac, psrc=plan.INTERNAL_GATEWAY, pdst="10.1.0.99")))
    assert not [frame for frame in rig.internal.frames if frame.arp is not None and frame.arp.op == 2]


def test_somebody_else_with_its_address_is_noticed(rig):
    address = plan.I_HA
    thief = "02:ba:dd:ba:dd:01"
    with rig.drops_exactly({"arp-conflict": 1}):
        rig.internal.send_frame(bytes(Ether(dst=BROADCAST_MAC, src=thief) /
                                      ARP(op=1, hwsrc=thief, psrc=address, pdst=address)))
    assert address in rig.box.log() and thief in rig.box.log()
    assert rig.internal.resolve(address) == rig.internal.mac(), "it defends its address"


@pytest.mark.parametrize("side, address", [("external", plan.EXTERNAL_PORT), ("external", plan.X_HA),
                                           ("internal", plan.INTERNAL_PORT), ("internal", plan.I_HA)])
@pytest.mark.parametrize("size", [0, 56, 1472])
def test_answers_echo(rig, side, address, size):
    link = getattr(rig, side)
    data = bytes(index & 0xff for index in range(size))
    link.send(IP(src=link.gateway, dst=address, tos=0x10) / ICMP(id=7, seq=9) / data)
    reply = link.expect_ip(lambda ip: ICMP in ip and ip[ICMP].type == 0 and ip.src == address, "echo reply")
    assert bytes(reply.ip[ICMP].payload) == data and (reply.ip[ICMP].id, reply.ip[ICMP].seq) == (7, 9)
    assert reply.dst == neighbour_mac(link.gateway)


def test_forwards_and_lowers_the_ttl(rig):
    packet = rig.datagram(plan.CORRESPONDENT, "192.0.2.99", ttl=17, tos=0xb8)
    rig.internal.send(packet)
    frame = rig.external.expect_ip(lambda ip: ip.dst == "192.0.2.99", "forwarded packet")
    packet.ttl = 16
    del packet.chksum
    assert frame.packet == bytes(packet)
    assert frame.dst == neighbour_mac(plan.EXTERNAL_GATEWAY) and frame.src == rig.external.mac()


@pytest.mark.parametrize("ttl", [0, 1])
def test_ttl_that_runs_out_is_reported(rig, ttl):
    packet = rig.datagram(plan.CORRESPONDENT, "192.0.2.99", ttl=ttl)
    with rig.drops_exactly({"ip-ttl": 1}):
        rig.internal.send(packet)
    error = rig.internal.expect_ip(is_error(11, 0), "time exceeded").ip
    assert (error.src, error.dst) == (plan.INTERNAL_PORT, plan.CORRESPONDENT)
    assert bytes(error[ICMP].payload)[:28] == bytes(packet)[:28]
    rig.nothing_forwarded()


def test_ttl_that_runs_out_before_the_tunnel_is_reported(rig):
    mobile = rig.x_mobile()
    mobile.register()
    with rig.drops_exactly({"ip-ttl": 1}):
        rig.to_mobile(mobile, ttl=1)
    assert rig.internal.expect_ip(is_error(11, 0), "time exceeded").ip.dst == plan.CORRESPONDENT
    rig.nothing_forwarded()


def test_no_route_is_reported(rig):
    with rig.drops_exactly({"ip-unreachable": 1}):
        rig.internal.send(rig.datagram(plan.CORRESPONDENT, "203.0.113.198"))
    error = rig.internal.expect_ip(is_error(3, 1), "host unreachable").ip
    assert error.src == plan.INTERNAL_PORT
    rig.nothing_forwarded()


def test_no_errors_about_errors(rig):
    """RFC 1812 section 4.3.2.7: not about ICMP errors, later fragments or broadcasts."""
    quoted = bytes(rig.datagram("192.0.2.1", plan.CORRESPONDENT))
    error = IP(src=plan.CORRESPONDENT, dst="192.0.2.99", ttl=1) / ICMP(type=3, code=1) / quoted
    later = IP(src=plan.CORRESPONDENT, dst="192.0.2.99", ttl=1, frag=100) / Raw(b"later")
    rig.internal.send(error)
    rig.internal.send(IP(bytes(later)))
    rig.nothing_forwarded()


def test_packets_wait_for_arp_and_then_go_in_order(rig):
    stranger = "198.51.100.45"
    rig.external.absent.add(stranger)
    packets = [rig.datagram(plan.CORRESPONDENT, stranger, f"packet {n}".encode()) for n in range(3)]
    for packet in packets:
        rig.internal.send(packet)
    asked = rig.external.expect(lambda frame: frame.arp is not None and frame.arp.op == 1 and
                                frame.arp.pdst == stranger, "ARP request")
    assert asked.arp.psrc == plan.EXTERNAL_PORT and asked.dst == BROADCAST_MAC
    rig.settle()
    assert rig.external.leftover() == []
    mac = neighbour_mac(stranger)
    with rig.drops_exactly({}):
        rig.external.send_frame(bytes(Ether(dst=asked.src, src=mac) / ARP(
            op=2, hwsrc=mac, psrc=stranger, hwdst=asked.src, pdst=plan.EXTERNAL_PORT)))
        got = [rig.external.expect_ip(lambda ip: ip.dst == stranger, "packet that waited") for _ in packets]
    assert [bytes(frame.ip[UDP].payload) for frame in got] == [b"packet 0", b"packet 1", b"packet 2"]
    assert {frame.dst for frame in got} == {mac}


def test_a_neighbour_that_does_not_answer_is_reported(rig):
    nobody = "198.51.100.46"
    rig.external.absent.add(nobody)
    rig.settle()
    before = rig.drops().get("arp-timeout", 0)
    rig.internal.send(rig.datagram(plan.CORRESPONDENT, nobody))
    error = rig.internal.expect_ip(is_error(3, 1), "host unreachable", within=10)
    assert error.ip.dst == plan.CORRESPONDENT
    assert rig.drops()["arp-timeout"] == before + 1


def test_plain_too_large_with_df_gets_the_links_mtu(rig):
    """Between links of one size nothing is too large: the way back from a tunnel is."""
    packet = rig.datagram(plan.CORRESPONDENT, "192.0.2.99", bytes(1472), flags="DF")
    rig.internal.send(packet)
    assert len(rig.external.expect_ip(lambda ip: ip.dst == "192.0.2.99", "whole packet").packet) == 1500


# a home network on the internal link


def gratuitous(address, mac):
    """A match for gratuitous ARP that claims `address` for `mac`."""
    return lambda frame: (frame.arp is not None and frame.dst == BROADCAST_MAC and
                          frame.arp.psrc == frame.arp.pdst == address and frame.arp.hwsrc == mac)


def test_a_mobile_that_leaves_home_is_answered_for(rig):
    mobile = rig.link_mobile(care_of=AWAY)
    before = rig.box.ask("/homeport/stats")["arp"]
    mobile.register()
    rig.internal.expect(gratuitous(mobile.home, rig.internal.mac()), "gratuitous ARP")
    assert rig.internal.resolve(mobile.home, asker=plan.CORRESPONDENT) == rig.internal.mac()
    packet = rig.to_mobile(mobile)
    mobile.expect_tunnelled(packet)
    after = rig.box.ask("/homeport/stats")["arp"]
    assert after["gratuitous"] > before["gratuitous"] and after["proxy"] > before["proxy"]


def test_a_mobile_that_comes_home_answers_for_itself_again(rig):
    mobile = rig.link_mobile(care_of=AWAY)
    mobile.register()
    assert rig.internal.resolve(mobile.home, asker=plan.CORRESPONDENT) == rig.internal.mac()
    mobile.source = mobile.care_of = mobile.home  # at home, on the link
    rig.internal.forget()
    reply = mobile.exchange(lifetime=0)
    assert reply.code == 0
    rig.internal.expect(gratuitous(mobile.home, neighbour_mac(mobile.home)), "gratuitous ARP for the mobile's own")
    mac = neighbour_mac(plan.CORRESPONDENT)
    rig.internal.send_frame(bytes(Ether(dst=BROADCAST_MAC, src=mac) /
                                  ARP(op=1, hwsrc=mac, psrc=plan.CORRESPONDENT, pdst=mobile.home)))
    rig.settle()
    assert not [frame for frame in rig.internal.frames if frame.arp is not None and frame.arp.op == 2]


def test_a_refused_registration_changes_no_arp(rig):
    mobile = rig.link_mobile(care_of=AWAY)
    mobile.association = mip.Association(key=b"wrong")
    mobile.send(mobile.request())
    assert mobile.reply().code == 131
    rig.settle()
    assert not [frame for frame in rig.internal.frames if frame.arp is not None and mobile.home in
                (frame.arp.psrc, frame.arp.pdst)]


def test_deregistration_from_home_is_answered_on_the_link(rig):
    """RFC 5944 section 3.8.3.1: directly, whatever binding there is."""
    mobile = rig.link_mobile(care_of=AWAY)
    mobile.register()
    mobile.source = mobile.home
    mobile.send(mobile.request(lifetime=0, care_of=mobile.home))
    frame = rig.internal.expect_ip(lambda ip: ip.dst == mobile.home and ip.proto == 17, "reply on the link")
    assert frame.dst == neighbour_mac(mobile.home) and frame.packet[28:30] == bytes([mip.REPLY, 0])


# Agent Advertisements


ALL_SYSTEMS, ALL_ROUTERS, MOBILE_AGENTS = "224.0.0.1", "224.0.0.2", "224.0.0.11"
GROUP_MACS = {ALL_SYSTEMS: "01:00:5e:00:00:01", ALL_ROUTERS: "01:00:5e:00:00:02",
              MOBILE_AGENTS: "01:00:5e:00:00:0b", "255.255.255.255": BROADCAST_MAC}
ADVERTISEMENT = "icmp.type == 9"


def solicit(rig, source, destination=MOBILE_AGENTS, **icmp):
    """A router solicitation on the link of a home network."""
    rig.internal.send(IP(src=source, dst=destination, ttl=1) / ICMP(**{"type": 10, **icmp}),
                      destination_mac=GROUP_MACS[destination])


def advertisement(rig, destination, within=5):
    """The next advertisement to this address, and fields of it as Wireshark reads them, when it is asked for one."""
    frame = rig.internal.expect_ip(lambda ip: ICMP in ip and ip[ICMP].type == 9 and ip.dst == destination,
                                   "agent advertisement", within)
    this_one = f"icmp.checksum == {frame.ip[ICMP].chksum:#x}"  # no two have the same number

    @functools.cache
    def tree():
        return tshark.dissect(rig.wire.capture_path, f"{ADVERTISEMENT} && ip.dst == {destination} && {this_one}")[-1]
    return frame, lambda name: tshark.fields(tree(), name)


@pytest.mark.parametrize("destination", [MOBILE_AGENTS, ALL_ROUTERS, "255.255.255.255"])
@pytest.mark.parametrize("source", [plan.CORRESPONDENT, "192.0.2.77"])
def test_agent_solicitation_is_answered_where_it_came_from(rig, source, destination):
    with rig.drops_exactly({}):
        solicit(rig, source, destination)
        frame, said = advertisement(rig, source)
    assert frame.dst == neighbour_mac(rig.internal.neighbour_of(source)) and frame.src == rig.internal.mac()
    assert (said("ip.src"), said("ip.ttl"), said("icmp.code")) == ([plan.I_HA], ["1"], ["0"])
    assert said("icmp.num_addrs") == ["0"] and said("icmp.checksum.status") == ["1"]
    assert (said("icmp.mip.type"), said("icmp.mip.length")) == (["16"], ["6"])
    assert said("icmp.mip.life") == [str(plan.LIFETIME_MAX)]
    bits = {name: said(f"icmp.mip.{name}") for name in ("r", "b", "h", "f", "m", "g", "rt", "u", "x")}
    assert bits == {name: ["1" if name in ("h", "m", "g", "rt", "u", "x") else "0"] for name in bits}


def test_agent_sequence_counts_up(rig):
    numbers = []
    for _ in range(3):
        solicit(rig, plan.CORRESPONDENT)
        _, said = advertisement(rig, plan.CORRESPONDENT)
        numbers += [int(number) for number in said("icmp.mip.seq")]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_solicitation_from_nobody_is_answered_to_all(rig):
    with rig.drops_exactly({}):
        solicit(rig, "0.0.0.0")
        frame, said = advertisement(rig, ALL_SYSTEMS)
    assert frame.dst == GROUP_MACS[ALL_SYSTEMS] and said("icmp.mip.h") == ["1"]


@pytest.mark.parametrize("icmp", [{"chksum": 0x1234}, {"code": 1}])
def test_invalid_solicitations_are_not_answered(rig, icmp):
    with rig.drops_exactly({"icmp-invalid": 1}):
        solicit(rig, plan.CORRESPONDENT, **icmp)
    rig.nothing_forwarded()


def test_no_advertisement_where_no_home_is(rig):
    with rig.drops_exactly({"ip-bad-destination": 1}):
        rig.external.send(IP(src=plan.EXTERNAL_GATEWAY, dst=MOBILE_AGENTS, ttl=1) / ICMP(type=10),
                          destination_mac=GROUP_MACS[MOBILE_AGENTS])
    rig.nothing_forwarded()


def test_advertises_at_intervals_when_told_to(rig):
    rig.box.config["i_ha"]["advertise_interval_sec"] = 4
    rig.box.reload()
    try:
        _, first = advertisement(rig, ALL_SYSTEMS, within=10)
        _, second = advertisement(rig, ALL_SYSTEMS, within=10)
    finally:
        rig.box.config["i_ha"]["advertise_interval_sec"] = 0
        rig.box.reload()
    assert int(second("icmp.mip.seq")[0]) == int(first("icmp.mip.seq")[0]) + 1
    assert second("icmp.lifetime") == ["12"] and second("ip.src") == [plan.I_HA]


# broadcasts of the home network


def test_broadcasts_reach_mobiles_that_asked(rig):
    asked, other, nested = (rig.link_mobile() for _ in range(3))
    asked.register(flags=mip.B | mip.D | mip.T)
    other.register()
    nested.register(flags=mip.B | mip.T)
    packet = rig.datagram(plan.CORRESPONDENT, plan.LINK_BROADCAST, b"to all", ttl=5)
    rig.internal.send(packet, destination_mac=BROADCAST_MAC)
    got = asked.receive()
    assert got.packet[20:][12:20] == bytes(packet)[12:20] and got.packet[-6:] == b"to all"
    wrapped = nested.receive().packet
    middle = IP(wrapped[20:])
    assert (middle.src, middle.dst, middle.proto) == (plan.I_HA, nested.home, 4)
    assert bytes(middle.payload)[12:20] == bytes(packet)[12:20]
    rig.settle()
    assert rig.internal.leftover(lambda ip: ip.dst == other.source) == []
