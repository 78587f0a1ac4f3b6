# SPDX-License-Identifier: BSD-3-Clause
"""A flood of one kind starves neither the others nor the traffic: every class has its own limit."""

import plan
import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether
from wire import BROADCAST_MAC, neighbour_mac

RATE = 40
FLOOD = 400


def configure(config):
    config["limits"].update(punt_registration_per_sec=RATE, punt_icmp_error_per_sec=RATE, punt_arp_per_sec=RATE,
                            punt_keepalive_per_sec=RATE)


@pytest.fixture
def mobile(rig, eventually):
    """A registered mobile, to whom traffic must go on. An earlier flood may have left no room for its request at
    once."""
    registered = rig.x_mobile()

    def is_registered():
        registered.send(registered.request())
        rig.settle()
        return any(binding["home_address"] == registered.home for binding in rig.box.bindings())

    eventually(is_registered, "room for a registration", every=0.1)
    registered.kind = "ip-in-ip"
    return registered


def registrations(rig, _):
    forged = rig.x_mobile(plan.STRANGER_HOME)
    packet = IP(bytes(IP(src=forged.source, dst=plan.X_HA) / UDP(sport=434, dport=434) / forged.request()))
    for _ in range(FLOOD):
        rig.external.send(packet)


def expired_packets(rig, mobile):
    for _ in range(FLOOD):
        rig.to_mobile(mobile, ttl=1)


def arp_requests(rig, _):
    mac = neighbour_mac("10.1.0.66")
    frame = bytes(Ether(dst=BROADCAST_MAC, src=mac) / ARP(op=1, hwsrc=mac, psrc="10.1.0.66", pdst="10.1.0.99"))
    for _ in range(FLOOD):
        rig.internal.send_frame(frame)


def keepalives(rig, mobile):
    for number in range(FLOOD):
        mobile.send_through_tunnel(IP(src=mobile.home, dst=plan.X_HA) / ICMP(id=7, seq=number))


@pytest.mark.parametrize("flood, reason", [(registrations, "punt-rate-registration-external"),
                                           (expired_packets, "punt-rate-icmp-error"),
                                           (arp_requests, "punt-rate-arp"), (keepalives, "punt-rate-keepalive")])
def test_a_flood_is_cut_and_counted_and_the_rest_goes_on(rig, mobile, flood, reason):
    before = rig.drops()
    flood(rig, mobile)
    rig.to_mobile(mobile, b"traffic")
    mobile.link.expect_ip(lambda ip: mobile.is_from_tunnel(ip) and bytes(ip).endswith(b"traffic"), "traffic")
    back = rig.datagram(mobile.home, plan.CORRESPONDENT, b"and back")
    mobile.send_through_tunnel(back)
    rig.internal.expect_ip(lambda ip: ip.src == mobile.home, "traffic from the mobile")
    rig.settle()
    after = rig.drops()
    rates = {name: after[name] - before.get(name, 0) for name in after
             if name.startswith("punt-rate-") and after[name] != before.get(name, 0)}
    assert list(rates) == [reason], "only the class of the flood is cut"
    assert 0 < rates[reason] < FLOOD
