# SPDX-License-Identifier: BSD-3-Clause
"""Wireshark's dissectors as judges of what the box sends."""

import collections
import json
import subprocess


def tshark(capture, *args):
    """Runs tshark on a capture file and returns what it printed."""
    return subprocess.run(["tshark", "-n", "-r", str(capture), *args], check=True, capture_output=True,
                          text=True).stdout


def complaints(capture, box_macs):
    """One line for each frame of the box's that is malformed or that an expert error is raised about."""
    sent = " || ".join(f"eth.src == {mac}" for mac in box_macs)
    wrong = "_ws.malformed || _ws.expert.severity >= 8388608"
    # Wireshark takes whatever RFC 3519 tunnels carry for IP, GRE and minimal encapsulation too.
    readable = "!mip.nattt.nexthdr || mip.nattt.nexthdr == 4"
    return tshark(capture, "-Y", f"({sent}) && ({wrong}) && ({readable})", "-T", "fields", "-e", "frame.number",
                  "-e", "_ws.col.Protocol", "-e", "_ws.col.Info", "-e", "_ws.expert.message",
                  "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
                  "-o", "ip.defragment:FALSE").splitlines()


def _collect(pairs):
    """JSON objects of tshark repeat keys: every value is kept, in a list."""
    merged = collections.defaultdict(list)
    for key, value in pairs:
        merged[key].append(value)
    return dict(merged)


def dissect(capture, display_filter):
    """The dissection trees of the frames that match."""
    text = tshark(capture, "-Y", display_filter, "-T", "json", "-o", "ip.defragment:FALSE")
    return [packet["_source"][0]["layers"][0] for packet in json.loads(text, object_pairs_hook=_collect)]


def fields(tree, name):
    """Every value of the field `name`, wherever it stands in a dissection tree."""
    if isinstance(tree, list):
        return [found for member in tree for found in fields(member, name)]
    if not isinstance(tree, dict):
        return []
    found = []
    for key, value in tree.items():
        if key == name:
            found += [member for member in value if isinstance(member, str)]
        found += fields(value, name)
    return found
