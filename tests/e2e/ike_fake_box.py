# SPDX-License-Identifier: BSD-3-Clause
"""A box that is none: the far end of charon's plugin, which tests may have misbehave."""

import contextlib
import itertools
import os
import select
import socket
import struct
import threading

from ike_wire import (GATEWAYS_MAX, Datagram, HelloAck, Spi, Status, Type, Use, message, take_apart)

NON_ESP_MARKER = bytes(4)


class FakeBox:
    """Listens at `path` from start() to stop(), records what charon asks, and carries IKE datagrams between
    charon and UDP sockets of `address` in `namespace`.

    answers[type]: a Status to answer instead of OK, None for no answer, or a function of the body that returns
    a Status or None.
    """

    def __init__(self, namespace, path, address):
        self.path = path
        self.address = socket.inet_aton(address)
        self.answers = {}
        self.use = Use(0, 0, 0)
        self.sas = {}  # by SPI: AddSa
        self.requests = []  # (type, body)
        self.esp_count = 0
        self.epoch = 1
        self._named = set()
        self._spis = itertools.count(0xC0000001)
        self._condition = threading.Condition()
        self._connection = self._thread = None
        self._udp = {}
        for port in (500, 4500):
            with namespace.entered():
                self._udp[port] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                self._udp[port].bind((address, port))
        self._wake, self._waker = socket.socketpair()

    def start(self, epoch=None, uid=0):
        """Begins to listen; with another epoch it is as if the box had been started anew. Nothing when
        it listens already."""
        if epoch is not None:
            self.epoch = epoch
            self.sas.clear()
        if self._thread is not None:
            return
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        listener.bind(str(self.path))
        os.seteuid(uid)  # what SO_PEERCRED will tell
        try:
            listener.listen()
        finally:
            os.seteuid(0)
        self._thread = threading.Thread(target=self._run, args=(listener,), daemon=True)
        self._thread.start()

    def stop(self):
        """As if the box had been killed."""
        if self._thread is None:
            return
        self._waker.send(b"!")
        self._thread.join()
        self._thread = None

    def close(self):
        self.stop()
        for end in (*self._udp.values(), self._wake, self._waker):
            end.close()

    def wait(self, condition, what, within=15.0):
        """Waits until condition() is true and returns its value."""
        with self._condition:
            value = self._condition.wait_for(condition, within)
        assert value, f"waited in vain for: {what}; had {[kind.name for kind, _ in self.requests][-30:]}"
        return value

    def of_type(self, *kinds):
        """The bodies of all requests of these types, in order."""
        return [content for kind, content in self.requests if kind in kinds]

    def wait_for(self, kind, count=1, within=15.0):
        """Waits for `count` requests of a type; returns the bodies of all."""
        return self.wait(lambda: len(self.of_type(kind)) >= count and self.of_type(kind), kind.name, within)

    def forget(self):
        with self._condition:
            self.requests.clear()

    def say(self, data):
        """Sends charon a message of whatever kind."""
        self._connection.send(data)

    def tell(self, kind, content, tail=b""):
        self.say(message(kind, content=content.pack() + tail))

    def _run(self, listener):
        with listener:
            while True:
                sources = [self._wake, self._connection or listener, *self._udp.values()]
                ready = select.select(sources, [], [])[0]
                if self._wake in ready:
                    self._wake.recv(1)
                    break
                if listener in ready:
                    self._connection = listener.accept()[0]
                elif self._connection in ready:
                    self._from_charon()
                for port, udp in self._udp.items():
                    if udp in ready:
                        self._from_network(port, udp)
        self._hang_up()

    def _hang_up(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _from_charon(self):
        try:
            data = self._connection.recv(1 << 16)
        except ConnectionError:
            data = b""
        if not data:
            self._hang_up()
            return
        kind, request_id, content, tail = take_apart(data)
        if kind == Type.DATAGRAM_OUT:
            port = struct.unpack("!H", content.src_port)[0]
            assert content.len == len(tail) and content.src == self.address
            self._udp[port].sendto(tail, (socket.inet_ntoa(content.dst), *struct.unpack("!H", content.dst_port)))
            return
        self._answer(kind, request_id, content)
        with self._condition:
            self.requests.append((kind, content))
            self._condition.notify_all()

    def _answer(self, kind, request_id, content):
        status = self.answers.get(kind, Status.OK)
        if callable(status):
            status = status(content)
        if status is None:
            return
        reply = b""
        if status == Status.OK:
            reply = self._serve(kind, content)
        with contextlib.suppress(ConnectionError):
            self._connection.send(message(Type.REPLY, request_id, status, reply))

    def _serve(self, kind, content):
        if kind == Type.HELLO:
            return HelloAck(self.epoch, 1, self.address.ljust(4 * GATEWAYS_MAX, b"\0")).pack()
        if kind == Type.GET_SPI:
            return Spi(struct.pack("!I", next(self._spis))).pack()
        if kind in (Type.QUERY_SA, Type.QUERY_POLICY):
            return self.use.pack()
        if kind == Type.ADD_SA:
            self.sas[content.spi] = content
        elif kind == Type.DEL_SA:
            self.sas.pop(content.spi, None)
        elif kind == Type.SYNC_BEGIN:
            self._named = set()
        elif kind == Type.SYNC_SA:
            self._named.add(content.spi)
        elif kind == Type.SYNC_END:
            self.sas = {spi: sa for spi, sa in self.sas.items() if spi in self._named}
        return b""

    def _from_network(self, port, udp):
        data, (address, far_port) = udp.recvfrom(1 << 16)
        if port == 4500 and data[:4] != NON_ESP_MARKER:
            self.esp_count += 1
        elif self._connection is not None:
            self.tell(Type.DATAGRAM_IN, Datagram(socket.inet_aton(address), self.address, struct.pack("!H", far_port),
                                                 struct.pack("!H", port), len(data)), data)
