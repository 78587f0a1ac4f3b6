# SPDX-License-Identifier: BSD-3-Clause
"""homeport-mn through homeport-fa: access modes f and x-FA of RFC 5265, moves between both kinds of care-of address."""

import contextlib
import random
import signal
import socket

import pytest
from lab.namespace import wait_until
from lab.topology import I_HOME, OFFICE_HOST, PUBLIC, X_HOME
from lab.transfer import Transfer
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw
from visit_lab import (HOTSPOT, I_FA, NAI, Neighbour, Rogue, VisitLab, VisitNetworks, advertisement,
                       wait_foreign, wait_place)

PORT = 5555


@pytest.fixture(scope="module")
def lab():
    with VisitNetworks() as networks:
        yield VisitLab(networks)


@pytest.fixture(autouse=True)
def explain(lab):
    yield
    print(lab.box.log()[-2000:])


def hears_and_speaks(lab, home):
    assert " 0% packet loss" in lab.ping(home)
    said = lab.networks.mobile.run("ping", "-c", "3", "-i", "0.05", "-W", "2", "-I", home, OFFICE_HOST)
    assert " 0% packet loss" in said


@contextlib.contextmanager
def listening(lab):
    """A socket at the mobile's home address."""
    with lab.networks.mobile.entered():
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with listener:
        listener.bind((X_HOME, PORT))
        listener.settimeout(5)
        yield listener


def test_outside_through_a_foreign_agent(lab):
    with lab.foreign_agent(HOTSPOT) as agent, lab.visiting_mobile(HOTSPOT) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        wait_place(mobile, "outside")
        assert lab.box.binding(X_HOME)["care_of"][0]["care_of_address"] == HOTSPOT.agent
        hears_and_speaks(lab, X_HOME)
        assert agent.visitors()[X_HOME]["to_mobile_packets"] >= 6
        assert not mobile.status()["inside"] and mobile.status()["tracks"][0]["mode"] == "x-ha only"


def test_a_mobile_whose_registration_was_revoked_registers_again(lab):
    with lab.foreign_agent(HOTSPOT) as agent, lab.visiting_mobile(HOTSPOT) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        wait_place(mobile, "outside")
        wait_until(lambda: agent.status()["advertisements"]["sent"] > 2, "advertisements with other numbers than 0")
        agent.revoke(X_HOME, 0)
        wait_until(lambda: X_HOME in agent.visitors(), "the mobile has registered again")
        assert agent.status()["revocation"]["mobiles_informed"] == 1
        hears_and_speaks(lab, X_HOME)


def test_inside_through_the_internal_foreign_agent(lab):
    with lab.foreign_agent(I_FA), lab.visiting_mobile(I_FA) as mobile:
        wait_foreign(mobile, "i-ha", I_FA)
        wait_place(mobile, "inside")
        assert mobile.status()["mode"] == "f"
        hears_and_speaks(lab, I_HOME)


def test_from_one_foreign_agent_to_another_inside_and_back(lab):
    with lab.foreign_agent(HOTSPOT), lab.foreign_agent(I_FA), lab.visiting_mobile(HOTSPOT) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        lab.networks.move(I_FA)
        wait_foreign(mobile, "i-ha", I_FA)
        wait_place(mobile, "inside")
        hears_and_speaks(lab, I_HOME)
        wait_until(lambda: not lab.homes("x-ha"), "the x-HA is left")
        lab.networks.move(HOTSPOT)
        wait_foreign(mobile, "x-ha", HOTSPOT)
        wait_place(mobile, "outside")
        hears_and_speaks(lab, X_HOME)


