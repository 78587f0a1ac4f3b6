# SPDX-License-Identifier: BSD-3-Clause
"""A real foreign agent and a real box; the test plays the mobiles on the foreign agent's link, and the inside.

      mobiles ---- visitors 172.16.0.0/24 ---- homeport-fa ---- external 198.51.100.0/24 ---- BOX ---- internal
      any MAC      .1                      192.0.2.200, .254                              x-HA .2      10.1.0.0/24
"""

import contextlib
import itertools
import json
import socket

import mip
import plan
import tshark
from lab.box import Box
from lab.foreign_agent import ForeignAgent
from lab.namespace import Network, wait_until
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from wire import Wire

FA_ADDRESS, FA_NETWORK, FA_PEER = "172.16.0.1", "172.16.0.0/24", "172.16.0.99"
CARE_OF = plan.FOREIGN_AGENT
ALL_SYSTEMS_MAC = "01:00:5e:00:00:01"
ADVERTISEMENT, CHALLENGE_IN_ADVERTISEMENT = 16, 24
MOBILE_KEY = mip.Association(spi=301, key=bytes(range(48, 64)))
FLAGS = {"ip-in-ip": 0, "gre": mip.G, "minimal": mip.M}


def association(known, **name):
    """An association as homeport-fa.conf writes it."""
    return {**name, "spi": known.spi, "algorithm": known.algorithm, "key": {"hex": known.key.hex()}}


def fa_config(**changes):
    """The foreign agent's configuration; groups of `changes` are merged."""
    config = {"visitor_interface": "visitors", "uplink": "uplink", "care_of_address": CARE_OF,
              "home_agents": [association(plan.FA_ASSOCIATION, address=plan.X_HA)],
              "limits": {"lifetime_max_sec": 500}}
    for key, value in changes.items():
        config[key] = {**config.get(key, {}), **value} if isinstance(value, dict) else value
    return config


class Advertisement:
    """An Agent Advertisement taken apart."""

    def __init__(self, frame):
        raw = frame.packet
        self.mac, self.src, self.dst, self.ttl = frame.dst, frame.ip.src, frame.ip.dst, frame.ip.ttl
        self.lifetime = int.from_bytes(raw[26:28], "big")
        self.challenge, extensions = None, raw[28:]
        while extensions:
            kind, data = extensions[0], extensions[2:2 + extensions[1]]
            if kind == ADVERTISEMENT:
                self.sequence, self.registration, self.flags = (
                    int.from_bytes(data[at:at + 2], "big") for at in (0, 2, 4))
                self.care_of = data[6:]
            elif kind == CHALLENGE_IN_ADVERTISEMENT:
                self.challenge = data
            extensions = extensions[2 + extensions[1]:]


class Visitor:
    """A scripted mobile on the foreign agent's link, with a MAC address of its own."""

    def __init__(self, lab, home, mac):
        self.lab, self.home, self.mac = lab, home, mac
        self.association = mip.Association()

    def send(self, packet):
        self.lab.link.send_frame(bytes(Ether(dst=self.lab.link.mac(), src=self.mac) / packet))

    def expect(self, match, what, within=5.0):
        """The next IPv4 packet to this MAC address for which match(packet) is true."""
        return self.lab.link.expect(lambda frame: frame.dst == self.mac and frame.ip is not None and match(frame.ip),
                                    f"{what} to {self.mac}", within)

    def request(self, flags=mip.T, lifetime=300, foreign=b"", key=None, **fields):
        """A Registration Request; `foreign` are extensions for the foreign agent, which `key` signs."""
        message = mip.request(fields.get("home", self.home), fields.get("agent", plan.X_HA),
                              fields.get("care_of", CARE_OF), mip.ntp_now(), flags, lifetime)
        message = mip.authenticate(message, self.association) + foreign
        return message if key is None else mip.authenticate(message, key, mip.MN_FA)

    def ask(self, message=None, ttl=255, destination=FA_ADDRESS, within=12.0, **fields):
        """Sends a request and returns the reply, taken apart."""
        message = message or self.request(**fields)
        self.send(IP(src=self.home, dst=destination, ttl=ttl) / UDP(sport=5434, dport=mip.PORT) / Raw(message))
        frame = self.expect(lambda ip: ip.proto == 17 and ip[UDP].sport == mip.PORT, "a reply", within)
        assert frame.ip.src == FA_ADDRESS and frame.ip.dst == self.home and frame.ip[UDP].dport == 5434
        reply = mip.parse(frame.packet[28:])
        assert reply.identification & 0xffffffff == mip.parse(message).identification & 0xffffffff
        return reply

    def insist(self, **fields):
        """Asks until it is answered: a foreign agent denies one mobile once a second."""
        message = self.request(**fields)
        for _ in range(10):
            with contextlib.suppress(AssertionError):
                return self.ask(message, within=0.5)
        raise AssertionError(f"{self.home} got no reply")

    def register(self, kind="ip-in-ip", **fields):
        """Registers; fails unless the home agent grants it and the foreign agent serves."""
        reply = self.ask(flags=fields.pop("flags", mip.T) | FLAGS[kind], **fields)
        assert reply.code == 0, f"code {reply.code}"
        assert reply.is_authentic(self.association), "the reply's authenticator is wrong"
        assert mip.FA_HA not in reply.kinds(), "what was for the foreign agent came through"
        return reply

    def hears_and_speaks(self):
        """One packet from inside to the mobile, and one back."""
        there = self.lab.datagram(plan.CORRESPONDENT, self.home)
        self.lab.internal.send(there)
        frame = self.expect(lambda ip: ip.src == plan.CORRESPONDENT, "a packet from inside")
        assert frame.packet[20:] == bytes(there)[20:]
        back = self.lab.datagram(self.home, plan.CORRESPONDENT, b"back")
        self.send(back)
        frame = self.lab.internal.expect_ip(lambda ip: ip.src == self.home, "the mobile's packet, inside")
        assert frame.packet[20:] == bytes(back)[20:]


