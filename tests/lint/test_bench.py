# SPDX-License-Identifier: BSD-3-Clause
"""The scripts of bench/: what they compute, write and refuse, without measuring anything."""

import json
import os
import pathlib
import struct
import subprocess
import sys
import xml.etree.ElementTree

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("bench", "bench/peers", "devtools", "tests/e2e")]

import captures  # noqa: E402
import cases  # noqa: E402
import chart  # noqa: E402
import dpdk  # noqa: E402
import esp  # noqa: E402
import instructions  # noqa: E402
import report  # noqa: E402
import sizing  # noqa: E402
import targets  # noqa: E402
from lab.box import build_directory  # noqa: E402
from results import Table  # noqa: E402
from scapy.layers.inet import IP, UDP  # noqa: E402
from scapy.utils import rdpcap  # noqa: E402

MACHINE = {"cpu": "X", "cores": 2, "tsc_hz": 2.6e9, "kernel": "6", "dpdk": "22.11", "commit": "abc", "load": 0.1,
           "date": "2026-01-02T03:04", "rounds": 3, "seconds": 1}


def table_of(*names, cycles=None):
    """A table in which each case has three rounds."""
    table = Table({"machine": MACHINE})
    for case in cases.with_floors([case for case in cases.all_cases() if case.name in names]):
        for contender in (*case.contenders(), *(["raw"] if case.is_sealed else [])):
            for figure in (cycles or {}).get(contender, [100, 110, 90]):
                table.add(case, contender, figure)
        if "ipsec-secgw" in case.contenders():
            table.row(case)["modes"] = {"slow": 9, "fast": 8}
    return table


def test_names_of_cases_are_unique():
    names = [case.name for case in cases.with_floors(cases.all_cases())]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("suite", cases.SUITES)
@pytest.mark.parametrize("size", cases.SIZES)
def test_overhead_is_what_esp_adds(suite, size):
    sealed = esp.Association(suite, 1).seal(bytes(size))
    assert cases.overhead(suite, size) == 20 + len(sealed) - size


@pytest.mark.parametrize("case", [cases.Case("forward", 64), cases.Case("ipip", 512, 1024),
                                  cases.Case("seal", 1400, 1, "aes128-sha1")])
def test_load_has_the_size_and_checksums_that_it_says(tmp_path, case):
    captures.write_pcap(tmp_path / "x.pcap", captures.frames(case))
    packets = rdpcap(str(tmp_path / "x.pcap"))
    assert len(packets) == max(case.count, captures.HOT)
    for packet in packets:
        assert len(packet[IP]) == case.size == packet[IP].len
        assert captures.checksum(bytes(packet[IP])[:20]) == 0


def test_load_to_open_is_opened_by_the_same_keys():
    case = cases.Case("open", 64, 1024, "aes128gcm16")
    frame = captures.frames(case)[7]
    inner, seq, _ = captures.association(case, 7, True).open(frame[34:])
    assert (IP(inner).src, IP(inner).dst, len(inner), seq) == (captures.tia(7), captures.CORRESPONDENT, 64, 1)
    assert struct.unpack("!I", frame[34:38])[0] == captures.SPI_FIRST + 7


def test_each_mobile_has_its_packet_and_registers():
    case = cases.Case("ipip", 64, 1024)
    assert len({frame[30:34] for frame in captures.frames(case)}) == 1024
    registrations = captures.setup_frames(case)[1:]
    assert len({frame[14 + 12:14 + 16] for frame in registrations}) == 1024
    assert IP(registrations[0][14:])[UDP].dport == 434


def test_secgw_is_told_of_each_association():
    case = cases.Case("open", 64, 1024, "aes128-sha1")
    gateway = dpdk.SecGw.__new__(dpdk.SecGw)
    gateway.mode = "mb, poll"
    lines = gateway.config(case)
    assert sum(line.startswith("sa in ") for line in lines) == 1024
    assert max(map(len, lines)) < 512  # what its parser takes


