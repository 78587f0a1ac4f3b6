# SPDX-License-Identifier: BSD-3-Clause
"""The mobile of the lab, taken from place to place and from one of RFC 5265's access modes to another.

It is one homeport-mn, and a stock charon that homeport-mn tells when to dial. With an x-HA in its configuration it is
in the modes c, f, cvc and fvc, as the places have it; without one in c, f and mc (RFC 5266); on the home link it is at
home with either. Only between these two does anybody have to do something: both programs are started anew.
"""

from . import topology, vpn
from .box import ROOT
from .charon import Charon
from .mobile import LAB_CONFIG, MobileNode
from .namespace import LabError, wait_until

MOBIKE_CONFIG = ROOT / "config" / "lab-mn-mobike.conf"
WITHIN = 30.0
INTERFACES = ("wlan0", "wwan0")  # the preferred one first; the second is a phone's


def mode_of(box, gateway):
    """The access mode that the mobile is in as the box sees it, "" for none: who holds which binding, and whose
    address the VPN's is. Whoever has no binding at all is at home."""
    care_of = {binding["home_address"]: binding["care_of_address"] for binding in box.bindings()}
    if not care_of:
        return "home"
    if topology.I_HOME not in care_of:
        return ""
    tia = care_of[topology.I_HOME]
    if not tia.startswith("10.8.0."):
        return "f" if tia == topology.BRANCH.agent else "c"
    peers = {sa["remote-host"] for sa in gateway.sas() if sa.get("remote-vips") == [tia]}
    if peers != {topology.X_HOME}:
        return "mc" if peers else ""
    if topology.X_HOME not in care_of:
        return ""
    return "fvc" if care_of[topology.X_HOME] == topology.TRAIN.agent else "cvc"


class Traveller:
    """The mobile under way in a lab with a box and its gateway's charon. It starts nowhere: go() somewhere.
    `settings`: more for its configuration."""

    def __init__(self, lab, box, gateway, pki, **settings):
        self.lab, self.box, self.gateway = lab, box, gateway
        for name in INTERFACES:
            if name not in lab.radios:
                lab.add_interface(name)
        self._charons, self._nodes = {}, {}
        for has_x_ha, name in ((True, "x-ha"), (False, "mobike")):
            charon = Charon(lab.mobile, f"charon-{name}", vpn.mobile(topology.X_HOME if has_x_ha else None),
                            interfaces_ignore=", ".join((*INTERFACES, "hp0") if has_x_ha else ("hp0",)),
                            retransmit_tries=10)
            charon.install(pki, vpn.client_id())
            self._charons[has_x_ha] = charon
            self._nodes[has_x_ha] = MobileNode(
                lab.mobile, LAB_CONFIG if has_x_ha else MOBIKE_CONFIG, f"homeport-mn-{name}", interfaces=INTERFACES,
                timing={"exit_wait_ms": 1000}, keepalive={"answer_ms": 500, "attempts": 2},
                vpn={"connection": "home", "socket": f"{charon.directory}/vici"},
                routing={"tunnel_routes": (vpn.INSIDE,)}, **settings)
        self._has_x_ha = None  # what runs; None: nothing
        self.place, self.mode = None, ""

    @property
    def node(self):
        """The homeport-mn that runs, or would."""
        return self._nodes[self._has_x_ha is not False]

    def go(self, place, mode=None, interface="wlan0", keep=()):
        """Moves to a place by an interface, and returns once the box has the mobile in the mode, the place's usual one
        by default. All other interfaces are unplugged first; those in `keep` are left as they are."""
        mode = mode or place.modes[0]
        if mode not in place.modes:
            raise LabError(f"there is no mode {mode} in {place.name}")
        has_x_ha = "v" in mode or mode != "mc" and self._has_x_ha is not False
        if has_x_ha != self._has_x_ha:
            self.stop()
        self._plug(place, interface, keep)
        self.place, self.mode = place, mode
        if self._has_x_ha is None:
            self._charons[has_x_ha].start()
            self._nodes[has_x_ha].start()
            self._has_x_ha = has_x_ha
        wait_until(self.has_arrived, f"mode {mode} in {place.name}", WITHIN)

    def _plug(self, place, interface, keep):
        for name, radio in self.lab.radios.items():
            if name != interface and name not in keep and radio.place is not None:
                radio.unplug()
        if interface not in keep:
            self.lab.move(place, interface)

    def has_arrived(self):
        """True when the box knows the mobile as it is, and not any more as it was, and the mobile thinks so, too."""
        return (mode_of(self.box, self.gateway) == self.mode and self._is_sent_here() and
                self.node.status().get("mode") == self.mode)

    def _is_sent_here(self):
        """True when the box sends to this place, outside all layers. At home there is nothing for it to send."""
        if self.mode == "home":
            return True
        if self.mode == "mc":
            sas = [sa for sa in self.gateway.sas() if sa["state"] == "ESTABLISHED"]  # not those it gave up half-way
            return {sa["remote-host"] for sa in sas} == {self.place.seen_as}
        home = topology.I_HOME if self.mode in ("c", "f") else topology.X_HOME
        ways = {care_of["tunnel_destination"] for care_of in self.box.binding(home)["care_of"]}
        return ways == {self.place.seen_as}

    def stop(self):
        """Hangs up and goes to sleep. The box forgets the mobile."""
        if self._has_x_ha is not None:
            self.node.stop()
            self._charons[self._has_x_ha].stop()
            self._has_x_ha = None

    def logs(self):
        """Program -> what it logged."""
        return {**{node.name: node.log() for node in self._nodes.values()},
                **{charon.name: charon.log() for charon in self._charons.values()}}
