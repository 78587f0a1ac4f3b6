# SPDX-License-Identifier: BSD-3-Clause
"""Network namespaces, the cables between them and the processes inside, which vanish together."""

import contextlib
import ctypes
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
OFFLOADS = ("rx", "tx", "tso", "gso", "gro")
NAMESPACES = pathlib.Path("/run/netns")
RUNTIME = pathlib.Path("/var/run/dpdk")
PREFIX = "hp"

libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """Something in the lab did not come about; the text says what, for people."""


def call(*argv):
    """Runs a command to its end; returns what it printed, or raises LabError with what it complained of."""
    done = subprocess.run([str(arg) for arg in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        complaint = (done.stderr or done.stdout).strip()
        raise LabError(f"{' '.join(str(arg) for arg in argv)}: exit status {done.returncode}: {complaint}")
    return done.stdout


def wait_until(condition, what, within=10.0, every=0.02):
    """Waits until condition() is true and returns its value; LabError names `what` did not happen in time."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise LabError(f"waited {within:.0f} s in vain for: {what}")
        time.sleep(every)


def _set_namespace(descriptor):
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Process:
    """A process started by the lab: output goes to a file, it dies with the lab, and only it is ever signalled."""

    def __init__(self, name, argv, directory, descriptor, environment=None):
        self.name = name
        self.argv = [str(arg) for arg in argv]
        self.log_path = directory / f"{name}.log"
        lab = os.getpid()

        def prepare():
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != lab:  # which died before it was asked to take this one with it
                os._exit(1)
            _set_namespace(descriptor)

        with open(self.log_path, "ab") as log:
            self._popen = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                           preexec_fn=prepare, start_new_session=True,
                                           env={**os.environ, **(environment or {})})
        self.pid = self._popen.pid

    def status(self):
        """The exit status, or None while it runs."""
        return self._popen.poll()

    def signal(self, number):
        if self.status() is None:
            self._popen.send_signal(number)

    def wait(self, within=15.0):
        """The exit status; LabError when it does not come."""
        try:
            return self._popen.wait(within)
        except subprocess.TimeoutExpired as timeout:
            raise LabError(f"{self.name} did not end within {within:.0f} s") from timeout

    def stop(self, within=15.0):
        """SIGTERM, then SIGKILL; returns the exit status."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(within)
        except LabError:
            self._popen.kill()
            self._popen.wait()
            raise

    def log(self):
        return self.log_path.read_text(errors="replace")


class Namespace:
    """One network namespace: a machine of the lab as far as networking goes. Without IPv6, with loopback up."""

    def __init__(self, network, name):
        self.network = network
        self.name = name
        self.full_name = network.prefix + name
        call("ip", "netns", "add", self.full_name)
        self._descriptor = os.open(NAMESPACES / self.full_name, os.O_RDONLY | os.O_CLOEXEC)
        for scope in ("all", "default"):
            self.sysctl(f"net.ipv6.conf.{scope}.disable_ipv6", 1)
            self.sysctl(f"net.ipv4.conf.{scope}.rp_filter", 0)
        self.ip("link", "set", "lo", "up")

    @contextlib.contextmanager
    def entered(self):
        """The calling thread is inside while the context lasts; sockets made there stay there."""
        outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _set_namespace(self._descriptor)
            yield
        finally:
            _set_namespace(outside)
            os.close(outside)

    def ip(self, *args):
        return call("ip", "-n", self.full_name, *args)

    def run(self, *argv):
        """Runs a command inside to its end and returns what it printed."""
        with self.entered():
            return call(*argv)

    def start(self, name, argv, environment=None):
        """Starts a process inside; it is stopped with the network."""
        process = Process(name, argv, self.network.directory, self._descriptor, environment)
        self.network.processes.append(process)
        return process

    def sysctl(self, key, value):
        with self.entered():
            pathlib.Path("/proc/sys", *key.split(".")).write_text(f"{value}\n")

    def forward(self):
        """Makes it a router."""
        self.sysctl("net.ipv4.ip_forward", 1)

    def be_silent(self):
        """The kernel here answers nothing: its interfaces belong to the box or to a test."""
        self.sysctl("net.ipv4.ip_forward", 0)
        for scope in ("all", "default"):
            self.sysctl(f"net.ipv4.conf.{scope}.arp_ignore", 8)

    def whole_packets(self, interface):
        """Switches offloads off, so that every packet on the cable is as it would be on a real one."""
        self.run("ethtool", "-K", interface, *(word for name in OFFLOADS for word in (name, "off")))

    def close(self):
        os.close(self._descriptor)


class Network:
    """All that one lab consists of. A context manager: whatever happens, nothing is left behind."""

    def __init__(self):
        remove_leftovers()
        self.prefix = f"{PREFIX}{os.getpid()}x{Network._count}-"
        Network._count += 1
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="homeport-lab-" + self.prefix))
        self.namespaces = {}
        self.processes = []
        self._closers = []

    _count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def namespace(self, name):
        self.namespaces[name] = Namespace(self, name)
        return self.namespaces[name]

    def cable(self, here, here_interface, there, there_interface, mtu=1500):
        """Joins two namespaces by a pair of Ethernet interfaces, both up."""
        here.ip("link", "add", here_interface, "mtu", mtu, "type", "veth", "peer", "name", there_interface,
                "mtu", mtu, "netns", there.full_name)
        for namespace, interface in ((here, here_interface), (there, there_interface)):
            namespace.whole_packets(interface)
            namespace.ip("link", "set", interface, "up")

    def on_close(self, closer):
        """Has closer() called when the network is taken down, after its processes have ended."""
        self._closers.append(closer)

    def close(self):
        """Ends the processes, last started first, and removes namespaces and files. Repeating it is fine."""
        for process in reversed(self.processes):
            with contextlib.suppress(LabError):
                process.stop()
        self.processes.clear()
        while self._closers:
            self._closers.pop()()
        for namespace in self.namespaces.values():
            namespace.close()
            with contextlib.suppress(LabError):
                call("ip", "netns", "del", namespace.full_name)
        self.namespaces.clear()
        shutil.rmtree(self.directory, ignore_errors=True)


def remove_leftovers():
    """Removes what labs left behind whose process was killed before it could clean up."""
    def of_the_dead(folder, prefix=""):
        for entry in pathlib.Path(folder).glob(prefix + PREFIX + "*"):
            match = re.match(PREFIX + r"(\d+)x\d+\b", entry.name[len(prefix):])
            if match and not pathlib.Path("/proc", match[1]).exists():
                yield entry

    for entry in of_the_dead(NAMESPACES):
        with contextlib.suppress(LabError):
            call("ip", "netns", "del", entry.name)
    for entry in (*of_the_dead(tempfile.gettempdir(), "homeport-lab-"), *of_the_dead(RUNTIME)):
        shutil.rmtree(entry, ignore_errors=True)