def test_ratio_is_the_median_of_the_rounds_ratios():
    table = table_of("forward/64/1", cycles={"homeport": [100, 200, 100], "l3fwd": [300, 200, 150]})
    assert table.ratio(cases.Case("forward", 64), "homeport", "l3fwd") == 1.5
    assert table.median(cases.Case("forward", 64), "l3fwd") == 200


def test_table_is_read_as_it_was_written(tmp_path):
    table = table_of("seal/aes128gcm16/64/1", "forward/64/1")
    table.write(tmp_path / "results" / "x.json")
    assert Table.read(tmp_path / "results" / "x.json").data == table.data
    assert Table.read(tmp_path / "none.json").data == {"machine": {}, "cases": {}, "alone": {}}


def test_profile_has_the_medians_of_the_stages():
    table = table_of("forward/64/1")
    rounds = [{"ttl": 3.0, "route": 9.0}, {"ttl": 4.0}, {"ttl": 8.0, "route": 16.0}]
    table.row(cases.Case("forward", 64))["stages"] = rounds
    text = report.profile(table)  # 4 and 9 of 13 are scaled to 100 cycles
    assert "| ttl | 31 |" in text and "| route | 69 |" in text
    assert report.profile(table_of("ipip/64/1")) == ""


def test_fastest_mode_is_taken():
    assert table_of("seal/aes128gcm16/64/1").best_mode(cases.Case("seal", 64, 1, "aes128gcm16")) == "fast"


def test_tables_name_the_limit_beside_each_sealed_figure():
    text = report.tables(table_of("seal/aes128gcm16/64/1", "forward/64/1",
                                  cycles={"homeport": [300], "ipsec-secgw": [450], "raw": [80], "testpmd": [50]}))
    assert "| 64 | 1 | 300 | 450 | **1.50** | 50 | 250 | 80 | 130 | +170 | fast |" in text
    assert text.count("###") == 2


def test_only_what_stands_between_the_marks_is_replaced():
    text = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n"
    assert report.between(text, "x", "new") == text.replace("old", "new")
    with pytest.raises(ValueError):
        report.between("no marks", "x", "new")


def test_page_has_the_marks():
    text = report.PAGE.read_text(encoding="utf-8")
    assert report.between(text, "bench-peers", "new") != text


def test_chart_is_svg_with_a_bar_each():
    drawn = chart.draw(table_of("seal/aes128gcm16/64/1", "forward/64/1"))
    tags = [element.tag.rpartition("}")[2] for element in xml.etree.ElementTree.fromstring(drawn).iter()]
    assert tags.count("rect") == 1 + 3 + 4 and tags.count("line") == 1


@pytest.mark.parametrize("found, goal, what, text", [
    (1.5, 1.5, targets.RATIO, "**1.50** of 1.5"), (1.49, 1.5, targets.RATIO, "1.49 of 1.5"),
    (60.4, 60, targets.ABOVE, "+60 of +60"), (59.6, 60, targets.ABOVE, "**+60** of +60"),
    (1.1, None, targets.RATIO, "1.10")])
def test_target_is_bold_when_it_is_reached(found, goal, what, text):
    assert targets.cell(found, goal, what) == text


def test_targets_are_of_cases_that_there_are():
    names = {case.name for case in cases.all_cases()}
    assert all(cases.Case(kind, size, count, suite).name in names for _, kind, suite, count, _, _ in targets.TARGETS
               for size in cases.SIZES)
    measured = table_of(*(f"open/aes128-sha1/{size}/1" for size in cases.SIZES),
                        cycles={"homeport": [300], "ipsec-secgw": [450], "raw": [180], "testpmd": [50]})
    assert targets.table_text(measured).splitlines()[2:] == [
        "| ESP AES-128-CBC, open, 1 SA | " + targets.ABOVE + " | **+70** of +80 | **+70** of +80 | **+70** of +80 |",
        "| ESP AES-128-CBC, open, 1 SA | " + targets.RATIO + " | **1.50** of 1.5 | 1.50 | **1.50** of 1.3 |"]


