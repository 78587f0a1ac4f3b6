# SPDX-License-Identifier: BSD-3-Clause
"""Wireshark reads what the box sends, with the names and values that were meant.

Besides, every module's capture is searched for malformed frames of the box when its rig is taken down
(conftest.py). Here one message of each kind is provoked and looked at closely.
"""

import ipaddress

import mip
import plan
import pytest
import tshark
from scapy.layers.inet import ICMP, IP, UDP
from wire import BROADCAST_MAC


@pytest.fixture
def seen(rig):
    """seen(filter) dissects the box's frames since the test began; there is at least one."""
    known = rig.wire.recorded

    def dissected(display_filter):
        sent = " || ".join(f"eth.src == {link.mac()}" for link in rig.wire.links)
        trees = tshark.dissect(rig.wire.capture_path, f"frame.number > {known} && ({sent}) && ({display_filter})")
        assert trees, f"the box sent no {display_filter}"
        return trees
    return dissected


def one(trees, name):
    """The value of a field that stands once in one dissection."""
    assert len(trees) == 1
    values = tshark.fields(trees, name)
    assert len(values) == 1, f"{name}: {values}"
    return values[0]


def test_accepting_reply(rig, seen):
    mobile = rig.x_mobile()
    mobile.exchange(lifetime=123)
    trees = seen("mip.type == 3")
    assert (one(trees, "mip.code"), one(trees, "mip.life")) == ("0", "123")
    assert one(trees, "mip.homeaddr") == mobile.home
    assert one(trees, "mip.haaddr") == plan.X_HA
    assert one(trees, "mip.auth.spi") in ("256", "0x00000100")


def from_nat(mobile, **fields):
    """A request whose source is not the care-of address in it."""
    mobile.port = 5000
    return mobile.request(care_of="192.168.1.1", **fields)


DENIALS = {
    129: from_nat,
    131: lambda mobile: mobile.request()[:-1] + b"!",
    133: lambda mobile: mobile.request(identification=1),
    134: lambda mobile: mobile.request(extensions=mip.udp_request(reserved3=1)),
    136: lambda mobile: mobile.request(agent="198.51.100.9"),
    140: lambda mobile: mobile.request(extensions=mip.long_extension(mip.CVSE, 0, bytes(8))),
    142: lambda mobile: from_nat(mobile, extensions=mip.udp_request(0, 99)),
    151: lambda mobile: mobile.request(extensions=mip.extension(mip.SERVICE, b"gold")),
}


@pytest.mark.parametrize("code", list(DENIALS))
def test_denying_replies(rig, seen, code):
    mobile = rig.x_mobile()
    mobile.send(DENIALS[code](mobile))
    assert mobile.reply().code == code
    trees = seen("mip.type == 3")
    assert one(trees, "mip.code") == str(code)
    assert one(trees, "mip.ext.msgstr.text")


def test_udp_tunnel_reply(rig, seen):
    mobile = rig.x_mobile()
    mobile.behind_nat(mobile.source, rig.nat_port()).care_of = "192.168.1.9"
    mobile.register("udp")
    trees = seen("mip.type == 3")
    assert "44" in tshark.fields(trees, "mip.ext.type")
    assert one(trees, "mip.ext.utrp.keepalive") == str(plan.KEEPALIVE_SEC)


def test_trusted_networks_configured(rig, seen):
    rig.i_mobile().exchange()
    assert "149" in tshark.fields(seen("mip.type == 3"), "mip.ext.type")


def test_network_access_identifier(rig, seen):
    rig.x_mobile("0.0.0.0", nai=plan.DYNAMIC_NAI).exchange()
    assert one(seen("mip.type == 3"), "mip.nai") == plan.DYNAMIC_NAI


def test_tunnel_data(rig, seen):
    mobile = rig.x_mobile()
    mobile.behind_nat(mobile.source, rig.nat_port()).care_of = "192.168.1.9"
    mobile.register("udp")
    rig.to_mobile(mobile, b"inside")
    mobile.receive()
    trees = seen("mip.type == 4")
    assert one(trees, "mip.nattt.nexthdr") == "4"
    assert tshark.fields(trees, "ip.dst") == [mobile.source, mobile.home]


@pytest.mark.parametrize("kind, display_filter", [("ip-in-ip", "ip.proto == 4"), ("gre", "gre"),
                                                  ("minimal", "ip.proto == 55")])
def test_encapsulations(rig, seen, kind, display_filter):
    mobile = rig.x_mobile()
    mobile.register(kind)
    rig.to_mobile(mobile)
    mobile.receive()
    assert plan.X_HA in tshark.fields(seen(display_filter), "ip.src")


def test_revocation(rig, seen):
    mobile = rig.x_mobile(care_of=plan.FOREIGN_AGENT)
    support = mip.extension(mip.REVOCATION_SUPPORT, bytes(2) + (mip.ntp_now() >> 32).to_bytes(4, "big"))
    mobile.exchange(mip.authenticate(mobile.request(flags=mip.T) + support, plan.FA_ASSOCIATION, mip.FA_HA))
    rig.box.ctl("revoke", mobile.home)
    frame = rig.external.expect_ip(lambda ip: ip.dst == plan.FOREIGN_AGENT and bytes(ip)[28] == mip.REVOCATION,
                                   "revocation")
    trees = seen("mip.type == 7")
    assert tshark.fields(trees[:1], "mip.homeaddr") == [mobile.home]
    message = mip.parse(frame.packet[28:])
    rig.external.send(IP(src=plan.FOREIGN_AGENT, dst=plan.X_HA) / UDP(sport=434, dport=434) / mip.authenticate(
        mip.revocation_ack(mobile.home, message.revocation_id), plan.FA_ASSOCIATION, mip.FA_HA))


def test_arp_requests_answers_and_claims(rig, seen):
    stranger = "198.51.100.200"
    rig.internal.send(rig.datagram(plan.CORRESPONDENT, stranger))
    rig.external.expect_ip(lambda ip: ip.dst == stranger, "packet")
    assert stranger in tshark.fields(seen("arp.opcode == 1"), "arp.dst.proto_ipv4")
    rig.external.resolve(plan.X_HA)
    assert plan.X_HA in tshark.fields(seen("arp.opcode == 2"), "arp.src.proto_ipv4")
    mobile = rig.link_mobile()
    mobile.register()
    rig.internal.expect(lambda frame: frame.arp is not None and frame.dst == BROADCAST_MAC and
                        frame.arp.psrc == mobile.home, "gratuitous ARP")
    assert mobile.home in tshark.fields(seen("arp.isgratuitous == 1"), "arp.src.proto_ipv4")


def test_icmp_errors(rig, seen):
    mobile = rig.x_mobile()
    mobile.register()
    rig.to_mobile(mobile, bytes(1472), flags="DF")
    rig.internal.expect_ip(lambda ip: ICMP in ip and ip[ICMP].type == 3, "fragmentation needed")
    rig.to_mobile(mobile, ttl=1)
    rig.internal.expect_ip(lambda ip: ICMP in ip and ip[ICMP].type == 11, "time exceeded")
    trees = seen("icmp.type == 3 || icmp.type == 11")
    assert tshark.fields(trees, "icmp.mtu") == ["1480"]
    assert set(tshark.fields(trees, "icmp.checksum.status")) == {"1"}
    assert ipaddress.ip_address(tshark.fields(trees, "ip.src")[0]) == ipaddress.ip_address(plan.INTERNAL_PORT)
