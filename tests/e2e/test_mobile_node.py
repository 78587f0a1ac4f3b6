# SPDX-License-Identifier: BSD-3-Clause
"""A real mobile, real kernels: homeport-mn in the lab, with pings and TCP of Linux's own as judges."""

import contextlib
import re
import signal

import pytest
from lab import topology
from lab.box import Box
from lab.mobile import LAB_CONFIG as MOBILE_CONFIG
from lab.mobile import MobileNode
from lab.namespace import wait_until
from lab.system import LAB_CONFIG
from lab.topology import CAFE, I_HOME, OFFICE, OFFICE_HOST, STREET, X_HOME, Topology
from lab.transfer import Transfer


class Lab:
    """The lab's networks and a box, whose configuration `change` edits; mobiles come and go with the tests."""

    def __init__(self, networks, change=lambda text: text):
        self.networks = networks
        # Mobility alone: packets go plainly between x-HA home address and office, which a real box does not let.
        text = LAB_CONFIG.read_text(encoding="utf-8") + "security = { forward_external_to_internal = true; };\n"
        more = text.replace("spi = 256;", "spi = 257; replay = \"nonces\";", 1).replace("203.0.113.7", "203.0.113.8")
        nonces = re.search(r"subscribers = \(\n(\t\{.*?\n\t\})", more, re.DOTALL)[1]
        config = networks.directory / "lab.conf"
        config.write_text(change(text.replace("subscribers = (\n", f"subscribers = (\n{nonces},\n")))
        config.chmod(0o600)
        self.box = Box(networks.box, {
            "eal": {"worker_cores": (1,), "idle_sleep": True, "file_prefix": networks.prefix.rstrip("-")},
            "runtime_directory": str(networks.directory / "homeport")}, template=config)
        self.box.start()

    @contextlib.contextmanager
    def mobile(self, access, change=lambda text: text):
        """A mobile under way in a network; `change` edits its configuration. Its log is shown, should the test fail."""
        self.networks.move(access)
        config = self.networks.directory / "lab-mn.conf"
        config.write_text(change(MOBILE_CONFIG.read_text(encoding="utf-8")) + "timing = { exit_wait_ms = 1500; };\n")
        config.chmod(0o600)
        mobile = MobileNode(self.networks.mobile, template=config)
        mobile.start()
        try:
            yield mobile
        finally:
            print(mobile.log()[-3000:])
            mobile.stop()

    def homes(self, agent="x-ha"):
        """Home addresses that have a binding with a home agent."""
        return {binding["home_address"] for binding in self.box.bindings() if binding["agent"] == agent}

    def kind(self, home):
        return self.box.binding(home)["care_of"][0]["kind"]

    def ping(self, home, *options):
        """The office host pings a home address; returns what ping says."""
        return self.networks.office.run("ping", "-c", "3", "-i", "0.05", "-W", "2", *options, home)


@pytest.fixture(scope="module")
def lab():
    with Topology() as networks:
        running = Lab(networks)
        yield running


@pytest.fixture(autouse=True)
def explain(request, lab):
    """The box's log, should the test fail."""
    yield
    print(lab.box.log()[-3000:])


def test_behind_nat_in_a_udp_tunnel(lab):
    with lab.mobile(CAFE) as mobile:
        agent = mobile.wait_registered("x-ha", CAFE.address)
        assert agent["tunnel"]["encapsulation"] == "udp"
        care_of = lab.box.binding(X_HOME)["care_of"][0]
        assert care_of["kind"] == "udp" and care_of["source_address"] == topology.NAT_ADDRESS
        assert " 0% packet loss" in lab.ping(X_HOME)
        said = lab.networks.mobile.run("ping", "-c", "3", "-i", "0.05", "-W", "2", "-I", X_HOME, OFFICE_HOST)
        assert " 0% packet loss" in said


def test_without_nat_in_ip_in_ip(lab):
    with lab.mobile(STREET) as mobile:
        assert mobile.wait_registered("x-ha", STREET.address)["tunnel"]["encapsulation"] == "ip-in-ip"
        assert lab.kind(X_HOME) == "ip-in-ip"
        assert " 0% packet loss" in lab.ping(X_HOME)


@pytest.mark.parametrize("encapsulation", ["gre", "minimal"])
@pytest.mark.parametrize("access", [STREET, CAFE], ids=["plain", "behind-nat"])
def test_other_encapsulations(lab, encapsulation, access):
    change = lambda text: text.replace('lifetime_sec = 60;', f'lifetime_sec = 60; encapsulation = "{encapsulation}";')
    with lab.mobile(access, change) as mobile:
        mobile.wait_registered("x-ha", access.address)
        assert lab.kind(X_HOME) == encapsulation + ("-in-udp" if access is CAFE else "")
        for size in ("56", "1472", "1700"):
            assert " 0% packet loss" in lab.ping(X_HOME, "-s", size, "-M", "dont")


