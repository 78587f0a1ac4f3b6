# SPDX-License-Identifier: BSD-3-Clause
"""A bar chart as SVG: cycles a packet of Homeport and its peer for each case, and the limit of the sealed ones."""

import cases

BAR, GAP, LEFT, RIGHT, TOP, WIDTH = 13, 12, 250, 70, 74, 900
COLOURS = {"homeport": "#1f6f8b", "peer": "#c9c2b8", "limit": "#c0392b", "text": "#333333", "line": "#e2e2e2"}


def text(x, y, words, anchor="start", size=12, weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
            f'fill="{COLOURS["text"]}">{words}</text>')


def bar(y, width, colour):
    return f'<rect x="{LEFT}" y="{y:.0f}" width="{max(width, 1):.1f}" height="{BAR}" fill="{colour}"/>'


def legend():
    parts = []
    for x, key, words in ((LEFT, "homeport", "Homeport"), (LEFT + 100, "peer", "peer"),
                          (LEFT + 170, "limit", "limit: raw cipher + harness")):
        parts.append(f'<rect x="{x}" y="44" width="12" height="12" fill="{COLOURS[key]}"/>')
        parts.append(text(x + 17, 54, words))
    return parts


def rows(table, found, scale):
    """The bars of each case, one above the other."""
    y = TOP
    for case in found:
        peer = case.contenders()[1]
        yield text(LEFT - 8, y + BAR + 4, f"{case.name}", "end")
        for name, colour in (("homeport", "homeport"), (peer, "peer")):
            cycles = table.median(case, name)
            yield bar(y, cycles * scale, COLOURS[colour])
            yield text(LEFT + cycles * scale + 4, y + BAR - 2, f"{cycles:.0f}" + (f" {peer}" if name == peer else ""),
                       size=10)
            y += BAR
        if case.is_sealed:
            at = LEFT + (table.median(case, "raw") + table.median(case.floor, "testpmd")) * scale
            yield (f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y - 2 * BAR - 2}" y2="{y + 2}" stroke="{COLOURS["limit"]}" '
                   'stroke-width="2"/>')
        y += GAP


def draw(table):
    """The chart as a text."""
    found = [case for case in cases.all_cases() if case.has_peer and table.has(case)]
    longest = max((table.median(case, name) for case in found for name in case.contenders()), default=1)
    scale = (WIDTH - LEFT - RIGHT - 40) / longest
    height = TOP + len(found) * (2 * BAR + GAP) + 10
    body = [text(LEFT, 26, "Time stamp counter cycles a packet, one worker, drivers included: less is better", size=14,
                 weight="bold"), *legend(), *rows(table, found, scale)]
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
                      'font-family="sans-serif">', f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
                      *body, "</svg>"]) + "\n"
