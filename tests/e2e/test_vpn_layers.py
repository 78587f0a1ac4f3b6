# SPDX-License-Identifier: BSD-3-Clause
"""Three layers at once (RFC 5265 section 2.4): i-HA tunnel in ESP in x-HA tunnel, both ways, and moves of each."""

import mip
import plan
import pytest
import tunnel
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw
from vpn_peers import one_hop

configure = plan.add_vpn
OUTER = ["ip-in-ip", "udp", "gre", "gre-in-udp"]


def carrier(rig, kind="ip-in-ip"):
    """A registered mobile of the x-HA."""
    mobile = rig.x_mobile()
    if tunnel.is_udp(kind):
        mobile.care_of = "192.168.1.10"
        mobile.behind_nat(mobile.source, rig.nat_port())
    mobile.register(kind)
    return mobile


def stack(rig, outer="ip-in-ip", inner="ip-in-ip", nat=False, suite="aes256gcm16"):
    """A mobile with all three layers; outer None: mode mc."""
    base = carrier(rig, outer) if outer else None
    client = rig.vpn_client(base, port=4500 if nat else None, suite=suite).up()
    mobile = rig.inner_mobile(client)
    reply = mobile.register(inner)
    assert reply.get(mip.TNC) is not None, "TIAs are of a trusted network"
    return mobile


def goes_both_ways(rig, mobile, size=28):
    packet = rig.datagram(plan.CORRESPONDENT, mobile.home, bytes(size - 28))
    rig.internal.send(packet)
    assert bytes(mobile.receive()) == one_hop(packet)
    packet = rig.datagram(mobile.home, plan.CORRESPONDENT, bytes(size - 28))
    mobile.send(packet)
    assert rig.internal.expect_ip(lambda ip: ip.src == mobile.home, "packet").packet == one_hop(packet)


@pytest.mark.parametrize("nat", [False, True], ids=["esp", "udp-esp"])
@pytest.mark.parametrize("inner", ["ip-in-ip", "udp", "gre"])
@pytest.mark.parametrize("outer", [None, *OUTER])
def test_every_stack(rig, outer, inner, nat):
    with rig.drops_exactly({}):
        mobile = stack(rig, outer, inner, nat)
        for size in (28, 29, 100, 1300):
            goes_both_ways(rig, mobile, size)
    rig.nothing_forwarded()


@pytest.mark.parametrize("suite", ["aes128-sha256", "chacha20poly1305", "null-sha512"])
def test_other_suites(rig, suite):
    mobile = stack(rig, "udp", "udp", True, suite)
    for size in (28, 29, 1200):
        goes_both_ways(rig, mobile, size)


def test_renewal_and_deregistration_through_all_layers(rig):
    mobile = stack(rig)
    for _ in range(3):
        mobile.register()
    goes_both_ways(rig, mobile)
    mobile.register(lifetime=0)
    assert mobile.home not in {binding["home_address"] for binding in rig.box.bindings()}
    before = rig.drops()
    mobile.send(rig.datagram(mobile.home, plan.CORRESPONDENT))
    rig.nothing_forwarded()
    assert rig.drops().get("tunnel-no-binding", 0) == before.get("tunnel-no-binding", 0) + 1


def test_move_of_the_outer_layer(rig):
    """The x-HA binding changes under an SA and an i-HA binding that do not."""
    mobile = stack(rig)
    base = mobile.client.carrier
    for care_of, kind in (("192.0.2.240", "ip-in-ip"), ("192.168.1.10", "udp"), ("192.0.2.241", "gre")):
        old_source, old_kind, old_port = base.source, base.kind, base.port
        base.care_of = base.source = care_of
        base.port = mip.PORT
        if kind == "udp":
            base.behind_nat("192.0.2.242", rig.nat_port())
        base.register(kind)
        goes_both_ways(rig, mobile)
        source, port, base.source, base.port, base.kind = base.source, base.port, old_source, old_port, old_kind
        before = rig.drops()
        mobile.send(rig.datagram(mobile.home, plan.CORRESPONDENT))
        rig.nothing_forwarded()
        assert rig.drops() != before, "the old care-of address is nobody's now"
        base.source, base.port, base.kind = source, port, kind


