# SPDX-License-Identifier: BSD-3-Clause
"""A TCP transfer between two namespaces, as a user's download: every byte checked, every pause noticed."""

import json
import pathlib
import signal
import sys

from .namespace import wait_until

TCP_END = pathlib.Path(__file__).with_name("tcp_end.py")


class Transfer:
    """A transfer from one namespace to an address of another, under way from the moment it is made. `bytes_per_sec`:
    no faster."""

    def __init__(self, sender, receiver, address, name, port=5001, bytes_per_sec=0):
        self.receiving = receiver.start(f"{name}-receive", [sys.executable, TCP_END, "receive", address, port])
        wait_until(lambda: self.progress(), "receiver listening")
        self.sending = sender.start(f"{name}-send", [sys.executable, TCP_END, "send", address, port, bytes_per_sec])

    def progress(self, process=None):
        """The last report of the receiving end as a dict; empty before the first."""
        lines = (process or self.receiving).log().splitlines()
        for line in reversed(lines):
            try:
                return json.loads(line)
            except ValueError:
                continue
        return {}

    def received(self):
        """Bytes that have arrived so far."""
        return self.progress().get("bytes", 0)

    def has_failed(self):
        return any(process.status() not in (None, 0) for process in (self.receiving, self.sending))

    def finish(self, within=30.0):
        """Ends the transfer in good order; returns the last report of the receiving end."""
        self.sending.signal(signal.SIGTERM)
        self.sending.wait(within)
        self.receiving.wait(within)
        return self.progress()

    def abandon(self):
        """Ends it at once, whatever is still on its way."""
        for process in (self.sending, self.receiving):
            process.signal(signal.SIGKILL)
