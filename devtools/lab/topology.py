# SPDX-License-Identifier: BSD-3-Clause
"""The networks of the lab, after figure 1 of RFC 5265, with real kernels at every end.

      train    172.16.6.0/24            .-----------.                              .-------- home link (home)
      (fvc) ---------- foreign agent ---|           |                              |         10.1.0.0/24
                                        |           |  198.51.100.0/24             |-------- office host .20
      cafe     192.168.1.0/24           |           |                              |
      (cvc) --------------------- NAT --| internet  |----------------- BOX --------+
                                        |           | external port .1   internal  |
      hotel    172.16.5.0/24            | 192.0.2.  | x-HA .2            port .1   |          10.1.1.0/24
      (mc) ---------------------- NAT --|       0/24| VPN gateway .3     i-HA .2   |    .---- office (c)
                                        |           |                              | .254
      street   192.0.2.64/26            |           |                              '- router  10.1.4.0/24
      (cvc, mc) ------------------------|           |-- NAT, the office's ------------'  |\\--- branch (f) behind a
                                        '-----------'   way to the internet              |     foreign agent
                                                                                         '---- server 10.1.3.20

The mobile has the interface `wlan0`; add_interface() gives it more. Moving it is what changing the Wi-Fi is: the
far end of its cable is pulled out of one place and put into another, and it gets an address and a default route
there; where a foreign agent is it gets none. Its home address with the i-HA is 10.1.0.7, of the home link. Those with
the x-HA are of 203.0.113.0/24, tunnel inner addresses of 10.8.0.0/24 (VPN gateway), both without a link of their own.
"""

import dataclasses

from .namespace import Network


@dataclasses.dataclass(frozen=True)
class Place:
    """Where the mobile can be. `modes`: RFC 5265's names of the ways to be reached there, the usual one first."""

    name: str
    title: str
    modes: tuple
    router: str  # namespace at the far end of the cable, in whose bridge it ends
    network: str  # the router's own address there, and the prefix length
    address: str = None  # the mobile's; None: it gets none, and asks for a foreign agent
    nat: str = None  # the address that the NAT in between shows to the outside
    agent: str = None  # the care-of address that the foreign agent there gives
    bridge: str = "wifi"

    @property
    def gateway(self):
        return self.network.partition("/")[0]

    @property
    def prefix_len(self):
        return int(self.network.partition("/")[2])

    @property
    def seen_as(self):
        """Where home agents and VPN gateway send to when the mobile is here."""
        return self.agent or self.nat or self.address

    @property
    def is_inside(self):
        return not {"home", "c", "f"}.isdisjoint(self.modes)


TRAIN = Place("train", "a foreign agent of a stranger's", ("fvc",), "train", "172.16.6.1/24", agent="192.0.2.200")
CAFE = Place("cafe", "Wi-Fi behind a NAT", ("cvc", "mc"), "cafe", "192.168.1.1/24", "192.168.1.10", nat="192.0.2.10")
HOTEL = Place("hotel", "Wi-Fi behind another NAT", ("mc", "cvc"), "hotel", "172.16.5.1/24", "172.16.5.77",
              nat="192.0.2.230")
STREET = Place("street", "a public address, no NAT", ("cvc", "mc"), "internet", "192.0.2.65/26", "192.0.2.74")
OFFICE = Place("office", "the office's own Wi-Fi, inside", ("c",), "inside", "10.1.1.1/24", "10.1.1.10")
BRANCH = Place("branch", "an office with a foreign agent, inside", ("f",), "branch", "10.1.4.1/24", agent="10.1.2.2")
PLACES = (TRAIN, CAFE, HOTEL, STREET, OFFICE, BRANCH)
HOME_LINK = Place("home", "the home link itself", ("home",), "lan", "10.1.0.254/24", "10.1.0.77", bridge="lan")
HOME_WIFI, PUBLIC = CAFE, STREET

X_HA, I_HA = "198.51.100.2", "10.1.0.2"
X_HOME, I_HOME = "203.0.113.7", "10.1.0.7"
X_HOME_NETWORK, TIA_NETWORK = "203.0.113.0/24", "10.8.0.0/24"
OFFICE_HOST, SERVER = "10.1.0.20", "10.1.3.20"
NAT_ADDRESS, OFFICE_NAT_ADDRESS = CAFE.nat, "192.0.2.140"
MTU = 1500

# Who is beyond which interface of the internet: the internet's address there, theirs.
UPLINKS = {"cafe": ("192.0.2.1/26", CAFE.nat), "inside": ("192.0.2.129/26", OFFICE_NAT_ADDRESS),
           "train": ("192.0.2.193/27", TRAIN.agent), "hotel": ("192.0.2.225/27", HOTEL.nat)}
NATS = ("cafe", "hotel", "inside")
OUTSIDE = ("internet", "cafe", "hotel", "train")

MASQUERADE = """
table ip lab {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		oifname "wan" masquerade
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		iifname != "wan" accept
		ct state established,related accept
	}
}
"""

# What a network does that lets nothing out but what everybody needs.
STRICT = """
table ip strict {
	chain forward {
		type filter hook forward priority filter;
		iifname "BRIDGE" ip protocol { ipip, gre } drop
		iifname "BRIDGE" udp dport 434 drop
	}
}
"""


