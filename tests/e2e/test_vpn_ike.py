# SPDX-License-Identifier: BSD-3-Clause
"""IKE messages between the wire and charon (RFC 7296 section 2.23, RFC 3948)."""

import socket
import struct

import fake_charon
import plan
import pytest
from fake_charon import FakeCharon
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw
from scapy.utils import checksum

configure = plan.add_vpn
DISSECT = False  # what these messages carry is no IKE
MARKER = bytes(4)
PEER = "192.0.2.90"


def send(rig, data, sport=500, dport=500, link=None):
    (link or rig.external).send(IP(src=PEER, dst=plan.GATEWAY) / UDP(sport=sport, dport=dport) / Raw(data))


@pytest.mark.parametrize("sport, dport, data", [(500, 500, b"message"), (500, 500, bytes(8)), (1024, 500, b"odd"),
                                                (4500, 4500, MARKER + b"message"), (61000, 4500, MARKER + b"nat")])
def test_messages_reach_charon_with_their_addresses(rig, sport, dport, data):
    send(rig, data, sport, dport)
    message = rig.charon.expect(fake_charon.Datagram, "IKE message")
    assert message == (PEER, plan.GATEWAY, sport, dport, data)


@pytest.mark.parametrize("sport, dport", [(500, 500), (4500, 4500), (500, 1024), (4500, 61000)])
@pytest.mark.parametrize("size", [1, 28, 300, 1472])
def test_messages_leave_as_charon_wants_them(rig, sport, dport, size):
    data = (MARKER if sport == 4500 else b"") + bytes(n & 0xff for n in range(size - 4 * (sport == 4500)))
    rig.charon.send_datagram(plan.GATEWAY, PEER, sport, dport, data or b"!")
    frame = rig.external.expect_ip(lambda ip: ip.src == plan.GATEWAY, "IKE message")
    assert (frame.ip.dst, frame.ip.proto, frame.ip[UDP].sport, frame.ip[UDP].dport) == (PEER, 17, sport, dport)
    assert frame.packet[28:] == (data or b"!")
    assert frame.ip[UDP].chksum != 0 and udp_checksum_holds(frame.packet)


def udp_checksum_holds(packet):
    pseudo = packet[12:20] + struct.pack("!BBH", 0, socket.IPPROTO_UDP, len(packet) - 20)
    return checksum(pseudo + packet[20:]) == 0


def test_large_messages_go_out_in_fragments(rig):
    data = bytes(n & 0xff for n in range(3000))
    rig.charon.send_datagram(plan.GATEWAY, PEER, 500, 500, data)
    got, sizes = b"", []
    while len(got) < 3008:
        frame = rig.external.expect_ip(lambda ip: ip.src == plan.GATEWAY, "fragment")
        assert frame.ip.frag * 8 == len(got)
        got += frame.packet[20:]
        sizes.append(len(frame.packet))
    assert got[8:] == data and max(sizes) <= plan.MTU


@pytest.mark.parametrize("kind", ["ip-in-ip", "udp"])
def test_messages_through_the_x_ha_tunnel(rig, kind):
    mobile = rig.x_mobile()
    if kind == "udp":
        mobile.care_of = "192.168.1.10"
        mobile.behind_nat(mobile.source, rig.nat_port())
    mobile.register(kind)
    mobile.send_through_tunnel(IP(src=mobile.home, dst=plan.GATEWAY) / UDP(sport=500, dport=500) / Raw(b"up"))
    assert rig.charon.expect(fake_charon.Datagram, "IKE message") == (mobile.home, plan.GATEWAY, 500, 500, b"up")
    rig.charon.send_datagram(plan.GATEWAY, mobile.home, 500, 500, b"down")
    frame = mobile.receive()
    assert frame.packet.endswith(b"down")
    rig.nothing_forwarded()


def test_keepalives_and_other_small_things(rig):
    """RFC 3948 section 2.3: one octet, 0xff, and nothing follows."""
    with rig.drops_exactly({"esp-keepalive": 3}):
        for _ in range(3):
            send(rig, b"\xff", 4500, 4500)
    with rig.drops_exactly({"esp-short": 3, "udp-short": 1}):
        for data in (b"", b"\xfe", b"\xff\xff", b"\1\2\3"):
            send(rig, data, 4500, 4500)
    assert rig.charon.take_in() == []
    rig.nothing_forwarded()


def test_wrong_checksum(rig):
    with rig.drops_exactly({"udp-checksum": 1}):
        rig.external.send(IP(src=PEER, dst=plan.GATEWAY) / UDP(sport=500, dport=500, chksum=0x1234) / Raw(b"message"))
    assert rig.charon.take_in() == []


def test_datagrams_that_charon_must_not_send(rig):
    """Another source than the gateway's address leaves no port."""
    for src in (plan.X_HA, plan.CORRESPONDENT, "192.0.2.1"):
        rig.charon.send_datagram(src, PEER, 500, 500, b"forged")
    rig.nothing_forwarded()


@pytest.mark.parametrize("raw", [b"", b"\0", struct.pack("=IIII", 0x686b6500, 1, 1, 0) + bytes(40),
                                 struct.pack("=IIII", fake_charon.MAGIC, 2, 1, 0) + bytes(8),
                                 struct.pack("=IIII", fake_charon.MAGIC, 1, 1, 0) + bytes(39),
                                 struct.pack("=IIII", fake_charon.MAGIC, 99, 1, 0)],
                         ids=["nothing", "short", "other-version", "no-hello", "short-hello", "unknown"])
def test_a_peer_that_is_no_plugin_is_shown_out(rig, raw):
    rig.charon.close()
    stranger = FakeCharon(rig.ike_socket, hello=False)
    if raw:
        stranger.raw(raw)
    else:
        stranger.close()
    assert not raw or stranger.is_closed()
    rig.charon = FakeCharon(rig.ike_socket)
    assert rig.charon.gateways == [plan.GATEWAY]


def test_without_charon(rig):
    rig.charon.close()
    with rig.drops_exactly({"ike-no-charon": 2}):
        send(rig, b"message")
        send(rig, MARKER + b"message", 4500, 4500)
    rig.charon = FakeCharon(rig.ike_socket)
    send(rig, b"message")
    rig.charon.expect(fake_charon.Datagram, "IKE message")
