# SPDX-License-Identifier: BSD-3-Clause
"""charon as the box sees it: lib/ike_message.h spoken over the box's socket, by a script."""

import collections
import ipaddress
import select
import socket
import struct
import time

MAGIC = 0x686b6501
(HELLO, GET_SPI, ADD_SA, UPDATE_SA, QUERY_SA, DEL_SA, FLUSH_SAS, ADD_POLICY, DEL_POLICY, QUERY_POLICY, FLUSH_POLICIES,
 SYNC_BEGIN, SYNC_SA, SYNC_END, DATAGRAM_OUT) = range(1, 16)
REPLY, EXPIRE, MAPPING, DATAGRAM_IN = range(64, 68)
OK, FAILED, UNKNOWN, NOT_SUPPORTED, FULL, DUPLICATE = range(6)
INBOUND, UDP, ESN, UPDATE, COPY_DF, COPY_ECN, COPY_DSCP = (1 << bit for bit in range(7))
IN, OUT, FORWARD = 1, 2, 3
HEADER_SIZE = 16
SELECTORS_MAX, KEY_MAX, PEER_SIZE = 8, 64, 96
LONGEST_WAIT = 5.0

Lifetime = collections.namedtuple("Lifetime", "soft_bytes hard_bytes soft_packets hard_packets soft_sec hard_sec",
                                  defaults=(0,) * 6)
Expire = collections.namedtuple("Expire", "spi dst is_hard")
Mapping = collections.namedtuple("Mapping", "spi dst new_src new_port")
Datagram = collections.namedtuple("Datagram", "src dst src_port dst_port data")
Use = collections.namedtuple("Use", "bytes packets last_use_sec")


def packed(address):
    return ipaddress.IPv4Address(address).packed


def selector(network, protocol=0, ports=(0, 65535)):
    """A struct traffic_selector of a network, or an address, in the text form of both."""
    network = ipaddress.IPv4Network(network)
    return struct.pack("=IIHHB3x", int(network[0]), int(network[-1]), *ports, protocol)


def sa_id(src, dst, spi):
    return packed(src) + packed(dst) + struct.pack("!I", spi) + bytes(4)


def add_sa(src, dst, association, sources, destinations, flags, **fields):
    """The body of IKE_ADD_SA for an esp.Association; selectors are lists of struct traffic_selector."""
    suite = association.suite
    ports = fields.get("ports", (0, 0))
    body = sa_id(src, dst, association.spi) + struct.pack("!HH", *ports)
    body += struct.pack("=III", fields.get("reqid", 1), flags | (ESN if association.esn else 0),
                        fields.get("window", 64))
    body += struct.pack("=6Q", *fields.get("lifetime", Lifetime()))
    body += struct.pack("=4H", suite.encryption, suite.integrity, len(association.encryption_key),
                        len(association.integrity_key))
    body += association.encryption_key.ljust(KEY_MAX, b"\0") + association.integrity_key.ljust(KEY_MAX, b"\0")
    body += struct.pack("=II", len(sources), len(destinations))
    for side in (sources, destinations):
        body += b"".join(side).ljust(16 * SELECTORS_MAX, b"\0")
    return body + fields.get("peer", "test").encode().ljust(PEER_SIZE, b"\0")


def policy(direction, spi, src, dst, source, destination, priority=1000):
    """The body of IKE_ADD_POLICY and IKE_DEL_POLICY."""
    return struct.pack("=II", direction, priority) + struct.pack("!I", spi) + packed(src) + packed(dst) + bytes(4) + \
        source + destination


class IkeError(Exception):
    """The box refused a request; `status` is why."""

    def __init__(self, kind, status):
        super().__init__(f"request {kind} refused with status {status}")
        self.status = status


