# SPDX-License-Identifier: BSD-3-Clause
"""A mobile with two interfaces, `wlan0` at home behind the NAT and `eth0` in the public network: moves between them
under 1,000 packets a second each way, every lost one counted."""

import contextlib
import re
import time

import pytest
from lab import topology
from lab.box import program
from lab.namespace import call, wait_until
from lab.topology import HOME_WIFI, I_HOME, OFFICE, OFFICE_HOST, PUBLIC, X_HOME, Topology
from stream import Stream
from test_mobile_node import Lab

ADDRESSES = {"wlan0": HOME_WIFI.address, "eth0": "192.0.2.75"}


class TwoLinks(Lab):
    """The lab with a second cable to the mobile."""

    def __init__(self, networks):
        super().__init__(networks)
        networks.cable(networks.mobile, "eth0", networks.internet, "cable", topology.MTU)
        networks.internet.ip("link", "set", "cable", "master", "wifi", "up")
        self.pull()

    def plug(self):
        """The cable is in: link, address and a default route that the kernel likes less than the Wi-Fi's."""
        mobile = self.networks.mobile
        self.networks.internet.ip("link", "set", "cable", "up")
        mobile.ip("addr", "replace", f"{ADDRESSES['eth0']}/{PUBLIC.prefix_len}", "dev", "eth0")
        mobile.ip("route", "replace", "default", "via", PUBLIC.gateway, "dev", "eth0", "metric", "500")

    def pull(self):
        """Out of the wall: the link is gone, the address still there."""
        self.networks.internet.ip("link", "set", "cable", "down")

    @contextlib.contextmanager
    def two(self, prefer):
        """A mobile at home with the cable plugged in; `prefer` is the better interface."""
        other = next(name for name in ADDRESSES if name != prefer)

        def change(text):
            return text.replace('[ "wlan0" ]', f'[ "{prefer}", "{other}" ]')
        try:
            with self.mobile(HOME_WIFI, change) as mobile:
                yield mobile
        finally:
            self.pull()

    def streams(self):
        """One each way."""
        mobile, office = self.networks.mobile, self.networks.office
        return (Stream("down", office, mobile, X_HOME, 7001), Stream("up", mobile, office, OFFICE_HOST, 7002, X_HOME))

    def finish(self, streams):
        """Ends them; what is under way arrives before a ping that leaves later does."""
        return [stream.finish(lambda: self.ping(X_HOME)) for stream in streams]


@pytest.fixture(scope="module")
def lab():
    with Topology() as networks:
        yield TwoLinks(networks)


@pytest.fixture(autouse=True)
def explain(request, lab):
    yield
    print(lab.box.log()[-3000:])


def track(mobile, name):
    return next((one for one in mobile.status().get("tracks", []) if one["name"] == name), {})


def wait_carrier(mobile, name):
    """Returns once `name` carries user data and the move to it is over."""
    wait_until(lambda: track(mobile, name).get("carries") and
               not any(one["draining"] for one in mobile.status()["tracks"]), f"{name} carrying")


def care_of(lab):
    return [binding["care_of_address"] for binding in lab.box.binding(X_HOME)["care_of"]]


def a_while(mobile, packets=300):
    """Until so many packets more have left through the carrier."""
    def sent():
        return sum(agent["traffic"]["sent_packets"] for one in mobile.status()["tracks"] for agent in one["agents"])
    before = sent()
    wait_until(lambda: sent() >= before + packets, "traffic")


def plug_under_traffic(lab, mobile):
    """A mobile that prefers the cable gets it; of streams both ways no packet is lost."""
    streams = lab.streams()
    a_while(mobile)
    lab.plug()
    wait_carrier(mobile, "eth0")
    wait_until(lambda: care_of(lab) == [ADDRESSES["eth0"]], "the old care-of address given back")
    a_while(mobile)
    for report in lab.finish(streams):
        assert report["sent"] > 500 and report["lost"] == []


def pull_under_traffic(lab, mobile, is_known=lambda: True):
    """The cable that carries is cut, the Wi-Fi is there. Of streams both ways only what leaves until that carries, and
    is_known(), is lost; returns what became of them."""
    streams = lab.streams()
    a_while(mobile)
    cut = time.monotonic()
    lab.pull()
    wait_until(lambda: track(mobile, "wlan0").get("carries") and is_known(), "the Wi-Fi carrying")
    accepted = time.monotonic()
    a_while(mobile)
    reports = lab.finish(streams)
    for report in reports:
        # what left a moment before the cut may have been under way
        assert all(cut - 0.5 <= sent <= accepted for sent in report["lost"])
    return reports


def test_the_less_preferred_interface_waits_ready(lab):
    lab.plug()
    with lab.two("wlan0") as mobile:
        wait_carrier(mobile, "wlan0")
        wait_until(lambda: track(mobile, "eth0").get("care_of_address") == ADDRESSES["eth0"], "the cable attached")
        assert track(mobile, "eth0")["duty"] == "probe"
        assert care_of(lab) == [ADDRESSES["wlan0"]]
        watched = call(program("homeport-mn"), "watch", "1", "--count", "2", "-c", mobile.config_path)
        assert watched.count("mode x-ha only: x-mip\n") == 2
        assert re.search(r"^wlan0 +192\.168\.1\.10 +carries +outside", watched, re.MULTILINE)
        assert re.search(r"^eth0 +192\.0\.2\.75 +probe +detecting", watched, re.MULTILINE)


