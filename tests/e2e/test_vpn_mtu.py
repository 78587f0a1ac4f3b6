# SPDX-License-Identifier: BSD-3-Clause
"""How large a packet goes through in one piece, and what happens to larger ones."""

import plan
import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.packet import Raw
from test_vpn_layers import stack

configure = plan.add_vpn
SIZES = [  # outer layer, ESP in UDP, inner layer, AES-GCM, AES-CBC with SHA2-256
    ("ip-in-ip", False, "ip-in-ip", 1406, 1386),
    ("udp", True, "udp", 1374, 1358),
    (None, False, "ip-in-ip", 1426, 1418),
    (None, True, "ip-in-ip", 1418, 1402),
    (None, True, "udp", 1406, 1390),
]


def of_size(dst, size, flags="DF"):
    return IP(bytes(IP(src=plan.CORRESPONDENT, dst=dst, flags=flags, id=77) / UDP(sport=1, dport=2) /
                    Raw(bytes(n & 0xff for n in range(size - 28)))))


@pytest.mark.parametrize("suite", ["aes256gcm16", "aes128-sha256"])
@pytest.mark.parametrize("outer, nat, inner, gcm, cbc", SIZES)
def test_largest_packet_in_one_piece(rig, outer, nat, inner, gcm, cbc, suite):
    largest = gcm if suite == "aes256gcm16" else cbc
    mobile = stack(rig, outer, inner, nat, suite)
    rig.internal.send(of_size(mobile.home, largest))
    assert len(mobile.receive()) == largest
    with rig.drops_exactly({"ip-too-big": 1}):
        rig.internal.send(of_size(mobile.home, largest + 1))
    error = rig.internal.expect_ip(lambda ip: ICMP in ip and ip[ICMP].type == 3, "ICMP error")
    assert (error.ip[ICMP].code, error.ip[ICMP].nexthopmtu) == (4, largest)
    assert rig.external.leftover() == []


@pytest.mark.parametrize("outer, nat, inner, gcm, cbc", SIZES)
def test_larger_packets_without_df_go_in_fragments(rig, outer, nat, inner, gcm, cbc):
    """vpn.fragment is "pre": cut before the innermost encapsulation, so that no fragment reaches ESP."""
    mobile = stack(rig, outer, inner, nat)
    packet = of_size(mobile.home, 1500, flags=0)
    rig.internal.send(packet)
    first, second = mobile.receive(), mobile.receive()
    assert first.flags.MF and not second.flags.MF and len(first) <= gcm
    payload = bytes(first.payload) + bytes(second.payload)
    assert payload == bytes(packet.payload) and second.frag * 8 == len(first) - 20


def test_to_a_tia_itself(rig):
    client = rig.vpn_client().up()
    rig.internal.send(of_size(client.tia, 1446))
    assert len(client.receive()) == 1446
    rig.internal.send(of_size(client.tia, 1447))
    error = rig.internal.expect_ip(lambda ip: ICMP in ip and ip[ICMP].type == 3, "ICMP error")
    assert (error.ip[ICMP].code, error.ip[ICMP].nexthopmtu) == (4, 1446)
