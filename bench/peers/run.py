#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Homeport and its peers in turn, on the same devices and the same packets, round after round; then the tables and
the chart of docs/performance.md. See there, and `run.py --help`.

A round is one run of each program for each case, Homeport first in every other one. Of ipsec-secgw's modes the fastest
for the case is taken, chosen in a round before the first.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "devtools"), str(ROOT / "tests/e2e")]

import alone  # noqa: E402
import cases  # noqa: E402
import dpdk  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
from contender import HUGE_PAGES, WORKER_CORE, ContenderError  # noqa: E402
from homeport import Homeport  # noqa: E402
from lab.box import build_directory  # noqa: E402
from lab.hugepages import RESERVE  # noqa: E402
from lab.namespace import LabError, call  # noqa: E402

MOMENT = "--benchmark_min_time=0.05"
SMOKE = ("floor/64/1", "forward/64/1", "ipip/64/1", "seal/aes128gcm16/64/1", "open/aes128gcm16/64/1")


class Bench:
    """All contenders, and a place for their files that is memory."""

    def __init__(self, directory, seconds):
        self.directory, self.seconds = pathlib.Path(directory), seconds
        self.build = dpdk.work_directory()
        self.raw = self.tsc_hz = self.stages = None

    def contender(self, name, mode=""):
        if name == "homeport":
            return Homeport(build_directory() / "bench/libpeers_preload.so")
        if name == "l3fwd":
            return dpdk.L3fwd(self.build)
        return dpdk.SecGw(self.build, mode) if name == "ipsec-secgw" else dpdk.Testpmd()

    def _nanoseconds(self, case, name, mode):
        contender = self.contender(name, mode)
        value = contender.measure(case, self.directory, self.seconds)
        self.stages = contender.stages
        return value

    def measure_raw(self):
        """Cycles that the ciphers alone take, by what is done to what size; learns the clock's rate, too."""
        self.raw, self.tsc_hz = raw_cycles()

    def cycles(self, case, name, mode=""):
        """Cycles for a packet of a case, harness and all. What goes wrong once is said and tried again."""
        try:
            value = self._nanoseconds(case, name, mode) * self.tsc_hz / 1e9
        except (ContenderError, OSError) as error:
            print(f"{case.name}: once more: {error}", flush=True)
            value = self._nanoseconds(case, name, mode) * self.tsc_hz / 1e9
        print(f"{case.name:26} {name:12} {value:7.1f}  {mode}", flush=True)
        return value


def benchmarks(program, *arguments):
    """What one of our own benchmarks says, a dict each. Huge pages that it lacks may be there a little later."""
    command = ["taskset", "-c", str(WORKER_CORE), build_directory() / "bench" / program, "--benchmark_format=json",
               *arguments]
    call(RESERVE, HUGE_PAGES)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        time.sleep(2)
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)["benchmarks"]
    for row in found:
        if row.get("error_occurred"):
            raise ContenderError(f"{program}: {row['name']}: {row['error_message']}")
    return found


def raw_cycles():
    """What raw_bench says: {"seal/aes128gcm16/64": cycles}, and the clock's rate."""
    found = benchmarks("raw_bench", MOMENT)
    return ({row["name"].removesuffix("/manual_time"): row["cycles/packet"] for row in found}, found[0]["tsc_hz"])


def layers_cycles(case):
    """What vpn_bench says of all three layers, and of the cipher in it alone."""
    way = "seal" if case.kind == "to-mobile" else "open"
    pattern = f"^(three-layers/{case.kind}/{case.count}-mobiles|raw-gcm128/{way})/{case.size}/"
    found = benchmarks("vpn_bench", MOMENT, f"--benchmark_filter={pattern}")
    cycles = {row["name"].partition("/")[0]: row["cycles/packet"] for row in found}
    print(f"{case.name:26} {'vpn_bench':12} {cycles['three-layers']:7.1f}", flush=True)
    return {"vpn_bench": cycles["three-layers"], "raw": cycles["raw-gcm128"]}