def test_make_before_break_loses_nothing(lab):
    with lab.two("eth0") as mobile:
        wait_carrier(mobile, "wlan0")
        plug_under_traffic(lab, mobile)
        move = mobile.status()["detection"]["moves"][-1]
        assert (move["from"], move["interface"], move["interruption_ms"]) == ("wlan0", "eth0", 0)


def test_a_cut_link_loses_only_what_left_until_the_other_was_accepted(lab):
    lab.plug()
    with lab.two("eth0") as mobile:
        wait_carrier(mobile, "eth0")
        wait_until(lambda: track(mobile, "wlan0")["care_of_address"] is not None, "the Wi-Fi attached")
        down, up = pull_under_traffic(lab, mobile)
        assert care_of(lab) == [ADDRESSES["wlan0"]]
        move = mobile.status()["detection"]["moves"][-1]
        assert (move["from"], move["interface"]) == ("eth0", "wlan0")
        print(f"interrupted {move['interruption_ms']} ms, lost {len(down['lost'])} down and {len(up['lost'])} up")


def test_the_better_link_that_comes_back_is_taken_again(lab):
    lab.plug()
    with lab.two("eth0") as mobile:
        for _ in range(2):
            wait_carrier(mobile, "eth0")
            lab.pull()
            wait_carrier(mobile, "wlan0")
            assert " 0% packet loss" in lab.ping(X_HOME)
            lab.plug()
        wait_carrier(mobile, "eth0")
        assert " 0% packet loss" in lab.ping(X_HOME)


@contextlib.contextmanager
def silence(router):
    """A router that forwards nothing."""
    router.run("nft", "add table ip silence; add chain ip silence forward "
               "{ type filter hook forward priority -10; policy drop; }")
    try:
        yield
    finally:
        router.run("nft", "delete table ip silence")


def test_what_comes_while_nobody_has_answered_waits_within_the_bound(lab):
    lab.plug()
    with lab.two("eth0") as mobile:
        wait_carrier(mobile, "eth0")
        wait_until(lambda: track(mobile, "wlan0")["care_of_address"] is not None, "the Wi-Fi attached")
        streams = lab.streams()
        a_while(mobile)
        with silence(lab.networks.namespaces["cafe"]):
            lab.pull()
            wait_until(lambda: mobile.status()["queue"]["packets"] == 64 and
                       mobile.status()["detection"]["stopped_packets"] > 0, "a full queue")
        wait_carrier(mobile, "wlan0")
        a_while(mobile)
        queue = mobile.status()["queue"]
        assert queue["released"] == 64 and queue["dropped"] == 0 and queue["packets"] == 0
        lab.finish(streams)


def test_a_hint_asks_the_i_ha_first(lab):
    mac = "02:00:00:00:00:0a"
    lab.networks.namespaces[OFFICE.router].ip("link", "set", "wifi", "address", mac)

    def change(text):
        # it is there already, and the kernel has found its gateway
        mobile = lab.networks.mobile
        mobile.ip("neigh", "replace", OFFICE.gateway, "lladdr", mac, "dev", "wlan0", "nud", "reachable")
        return text + f'detect = {{ hints = {{ gateways = [ "{mac}" ]; }}; }};\n'
    with lab.mobile(OFFICE, change) as mobile:
        wait_carrier(mobile, "wlan0")
        assert track(mobile, "wlan0")["detection"]["hinted_inside"] and mobile.status()["inside"]
        assert mobile.agent("x-ha")["registration"]["requests"] == 0
        lab.networks.move(HOME_WIFI)
        mobile.wait_registered("x-ha", HOME_WIFI.address)
        assert not track(mobile, "wlan0")["detection"]["hinted_inside"]


def test_an_idle_mobile_inside_sleeps_and_wakes_without_losing_a_packet(lab):
    def change(text):
        text = text.replace('role = "i-ha";', 'role = "i-ha"; monitor_sec = 10; monitor_grace_sec = 5;')
        return text + "detect = { idle = true; };\n"
    with lab.mobile(OFFICE, change) as mobile:
        wait_carrier(mobile, "wlan0")
        wait_until(lambda: track(mobile, "wlan0")["detection"]["place"] == "asleep", "sleep", within=40)
        assert lab.homes("i-ha") == {I_HOME}
        said = lab.networks.mobile.run("ping", "-c", "3", "-i", "0.05", "-W", "2", "-I", I_HOME, OFFICE_HOST)
        assert " 0% packet loss" in said
        assert mobile.status()["queue"]["released"] > 0 and mobile.status()["inside"]


def test_without_simultaneous_bindings_the_move_is_made_all_the_same(lab):
    def only_one(mobile):
        wait_carrier(mobile, "eth0")
        return care_of(lab) == [ADDRESSES["eth0"]]
    with lab.mobile(HOME_WIFI, lambda text: text.replace('[ "wlan0" ]', '[ "eth0", "wlan0" ]').replace(
            "lifetime_sec = 60;", "lifetime_sec = 60; simultaneous = false;")) as mobile:
        wait_carrier(mobile, "wlan0")
        lab.plug()
        wait_until(lambda: only_one(mobile), "one binding")
        assert mobile.agent("x-ha")["state"] == "registered"
        assert " 0% packet loss" in lab.ping(X_HOME)
        lab.pull()