@pytest.mark.parametrize("access, mtu", [(STREET, 1480), (CAFE, 1468)], ids=["ip-in-ip", "udp"])
def test_linux_learns_the_path_mtu(lab, access, mtu):
    with lab.mobile(access) as mobile:
        mobile.wait_registered("x-ha", access.address)
        lab.networks.office.ip("route", "flush", "cache")
        said = lab.networks.office.run("sh", "-c", f"ping -c 1 -W 2 -M do -s 1472 {X_HOME} || true")
        assert f"mtu = {mtu}" in said.replace("mtu=", "mtu = ")
        assert " 0% packet loss" in lab.ping(X_HOME, "-M", "do", "-s", str(mtu - 28))


def test_tcp_survives_handovers(lab):
    with lab.mobile(CAFE) as mobile:
        mobile.wait_registered("x-ha", CAFE.address)
        transfer = Transfer(lab.networks.office, lab.networks.mobile, X_HOME, "handover")
        for access, kind in ((STREET, "ip-in-ip"), (CAFE, "udp"), (STREET, "ip-in-ip")):
            wait_until(lambda before=transfer.received(): transfer.received() > before, "data")
            lab.networks.move(access)
            mobile.wait_registered("x-ha", access.address)
            assert lab.kind(X_HOME) == kind
            wait_until(lambda before=transfer.received(): transfer.received() > before, "data after the move", 20)
        report = transfer.finish()
        assert report["state"] == "done" and not transfer.has_failed()
        assert report["bytes"] > 1 << 20


def test_coming_home(lab):
    with lab.mobile(STREET) as mobile:
        mobile.wait_registered("x-ha", STREET.address)
        assert not mobile.status()["inside"]
        lab.networks.move(OFFICE)
        agent = mobile.wait_registered("i-ha", OFFICE.address)
        assert agent["tunnel"]["trusted_networks_configured"] and mobile.status()["inside"]
        wait_until(lambda: not lab.homes("x-ha"), "deregistration from the x-HA")
        assert lab.homes("i-ha") == {I_HOME}
        assert " 0% packet loss" in lab.ping(I_HOME)
        transfer = Transfer(lab.networks.office, lab.networks.mobile, I_HOME, "inside")
        wait_until(lambda: transfer.received() > 1 << 20, "a megabyte")
        assert transfer.finish()["state"] == "done"

        lab.networks.move(CAFE)
        mobile.wait_registered("x-ha", CAFE.address)
        assert not mobile.status()["inside"]
        assert " 0% packet loss" in lab.ping(X_HOME)


def test_exit_deregisters(lab):
    with lab.mobile(STREET) as mobile:
        mobile.wait_registered("x-ha", STREET.address)
        assert lab.homes() == {X_HOME}
        assert mobile.stop() == 0
    assert lab.homes() == set()
    assert "hp0" not in lab.networks.mobile.ip("link")
    assert "434" not in lab.networks.mobile.ip("rule")


def test_a_killed_mobile_starts_anew(lab):
    with lab.mobile(STREET) as mobile:
        mobile.wait_registered("x-ha", STREET.address)
        mobile.process.signal(signal.SIGKILL)
        mobile.process.wait()
    with lab.mobile(STREET) as mobile:
        mobile.wait_registered("x-ha", STREET.address)
        assert " 0% packet loss" in lab.ping(X_HOME)


def test_nonces(lab):
    def change(text):
        return text.replace("spi = 256;", "spi = 257; replay = \"nonces\";", 1).replace("203.0.113.7", "203.0.113.8")
    with lab.mobile(STREET, change) as mobile:
        mobile.wait_registered("x-ha", STREET.address)
        lab.networks.move(CAFE)
        mobile.wait_registered("x-ha", CAFE.address)
        assert lab.homes() == {"203.0.113.8"}
        assert " 0% packet loss" in lab.ping("203.0.113.8")


def test_the_registration_is_renewed_before_it_expires(lab):
    with lab.mobile(STREET, lambda text: text.replace("lifetime_sec = 60", "lifetime_sec = 10")) as mobile:
        agent = mobile.wait_registered("x-ha", STREET.address)
        replies = agent["registration"]["replies"]
        wait_until(lambda: mobile.agent("x-ha")["registration"]["replies"] > replies, "a renewal", within=12)
        assert mobile.agent("x-ha")["state"] == "registered" and lab.homes() == {X_HOME}


def test_a_wrong_key_registers_nothing(lab):
    with lab.mobile(STREET, lambda text: text.replace("6c61622d", "00000000", 1)) as mobile:
        wait_until(lambda: "wrong authenticator" in mobile.log() or mobile.agent("x-ha").get("last_code") == 131 or
                   mobile.agent("x-ha").get("registration", {}).get("bad_authenticators", 0) > 0, "the refusal")
        assert mobile.agent("x-ha")["state"] == "registering"
        assert lab.homes() == set()
