# SPDX-License-Identifier: BSD-3-Clause
"""Every encapsulation as scapy builds it: what the box must send, and what mobiles send to it."""

import socket
import struct

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import GRE
from scapy.packet import Raw
from scapy.utils import checksum

import mip

KINDS = {  # kind: protocol inside, request flags, encapsulation octet of the UDP Tunnel Request
    "ip-in-ip": (4, 0, None),
    "udp": (4, 0, 0),
    "gre": (47, mip.G, None),
    "gre-in-udp": (47, 0, 47),
    "minimal": (55, mip.M, None),
    "minimal-in-udp": (55, 0, 55),
}
OVERHEAD = {"ip-in-ip": 20, "udp": 32, "gre": 24, "gre-in-udp": 36, "minimal": 20, "minimal-in-udp": 32}


def is_udp(kind):
    return kind == "udp" or kind.endswith("-in-udp")


def minimal_header(inner, with_source=True):
    """RFC 2004 section 3.1: protocol, S bit, checksum, original destination, original source."""
    addresses = mip.packed(inner.dst) + (mip.packed(inner.src) if with_source else b"")
    header = struct.pack("!BBH", inner.proto, 0x80 if with_source else 0, 0) + addresses
    return header[:2] + struct.pack("!H", checksum(header)) + header[4:]


def body(kind, inner, with_source=True):
    """What stands behind the outer IP and UDP headers."""
    inner = IP(bytes(inner))
    if kind.startswith("minimal"):
        return minimal_header(inner, with_source) + bytes(inner)[20:]
    if kind.startswith("gre"):
        return bytes(GRE(proto=0x0800) / inner)
    return bytes(inner)


def encapsulate(kind, src, dst, inner, ports=(434, 434), outer=None, with_source=True):
    """The packet `inner` in a tunnel from src to dst. `outer` overrides fields of the outer header (ttl, tos,
    flags, id); without it they are what an encapsulator takes from the inner one."""
    inner = IP(bytes(inner))
    header = {"ttl": 64, "tos": inner.tos, "flags": "DF" if inner.flags.DF else 0, "id": 1}
    if kind.startswith("minimal"):
        header.update(ttl=inner.ttl, id=inner.id)
    header.update(outer or {})
    packet = IP(src=src, dst=dst, proto=KINDS[kind][0], **header)
    carried = body(kind, inner, with_source)
    if is_udp(kind):
        packet.proto = 17
        carried = bytes(UDP(sport=ports[0], dport=ports[1], len=12 + len(carried), chksum=0) /
                        Raw(struct.pack("!BBH", 4, KINDS[kind][0], 0) + carried))
    return IP(bytes(packet / Raw(carried)))


def decapsulate(kind, packet):
    """What a mobile finds in a tunnel packet."""
    outer = IP(packet)
    carried = packet[32 if is_udp(kind) else 20:]
    if kind.startswith("gre"):
        assert carried[:4] == b"\x00\x00\x08\x00"
        return IP(carried[4:])
    if not kind.startswith("minimal"):
        return IP(carried)
    has_source = carried[1] & 0x80
    size = 12 if has_source else 8
    assert checksum(carried[:size]) == 0
    inner = IP(src=socket.inet_ntoa(carried[8:12]) if has_source else outer.src,
               dst=socket.inet_ntoa(carried[4:8]), proto=carried[0], ttl=outer.ttl, tos=outer.tos, id=outer.id,
               flags=outer.flags) / Raw(carried[size:])
    return IP(bytes(inner))


def same_but_id(ours, theirs):
    """The bytes of both with the outer Identification of `theirs`, ready to be compared."""
    ours = IP(bytes(ours))
    ours.id = IP(bytes(theirs)).id
    del ours.chksum
    return bytes(ours), bytes(theirs)


def checksums_hold(packet):
    """Whether the header checksum and, when there is one, the UDP checksum of an IPv4 packet are right."""
    ours = IP(packet)
    del ours.chksum
    if ours.proto == 17 and ours[UDP].chksum != 0:
        del ours[UDP].chksum
    return bytes(ours) == bytes(packet)
