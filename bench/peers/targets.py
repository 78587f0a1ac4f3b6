# SPDX-License-Identifier: BSD-3-Clause
"""The targets that the box has set itself, and how far it is from each."""

import cases

# words, kind, suite, tunnels, what is compared, the target at each of cases.SIZES (None: no target)
ABOVE, RATIO = "cycles above the raw cipher, without harness", "packets a second, against ipsec-secgw"
TARGETS = [
    (f"ESP {title}, {way}, {count:,} SA{'s' if count > 1 else ''}", way, suite, count, what, goals)
    for suite, title, above in (("aes128gcm16", "AES-128-GCM", 60), ("aes128-sha1", "AES-128-CBC", 80))
    for way in ("seal", "open")
    for count, what, goals in ((1, ABOVE, (above,) * 3), (1, RATIO, (1.5, None, 1.3)), (1024, RATIO, (1.5, None, 1.3)))
] + [
    ("three layers to the mobile, 1,000 mobiles", "to-mobile", "aes128gcm16", 1000, ABOVE, (60,) * 3),
    ("three layers from the mobile, 1,000 mobiles", "from-mobile", "aes128gcm16", 1000, ABOVE, (90,) * 3),
]


def value(table, case, what):
    """The figure that a target is about."""
    if what == RATIO:
        return table.ratio(case, "homeport", "ipsec-secgw")
    if not case.has_peer:
        return table.median(case, "vpn_bench") - table.median(case, "raw")
    return table.median(case, "homeport") - table.median(case.floor, "testpmd") - table.median(case, "raw")


def cell(found, goal, what):
    """A figure beside its goal; bold where it is reached."""
    number = f"{found:.2f}" if what == RATIO else f"{found:+.0f}"
    if goal is None:
        return number
    reached = found >= goal if what == RATIO else found <= goal
    return beside(number, f"{goal:.1f}" if what == RATIO else f"{goal:+d}", reached)


def beside(number, goal, reached):
    return f"**{number}** of {goal}" if reached else f"{number} of {goal}"


def provenance(machine):
    """On what and when."""
    return (f"Measured on {machine['date'][:10]} at commit {machine['commit']}: {machine['cpu']}, {machine['cores']} "
            f"cores, TSC {machine['tsc_hz'] / 1e9:.2f} GHz, Linux {machine['kernel']}, DPDK {machine['dpdk']}; "
            f"load average at the start {machine['load']:.1f}.")


def table_text(table):
    """One line a target; what was not measured is left out."""
    lines = ["| target | compared | " + " | ".join(f"{size} bytes" for size in cases.SIZES) + " |",
             "|---" * (2 + len(cases.SIZES)) + "|"]
    for words, kind, suite, count, what, goals in TARGETS:
        sizes = [cases.Case(kind, size, count, suite) for size in cases.SIZES]
        if all(table.has(case) for case in sizes):
            cells = [cell(value(table, case, what), goal, what) for case, goal in zip(sizes, goals)]
            lines.append(f"| {words} | {what} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
