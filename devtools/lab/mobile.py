# SPDX-License-Identifier: BSD-3-Clause
"""The mobile node: one homeport-mn process in the lab's `mobile` namespace."""

import json

from . import libconfig
from .box import ROOT, program
from .namespace import LabError, call, wait_until

LAB_CONFIG = ROOT / "config" / "lab-mn.conf"


class MobileNode:
    """homeport-mn under way, with the configuration in the file `template`, and what `settings` add to it."""

    def __init__(self, namespace, template=LAB_CONFIG, name="homeport-mn", **settings):
        self.namespace, self.name = namespace, name
        self.config_path = namespace.network.directory / f"{name}.conf"
        runtime_directory = str(namespace.network.directory / name)
        libconfig.write(self.config_path, {"runtime_directory": runtime_directory, **settings}, template)
        self.process = None

    def start(self):
        """Starts it; it begins to register at once."""
        self.process = self.namespace.start(self.name, [program("homeport-mn"), "-c", self.config_path])

    def status(self):
        """What `homeport-mn status` says; empty while it does not answer."""
        try:
            return json.loads(call(program("homeport-mn"), "status", "-c", self.config_path))
        except LabError:
            if self.process.status() is not None:
                raise LabError(f"homeport-mn ended with exit status {self.process.status()}:\n"
                               f"{self.log()[-2000:]}") from None
            return {}

    def agent(self, name):
        """What it says of one home agent; empty while it does not answer."""
        return next((agent for agent in self.status().get("agents", []) if agent["name"] == name), {})

    def wait_registered(self, name, care_of, within=15.0):
        """Returns what it says of a home agent once it is registered there with this care-of address."""
        def registered():
            agent = self.agent(name)
            tunnel = agent.get("tunnel") or {}
            return agent if agent.get("state") == "registered" and tunnel.get("care_of_address") == care_of else None
        return wait_until(registered, f"homeport-mn registered with the {name} from {care_of}", within)

    def log(self):
        return self.process.log() if self.process is not None else ""

    def stop(self, within=15.0):
        """SIGTERM: it deregisters and ends. Returns the exit status."""
        return self.process.stop(within)
