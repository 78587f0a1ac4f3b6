# SPDX-License-Identifier: BSD-3-Clause
"""The lab's networks with the box as VPN gateway, its charon, and stock strongSwan clients."""

import contextlib
import re

from lab import vpn
from lab.box import Box
from lab.charon import Charon
from lab.namespace import LabError, wait_until
from lab.system import LAB_CONFIG
from lab.topology import OFFICE_HOST, Topology


class VpnLab:
    """A box and its charon between the internet and the office. Clients come and go with the tests."""

    def __init__(self, networks, pki, **gateway):
        self.networks, self.pki = networks, pki
        self._numbers = iter(range(1, 1000))
        self.start_box()
        self.gateway = Charon(networks.box, "gateway", vpn.gateway(**gateway), "gateway",
                              ike_socket=networks.directory / "homeport" / "ike.sock", retransmit_tries=3,
                              dos_protection="no")  # a crowd of clients has one address here
        self.gateway.install(pki, vpn.GATEWAY_ID)
        self.gateway.start()

    def start_box(self):
        """Starts a box, as the lab's configuration wants it."""
        self.box = Box(self.networks.box, {
            "eal": {"worker_cores": (1,), "idle_sleep": True, "file_prefix": self.networks.prefix.rstrip("-")},
            "runtime_directory": str(self.networks.directory / "homeport")}, template=LAB_CONFIG)
        self.box.start()

    def restart_gateway(self):
        """Starts charon again. While it has no configuration it would turn clients away for good: they do not reach
        it."""
        self.networks.internet.sysctl("net.ipv4.ip_forward", 0)
        self.gateway.start()
        self.networks.internet.forward()

    @contextlib.contextmanager
    def client(self, access, config=None, **wishes):
        """A stock client in a network of the lab; it has its SA already, unless `config` says what it does."""
        self.networks.move(access)
        charon = Charon(self.networks.mobile, f"client{next(self._numbers)}", config or vpn.client(**wishes))
        charon.install(self.pki, vpn.client_id())
        charon.start()
        try:
            if config is None:
                charon.initiate()
            yield charon
        finally:
            with contextlib.suppress(LabError):
                charon.stop()

    def ping(self, address, *options, source="office"):
        """Pings an address from the office; returns what ping says."""
        return self.networks.namespaces[source].run("ping", "-c", "3", "-i", "0.02", "-W", "2", *options, address)

    def goes_both_ways(self, client, *options):
        """Both ends reach each other."""
        for said in (self.ping(client.virtual_ip(), *options), self.ping(OFFICE_HOST, *options, source="mobile")):
            assert " 0% packet loss" in said, said

    def wait_both_ways(self, client, within=30.0):
        """Both ends reach each other again, sooner or later."""
        def arrives():
            address = client.virtual_ip()
            with contextlib.suppress(LabError):
                return address and " 0% packet loss" in self.networks.office.run("ping", "-c", "1", "-W", "1", address)
        wait_until(arrives, "traffic to the client", within)

    @contextlib.contextmanager
    def pinging(self, address, every=0.01):
        """Pings go on from the office while the context lasts; none is lost."""
        ping = self.networks.office.start(f"ping{next(self._numbers)}", ["ping", "-i", every, "-W", "2", address])
        wait_until(lambda: "icmp_seq=3 " in ping.log(), "pings that are answered")
        yield ping
        last = len(re.findall("icmp_seq", ping.log()))
        wait_until(lambda: len(re.findall("icmp_seq", ping.log())) > last + 20, "pings that are answered")
        ping.signal(2)
        ping.wait()
        sent, got = re.search(r"(\d+) packets transmitted, (\d+) received", ping.log()).groups()
        assert int(sent) - int(got) <= 1, f"{sent} sent, {got} answered"  # the last may be on its way


@contextlib.contextmanager
def vpn_lab(pki, kind=VpnLab, **gateway):
    """A whole lab for as long as the context lasts."""
    with Topology() as networks:
        yield kind(networks, pki, **gateway)
