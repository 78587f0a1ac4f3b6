# SPDX-License-Identifier: BSD-3-Clause
"""Frames that were damaged on purpose: the box goes on, loses no buffer, and lets nothing slip into the inside.

The box has few buffers here, so one that leaked with each frame of some kind would soon be missed.
"""

import random

import mip
import plan
import pytest
import tunnel
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.utils import checksum
from wire import BROADCAST_MAC, mac_bytes, neighbour_mac

DISSECT = False  # what is damaged inside is forwarded as it is
BUFFERS = 1024
FRAMES = 4000
BATCH = 50


def configure(config):
    config["eal"]["buffers"] = BUFFERS
    for port in config["ports"]:
        port.update(rx_descriptors=64, tx_descriptors=64)
    config["limits"]["punt_registration_per_sec"] = 1000000


def udp434(mobile, message):
    return bytes(IP(src=mobile.source, dst=mobile.agent) / UDP(sport=434, dport=434, chksum=0) / message)


def packets(rig, mobile):
    """One good packet of every kind that the box takes."""
    data = rig.datagram(mobile.home, plan.CORRESPONDENT, bytes(60))
    stamp = (mip.ntp_now() >> 32).to_bytes(4, "big")
    yield udp434(mobile, mobile.request())
    yield udp434(mobile, mobile.request(extensions=mip.udp_request() + mip.extension(mip.NAI, b"a@b.example") +
                                        mip.extension(mip.REVOCATION_SUPPORT, bytes(2) + stamp) +
                                        bytes([mip.DYNAMIC_HA, 1, 0, 4]) + mip.packed(plan.X_HA)))
    yield udp434(mobile, mip.authenticate(mobile.request(flags=mip.T), plan.FA_ASSOCIATION, mip.FA_HA))
    yield udp434(mobile, mip.authenticate(mip.revocation(mobile.home, plan.X_HA, mobile.care_of, 1, 0),
                                          plan.FA_ASSOCIATION, mip.FA_HA))
    for kind in tunnel.KINDS:
        yield bytes(tunnel.encapsulate(kind, mobile.source, mobile.agent, data, (mobile.port, 434)))
        yield bytes(tunnel.encapsulate(kind, mobile.source, mobile.agent, data, (mobile.port, 434), {"flags": "MF"}))
    yield bytes(IP(src=plan.EXTERNAL_GATEWAY, dst=plan.X_HA) / ICMP(type=3, code=4, nexthopmtu=1000) /
                bytes(tunnel.encapsulate("udp", plan.X_HA, mobile.source, data, (434, mobile.port))))
    yield bytes(IP(src=plan.EXTERNAL_GATEWAY, dst=plan.X_HA) / ICMP() / bytes(30))
    yield bytes(IP(src=plan.EXTERNAL_GATEWAY, dst="203.0.113.255") / UDP(sport=434, dport=434, chksum=0) /
                mobile.request())
    yield bytes(IP(src="192.0.2.9", dst=mobile.home, ttl=2) / UDP() / bytes(40))


def damage(chance, packet):
    """A packet with some octets changed, cut off or added. Half of them get right IP lengths and checksums again,
    so that they come further."""
    raw = bytearray(packet)
    for _ in range(chance.choice((1, 1, 2, 8))):
        raw[chance.randrange(len(raw))] = chance.choice((0, 1, 0x7f, 0x80, 0xff, chance.randrange(256)))
    if chance.random() < 0.3:
        raw = raw[:chance.randrange(1, len(raw) + 1)]
    if chance.random() < 0.1:
        raw += chance.randbytes(chance.randrange(1, 700))
    if chance.random() < 0.5 and len(raw) >= 20:
        raw[0:1] = b"\x45"
        raw[2:4] = len(raw).to_bytes(2, "big")
        raw[10:12] = b"\0\0"
        raw[10:12] = checksum(bytes(raw[:20])).to_bytes(2, "big")
    return bytes(raw)


@pytest.mark.parametrize("side", ["external", "internal"])
def test_damaged_packets_do_no_harm(rig, side):
    chance = random.Random(side)
    mobile = rig.x_mobile() if side == "external" else rig.i_mobile()
    mobile.behind_nat(mobile.source, rig.nat_port()).register("udp", udp_flags=0x80)
    link, good = mobile.link, list(packets(rig, mobile))
    for sent in range(FRAMES):
        link.send_frame(mac_bytes(link.mac()) + mac_bytes(neighbour_mac("0.0.0.1")) + b"\x08\x00" +
                        damage(chance, chance.choice(good)))
        if sent % BATCH == 0:
            rig.settle()
    prove_health(rig)


def test_damaged_arp_does_no_harm(rig):
    chance = random.Random("arp")
    for sent in range(FRAMES // 4):
        mac = neighbour_mac("10.1.0.77")
        frame = bytes(Ether(dst=BROADCAST_MAC, src=mac) / ARP(op=chance.choice((1, 2)), hwsrc=mac, psrc="10.1.0.77",
                                                             pdst=chance.choice((plan.I_HA, "10.1.0.77"))))
        raw = damage(chance, frame[14:])
        rig.internal.send_frame(frame[:14] + raw)
        if sent % BATCH == 0:
            rig.settle()
    prove_health(rig)


def prove_health(rig):
    """Fails unless the box forwards, tunnels and registers as before, and never ran out of buffers."""
    rig.settle()
    for link in rig.wire.links:
        link.forget()
    drops = rig.drops()
    assert "no-buffer" not in drops and sum(drops.values()) > FRAMES // 8
    mobile = rig.x_mobile()
    mobile.register()
    for _ in range(3):
        mobile.expect_tunnelled(rig.to_mobile(mobile))
    back = rig.datagram(mobile.home, plan.CORRESPONDENT)
    mobile.send_through_tunnel(back)
    rig.internal.expect_ip(lambda ip: ip.src == mobile.home, "packet from the mobile")