def test_full_line_of_the_mix():
    # 7 * (46 + 38) + 4 * (576 + 38) + 1500 + 38 = 4582 octets for 12 packets
    assert sizing.packets_per_second(10) == pytest.approx(1.25e9 * 12 / 4582)


@pytest.mark.parametrize("at, value", [(64, 64), (288, 76), (512, 88), (1500, 188)])
def test_sizes_between_and_beyond_lie_on_straight_lines(at, value):
    assert sizing.line([(64, 64), (512, 88), (1400, 178)], at) == pytest.approx(value, abs=0.2)


def test_sizing_counts_whole_cores():
    assert sizing.cores(100, 10, 2.6e9) == 1
    assert sizing.cores(1000, 10, 2.6e9) == 2
    text = sizing.table_text(table_of(*(f"forward/{size}/1024" for size in cases.SIZES)))
    assert "| plain forwarding | 100 | 1 | 1 | 2 | 8 |" in text


PROFILE = """events: Ir
ob=(1) /usr/lib/homeport
fn=(1) path_rig_round
10 5
+1 7
cob=(2) /usr/lib/libIPSec_MB.so.1
cfn=(2)
calls=3 0
* 1000
ob=(2)
fn=(2)
0 1000
ob=(1)
fn=(3) push
-4 20
"""


def test_instructions_leave_the_ciphers_out(tmp_path):
    (tmp_path / "profile").write_text(PROFILE)
    assert instructions.instructions(tmp_path / "profile") == 5 + 7 + 20


@pytest.mark.parametrize("now, kept, word", [({"a": 103.0}, True, "+3.0%"), ({"a": 103.2}, False, "FAILED"),
                                             ({"a": 50.0}, True, "(-50.0%): less"), ({"a": 97.5}, True, "(-2.5%)"),
                                             ({}, False, "was not measured"),
                                             ({"a": 1.0, "b": 1.0}, False, "has no budget")])
def test_budget_is_kept_or_not(now, kept, word):
    lines, found = instructions.compare(now, {"tolerance": 0.03, "instructions": {"a": 100.0}})
    assert found is kept
    assert any(word in line for line in lines)


def test_budget_on_file_is_of_the_cases_that_are_counted():
    budget = json.loads(instructions.BUDGET.read_text())
    assert 0 < budget["tolerance"] <= 0.03
    assert {name.partition(":")[0] for name in budget["instructions"]} == set(instructions.CASES)


def benchmark(name, *arguments):
    """A benchmark's exit status, output and complaints, without huge pages."""
    path = build_directory() / "bench" / name
    if not path.is_file():
        pytest.skip(f"{path} is not built")
    done = subprocess.run([path, *arguments], env=os.environ | {"HOMEPORT_BENCH_NO_HUGE": "1"}, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("option", ["--lens=63", "--lens=1401", "--lens=64,", "--lens=imix64", "--lens=", "--bursts=0",
                                    "--bursts=257", "--bursts=imix", "--counts=0", "--counts=1,2,x",
                                    "--counts=" + ",".join("1" for _ in range(17))])
def test_traffic_that_cannot_be_is_refused(option):
    status, _, complaint = benchmark("path_bench", option)
    assert (status, complaint) == (2, f"not understood: {option}\n")


@pytest.mark.parametrize("name, word", [("path_bench", "10-bindings/burst-256"), ("vpn_bench", "10-mobiles")])
def test_traffic_is_as_asked_for(name, word):
    status, out, _ = benchmark(name, "--lens=64,imix", "--bursts=1,256", "--counts=10", "--zipf",
                               "--benchmark_list_tests", "--benchmark_filter=^(to-mobile|three-layers)")
    names = out.splitlines()
    assert status == 0 and len(names) == len(set(names)) > 0
    assert all("zipf" in each for each in names)
    assert any("imix" in each and word in each for each in names)
    assert any("burst-1/" in each for each in names)
