# SPDX-License-Identifier: BSD-3-Clause
"""What a move costs: a stream of pings tells how long nothing came through and what was lost, a look at the mobile's
own link how many bytes the tunnels add to a packet."""

import contextlib
import dataclasses
import re
import socket

from .namespace import LabError, wait_until

EVERY_SEC = 0.01
PROBE_SIZE = 700  # a size that nothing else has on the way from the mobile
PROBES = 5
ETHERTYPE_ALL, ETHERTYPE_IP, PACKET_OUTGOING = 0x0003, 0x0800, 4
SO_RCVBUFFORCE = 33
IP_HEADER, ICMP_HEADER = 20, 8
REPLY = re.compile(r"^\[(\d+\.\d+)\] \d+ bytes from .*icmp_seq=(\d+) ", re.MULTILINE)

# RFC 5265 section 5.2: the most bytes that each mode adds, mc by the same sum; and what NAT traversal adds. At home
# there is no tunnel.
OVERHEAD = {"home": 0, "f": 0, "c": 20, "mc": 77, "fvc": 77, "cvc": 97}
ESP_IN_UDP, MIP_IN_UDP = 8, 12


@dataclasses.dataclass
class Gap:
    """A stretch of the pings: the longest time without an answer, and how many were never answered."""

    interruption_ms: float
    lost: int


class PingStream:
    """Pings from a namespace to an address, 100 a second, from the moment it is made."""

    def __init__(self, namespace, address):
        self._process = namespace.start("ping-stream", ["ping", "-D", "-i", EVERY_SEC, "-W", "1", address])

    def answers(self):
        """(when it came, sequence number) of every answer so far. Sequence numbers grow without end."""
        answers, high = [], 0
        for stamp, number in REPLY.findall(self._process.log()):
            number = int(number) + high
            if answers and number < answers[-1][1] - 0x8000:
                high, number = high + 0x10000, number + 0x10000
            answers.append((float(stamp), number))
        return answers

    def mark(self):
        """How many answers there are; for gap()."""
        return len(self.answers())

    def wait_going(self, within=30.0):
        """Returns once answers come, one after another."""
        before = self.mark()
        wait_until(lambda: self.mark() >= before + 10, "pings that are answered", within, every=0.05)

    def gap(self, since):
        """What happened since a mark(): from the last answer before it to the latest."""
        answers = self.answers()[max(0, since - 1):]
        if len(answers) < 2:
            raise LabError("nobody answers the pings")
        longest = max(later[0] - earlier[0] for earlier, later in zip(answers, answers[1:]))
        numbers = {number for _, number in answers}
        lost = max(numbers) - min(numbers) + 1 - len(numbers)
        return Gap(max(0.0, longest - EVERY_SEC) * 1000, lost)

    def stop(self):
        """Ends it; returns how many were sent and how many answered."""
        self._process.signal(2)
        self._process.wait()
        sent, got = re.search(r"(\d+) packets transmitted, (\d+) received", self._process.log()).groups()
        return int(sent), int(got)


def overhead(mobile, source, destination, interface):
    """How many bytes a packet of PROBE_SIZE bytes between these addresses is longer when it leaves the mobile's
    interface; LabError when that differs from one to the next."""
    with mobile.entered(), socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETHERTYPE_ALL)) as link:
        link.bind((interface, ETHERTYPE_ALL))
        link.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
        link.setblocking(False)
        mobile.run("ping", "-c", PROBES, "-i", "0.02", "-W", "2", "-s", PROBE_SIZE - IP_HEADER - ICMP_HEADER,
                   "-I", source, destination)
        sizes = [size for size in _sizes_sent(link) if size >= PROBE_SIZE]
    if len(sizes) != PROBES or len(set(sizes)) != 1:
        raise LabError(f"{PROBES} packets of {PROBE_SIZE} bytes left the mobile as {sizes}")
    return sizes[0] - PROBE_SIZE


def _sizes_sent(link):
    """Sizes of the IP packets that have left by a link."""
    with contextlib.suppress(BlockingIOError):
        while True:
            packet, (_, ethertype, direction, *_) = link.recvfrom(2048)
            if ethertype == ETHERTYPE_IP and direction == PACKET_OUTGOING:
                yield len(packet)
