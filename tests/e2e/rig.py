# SPDX-License-Identifier: BSD-3-Clause
"""A running box between two raw cables (see plan.py), and what tests do with it again and again."""

import contextlib
import itertools

import plan
import tshark
from fake_charon import FakeCharon
from lab.box import Box
from lab.namespace import Network
from peers import ScriptedMobile
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw
from vpn_peers import InnerMobile, VpnClient
from wire import Wire


class Rig:
    """The box, its two links and a supply of mobiles that no other test has used."""

    def __init__(self, config, fake_charon=True):
        self.network = Network()
        try:
            self._plug(config["ports"])
            self._build(config, fake_charon)
        except BaseException:
            self.network.close()
            raise

    def _plug(self, ports):
        """Makes the interfaces that the ports ask for: veth pairs, or TAP devices, whose other end the tests hold
        where they are."""
        self.box_namespace = self.tester = self.network.namespace("box")
        self.box_namespace.be_silent()
        if ports[0]["device"].startswith("net_tap"):
            for port in ports:
                self.tester.ip("tuntap", "add", "dev", port["name"], "mode", "tap", "multi_queue")
                self.tester.ip("link", "set", port["name"], "up")
            return
        self.tester = self.network.namespace("tester")
        self.tester.be_silent()
        for port in ports:
            self.network.cable(self.box_namespace, port["name"], self.tester, port["name"], plan.MTU)

    def _build(self, config, fake_charon):
        self.wire = Wire(self.network.directory / "wire.pcap")
        self.network.on_close(self.wire.close)
        self.external = self.wire.attach(self.tester, "external", plan.EXTERNAL_LINK, plan.EXTERNAL_GATEWAY,
                                         "100.64", plan.EXTERNAL_PORT)
        self.internal = self.wire.attach(self.tester, "internal", plan.INTERNAL_LINK, plan.INTERNAL_GATEWAY,
                                         "10.64", plan.INTERNAL_PORT)
        config["eal"]["file_prefix"] = self.network.prefix.rstrip("-")
        config["runtime_directory"] = str(self.network.directory / "run")
        self.box = Box(self.box_namespace, config)
        self.box.start()
        self.charon = FakeCharon(self.ike_socket) if "vpn" in config and fake_charon else None
        self.internal.ping(plan.CORRESPONDENT)
        self._x_homes, self._i_homes = iter(plan.X_HOMES), iter(plan.I_HOMES)
        self._link_homes = iter(plan.LINK_HOMES)
        self._care_of = (f"192.0.2.{last}" for last in range(1, 200))
        self._tias = (f"10.8.0.{last}" for last in range(1, 250))
        self._ports = itertools.count(20000)

    def close(self, dissect=True):
        """Takes everything down. Returns what is wrong: an exit status, what tshark says of the frames that the box
        sent, and what the sanitizers say, should the box be built with them."""
        macs = [link.box_mac for link in self.wire.links if link.box_mac]
        complaints = tshark.complaints(self.wire.capture_path, macs) if dissect else []
        status = self.box.stop()
        if status != 0:
            complaints.append(f"homeport ended with exit status {status}")
        complaints += [line for line in self.box.log().splitlines() if "runtime error:" in line or
                       "Sanitizer" in line]
        self.network.close()
        return complaints

    # the cast

    def x_mobile(self, home=None, **fields):
        """A mobile of the x-HA, outside, with addresses that no other test uses."""
        return ScriptedMobile(self.external, home or next(self._x_homes), plan.X_HA,
                              fields.pop("care_of", None) or next(self._care_of), **fields)

    def i_mobile(self, home=None, **fields):
        """A mobile of the i-HA, inside: its care-of address is of a trusted network behind the gateway."""
        care_of = fields.pop("care_of", None) or next(self._care_of).replace("192.0.2.", "10.4.0.")
        return ScriptedMobile(self.internal, home or next(self._i_homes), plan.I_HA, care_of, **fields)

    def link_mobile(self, **fields):
        """A mobile of the i-HA whose home network is the internal link."""
        return self.i_mobile(next(self._link_homes), **fields)

    @property
    def ike_socket(self):
        """Where charon's plugin meets the box."""
        return self.network.directory / "run" / "ike.sock"

    def vpn_client(self, carrier=None, **fields):
        """A VPN client with addresses that no other test uses. With `carrier`, a registered ScriptedMobile, its outer
        address is that mobile's home address (RFC 5265)."""
        address = carrier.home if carrier else fields.pop("address", None) or next(self._care_of)
        return VpnClient(self, address, fields.pop("tia", None) or next(self._tias), carrier=carrier, **fields)

    def inner_mobile(self, client):
        """A mobile of the i-HA behind a VPN client."""
        return InnerMobile(client, next(self._i_homes))

    def nat_port(self):
        """A UDP port that no other mobile behind a NAT has."""
        return next(self._ports)

    def datagram(self, src, dst, payload=b"Homeport", **fields):
        """A small UDP packet, with the checksums that its addresses ask for."""
        return IP(bytes(IP(src=src, dst=dst, **fields) / UDP(sport=40000, dport=40001) / Raw(payload)))

    def to_mobile(self, mobile, payload=b"Homeport", src=plan.CORRESPONDENT, **fields):
        """A packet from the correspondent inside to a mobile's home address, already on its way."""
        packet = self.datagram(src, mobile.home, payload, **fields)
        self.internal.send(packet)
        return packet

    # what the box says of itself

    def settle(self):
        self.wire.settle()

    def drops(self):
        """Drop reason -> count, without the zeros."""
        return {name: count for name, count in self.box.drops().items() if count}

    def packets_by_worker(self):
        """How many packets each worker has received."""
        rows = self.box.ctl("stages")
        return {row["worker"]: row["packets"] for row in rows if row["stage"] == "ether-input"}

    @contextlib.contextmanager
    def drops_exactly(self, expected):
        """Fails unless exactly these packets are dropped while the context lasts: {"ip-ttl": 1}."""
        self.settle()
        before = self.drops()
        yield
        self.settle()
        after = self.drops()
        counted = {name: after[name] - before.get(name, 0) for name in after
                   if after[name] != before.get(name, 0)}
        assert counted == expected

    def nothing_forwarded(self):
        """Fails if the box sent any IPv4 packet that no test has taken."""
        self.settle()
        for link in self.wire.links:
            assert link.leftover() == [], f"{link.interface}: the box sent something"
