# SPDX-License-Identifier: BSD-3-Clause
"""One end of a TCP transfer whose every byte is checked: `tcp_end.py receive|send ADDRESS PORT [BYTES_PER_SEC]`.

It writes one JSON line every 100 ms: bytes so far and the longest time in which nothing moved.
"""

import json
import random
import select
import signal
import socket
import sys
import time

CHUNK = 64 << 10
PATTERN_SIZE = 1 << 20
REPORT_SEC = 0.1
SO_MAX_PACING_RATE = 47
GIVE_UP_SEC = 60.0


def _pattern():
    """A megabyte that looks like nothing else, the same at both ends; doubled so that any slice is there."""
    return random.Random(2002).randbytes(PATTERN_SIZE) * 2


class _Reporter:
    """Counts bytes and pauses and says so."""

    def __init__(self):
        self.total = 0
        self.started = self.moved = self.said = time.monotonic()
        self.longest_pause = 0.0

    def count(self, size):
        now = time.monotonic()
        if size > 0:
            self.longest_pause = max(self.longest_pause, now - self.moved)
            self.moved = now
            self.total += size
        if now - self.said >= REPORT_SEC:
            self.say("moving")

    def say(self, state, **more):
        self.said = time.monotonic()
        print(json.dumps({"state": state, "bytes": self.total, "seconds": round(self.said - self.started, 3),
                          "pause": round(max(self.longest_pause, self.said - self.moved), 3), **more}), flush=True)

    def finish(self, state, **more):
        self.moved = time.monotonic() if state == "done" else self.moved
        self.say(state, **more)


def _receive(address, port):
    """Listens, takes one connection and compares every byte until the sender is done."""
    with socket.create_server((address, port)) as server:
        print(json.dumps({"state": "listening"}), flush=True)
        connection, _ = server.accept()
    report, pattern = _Reporter(), _pattern()
    connection.settimeout(GIVE_UP_SEC)
    try:
        while True:
            if not select.select([connection], [], [], REPORT_SEC)[0]:
                report.count(0)
                continue
            data = connection.recv(CHUNK)
            if not data:
                break
            start = report.total % PATTERN_SIZE
            if data != pattern[start:start + len(data)]:
                report.finish("corrupted")
                return 1
            report.count(len(data))
    except OSError as error:
        report.finish("broken", error=str(error))
        return 1
    connection.sendall(report.total.to_bytes(8, "big"))
    report.finish("done")
    return 0


def _send(address, port, bytes_per_sec=0):
    """Connects and sends until SIGTERM, then asks the receiver how much came. `bytes_per_sec`: no faster; 0: as fast
    as it goes."""
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    report, pattern = _Reporter(), _pattern()
    try:
        with socket.create_connection((address, port), timeout=GIVE_UP_SEC) as connection:
            report = _Reporter()
            if bytes_per_sec:
                connection.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, bytes_per_sec)
            connection.setblocking(False)
            while not stopped:
                if not select.select([], [connection], [], REPORT_SEC)[1]:
                    report.count(0)
                    continue
                start = report.total % PATTERN_SIZE
                report.count(connection.send(pattern[start:start + CHUNK]))
            connection.settimeout(GIVE_UP_SEC)
            connection.shutdown(socket.SHUT_WR)
            arrived = int.from_bytes(connection.recv(8, socket.MSG_WAITALL), "big")
    except OSError as error:
        report.finish("broken", error=str(error))
        return 1
    report.finish("done" if arrived == report.total else "lost", arrived=arrived)
    return 0 if arrived == report.total else 1


if __name__ == "__main__":
    ENDS = {"receive": _receive, "send": _send}
    sys.exit(ENDS[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:])))
