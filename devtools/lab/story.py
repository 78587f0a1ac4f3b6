# SPDX-License-Identifier: BSD-3-Clause
"""What `make run` shows: a mobile's day, from its home link to a hotel, with one connection that lives all day."""

import contextlib
import dataclasses
import os
import signal
import sys
import time

from . import drawing, measure, topology, vpn
from .box import program
from .hugepages import HugePages
from .measure import Gap, PingStream
from .namespace import LabError, call
from .pki import Pki
from .system import System
from .topology import BRANCH, CAFE, HOME_LINK, HOTEL, OFFICE, STREET, TRAIN, Place, Topology
from .transfer import Transfer

WATCH_SEC = 2.0  # how long each place is watched
LINE_SEC = 0.5
BYTES_PER_SEC = 2_500_000


class Interrupted(Exception):
    """Ctrl-C, or somebody's kill."""


def _interrupt(*_):
    raise Interrupted


@dataclasses.dataclass(frozen=True)
class Stop:
    """A place in the day's plan, and what there is to say about it. `interface` leads there; those in `keep` stay as
    they are."""

    clock: str
    place: Place
    mode: str
    text: str
    interface: str = "wlan0"
    keep: tuple = ()


DAY = (
    Stop("08:30", HOME_LINK, "home", "The mobile hears the i-HA advertise itself on the home link, and the i-HA's "
         "answer proves it. Nothing is\nbound and nothing tunnelled: it is a host like any other. Its phone's "
         "interface is up all the time, outside;\nit waits.", keep=("wwan0",)),
    Stop("09:00", OFFICE, "c", "The office's Wi-Fi is another network. The mobile asks both home agents, and the "
         "i-HA's answer says\n\"you are inside\" (TNC): no VPN is needed here. On the home link the box answers "
         "for it now (proxy ARP).", keep=("wwan0",)),
    Stop("10:30", BRANCH, "f", "A meeting in the branch office, where a foreign agent serves visitors: the mobile has no "
         "address there\nat all. The agent's answer is as good as the i-HA's own, for it carries the same proof.",
         keep=("wwan0",)),
    Stop("12:05", TRAIN, "fvc", "On the train, behind a foreign agent of strangers. The i-HA is out of reach, so it is "
         "outside: x-HA,\nthen the VPN from the x-HA home address, and through that the i-HA.", keep=("wwan0",)),
    Stop("12:40", STREET, "cvc", "Out in the street the Wi-Fi is gone; the phone's link has a public address. The i-HA "
         "cannot be reached,\nso it is outside: it registers with the x-HA, dials in from its x-HA home address, and "
         "through that\nregisters with the i-HA: three layers.", "wwan0", ("wwan0",)),
    Stop("12:50", CAFE, "cvc", "A cafe's Wi-Fi, behind a NAT, is better than the phone: make before break. The x-HA's "
         "tunnel is in UDP now\n(RFC 3519); VPN and i-HA notice nothing.", keep=("wwan0",)),
    Stop("14:10", STREET, "cvc", "Out of reach of the cafe's Wi-Fi, all at once. The phone's link takes over.", "wwan0",
         ("wwan0",)),
    Stop("19:30", HOTEL, "mc", "The hotel, behind another NAT, the phone switched off. Its network lets no Mobile IP out, "
         "so no x-HA answers:\nthe VPN is dialled from the hotel's address, and moves by itself from now on (MOBIKE, "
         "RFC 5266)."),
    Stop("22:00", STREET, "mc", "A hot spot in the street. MOBIKE tells the gateway the new address."),
    Stop("09:00", OFFICE, "c", "Back in the office, where the i-HA is within reach again. It hangs up."),
)


@dataclasses.dataclass
class Arrival:
    """What a move was like."""

    before: str
    old_mode: str
    stop: Stop
    gap: Gap
    overhead: int
    allowed: str


def say(text="", indent=0):
    print("\n".join(" " * indent + line for line in text.split("\n")), flush=True)


def step(number, text):
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    say(f"\n{bold}{number}. {text}{plain}")


def megabytes(count):
    return f"{count / 1e6:,.1f} MB"


