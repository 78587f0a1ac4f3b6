# SPDX-License-Identifier: BSD-3-Clause
"""The networks of the lab, with real kernels at every end.

                        192.168.1.0/24            192.0.2.0/26
      network 1  mobile ------------ home router -------------+
                                     (NAT)                    |
                          192.0.2.64/26                       |   198.51.100.0/24         10.1.0.0/24
      network 2  mobile ---------------------------------- internet ------------ BOX ------------ office
                                                              |  external port .1    internal port .1  |
                                                              |  x-HA .2, gateway .3 i-HA .2           |
                          10.1.1.0/24                         +----------------------------------------+
      network 3  mobile ------------------------------------------ the office's own access (NAT) ------+

The mobile has one interface, `wlan0`. Moving it is what changing the Wi-Fi is: the far end of its cable is
pulled out of one network and put into another, and it gets an address and a default route there. Home
addresses are of 203.0.113.0/24 (x-HA) and 10.2.0.0/24 (i-HA), tunnel inner addresses of 10.8.0.0/24 (VPN gateway),
all without a link of their own.
"""

import dataclasses

from .namespace import Network


@dataclasses.dataclass(frozen=True)
class Access:
    """A network that the mobile can be in."""

    name: str
    title: str
    router: str  # namespace at the far end of the cable
    address: str
    gateway: str
    prefix_len: int


HOME_WIFI = Access("network 1", "home Wi-Fi behind a NAT router", "nat", "192.168.1.10", "192.168.1.1", 24)
PUBLIC = Access("network 2", "a public network without NAT", "internet", "192.0.2.74", "192.0.2.65", 26)
OFFICE = Access("network 3", "the office's own Wi-Fi, inside", "office", "10.1.1.10", "10.1.1.1", 24)

X_HA, I_HA = "198.51.100.2", "10.1.0.2"
X_HOME, I_HOME = "203.0.113.7", "10.2.0.7"
X_HOME_NETWORK, I_HOME_NETWORK, TIA_NETWORK = "203.0.113.0/24", "10.2.0.0/24", "10.8.0.0/24"
OFFICE_HOST = "10.1.0.20"
NAT_ADDRESS, OFFICE_NAT_ADDRESS = "192.0.2.10", "192.0.2.140"
MTU = 1500

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


class Topology(Network):
    """The namespaces `mobile`, `nat`, `internet`, `box` and `office`, joined as above."""

    def __init__(self):
        super().__init__()
        try:
            self._build()
        except BaseException:
            self.close()
            raise

    def _build(self):
        self.mobile = self.namespace("mobile")
        self.nat = self.namespace("nat")
        self.internet = self.namespace("internet")
        self.box = self.namespace("box")
        self.office = self.namespace("office")
        self.box.be_silent()
        for router in (self.nat, self.internet, self.office):
            router.forward()

        self.cable(self.nat, "wan", self.internet, "home", MTU)
        self.cable(self.internet, "isp", self.box, "external", MTU)
        self.cable(self.box, "internal", self.office, "lan", MTU)
        self.cable(self.office, "wan", self.internet, "office", MTU)
        self.cable(self.mobile, "wlan0", self.nat, "air", MTU)
        self._air = self.nat
        for access in (HOME_WIFI, PUBLIC, OFFICE):
            self._access_point(access)

        self.internet.ip("addr", "add", "198.51.100.254/24", "dev", "isp")
        self._masquerade(self.nat, "home", "192.0.2.1", NAT_ADDRESS)
        self._masquerade(self.office, "office", "192.0.2.129", OFFICE_NAT_ADDRESS)
        self.office.ip("addr", "add", OFFICE_HOST + "/24", "dev", "lan")
        for prefix in (X_HOME_NETWORK, I_HOME_NETWORK, TIA_NETWORK):
            self.office.ip("route", "add", prefix, "via", "10.1.0.1")

    def _access_point(self, access):
        """A bridge that the mobile's cable is plugged into: its network is there with or without the mobile."""
        router = self.namespaces[access.router]
        router.ip("link", "add", "wifi", "type", "bridge")
        router.ip("addr", "add", f"{access.gateway}/{access.prefix_len}", "dev", "wifi")
        router.ip("link", "set", "wifi", "up")

    def _masquerade(self, router, interface, gateway, address):
        """Gives a router access to the internet at `gateway`, behind one address."""
        self.internet.ip("addr", "add", gateway + "/26", "dev", interface)
        router.ip("addr", "add", address + "/26", "dev", "wan")
        router.ip("route", "add", "default", "via", gateway)
        rules = self.directory / "nat.nft"
        rules.write_text(MASQUERADE)
        router.run("nft", "-f", rules)

    def unplug(self):
        """The mobile is nowhere: its cable hangs loose and it has no address."""
        self.mobile.ip("addr", "flush", "dev", "wlan0")
        self._air.ip("link", "set", "air", "down")

    def move(self, access):
        """Takes the mobile to another network: plug, address, default route."""
        self.unplug()
        router = self.namespaces[access.router]
        if router is not self._air:
            self._air.ip("link", "set", "air", "netns", router.full_name)
            self._air = router
        router.ip("link", "set", "air", "master", "wifi", "up")
        self.mobile.ip("addr", "add", f"{access.address}/{access.prefix_len}", "dev", "wlan0")
        self.mobile.ip("route", "replace", "default", "via", access.gateway, "dev", "wlan0")