class VisitorLab:
    """The networks and the box; foreign agents come and go with the tests."""

    def __init__(self):
        self.network = Network()
        try:
            self._build()
        except BaseException:
            self.network.close()
            raise
        self.foreign_agent = None

    def _build(self):
        self.box_namespace, self.fa, tester = (self.network.namespace(name) for name in ("box", "fa", "tester"))
        self.box_namespace.be_silent()
        tester.be_silent()
        self.network.cable(self.box_namespace, "external", self.fa, "uplink", plan.MTU)
        self.network.cable(self.box_namespace, "internal", tester, "internal", plan.MTU)
        self.network.cable(self.fa, "visitors", tester, "visitors", plan.MTU)
        self.fa.ip("addr", "add", plan.EXTERNAL_GATEWAY + "/24", "dev", "uplink")
        self.fa.ip("addr", "add", CARE_OF + "/32", "dev", "uplink")
        self.fa.ip("addr", "add", FA_ADDRESS + "/24", "dev", "visitors")
        self.fa.forward()
        # the care-of address is not of the uplink's network, and the box answers nobody who asks from elsewhere
        self.fa.sysctl("net.ipv4.conf.all.arp_announce", 2)
        self.wire = Wire(self.network.directory / "wire.pcap")
        self.network.on_close(self.wire.close)
        self.internal = self.wire.attach(tester, "internal", plan.INTERNAL_LINK, plan.INTERNAL_GATEWAY, "10.64",
                                         plan.INTERNAL_PORT)
        self.link = self.wire.attach(tester, "visitors", FA_NETWORK, FA_PEER, "100.64", FA_ADDRESS)
        config = plan.box_config(1)
        config["eal"]["file_prefix"] = self.network.prefix.rstrip("-")
        config["runtime_directory"] = str(self.network.directory / "run")
        self.box = Box(self.box_namespace, config)
        self.box.start()
        self.internal.ping(plan.CORRESPONDENT)
        self._homes, self._macs = iter(plan.X_HOMES), itertools.count(1)

    def close(self):
        """Takes everything down. Returns what tshark says of the frames that the foreign agent sent."""
        complaints = tshark.complaints(self.wire.capture_path, [self.link.mac()])
        self.network.close()
        return complaints

    def serve(self, **changes):
        """Starts a foreign agent, in place of the one before."""
        self.leave()
        self.link.forget()
        self.foreign_agent = ForeignAgent(self.fa, fa_config(**changes))
        self.foreign_agent.start()
        return self.foreign_agent

    def leave(self):
        if self.foreign_agent is not None and self.foreign_agent.process.status() is None:
            assert self.foreign_agent.stop() == 0

    def visitor(self, home=None, mac=None):
        """A mobile that no other test has used."""
        return Visitor(self, home or next(self._homes), mac or f"02:fa:00:00:00:{next(self._macs):02x}")

    def datagram(self, src, dst, payload=b"Homeport"):
        return IP(bytes(IP(src=src, dst=dst) / UDP(sport=40000, dport=40001) / Raw(payload)))

    def advertisement(self, match=lambda frame: True, within=5.0):
        """The next Agent Advertisement."""
        return Advertisement(self.link.expect(
            lambda frame: frame.ip is not None and frame.ip.proto == 1 and frame.ip[ICMP].type == 9 and match(frame),
            "an advertisement", within))

    def solicit(self, source, mac, destination="224.0.0.2"):
        """An Agent Solicitation."""
        self.link.send_frame(bytes(Ether(dst="01:00:5e:00:00:02", src=mac) / IP(src=source, dst=destination, ttl=1) /
                                   ICMP(type=10, code=0)))

    def impersonate(self, agent, message):
        """A datagram by the uplink that claims to be from port 434 of a home agent."""
        self._send_by_uplink(IP(src=agent, dst=CARE_OF) / UDP(sport=mip.PORT, dport=mip.PORT) / Raw(message))

    def complain(self, mtu, packet):
        """A router on the way to the home agent says that this packet was too big."""
        self._send_by_uplink(IP(src="198.51.100.99", dst=CARE_OF) / ICMP(type=3, code=4, nexthopmtu=mtu) /
                             Raw(bytes(packet)[:60]))

    def _send_by_uplink(self, packet):
        mac = json.loads(self.fa.ip("-j", "link", "show", "uplink"))[0]["address"]
        with self.box_namespace.entered(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
            sender.bind(("external", 0))
            sender.send(bytes(Ether(dst=mac, src="02:fa:ff:00:00:01") / packet))

    def wait_gone(self, home):
        wait_until(lambda: home not in self.foreign_agent.visitors(), f"{home} has left")
