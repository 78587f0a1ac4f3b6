# SPDX-License-Identifier: BSD-3-Clause
"""One homeport-mn and one charon: the mobile dials in by itself, moves, comes inside and leaves again. Linux and
strongSwan at every end; a listener on the access networks sees that nothing leaves plainly."""

import contextlib
import re
import signal
import socket

import pytest
from lab import topology, vpn
from lab.charon import Charon
from lab.mobile import LAB_CONFIG as MOBILE_CONFIG
from lab.mobile import MobileNode
from lab.namespace import LabError, wait_until
from lab.topology import HOME_WIFI, I_HOME, OFFICE, OFFICE_HOST, PUBLIC, X_HOME
from lab.transfer import Transfer
from vpn_lab import VpnLab, vpn_lab

# What "both" may run from; the others have one connection, "home".
CONFIGS = {"cvc": lambda **wishes: vpn.client("pubkey", local_addrs=X_HOME, mobike="no", **wishes),
           "mc": lambda **wishes: vpn.client("pubkey", **wishes),
           "both": lambda **wishes: vpn.mobile(X_HOME, **wishes)}


class MobileVpn(VpnLab):
    """The lab with the box, and mobiles that have a charon of their own."""

    @contextlib.contextmanager
    def charon(self, mode, **wishes):
        """A charon in the mobile, which does nothing until it is told to."""
        charon = Charon(self.networks.mobile, f"charon{next(self._numbers)}", CONFIGS[mode](dpd_delay="5s", **wishes),
                        interfaces_ignore="hp0", ignore_routing_tables="434, 435, 436")
        charon.install(self.pki, vpn.client_id())
        charon.start()
        try:
            yield charon
        finally:
            with contextlib.suppress(LabError):
                charon.stop()

    def config(self, mode, charon, more="", change=lambda text: text):
        text = MOBILE_CONFIG.read_text(encoding="utf-8")
        if mode == "mc":
            text = re.sub(r"\t\{\n\t\tname = \"x-ha\";.*?\n\t\},\n", "", text, flags=re.DOTALL)
        more += 'mobike_connection = "roam"; delay_ms = 1500;' if mode == "both" else "delay_ms = 300;"
        return change(text) + f"""
vpn = {{ connection = "home"; socket = "{charon.directory}/vici"; {more} }};
routing = {{ tunnel_routes = [ "10.0.0.0/8" ]; }};
timing = {{ exit_wait_ms = 1500; }};
"""

    @contextlib.contextmanager
    def mobile(self, mode, access, charon, *more, **changes):
        """A homeport-mn under way in a network."""
        self.networks.move(access)
        config = self.networks.directory / "mobile-vpn.conf"
        config.write_text(self.config(mode, charon, *more, **changes))
        config.chmod(0o600)
        mobile = MobileNode(self.networks.mobile, template=config)
        mobile.start()
        try:
            yield mobile
        finally:
            mobile.stop()
            print(mobile.log()[-6000:])

    @contextlib.contextmanager
    def listening(self):
        """No packet between the office and a home address is seen on the mobile's cable, not even in a tunnel."""
        path = self.networks.directory / f"wlan0-{next(self._numbers)}.pcapng"
        words = ["dumpcap", "-q", "-s", "200", "-i", "wlan0", "-w", path]
        dump = self.networks.mobile.start(path.stem, words)
        wait_until(lambda: path.exists() and path.stat().st_size > 0, "dumpcap")
        yield
        # dumpcap writes in its own time; without packets the file has less
        wait_until(lambda: path.stat().st_size > 2000, "dumpcap to have seen packets")
        dump.signal(signal.SIGINT)
        dump.wait()
        seen = path.read_bytes()
        for home in (I_HOME, X_HOME):
            for ends in ((home, OFFICE_HOST), (OFFICE_HOST, home)):
                assert b"".join(map(socket.inet_aton, ends)) not in seen, f"{ends[0]} to {ends[1]} in plain text"


@pytest.fixture(scope="module")
def lab(pki):
    with vpn_lab(pki, MobileVpn) as running:
        yield running


