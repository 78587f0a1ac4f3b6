# SPDX-License-Identifier: BSD-3-Clause
"""What `make run` shows: a mobile registers, moves twice, and its connections live on."""

import contextlib
import os
import signal
import sys
import time

from . import topology
from .box import ROOT, Box, program
from .hugepages import HugePages
from .mobile import MobileNode
from .namespace import LabError, call, wait_until
from .topology import HOME_WIFI, OFFICE, PUBLIC, Topology
from .transfer import Transfer

LAB_CONFIG = ROOT / "config" / "lab.conf"
WATCH_SEC = 4.0  # how long each stretch of a transfer is watched
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
        self.mobile = MobileNode(lab.mobile)
        self.results = []

    def tell(self):
        """All of it, in order."""
        self.set_up()
        self.register_behind_nat()
        step(3, "A TCP transfer to the mobile. Twice a second: its rate, and what the box counts.")
        first = self.start_transfer(topology.X_HOME, "its x-HA home address")
        self.watch(first, WATCH_SEC)
        self.move_to_public(first)
        self.watch(first, WATCH_SEC)
        self.finish_transfer(first, "office host to x-HA home address, across the move")
        self.come_home()
        second = self.start_transfer(topology.I_HOME, "its i-HA home address")
        self.watch(second, WATCH_SEC / 2)
        self.finish_transfer(second, "office host to i-HA home address, inside")
        self.sum_up()

    def set_up(self):
        step(1, "The lab comes up: five network namespaces on this machine, and the box between two of them.")
        say("   mobile --- home Wi-Fi (NAT) --- internet --- BOX --- office host")
        self.lab.move(HOME_WIFI)
        self.box.start()
        say(f"   homeport runs (pid {self.box.process.pid}): external home agent (x-HA) {topology.X_HA}, "
            f"internal home agent (i-HA) {topology.I_HA}.")

    def register_behind_nat(self):
        step(2, f"The mobile is in {HOME_WIFI.name}, {HOME_WIFI.title}. It registers with the x-HA.")
        self.mobile.start()
        self.mobile.wait_registered("x-ha", HOME_WIFI.address)
        say(f"   It has the address {HOME_WIFI.address} there, which means nothing outside; the box sees the NAT's\n"
            f"   {topology.NAT_ADDRESS}. So both agreed on a tunnel in UDP (RFC 3519). The box's binding:")
        self.show_bindings()
        self.expect_kind(topology.X_HOME, "udp")

    def start_transfer(self, address, what):
        say(f"   The office host {topology.OFFICE_HOST} sends to the mobile's {address}, {what}.")
        return Transfer(self.lab.office, self.lab.mobile, address, "transfer-" + address)

    def move_to_public(self, transfer):
        step(4, f"The mobile moves to {PUBLIC.name}, {PUBLIC.title}. The transfer must go on.")
        self.lab.move(PUBLIC)
        started = time.monotonic()
        self.mobile.wait_registered("x-ha", PUBLIC.address)
        say(f"   Registered again after {time.monotonic() - started:.1f} s; no NAT here, so plain IP-in-IP now:")
        self.show_bindings()
        self.expect_kind(topology.X_HOME, "ip-in-ip")
        before = transfer.received()
        wait_until(lambda: self.check(transfer).received() > before, "the transfer to go on after the move")
        say(f"   The transfer goes on, after a pause of {transfer.progress()['pause']:.2f} s:")

    def come_home(self):
        step(5, f"The mobile comes home to {OFFICE.name}, {OFFICE.title}. It asks both home agents.")
        self.lab.move(OFFICE)
        agent = self.mobile.wait_registered("i-ha", OFFICE.address)
        if not agent["tunnel"]["trusted_networks_configured"]:
            raise LabError("the i-HA's reply carried no proof of the inside (TNC)")
        say("   The i-HA answered, and its reply says \"you are inside\" (TNC, RFC 5265): no VPN is needed here.\n"
            "   So the mobile deregisters from the x-HA and keeps the i-HA alone:")
        wait_until(lambda: {binding["agent"] for binding in self.box.bindings()} == {"i-ha"},
                   "deregistration from the x-HA")
        self.show_bindings()

    def finish_transfer(self, transfer, what):
        self.check(transfer)
        report = transfer.finish()
        self.check(transfer)
        if report["state"] != "done":
            raise LabError(f"the transfer ended as \"{report['state']}\"")
        self.results.append((what, report))
        say(f"   Done: {megabytes(report['bytes'])} arrived, every byte checked; the longest pause was "
            f"{report['pause']:.2f} s.")

    def check(self, transfer):
        """The transfer, if it lives; LabError otherwise."""
        for process in (transfer.receiving, transfer.sending):
            if process.status() not in (None, 0):
                raise LabError(f"the transfer broke:\n{process.log()[-500:]}")
        return transfer

    def watch(self, transfer, seconds):
        """Live counters for a while."""
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
        home = next((binding["home_address"] for binding in self.box.bindings()), None)
        if home is None:
            return "no binding"
        care_of = self.box.binding(home)["care_of"][0]
        return (f"{care_of['kind']} tunnel to {care_of['tunnel_destination']}: "
                f"{care_of['to_mobile_packets']:,} packets to, {care_of['from_mobile_packets']:,} from the mobile; "
                f"dropped {sum(self.box.drops().values())}")

    def show_bindings(self):
        text = call(program("homeportctl"), "--prefix", self.box.file_prefix, "bindings")
        say("".join(f"      {line}\n" for line in text.splitlines()).rstrip())

    def expect_kind(self, home, kind):
        found = self.box.binding(home)["care_of"][0]["kind"]
        if found != kind:
            raise LabError(f"expected a tunnel of the kind {kind}, found {found}")

    def sum_up(self):
        step(6, "Summary")
        for what, report in self.results:
            say(f"   {what}:\n      {megabytes(report['bytes'])} in {report['seconds']:.1f} s, longest pause "
                f"{report['pause']:.2f} s, connection unbroken")
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
        for name, log in (("homeport", self.box.log()), ("homeport-mn", self.mobile.log())):
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
