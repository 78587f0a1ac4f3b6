# SPDX-License-Identifier: BSD-3-Clause
"""A box that allows as little as it can: the reply codes that a generous one never sends."""

import mip
import plan
import pytest
from scapy.layers.inet import ICMP, IP

STRICT = {"simultaneous_max": 1, "gre": False, "minimal_encapsulation": False, "broadcasts": False,
          "udp_tunnel_forced": False, "strict_reserved_bits": True, "revocation": False}
BINDINGS_MAX = 6


def configure(config):
    """x-HA: reverse tunnels are mandatory. i-HA: neither reverse nor UDP tunnels, and no texts."""
    config["x_ha"].update(STRICT, reverse_tunnel="required")
    config["i_ha"].update(STRICT, reverse_tunnel="off", udp_tunnel=False, message_string=False)
    config["limits"].update(bindings_max=BINDINGS_MAX, auth_failure_replies_per_sec=1)
    config["security"]["forward_external_to_internal"] = False


@pytest.fixture
def x_mobile(rig):
    """Cleans up behind itself: the box has room for few."""
    mobile = rig.x_mobile()
    yield mobile
    mobile.send(mobile.request(lifetime=0, care_of=mobile.home))
    rig.settle()


def test_accepted_without_simultaneous_bindings_is_code_1(x_mobile):
    assert x_mobile.exchange().code == 1


def test_s_does_not_add_a_binding(rig, x_mobile):
    other = rig.x_mobile(x_mobile.home)
    assert x_mobile.exchange(flags=mip.S | mip.D | mip.T).code == 1
    assert other.exchange(flags=mip.S | mip.D | mip.T).code == 1
    assert [care_of["care_of_address"] for care_of in rig.box.binding(other.home)["care_of"]] == [other.care_of]


def test_no_reverse_tunnel_where_it_is_mandatory_is_138(x_mobile):
    reply = x_mobile.exchange(flags=mip.D)
    assert reply.code == 138
    text = reply.get(mip.MESSAGE_STRING)
    assert text[0] == 1 and text[1:].decode()
    assert reply.kinds().index(mip.MESSAGE_STRING) < reply.kinds().index(mip.MN_HA)


def test_reverse_tunnel_where_there_is_none_is_137(rig):
    reply = rig.i_mobile().exchange(flags=mip.D | mip.T)
    assert reply.code == 137 and reply.get(mip.MESSAGE_STRING) is None


@pytest.mark.parametrize("flag", [mip.M, mip.G, mip.M | mip.G])
def test_unavailable_encapsulation_is_139(x_mobile, flag):
    assert x_mobile.exchange(flags=mip.D | mip.T | flag).code == 139


@pytest.mark.parametrize("encapsulation", [47, 55])
def test_unavailable_encapsulation_in_udp_is_142(rig, x_mobile, encapsulation):
    x_mobile.behind_nat("192.0.2.240", rig.nat_port())
    assert x_mobile.exchange(extensions=mip.udp_request(0, encapsulation)).code == 142


def test_forced_udp_tunnel_is_129(x_mobile):
    assert x_mobile.exchange(extensions=mip.udp_request(flags=0x80)).code == 129


def test_nat_where_udp_tunnels_are_off_is_129(rig):
    mobile = rig.i_mobile().behind_nat("10.4.0.240", rig.nat_port())
    assert mobile.exchange(flags=mip.D, extensions=mip.udp_request()).code == 129


@pytest.mark.parametrize("bit", [mip.R_RESERVED, mip.X_RESERVED])
def test_reserved_bits_are_134(x_mobile, bit):
    assert x_mobile.exchange(flags=mip.D | mip.T | bit).code == 134


def test_b_is_ignored_and_not_refused(x_mobile):
    assert x_mobile.exchange(flags=mip.B | mip.D | mip.T).code == 1


