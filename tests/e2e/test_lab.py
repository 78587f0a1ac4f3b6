# SPDX-License-Identifier: BSD-3-Clause
"""`make run` itself: it ends by itself and well, and leaves nothing behind, whatever happens."""

import os
import pathlib
import signal
import subprocess
import time

import pytest
from lab.box import ROOT, build_directory
from lab.hugepages import POOL
from lab.namespace import NAMESPACES, PREFIX, RUNTIME

RUN = ROOT / "devtools" / "lab" / "run"


def traces():
    """What a lab could leave on the machine: namespaces, processes, files, huge pages, interfaces."""
    processes = set()
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
            except OSError:
                continue
            if pathlib.Path(command).name in ("homeport", "homeport-mn"):
                processes.add((entry.name, command))
    return {
        "namespaces": set(os.listdir(NAMESPACES)) if NAMESPACES.is_dir() else set(),
        "processes": processes,
        "files": {path.name for path in pathlib.Path("/tmp").glob("homeport-lab-*")},
        "runtime": {path.name for path in RUNTIME.glob(PREFIX + "*")},
        "huge pages": POOL.read_text(),
        "interfaces": set(os.listdir("/sys/class/net")),
    }


@pytest.fixture
def leaves_nothing():
    before = traces()
    yield
    assert traces() == before


def start(**environment):
    """The lab under way, its output in a pipe."""
    return subprocess.Popen([RUN], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            env={**os.environ, "HOMEPORT_BUILD": str(build_directory()), **environment})


def read_until(process, words, within=40.0):
    """Reads the lab's output up to the line with these words; returns it."""
    said, deadline = "", time.monotonic() + within
    for line in process.stdout:
        said += line
        if words in line:
            return said
        assert time.monotonic() < deadline, said
    raise AssertionError(f"the lab ended before it said {words!r}:\n{said}")


def test_tells_its_story_and_ends(leaves_nothing):
    process = start()
    said, _ = process.communicate(timeout=90)
    assert process.returncode == 0, said
    for words in ("1. ", "2. ", "udp", "3. ", "Mbit/s", "4. ", "ip-in-ip", "5. ", "i-ha", "6. Summary",
                  "connections broken: 0"):
        assert words in said, f"{words!r} is missing:\n{said}"


@pytest.mark.parametrize("number, words", [(signal.SIGINT, "1. "), (signal.SIGTERM, "3. "), (signal.SIGINT, "Mbit/s")])
def test_cleans_up_when_interrupted(leaves_nothing, number, words):
    process = start()
    read_until(process, words)
    process.send_signal(number)
    rest, _ = process.communicate(timeout=40)
    assert process.returncode == 130, rest


def test_hold_stays_up_until_ctrl_c(leaves_nothing):
    process = start(HOLD="1")
    said = read_until(process, "logs and configurations", within=60)
    assert "ip netns exec" in said and "homeportctl" in said
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=40)
    assert process.returncode == 0, rest


def test_a_failure_is_said_and_cleaned_up(leaves_nothing, tmp_path):
    process = start(HOMEPORT_BUILD=str(tmp_path))
    said, _ = process.communicate(timeout=40)
    assert process.returncode == 1
    assert "lab: failed:" in said and "make build" in said
