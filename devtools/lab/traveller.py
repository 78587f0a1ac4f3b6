# SPDX-License-Identifier: BSD-3-Clause
"""The mobile of the lab, taken from place to place and from one of RFC 5265's access modes to another.

It is one homeport-mn, and a stock charon that homeport-mn tells when to dial: from the home address of the x-HA, or from
wherever the mobile is, where the network lets no Mobile IP out (RFC 5266).
"""

from . import topology, vpn
from .charon import Charon
from .mobile import LAB_CONFIG, MobileNode
from .namespace import LabError, wait_until

WITHIN = 30.0
INTERFACES = ("wlan0", "wwan0")  # the preferred one first; the second is a phone's
ROUTING_TABLES = "434, 435, 436"  # homeport-mn's, which lead charon nowhere


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
    `settings`: more for its configuration, `vpn_settings` for its group vpn."""

    def __init__(self, lab, box, gateway, pki, vpn_settings=None, **settings):
        self.lab, self.box, self.gateway = lab, box, gateway
        for name in INTERFACES:
            if name not in lab.radios:
                lab.add_interface(name)
        self.charon = Charon(lab.mobile, "charon-mobile", vpn.mobile(topology.X_HOME), interfaces_ignore="hp0",
                             ignore_routing_tables=ROUTING_TABLES, retransmit_tries=10)
        self.charon.install(pki, vpn.client_id())
        self.node = MobileNode(
            lab.mobile, LAB_CONFIG, interfaces=INTERFACES, timing={"exit_wait_ms": 1000},
            keepalive={"answer_ms": 500, "attempts": 2},
            vpn={"connection": "home", "mobike_connection": "roam", "socket": f"{self.charon.directory}/vici",
                 **(vpn_settings or {})},
            routing={"tunnel_routes": (vpn.INSIDE,)}, **settings)
        self.is_running = False
        self.place, self.mode = None, ""

    def go(self, place, mode=None, interface="wlan0", keep=()):
        """Moves to a place by an interface, and returns once the box has the mobile in the mode, the place's usual one
        by default. All other interfaces are unplugged first; those in `keep` are left as they are."""
        mode = mode or place.modes[0]
        if mode not in place.modes:
            raise LabError(f"there is no mode {mode} in {place.name}")
        before, self.place, self.mode = self.mode, place, mode
        if not place.is_inside:
            self.lab.set_strict(place, mode == "mc")
        self._plug(place, interface, keep)
        if not self.is_running:
            self.charon.start()
            self.node.start()
            self.is_running = True
        elif (before, mode) == ("mc", "cvc"):
            self._dial_anew()
        wait_until(self.has_arrived, f"mode {mode} in {place.name}", WITHIN)

    def _dial_anew(self):
        """The VPN that is up goes wherever the mobile goes, until somebody hangs up."""
        self.node.wait_registered("x-ha", self.place.address, WITHIN)
        self.charon.terminate("roam")

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
        if self.is_running:
            self.node.stop()
            self.charon.stop()
            self.is_running = False
        self.mode = ""

    def logs(self):
        """Program -> what it logged."""
        return {"homeport-mn": self.node.log(), "the mobile's charon": self.charon.log()}