def test_the_agents_nai_is_a_hint_and_no_more(lab):
    def change(text):
        return text + 'detect = { hints = { realms = [ "corp.example" ]; period_ms = 5000; }; };\n'

    def is_hinted():
        return mobile.status()["detection"]["hinted_inside"]
    nai = {"nai": "agent@branch.corp.example"}
    with lab.foreign_agent(I_FA, advertise=nai), lab.foreign_agent(HOTSPOT):
        with lab.visiting_mobile(I_FA, change) as mobile:
            wait_foreign(mobile, "i-ha", I_FA)
            wait_place(mobile, "inside")
            assert is_hinted() and mobile.agent("x-ha")["registration"]["requests"] == 0
            lab.networks.move(HOTSPOT)
            wait_foreign(mobile, "x-ha", HOTSPOT)
            wait_place(mobile, "outside")
            assert not is_hinted()
    # a stranger who says the same
    with lab.foreign_agent(HOTSPOT, advertise=nai), lab.visiting_mobile(HOTSPOT, change) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        wait_place(mobile, "outside")
        assert is_hinted()


def test_no_data_passes_the_gate(lab):
    with lab.foreign_agent(HOTSPOT), lab.visiting_mobile(HOTSPOT) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        setting = "/proc/sys/net/ipv4/conf/wlan0/arp_ignore"
        assert lab.networks.mobile.run("cat", setting).strip() == "1"
        before = mobile.agent("x-ha")["traffic"]["received_packets"]
        assert " 0% packet loss" in lab.ping(X_HOME)
        assert mobile.agent("x-ha")["traffic"]["received_packets"] == before + 3
    assert lab.networks.mobile.run("cat", setting).strip() == "0"


def test_a_mobile_without_an_address_gets_its_home_address_through_the_agent(lab):
    def change(text):
        return text.replace(f'home_address = "{X_HOME}"', f'home_address = "0.0.0.0"; nai = "{NAI}"')
    with lab.foreign_agent(HOTSPOT), lab.visiting_mobile(HOTSPOT, change) as mobile:
        assert wait_foreign(mobile, "x-ha", HOTSPOT)["home_address"] == X_HOME
        wait_place(mobile, "outside")
        hears_and_speaks(lab, X_HOME)


@pytest.mark.parametrize("size", ["1200", "1472", "1700"])
def test_large_packets(lab, size):
    with lab.foreign_agent(HOTSPOT), lab.visiting_mobile(HOTSPOT) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        wait_place(mobile, "outside")
        assert " 0% packet loss" in lab.ping(X_HOME, "-s", size, "-M", "dont")


def test_checksums_that_a_card_would_put_in(lab):
    with lab.foreign_agent(HOTSPOT), lab.visiting_mobile(HOTSPOT) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        wait_place(mobile, "outside")
        with listening(lab) as listener, lab.networks.unfinished_packets():
            neighbour = Neighbour(lab.networks.hotspot, has_offload=True)
            neighbour.send_unfinished(IP(src=OFFICE_HOST, dst=X_HOME) / UDP(sport=1, dport=PORT, chksum=0xbad) /
                                      Raw(b"unfinished"), lab.networks.mac("train", "wifi"),
                                      lab.networks.mac("mobile", "wlan0"))
            neighbour.close()
            assert listener.recv(100) == b"unfinished"


def test_an_agent_that_falls_silent_is_asked_and_kept(lab):
    with lab.foreign_agent(HOTSPOT, advertise={"interval_sec": 600}) as agent, lab.visiting_mobile(HOTSPOT) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        wait_place(mobile, "outside")
        before = len(mobile.log())  # the log is all tests'
        agent.process.signal(signal.SIGSTOP)
        neighbour = Neighbour(lab.networks.hotspot)
        mac = lab.networks.mac("train", "wifi")
        neighbour.send(advertisement(HOTSPOT.gateway, 9, care_of=HOTSPOT.agent, lifetime=6), mac)
        wait_until(lambda: mobile.status()["tracks"][0]["foreign_agents"]["heard"][0]["sequence"] == 9, "it is heard")
        agent.process.signal(signal.SIGCONT)
        wait_until(lambda: mobile.status()["tracks"][0]["foreign_agents"]["heard"][0]["expires_in_sec"] > 100,
                   "it has answered", 20)
        neighbour.close()
        assert "of foreign agent" not in mobile.log()[before:]
        hears_and_speaks(lab, X_HOME)