class Story:
    """The lab under way, and the telling of it."""

    def __init__(self, lab):
        self.lab = lab
        self.system = System(lab, Pki(lab.directory / "pki"))
        self.box, self.mobile = self.system.box, self.system.mobile
        self.transfer = self.pings = None
        self.arrivals = []

    def tell(self):
        """All of it, in order."""
        self.set_up()
        for number, stop in enumerate(DAY, 2):
            self.visit(number, stop)
        self.sum_up(len(DAY) + 2)

    def set_up(self):
        step(1, f"The lab comes up: {len(self.lab.namespaces)} network namespaces on this machine, after figure 1 of "
             "RFC 5265.")
        say(drawing.where(None))
        self.system.start()
        self.lab.move(STREET, "wwan0")
        say(f"   homeport runs (pid {self.box.process.pid}): external home agent (x-HA) {topology.X_HA}, internal "
            f"home agent (i-HA)\n   {topology.I_HA}, VPN gateway {vpn.GATEWAY}; strongSwan's charon does its IKE "
            f"(pid {self.system.gateway.process.pid}).")

    def visit(self, number, stop):
        """One stop of the day: the move, what the box has of it, and what it cost."""
        before, old_mode = self.mobile.place, self.mobile.mode
        step(number, f"{stop.clock}  {stop.place.name}: {stop.place.title}. Mode {stop.mode}, by {stop.interface}.")
        say(drawing.where(stop.place.name))
        say(stop.text, 3)
        mark = self.pings.mark() if self.pings else 0
        self.mobile.go(stop.place, stop.mode, stop.interface, stop.keep)
        if self.pings is None:
            self.begin()
        self.pings.wait_going()
        self.show("bindings", until="NAI")
        if not stop.place.is_inside:
            self.show("sas", until="ERRORS")
        grown = self.measure_overhead(stop)
        if before is not None:
            gap = self.pings.gap(mark)
            say(f"   from {before.name}: {gap.interruption_ms:,.0f} ms without an answer, {gap.lost} pings lost")
            self.arrivals.append(Arrival(before.name, old_mode, stop, gap, *grown))
        self.watch(WATCH_SEC)

    def begin(self):
        """The connections that live all day."""
        self.transfer = Transfer(self.lab.server, self.lab.mobile, topology.I_HOME, "transfer",
                                 bytes_per_sec=BYTES_PER_SEC)
        self.pings = PingStream(self.lab.server, topology.I_HOME)
        say(f"   A server inside ({topology.SERVER}) opens a TCP connection to the mobile's i-HA home address "
            f"{topology.I_HOME} and\n   pings it 100 times a second. Both go on until the end of the day.")

    def measure_overhead(self, stop):
        """Says what a packet looks like on the mobile's link; returns the bytes added and how many may be."""
        grown = measure.overhead(self.lab.mobile, topology.I_HOME, topology.SERVER, stop.interface)
        natt = 0 if stop.place.is_inside else measure.ESP_IN_UDP  # this client always asks for UDP
        mip = measure.MIP_IN_UDP if stop.mode == "cvc" and stop.place.nat else 0
        base = measure.OVERHEAD[stop.mode]
        if grown > base + natt + mip:
            raise LabError(f"{grown} bytes of overhead in mode {stop.mode}; RFC 5265 has {base + natt + mip} at most")
        allowed = f"{base}" + (f" + {natt + mip}" if natt + mip else "")
        say(f"   on {stop.interface}: {drawing.stack(stop.mode, mip > 0, natt > 0)}, {grown} bytes more than the packet")
        return grown, allowed

    def alive(self):
        """The transfer, if it lives; LabError otherwise."""
        for process in (self.transfer.receiving, self.transfer.sending):
            if process.status() not in (None, 0):
                raise LabError(f"the transfer broke:\n{process.log()[-500:]}")
        return self.transfer

    def watch(self, seconds):
        """Live counters for a while, and until data arrives."""
        end = time.monotonic() + seconds
        first = last = self.transfer.received()
        then = time.monotonic()
        while time.monotonic() < end or last == first:
            time.sleep(LINE_SEC)
            now, received = time.monotonic(), self.alive().received()
            rate = (received - last) * 8 / (now - then) / 1e6
            last, then = received, now
            say(f"   {rate:7.1f} Mbit/s  {megabytes(received):>10} received   {self.counters()}")
            if now > end + 30:
                raise LabError("the transfer does not go on")

    def counters(self):
        """The box's own counters for the mobile, in a line."""
        if self.mobile.mode == "home":
            return "no tunnel"
        care_of = self.box.binding(topology.I_HOME)["care_of"][0]
        return (f"{care_of['kind']} tunnel to {care_of['tunnel_destination']}: "
                f"{care_of['to_mobile_packets']:,} packets to, {care_of['from_mobile_packets']:,} from the mobile")

    def show(self, word, until):
        """What homeportctl prints of this or that, up to the column of this name."""
        lines = call(program("homeportctl"), "--prefix", self.box.file_prefix, word).splitlines()
        width = len(lines[0].partition(until)[0])
        say("\n".join(line[:width].rstrip() for line in lines), 6)

    def sum_up(self, number):
        step(number, "Summary")
        sent, answered = self.pings.stop()
        report = self.alive().finish()
        if report["state"] != "done":
            raise LabError(f"the transfer ended as \"{report['state']}\"")
        say(f"   One TCP connection from {topology.SERVER} to {topology.I_HOME}, all day: "
            f"{megabytes(report['bytes'])} in {report['seconds']:.1f} s, every byte checked,\n"
            f"   longest pause {report['pause']:.2f} s. Connections broken: 0. "
            f"Pings: {sent:,} sent, {answered:,} answered.\n")
        say(f"   {'move':<18} {'mode':<12} {'interruption':>12} {'pings lost':>12} {'overhead':>10}  RFC 5265, 5.2")
        for arrival in self.arrivals:
            stop = arrival.stop
            say(f"   {arrival.before + ' > ' + stop.place.name:<18} {arrival.old_mode + ' > ' + stop.mode:<12} "
                f"{arrival.gap.interruption_ms:>9,.0f} ms {arrival.gap.lost:>12} {arrival.overhead:>8} B  "
                f"at most {arrival.allowed}")
        say("   (What stands behind the plus is for NATs: 8 bytes for ESP in UDP, 12 for Mobile IP in UDP.)")
        dropped = {name: count for name, count in self.box.drops().items() if count}
        say("   The box dropped " + (", ".join(f"{count} {name}" for name, count in dropped.items()) or "nothing") + ".")

    def hold(self):
        """Stays up until Ctrl-C."""
        say("\nThe lab stays up until Ctrl-C. In another terminal, as root:")
        for namespace in self.lab.namespaces.values():
            say(f"   ip netns exec {namespace.full_name} bash")
        say(f"   {program('homeportctl')} -p {self.box.file_prefix} watch         (or: status, bindings, drops, stages)\n"
            f"   {program('homeport-mn')} status -c {self.mobile.node.config_path}\n"
            f"   logs and configurations: {self.lab.directory}")
        while self.box.process.status() is None and self.mobile.node.process.status() is None:
            time.sleep(0.5)
        raise LabError("the box or the mobile ended by itself")

    def last_words(self):
        """What the programs logged, for when a step failed."""
        for name, log in self.system.logs().items():
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
