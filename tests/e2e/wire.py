# SPDX-License-Identifier: BSD-3-Clause
"""Raw Ethernet cables into the box. One Link plays every neighbour that the box has on one of its ports."""

import contextlib
import ipaddress
import select
import socket
import struct
import time

from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.utils import RawPcapWriter

BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"
ETHERTYPE_IP, ETHERTYPE_ARP = 0x0800, 0x0806
PACKET_IGNORE_OUTGOING = 23
SOL_PACKET = 263
LONGEST_WAIT = 5.0


def neighbour_mac(address):
    """The link address of the neighbour with this IPv4 address: one can be told from the other."""
    return "02:00:" + ipaddress.IPv4Address(address).packed.hex(":")


def mac_bytes(mac):
    return bytes.fromhex(mac.replace(":", ""))


class Frame:
    """One frame that the box sent."""

    def __init__(self, raw):
        self.raw = raw
        self.dst, self.src = raw[:6].hex(":"), raw[6:12].hex(":")
        self.ethertype = struct.unpack("!H", raw[12:14])[0]
        self._ip = None

    @property
    def packet(self):
        """The IPv4 packet's bytes."""
        return self.raw[14:14 + struct.unpack("!H", self.raw[16:18])[0]]

    @property
    def ip(self):
        """The IPv4 packet as scapy sees it, or None."""
        if self._ip is None and self.ethertype == ETHERTYPE_IP:
            self._ip = IP(self.packet)
        return self._ip

    @property
    def arp(self):
        return ARP(self.raw[14:]) if self.ethertype == ETHERTYPE_ARP else None

    def __repr__(self):
        return f"{self.dst} < {self.src} " + Ether(self.raw).summary()


class Wire:
    """All cables of one box, watched together: while a test waits on one, ARP is answered on the others."""

    def __init__(self, capture_path):
        self.links = []
        self.capture_path = capture_path
        self._capture = RawPcapWriter(str(capture_path), linktype=1, sync=True)
        self.recorded = 0  # frames in the capture
        self._ping_id = 0

    def attach(self, namespace, interface, network, gateway, beyond, box_address):
        """A new link: `network` is its prefix, `gateway` the neighbour that stands for everybody beyond; `beyond`
        are two octets of addresses that the box routes there and that nobody else uses."""
        link = Link(self, namespace, interface, ipaddress.IPv4Network(network), gateway, beyond, box_address)
        self.links.append(link)
        return link

    def pump(self, timeout):
        """Takes in what has arrived; waits up to `timeout` seconds for the first frame."""
        ready, _, _ = select.select(self.links, [], [], timeout)
        for link in ready:
            link.take_in()

    def record(self, raw):
        self._capture.write(raw)
        self.recorded += 1

    def settle(self):
        """Returns once the box has dealt with everything sent so far: a ping a link comes back behind it. Each
        is of another host behind the gateway, since the box rations ICMP by destination."""
        for _ in range(2):
            for link in self.links:
                self._ping_id = (self._ping_id + 1) & 0xffff
                link.ping(f"{link.beyond}.{self._ping_id >> 8}.{self._ping_id & 0xff}")

    def close(self):
        for link in self.links:
            link.close()
        self._capture.close()


