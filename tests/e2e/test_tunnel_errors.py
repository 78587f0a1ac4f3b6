# SPDX-License-Identifier: BSD-3-Clause
"""ICMP errors from inside a tunnel: soft state and what senders hear of it (RFC 2003 sections 4 and 5)."""

import plan
import pytest
from scapy.layers.inet import ICMP, IP
from scapy.packet import Raw

ROUTER = "192.0.2.254"


@pytest.fixture
def mobile(rig):
    """A mobile with an IP-in-IP tunnel that a router on the way can complain about."""
    registered = rig.x_mobile()
    registered.register()
    return registered


def tunnelled(rig, mobile, size=600, **fields):
    """A packet on its way to the mobile, and what the box made of it."""
    packet = rig.to_mobile(mobile, bytes(size - 28), **fields)
    return packet, mobile.receive().packet


def complain(rig, about, kind, code, quoted, mtu=0):
    """A router sends an ICMP error about the first `quoted` bytes of a tunnel packet to the box."""
    error = ICMP(type=kind, code=code)
    if mtu:
        error.nexthopmtu = mtu
    rig.external.send(IP(bytes(IP(src=ROUTER, dst=plan.X_HA) / error / Raw(about[:quoted]))))


def relayed(rig, packet, kind, code):
    """The ICMP error that reaches the correspondent; it quotes what the correspondent sent."""
    ip = rig.internal.expect_ip(lambda ip: ICMP in ip and ip[ICMP].type == kind and
                                ip.dst == plan.CORRESPONDENT, f"ICMP {kind}/{code}").ip
    assert ip[ICMP].code == code
    quoted = bytes(ip[ICMP].payload)
    assert quoted[12:28] == bytes(packet)[12:28]
    return ip


def test_fragmentation_needed_is_relayed_less_the_tunnel(rig, mobile):
    packet, outer = tunnelled(rig, mobile, 1400, flags="DF")
    complain(rig, outer, 3, 4, quoted=20 + 28, mtu=1300)
    assert relayed(rig, packet, 3, 4)[ICMP].nexthopmtu == 1280


def test_the_path_mtu_is_remembered(rig, mobile):
    _, outer = tunnelled(rig, mobile, 1400, flags="DF")
    complain(rig, outer, 3, 4, quoted=28, mtu=1300)
    rig.settle()
    with rig.drops_exactly({"ip-too-big": 1}):
        packet = rig.to_mobile(mobile, bytes(1281 - 28), flags="DF")
    assert relayed(rig, packet, 3, 4)[ICMP].nexthopmtu == 1280
    tunnelled(rig, mobile, 1280, flags="DF")
    rig.nothing_forwarded()


def test_an_error_that_quotes_no_inner_header_narrows_the_path_to_1280_at_most(rig, mobile):
    _, outer = tunnelled(rig, mobile, 1400, flags="DF")
    complain(rig, outer, 3, 4, quoted=28, mtu=576)
    rig.settle()
    tunnelled(rig, mobile, 1260, flags="DF")
    packet = rig.to_mobile(mobile, bytes(1261 - 28), flags="DF")
    assert relayed(rig, packet, 3, 4)[ICMP].nexthopmtu == 1260


def test_without_df_the_smaller_mtu_cuts(rig, mobile):
    before, outer = tunnelled(rig, mobile, 1400, flags="DF")
    complain(rig, outer, 3, 4, quoted=20 + 28, mtu=1000)
    relayed(rig, before, 3, 4)
    packet = rig.to_mobile(mobile, bytes(1400 - 28))
    pieces = [IP(mobile.receive().packet[20:]) for _ in range(2)]
    assert all(len(bytes(piece)) <= 980 for piece in pieces)
    assert b"".join(bytes(piece)[20:] for piece in sorted(pieces, key=lambda piece: piece.frag)) == bytes(packet)[20:]


@pytest.mark.parametrize("kind, code, told", [(3, 0, (3, 0)), (3, 1, (3, 1)), (11, 0, (3, 1))])
def test_unreachable_and_time_exceeded_are_relayed(rig, mobile, kind, code, told):
    packet, outer = tunnelled(rig, mobile)
    complain(rig, outer, kind, code, quoted=20 + 28)
    relayed(rig, packet, *told)


def test_an_unreachable_tunnel_is_remembered_and_tried_all_the_same(rig, mobile):
    _, outer = tunnelled(rig, mobile)
    complain(rig, outer, 3, 1, quoted=28)
    rig.settle()
    packet = rig.to_mobile(mobile)
    relayed(rig, packet, 3, 1)
    mobile.expect_tunnelled(packet)


@pytest.mark.parametrize("care_of", [None, "192.0.2.249"], ids=["the-same", "another"])
def test_a_new_registration_forgets_the_unreachable_tunnel(rig, mobile, care_of):
    _, outer = tunnelled(rig, mobile)
    complain(rig, outer, 3, 1, quoted=28)
    rig.settle()
    mobile.care_of = mobile.source = care_of or mobile.care_of
    mobile.register()
    mobile.expect_tunnelled(rig.to_mobile(mobile))
    rig.nothing_forwarded()


@pytest.mark.parametrize("kind, code", [(4, 0), (5, 1), (12, 0)])
def test_other_errors_are_not_relayed(rig, mobile, kind, code):
    _, outer = tunnelled(rig, mobile)
    complain(rig, outer, kind, code, quoted=20 + 28)
    rig.nothing_forwarded()
    mobile.expect_tunnelled(rig.to_mobile(mobile))


def test_an_error_about_a_tunnel_that_is_none_changes_nothing(rig, mobile):
    _, outer = tunnelled(rig, mobile, 1400, flags="DF")
    forged = IP(outer)
    forged.dst = "192.0.2.248"
    del forged.chksum
    complain(rig, bytes(forged), 3, 4, quoted=28, mtu=600)
    rig.nothing_forwarded()
    tunnelled(rig, mobile, 1400, flags="DF")
