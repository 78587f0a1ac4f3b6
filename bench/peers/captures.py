# SPDX-License-Identifier: BSD-3-Clause
"""The packets of a case, as a pcap file for the port they come in by, and what the box has to be told first."""

import ipaddress
import struct

import esp
import mip

PORT_MACS = (bytes.fromhex("027063617000"), bytes.fromhex("027063617001"))  # net_pcap's
NEIGHBOUR_MAC = bytes.fromhex("020000000002")
EXTERNAL_PORT, X_HA, GATEWAY, EXTERNAL_ROUTER = "198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.254"
INTERNAL_PORT, INTERNAL_ROUTER = "10.1.0.1", "10.1.0.254"
CORRESPONDENT = "10.2.0.20"  # behind the internal router
ESP, UDP, IP_IN_IP = 50, 17, 4
SPI_FIRST = 8192  # of 4096 slots, with preload.c
CLOCK_AHEAD_SEC = 20.0  # of the mobiles' clocks: what was signed before the box started is not taken for a replay
HOT = 64  # packets in the file when there are fewer destinations


def nth(first, index):
    return str(ipaddress.IPv4Address(first) + index)


def destination(index):
    return nth("192.0.2.1", index % 250)


def home(index):
    return nth("172.16.0.1", index)


def care_of(index):
    return nth("100.64.0.1", index)


def tia(index):
    return nth("10.8.0.1", index)


def association(case, index, inbound):
    """The keys of one direction; its SPI is the one that the box will choose."""
    spi = SPI_FIRST + index if inbound else 0xc0000001 + index
    return esp.Association(case.suite, ("in" if inbound else "out", index), spi=spi)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def ip(src, dst, protocol, payload):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0,
                         mip.packed(src), mip.packed(dst))
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def datagram(src, dst, size):
    """A UDP packet of `size` octets in all, without a UDP checksum."""
    return ip(src, dst, UDP, struct.pack("!HHHH", 40000, 40001, size - 20, 0) + bytes(size - 28))


def frame(packet, port=0, kind=0x0800, dst=None):
    return (dst or PORT_MACS[port]) + NEIGHBOUR_MAC + struct.pack("!H", kind) + packet


def packet(case, index):
    """The `index`th packet of a case."""
    if case.kind == "ipip":
        return datagram(CORRESPONDENT, home(index), case.size)
    if case.kind == "seal":
        return datagram(CORRESPONDENT, tia(index), case.size)
    if case.kind == "open":
        sealed = association(case, index, True).seal(datagram(tia(index), CORRESPONDENT, case.size))
        return ip(care_of(index), GATEWAY, ESP, sealed)
    return datagram(CORRESPONDENT, destination(index), case.size)


def frames(case):
    """Frames for port 0. Without a replay window the same ones may come again and again."""
    made = [frame(packet(case, index)) for index in range(case.count)]
    return made * (HOT // len(made) or 1)


def arp_reply(router):
    """What makes the router behind port 1 known."""
    body = struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 2, NEIGHBOUR_MAC, mip.packed(router), PORT_MACS[1],
                       mip.packed(EXTERNAL_PORT if router == EXTERNAL_ROUTER else INTERNAL_PORT))
    return frame(body.ljust(46, b"\0"), 1, 0x0806)


def registration(index):
    message = mip.authenticate(mip.request(home(index), X_HA, care_of(index), mip.ntp_now(CLOCK_AHEAD_SEC),
                                           lifetime=3600),
                               mip.Association())
    udp = struct.pack("!HHHH", 434, 434, 8 + len(message), 0) + message
    return frame(ip(care_of(index), X_HA, UDP, udp), 1)


def setup_frames(case):
    """Frames for port 1, once, right after the start: the next hop's address, and registrations."""
    made = [arp_reply(INTERNAL_ROUTER if case.kind == "open" else EXTERNAL_ROUTER)]
    if case.kind == "ipip":
        made += [registration(index) for index in range(case.count)]
    return made


def write_pcap(path, packets):
    """An Ethernet capture file of these frames."""
    with open(path, "wb") as file:
        file.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for data in packets:
            file.write(struct.pack("=IIII", 0, 0, len(data), len(data)) + data)
