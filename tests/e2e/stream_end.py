# SPDX-License-Identifier: BSD-3-Clause
"""One end of a stream of numbered UDP packets: `stream_end.py send|receive ADDRESS PORT [SOURCE]`.

The sender sends 1,000 a second until SIGTERM; then each end prints one JSON object: what was sent when, or which
numbers came and how many of them more than once.
"""

import json
import signal
import socket
import struct
import sys
import time

INTERVAL_SEC = 0.001
BUFFER_SIZE = 16 << 20
SO_RCVBUFFORCE = 33


def _stopping():
    """A list that is no longer empty once SIGTERM has come."""
    asked = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
    return asked


def _send(address, port, source):
    asked, times = _stopping(), []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        if source:
            end.bind((source, 0))
        due = time.monotonic()
        while not asked:
            due += INTERVAL_SEC
            time.sleep(max(0.0, due - time.monotonic()))
            # before it is sent, so that nothing was sent earlier than this says
            times.append(time.monotonic())
            try:
                end.sendto(struct.pack("!Q", len(times) - 1), (address, port))
            except OSError:
                pass  # no route for a moment: counts as sent and lost
    print(json.dumps({"times": times}), flush=True)


def _receive(address, port):
    asked, numbers, again = _stopping(), set(), 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_SIZE)
        end.bind((address, port))
        end.settimeout(0.1)
        print("{}", flush=True)
        while True:
            try:
                number, = struct.unpack("!Q", end.recv(64))
            except TimeoutError:
                # not before all that waited has been read
                if asked:
                    break
                continue
            again += number in numbers
            numbers.add(number)
    print(json.dumps({"numbers": sorted(numbers), "again": again}), flush=True)


def main(argv):
    mode, address, port = argv[1], argv[2], int(argv[3])
    if mode == "send":
        _send(address, port, argv[4] if len(argv) > 4 else None)
    else:
        _receive(address, port)


if __name__ == "__main__":
    main(sys.argv)
