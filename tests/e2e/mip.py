# SPDX-License-Identifier: BSD-3-Clause
"""Mobile IPv4 messages, written from the RFCs and Python's own hashlib: an oracle that shares nothing with lib/."""

import dataclasses
import hashlib
import hmac
import ipaddress
import struct
import time

PORT = 434
REQUEST, REPLY, TUNNEL_DATA, REVOCATION, REVOCATION_ACK = 1, 3, 4, 7, 15
S, B, D, M, G, R_RESERVED, T, X_RESERVED = 0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01
MN_HA, MN_FA, FA_HA, GENERALIZED, CVSE, UDP_REPLY = 32, 33, 34, 36, 38, 44
NAI, CHALLENGE, NVSE, REVOCATION_SUPPORT, DYNAMIC_HA = 131, 132, 134, 137, 139
UDP_REQUEST, MESSAGE_STRING, MOBILE_NETWORK, TNC, SERVICE = 144, 145, 148, 149, 151

FIXED_SIZE = {REQUEST: 24, REPLY: 20, REVOCATION: 20, REVOCATION_ACK: 12}
LONG_FORM = (GENERALIZED, CVSE)  # type, subtype, two octets of length

ALGORITHMS = {
    "hmac-md5": lambda key, data: hmac.new(key, data, hashlib.md5).digest(),
    "prefix-suffix-md5": lambda key, data: hashlib.md5(key + data + key).digest(),
    "hmac-sha1": lambda key, data: hmac.new(key, data, hashlib.sha1).digest(),
    "hmac-sha256": lambda key, data: hmac.new(key, data, hashlib.sha256).digest(),
}


@dataclasses.dataclass
class Association:
    """A mobility security association."""

    spi: int = 256
    key: bytes = bytes(range(16))
    algorithm: str = "hmac-md5"

    def authenticator(self, data):
        return ALGORITHMS[self.algorithm](self.key, data)


def packed(address):
    return ipaddress.IPv4Address(address).packed


def extension(kind, data=b""):
    return struct.pack("!BB", kind, len(data)) + data


def long_extension(kind, subtype, data=b""):
    return struct.pack("!BBH", kind, subtype, len(data)) + data


def udp_request(flags=0, encapsulation=0, subtype=0, reserved3=0):
    return extension(UDP_REQUEST, struct.pack("!BBBBH", subtype, 0, flags, encapsulation, reserved3))


def authenticate(message, association, kind=MN_HA):
    """The message with an authentication extension behind it."""
    length = 4 + len(association.authenticator(b""))
    message += struct.pack("!BBI", kind, length, association.spi)
    return message + association.authenticator(message)


def generalized(message, association):
    """The message with an MN-AAA authentication extension behind it (RFC 4721)."""
    length = 4 + len(association.authenticator(b""))
    message += struct.pack("!BBHI", GENERALIZED, 1, length, association.spi)
    return message + association.authenticator(message)


def request(home, agent, care_of, identification, flags=D | T, lifetime=300):
    """The fixed part of a Registration Request."""
    return struct.pack("!BBH4s4s4sQ", REQUEST, flags, lifetime, packed(home), packed(agent), packed(care_of),
                       identification)


def revocation(home, home_domain, foreign_domain, revocation_id, flags=0x8000):
    return struct.pack("!BBH4s4s4sI", REVOCATION, 0, flags, packed(home), packed(home_domain),
                       packed(foreign_domain), revocation_id)


def revocation_ack(home, revocation_id, flags=0):
    return struct.pack("!BBH4sI", REVOCATION_ACK, 0, flags, packed(home), revocation_id)


_last_identification = 0


def ntp_now(offset_sec=0.0):
    """The time as an Identification: NTP format, greater at every call."""
    global _last_identification
    stamp = int((time.time() + offset_sec + 2208988800) * 2**32)
    if offset_sec == 0:
        stamp = _last_identification = max(stamp, _last_identification + 1)
    return stamp


@dataclasses.dataclass
class Message:
    """A message taken apart. `extensions` are (type, data, offset) in order of appearance."""

    raw: bytes
    kind: int
    code: int = 0  # or flags
    lifetime: int = 0
    home: str = ""
    agent: str = ""
    identification: int = 0
    revocation_id: int = 0
    extensions: list = dataclasses.field(default_factory=list)

    def get(self, kind):
        """The data of the first extension of this type, or None."""
        return next((data for found, data, _ in self.extensions if found == kind), None)

    def kinds(self):
        return [kind for kind, _, _ in self.extensions]

    def is_authentic(self, association, kind=MN_HA):
        """True when the message carries the right authenticator of this association."""
        for found, data, offset in self.extensions:
            if found == kind and struct.unpack("!I", data[:4])[0] == association.spi:
                return data[4:] == association.authenticator(self.raw[:offset + 6])
        return False


def parse(raw):
    """Takes a message apart; ValueError when it is malformed."""
    kind = raw[0]
    message = Message(raw, kind)
    if len(raw) < FIXED_SIZE[kind]:
        raise ValueError("short message")
    if kind == REPLY:
        _, message.code, message.lifetime, home, agent, message.identification = struct.unpack("!BBH4s4sQ", raw[:20])
        message.agent = str(ipaddress.IPv4Address(agent))
    elif kind == REQUEST:
        _, message.code, message.lifetime, home, agent, _, message.identification = \
            struct.unpack("!BBH4s4s4sQ", raw[:24])
        message.agent = str(ipaddress.IPv4Address(agent))
    elif kind == REVOCATION:
        _, _, message.code, home, agent, _, message.revocation_id = struct.unpack("!BBH4s4s4sI", raw[:20])
        message.agent = str(ipaddress.IPv4Address(agent))
    else:
        _, _, message.code, home, message.revocation_id = struct.unpack("!BBH4sI", raw[:12])
    message.home = str(ipaddress.IPv4Address(home))
    message.extensions = list(_extensions(raw, FIXED_SIZE[kind]))
    return message


def _extensions(raw, offset):
    while offset < len(raw):
        kind = raw[offset]
        if kind == 0:
            offset += 1
            continue
        if kind in LONG_FORM:
            head, length = 4, struct.unpack("!H", raw[offset + 2:offset + 4])[0]
        else:
            head, length = 2, raw[offset + 1]
        data = raw[offset + head:offset + head + length]
        if len(data) != length:
            raise ValueError("truncated extension")
        yield kind, data, offset
        offset += head + length
