# SPDX-License-Identifier: BSD-3-Clause
"""Listens on every interface of the untrusted side, and holds each packet against what RFC 5265 allows there.

It knows a few things that may be seen by strangers; whatever else it sees is a breach. Tunnels are taken off layer
by layer, whatever their encapsulation and order. What may be in them, or bare, is

- ESP, IKE and their keepalives (RFC 4303, RFC 3948, RFC 7296);
- registrations, UDP tunnel keepalives between a mobile and its home agent (RFC 5944, RFC 3519);
- what networks say of themselves: advertisements, solicitations, ICMP errors about such packets, IGMP, DHCP.

So no user packet passes in plain text, and what goes to or comes from the enterprise is under ESP. A fragment is held
for a breach as well: nothing in the lab should need one on the untrusted side.
"""

import collections
import contextlib
import ipaddress
import select
import socket
import struct
import threading

from lab.topology import I_HA, X_HA

ETHERTYPE_ALL, ETHERTYPE_IP = 0x0003, 0x0800
SOL_PACKET, PACKET_STATISTICS, SO_RCVBUFFORCE = 263, 6, 33
ICMP, IGMP, IPIP, UDP, GRE, ESP, MINIMAL = 1, 2, 4, 17, 47, 50, 55
MIP_PORT, IKE_PORT, NATT_PORT = 434, 500, 4500
MIP_REGISTRATION = {1: "registration request", 3: "registration reply", 7: "revocation", 15: "revocation"}
MIP_TUNNEL_DATA = 4
ECHO = (0, 8)
ICMP_ERRORS = (3, 4, 5, 11, 12)
ADVERTISEMENTS = {9: "advertisement", 10: "solicitation"}
DHCP_PORTS = (67, 68)


class Breach(Exception):
    """A packet that strangers must not see."""


def address(packet, offset):
    return str(ipaddress.IPv4Address(packet[offset:offset + 4]))


class Judge:
    """Says what an IPv4 packet on the untrusted side is, or raises Breach. `home_agents`: who may be pinged through a
    tunnel as a keepalive."""

    def __init__(self, home_agents):
        self.home_agents = {ipaddress.IPv4Address(agent).packed for agent in home_agents}

    def judge(self, packet):
        """The layers from the outside in, as a tuple of words."""
        try:
            return tuple(self._layers(packet))
        except (IndexError, struct.error) as error:
            raise Breach(f"a truncated packet: {error}") from error

    def _layers(self, packet):
        head, proto = (packet[0] & 15) * 4, packet[9]
        if struct.unpack_from("!H", packet, 6)[0] & 0x3fff:
            raise Breach("a fragment")
        body = packet[head:struct.unpack_from("!H", packet, 2)[0]]
        if proto == UDP:
            yield from self._udp(packet, body)
        elif proto in (IPIP, GRE, MINIMAL):
            yield from self._tunnel(proto, packet, body)
        elif proto == ESP:
            yield "esp"
        elif proto == ICMP:
            yield self._icmp(packet, body)
        elif proto == IGMP:
            yield "igmp"
        else:
            raise Breach(f"IP protocol {proto}")

    def _tunnel(self, proto, packet, body):
        if proto == IPIP:
            yield "ip-in-ip"
            yield from self._layers(body)
        elif proto == GRE:
            yield "gre"
            yield from self._layers(body[8 if body[0] & 0x80 else 4:])
        else:
            yield "minimal"
            yield from self._layers(self._restore(packet, body))

    @staticmethod
    def _restore(packet, body):
        """The packet as it was before minimal encapsulation (RFC 2004)."""
        size = 12 if body[1] & 0x80 else 8
        source = body[8:12] if size == 12 else packet[12:16]
        length = struct.pack("!H", 20 + len(body) - size)
        return packet[:1] + packet[1:2] + length + packet[4:9] + body[:1] + packet[10:12] + source + body[4:8] + \
            body[size:]

    def _udp(self, packet, body):
        ports = struct.unpack_from("!HH", body)
        data = body[8:]
        if MIP_PORT in ports:
            if data[0] in MIP_REGISTRATION:
                yield MIP_REGISTRATION[data[0]]
                return
            if data[0] != MIP_TUNNEL_DATA:
                raise Breach(f"Mobile IP message {data[0]}")
            yield "udp"
            if data[1] == IPIP:
                yield from self._layers(data[4:])
            else:
                yield from self._tunnel(data[1], packet, data[4:])
        elif NATT_PORT in ports:
            yield from self._natt(data)
        elif IKE_PORT in ports:
            yield "ike"
        elif ports[0] in DHCP_PORTS and ports[1] in DHCP_PORTS:
            yield "dhcp"
        else:
            raise Breach(f"UDP {ports[0]} > {ports[1]}")

    @staticmethod
    def _natt(data):
        if data == b"\xff":
            yield "natt-keepalive"
        elif data[:4] == bytes(4):
            yield "ike"
        elif len(data) > 16:
            yield "esp-in-udp"
        else:
            raise Breach("UDP port 4500 with neither ESP nor IKE")

    def _icmp(self, packet, body):
        if body[0] in ADVERTISEMENTS:
            return ADVERTISEMENTS[body[0]]
        if body[0] in ICMP_ERRORS:
            # what it quotes, as far as it does, is seen as well
            with contextlib.suppress(IndexError, struct.error):
                list(self._layers(body[8:]))
            return "ICMP error"
        if body[0] in ECHO and {packet[12:16], packet[16:20]} & self.home_agents:
            return "keepalive"
        raise Breach(f"ICMP {body[0]}")


