# SPDX-License-Identifier: BSD-3-Clause
"""lib/ike_message.h in Python: what charon's plugin and the box say to each other.

A body is a tuple with names: Body.pack(...) makes bytes of it, Body.unpack(data) the reverse. Addresses and
SPIs are bytes, ports too (network order).
"""

import collections
import enum
import struct

MAGIC = 0x686B6501
HEADER = struct.Struct("=IIII")
GATEWAYS_MAX = 4
SELECTORS_MAX = 8


class Type(enum.IntEnum):
    HELLO = 1
    GET_SPI = 2
    ADD_SA = 3
    UPDATE_SA = 4
    QUERY_SA = 5
    DEL_SA = 6
    FLUSH_SAS = 7
    ADD_POLICY = 8
    DEL_POLICY = 9
    QUERY_POLICY = 10
    FLUSH_POLICIES = 11
    SYNC_BEGIN = 12
    SYNC_SA = 13
    SYNC_END = 14
    DATAGRAM_OUT = 15
    REPLY = 64
    EXPIRE = 65
    MAPPING = 66
    DATAGRAM_IN = 67


class Status(enum.IntEnum):
    OK = 0
    FAILED = 1
    UNKNOWN = 2
    NOT_SUPPORTED = 3
    FULL = 4
    DUPLICATE = 5


INBOUND, UDP, ESN, UPDATE = 1, 2, 4, 8
IN, OUT, FORWARD = 1, 2, 3


def body(name, layout, fields, defaults=()):
    """A named tuple with the given layout in struct's letters."""
    form = struct.Struct("=" + layout)

    class Body(collections.namedtuple(name, fields, defaults=defaults)):
        size = form.size

        def pack(self):
            return form.pack(*self)

        @classmethod
        def unpack(cls, data):
            return cls(*form.unpack(data))

    Body.__name__ = Body.__qualname__ = name
    return Body


Hello = body("Hello", "Q32s", "charon_epoch charon_version")
HelloAck = body("HelloAck", "QI16s4x", "box_epoch gateway_count gateways")
GetSpi = body("GetSpi", "4s4s", "src dst")
Spi = body("Spi", "4s", "spi")
SaId = body("SaId", "4s4s4sI", "src dst spi reserved", (0,))
UpdateSa = body("UpdateSa", "4s4s4sI4s4s2s2sII",
                "src dst spi reserved new_src new_dst new_src_port new_dst_port is_udp reserved_2")
Use = body("Use", "QQQ", "bytes packets last_use_sec")
Policy = body("Policy", "II4s4s4sI16s16s", "direction priority spi src dst reserved src_selector dst_selector")
Expire = body("Expire", "4s4sII", "spi dst is_hard reserved", (0,))
Mapping = body("Mapping", "4s4s4s2sH", "spi dst new_src new_src_port reserved", (0,))
Datagram = body("Datagram", "4s4s2s2sI", "src dst src_port dst_port len")
Selector = body("Selector", "IIHHB3x", "first last first_port last_port protocol")
AddSa = body("AddSa", "4s4s4sI" "2s2sIII" "QQQQQQ" "HHHH" "64s64s" "II" "128s128s" "96s",
             "src dst spi reserved src_port dst_port reqid flags replay_window"
             " soft_bytes hard_bytes soft_packets hard_packets soft_sec hard_sec"
             " encryption integrity encryption_key_size integrity_key_size encryption_key integrity_key"
             " src_selector_count dst_selector_count src_selectors dst_selectors peer")

REQUESTS = {
    Type.HELLO: Hello, Type.GET_SPI: GetSpi, Type.ADD_SA: AddSa, Type.UPDATE_SA: UpdateSa, Type.QUERY_SA: SaId,
    Type.DEL_SA: SaId, Type.ADD_POLICY: Policy, Type.DEL_POLICY: Policy, Type.QUERY_POLICY: Policy,
    Type.SYNC_SA: SaId,
}


def message(kind, request_id=0, status=0, content=b""):
    return HEADER.pack(MAGIC, kind, request_id, status) + content


def take_apart(data):
    """(type, request id, body, what follows it) of a message from charon."""
    magic, kind, request_id, _ = HEADER.unpack_from(data)
    assert magic == MAGIC
    kind, rest = Type(kind), data[HEADER.size:]
    if kind == Type.DATAGRAM_OUT:
        return kind, request_id, Datagram.unpack(rest[:Datagram.size]), rest[Datagram.size:]
    if kind in REQUESTS:
        return kind, request_id, REQUESTS[kind].unpack(rest), b""
    assert rest == b""
    return kind, request_id, None, b""
