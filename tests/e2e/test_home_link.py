# SPDX-License-Identifier: BSD-3-Clause
"""homeport-mn on the home link of its i-HA: there it is a host like any other, without binding and tunnel (RFC 5944
sections 2.4.3 and 4.6).

      mobile ---- lan 10.1.0.0/24 ---- BOX (i-HA 10.1.0.2, which advertises itself)      home: 10.1.0.7
      or in other places    |
                          office 10.1.0.20
"""

import contextlib
import dataclasses
import re
import socket

import pytest
from lab.namespace import LabError, wait_until
from lab.topology import HOME_LINK, I_HA, I_HOME, MTU, OFFICE, OFFICE_HOST, SERVER, STREET, X_HOME
from lab.transfer import Transfer
from scapy.layers.l2 import ARP, Ether
from test_mobile_node import Lab
from visit_lab import HOTSPOT, Neighbour, VisitNetworks, advertisement

H = 0x2000


class HomeLab(Lab):
    """The box, whose i-HA's home network is the internal link."""

    def mac_of_home(self):
        """Who the office host thinks has the home address."""
        assert " 0% packet loss" in self.ping(I_HOME)
        return self.networks.office.ip("neigh", "show", I_HOME).split("lladdr ")[1].split()[0]


@pytest.fixture(scope="module")
def lab():
    with VisitNetworks() as networks:
        yield HomeLab(networks)


@pytest.fixture(autouse=True)
def explain(lab):
    yield
    print(lab.box.log()[-2000:])


def wait_mode(mobile, mode, within=20.0):
    wait_until(lambda: mobile.status().get("mode") == mode, f"mode {mode}", within)


def hears_and_speaks(lab, mobile):
    """Pings both ways, as large as the link takes and larger, from the mobile's own MAC address."""
    lab.networks.office.ip("neigh", "flush", "all")
    lab.networks.office.ip("route", "flush", "cache")  # what it learned of tunnels
    wait_until(lambda: mobile.status()["tun"]["mtu"] == MTU, "no tunnel takes any of the MTU")
    for options in (("-s", str(MTU - 28), "-M", "do"), ("-s", "1700", "-M", "dont")):
        assert " 0% packet loss" in lab.ping(I_HOME, *options)
        for host in (OFFICE_HOST, SERVER):
            said = lab.networks.mobile.run("ping", "-c", "3", "-i", "0.05", "-W", "2", *options, "-I", I_HOME, host)
            assert " 0% packet loss" in said
    assert lab.mac_of_home() == lab.networks.mac("mobile", "wlan0")


def wait_flow(transfer):
    wait_until(lambda before=transfer.received(): transfer.received() > before, "data", 30)


def test_from_home_to_the_office_and_home_again_with_one_connection(lab):
    with lab.mobile(HOME_LINK) as mobile:
        wait_mode(mobile, "home")
        assert mobile.status()["inside"] and mobile.status()["layers"] == [] and not lab.homes("i-ha")
        hears_and_speaks(lab, mobile)
        transfer = Transfer(lab.networks.office, lab.networks.mobile, I_HOME, "home")
        for access, mode in ((OFFICE, "c"), (HOME_LINK, "home"), (OFFICE, "c"), (HOME_LINK, "home")):
            wait_flow(transfer)
            lab.networks.move(access)
            wait_mode(mobile, mode)
            wait_until(lambda expected={I_HOME} if mode == "c" else set(): lab.homes("i-ha") == expected, "the binding")
            wait_flow(transfer)
        report = transfer.finish()
        assert report["state"] == "done" and not transfer.has_failed()
        hears_and_speaks(lab, mobile)


def test_home_from_outside_without_an_address_there(lab):
    with lab.mobile(STREET) as mobile:
        mobile.wait_registered("x-ha", STREET.address)
        lab.networks.move(dataclasses.replace(HOME_LINK, address=None))
        wait_mode(mobile, "home")
        hears_and_speaks(lab, mobile)
        assert mobile.status()["tracks"][0]["home_link_of"] == I_HA


def test_the_address_that_it_has_there_is_not_registered_first(lab):
    """A moment is left for the home agent's advertisement. One that comes late, on a busy machine, is forgiven."""
    def back_home():
        before = mobile.log()
        lab.networks.lan.ip("link", "set", "air-wlan0", "down")
        wait_mode(mobile, "none")
        lab.networks.lan.ip("link", "set", "air-wlan0", "up")
        wait_mode(mobile, "home")
        return f"with care-of address {HOME_LINK.address}" not in mobile.log()[len(before):]
    with lab.mobile(HOME_LINK) as mobile:
        wait_mode(mobile, "home")
        assert any(back_home() for _ in range(5))


