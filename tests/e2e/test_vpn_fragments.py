# SPDX-License-Identifier: BSD-3-Clause
"""Fragments that reach the VPN gateway, on TAP devices, whose driver hands them over as they are."""

import fake_charon
import plan
import pytest
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw
from vpn_peers import one_hop

configure = plan.add_vpn
DISSECT = False


def fragments(packet, size):
    """The fragments of a packet, `size` octets of payload each."""
    packet = IP(bytes(packet))
    body = bytes(packet.payload)
    for offset in range(0, len(body), size):
        more = "MF" if offset + size < len(body) else 0
        yield IP(src=packet.src, dst=packet.dst, proto=packet.proto, id=99, frag=offset // 8,
                 flags=more) / Raw(body[offset:offset + size])


@pytest.mark.parametrize("backwards", [False, True])
def test_ike_messages_come_in_whole(tap_rig, backwards):
    rig = tap_rig
    data = bytes(n & 0xff for n in range(3000))
    pieces = list(fragments(IP(src="192.0.2.90", dst=plan.GATEWAY) / UDP(sport=500, dport=500) / Raw(data), 1480))
    for piece in pieces[::-1] if backwards else pieces:
        rig.external.send(piece)
    assert rig.charon.expect(fake_charon.Datagram, "whole message").data == data


@pytest.mark.parametrize("nat", [False, True], ids=["plain", "nat"])
@pytest.mark.parametrize("suite", ["aes128gcm16", "aes256-sha256"])
def test_esp_is_put_together_before_it_is_opened(tap_rig, suite, nat):
    """RFC 4303 section 3.4.1. The inner packet may well be larger than a link's."""
    rig = tap_rig
    client = rig.vpn_client(suite=suite, port=rig.nat_port() if nat else None).up()
    for size in (600, 1400):
        inner = rig.datagram(client.tia, plan.CORRESPONDENT, bytes(size))
        for piece in fragments(client.outer(client.to_box.seal(inner)), 552):
            rig.external.send(piece)
        assert rig.internal.expect_ip(lambda ip: ip.src == client.tia, "opened packet").packet == one_hop(inner)


def test_a_fragment_alone_opens_nothing(tap_rig):
    rig = tap_rig
    client = rig.vpn_client().up()
    sealed = client.outer(client.to_box.seal(rig.datagram(client.tia, plan.CORRESPONDENT, bytes(600))))
    rig.external.send(next(fragments(sealed, 552)))
    rig.nothing_forwarded()


def test_inner_fragments_pass(tap_rig):
    """RFC 4301 section 7: tunnel mode SAs carry fragments, when ports are any."""
    rig = tap_rig
    client = rig.vpn_client().up()
    for piece in fragments(rig.datagram(client.tia, plan.CORRESPONDENT, bytes(1200)), 600):
        client.send(piece)
        assert rig.internal.expect_ip(lambda ip: ip.src == client.tia, "fragment").packet == one_hop(piece)