def test_the_agent_s_farewell_sends_it_back_to_its_own_address(lab):
    with lab.mobile(HOTSPOT) as mobile:
        with lab.foreign_agent(HOTSPOT) as agent:
            wait_foreign(mobile, "x-ha", HOTSPOT)
            assert agent.stop() == 0
        mobile.wait_registered("x-ha", HOTSPOT.address)
        hears_and_speaks(lab, X_HOME)


def test_tcp_lives_through_moves_between_both_kinds(lab):
    with lab.foreign_agent(HOTSPOT, advertise={"registration_required": False}), \
            lab.visiting_mobile(HOTSPOT) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        transfer = Transfer(lab.networks.office, lab.networks.mobile, X_HOME, "visit")
        wait_until(lambda: transfer.received() > 0, "data", 20)
        lab.networks.take_address(HOTSPOT)
        mobile.wait_registered("x-ha", HOTSPOT.address)
        wait_until(lambda before=transfer.received(): transfer.received() > before, "data after the move", 20)
        lab.networks.leave_address(HOTSPOT)
        wait_foreign(mobile, "x-ha", HOTSPOT)
        wait_until(lambda before=transfer.received(): transfer.received() > before, "data after the move back", 20)
        lab.networks.move(PUBLIC)
        mobile.wait_registered("x-ha", PUBLIC.address)
        wait_until(lambda before=transfer.received(): transfer.received() > before, "data elsewhere", 20)
        assert transfer.finish()["state"] == "done" and not transfer.has_failed()


def test_with_r_an_own_address_goes_through_the_agent(lab):
    with lab.foreign_agent(HOTSPOT), lab.mobile(HOTSPOT) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)


def test_never_means_never(lab):
    def change(text):
        return text.replace('[ "wlan0" ]', '( { name = "wlan0"; foreign_agents = "never"; } )')
    with lab.foreign_agent(HOTSPOT) as agent, lab.mobile(HOTSPOT, change) as mobile:
        mobile.wait_registered("x-ha", HOTSPOT.address)
        wait_until(lambda: mobile.status()["tracks"][0]["foreign_agents"]["heard"], "the agent is heard")
        assert mobile.status()["foreign_agent"] is None and not agent.visitors()


def test_a_restart_of_the_agent_registers_again(lab):
    with lab.visiting_mobile(HOTSPOT) as mobile:
        with lab.foreign_agent(HOTSPOT) as agent:
            wait_foreign(mobile, "x-ha", HOTSPOT)
            wait_until(lambda: agent.status()["advertisements"]["sent"] > 3, "some advertisements")
            agent.process.signal(9)
            agent.process.wait()
        with lab.foreign_agent(HOTSPOT) as agent:
            wait_until(lambda: X_HOME in agent.visitors(), "registered again", 20)
            wait_until(lambda: mobile.agent("x-ha").get("state") == "registered", "registered")
            hears_and_speaks(lab, X_HOME)
        assert mobile.status()["tracks"][0]["foreign_agents"]["restarts"] == 1


def test_challenges_and_the_mobile_foreign_key(lab):
    key = 'key = { hex = "303132333435363738393a3b3c3d3e3f"; };'
    def change(text):
        return text + f"foreign_agents = ( {{ address = \"{HOTSPOT.gateway}\"; spi = 301; {key} }} );\n"
    mobiles = [{"home_address": home, "spi": 301, "algorithm": "hmac-md5",
                "key": {"hex": "303132333435363738393a3b3c3d3e3f"}} for home in (X_HOME, I_HOME)]
    with lab.foreign_agent(HOTSPOT, challenge={"required": True}, mobiles=mobiles) as agent, \
            lab.visiting_mobile(HOTSPOT, change) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        hears_and_speaks(lab, X_HOME)
        assert X_HOME in agent.visitors()
        assert mobile.stop() == 0
        wait_until(lambda: X_HOME not in agent.visitors(), "it has said goodbye")
        assert lab.homes() == set()