def test_who_keeps_the_kernel_from_answering_for_the_home_address_is_warned(lab):
    with lab.mobile(HOME_LINK) as mobile:
        wait_mode(mobile, "home")
        for number, (whose, value) in enumerate((("all", 1), ("wlan0", 2), ("all", 8)), 1):
            setting = f"net.ipv4.conf.{whose}.arp_ignore"
            lab.networks.mobile.sysctl(setting, value)
            try:
                wait_until(lambda: mobile.log().count("nobody on the link gets an answer") == number, "the warning", 20)
                assert f"set {setting} to 0" in mobile.log().splitlines()[-1]
                lab.networks.office.ip("neigh", "flush", "all")
                with pytest.raises(LabError, match=" 100% packet loss"):
                    lab.ping(I_HOME)
            finally:
                lab.networks.mobile.sysctl(setting, 0)
            wait_until(lambda: mobile.log().count("are answered again") == number, "the end of that", 20)
            assert lab.mac_of_home() == lab.networks.mac("mobile", "wlan0")


def announced(listener, mac):
    """Whom `mac` has just told that the home address is his."""
    try:
        frame = Ether(listener.recv(2048))
    except TimeoutError:
        return
    if frame[ARP].hwsrc == mac and frame[ARP].psrc == frame[ARP].pdst == I_HOME:
        yield frame.dst


def test_who_comes_home_tells_everybody_on_the_link(lab):
    with lab.mobile(OFFICE) as mobile:
        mobile.wait_registered("i-ha", OFFICE.address)
        assert lab.mac_of_home() != lab.networks.mac("mobile", "wlan0")
        mac, heard = lab.networks.mac("mobile", "wlan0"), []
        with lab.networks.office.entered():
            listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
        with listener:
            listener.bind(("lan", 0x0806))
            listener.settimeout(0.1)
            lab.networks.move(HOME_LINK)
            wait_until(lambda: heard.extend(announced(listener, mac)) or len(heard) >= 3, "gratuitous ARP")
            assert set(heard) == {"ff:ff:ff:ff:ff:ff"}
        wait_mode(mobile, "home")
    assert not lab.homes("i-ha")


def test_where_home_links_are_not_wanted_it_registers_as_elsewhere(lab):
    def change(text):
        return text.replace('interfaces = [ "wlan0" ]', 'interfaces = ( { name = "wlan0"; home_link = false; } )')
    with lab.mobile(HOME_LINK, change) as mobile:
        mobile.wait_registered("i-ha", HOME_LINK.address)
        wait_mode(mobile, "c")


def test_an_ordinary_home_agent_has_a_home_link_as_well(lab):
    def change(text):
        return re.sub(r'\t\{\n\t\tname = "x-ha".*?\},\n', "", text, flags=re.DOTALL).replace('role = "i-ha"', 'role = "x-ha"')
    with lab.mobile(HOME_LINK, change) as mobile:
        wait_until(lambda: mobile.agent("i-ha").get("state") == "registered", "the deregistration's answer")
        wait_mode(mobile, "home")
        hears_and_speaks(lab, mobile)


@contextlib.contextmanager
def claimed(lab, mobile):
    """A neighbour in a hotspot advertises himself as the i-HA."""
    def is_heard():
        neighbour.send(advertisement(I_HA, 0, flags=H, lifetime=1800), "02:66:00:00:00:05")
        heard = mobile.status()["tracks"][0]["foreign_agents"]["heard"]
        return any(agent["address"] == I_HA and agent["home_agent"] for agent in heard)
    neighbour = Neighbour(lab.networks.hotspot)
    try:
        wait_until(is_heard, "the advertisement is heard", every=0.2)
        yield
    finally:
        neighbour.close()


def never_was_home(mobile):
    return not any(move["mode"] == "home" for move in mobile.status()["detection"]["moves"])


def test_a_link_with_other_addresses_is_no_home_link(lab):
    """A home agent may have several home links, and not all of them are ours."""
    with lab.mobile(HOTSPOT) as mobile:
        mobile.wait_registered("x-ha", HOTSPOT.address)
        with claimed(lab, mobile):
            assert " 0% packet loss" in lab.ping(X_HOME)
            assert mobile.status()["tracks"][0]["home_link_of"] is None and never_was_home(mobile)


def test_who_only_says_that_this_is_the_home_link_is_not_believed(lab):
    """Nobody there answers the deregistration."""
    lab.networks.gives_addresses = False
    try:
        with lab.mobile(HOTSPOT) as mobile:
            wait_until(mobile.status, "it runs")
            with claimed(lab, mobile):
                wait_until(lambda: mobile.status()["tracks"][0]["home_link_of"] == I_HA, "it is tried")
                wait_until(lambda: not mobile.status()["tracks"][0]["home_link_of"], "it is not believed any more", 15)
            lab.networks.take_address(HOTSPOT)
            mobile.wait_registered("x-ha", HOTSPOT.address)
            wait_mode(mobile, "x-ha only")
            assert never_was_home(mobile)
            assert " 0% packet loss" in lab.ping(X_HOME)
    finally:
        lab.networks.gives_addresses = True
