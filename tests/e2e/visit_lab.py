# SPDX-License-Identifier: BSD-3-Clause
"""The lab's train and branch, whose foreign agents come and go with the tests. The mobile may be there without an
address, or with one."""

import contextlib
import dataclasses
import socket
import struct
import threading

import mip
from lab.foreign_agent import ForeignAgent
from lab.namespace import wait_until
from lab.topology import BRANCH, TRAIN, Topology
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum
from test_mobile_node import Lab

SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC, PACKET_VNET_HDR = 263, 1, 1, 15
R, F, T = 0x8000, 0x1000, 0x0100

HOTSPOT = dataclasses.replace(TRAIN, address="172.16.6.50")
I_FA = dataclasses.replace(BRANCH, address="10.1.4.50")
UPLINKS = {HOTSPOT.router: "wan", I_FA.router: "uplink"}
NAI = "mobile@example.com"


class VisitNetworks(Topology):
    """There is a way back to the train, for mobiles that have an address there."""

    def _build(self):
        self.gives_addresses = True
        super()._build()
        self.hotspot = self.namespaces["train"]
        self.internet.ip("route", "add", "172.16.6.0/24", "via", HOTSPOT.agent)

    def move(self, access):
        super().move(access)
        if not self.gives_addresses and access in (HOTSPOT, I_FA):
            self.leave_address(access)

    def mac(self, namespace, interface):
        return self.namespaces[namespace].ip("-br", "link", "show", interface).split()[2]

    @contextlib.contextmanager
    def unfinished_packets(self):
        """The hotspot's link carries packets whose checksum is left to a card."""
        for interface in ("air-wlan0", "wifi"):
            self.hotspot.run("ethtool", "-K", interface, "tx", "on")
        yield
        for interface in ("air-wlan0", "wifi"):
            self.hotspot.run("ethtool", "-K", interface, "tx", "off")

    def leave_address(self, access):
        self.mobile.ip("addr", "del", f"{access.address}/{access.prefix_len}", "dev", "wlan0")

    def take_address(self, access):
        self.mobile.ip("addr", "add", f"{access.address}/{access.prefix_len}", "dev", "wlan0")
        self.mobile.ip("route", "replace", "default", "via", access.gateway, "dev", "wlan0")


class VisitLab(Lab):
    """A box, and foreign agents that come and go with the tests. The mobile has a name with the x-HA, too."""

    def __init__(self, networks):
        super().__init__(networks)
        config = networks.directory / "lab.conf"
        config.write_text(config.read_text().replace('home_address = "203.0.113.7";',
                                                     f'home_address = "203.0.113.7"; nai = "{NAI}";'))
        self.box.reload()

    @contextlib.contextmanager
    def foreign_agent(self, access, **changes):
        """homeport-fa in one of the hotspots."""
        config = {"visitor_interface": "wifi", "uplink": UPLINKS[access.router], "care_of_address": access.agent,
                  "limits": {"lifetime_max_sec": 500}, **changes}
        agent = ForeignAgent(self.networks.namespaces[access.router], config, name=f"fa-{access.name}")
        agent.start()
        try:
            yield agent
        finally:
            print(agent.log()[-2000:])
            if agent.process.status() is None:
                agent.stop()

    @contextlib.contextmanager
    def visiting_mobile(self, access, change=lambda text: text):
        """A mobile under way in a hotspot without an address."""
        self.networks.gives_addresses = False
        try:
            with self.mobile(access, change) as mobile:
                yield mobile
        finally:
            self.networks.gives_addresses = True


def wait_foreign(mobile, name, access, within=20.0):
    """Returns what it says of a home agent once it is registered there through the foreign agent."""
    agent = mobile.wait_registered(name, access.agent, within)
    assert mobile.status()["foreign_agent"]["address"] == access.gateway
    return agent


def wait_place(mobile, place, within=20.0):
    wait_until(lambda: mobile.status().get("detection", {}).get("place") == place, f"it is {place}", within)


def advertisement(source, sequence, flags=R | F | T, care_of=None, lifetime=30):
    """An Agent Advertisement to all systems."""
    data = struct.pack("!HHH", sequence, 500, flags) + mip.packed(care_of or source)
    body = struct.pack("!BBH", 0, 2, lifetime) + struct.pack("!BB", 16, len(data)) + data
    return IP(src=source, dst="224.0.0.1", ttl=1, proto=1) / Raw(_icmp(9, body))


def _icmp(kind, body):
    message = struct.pack("!BBH", kind, 0, 0) + body
    return struct.pack("!BBH", kind, 0, checksum(message)) + body


class Neighbour:
    """Somebody on a hotspot's link who sends and hears whole frames, under any MAC address."""

    def __init__(self, namespace, interface="wifi", has_offload=False):
        with namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
            self._socket.bind((interface, 0x0800))
            # for frames to a MAC address that the bridge has never heard of
            self._socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP,
                                    struct.pack("=iHH8s", socket.if_nametoindex(interface), PACKET_MR_PROMISC, 0, b""))
            self._socket.settimeout(0.1)
            self._socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, has_offload)

    def send(self, packet, mac, to="01:00:5e:00:00:01"):
        self._socket.send(bytes(Ether(src=mac, dst=to, type=0x0800) / packet))

    def send_unfinished(self, packet, mac, to):
        """One whose UDP checksum is left to the card: there is only the pseudo header's in it."""
        frame = bytearray(bytes(Ether(src=mac, dst=to, type=0x0800) / packet))
        udp_len = struct.unpack("!H", frame[38:40])[0]
        pseudo = bytes(frame[26:34]) + struct.pack("!BBH", 0, 17, udp_len)
        frame[40:42] = struct.pack("!H", 0xffff - checksum(pseudo))
        needs_checksum = struct.pack("=BBHHHH", 1, 0, 0, 0, 34, 6)
        self._socket.send(needs_checksum + bytes(frame))

    def hear(self):
        """The next frame, or None when there is none for a while."""
        try:
            return Ether(self._socket.recv(65536))
        except TimeoutError:
            return None

    def close(self):
        self._socket.close()


class Rogue(threading.Thread):
    """Plays a foreign agent that asks for registration and says yes to everybody, as if this were the inside: it has
    nobody's key."""

    def __init__(self, namespace, address="172.16.6.66", mac="02:66:00:00:00:01"):
        super().__init__(daemon=True)
        self.address, self.mac, self.answered = address, mac, 0
        self._neighbour, self._end = Neighbour(namespace), threading.Event()

    def run(self):
        sequence = 0
        while not self._end.is_set():
            self._neighbour.send(advertisement(self.address, sequence), self.mac)
            sequence += 1
            frame = self._neighbour.hear()
            if frame is not None and frame.dst == self.mac and frame.haslayer(UDP) and frame[UDP].dport == mip.PORT:
                self._answer(frame)

    def _answer(self, frame):
        asked = mip.parse(bytes(frame[UDP].payload))
        reply = struct.pack("!BBH4s4sQ", mip.REPLY, 0, 60, mip.packed(asked.home), mip.packed(asked.agent),
                            asked.identification) + mip.extension(mip.TNC, bytes(2))
        reply = mip.authenticate(reply, mip.Association(key=bytes(16)))
        self._neighbour.send(IP(src=self.address, dst=frame[IP].src) / UDP(sport=mip.PORT, dport=frame[UDP].sport) /
                             Raw(reply), self.mac, frame.src)
        self.answered += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self.join()
        self._neighbour.close()
