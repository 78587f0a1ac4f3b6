# SPDX-License-Identifier: BSD-3-Clause
"""What no peer is measured beside: Homeport's own programs, and the targets that they are held against. A figure is
named PROGRAM:BENCHMARK."""

import statistics

import targets

# program: its arguments, and the counter that is the figure
PROGRAMS = {
    "path_bench": (("--counts=1000,1000000,4000000", "--bursts=32"), "cycles/packet"),
    "vpn_bench": (("--counts=100000", "--lens=64,1400,imix", "--bursts=32"), "cycles/packet"),
    "registration_bench": (("--benchmark_filter=/hmac-md5/",), "registrations/s"),
    "beside_bench": ((), "percent"),
    "memory_bench": ((), "bytes/mobile"),
}
WAYS = (("to", 45, 110), ("from", 60, 130))  # of the mobile; goals in the cache and from memory
TUNNELS = {"ip-in-ip": "IP-in-IP", "udp": "MIP-UDP"}
LAYERS = (("to", "seal", (200, 300)), ("from", "open", (230, 330)))  # goals at 64 and 1400 bytes
LENGTHS = (64, 1400)
GROWTH, DISTURBANCE_PERCENT = 3.0, 5
ONE_BY_ONE, IN_BURSTS = 500000, 1000000  # registrations a second
BYTES_A_MOBILE, GIB_A_MILLION = 4096, 5


def measure(benchmarks):
    """Runs all of it once: {name: figure}. `benchmarks(program, *arguments)` runs a program."""
    found = {}
    for program, (arguments, counter) in PROGRAMS.items():
        for row in benchmarks(program, *arguments):
            found[f"{program}:{row['name'].removesuffix('/manual_time')}"] = round(row[counter], 1)
        print(f"{program:26} measured", flush=True)
    return found


class Figures:
    """Of each figure the best round: what others do on a shared machine only makes it worse. Of a difference, which they
    can make better, too, the median."""

    def __init__(self, rounds):
        self.rounds = rounds

    def __getitem__(self, name):
        pick = {"registration_bench": max, "beside_bench": statistics.median}.get(name.partition(":")[0], min)
        return pick([found[name] for found in self.rounds])

    def path(self, way, tunnel, count, where):
        return self[f"path_bench:{way}-mobile/{tunnel}/{count}-bindings/burst-32/{where}"]

    def registrations(self, what, burst):
        return self[f"registration_bench:registration/hmac-md5/{what}/burst-{burst}"]

    def beside(self, what, tunnel, count):
        return self[f"beside_bench:beside/{what}/{tunnel}/{count}-mobiles"]


def table(head, rows):
    lines = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in [head, *rows]]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:], ""])


def at_most(found, goal, form="{:.0f}"):
    return targets.beside(form.format(found), form.format(goal), found <= goal)


def path_table(figures):
    rows = []
    for way, hot, cold in WAYS:
        for tunnel, words in TUNNELS.items():
            few, most = (figures.path(way, tunnel, count, "cold") for count in (1000, 4000000))
            rows.append((f"{words} {way} the mobile", at_most(figures.path(way, tunnel, 1000, "hot"), hot),
                         at_most(figures.path(way, tunnel, 1000000, "cold"), cold), f"{few:.0f}", f"{most:.0f}",
                         at_most(most / few, GROWTH, "{:.1f}")))
    return table(("cycles a packet, 64 bytes", "1,000, packets in the cache", "1,000,000, packets from memory",
                  "1,000, packets from memory", "4,000,000, packets from memory", "growth of the last two"), rows)


def layers_table(figures):
    rows = []
    for way, raw, goals in LAYERS:
        row = [f"three layers {way} the mobile"]
        for size, goal in zip(LENGTHS, goals):
            cycles = figures[f"vpn_bench:three-layers/{way}-mobile/100000-mobiles/{size}"]
            row += [f"{cycles:.0f}", at_most(cycles - figures[f"vpn_bench:raw-gcm128/{raw}/{size}"], goal, "{:+.0f}")]
        rows.append([*row, f"{figures[f'vpn_bench:three-layers/{way}-mobile/100000-mobiles/imix']:.0f}"])
    head = ["100,000 mobiles at random, cycles a packet"]
    for size in LENGTHS:
        head += [f"{size} bytes", "above the raw cipher"]
    return table([*head, "IMIX"], rows)


def registration_table(figures):
    def cell(what, burst, goal):
        found = figures.registrations(what, burst)
        return targets.beside(f"{found / 1000:,.0f}", f"{goal / 1000:,.0f}", found >= goal)
    return table(("thousands a second, HMAC-MD5", "one at a time", "in bursts of 32"),
                 [(words, cell(what, 1, ONE_BY_ONE), cell(what, 32, IN_BURSTS)) for what, words in
                  (("renewal", "renewal"), ("move", "care-of address changes each time"),
                   ("first", "first registration"))])


def beside_table(figures):
    kinds = [(tunnel, count) for tunnel in ("ip-in-ip", "three-layers") for count in (1000, 100000)]
    return table(("percent more a packet", *(f"{TUNNELS.get(tunnel, 'three layers')}, {count:,}"
                                             for tunnel, count in kinds)),
                 [(words, *(at_most(figures.beside(what, *kind), DISTURBANCE_PERCENT, "{:+.0f}") for kind in kinds))
                  for what, words in (("moves", "while 50,000 bindings a second change"),
                                      ("rekeys", "while 50,000 pairs of SAs a second are rekeyed"),
                                      ("second-worker", "while a second worker runs"))])


def memory_table(figures):
    found = figures["memory_bench:memory/three-layers"]
    return table(("memory, all three layers", ""),
                 [("bytes a mobile", at_most(found, BYTES_A_MOBILE, "{:,.0f}")),
                  ("GiB a million", at_most(found * 1e6 / 2**30, GIB_A_MILLION, "{:.2f}"))])


def text(data):
    """All tables, or nothing when nothing is on file. `data`: {"machine": ..., "rounds": [...]}."""
    if not data:
        return ""
    figures = Figures(data["rounds"])
    return "\n".join([targets.provenance(data["machine"]) + f" {len(data['rounds'])} rounds.", "",
                      path_table(figures), layers_table(figures), registration_table(figures), beside_table(figures),
                      memory_table(figures)])
