# SPDX-License-Identifier: BSD-3-Clause
"""From every access mode to every other (RFC 5265 figure 1, RFC 5266), with and without NAT, under one TCP transfer.

The moves are one walk that uses each pair once, in one lab; a single case goes to where it begins first. After each
move the strangers' side of the lab is asked what it saw (invariants.py), and the box what it dropped.
"""

import pytest
from invariants import Breach, Invariants, Judge
from lab.namespace import wait_until
from lab.system import System
from lab.topology import CAFE, HOTEL, I_HA, I_HOME, OFFICE, OUTSIDE, SERVER, STREET, X_HA, X_HOME, Topology
from lab.transfer import Transfer
from lab.traveller import mode_of
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import GRE
from scapy.packet import Raw

STOPS = {"c": (OFFICE, "c"), "cvc-nat": (CAFE, "cvc"), "cvc": (STREET, "cvc"), "mc-nat": (HOTEL, "mc"),
         "mc": (STREET, "mc")}
# The layers that user data has outside.
LAYERS = {"cvc-nat": ("udp", "esp-in-udp"), "cvc": ("ip-in-ip", "esp-in-udp"), "mc-nat": ("esp-in-udp",),
          "mc": ("esp-in-udp",)}
# Drops that a move brings with it: packets for a mobile that has hung up and not yet dialled, the path MTU that
# became less, and what neighbours say of those that they cannot reach.
EXPECTED_DROPS = {"ip-unreachable", "ip-too-big", "icmp-ignored", "punt-rate-icmp-error"}
BYTES_PER_SEC = 250_000


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


class Walk:
    """The system with its mobile somewhere, a transfer from the server to it, and somebody who listens outside."""

    def __init__(self, networks, pki):
        self.networks = networks
        self.system = System(networks, pki)
        self.system.start()
        self.mobile = self.system.mobile
        self.invariants = Invariants([networks.namespaces[name] for name in OUTSIDE], [X_HA, I_HA])
        networks.on_close(self.invariants.close)
        self.at, self.transfer = None, None

    def go(self, name):
        self.at = None
        self.mobile.go(*STOPS[name])
        if self.transfer is None:
            self.transfer = Transfer(self.networks.server, self.networks.mobile, I_HOME, "transfer",
                                     bytes_per_sec=BYTES_PER_SEC)
        self.data_arrives()
        self.at = name

    def data_arrives(self):
        before = self.transfer.received()
        wait_until(lambda: self.alive().received() > before + 20_000, "the transfer to go on", 60)

    def alive(self):
        assert not self.transfer.has_failed(), self.transfer.sending.log()[-300:] + self.transfer.receiving.log()[-300:]
        return self.transfer

    def ping(self, source, *where):
        said = self.networks.namespaces[source].run("ping", "-c", "3", "-i", "0.02", "-W", "2", *where)
        assert " 0% packet loss" in said, said

    def homes(self):
        """Home addresses with a binding."""
        return {binding["home_address"] for binding in self.system.box.bindings()}

    def drops(self):
        return {name: count for name, count in self.system.box.drops().items() if count}


@pytest.fixture(scope="module")
def on_the_way(pki):
    with Topology() as networks:
        yield Walk(networks, pki)


@pytest.fixture(autouse=True)
def explain(request):
    """The logs, should the test fail."""
    yield
    if "on_the_way" in request.fixturenames:
        for name, log in request.getfixturevalue("on_the_way").system.logs().items():
            print(f"--- {name}", log[-2500:], sep="\n")


@pytest.mark.parametrize("here, there", walk(list(STOPS)), ids=lambda name: name)
def test_move(on_the_way, here, there):
    if on_the_way.at != here:
        on_the_way.go(here)
    drops = on_the_way.drops()
    on_the_way.go(there)
    assert mode_of(on_the_way.system.box, on_the_way.system.gateway) == STOPS[there][1]
    assert on_the_way.homes() == ({I_HOME, X_HOME} if "cvc" in there else {I_HOME})
    before = on_the_way.invariants.seen()
    on_the_way.ping("office", I_HOME)
    on_the_way.ping("mobile", "-I", I_HOME, SERVER)
    on_the_way.invariants.check()
    grown = on_the_way.invariants.seen() - before
    data = {layers for layers in grown if "esp-in-udp" in layers}
    assert data == ({LAYERS[there]} if there in LAYERS else set())
    assert {name for name, count in on_the_way.drops().items() if count > drops.get(name, 0)} <= EXPECTED_DROPS


def test_every_byte_arrived(on_the_way):
    if on_the_way.transfer is None:
        on_the_way.go("c")
    report = on_the_way.transfer.finish()
    on_the_way.transfer = None
    assert report["state"] == "done"


def test_the_mobile_never_sends_the_inside_to_strangers_while_it_sleeps(on_the_way):
    """Nothing runs on the mobile, but the home address is still somebody's destination."""
    on_the_way.mobile.stop()
    on_the_way.networks.server.run("sh", "-c", f"ping -c 3 -i 0.02 -W 1 {I_HOME} || true")
    on_the_way.invariants.check()


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
    """A packet in plain text on the café's air is found, so that silence means something."""
    with Topology() as networks:
        listening = Invariants([networks.namespaces[name] for name in OUTSIDE], [X_HA, I_HA])
        try:
            networks.move(CAFE)
            networks.mobile.run("sh", "-c", f"ping -c 1 -W 1 {SERVER} || true")
            wait_until(lambda: any(f"> {SERVER}" in breach for breach in listening.breaches()), "the breach")
        finally:
            listening.close()
