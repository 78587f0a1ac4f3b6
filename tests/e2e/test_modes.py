# SPDX-License-Identifier: BSD-3-Clause
"""From home and every access mode to every other (RFC 5265 figure 1, RFC 5266), with and without NAT, under one TCP
transfer.

The moves are one walk that uses each pair once, in one lab; a single case goes to where it begins first. After each
move the strangers' side of the lab is asked what it saw (invariants.py), and the box what it dropped.
"""

import pytest
from invariants import Breach, Invariants, Judge
from lab.namespace import wait_until
from lab.topology import (BRANCH, CAFE, HOME_LINK, HOTEL, I_HA, I_HOME, OFFICE, OUTSIDE, SERVER, STREET, TRAIN, X_HA,
                          X_HOME, Topology)
from lab.traveller import mode_of
from roaming import Roaming
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import GRE
from scapy.packet import Raw

STOPS = {"home": (HOME_LINK, "home"), "c": (OFFICE, "c"), "f": (BRANCH, "f"), "fvc": (TRAIN, "fvc"),
         "cvc-nat": (CAFE, "cvc"), "cvc": (STREET, "cvc"), "mc-nat": (HOTEL, "mc"), "mc": (STREET, "mc")}
# Home addresses with a binding, where it is not the i-HA's alone. In mode mc the x-HA cannot be told that it is left.
HOMES = {"home": set(), "cvc": {I_HOME, X_HOME}, "fvc": {I_HOME, X_HOME}}
# The layers around user data that strangers see. Between mobile and foreign agent there is no tunnel.
IN_UDP = ("esp-in-udp",)
LAYERS = {"home": set(), "c": set(), "f": set(), "fvc": {IN_UDP, ("ip-in-ip", *IN_UDP)}, "cvc-nat": {("udp", *IN_UDP)},
          "cvc": {("ip-in-ip", *IN_UDP)}, "mc-nat": {IN_UDP}, "mc": {IN_UDP}}
# Drops that a move brings with it: packets for a mobile that has hung up and not yet dialled, for which nobody answers
# on the home link; the path MTU that became less, and what neighbours say of those that they cannot reach; what the home
# link asks and hears.
EXPECTED_DROPS = {"arp-ignored", "arp-queue-full", "arp-timeout", "ether-not-for-us", "icmp-ignored", "ip-too-big",
                  "ip-unreachable", "punt-rate-icmp-error"}
# From a VPN over the x-HA to the home link: both home agents are asked at the same time (RFC 5265 section 3.3). When the
# x-HA's answer comes first, what has waited leaves through the VPN at once; by then the i-HA may have ended the binding
# there, as it must (RFC 5944 section 2.4.3), and its answer be on the way. Elsewhere inside that binding stays for it.
CROSSING_DROPS = {"tunnel-no-binding"}


def walk(names):
    """A closed walk over every ordered pair of different names, each once (Hierholzer)."""
    left = {name: [other for other in names if other != name] for name in names}
    path, stack = [], [names[0]]
    while stack:
        if left[stack[-1]]:
            stack.append(left[stack[-1]].pop())
        else:
            path.append(stack.pop())
    path.reverse()
    return list(zip(path, path[1:]))


@pytest.fixture(scope="module")
def roaming(pki):
    with Topology() as networks, Roaming(networks, pki) as running:
        yield running


@pytest.fixture(autouse=True)
def explain(request):
    """The logs, should the test fail."""
    yield
    if "roaming" in request.fixturenames:
        request.getfixturevalue("roaming").explain()


@pytest.mark.parametrize("here, there", walk(list(STOPS)), ids=lambda name: name)
def test_move(roaming, here, there):
    if roaming.at != STOPS[here]:
        roaming.go(*STOPS[here])
    drops = roaming.drops()
    roaming.go(*STOPS[there])
    mode = STOPS[there][1]
    assert mode_of(roaming.system.box, roaming.system.gateway) == mode
    homes = HOMES.get(mode, {I_HOME})
    wait_until(lambda: roaming.homes() == homes or mode == "mc", "the x-HA to be left when the VPN is hung up", 10)
    before = roaming.invariants.seen()
    roaming.ping("office", I_HOME)
    roaming.ping("mobile", "-I", I_HOME, SERVER)
    roaming.invariants.check()
    grown = roaming.invariants.seen() - before
    assert {layers for layers in grown if "esp-in-udp" in layers} == LAYERS[there]
    crossing = CROSSING_DROPS if mode == "home" and STOPS[here][1] in ("cvc", "fvc") else set()
    assert {name for name, count in roaming.drops().items() if count > drops.get(name, 0)} <= EXPECTED_DROPS | crossing


