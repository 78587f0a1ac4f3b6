# SPDX-License-Identifier: BSD-3-Clause
"""The foreign agent: one homeport-fa process in a namespace."""

import json
import socket

from . import libconfig
from .box import program
from .namespace import LabError, call, wait_until


class ForeignAgent:
    """homeport-fa under way. `config` is its configuration as Python values (libconfig.py)."""

    def __init__(self, namespace, config, name="homeport-fa"):
        self.namespace, self.name = namespace, name
        self.config = {"runtime_directory": str(namespace.network.directory / name), **config}
        self.config_path = namespace.network.directory / f"{name}.conf"
        self.process = None

    def start(self):
        """Starts it and returns once it answers."""
        libconfig.write(self.config_path, self.config)
        self.process = self.namespace.start(self.name, [program("homeport-fa"), "-c", self.config_path])
        wait_until(self.status, "homeport-fa answers")

    def status(self):
        """What `homeport-fa status` says; empty while it does not answer."""
        try:
            return json.loads(call(program("homeport-fa"), "status", "-c", self.config_path))
        except LabError:
            if self.process.status() is not None:
                raise LabError(f"homeport-fa ended with exit status {self.process.status()}:\n"
                               f"{self.log()[-2000:]}") from None
            return {}

    def visitors(self):
        """Home address -> what it says of the visitor."""
        return {visitor["home_address"]: visitor for visitor in self.status().get("visitors", [])}

    def revoke(self, *words):
        """Ends a visitor's registration, as the operator does: home address, and seconds that he is banned."""
        call(program("homeport-fa"), "revoke", *words, "-c", self.config_path)

    def say(self, words):
        """What the control socket answers to these bytes."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"{self.config['runtime_directory']}/control.sock")
            connection.sendall(words)
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").read().decode()

    def log(self):
        return self.process.log() if self.process is not None else ""

    def stop(self, within=15.0):
        """SIGTERM: it says farewell and ends. Returns the exit status."""
        return self.process.stop(within)