class Radio:
    """An interface of the mobile, and the far end of its cable, which is in one place or nowhere."""

    def __init__(self, lab, interface):
        self._lab, self.interface = lab, interface
        self._end = f"air-{interface}"
        self._router = lab.namespaces["cafe"]
        self.place = None
        lab.cable(lab.mobile, interface, self._router, self._end, MTU)

    def unplug(self):
        """Nowhere: the cable hangs loose and the interface has no address."""
        self._lab.mobile.ip("addr", "flush", "dev", self.interface)
        self._router.ip("link", "set", self._end, "down")
        self.place = None

    def plug(self, place):
        """Into another place: plug, address, default route. A place without addresses is just a link."""
        self.unplug()
        router = self._lab.namespaces[place.router]
        if router is not self._router:
            self._router.ip("link", "set", self._end, "netns", router.full_name)
            self._router = router
        router.ip("link", "set", self._end, "master", place.bridge, "up")
        self.place = place
        if place.address is None:
            return
        self._lab.mobile.ip("addr", "add", f"{place.address}/{place.prefix_len}", "dev", self.interface)
        self._lab.mobile.ip("neigh", "replace", place.gateway, "dev", self.interface, "use")  # as DHCP clients ask
        self._lab.mobile.ip("route", "replace", "default", "via", place.gateway, "dev", self.interface,
                            "metric", self._metric())

    def _metric(self):
        return list(self._lab.radios).index(self.interface)


class Topology(Network):
    """The namespaces of the drawing above, joined: mobile, box, office (host), server, and those that forward:
    internet, cafe, hotel, train, inside, branch; `lan` is the switch of the home link."""

    def __init__(self):
        super().__init__()
        self.radios = {}
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def _build(self):
        self.mobile, self.box = self.namespace("mobile"), self.namespace("box")
        self.internet, self.office, self.server = (self.namespace(name) for name in ("internet", "office", "server"))
        for name in ("cafe", "hotel", "train", "inside", "branch"):
            self.namespace(name)
        self.box.be_silent()
        self._outside()
        self._inside()
        for place in PLACES:
            self._access_point(place)
        self.add_interface("wlan0")

    def _outside(self):
        self.cable(self.internet, "isp", self.box, "external", MTU)
        self.internet.ip("addr", "add", "198.51.100.254/24", "dev", "isp")
        self.internet.forward()
        for name, (theirs, ours) in UPLINKS.items():
            router = self.namespaces[name]
            self.cable(router, "wan", self.internet, name, MTU)
            self.internet.ip("addr", "add", theirs, "dev", name)
            address, _, prefix_len = theirs.partition("/")
            router.ip("addr", "add", f"{ours}/{prefix_len}", "dev", "wan")
            router.ip("route", "add", "default", "via", address)
            router.forward()
        for name in NATS:
            self._masquerade(self.namespaces[name])

    def _inside(self):
        """A switch joins box, office host and router; further subnets are behind the router."""
        self.lan, inside, branch = self.namespace("lan"), self.namespaces["inside"], self.namespaces["branch"]
        self.lan.ip("link", "add", "lan", "type", "bridge", "mcast_snooping", 0)
        self.lan.ip("link", "set", "lan", "up")
        for namespace, interface, port in ((self.box, "internal", "box"), (self.office, "lan", "office"),
                                           (inside, "lan", "router")):
            self.cable(namespace, interface, self.lan, port, MTU)
            self.lan.ip("link", "set", port, "master", "lan")
        self.cable(inside, "branch", branch, "uplink", MTU)
        self.cable(inside, "servers", self.server, "lan", MTU)
        for namespace, address, interface in (
                (self.office, OFFICE_HOST, "lan"), (inside, "10.1.0.254", "lan"), (inside, "10.1.2.1", "branch"),
                (branch, BRANCH.agent, "uplink"), (inside, "10.1.3.1", "servers"), (self.server, SERVER, "lan")):
            namespace.ip("addr", "add", address + "/24", "dev", interface)
        for namespace, gateway in ((self.office, "10.1.0.254"), (branch, "10.1.2.1"), (self.server, "10.1.3.1")):
            namespace.ip("route", "add", "default", "via", gateway)
        for namespace in (self.office, inside):
            for prefix in (X_HOME_NETWORK, TIA_NETWORK):
                namespace.ip("route", "add", prefix, "via", "10.1.0.1")
        inside.ip("route", "add", "10.1.4.0/24", "via", BRANCH.agent)
        branch.forward()

    def _access_point(self, place):
        """A bridge that the mobile's cable is plugged into: its network is there with or without the mobile."""
        router = self.namespaces[place.router]
        router.ip("link", "add", "wifi", "type", "bridge", "mcast_snooping", 0)
        router.ip("addr", "add", place.network, "dev", "wifi")
        router.ip("link", "set", "wifi", "up")

    def _masquerade(self, router):
        """Hides everybody but the internet behind the address of `wan`."""
        rules = self.directory / "nat.nft"
        rules.write_text(MASQUERADE)
        router.run("nft", "-f", rules)

    def set_strict(self, place, is_strict):
        """Whether a place lets no Mobile IP out."""
        rules = self.directory / "strict.nft"
        rules.write_text("table ip strict\ndelete table ip strict\n" +
                         (STRICT.replace("BRIDGE", place.bridge) if is_strict else ""))
        self.namespaces[place.router].run("nft", "-f", rules)

    def add_interface(self, name):
        """Gives the mobile one more interface, which is nowhere yet."""
        self.radios[name] = Radio(self, name)
        self.radios[name].unplug()
        return self.radios[name]

    def unplug(self, interface="wlan0"):
        """The mobile's interface is nowhere."""
        self.radios[interface].unplug()

    def move(self, place, interface="wlan0"):
        """Takes the mobile to another place by this interface."""
        self.radios[interface].plug(place)
