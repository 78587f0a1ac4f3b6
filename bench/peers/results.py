# SPDX-License-Identifier: BSD-3-Clause
"""Measured cycles by case and contender, round by round, as JSON keeps them."""

import json
import os
import pathlib
import statistics


class Table:
    """`data`: {"machine": {...}, "cases": {name: {"cycles": {contender: [a figure for each round]}, ...}},
    "alone": {"machine": {...}, "rounds": [{name: figure}]}}."""

    def __init__(self, data):
        self.data = data
        data.setdefault("machine", {})
        data.setdefault("cases", {})
        data.setdefault("alone", {})

    @classmethod
    def read(cls, path):
        """What is on file, or nothing."""
        path = pathlib.Path(path)
        return cls(json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {})

    def write(self, path):
        path = pathlib.Path(path)
        path.parent.mkdir(exist_ok=True)
        write_owned(path, self.text())

    def text(self):
        """JSON, one case a line, so that changes can be read."""
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in self.data["cases"].items())
        return (f'{{"machine": {json.dumps(self.data["machine"])},\n"cases": {{\n{lines}\n}},\n'
                f'"alone": {json.dumps(self.data["alone"], indent=1)}}}\n')

    def begin(self, wanted, machine):
        """Forgets what is going to be measured anew."""
        self.data["machine"] = machine
        for case in wanted:
            self.data["cases"].pop(case.name, None)

    def row(self, case):
        return self.data["cases"].setdefault(case.name, {"cycles": {}})

    def add(self, case, contender, cycles):
        self.row(case)["cycles"].setdefault(contender, []).append(round(cycles, 1))

    def best_mode(self, case):
        found = self.row(case)["modes"]
        return min(found, key=found.get)

    def has(self, case):
        return bool(self.data["cases"].get(case.name, {}).get("cycles"))

    def median(self, case, contender):
        """Cycles a packet."""
        return statistics.median(self.row(case)["cycles"][contender])

    def ratio(self, case, contender, other):
        """How many packets `contender` does while `other` does one: of each round, then the median."""
        rows = self.row(case)["cycles"]
        return statistics.median(theirs / ours for ours, theirs in zip(rows[contender], rows[other]))

    def stages(self, case):
        """{stage: cycles of a packet}, medians, in the order of the path; empty when it was not noted. Scaled to what
        the packet took in all, since waiting for the core is in them."""
        rounds = self.data["cases"].get(case.name, {}).get("stages", [])
        found = {name: statistics.median(each.get(name, 0) for each in rounds) for name in (rounds or [{}])[0]}
        scale = self.median(case, "homeport") / sum(found.values()) if found else 1
        return {name: cycles * scale for name, cycles in found.items()}

    def spread(self, case, contender):
        """Least and greatest figure."""
        figures = self.row(case)["cycles"][contender]
        return min(figures), max(figures)


def write_owned(path, text):
    """Writes a file that belongs to whom the folder belongs to, whoever runs this."""
    path = pathlib.Path(path)
    path.write_text(text, encoding="utf-8")
    owner = path.parent.stat()
    if path.stat().st_uid != owner.st_uid:
        os.chown(path, owner.st_uid, owner.st_gid)
