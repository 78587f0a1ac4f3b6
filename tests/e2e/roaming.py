# SPDX-License-Identifier: BSD-3-Clause
"""The whole system under way: its mobile somewhere, a TCP transfer to it, and strangers who listen."""

from invariants import Invariants
from lab.namespace import wait_until
from lab.system import System
from lab.topology import I_HOME, OUTSIDE
from lab.transfer import Transfer

BYTES_PER_SEC = 250_000


class Roaming:
    """The system in `networks`. Where the mobile is, is None until go(), and when that failed. `mobile`: more settings
    for its configuration."""

    def __init__(self, networks, pki, **mobile):
        self.networks = networks
        self.system = System(networks, pki, **mobile)
        self.system.start()
        self.mobile = self.system.mobile
        self.invariants = Invariants([networks.namespaces[name] for name in OUTSIDE])
        self.at, self.transfer = None, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.transfer is not None:
            self.transfer.abandon()
        self.mobile.stop()
        self.invariants.close()

    def go(self, place, mode, *how):
        """Takes the mobile there (see Traveller.go); returns once data arrives there. The transfer begins with the
        first place."""
        self.at = None
        self.mobile.go(place, mode, *how)
        if self.transfer is None:
            self.transfer = Transfer(self.networks.server, self.networks.mobile, I_HOME, "transfer",
                                     bytes_per_sec=BYTES_PER_SEC)
        self.data_arrives()
        self.at = place, mode

    def data_arrives(self):
        """Returns once the transfer goes on."""
        before = self.transfer.received()
        wait_until(lambda: self.alive().received() > before + 20_000, "the transfer to go on", 60)

    def alive(self):
        """The transfer, which has not failed."""
        assert not self.transfer.has_failed(), self.transfer.sending.log()[-300:] + self.transfer.receiving.log()[-300:]
        return self.transfer

    def ping(self, source, *where):
        """Pings from a namespace until none is lost. The first ones may come before the mobile has heard that it is
        registered, or while the box still passes on what was said of a tunnel that had the same ends."""
        host = self.networks.namespaces[source]
        wait_until(lambda: " 0% packet loss" in host.run(
            "sh", "-c", "ping -c 3 -i 0.02 -W 2 \"$@\" || true", "ping", *where), "pings that are answered", 30, 0.2)

    def homes(self):
        """Home addresses with a binding."""
        return {binding["home_address"] for binding in self.system.box.bindings()}

    def drops(self):
        """What the box has dropped so far, by reason."""
        return {name: count for name, count in self.system.box.drops().items() if count}

    def explain(self):
        """Prints the logs, for tests that failed."""
        for name, log in self.system.logs().items():
            print(f"--- {name}", log[-2500:], sep="\n")
