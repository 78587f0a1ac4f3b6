# SPDX-License-Identifier: BSD-3-Clause
"""ESP as a scripted far end sees it (RFC 4303, RFC 3948): every suite, both ways, byte for byte."""

import esp
import fake_charon
import plan
import pytest
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw
from vpn_peers import one_hop

configure = plan.add_vpn


def of_size(src, dst, size, **fields):
    """A UDP packet of `size` bytes in all."""
    return IP(bytes(IP(src=src, dst=dst, **fields) / UDP(sport=4, dport=5) / Raw(bytes(size - 28))))


@pytest.mark.parametrize("nat", [False, True], ids=["plain", "nat"])
@pytest.mark.parametrize("esn", [False, True], ids=["", "esn"])
@pytest.mark.parametrize("suite", list(esp.SUITES))
def test_both_ways(rig, suite, esn, nat):
    client = rig.vpn_client(suite=suite, esn=esn, port=rig.nat_port() if nat else None).up()
    with rig.drops_exactly({}):
        for number, size in enumerate((28, 29, 31, 44, 45, 300, 1358), 1):
            inner = of_size(client.tia, plan.CORRESPONDENT, size)
            client.send(inner)
            assert rig.internal.expect_ip(lambda ip: ip.src == client.tia, "opened packet").packet == one_hop(inner)
            packet = of_size(plan.CORRESPONDENT, client.tia, size)
            rig.internal.send(packet)
            assert bytes(client.receive()) == one_hop(packet)
            assert client.from_box.seq == number
    ends = (client.address, plan.GATEWAY)
    total = sum((28, 29, 31, 44, 45, 300, 1358))
    for way, association in ((ends, client.to_box), (ends[::-1], client.from_box)):
        use = rig.charon.query_sa(*way, association.spi)
        assert (use.packets, use.bytes) == (7, total) and use.last_use_sec > 0


def test_an_iv_never_comes_twice(rig):
    client = rig.vpn_client().up()
    ivs = set()
    for number in range(64):
        rig.internal.send(rig.datagram(plan.CORRESPONDENT, client.tia, bytes([number])))
        ivs.add(client.receive_outer()[28:36])
    assert len(ivs) == 64


def test_outer_header(rig):
    client = rig.vpn_client().up()
    packet = rig.datagram(plan.CORRESPONDENT, client.tia, tos=0xb9, flags="DF", id=7)
    rig.internal.send(packet)
    outer = IP(client.receive_outer())
    assert (outer.ttl, outer.tos, outer.flags) == (plan.BOX_TTL, 0xb9, "DF")
    rig.internal.send(rig.datagram(plan.CORRESPONDENT, client.tia))
    assert not IP(client.receive_outer()).flags.DF


@pytest.mark.parametrize("inner, outer, left", [(0, 3, None), (2, 3, 3), (1, 3, 3), (2, 2, 2), (2, 1, 1), (0, 0, 0)])
def test_congestion_marks(rig, inner, outer, left):
    """RFC 6040 section 4.2, the table."""
    client = rig.vpn_client().up()
    packet = rig.datagram(client.tia, plan.CORRESPONDENT, tos=inner)
    with rig.drops_exactly({} if left is not None else {"tunnel-ecn": 1}):
        client.send_sealed(client.to_box.seal(packet), tos=outer)
    arrived = rig.internal.leftover(lambda ip: ip.src == client.tia)
    assert [frame.ip.tos for frame in arrived] == ([left] if left is not None else [])


def test_an_sa_opens_both_forms_at_any_time(rig):
    """RFC 7296 section 2.23: in UDP or not, whatever was negotiated."""
    client = rig.vpn_client(port=rig.nat_port()).up()
    packet = rig.datagram(client.tia, plan.CORRESPONDENT)
    port = client.port
    for form in (port, None, port):
        client.port = form
        client.send(packet)
        rig.internal.expect_ip(lambda ip: ip.src == client.tia, "opened packet")
    client.port = port


@pytest.mark.parametrize("extra", [4, 16, 100, 240])
def test_more_padding_than_needed_is_fine(rig, extra):
    """RFC 5265 section 5.2, RFC 4303 section 2.4."""
    client = rig.vpn_client().up()
    inner = rig.datagram(client.tia, plan.CORRESPONDENT)
    client.send(inner, padding=bytes(range(1, 1 + extra + -(len(inner) + 2) % 4)))
    assert rig.internal.expect_ip(lambda ip: ip.src == client.tia, "opened packet").packet == one_hop(inner)


def test_traffic_flow_confidentiality_padding_is_cut_off(rig):
    """RFC 4303 section 2.7: the packet inside says how long it is."""
    client = rig.vpn_client().up()
    inner = rig.datagram(client.tia, plan.CORRESPONDENT)
    client.send(bytes(inner) + bytes(401))
    frame = rig.internal.expect_ip(lambda ip: ip.src == client.tia, "opened packet")
    assert frame.packet == one_hop(inner) and len(frame.raw) <= max(60, 14 + len(inner))


def test_one_client_reaches_another(rig):
    first, second = rig.vpn_client().up(), rig.vpn_client(suite="aes256-sha256", port=rig.nat_port()).up()
    packet = rig.datagram(first.tia, second.tia)
    first.send(packet)
    assert bytes(second.receive()) == one_hop(packet)


def test_sequence_numbers_over_4g_with_esn(rig):
    """RFC 4303 appendix A: the high half is guessed from the window."""
    client = rig.vpn_client(esn=True).up()
    packet = rig.datagram(client.tia, plan.CORRESPONDENT)
    with rig.drops_exactly({"esp-replay": 1}):
        for seq in (1, 0x7fffffff, 0xfffffff0, 0x100000005, 0x180000000, 0x100000000 + 0xffffffff, 0x200000001):
            client.send(packet, seq=seq)
            rig.internal.expect_ip(lambda ip: ip.src == client.tia, f"packet {seq:#x}")
        client.send(packet, seq=0x200000001)


def test_selectors_with_protocol_and_port(rig):
    """RFC 4301 section 5.2: what was opened must fit the SA's selectors."""
    client = rig.vpn_client()
    client.inside = [fake_charon.selector(plan.INSIDE, 17, (40001, 40001))]
    client.up()
    with rig.drops_exactly({"esp-selector": 2}):
        client.send(rig.datagram(client.tia, plan.CORRESPONDENT))
        client.send(IP(src=client.tia, dst=plan.CORRESPONDENT) / UDP(sport=40000, dport=40002))
        client.send(IP(src=client.tia, dst=plan.CORRESPONDENT, proto=6) / Raw(b"\x9c\x40\x9c\x41" + bytes(16)))
        rig.internal.expect_ip(lambda ip: ip.src == client.tia and ip[UDP].dport == 40001, "packet that fits")
    rig.nothing_forwarded()
