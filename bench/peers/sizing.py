# SPDX-License-Identifier: BSD-3-Clause
"""How many worker cores a line rate takes: computed from measured cycles, for docs/tuning.md.

Computed, not measured: cycles at the sizes of the mix are drawn from straight lines between the sizes that were
measured, the harness (which copies every packet) stands for the NIC's driver, and a core is given a part of its time
only, so that bursts find room.
"""

import math

import cases

MIX = ((40, 7), (576, 4), (1500, 1))  # octets of the user's IP packet, and how many of them
WIRE = 14 + 4 + 8 + 12  # Ethernet header and checksum, preamble, gap
ETHERNET_MIN = 46  # octets of payload
RATES = (10, 25, 100, 400)  # Gbit/s of user packets with their Ethernet framing
LOAD = 0.7  # of a core's cycles
ROWS = (
    ("plain forwarding", cases.Case("forward", 64, 1024)),
    ("IP-in-IP to the mobile", cases.Case("ipip", 64, 1024)),
    ("ESP AES-128-GCM, seal", cases.Case("seal", 64, 1024, "aes128gcm16")),
    ("ESP AES-128-GCM, open", cases.Case("open", 64, 1024, "aes128gcm16")),
    ("ESP AES-128-CBC with HMAC-SHA1-96, seal", cases.Case("seal", 64, 1024, "aes128-sha1")),
    ("ESP AES-128-CBC with HMAC-SHA1-96, open", cases.Case("open", 64, 1024, "aes128-sha1")),
    ("three layers to the mobile, AES-128-GCM", cases.Case("to-mobile", 64, 1000, "aes128gcm16")),
    ("three layers from the mobile, AES-128-GCM", cases.Case("from-mobile", 64, 1000, "aes128gcm16")),
)


def line(points, at):
    """The value at `at` of straight lines through `points`, [(x, y)] in order; the outermost lines go on."""
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if at <= x1 or (x1, y1) == points[-1]:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    raise ValueError("less than two points")


def mean(of):
    """The mean over the mix of what `of` says of a size."""
    return sum(of(size) * share for size, share in MIX) / sum(share for _, share in MIX)


def packets_per_second(gigabits):
    """Packets of the mix in a second of a full line."""
    return gigabits * 1e9 / 8 / mean(lambda size: max(size, ETHERNET_MIN) + WIRE)


def points_of(table, case):
    """(size, cycles with a driver) for each measured size of a case, or None."""
    sizes = [cases.Case(case.kind, size, case.count, case.suite) for size in cases.SIZES]
    if not all(table.has(each) for each in sizes):
        return None
    if case.has_peer:
        return [(each.size, table.median(each, "homeport")) for each in sizes]
    floors = [cases.Case("floor", size) for size in cases.SIZES]
    if not all(table.has(floor) for floor in floors):
        return None
    return [(each.size, table.median(each, "vpn_bench") + table.median(floor, "testpmd"))
            for each, floor in zip(sizes, floors)]


def cores(cycles, gigabits, hertz):
    return max(1, math.ceil(packets_per_second(gigabits) * cycles / (hertz * LOAD)))


def table_text(table):
    """The table, one line a kind of traffic; directions add up."""
    hertz = table.data["machine"]["tsc_hz"]
    lines = [f"Cores of {hertz / 1e9:.2f} GHz (time stamp counter), loaded to {LOAD:.0%}, **computed** from the cycles "
             f"in [performance.md](performance.md), for one direction; packets of "
             f"{', '.join(str(size) for size, _ in MIX)} octets, {' : '.join(str(share) for _, share in MIX)}:", "",
             "| traffic | cycles a packet | " + " | ".join(f"{rate} Gbit/s" for rate in RATES) + " |",
             "|---" * (2 + len(RATES)) + "|",
             "| packets a second | | " + " | ".join(f"{packets_per_second(rate) / 1e6:.1f} M" for rate in RATES) + " |"]
    for words, case in ROWS:
        points = points_of(table, case)
        if points is None:
            continue
        cycles = mean(lambda size, points=points: line(points, size))
        lines.append(f"| {words} | {cycles:.0f} | " +
                     " | ".join(str(cores(cycles, rate, hertz)) for rate in RATES) + " |")
    return "\n".join(lines)
