# SPDX-License-Identifier: BSD-3-Clause
"""The box: one homeport process in a namespace, with its configuration, telemetry and log."""

import json
import os
import pathlib
import select
import signal
import socket
import time

from . import libconfig
from .namespace import LabError, call
from .telemetry import Telemetry, remove_runtime_directory

ROOT = pathlib.Path(__file__).resolve().parents[2]


def build_directory():
    """Where the programs are: HOMEPORT_BUILD, or ./build."""
    return pathlib.Path(os.environ.get("HOMEPORT_BUILD", ROOT / "build")).resolve()


def program(name):
    """The path of a built program; LabError says how to build it."""
    folders = {"homeport": "control", "homeport-fa": "mobile", "homeport-mn": "mobile", "homeportctl": "ctl"}
    path = build_directory() / folders[name] / name
    if not path.is_file():
        raise LabError(f"{path} is not there; build it first: make build (or set HOMEPORT_BUILD)")
    return path


class NotifySocket:
    """What systemd would listen on: sd_notify messages of the box."""

    def __init__(self, path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))

    def next(self, timeout):
        """The settings of the next message as a dict, or None."""
        if not select.select([self._socket], [], [], timeout)[0]:
            return None
        lines = self._socket.recv(4096).decode().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def drain(self):
        while self.next(0) is not None:
            pass

    def close(self):
        self._socket.close()


class Box:
    """One homeport. `config` is its configuration as Python values (libconfig.py); change it and reload().
    `template` is a file with what is not in there; `under` is a command that runs homeport."""

    def __init__(self, namespace, config, name="homeport", template=None, under=()):
        self.namespace = namespace
        self.config = config
        self.template = template
        self.under = under
        self.name = name
        self.file_prefix = config["eal"]["file_prefix"]
        self.config_path = namespace.network.directory / f"{name}.conf"
        self.process = None
        self._notify = NotifySocket(namespace.network.directory / f"{name}.notify")
        self._telemetry = Telemetry(self.file_prefix)
        namespace.network.on_close(self.close)

    def write_config(self):
        libconfig.write(self.config_path, self.config, self.template)

    def start(self, within=30.0):
        """Starts it and returns once it says that it is ready; LabError carries its last words if it ends."""
        self.write_config()
        self._notify.drain()
        self.process = self.namespace.start(self.name, [*self.under, program("homeport"), "-c", self.config_path],
                                            {"NOTIFY_SOCKET": str(self._notify.path)})
        self._await("READY", within)

    def _await(self, key, within):
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            message = self._notify.next(0.1)
            if message is not None and key in message:
                return message
            if self.process.status() is not None:
                raise LabError(f"homeport ended with exit status {self.process.status()}:\n{self.log()[-2000:]}")
        raise LabError(f"homeport did not say {key} within {within:.0f} s:\n{self.log()[-2000:]}")

    def reload(self, within=10.0):
        """Has it read its configuration again (SIGHUP); returns what it logged meanwhile."""
        self.write_config()
        self._notify.drain()
        before = len(self.log())
        self.process.signal(signal.SIGHUP)
        self._await("RELOADING", within)
        self._await("READY", within)
        return self.log()[before:]

    def stop(self, within=15.0):
        """SIGTERM; returns the exit status."""
        return self.process.stop(within)

    def ask(self, command):
        """A telemetry answer."""
        return self._telemetry.ask(command)

    def ctl(self, *words):
        """What `homeportctl --json ...` prints, as Python values."""
        return json.loads(call(program("homeportctl"), "--prefix", self.file_prefix, "--json", *words))

    def bindings(self):
        """All bindings, one dict each."""
        return self.ctl("bindings")["bindings"]

    def binding(self, home_address):
        """One home address: a list of its bindings under "care_of"."""
        return self.ctl("binding", home_address)

    def drops(self):
        """Drop reason -> count, every one. (DPDK's telemetry has no hyphens in names.)"""
        return {name.replace("_", "-"): count for name, count in self.ask("/homeport/drops").items()}

    def log(self):
        return self.process.log() if self.process is not None else ""

    def close(self):
        """Forgets what the process leaves in the file system. It has ended by then."""
        self._notify.close()
        remove_runtime_directory(self.file_prefix)