class Link:
    """One cable. Frames from the box wait in `frames` until a test expects them."""

    def __init__(self, wire, namespace, interface, network, gateway, beyond, box_address):
        self.wire, self.interface, self.network = wire, interface, network
        self.gateway, self.beyond = gateway, beyond
        self.box_address, self.box_mac = box_address, None
        self.frames, self.arp_requests = [], []
        self.absent = set()  # addresses whose ARP stays unanswered
        with namespace.entered():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
            self._socket.bind((interface, 0))
        self._socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.setblocking(False)

    def fileno(self):
        return self._socket.fileno()

    def close(self):
        self._socket.close()

    # sending

    def neighbour_of(self, source):
        """The neighbour that hands the box a packet of this source: the source itself, or the gateway."""
        return source if ipaddress.IPv4Address(source) in self.network else self.gateway

    def send(self, packet, destination_mac=None):
        """Sends an IPv4 packet (scapy or bytes) to the box."""
        raw = bytes(packet)
        source = neighbour_mac(self.neighbour_of(socket.inet_ntoa(raw[12:16])))
        self.send_frame(mac_bytes(destination_mac or self.mac()) + mac_bytes(source) + b"\x08\x00" + raw)

    def send_from_stranger(self, raw):
        """Sends the bytes of a packet whose addresses say nothing about who sends it."""
        self.send_frame(mac_bytes(self.mac()) + mac_bytes(neighbour_mac("0.0.0.1")) + b"\x08\x00" + raw)

    def send_frame(self, raw):
        self.wire.record(raw)
        self._socket.send(raw)

    def mac(self):
        """The box's link address here, asked for by ARP once."""
        if self.box_mac is None:
            self.box_mac = self.resolve(self.box_address)
        return self.box_mac

    def resolve(self, address, asker=None, within=LONGEST_WAIT):
        """Asks by ARP who has `address`; returns the answer's link address."""
        asker = asker or self.gateway
        mac = neighbour_mac(asker)
        self.send_frame(bytes(Ether(dst=BROADCAST_MAC, src=mac) /
                              ARP(op=1, hwsrc=mac, psrc=asker, pdst=address)))
        answer = self.expect(lambda frame: frame.arp is not None and frame.arp.op == 2 and
                             frame.arp.psrc == address and frame.dst == mac,
                             f"ARP answer for {address}", within)
        assert answer.arp.hwsrc == answer.src and answer.arp.pdst == asker and answer.arp.hwdst == mac
        return answer.arp.hwsrc

    def ping(self, host):
        """One echo request from a host to the box's own address, and its answer."""
        self.send(IP(src=host, dst=self.box_address, ttl=9) / ICMP() / b"settle")
        self.expect_ip(lambda ip: ICMP in ip and ip[ICMP].type == 0 and ip.dst == host, "echo reply")

    # receiving

    def take_in(self):
        """Moves everything that has arrived to `frames`; answers ARP requests for neighbours."""
        with contextlib.suppress(BlockingIOError):
            while True:
                raw = self._socket.recv(65536)
                self.wire.record(raw)
                frame = Frame(raw)
                if frame.arp is not None and frame.arp.op == 1:
                    self._answer(frame)
                self.frames.append(frame)

    def _answer(self, frame):
        request = frame.arp
        if request.pdst == request.psrc or request.pdst in self.absent:
            return
        self.arp_requests.append(request.pdst)
        if ipaddress.IPv4Address(request.pdst) in self.network:
            mac = neighbour_mac(request.pdst)
            self.send_frame(bytes(Ether(dst=frame.src, src=mac) / ARP(
                op=2, hwsrc=mac, psrc=request.pdst, hwdst=request.hwsrc, pdst=request.psrc)))

    def expect(self, match, what, within=LONGEST_WAIT):
        """The first frame for which match(frame) is true; it leaves `frames`. Fails when none comes in time."""
        deadline = time.monotonic() + within
        seen = 0
        while True:
            for index in range(seen, len(self.frames)):
                if match(self.frames[index]):
                    return self.frames.pop(index)
            seen = len(self.frames)
            left = deadline - time.monotonic()
            if left <= 0:
                others = "".join(f"\n  {link.interface}: {frame!r}" for link in self.wire.links
                                 for frame in link.frames)
                raise AssertionError(f"{self.interface}: no {what} from the box; it sent:{others or ' nothing'}")
            self.wire.pump(left)

    def expect_ip(self, match, what, within=LONGEST_WAIT):
        """The first frame with an IPv4 packet for which match(scapy packet) is true."""
        return self.expect(lambda frame: frame.ip is not None and match(frame.ip), what, within)

    def expect_udp(self, source, destination, port=434, within=LONGEST_WAIT):
        """The payload of the first UDP datagram between these addresses to this port."""
        frame = self.expect_ip(lambda ip: ip.src == source and ip.dst == destination and UDP in ip and
                               ip.proto == 17 and ip[UDP].dport == port,
                               f"UDP from {source} to {destination}:{port}", within)
        return frame.packet[28:]

    def leftover(self, match=lambda ip: True):
        """IPv4 packets that arrived and that nobody expected. Call Wire.settle() before."""
        self.wire.pump(0)
        return [frame for frame in self.frames if frame.ip is not None and match(frame.ip)]

    def forget(self):
        """Drops what has arrived so far."""
        self.wire.pump(0)
        self.frames.clear()
        self.arp_requests.clear()
