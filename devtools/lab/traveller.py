# SPDX-License-Identifier: BSD-3-Clause
"""The mobile of the lab with all its programs, taken from place to place and from one of RFC 5265's access modes to
another.

Each layer is a program of its own: homeport-mn registers from where the mobile is (x-MIP outside, i-MIP inside), a
stock charon is the VPN, and a second homeport-mn registers with the i-HA from the address that the VPN gave.
"""

from . import topology, vpn
from .box import ROOT
from .charon import Charon
from .mobile import MobileNode
from .namespace import LabError, wait_until

VPN_CONFIG = ROOT / "config" / "lab-mn-vpn.conf"
WITHIN = 30.0
INTERFACES = ("wlan0", "wwan0")  # the preferred one first; the second is a phone's
MODES = ("c", "f", "mc", "cvc", "fvc")


def mode_of(box, gateway):
    """The access mode that the mobile is in as the box sees it, "" for none: who holds which binding, and whose
    address the VPN's is."""
    i_ha = box.binding(topology.I_HOME) if _has(box, topology.I_HOME) else None
    if i_ha is None:
        return ""
    care_of = i_ha["care_of"][0]["care_of_address"]
    if care_of == topology.BRANCH.agent:
        return "f"
    if not care_of.startswith("10.8.0."):
        return "c"
    peers = {sa["remote-host"] for sa in gateway.sas() if sa.get("remote-vips") == [care_of]}
    if peers != {topology.X_HOME}:
        return "mc" if peers else ""
    if not _has(box, topology.X_HOME):
        return ""
    x_care_of = box.binding(topology.X_HOME)["care_of"][0]["care_of_address"]
    return "fvc" if x_care_of == topology.TRAIN.agent else "cvc"


def _has(box, home):
    return home in {binding["home_address"] for binding in box.bindings()}


class Traveller:
    """The mobile under way in a lab with a box and its gateway's charon. It starts nowhere: go() somewhere.
    `settings`: more for its configuration."""

    def __init__(self, lab, box, gateway, pki, **settings):
        self.lab, self.box, self.gateway, self.pki = lab, box, gateway, pki
        self.outer = MobileNode(lab.mobile, interfaces=INTERFACES, timing={"exit_wait_ms": 1000},
                                keepalive={"answer_ms": 500, "attempts": 2}, **settings)
        self.inner = MobileNode(lab.mobile, VPN_CONFIG, "homeport-mn-vpn")
        for name in INTERFACES:
            if name not in lab.radios:
                lab.add_interface(name)
        self.client = None
        self.place, self.mode = None, ""
        self._dialled = 0

    def go(self, place, mode=None, interface="wlan0", keep=()):
        """Moves to a place by an interface, and returns once the box has the mobile in the mode, the place's usual one
        by default. All other interfaces are unplugged first; those in `keep` are left as they are."""
        mode = mode or place.modes[0]
        if mode not in place.modes:
            raise LabError(f"there is no mode {mode} in {place.name}")
        if mode != self.mode:
            self._hang_up()
        if mode == "mc" and self.mode != "mc":
            self._stop(self.outer)
        self._plug(place, interface, keep)
        self.place = place
        getattr(self, "_go_" + mode)(place)
        self.mode = mode
        wait_until(self.has_arrived, f"mode {mode} in {place.name}", WITHIN)

    def _plug(self, place, interface, keep):
        for name, radio in self.lab.radios.items():
            if name != interface and name not in keep and radio.place is not None:
                radio.unplug()
        if interface not in keep:
            self.lab.move(place, interface)

    def has_arrived(self):
        """True when the box knows the mobile as it is, and not any more as it was."""
        return mode_of(self.box, self.gateway) == self.mode and self._ways() == {self.place.seen_as}

    def _ways(self):
        """Whom the box sends to now, outside all layers."""
        if self.mode == "mc":
            return {sa["remote-host"] for sa in self.gateway.sas()}
        home = topology.I_HOME if self.mode in ("c", "f") else topology.X_HOME
        return {care_of["tunnel_destination"] for care_of in self.box.binding(home)["care_of"]}

    def _go_c(self, place):
        self._start(self.outer)
        self.outer.wait_registered("i-ha", place.agent or place.address, WITHIN)
        wait_until(lambda: not _has(self.box, topology.X_HOME), "deregistration from the x-HA", WITHIN)

    def _go_cvc(self, place):
        self._start(self.outer)
        self.outer.wait_registered("x-ha", place.agent or place.address, WITHIN)
        self._dial(topology.X_HOME)

    _go_f, _go_fvc = _go_c, _go_cvc  # what is different is whom the mobile finds there

    def _go_mc(self, place):
        self._dial(None)
        wait_until(lambda: {sa["remote-host"] for sa in self.gateway.sas()} == {self.place.seen_as}, "MOBIKE", WITHIN)

    def _dial(self, home_address):
        """Brings the VPN up, from the x-HA home address or from wherever the mobile is, and registers through it."""
        if self.client is not None:
            return
        self._dialled += 1
        self.client = Charon(self.lab.mobile, f"client{self._dialled}", vpn.mobile(home_address),
                             interfaces_ignore="wlan0, wwan0, hp1" if home_address else "hp0, hp1", retransmit_tries=10)
        self.client.install(self.pki, vpn.client_id())
        self.client.start()
        self.client.initiate()
        address = self.client.virtual_ip()
        # charon's own routes are in a table of its own; homeport-mn looks into the main one
        self.lab.mobile.ip("route", "replace", topology.I_HA, "dev", "ipsec0", "src", address)
        self._start(self.inner)
        self.inner.wait_registered("i-ha", address, WITHIN)

    def _hang_up(self):
        self._stop(self.inner)
        if self.client is not None:
            self.client.stop()
            self.client = None

    @staticmethod
    def _start(node):
        if node.process is None or node.process.status() is not None:
            node.start()

    @staticmethod
    def _stop(node):
        if node.process is not None and node.process.status() is None:
            node.stop()

    def stop(self):
        """Hangs up and goes to sleep. The box forgets the mobile."""
        self._hang_up()
        self._stop(self.outer)
        self.mode = ""

    def logs(self):
        """Program -> what it logged."""
        found = {"homeport-mn": self.outer.log(), "homeport-mn behind the VPN": self.inner.log()}
        if self.client is not None:
            found["the mobile's charon"] = self.client.log()
        return found
