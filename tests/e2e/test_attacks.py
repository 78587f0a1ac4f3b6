# SPDX-License-Identifier: BSD-3-Clause
"""Somebody on the way lies to the mobile about where it is. It stays outside and under ESP, says so, and counts it.

The liar owns the cafe: he sees every request that goes by, and answers in anybody's name before the home agent can
(RFC 5265 sections 3.1, 3.6 and 7, RFC 3519 section 6).
"""

import contextlib
import dataclasses
import select
import socket
import struct
import threading

import mip
import pytest
from lab.namespace import wait_until
from lab.topology import CAFE, I_HA, I_HOME, OFFICE, SERVER, STREET, TRAIN, X_HA, X_HOME, Topology
from lab.traveller import mode_of
from roaming import Roaming
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw

KEY = mip.Association(key=bytes.fromhex("6c61622d6b65792d6e6f742d61207365"))
WRONG = mip.Association(key=bytes(16))
TNC = mip.extension(mip.TNC, bytes(2))
ETHERTYPE_IP = 0x0800
OFFICE_MAC = "02:00:0a:01:01:01"
NO_PROOF = "an i-HA answered without the proof of being inside (TNC)"
NO_VALID = "no i-HA has given a valid answer"


def fixed(request, code=0, lifetime=60, identification=None, home=None):
    """The fixed part of a reply to a request."""
    return struct.pack("!BBH4s4sQ", mip.REPLY, code, lifetime, mip.packed(home or request.home),
                       mip.packed(request.agent), identification or request.identification)


class Listener:
    """Sees every Mobile IP message that comes in by an interface of a namespace, for as long as the context lasts."""

    def __init__(self, namespace, interface, kind, see):
        self._kind, self._see = kind, see
        with namespace.entered():
            self.air = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETHERTYPE_IP))
            self.air.bind((interface, ETHERTYPE_IP))
        self._stop_reader, self._stop = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def _listen(self):
        while self._stop_reader not in select.select([self.air, self._stop_reader], [], [])[0]:
            raw, sender = self.air.recvfrom(65536)
            packet = IP(raw)
            if UDP in packet and mip.PORT in (packet[UDP].sport, packet[UDP].dport):
                message = bytes(packet[UDP].payload)
                if message[0] == self._kind:
                    self._see(packet, mip.parse(message), sender)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.send(b"x")
        self._thread.join()
        for end in (self.air, self._stop, self._stop_reader):
            end.close()


class Liar(Listener):
    """What `lie(request)` returns is sent back in the name of whom the request was for."""

    def __init__(self, namespace, interface, lie):
        super().__init__(namespace, interface, mip.REQUEST, self._answer)
        self.lie, self.lies = lie, 0

    def _answer(self, packet, request, sender):
        answer = self.lie(request)
        if answer is None:
            return
        forged = IP(src=packet.dst, dst=packet.src) / UDP(sport=mip.PORT, dport=packet[UDP].sport) / Raw(answer)
        self.air.sendto(bytes(forged), sender)  # past the kernel, whose NAT would have a say
        self.lies += 1


@pytest.fixture(scope="module")
def roaming(pki):
    """The system, its mobile in the street in mode cvc, with strangers who listen. The mobile has heard that a gateway
    with a certain MAC address is a sign of being inside."""
    hints = {"gateways": (OFFICE_MAC,)}
    # who keeps the x-HA's answers away gains a VPN without it (test_mobile_vpn.py), which is not what these are about
    patience = {"delay_ms": 60000}
    with (Topology() as networks,
          Roaming(networks, pki, detect={"hints": hints}, vpn_settings=patience) as running):
        yield running


@pytest.fixture(autouse=True)
def explain(roaming):
    """It begins in the street, and ends with the logs, should the test fail."""
    roaming.go(STREET, "cvc")
    yield
    roaming.explain()


@contextlib.contextmanager
def rules(namespace, *chain):
    """Firewall rules of somebody's for a while."""
    path = namespace.network.directory / "attack.nft"
    path.write_text("table ip attack {\n\tchain theirs {\n" + "".join(f"\t\t{line};\n" for line in chain) + "\t}\n}\n")
    namespace.run("nft", "-f", path)
    try:
        yield
    finally:
        namespace.run("nft", "delete", "table", "ip", "attack")


