# SPDX-License-Identifier: BSD-3-Clause
"""`make run` itself: it ends by itself and well, and leaves nothing behind, whatever happens."""

import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import pytest
from lab.box import ROOT, build_directory
from lab.hugepages import POOL
from lab.namespace import NAMESPACES, PREFIX, RUNTIME, LabError, wait_until

RUN = ROOT / "devtools" / "lab" / "run"


def traces(pid):
    """What the lab of process `pid` has on the machine: namespaces, processes, files."""
    mark = f"{PREFIX}{pid}x"
    processes = {entry.parent.name for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline")
                 if mark.encode() in read_if_there(entry)}
    files = {str(path) for folder in (NAMESPACES, RUNTIME, pathlib.Path(tempfile.gettempdir()))
             if folder.is_dir() for path in folder.iterdir() if mark in path.name}
    return processes | files


def read_if_there(path):
    """The bytes of a file in /proc; none if its process has just ended."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


class Run:
    """The lab under way, its output in a pipe."""

    def __init__(self, **environment):
        self.process = subprocess.Popen([RUN], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env={**os.environ, "HOMEPORT_BUILD": str(build_directory()), **environment})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def end(self, within=60):
        """The exit status and the rest of what it says; it has left nothing behind."""
        said, _ = self.process.communicate(timeout=within)
        self.expect_nothing_left()
        return self.process.returncode, said

    def expect_nothing_left(self):
        """What died with the lab may take the kernel a moment to take down."""
        with contextlib.suppress(LabError):
            wait_until(lambda: traces(self.process.pid) == set(), "nothing left of the lab")
        assert traces(self.process.pid) == set()

    def interrupt(self, number):
        assert traces(self.process.pid) != set(), "there is something to clean up"
        self.process.send_signal(number)

    def read_until(self, words, within=180.0):
        """Reads its output up to the line with these words; returns it."""
        said, deadline = "", time.monotonic() + within
        for line in self.process.stdout:
            said += line
            if words in line:
                return said
            assert time.monotonic() < deadline, said
        raise AssertionError(f"the lab ended before it said {words!r}:\n{said}")


@pytest.fixture(autouse=True)
def same_machine():
    """Huge pages and interfaces are after each test what they were before."""
    before = POOL.read_text(), os.listdir("/sys/class/net")
    yield
    assert (POOL.read_text(), os.listdir("/sys/class/net")) == before


def test_tells_its_story_and_ends():
    with Run() as lab:
        status, said = lab.end(within=180)
    assert status == 0, said
    for words in ("1. ", "2. ", "(MN)", "Mode home,", "Mode c,", "Mode f,", "Mode fvc,", "Mode cvc,", "Mode mc,",
                  "Mbit/s", "no bindings", "no tunnel", "udp", "ip-in-ip", "aes256gcm16", "home > office", "home > c",
                  "office > branch", "c > f", "f > fvc", "fvc > cvc", "cvc > cvc", "cvc > mc", "mc > mc", "mc > c",
                  "at most 97 + 20", "Connections broken: 0"):
        assert words in said, f"{words!r} is missing:\n{said}"


@pytest.mark.parametrize("number, words", [(signal.SIGINT, "homeport runs"), (signal.SIGTERM, "3. "),
                                           (signal.SIGINT, "Mbit/s"), (signal.SIGHUP, "5. ")])
def test_cleans_up_when_interrupted(number, words):
    with Run() as lab:
        lab.read_until(words)
        lab.interrupt(number)
        status, rest = lab.end()
    assert status == 130, rest


def test_what_a_killed_lab_left_is_cleaned_up_by_the_next():
    with Run() as lab:
        lab.read_until("homeport runs")
        lab.interrupt(signal.SIGKILL)
        lab.process.wait()
        assert traces(lab.process.pid) != set()
        with Run(HOMEPORT_BUILD="/nonexistent") as following:
            following.end()
        lab.expect_nothing_left()


def test_hold_stays_up_until_ctrl_c():
    with Run(HOLD="1") as lab:
        said = lab.read_until("logs and configurations")
        assert "ip netns exec" in said and "homeportctl" in said
        assert lab.process.poll() is None
        lab.interrupt(signal.SIGINT)
        status, rest = lab.end()
    assert status == 0, rest


def test_a_failure_is_said_and_cleaned_up(tmp_path):
    with Run(HOMEPORT_BUILD=str(tmp_path)) as lab:
        status, said = lab.end()
    assert status == 1
    assert "lab: failed:" in said and "make build" in said