def test_a_rogue_that_says_yes_is_neither_inside_nor_in_the_way(lab):
    with lab.mobile(HOTSPOT) as mobile, Rogue(lab.networks.hotspot) as rogue:
        mobile.wait_registered("x-ha", HOTSPOT.address)
        wait_until(lambda: mobile.agent("i-ha")["registration"]["bad_authenticators"] > 0, "its yes is discarded", 20)
        mobile.wait_registered("x-ha", HOTSPOT.address)
        wait_place(mobile, "outside")
        assert rogue.answered > 0 and mobile.status()["tracks"][0]["foreign_agents"]["heard"][0]["avoided"]
        assert all(move["place"] != "inside" for move in mobile.status()["detection"]["moves"])
        hears_and_speaks(lab, X_HOME)


def test_a_flood_of_advertisements_changes_nothing(lab):
    with lab.foreign_agent(HOTSPOT), lab.visiting_mobile(HOTSPOT) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        neighbour = Neighbour(lab.networks.hotspot)
        numbers = random.Random(1)
        for _ in range(3000):
            source = f"172.16.{numbers.randrange(1, 255)}.{numbers.randrange(1, 255)}"
            neighbour.send(advertisement(source, 0, lifetime=9000), "02:66:00:00:00:02")
            neighbour.send(advertisement(HOTSPOT.gateway, numbers.randrange(256)), "02:66:00:00:00:03")
        neighbour.close()
        status = wait_until(lambda: (lambda track: track if track["foreign_agents"]["conflicts"] > 0 else None)(
            mobile.status()["tracks"][0]), "the flood is noticed")
        assert len(status["foreign_agents"]["heard"]) <= 8 and status["foreign_agents"]["restarts"] == 0
        assert status["foreign_agent"]["address"] == HOTSPOT.gateway
        hears_and_speaks(lab, X_HOME)


def only_the_true_one_is_heard(lab):
    """Neighbours' packets for the home address are dropped, and one of the office comes through."""
    with listening(lab) as listener:
        neighbour = Neighbour(lab.networks.hotspot)
        for source in (OFFICE_HOST, "172.16.6.66"):
            neighbour.send(IP(src=source, dst=X_HOME) / UDP(sport=1, dport=PORT) / Raw(b"forged"),
                           "02:66:00:00:00:04", lab.networks.mac("mobile", "wlan0"))
        neighbour.close()
        with lab.networks.office.entered():
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with sender:
            sender.bind((OFFICE_HOST, 0))
            sender.sendto(b"true", (X_HOME, PORT))
        assert listener.recv(100) == b"true"


@pytest.mark.parametrize("rp_filter", [0, 2])
def test_packets_of_other_neighbours_do_not_reach_the_home_address(lab, rp_filter):
    lab.networks.mobile.sysctl("net.ipv4.conf.all.rp_filter", rp_filter)
    try:
        with lab.foreign_agent(HOTSPOT), lab.visiting_mobile(HOTSPOT) as mobile:
            wait_foreign(mobile, "x-ha", HOTSPOT)
            wait_place(mobile, "outside")
            only_the_true_one_is_heard(lab)
        with lab.mobile(HOTSPOT) as mobile:
            mobile.wait_registered("x-ha", HOTSPOT.address)
            wait_place(mobile, "outside")
            only_the_true_one_is_heard(lab)
            assert "drop" in lab.networks.mobile.run("nft", "list", "table", "ip", "homeport-hp0")
    finally:
        lab.networks.mobile.sysctl("net.ipv4.conf.all.rp_filter", 0)
    assert "homeport" not in lab.networks.mobile.run("nft", "list", "tables")


def test_who_is_away_answers_no_arp_request_for_the_home_address(lab):
    with lab.mobile(HOTSPOT) as mobile:
        mobile.wait_registered("x-ha", HOTSPOT.address)
        ask = "ping -c 1 -W 1 -I wifi {} >/dev/null; ip neigh show {}"
        lab.networks.hotspot.ip("route", "add", X_HOME, "dev", "wifi")
        try:
            said = [lab.networks.hotspot.run("sh", "-c", ask.format(address, address))
                    for address in (X_HOME, HOTSPOT.address)]
        finally:
            lab.networks.hotspot.ip("route", "del", X_HOME, "dev", "wifi")
        assert "lladdr" not in said[0] and "lladdr" in said[1]