class Tap:
    """A namespace whose every interface is listened to, both ways. Packets count at each of them."""

    def __init__(self, namespace, judge):
        self.name = namespace.name
        self.seen, self.breaches = collections.Counter(), []
        self._judge = judge
        with namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETHERTYPE_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
        self._socket.setblocking(False)

    def fileno(self):
        return self._socket.fileno()

    def take_in(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                packet, (interface, ethertype, *_) = self._socket.recvfrom(65536)
                if ethertype == ETHERTYPE_IP:
                    self._look_at(packet, interface)

    def _look_at(self, packet, interface):
        try:
            self.seen[self._judge.judge(packet)] += 1
        except Breach as breach:
            self.breaches.append(f"{self.name}.{interface}: {address(packet, 12)} > {address(packet, 16)}: {breach}: "
                                 f"{packet[:64].hex()}")

    def unseen(self):
        """How many packets came faster than they were looked at, since the last call."""
        return struct.unpack("II", self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]

    def close(self):
        self._socket.close()


class Invariants:
    """Listens on the untrusted side of a lab from the moment it is made until it is closed.

    `outside` are the namespaces of strangers, whose every interface is listened to. check() fails when there was a
    breach; seen() says what was there, so that a test can prove that it did not listen to silence.
    """

    def __init__(self, outside, home_agents=(X_HA, I_HA)):
        judge = Judge(home_agents)
        self.taps = [Tap(namespace, judge) for namespace in outside]
        self._stop_reader, self._stop = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        while self._stop_reader not in (ready := select.select([*self.taps, self._stop_reader], [], [])[0]):
            for tap in ready:
                tap.take_in()

    def seen(self):
        """Layers -> how many packets, on all interfaces together."""
        return sum((tap.seen for tap in self.taps), collections.Counter())

    def breaches(self):
        return [breach for tap in self.taps for breach in tap.breaches]

    def check(self):
        """Fails on a breach, and on packets that nobody looked at."""
        assert self.breaches() == [], "user data, or what belongs inside, was seen outside"
        assert {tap.name: count for tap in self.taps if (count := tap.unseen())} == {}, "looked away"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._stop.send(b"x")
        self._thread.join()
        for tap in self.taps:
            tap.close()
        self._stop.close()
        self._stop_reader.close()
