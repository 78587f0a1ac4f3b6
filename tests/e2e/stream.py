# SPDX-License-Identifier: BSD-3-Clause
"""A constant stream of numbered packets between two namespaces, so that every single lost one is known."""

import json
import pathlib
import sys

from lab.namespace import wait_until

STREAM_END = pathlib.Path(__file__).with_name("stream_end.py")


class Stream:
    """1,000 packets a second from `sender` to `address` in `receiver`, under way once it is made."""

    def __init__(self, name, sender, receiver, address, port, source=None):
        self._receiving = receiver.start(f"{name}-receive", [sys.executable, STREAM_END, "receive", address, port])
        wait_until(lambda: self._receiving.log(), "receiver listening")
        words = [sys.executable, STREAM_END, "send", address, port]
        self._sending = sender.start(f"{name}-send", words + ([source] if source else []))

    def finish(self, settled):
        """Ends it; `settled` is called between the last packet sent and the receiver's end."""
        sent = self._result(self._sending)["times"]
        settled()
        received = self._result(self._receiving)
        numbers = set(received["numbers"])
        return {"sent": len(sent), "again": received["again"],
                "lost": [sent[number] for number in range(len(sent)) if number not in numbers]}

    @staticmethod
    def _result(process):
        process.stop()
        return json.loads(process.log().splitlines()[-1])