def lied_to(roaming, lie, why, counter=None, place=CAFE):
    """Has the mobile come to a place where everybody is lied to; it must be outside and under ESP all the same, give
    `why` as the reason, and count each lie. Returns what it says of the i-HA."""
    before = roaming.mobile.node.agent("i-ha")["registration"]
    with Liar(roaming.networks.namespaces[place.router], "wifi", lie) as liar, \
            rules(roaming.networks.internet, "type filter hook prerouting priority -10", f"ip daddr {I_HA} drop"):
        roaming.go(place, place.modes[0])
        wait_until(lambda: liar.lies > 0, "a lie")
        if counter:
            wait_until(lambda: roaming.mobile.node.agent("i-ha")["registration"][counter] > before[counter],
                       f"{counter} counted")
        roaming.ping("office", I_HOME)
        roaming.ping("mobile", "-I", I_HOME, SERVER)
        status = roaming.mobile.node.status()
        roaming.data_arrives()
    assert not status["inside"] and status["mode"] == place.modes[0]
    assert (status["detection"]["place"], status["detection"]["why"]) == ("outside", why)
    roaming.invariants.check()
    assert mode_of(roaming.system.box, roaming.system.gateway) == place.modes[0]
    agent = next(agent for agent in status["agents"] if agent["name"] == "i-ha")
    assert agent["state"] != "registered" and agent["tunnel"] is None
    return agent


def only_i_ha(lie):
    """A lie in the name of the i-HA alone; what goes to the x-HA goes by."""
    return lambda request: lie(request) if request.agent == I_HA else None


FORGED = {
    "without-an-authenticator": lambda request: fixed(request) + TNC,
    "with-another-key": lambda request: mip.authenticate(fixed(request) + TNC, WRONG),
    "with-another-spi": lambda request: mip.authenticate(fixed(request) + TNC, dataclasses.replace(KEY, spi=999)),
    "with-the-foreign-agents-authenticator": lambda request: mip.authenticate(fixed(request) + TNC, KEY, mip.FA_HA),
    "a-denial-with-another-key": lambda request: mip.authenticate(fixed(request, 136), WRONG),
}


# In the train it is a foreign agent that lies: it says that the i-HA says yes.
places = pytest.mark.parametrize("place", [CAFE, TRAIN], ids=lambda place: place.name)


@places
@pytest.mark.parametrize("lie", FORGED.values(), ids=FORGED)
def test_forged_reply(roaming, lie, place):
    lied_to(roaming, only_i_ha(lie), NO_VALID, "bad_authenticators", place)


@places
def test_reply_of_an_i_ha_that_a_wrong_firewall_lets_through(roaming, place):
    """It is genuine, but its i-HA does not say that the mobile is inside."""
    lied_to(roaming, only_i_ha(lambda request: mip.authenticate(fixed(request), KEY)), NO_PROOF, place=place)


@places
def test_proof_added_behind_the_authenticator(roaming, place):
    """Somebody on the way cannot make the proof out of an answer that lacks it."""
    lied_to(roaming, only_i_ha(lambda request: mip.authenticate(fixed(request), KEY) + TNC), NO_PROOF, place=place)


def test_network_that_looks_like_the_office(roaming):
    """The cafe's router has the MAC address that is a sign of being inside: the i-HA is asked first, and lied about."""
    roaming.networks.namespaces["cafe"].ip("link", "set", "wifi", "address", OFFICE_MAC)
    lied_to(roaming, only_i_ha(FORGED["with-another-key"]), NO_VALID, "bad_authenticators")
    assert roaming.mobile.node.status()["detection"]["hinted_inside"]


def test_reply_for_another_home_address(roaming):
    """Another mobile's, with the same key even."""
    lie = only_i_ha(lambda request: mip.authenticate(fixed(request, home="10.1.0.8") + TNC, KEY))
    lied_to(roaming, lie, NO_VALID, "discarded")


