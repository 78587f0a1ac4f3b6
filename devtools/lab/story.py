# SPDX-License-Identifier: BSD-3-Clause
"""What `make run` shows: a mobile dials in, moves about, comes home, and one connection lives through all of it."""

import contextlib
import os
import signal
import sys
import time

from . import topology, vpn
from .box import ROOT, Box, program
from .charon import Charon
from .hugepages import HugePages
from .mobile import MobileNode
from .namespace import LabError, call, wait_until
from .pki import Pki
from .topology import HOME_WIFI, OFFICE, PUBLIC, Topology
from .transfer import Transfer

LAB_CONFIG = ROOT / "config" / "lab.conf"
MOBILE_VPN_CONFIG = ROOT / "config" / "lab-mn-vpn.conf"
WATCH_SEC = 3.0  # how long each stretch of a transfer is watched
LINE_SEC = 0.5


class Interrupted(Exception):
    """Ctrl-C, or somebody's kill."""


def _interrupt(*_):
    raise Interrupted


def say(text=""):
    print(text, flush=True)


def step(number, text):
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    say(f"\n{bold}{number}. {text}{plain}")


def megabytes(count):
    return f"{count / 1e6:,.1f} MB"


class Story:
    """The lab under way, and the telling of it."""

    def __init__(self, lab):
        self.lab = lab
        self.box = Box(lab.box, {
            "eal": {"main_core": 0, "worker_cores": (min(1, os.cpu_count() - 1),), "idle_sleep": True,
                    "file_prefix": lab.prefix.rstrip("-")},
            "runtime_directory": str(lab.directory / "homeport")}, template=LAB_CONFIG)
        self.gateway = Charon(lab.box, "gateway", vpn.gateway(), "gateway",
                              ike_socket=lab.directory / "homeport" / "ike.sock")
        self.pki = Pki(lab.directory / "pki")
        self.gateway.install(self.pki, vpn.GATEWAY_ID)
        self.mobile = MobileNode(lab.mobile)
        self.inner_mobile = MobileNode(lab.mobile, MOBILE_VPN_CONFIG, "homeport-mn-vpn")
        self.client = None
        self.transfer = None

    def tell(self):
        """All of it, in order."""
        self.set_up()
        self.register_behind_nat()
        self.dial()
        self.move_with_x_ha()
        self.leave_x_ha()
        self.move_with_mobike()
        self.come_home()
        self.sum_up()

    def set_up(self):
        step(1, "The lab comes up: five network namespaces on this machine, and the box between two of them.")
        say("   mobile --- home Wi-Fi (NAT) --- internet --- BOX --- office host")
        self.lab.move(HOME_WIFI)
        self.box.start()
        self.gateway.start()
        say(f"   homeport runs (pid {self.box.process.pid}): external home agent (x-HA) {topology.X_HA}, internal "
            f"home agent (i-HA)\n   {topology.I_HA}, VPN gateway {vpn.GATEWAY}; strongSwan's charon does its IKE "
            f"(pid {self.gateway.process.pid}).")

    def register_behind_nat(self):
        step(2, f"The mobile is in {HOME_WIFI.name}, {HOME_WIFI.title}. It registers with the x-HA.")
        self.mobile.start()
        self.mobile.wait_registered("x-ha", HOME_WIFI.address)
        say(f"   It has the address {HOME_WIFI.address} there, which means nothing outside; the box sees the NAT's\n"
            f"   {topology.NAT_ADDRESS}. So both agreed on a tunnel in UDP (RFC 3519). The box's binding:")
        self.show("bindings")
        self.expect_kind(topology.X_HOME, "udp")

    def dial(self):
        step(3, "From its x-HA home address it dials in to the VPN gateway, and through that registers with the i-HA.")
        address = self.connect(topology.X_HOME)
        say(f"   A stock strongSwan client; the gateway gave it the tunnel inner address {address}, which is the\n"
            "   care-of address for the i-HA. Three layers, one in another (RFC 5265):")
        self.inner_mobile.start()
        self.inner_mobile.wait_registered("i-ha", address)
        self.show("bindings", "sas")
        say(f"   The office host {topology.OFFICE_HOST} sends to the mobile's i-HA home address {topology.I_HOME}. "
            "Twice a second:\n   the rate, and what the box counts.")
        self.transfer = Transfer(self.lab.office, self.lab.mobile, topology.I_HOME, "transfer")
        self.watch(WATCH_SEC)

    def connect(self, home_address):
        """Has the mobile dial in; returns its tunnel inner address."""
        name, others = ("client-x-ha", "wlan0, hp1") if home_address else ("client-mobike", "hp0, hp1")
        self.client = Charon(self.lab.mobile, name, vpn.mobile(home_address), interfaces_ignore=others)
        self.client.install(self.pki, vpn.client_id())
        self.client.start()
        self.client.initiate()
        address = self.client.virtual_ip()
        # charon's own routes are in a table of its own; homeport-mn looks into the main one
        self.lab.mobile.ip("route", "replace", topology.I_HA, "dev", "ipsec0", "src", address)
        return address

    def move_with_x_ha(self):
        step(4, f"The mobile moves to {PUBLIC.name}, {PUBLIC.title}. The transfer must go on.")
        self.lab.move(PUBLIC)
        started = time.monotonic()
        self.mobile.wait_registered("x-ha", PUBLIC.address)
        say(f"   Registered again with the x-HA after {time.monotonic() - started:.1f} s; no NAT here, so plain "
            "IP-in-IP now.\n   VPN and i-HA noticed nothing:")
        self.show("bindings")
        self.expect_kind(topology.X_HOME, "ip-in-ip")
        self.goes_on()

    def leave_x_ha(self):
        step(5, "The other way to be mobile: no x-HA, the VPN itself moves (MOBIKE, RFC 5266). The mobile dials anew.")
        self.client.stop()
        self.mobile.stop()
        address = self.connect(None)
        self.inner_mobile.wait_registered("i-ha", address)
        say("   One layer less:")
        self.show("bindings", "sas")
        self.goes_on()

    def move_with_mobike(self):
        step(6, f"The mobile moves back to {HOME_WIFI.name}, {HOME_WIFI.title}.")
        self.lab.move(HOME_WIFI)
        wait_until(lambda: any(sa["remote-host"] == topology.NAT_ADDRESS for sa in self.gateway.sas()), "MOBIKE", 20)
        say("   MOBIKE told the gateway its new address, the NAT's:")
        self.show("sas")
        self.goes_on()

    def goes_on(self):
        """The transfer lives, and data arrives."""
        before = self.transfer.received()
        wait_until(lambda: self.check(self.transfer).received() > before, "the transfer to go on", 30)
        say("   The transfer goes on:")
        self.watch(WATCH_SEC / 2)

    def come_home(self):
        step(7, f"The mobile comes home to {OFFICE.name}, {OFFICE.title}. It hangs up and asks both home agents.")
        self.inner_mobile.stop()
        self.client.stop()
        self.lab.move(OFFICE)
        self.mobile.start()
        agent = self.mobile.wait_registered("i-ha", OFFICE.address)
        if not agent["tunnel"]["trusted_networks_configured"]:
            raise LabError("the i-HA's reply carried no proof of the inside (TNC)")
        say("   The i-HA answered, and its reply says \"you are inside\" (TNC, RFC 5265): no VPN is needed here.\n"
            "   So the mobile keeps the i-HA alone:")
        wait_until(lambda: {binding["agent"] for binding in self.box.bindings()} == {"i-ha"},
                   "deregistration from the x-HA")
        self.show("bindings")
        self.goes_on()

    def check(self, transfer):
        """The transfer, if it lives; LabError otherwise."""
        for process in (transfer.receiving, transfer.sending):
            if process.status() not in (None, 0):
                raise LabError(f"the transfer broke:\n{process.log()[-500:]}")
        return transfer

    def watch(self, seconds):
        """Live counters for a while."""
        transfer = self.transfer
        end = time.monotonic() + seconds
        last, then = transfer.received(), time.monotonic()
        while time.monotonic() < end:
            time.sleep(LINE_SEC)
            now, received = time.monotonic(), self.check(transfer).received()
            rate = (received - last) * 8 / (now - then) / 1e6
            last, then = received, now
            say(f"   {rate:7.1f} Mbit/s  {megabytes(received):>12} received   {self.counters()}")

    def counters(self):
        """The box's own counters for the mobile, in a line."""
        if topology.I_HOME not in {binding["home_address"] for binding in self.box.bindings()}:
            return "no binding"
        care_of = self.box.binding(topology.I_HOME)["care_of"][0]
        return (f"{care_of['kind']} tunnel to {care_of['tunnel_destination']}: "
                f"{care_of['to_mobile_packets']:,} packets to, {care_of['from_mobile_packets']:,} from the mobile; "
                f"dropped {sum(self.box.drops().values())}")

    def show(self, *words):
        """What homeportctl prints of this and that."""
        for word in words:
            text = call(program("homeportctl"), "--prefix", self.box.file_prefix, word)
            say("".join(f"      {line}\n" for line in text.splitlines()).rstrip())

    def expect_kind(self, home, kind):
        found = self.box.binding(home)["care_of"][0]["kind"]
        if found != kind:
            raise LabError(f"expected a tunnel of the kind {kind}, found {found}")

    def sum_up(self):
        step(8, "Summary")
        report = self.check(self.transfer).finish()
        if report["state"] != "done":
            raise LabError(f"the transfer ended as \"{report['state']}\"")
        say(f"   One TCP connection from the office host to {topology.I_HOME}, through three networks and both kinds "
            f"of VPN:\n      {megabytes(report['bytes'])} in {report['seconds']:.1f} s, every byte checked, longest pause "
            f"{report['pause']:.2f} s")
        dropped = {name: count for name, count in self.box.drops().items() if count}
        say(f"   connections broken: 0; packets dropped by the box: {sum(dropped.values())}"
            + "".join(f"\n      {count} {name}" for name, count in dropped.items()))

    def hold(self):
        """Stays up until Ctrl-C."""
        box = self.box.file_prefix
        say("\nThe lab stays up until Ctrl-C. In another terminal, as root:")
        for namespace in self.lab.namespaces.values():
            say(f"   ip netns exec {namespace.full_name} bash")
        say(f"   {program('homeportctl')} -p {box} watch         (or: status, bindings, drops, stages)\n"
            f"   {program('homeport-mn')} status -c {self.mobile.config_path}\n"
            f"   logs and configurations: {self.lab.directory}")
        while self.box.process.status() is None and self.mobile.process.status() is None:
            time.sleep(0.5)
        raise LabError("the box or the mobile ended by itself")

    def last_words(self):
        """What the programs logged, for when a step failed."""
        logs = [("homeport", self.box.log()), ("homeport-mn", self.mobile.log()),
                ("homeport-mn-vpn", self.inner_mobile.log()), ("the gateway's charon", self.gateway.log())]
        if self.client is not None:
            logs.append(("the mobile's charon", self.client.log()))
        for name, log in logs:
            if log:
                say(f"\n--- the last lines of {name}'s log\n{log[-1500:]}")


def _tell(hold):
    with HugePages(), Topology() as lab:
        story = Story(lab)
        try:
            story.tell()
            if hold:
                with contextlib.suppress(Interrupted):
                    story.hold()
        except LabError:
            story.last_words()
            raise
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            say("\nCleaning up.")


def main():
    """The exit status: 0 when everything came about."""
    if os.geteuid() != 0:
        print("lab: network namespaces need root; run: sudo make run", file=sys.stderr)
        return 1
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        _tell(hold=os.environ.get("HOLD", "0") not in ("", "0"))
    except Interrupted:
        print("lab: interrupted", file=sys.stderr)
        return 130
    except LabError as error:
        print(f"lab: failed: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    return 0