@pytest.fixture(autouse=True)
def explain(lab):
    """What the others logged, should the test fail."""
    yield
    print(lab.box.log()[-1000:], lab.gateway.log()[-2000:])


def wait_mode(mobile, mode, within=30.0):
    """Returns the status once the mobile is in this mode."""
    def is_there():
        status = mobile.status()
        return status if status.get("mode") == mode and status.get("active") else None
    return wait_until(is_there, f"mode {mode}", within)


def wait_vpn(mobile, what, within=30.0):
    """Returns the status' "vpn" once `what` holds of it."""
    def holds():
        said = mobile.status().get("vpn")
        return said if said and what(said) else None
    return wait_until(holds, "the VPN's state", within)


def reaches(lab):
    """Both ends reach each other."""
    wait_until(lambda: " 0% packet loss" in lab.networks.office.run("sh", "-c", f"ping -c 1 -W 1 {I_HOME} || true"),
               "a ping to come back", 20)
    assert " 0% packet loss" in lab.ping(I_HOME)
    said = lab.networks.mobile.run("ping", "-c", "3", "-i", "0.05", "-W", "2", OFFICE_HOST)
    assert " 0% packet loss" in said


@pytest.mark.parametrize("mode", ["cvc", "mc"])
@pytest.mark.parametrize("access", [HOME_WIFI, PUBLIC], ids=["nat", "public"])
def test_it_dials_by_itself(lab, mode, access):
    with lab.charon(mode) as charon, lab.mobile(mode, access, charon) as mobile:
        with lab.listening():
            status = wait_mode(mobile, mode)
            assert status["vpn"]["state"] == "up" and status["vpn"]["last_error"] is None
            assert status["vpn"]["tunnel_inner_address"] == charon.virtual_ip()
            care_of = lab.box.binding(I_HOME)["care_of"]
            assert [one["care_of_address"] for one in care_of] == [charon.virtual_ip()]
            reaches(lab)
        # nothing by hand: no route leads to the i-HA but what charon has in its own table
        assert "10.1.0.2" not in lab.networks.mobile.ip("route")
        assert mobile.stop() == 0
        assert charon.sas() == []
        assert {binding["home_address"] for binding in lab.box.bindings()} == set()


@pytest.mark.parametrize("mode", ["cvc", "mc"])
def test_tcp_lives_through_moves(lab, mode):
    with lab.charon(mode) as charon, lab.mobile(mode, HOME_WIFI, charon) as mobile:
        wait_mode(mobile, mode)
        with lab.listening():
            transfer = Transfer(lab.networks.office, lab.networks.mobile, I_HOME, f"move-{mode}")
            for access in (PUBLIC, HOME_WIFI):
                wait_until(lambda before=transfer.received(): transfer.received() > before, "data")
                lab.networks.move(access)
                wait_until(lambda before=transfer.received(): transfer.received() > before + (1 << 20), "more data", 40)
            assert transfer.finish()["state"] == "done"
        assert len(charon.sas()) == 1


@pytest.mark.parametrize("mode, inside", [("cvc", "terminate"), ("mc", "terminate"), ("mc", "keep")])
def test_inside_and_out_again(lab, mode, inside):
    with lab.charon(mode) as charon, lab.mobile(mode, PUBLIC, charon, f'inside = "{inside}";') as mobile:
        wait_mode(mobile, mode)
        transfer = Transfer(lab.networks.office, lab.networks.mobile, I_HOME, f"inside-{mode}-{inside}")
        lab.networks.move(OFFICE)
        assert wait_mode(mobile, "c")["inside"]
        wait_until(lambda: [one["care_of_address"] for one in lab.box.binding(I_HOME)["care_of"]] == [OFFICE.address],
                   "the i-HA to know the inside address alone", 20)
        wait_until(lambda before=transfer.received(): transfer.received() > before, "data", 30)
        if inside == "terminate":
            wait_vpn(mobile, lambda said: said["state"] == "down")
            wait_until(lambda: not charon.sas(), "the SA to be gone")
            wait_until(lambda: not lab.gateway.sas(), "the gateway to know of it", 5)
            wait_until(lambda: X_HOME not in {binding["home_address"] for binding in lab.box.bindings()}, "no x-HA", 5)
        else:
            assert mobile.status()["vpn"]["state"] in ("up", "moving")
        lab.networks.move(HOME_WIFI)
        wait_mode(mobile, mode)
        wait_until(lambda before=transfer.received(): transfer.received() > before, "data", 40)
        assert transfer.finish()["state"] == "done"