def test_replayed_reply(roaming):
    """The proof that the mobile once was given inside is shown to it again outside: as it was, and made new."""
    genuine = []

    def record(_packet, reply, _sender):
        if reply.agent == I_HA and reply.get(mip.TNC) is not None:
            genuine.append(reply.raw)

    with Listener(roaming.networks.namespaces["inside"], "lan", mip.REPLY, record):
        roaming.go(OFFICE, "c")
        wait_until(lambda: genuine, "the i-HA's proof")
    assert roaming.mobile.node.status()["inside"]
    reply = genuine[0]
    lied_to(roaming, only_i_ha(lambda request: reply), NO_VALID, "discarded")
    roaming.go(STREET, "cvc")
    lied_to(roaming, only_i_ha(lambda request: reply[:12] + struct.pack("!Q", request.identification) + reply[20:]),
            NO_VALID, "bad_authenticators")


def test_forged_denial_of_the_x_ha(roaming):
    """Who has no key cannot deny in the x-HA's name, even when he keeps the requests from it."""
    before = roaming.mobile.node.agent("x-ha")["registration"]
    lie = lambda request: mip.authenticate(fixed(request, 129), WRONG) if request.agent == X_HA else None
    cafe = roaming.networks.namespaces["cafe"]
    with Liar(cafe, "wifi", lie):
        with rules(cafe, "type filter hook forward priority -10", "udp dport 434 drop"):
            roaming.networks.move(CAFE)
            wait_until(lambda: roaming.mobile.node.agent("x-ha")["registration"]["bad_authenticators"] >
                       before["bad_authenticators"] + 1, "bad authenticators counted")
            assert not roaming.mobile.node.status()["inside"]
        roaming.go(CAFE, "cvc")
    roaming.invariants.check()
    assert roaming.mobile.node.agent("x-ha")["registration"]["denials"] == before["denials"]


@contextlib.contextmanager
def wrong_firewall(networks):
    """The office's router lets the i-HA be reached from the internet."""
    networks.internet.ip("route", "add", I_HA, "via", "192.0.2.140")
    networks.namespaces["inside"].run("nft", "insert", "rule", "ip", "lab", "forward", "ip", "daddr", I_HA, "accept")
    try:
        yield
    finally:
        networks.internet.ip("route", "del", I_HA)


@pytest.mark.parametrize("place", [STREET, CAFE], ids=["public", "behind-nat"])
def test_i_ha_within_reach_from_outside(roaming, place):
    """The real i-HA hears the request through the wrong firewall, and keeps silent: the sender is not of its trusted
    networks. The box counts it."""
    before = roaming.system.box.drops()["reg-untrusted-source"]
    with wrong_firewall(roaming.networks):
        roaming.go(OFFICE, "c")
        roaming.go(place, "cvc")
        wait_until(lambda: roaming.system.box.drops()["reg-untrusted-source"] > before, "the i-HA's refusal")
        status = roaming.mobile.node.status()
        assert not status["inside"] and status["detection"]["why"] == NO_VALID
        roaming.data_arrives()
    roaming.invariants.check()


def x_binding(roaming):
    return roaming.system.box.binding(X_HOME)["care_of"][0]


def test_transient_pseudo_nat(roaming):
    """Somebody in the middle shows the x-HA another address for as long as the registration takes, and draws the tunnel
    to it (RFC 3519 section 6). He gets ESP; when he has gone, the mobile finds out by itself and registers anew."""
    networks = roaming.networks
    networks.unplug()
    with rules(networks.internet, "type nat hook postrouting priority srcnat",
               f"ip saddr {STREET.address} udp dport 434 masquerade"):
        networks.move(STREET)
        wait_until(lambda: x_binding(roaming)["source_address"] == "198.51.100.254", "the drawn tunnel", 20)
        assert x_binding(roaming)["kind"] == "udp"
        roaming.data_arrives()
        lost = roaming.mobile.node.agent("x-ha")["keepalive"]["mappings_lost"]
    wait_until(lambda: roaming.mobile.node.agent("x-ha")["keepalive"]["mappings_lost"] > lost,
               "the mobile notices", 60)
    wait_until(lambda: x_binding(roaming)["kind"] == "ip-in-ip", "the straight way", 20)
    roaming.data_arrives()
    roaming.invariants.check()
    assert mode_of(roaming.system.box, roaming.system.gateway) == "cvc"