def test_each_interface_is_inside_or_outside_by_itself(roaming):
    """The phone is outside all the time, while the Wi-Fi is inside, gone, behind a NAT, and gone again."""
    def place_of(interface):
        tracks = roaming.mobile.node.status()["tracks"]
        return next(track["detection"]["place"] for track in tracks if track["name"] == interface)
    roaming.mobile.stop()
    roaming.networks.move(STREET, "wwan0")
    phone = ("wwan0",)
    roaming.go(OFFICE, "c", "wlan0", phone)
    assert place_of("wlan0") == "inside" and place_of("wwan0") != "inside"
    for place, interface in ((STREET, "wwan0"), (CAFE, "wlan0"), (STREET, "wwan0")):
        roaming.go(place, "cvc", interface, phone)
        assert place_of(interface) == "outside"
        roaming.ping("mobile", "-I", I_HOME, SERVER)
    roaming.go(OFFICE, "c", "wlan0", phone)
    roaming.ping("mobile", "-I", I_HOME, SERVER)
    roaming.invariants.check()


def test_every_byte_arrived(roaming):
    if roaming.transfer is None:
        roaming.go(*STOPS["c"])
    report = roaming.transfer.finish()
    roaming.transfer = None
    assert report["state"] == "done"


def test_the_mobile_never_sends_the_inside_to_strangers_while_it_sleeps(roaming):
    """Nothing runs on the mobile, but the home address is still somebody's destination."""
    roaming.mobile.stop()
    roaming.networks.server.run("sh", "-c", f"ping -c 3 -i 0.02 -W 1 {I_HOME} || true")
    roaming.invariants.check()


USER = IP(src=SERVER, dst=I_HOME) / TCP(dport=5001) / Raw(b"secret")
TUNNELLED = {
    "plain": USER,
    "ip-in-ip": IP(src=X_HA, dst="192.0.2.74") / USER,
    "gre": IP(src=X_HA, dst="192.0.2.74") / GRE() / USER,
    "minimal": IP(src=X_HA, dst="192.0.2.74", proto=55) /
               Raw(bytes([6, 0x80, 0, 0]) + bytes(USER)[16:20] + bytes(USER)[12:16] + bytes(USER)[20:]),
    "udp": IP(src=X_HA, dst="192.0.2.74") / UDP(sport=434, dport=434) / Raw(bytes([4, 4, 0, 0])) / USER,
    "ip-in-ip in udp": IP(src=X_HA, dst="192.0.2.74") / UDP(sport=434, dport=434) / Raw(bytes([4, 4, 0, 0])) /
                       IP(src=I_HA, dst="10.8.0.1") / USER,
    "quoted": IP(src="192.0.2.1", dst="192.0.2.74") / ICMP(type=3, code=1) / USER,
    "ping": IP(src="192.0.2.1", dst="192.0.2.74") / ICMP(),
    "not quite esp": IP(src=X_HA, dst="192.0.2.74") / UDP(sport=4500, dport=4500) / Raw(b"secret"),
}


@pytest.mark.parametrize("packet", TUNNELLED.values(), ids=TUNNELLED)
def test_the_judge_sees_user_data(packet):
    with pytest.raises(Breach):
        Judge([X_HA, I_HA]).judge(bytes(packet))


def test_the_taps_see_a_breach():
    """A packet in plain text on the cafe's air is found, so that silence means something."""
    with Topology() as networks, Invariants([networks.namespaces[name] for name in OUTSIDE]) as listening:
        networks.move(CAFE)
        networks.mobile.run("sh", "-c", f"ping -c 1 -W 1 {SERVER} || true")
        wait_until(lambda: any(f"> {SERVER}" in breach for breach in listening.breaches()), "the breach")
