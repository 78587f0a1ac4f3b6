# SPDX-License-Identifier: BSD-3-Clause
"""docs/performance.md: the tables between its marks, and the chart, from the figures on file; the sizing table of
docs/tuning.md."""

import pathlib

import alone
import cases
import chart
import sizing
import targets
from results import Table, write_owned

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench/results/peers.json"
PAGE = ROOT / "docs/performance.md"
CHART = ROOT / "docs/performance.svg"
TUNING = ROOT / "docs/tuning.md"
TITLES = {
    "forward": "Plain forwarding, against l3fwd",
    "ipip": "IP-in-IP to the mobile, against l3fwd, which only forwards",
    "seal": "ESP tunnel, seal",
    "open": "ESP tunnel, open",
    "to-mobile": "All three layers to the mobile",
    "from-mobile": "All three layers from the mobile",
}
SUITES = {"aes128gcm16": "AES-128-GCM", "aes128-sha1": "AES-128-CBC with HMAC-SHA1-96", "": ""}
COUNTED = {"forward": "destinations", "ipip": "mobiles", "seal": "SAs", "open": "SAs",
           "to-mobile": "mobiles", "from-mobile": "mobiles"}


def between(text, name, inside):
    """The text with what stands between the marks of `name` replaced."""
    begin, end = (f"<!-- {name}: {word} -->" for word in ("begin", "end"))
    head, rest = text.split(begin)
    return f"{head}{begin}\n{inside}\n{end}{rest.split(end)[1]}"


def row(table, case):
    """A line of a table: cycles, ratio, and what there is for comparison."""
    peer = case.contenders()[1]
    ours, floor = table.median(case, "homeport"), table.median(case.floor, "testpmd")
    line = [case.size, f"{case.count:,}", f"{ours:.0f}", f"{table.median(case, peer):.0f}",
            f"**{table.ratio(case, 'homeport', peer):.2f}**", f"{floor:.0f}", f"{ours - floor:.0f}"]
    if case.is_sealed:
        raw = table.median(case, "raw")
        line += [f"{raw:.0f}", f"{raw + floor:.0f}", f"{ours - floor - raw:+.0f}", table.best_mode(case)]
    return "| " + " | ".join(str(cell) for cell in line) + " |"


def layers_section(table, found):
    """The three layers, which have no peer: drivers are not in it."""
    lines = [f"### {TITLES[found[0].kind]}, {SUITES[found[0].suite]}", "",
             "| bytes | mobiles | Homeport without harness | raw cipher | above the raw cipher |",
             "|---|---|---|---|---|"]
    for case in found:
        ours, raw = table.median(case, "vpn_bench"), table.median(case, "raw")
        lines.append(f"| {case.size} | {case.count:,} | {ours:.0f} | {raw:.0f} | {ours - raw:+.0f} |")
    return "\n".join([*lines, ""])


def section(table, kind, suite):
    """A heading and its table; nothing when nothing was measured."""
    found = [case for case in cases.all_cases() if (case.kind, case.suite) == (kind, suite) and table.has(case)]
    if not found:
        return ""
    if not found[0].has_peer:
        return layers_section(table, found)
    peer = found[0].contenders()[1]
    head = ["bytes", COUNTED[kind], "Homeport", peer, "ratio", "harness", "Homeport without it"]
    if found[0].is_sealed:
        head += ["raw cipher", "limit", "above the limit", f"mode of {peer}"]
    title = TITLES[kind] + (f", {SUITES[suite]}, against {peer}" if suite else "")
    return "\n".join([f"### {title}", "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head),
                      *(row(table, case) for case in found), ""])


def profile(table):
    """What the stages of the worker took of a 64-byte packet, by Homeport's own counters; drivers are in it."""
    found = [case for case in cases.all_cases() if case.size == cases.SIZES[0] and table.stages(case)]
    names = list(dict.fromkeys(name for case in found for name in table.stages(case)))
    if not found:
        return ""
    lines = ["### Where the cycles go, 64 bytes", "",
             "| stage | " + " | ".join(case.name.replace("/64/", " ") for case in found) + " |",
             "|---" * (1 + len(found)) + "|"]
    for name in names:
        cells = [f"{table.stages(case)[name]:.0f}" if name in table.stages(case) else "" for case in found]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def tables(table):
    keys = dict.fromkeys((case.kind, case.suite) for case in cases.all_cases())
    return "\n".join(filter(None, [*(section(table, *key) for key in keys), profile(table)]))


def provenance(table):
    """One paragraph: on what, when and how often."""
    machine = table.data["machine"]
    return f"{targets.provenance(machine)} {machine['rounds']} rounds of {machine['seconds']:g} s each."


def write_all():
    """Pages and chart from the figures on file."""
    table = Table.read(RESULTS)
    page = PAGE.read_text(encoding="utf-8")
    page = between(page, "targets", targets.table_text(table))
    page = between(page, "alone", alone.text(table.data["alone"]))
    page = between(page, "bench-peers", provenance(table) + "\n\n" + tables(table))
    write_owned(PAGE, page)
    write_owned(CHART, chart.draw(table))
    page = TUNING.read_text(encoding="utf-8")
    write_owned(TUNING, between(page, "sizing", sizing.table_text(table)))