def machine(tsc_hz):
    """What the figures were measured on."""
    with open("/proc/cpuinfo", encoding="ascii") as file:
        model = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    def describe(*argv):
        return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return {"cpu": model, "cores": os.cpu_count(), "tsc_hz": tsc_hz, "kernel": platform.release(),
            "dpdk": describe("pkg-config", "--modversion", "libdpdk"),
            "commit": describe("git", "-c", "safe.directory=*", "describe", "--always", "--dirty"),
            "load": os.getloadavg()[0], "date": datetime.datetime.now().astimezone().isoformat(timespec="minutes")}


def choose_modes(bench, wanted, table):
    """Tries every mode of ipsec-secgw for each case, twice: the better time counts."""
    for case in wanted:
        if "ipsec-secgw" in case.contenders():
            tries = [{mode: bench.cycles(case, "ipsec-secgw", mode) for mode in dpdk.modes(case)} for _ in range(2)]
            table.row(case)["modes"] = {mode: round(min(found[mode] for found in tries), 1) for mode in tries[0]}


def run_case(bench, case, table, number):
    """All contenders of a case once, or what the three layers take: {contender: cycles}."""
    if case.kind in cases.THREE_LAYERS:
        return layers_cycles(case)
    found, names = {}, case.contenders()
    for name in names if number % 2 == 0 else names[::-1]:
        found[name] = bench.cycles(case, name, table.best_mode(case) if name == "ipsec-secgw" else "")
        if bench.stages:
            table.row(case).setdefault("stages", []).append(bench.stages)
    if case.is_sealed:
        found["raw"] = bench.raw[f"{case.kind}/{case.suite}/{case.size}"]
    return found


def run_round(bench, wanted, table, number):
    """A case in which one contender fails twice is left out of this round, for all of them."""
    bench.measure_raw()
    for case in wanted:
        try:
            found = run_case(bench, case, table, number)
        except (ContenderError, OSError, subprocess.CalledProcessError) as error:
            print(f"{case.name}: left out of this round: {error}", flush=True)
            continue
        for name, cycles in found.items():
            table.add(case, name, cycles)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is run (5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each run is looked at (1)")
    parser.add_argument("--cases", nargs="*", default=[], metavar="PREFIX",
                        help="only cases whose names begin so, such as seal/aes128gcm16/64; others stay as they are")
    parser.add_argument("--alone", action="store_true", help="only what no peer is measured beside")
    parser.add_argument("--smoke", action="store_true", help="see that everything runs; keeps nothing")
    parser.add_argument("--report", action="store_true", help="measure nothing, write tables and chart anew")
    return parser.parse_args()


def select(asked, smoke):
    wanted = cases.all_cases()
    if smoke and not asked:
        wanted = [case for case in wanted if case.name in SMOKE]
    if asked:
        wanted = [case for case in wanted if case.name.startswith(tuple(asked))]
    return cases.with_floors(wanted)


def measure(asked):
    wanted = select(asked.cases, asked.smoke)
    rounds, seconds = (1, 0.2) if asked.smoke else (asked.rounds, asked.seconds)
    on_file = results.Table.read(report.RESULTS)
    table = results.Table({"alone": on_file.data["alone"]}) if asked.smoke or not asked.cases else on_file
    with tempfile.TemporaryDirectory(prefix="homeport-peers-", dir="/dev/shm") as directory:
        bench = Bench(directory, seconds)
        bench.measure_raw()
        table.begin(wanted, machine(bench.tsc_hz) | {"rounds": rounds, "seconds": seconds})
        choose_modes(bench, wanted, table)
        for number in range(rounds):
            print(f"-- round {number + 1} of {rounds}", flush=True)
            run_round(bench, wanted, table, number)
            if not asked.smoke:
                table.write(report.RESULTS)


def measure_alone(rounds):
    """What no peer is measured beside."""
    table = results.Table.read(report.RESULTS)
    table.data["alone"] = {"machine": machine(raw_cycles()[1]), "rounds": []}
    for _ in range(rounds):
        table.data["alone"]["rounds"].append(alone.measure(benchmarks))
        table.write(report.RESULTS)


def main():
    asked = arguments()
    try:
        if not asked.report and not asked.alone:
            measure(asked)
        if asked.alone:
            measure_alone(asked.rounds)
        if not asked.smoke:
            report.write_all()
    except (ContenderError, LabError, OSError, subprocess.CalledProcessError) as error:
        print(f"bench-peers: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