class FakeCharon:
    """One connection to the box. What the box says unasked waits in `events`."""

    def __init__(self, path, epoch=1, hello=True):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(LONGEST_WAIT)
        self._socket.connect(str(path))
        self._request_id = 0
        self.events = []
        if hello:
            self.hello(epoch)

    def hello(self, epoch):
        body = self.request(HELLO, struct.pack("=Q", epoch) + b"5.9.8".ljust(32, b"\0"))
        self.box_epoch, count = struct.unpack("=QI", body[:12])
        self.gateways = [str(ipaddress.IPv4Address(body[12 + 4 * i:16 + 4 * i])) for i in range(count)]

    def close(self):
        self._socket.close()

    def send(self, kind, body=b"", request_id=None):
        """Sends a message; returns its request id."""
        if request_id is None:
            self._request_id = request_id = self._request_id + 1
        self._socket.send(struct.pack("=IIII", MAGIC, kind, request_id, 0) + body)
        return request_id

    def request(self, kind, body=b""):
        """Sends a request and returns the body of its reply; IkeError unless the status is OK."""
        request_id = self.send(kind, body)
        while True:
            magic, found, replied, status, answer = self._receive()
            assert magic == MAGIC
            if found != REPLY:
                self.events.append(self._event(found, answer))
                continue
            assert replied == request_id, f"reply to request {replied} instead of {request_id}"
            if status != OK:
                raise IkeError(kind, status)
            return answer

    def raw(self, data):
        self._socket.send(data)

    def is_closed(self):
        """Whether the box closes the connection (within the longest wait)."""
        try:
            return self._socket.recv(65536) == b""
        except ConnectionResetError:
            return True

    def _receive(self):
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionResetError("the box closed the connection")
        return (*struct.unpack("=IIII", data[:HEADER_SIZE]), data[HEADER_SIZE:])

    @staticmethod
    def _event(kind, body):
        if kind == EXPIRE:
            spi, = struct.unpack("!I", body[:4])
            return Expire(spi, str(ipaddress.IPv4Address(body[4:8])), bool(struct.unpack("=I", body[8:12])[0]))
        if kind == MAPPING:
            spi, = struct.unpack("!I", body[:4])
            dst, src = (str(ipaddress.IPv4Address(body[at:at + 4])) for at in (4, 8))
            return Mapping(spi, dst, src, struct.unpack("!H", body[12:14])[0])
        assert kind == DATAGRAM_IN, f"message of type {kind}"
        src, dst = (str(ipaddress.IPv4Address(body[at:at + 4])) for at in (0, 4))
        ports = struct.unpack("!HH", body[8:12])
        size, = struct.unpack("=I", body[12:16])
        assert len(body) == 16 + size
        return Datagram(src, dst, *ports, body[16:])

    def expect(self, kind, what, match=lambda event: True, within=LONGEST_WAIT):
        """The first event of this class (Expire, Mapping, Datagram) that matches; it leaves `events`."""
        deadline = time.monotonic() + within
        while True:
            for index, event in enumerate(self.events):
                if isinstance(event, kind) and match(event):
                    return self.events.pop(index)
            if not select.select([self._socket], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"no {what} from the box; it said {self.events}")
            _, found, _, _, body = self._receive()
            self.events.append(self._event(found, body))

    def take_in(self):
        """Every event so far. The box has dealt with everything before: an answered request comes behind it."""
        self.request(SYNC_BEGIN)
        return self.events

    # requests, spelled out

    def get_spi(self, src, dst):
        return struct.unpack("!I", self.request(GET_SPI, packed(src) + packed(dst))[:4])[0]

    def query_sa(self, src, dst, spi):
        return Use(*struct.unpack("=QQQ", self.request(QUERY_SA, sa_id(src, dst, spi))))

    def update_sa(self, old, spi, new, ports, is_udp):
        """`old`, `new`: (source, destination)."""
        self.request(UPDATE_SA, sa_id(*old, spi) + packed(new[0]) + packed(new[1]) + struct.pack("!HH", *ports) +
                     struct.pack("=II", is_udp, 0))

    def send_datagram(self, src, dst, src_port, dst_port, data):
        self.send(DATAGRAM_OUT, packed(src) + packed(dst) + struct.pack("!HH", src_port, dst_port) +
                  struct.pack("=I", len(data)) + data, request_id=0)
