# SPDX-License-Identifier: BSD-3-Clause
"""What is measured side by side: one case is one kind of packet on its way through one kind of box."""

import dataclasses

SIZES = (64, 512, 1400)  # octets of the IP packet that goes into the tunnel, or comes out of it
COUNTS = (1, 1024)  # tunnels, one after the other
MOBILES = (1, 1000)  # of the three layers, at random
THREE_LAYERS = ("to-mobile", "from-mobile")
SUITES = ("aes128gcm16", "aes128-sha1")


@dataclasses.dataclass(frozen=True)
class Case:
    """`kind`: forward, ipip, seal, open, or a direction of the three layers. `count`: destinations, mobiles or security
    associations."""

    kind: str
    size: int
    count: int = 1
    suite: str = ""

    @property
    def name(self):
        return "/".join(str(part) for part in (self.kind, self.suite, self.size, self.count) if part != "")

    @property
    def is_sealed(self):
        return self.kind in ("seal", "open")

    @property
    def has_peer(self):
        return len(self.contenders()) == 2

    @property
    def floor(self):
        """What the drivers and copies of this case cost: longer packets cost more to receive."""
        return Case("floor", self.size + (overhead(self.suite, self.size) if self.kind == "open" else 0), self.count)

    def contenders(self):
        """Who is measured: the first is Homeport. No peer does all three layers in one: they are measured alone."""
        if self.kind in THREE_LAYERS:
            return ("vpn_bench",)
        return {"forward": ("homeport", "l3fwd"), "ipip": ("homeport", "l3fwd"), "floor": ("testpmd",),
                "seal": ("homeport", "ipsec-secgw"), "open": ("homeport", "ipsec-secgw")}[self.kind]


def overhead(suite, size):
    """Octets that an ESP tunnel adds to a packet of this size."""
    iv, icv, align = {"aes128gcm16": (8, 16, 4), "aes128-sha1": (16, 12, 16)}[suite]
    return 20 + 8 + iv + 2 + -(size + 2) % align + icv


def all_cases():
    cases = [Case("forward", size, count) for size in SIZES for count in COUNTS]
    cases += [Case("ipip", size, count) for size in SIZES for count in COUNTS]
    cases += [Case(kind, size, count, suite) for suite in SUITES for kind in ("seal", "open")
              for size in SIZES for count in COUNTS]
    cases += [Case(kind, size, count, "aes128gcm16") for kind in THREE_LAYERS for size in SIZES for count in MOBILES]
    return cases


def with_floors(cases):
    """The cases, and before them what their harness costs."""
    return list(dict.fromkeys(case.floor for case in cases if case.has_peer)) + list(cases)
