# SPDX-License-Identifier: BSD-3-Clause
"""All of RFC 5265 in one lab: the box, its IKE daemon, and the mobile that travels."""

import os

from . import vpn
from .box import ROOT, Box
from .charon import Charon
from .foreign_agent import ForeignAgent
from .topology import BRANCH, TRAIN
from .traveller import Traveller

LAB_CONFIG = ROOT / "config" / "lab.conf"


class System:
    """The programs in the networks of a Topology. Nothing runs before start(). `mobile`: more settings for the mobile's
    configuration."""

    def __init__(self, lab, pki, **mobile):
        self.lab = lab
        self.box = Box(lab.box, {
            "eal": {"main_core": 0, "worker_cores": (min(1, os.cpu_count() - 1),), "idle_sleep": True,
                    "buffers": 8192, "file_prefix": lab.prefix.rstrip("-")},
            "runtime_directory": str(lab.directory / "homeport")}, template=LAB_CONFIG)
        self.gateway = Charon(lab.box, "gateway", vpn.gateway(), "gateway",
                              ike_socket=lab.directory / "homeport" / "ike.sock")
        self.gateway.install(pki, vpn.GATEWAY_ID)
        self.agents = [ForeignAgent(lab.namespaces[place.router], {
            "visitor_interface": "wifi", "uplink": uplink, "care_of_address": place.agent}, f"homeport-fa-{place.name}")
                       for place, uplink in ((TRAIN, "wan"), (BRANCH, "uplink"))]
        self.mobile = Traveller(lab, self.box, self.gateway, pki, **mobile)

    def start(self):
        """Starts what does not move."""
        self.box.start()
        self.gateway.start()
        for agent in self.agents:
            agent.start()

    def logs(self):
        """Program -> what it logged."""
        return {"homeport": self.box.log(), "the gateway's charon": self.gateway.log(),
                **{agent.name: agent.log() for agent in self.agents}, **self.mobile.logs()}
