# SPDX-License-Identifier: BSD-3-Clause
"""One DPDK program on the pair of virtual devices: started, watched until packets come out, measured, ended.

Time is what the worker's thread spent on its core, by the kernel's account: on a machine that does other things, too,
they do not count."""

import contextlib
import math
import os
import pathlib
import signal
import subprocess
import time

from lab.hugepages import RESERVE
from lab.namespace import PR_SET_PDEATHSIG, call, libc
from lab.telemetry import Telemetry, remove_runtime_directory

import captures

WORKER_CORE = 1
PATIENCE_SEC = 20.0
WINDOW_SEC = 0.25
HUGE_PAGES = 1024  # ipsec-secgw alone takes 300


class ContenderError(Exception):
    """A program did not do what it was started for; the text says what."""


def devices(directory):
    """Port 0 receives the file again and again; port 1 receives the set-up once. What is sent is counted and freed."""
    return (f"net_pcap0,rx_pcap={directory}/load.pcap,infinite_rx=1", f"net_pcap1,rx_pcap={directory}/setup.pcap")


def eal(directory, prefix, *lcores):
    """EAL arguments of a peer."""
    arguments = [*lcores, "--in-memory", "--no-pci", f"--file-prefix={prefix}", "--log-level=error"]
    for device in devices(directory):
        arguments += ["--vdev", device]
    return arguments


class Contender:
    """A program under measurement. `argv(case, directory)` and `prepare(case)` are the subclasses'."""

    name = ""
    environment = {}

    def __init__(self, mode=""):
        self.mode = mode
        self.prefix = f"hpbench{os.getpid()}"
        self.stages = None  # what a program says of itself

    def argv(self, case, directory):
        raise NotImplementedError

    def is_ready(self, directory):
        """Whether prepare() can begin."""
        return True

    def prepare(self, case, directory):
        """Called when telemetry answers; installs what the packets need."""

    def measure(self, case, directory, seconds):
        """Runs a case once; returns nanoseconds of the worker core for a packet."""
        directory = pathlib.Path(directory)
        captures.write_pcap(directory / "load.pcap", captures.frames(case))
        captures.write_pcap(directory / "setup.pcap", captures.setup_frames(case))
        log = directory / f"{self.name}.log"
        call(RESERVE, HUGE_PAGES)  # each time: a lab that ends meanwhile gives back what it did not reserve
        with open(log, "wb") as output:
            process = subprocess.Popen([str(word) for word in self.argv(case, directory)], stdin=subprocess.DEVNULL,
                                       stdout=output, stderr=subprocess.STDOUT, env=os.environ | self.environment,
                                       preexec_fn=die_with_parent)
        try:
            self._await(process, log, lambda: self.counters() is not None and self.is_ready(directory),
                        "get ready")
            self.prepare(case, directory)
            before = self.counters()["opackets"]
            self._await(process, log, lambda: self.counters()["opackets"] > before + 100000, "let packets out")
            return self._rate(process, seconds)
        finally:
            self._end(process)

    def _await(self, process, log, condition, what):
        deadline = time.monotonic() + PATIENCE_SEC
        while True:
            with contextlib.suppress(OSError):
                if condition():
                    return
            if process.poll() is not None or time.monotonic() > deadline:
                text = log.read_text(errors="replace")
                text = text if len(text) < 2000 else f"{text[:1000]}\n...\n{text[-1000:]}"
                raise ContenderError(f"{self.name} (exit status {process.poll()}) did not {what}:\n{text}")
            time.sleep(0.05)

    def ask(self, command):
        return Telemetry(self.prefix).ask(command)

    def counters(self):
        """Packets in by port 0 and out by port 1 so far, or None."""
        received, sent = (self.ask(f"/ethdev/stats,{port}") for port in (0, 1))
        if received is None or sent is None:
            return None
        return {"ipackets": received["ipackets"], "opackets": sent["opackets"]}

    def _rate(self, process, seconds):
        """The least of some windows: what others do to the caches only adds. All that comes in has to go out; a window
        in which it seems not to had a reader that was kept waiting between two counters."""
        worker, best = worker_thread(process.pid), None
        end, spent = self.counters(), cpu_ns(worker)
        wanted = max(round(seconds / WINDOW_SEC), 1)
        for _ in range(3 * wanted):
            begin, before = end, spent
            time.sleep(WINDOW_SEC)
            end, spent = self.counters(), cpu_ns(worker)
            received, sent = (end[key] - begin[key] for key in ("ipackets", "opackets"))
            if received * 0.98 < sent < received * 1.02:
                best, wanted = min(best or math.inf, (spent - before) / sent), wanted - 1
            if wanted == 0:
                break
        if best is None:
            raise ContenderError(f"{self.name} let out {sent} of {received} packets")
        return best

    def _end(self, process):
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        remove_runtime_directory(self.prefix)


def die_with_parent():
    """In the child: whatever becomes of this script, no worker goes on polling."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def cpu_ns(task):
    """Nanoseconds that a thread has run."""
    return int((task / "schedstat").read_text().split()[0])


def worker_thread(pid):
    """The thread that lives on the worker's core alone and has run longest."""
    pinned = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if f"Cpus_allowed_list:\t{WORKER_CORE}\n" in (task / "status").read_text():
                pinned.append(task)
    if not pinned:
        raise ContenderError(f"no thread of process {pid} is pinned to core {WORKER_CORE}")
    return max(pinned, key=cpu_ns)