def test_deregistration_of_the_outer_layer(rig):
    """Without an x-HA binding the x-HoA is reached through nothing, and nothing is sent to it plainly."""
    mobile = stack(rig)
    mobile.client.carrier.deregister()
    rig.internal.send(rig.datagram(plan.CORRESPONDENT, mobile.home))
    rig.settle()
    assert rig.external.leftover() == []
    mobile.client.carrier.register()
    goes_both_ways(rig, mobile)


def test_move_of_the_middle_layer(rig):
    """MOBIKE from an address of its own to another, into NAT, behind the x-HA, and out again."""
    mobile = stack(rig, None)
    client, base = mobile.client, carrier(rig)
    moves = [("192.0.2.243", None, None), ("192.0.2.244", 41000, None), (base.home, None, base),
             ("192.0.2.245", None, None)]
    for count, (address, port, through) in enumerate(moves, 2):
        client.move(address, port)
        client.carrier = through
        goes_both_ways(rig, mobile)
        assert client.from_box.seq >= count
    rig.nothing_forwarded()


def test_move_of_the_inner_layer(rig):
    """Another SA, another TIA: the i-HA gets a new care-of address."""
    mobile = stack(rig)
    old, mobile.client = mobile.client, rig.vpn_client(carrier(rig, "udp")).up()
    mobile.register()
    goes_both_ways(rig, mobile)
    with rig.drops_exactly({"tunnel-wrong-source": 1}):
        old.send(tunnel.encapsulate("ip-in-ip", old.tia, plan.I_HA, rig.datagram(mobile.home, plan.CORRESPONDENT)))
    rig.nothing_forwarded()


def test_rekey_under_all_layers(rig):
    mobile = stack(rig, "udp", "udp", True)
    for _ in range(3):
        mobile.client.rekey()
        goes_both_ways(rig, mobile)


def test_sa_through_another_mobiles_tunnel(rig):
    """Right keys, wrong way: an SA belongs to its x-HoA's tunnel."""
    mobile, other = stack(rig), carrier(rig)
    own, mobile.client.carrier = mobile.client.carrier, other
    packet = mobile.client.outer(mobile.client.to_box.seal(rig.datagram(mobile.client.tia, plan.CORRESPONDENT)))
    with rig.drops_exactly({"tunnel-wrong-source": 1}):
        rig.external.send(tunnel.encapsulate(other.kind, other.source, plan.X_HA, packet))  # a spoofed x-HoA
    rig.nothing_forwarded()
    mobile.client.carrier = own
    with rig.drops_exactly({"esp-wrong-tunnel": 1}):
        rig.external.send(packet)  # not through the tunnel at all
    rig.nothing_forwarded()


def test_inner_spoofing(rig):
    """The home address must be the one that is bound to the TIA."""
    mobile, other = stack(rig), stack(rig)
    wrong = tunnel.encapsulate("ip-in-ip", mobile.client.tia, plan.I_HA,
                               rig.datagram(other.home, plan.CORRESPONDENT))
    with rig.drops_exactly({"tunnel-wrong-source": 1}):
        mobile.client.send(wrong)
    with rig.drops_exactly({"tunnel-wrong-source": 1}):
        rig.external.send(tunnel.encapsulate("ip-in-ip", "192.0.2.246", plan.I_HA,
                                             rig.datagram(mobile.home, plan.CORRESPONDENT)))
    rig.nothing_forwarded()


def test_mobile_to_mobile(rig):
    first, second = stack(rig), stack(rig, "udp", "udp", True)
    packet = IP(bytes(IP(src=first.home, dst=second.home) / UDP(sport=1, dport=2) / Raw(b"hairpin")))
    first.send(packet)
    assert bytes(second.receive()) == one_hop(packet)