def test_where_no_mobile_ip_passes_the_vpn_moves_itself(lab):
    """From x-HA and VPN (RFC 5265) to a VPN that moves (RFC 5266) and back, under one connection."""
    networks = lab.networks
    networks.set_strict(PUBLIC, True)
    try:
        with lab.charon("both") as charon, lab.mobile("both", HOME_WIFI, charon) as mobile:
            wait_mode(mobile, "cvc")
            transfer = Transfer(networks.office, networks.mobile, I_HOME, "both", bytes_per_sec=500_000)
            networks.move(PUBLIC)
            said = wait_mode(mobile, "mc")["vpn"]
            assert (said["outer"], said["outer_address"]) == ("mobike", PUBLIC.address)
            wait_until(lambda before=transfer.received(): transfer.received() > before, "data", 30)
            assert [sa["remote-host"] for sa in lab.gateway.sas()] == [PUBLIC.address]
            # what is up stays up, although the x-HA answers again ...
            networks.move(HOME_WIFI)
            mobile.wait_registered("x-ha", HOME_WIFI.address)
            assert wait_mode(mobile, "mc")["vpn"]["moves"] == 1
            wait_until(lambda before=transfer.received(): transfer.received() > before, "data", 30)
            reaches(lab)
            # ... until somebody hangs up
            charon.terminate("roam")
            assert wait_mode(mobile, "cvc")["vpn"]["outer_address"] == X_HOME
            wait_until(lambda before=transfer.received(): transfer.received() > before, "data", 30)
            assert [sa["remote-host"] for sa in lab.gateway.sas()] == [X_HOME]
            assert transfer.finish()["state"] == "done"
            # inside it hangs up for good
            networks.move(OFFICE)
            wait_mode(mobile, "c")
            wait_vpn(mobile, lambda said: said["state"] == "down")
    finally:
        networks.set_strict(PUBLIC, False)


def test_a_charon_that_was_killed_is_dialled_again(lab):
    with lab.charon("cvc") as charon, lab.mobile("cvc", PUBLIC, charon) as mobile:
        wait_mode(mobile, "cvc")
        charon.process.signal(signal.SIGKILL)
        charon.process.wait()
        said = wait_vpn(mobile, lambda said: said["state"] == "down" and not said["charon"])
        assert "charon does not answer" in said["last_error"]
        with lab.listening():
            charon.start()
            wait_vpn(mobile, lambda said: said["state"] == "up")
            wait_mode(mobile, "cvc")
            reaches(lab)


def test_wrong_credentials_are_told_and_tried_again(lab):
    with lab.charon("cvc") as charon:
        charon.config = charon.config.replace(vpn.GATEWAY_ID, "somebody.else.test")
        charon.load()
        with lab.mobile("cvc", PUBLIC, charon) as mobile, lab.listening():
            said = wait_vpn(mobile, lambda said: said["failures"] >= 2)
            assert said["state"] in ("down", "connecting") and "failed" in said["last_error"]
            assert mobile.status()["mode"] != "cvc"
            assert 'VPN: cannot connect "home"' in mobile.log()
            # what programs send meanwhile goes nowhere, from whichever address
            for source in (I_HOME, X_HOME):
                lab.networks.mobile.run("sh", "-c", f"ping -c 2 -i 0.1 -W 1 -I {source} {OFFICE_HOST} || true")
            assert mobile.status()["vpn"]["unprotected_packets"] > 0