def test_service_selection_is_151_and_ends_the_binding(rig, x_mobile):
    assert x_mobile.exchange().code == 1
    assert x_mobile.exchange(extensions=mip.extension(mip.SERVICE, b"gold")).code == 151
    assert x_mobile.home not in {binding["home_address"] for binding in rig.box.bindings()}


def test_home_address_that_belongs_to_another_name_is_129(rig, x_mobile):
    """The subscriber known by name alone has no right to a fixed address."""
    mobile = rig.x_mobile(x_mobile.home, nai=plan.DYNAMIC_NAI)
    assert mobile.exchange().code == 129


def test_no_mn_aaa_server_is_144(rig, x_mobile):
    message = mip.request(x_mobile.home, plan.X_HA, x_mobile.care_of, mip.ntp_now())
    x_mobile.send(mip.generalized(message, mip.Association(spi=2000)))
    reply = x_mobile.reply()
    assert reply.code == 144 and reply.is_authentic(x_mobile.association)


def test_too_many_bindings_is_130(rig):
    mobiles = [rig.x_mobile() for _ in range(BINDINGS_MAX + 1)]
    codes = [mobile.exchange().code for mobile in mobiles]
    assert codes == [1] * BINDINGS_MAX + [130]
    assert mobiles[0].exchange().code == 1, "who has a binding may renew it"
    for mobile in mobiles[:-1]:
        assert mobile.exchange(lifetime=0, care_of=mobile.home).code == 1
    assert mobiles[-1].exchange().code == 1, "there is room again"
    mobiles[-1].exchange(lifetime=0, care_of=mobiles[-1].home)


def test_131_replies_are_rationed(rig):
    forger = rig.x_mobile(association=mip.Association(key=b"not the right key"))
    before = rig.drops().get("reg-auth-rate", 0)
    for _ in range(20):
        forger.send(forger.request())
    rig.settle()
    replies = [frame for frame in rig.external.leftover() if frame.ip.dst == forger.care_of]
    dropped = rig.drops()["reg-auth-rate"] - before
    assert len(replies) + dropped == 20 and dropped >= 10
    rig.external.forget()


# the firewall between the sides


def test_plain_packets_from_outside_do_not_reach_the_inside(rig):
    with rig.drops_exactly({"ip-external-to-internal": 1}):
        rig.external.send(rig.datagram("192.0.2.9", plan.CORRESPONDENT))
    rig.nothing_forwarded()


def test_inside_sources_from_outside_get_no_answer(rig):
    with rig.drops_exactly({"ip-spoofed-inside": 1}):
        rig.external.send(IP(src=plan.CORRESPONDENT, dst=plan.X_HA) / ICMP(id=1))
    with rig.drops_exactly({"ip-ttl": 1}):
        rig.external.send(rig.datagram(plan.CORRESPONDENT, "192.0.2.9", ttl=1))
    rig.nothing_forwarded()


def test_decapsulated_packets_from_outside_do_not_reach_the_inside(rig, x_mobile):
    x_mobile.exchange()
    x_mobile.kind = "ip-in-ip"
    with rig.drops_exactly({"ip-external-to-internal": 1}):
        x_mobile.send_through_tunnel(rig.datagram(x_mobile.home, plan.CORRESPONDENT))
    rig.nothing_forwarded()


def test_packets_from_outside_do_not_enter_an_inside_tunnel(rig):
    mobile = rig.i_mobile()
    assert mobile.exchange(flags=mip.D).code == 1
    with rig.drops_exactly({"ip-external-to-internal": 1}):
        rig.external.send(rig.datagram("192.0.2.9", mobile.home))
    rig.nothing_forwarded()
    mobile.exchange(flags=mip.D, lifetime=0, care_of=mobile.home)


def test_the_inside_reaches_the_outside(rig):
    packet = rig.datagram(plan.CORRESPONDENT, "192.0.2.9")
    rig.internal.send(packet)
    assert rig.external.expect_ip(lambda ip: ip.dst == "192.0.2.9", "forwarded packet").ip.ttl == packet.ttl - 1
