#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Instructions a packet takes on the main paths, held against bench/instruction_budget.json: a check that does not
depend on the clock, so that it can be made anywhere.

Counted by valgrind (callgrind) in path_bench and vpn_bench, built for a plain x86-64-v3, since valgrind knows no
AVX-512. What IPsec-MB executes is left out: it differs by machine, and is not ours. Needs no huge pages and no root.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUDGET = ROOT / "bench/instruction_budget.json"
BUILD = pathlib.Path(os.environ.get("HOMEPORT_BUILD", ROOT / "build")).resolve() / "instructions"
MACHINE = "x86-64-v3"
ROUNDS, BURST = 64, 32
CASES = {
    "path_bench": "/1000-bindings/burst-32/hot/",
    "vpn_bench": "^three-layers/.*/1-mobiles/(64|1400)/",
}
MEASURED, LEFT_OUT = "path_rig_round", "libIPSec_MB"  # a function, and what it calls but for this library
END_OF_CASE = "path_rig_report"
RECORD = "make bench-instructions RECORD=1"


def self_costs(lines):
    """(object, instructions) of each line of a callgrind profile that stands for a function's own instructions."""
    names, current, skip = {}, "", False
    for line in lines:
        if line.startswith(("ob=", "cob=")):
            kind, _, named = line.strip().partition("=")
            number, _, name = named.partition(" ")
            names.setdefault(number, name)
            if kind == "ob":
                current = names[number]
        elif line.startswith("calls="):
            skip = True  # the next line is what the called function took, counted there
        elif line[:1].isdigit() or line[:1] in "+-*":
            if not skip:
                yield current, int(line.split()[1])
            skip = False


def instructions(profile):
    """Instructions of a profile, without those of the library that is left out."""
    with open(profile, encoding="utf-8", errors="replace") as file:
        return sum(cost for where, cost in self_costs(file) if LEFT_OUT not in where)


def names_of(program, pattern):
    listed = subprocess.check_output([program, f"--benchmark_filter={pattern}", "--benchmark_list_tests"], text=True,
                                     env=environment())
    return [line.partition("/iterations:")[0] for line in listed.splitlines()]


def environment():
    return os.environ | {"HOMEPORT_BENCH_NO_HUGE": "1", "HOMEPORT_BENCH_ROUNDS": str(ROUNDS)}


def count(name, pattern):
    """{"path_bench:CASE": instructions a packet}; callgrind writes a profile at the end of each case."""
    program = BUILD / "bench" / name
    cases = names_of(program, pattern)
    with tempfile.TemporaryDirectory(prefix="homeport-instructions-") as directory:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/profile",
             f"--toggle-collect={MEASURED}", f"--dump-after={END_OF_CASE}", program, f"--benchmark_filter={pattern}"],
            env=environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"instructions: {name} under valgrind failed:\n{(done.stdout + done.stderr)[-2000:]}")
        return {f"{name}:{case}": round(instructions(f"{directory}/profile.{number}") / (ROUNDS * BURST), 1)
                for number, case in enumerate(cases, 1)}


def build():
    """The programs for a machine that valgrind knows."""
    if not (BUILD / "build.ninja").is_file():
        subprocess.run(["/usr/bin/meson", "setup", BUILD, ROOT, f"-Dmachine={MACHINE}", "-Dike=disabled"],
                       check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", BUILD, "--quiet", *(f"bench/{name}" for name in CASES)], check=True)


def compare(found, budget):
    """What is to be said of each case, and whether the budget is kept."""
    lines, kept = [], True
    allowed = 1 + budget["tolerance"]
    for name in sorted(found.keys() | budget["instructions"].keys()):
        now, before = found.get(name), budget["instructions"].get(name)
        if now is None or before is None:
            lines.append(f"{name}: {'was not measured' if now is None else 'has no budget'}: FAILED")
            kept = False
            continue
        fits = now <= before * allowed
        kept = kept and fits
        gained = now < before * (2 - allowed)
        remark = ": FAILED" if not fits else ": less; record it, or it may be lost again" if gained else ""
        lines.append(f"{name}: {now:.1f}, budget {before:.1f} ({now / before - 1:+.1%}){remark}")
    return lines, kept


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="make what is counted now the budget")
    asked = parser.parse_args()
    build()
    found = {key: value for name, pattern in CASES.items() for key, value in count(name, pattern).items()}
    budget = json.loads(BUDGET.read_text()) if BUDGET.is_file() else {"tolerance": 0.03, "instructions": {}}
    if asked.record:
        budget["instructions"] = found
        BUDGET.write_text(json.dumps(budget, indent=1) + "\n")
    lines, kept = compare(found, budget)
    print("\n".join(lines))
    if not kept:
        print(f"instructions: more than the budget of bench/instruction_budget.json allows. If the packets are worth "
              f"it, record anew, and say why in the commit: {RECORD}", file=sys.stderr)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
