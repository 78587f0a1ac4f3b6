# SPDX-License-Identifier: BSD-3-Clause
"""homeport-fa between scripted mobiles and the real box (see visitor_lab.py)."""

import signal
import socket

import mip
import plan
import pytest
import tshark
import tunnel
from lab.namespace import LabError, wait_until
from scapy.layers.inet import ICMP, IP
from visitor_lab import (ALL_SYSTEMS_MAC, CARE_OF, FA_ADDRESS, MOBILE_KEY, Visitor, VisitorLab,
                         association)

R, B, F, M, G, T, U, X = 0x8000, 0x4000, 0x1000, 0x0800, 0x0400, 0x0100, 0x0080, 0x0040
ENCAPSULATING_DELIVERY = 130


@pytest.fixture(scope="module")
def lab():
    running = VisitorLab()
    try:
        yield running
    finally:
        running.leave()
        complaints = running.close()
    assert complaints == [], "the foreign agent did not behave"


@pytest.fixture(autouse=True)
def explain(lab):
    """The foreign agent's log, should the test fail."""
    for link in lab.wire.links:
        link.forget()
    yield
    print(lab.foreign_agent.log()[-3000:])


def test_periodic_advertisements(lab):
    lab.serve()
    one = lab.advertisement()
    two = lab.advertisement()
    assert (one.mac, one.src, one.dst, one.ttl) == (ALL_SYSTEMS_MAC, FA_ADDRESS, "224.0.0.1", 1)
    assert (one.sequence, two.sequence) == (0, 1)
    assert one.care_of == mip.packed(CARE_OF) and one.registration == 500 and one.lifetime == 3
    assert one.flags == R | F | M | G | T | X and one.challenge is None
    seen = tshark.dissect(lab.wire.capture_path, "icmp.type == 9 && icmp.mip.seq == 1")
    assert CARE_OF in tshark.fields(seen, "icmp.mip.coa")


def test_farewell_advertisement(lab):
    lab.serve()
    lab.leave()
    assert lab.advertisement(lambda frame: frame.packet[26:28] == b"\0\0").lifetime == 0


def test_solicited_advertisements_within_a_rate(lab):
    agent = lab.serve(advertise={"interval_sec": 600, "solicited_per_sec": 3})
    lab.advertisement()
    for _ in range(10):
        lab.solicit("172.16.0.50", "02:fa:00:00:01:01")
    answer = lab.advertisement()
    assert (answer.mac, answer.dst) == ("02:fa:00:00:01:01", "172.16.0.50") and answer.sequence == 1
    wait_until(lambda: agent.status()["advertisements"]["solicitations"] == 10, "all solicitations")
    counted = agent.status()["advertisements"]
    assert counted["withheld"] >= 5 and counted["sent"] == 1 + 10 - counted["withheld"]
    lab.link.forget()
    lab.solicit("0.0.0.0", "02:fa:00:00:01:02")
    assert lab.advertisement().mac == ALL_SYSTEMS_MAC


@pytest.mark.parametrize("kind", ["ip-in-ip", "gre", "minimal"])
def test_registration_and_traffic_both_ways(lab, kind):
    agent = lab.serve()
    visitor = lab.visitor()
    reply = visitor.register(kind)
    assert reply.lifetime == 300
    binding = lab.box.binding(visitor.home)["care_of"][0]
    assert (binding["kind"], binding["care_of_address"]) == (kind, CARE_OF)
    visitor.hears_and_speaks()
    said = agent.visitors()[visitor.home]
    assert (said["encapsulation"], said["mac"], said["reverse"]) == (kind, visitor.mac, True)
    assert said["to_mobile_packets"] == said["from_mobile_packets"] == 1
    assert said["home_agent"] == plan.X_HA and 0 < said["expires_in_sec"] <= 300


@pytest.mark.parametrize("kind", ["ip-in-ip", "gre", "minimal"])
def test_udp_tunnel(lab, kind):
    agent = lab.serve(tunnels={"udp": True, "udp_forced": True})
    visitor = lab.visitor()
    visitor.register(kind, lifetime=60)
    name = "udp" if kind == "ip-in-ip" else kind + "-in-udp"
    assert lab.box.binding(visitor.home)["care_of"][0]["kind"] == name
    visitor.hears_and_speaks()
    assert agent.visitors()[visitor.home]["encapsulation"] == name
    assert lab.advertisement().flags & U


def test_keepalives_of_a_udp_tunnel(lab):
    agent = lab.serve(tunnels={"udp": True, "udp_forced": True, "udp_keepalive_sec": 10})
    visitor = lab.visitor()
    visitor.register(lifetime=60)
    wait_until(lambda: agent.visitors()[visitor.home]["keepalives_answered"] == 1, "a keepalive's answer", 30)
    counted = agent.status()["registration"]
    assert (counted["keepalives_sent"], counted["keepalives_lost"]) == (1, 0)
    visitor.hears_and_speaks()
    assert lab.link.leftover(lambda ip: ip.src == plan.X_HA) == [], "the visitor got the answer"


def test_deregistration(lab):
    lab.serve()
    visitor = lab.visitor()
    visitor.register()
    reply = visitor.ask(lifetime=0, flags=0)
    assert reply.code == 0 and reply.lifetime == 0
    lab.wait_gone(visitor.home)
    assert visitor.home not in lab.fa.ip("route") + lab.fa.ip("rule") + lab.fa.ip("neigh")


def test_expiry(lab):
    agent = lab.serve()
    visitor = lab.visitor()
    visitor.register(lifetime=2)
    assert visitor.home in lab.fa.ip("route") and f"from {visitor.home} " in lab.fa.ip("rule")
    lab.wait_gone(visitor.home)
    assert agent.status()["registration"]["expired"] == 1
    assert visitor.home not in lab.fa.ip("route") + lab.fa.ip("rule") + lab.fa.ip("neigh")


def test_two_homes_of_one_mac_address(lab):
    lab.serve()
    one = lab.visitor()
    two = lab.visitor(mac=one.mac)
    for visitor in (one, two):
        visitor.register()
    for visitor in (one, two):
        visitor.hears_and_speaks()


def test_a_mobile_with_another_card_is_found_there(lab):
    lab.serve()
    old = lab.visitor()
    old.register()
    new = lab.visitor(home=old.home)
    new.register()
    new.hears_and_speaks()


def test_a_request_alone_redirects_nobody(lab):
    agent = lab.serve()
    visitor = lab.visitor()
    visitor.register()
    thief = lab.visitor(home=visitor.home)
    thief.association = mip.Association(key=bytes(16))
    assert thief.ask().code == 131
    assert agent.visitors()[visitor.home]["mac"] == visitor.mac
    visitor.hears_and_speaks()


@pytest.mark.parametrize("kind", ["ip-in-ip", "udp"])
def test_a_visitor_that_plays_the_home_agent_reaches_nobody(lab, kind):
    agent = lab.serve(tunnels={"udp": kind == "udp", "udp_forced": kind == "udp"})
    visitor, mallory = lab.visitor(), lab.visitor()
    visitor.register(lifetime=60)
    inner = lab.datagram(plan.CORRESPONDENT, visitor.home, b"forged")
    mallory.send(tunnel.encapsulate(kind, plan.X_HA, CARE_OF, inner))
    visitor.hears_and_speaks()
    assert agent.visitors()[visitor.home]["to_mobile_packets"] == 1
    assert lab.link.leftover(lambda ip: b"forged" in bytes(ip)) == []


def test_through_the_group_of_mobile_agents(lab):
    lab.serve()
    visitor = lab.visitor()
    assert visitor.ask(destination="224.0.0.11").code == 0


@pytest.mark.parametrize("code, service, fields", [
    (65, {}, {"home": FA_ADDRESS}),
    (69, {}, {"lifetime": 501}),
    (70, {}, {"flags": mip.R_RESERVED}),
    (70, {}, {"flags": 0, "foreign": mip.extension(ENCAPSULATING_DELIVERY)}),
    (72, {"gre": False}, {"flags": mip.G}),
    (72, {"minimal": False}, {"flags": mip.M}),
    (74, {"reverse": "none"}, {}),
    (75, {"reverse": "mandatory"}, {"flags": 0}),
    (76, {}, {"ttl": 64}),
    (77, {}, {"care_of": plan.EXTERNAL_GATEWAY}),
    (79, {"encapsulating_delivery": False}, {"foreign": mip.extension(ENCAPSULATING_DELIVERY)}),
    (80, {}, {"agent": "203.0.114.1"}),
    (194, {}, {"agent": CARE_OF}),
], ids=lambda value: str(value) if isinstance(value, int) else "")
def test_denials(lab, code, service, fields):
    agent = lab.serve(tunnels=service)
    visitor = lab.visitor(home=fields.pop("home", None))
    reply = visitor.ask(**fields)
    assert reply.code == code
    assert reply.lifetime == (500 if code == 69 else 300)
    assert reply.agent == fields.get("agent", plan.X_HA)
    counted = agent.status()["registration"]
    assert counted["denials"] == {str(code): 1} and counted["requests_relayed"] == (1 if code == 80 else 0)
    assert agent.visitors() == {}


def test_too_many_visitors(lab):
    lab.serve(limits={"visitors_max": 1})
    visitor = lab.visitor()
    visitor.register()
    assert lab.visitor().ask().code == 66
    visitor.register()
    assert lab.advertisement(lambda frame: frame.packet[34] & B >> 8).flags & B


def test_home_agent_that_is_not_there(lab):
    lab.serve()
    assert lab.visitor().ask(agent="198.51.100.77").code == 81


def test_home_agent_that_is_silent(lab):
    lab.serve(limits={"pending_sec": 1})
    lab.fa.ip("route", "add", "198.51.100.77/32", "via", plan.X_HA)
    try:
        assert lab.visitor().ask(agent="198.51.100.77").code == 78
    finally:
        lab.fa.ip("route", "del", "198.51.100.77/32")


def test_home_agent_with_another_key(lab):
    lab.serve(home_agents=[association(mip.Association(spi=300, key=bytes(16)), address=plan.X_HA)])
    visitor = lab.visitor()
    assert visitor.ask().code == 68
    assert lab.foreign_agent.visitors() == {}
    assert "Foreign-Home" in lab.foreign_agent.log()


def test_mobile_with_a_key(lab):
    visitor = lab.visitor()
    lab.serve(mobiles=[association(MOBILE_KEY, home_address=visitor.home)])
    reply = visitor.ask(key=mip.Association(spi=301, key=bytes(16)))
    assert reply.code == 67 and reply.is_authentic(MOBILE_KEY, mip.MN_FA)
    reply = visitor.register(key=MOBILE_KEY)
    assert reply.is_authentic(MOBILE_KEY, mip.MN_FA)


def test_challenges(lab):
    visitor = lab.visitor()
    lab.serve(mobiles=[association(MOBILE_KEY, home_address=visitor.home)], challenge={"required": True},
              advertise={"interval_sec": 600})
    offered = lab.advertisement().challenge
    ask = lambda challenge: visitor.insist(foreign=mip.extension(mip.CHALLENGE, challenge), key=MOBILE_KEY)
    reply = visitor.ask(key=MOBILE_KEY)
    assert reply.code == 105 and reply.get(mip.CHALLENGE) == offered
    reply = ask(offered)
    assert reply.code == 0 and reply.is_authentic(MOBILE_KEY, mip.MN_FA)
    following = reply.get(mip.CHALLENGE)
    assert following != offered
    lab.solicit(visitor.home, visitor.mac)
    assert lab.advertisement().challenge == following
    assert ask(offered).code == 106
    assert ask(following).code == 0
    assert ask(bytes(16)).code == 104


def test_a_killed_foreign_agent_leaves_no_routes_to_the_next(lab):
    agent = lab.serve()
    visitor = lab.visitor()
    visitor.register()
    agent.process.signal(signal.SIGKILL)
    agent.process.wait()
    assert visitor.home in lab.fa.ip("route")
    lab.serve()
    assert visitor.home not in lab.fa.ip("route") + lab.fa.ip("rule")
    visitor.register()
    visitor.hears_and_speaks()
    lab.leave()
    left = lab.fa.ip("route") + lab.fa.ip("rule") + lab.fa.ip("link")
    assert visitor.home not in left and "hpfa0" not in left and "436" not in left


def hears_of_lost_registration(lab, visitor):
    """The advertisement with sequence number 0 that is for this mobile alone (RFC 3543 section 4.1)."""
    heard = lab.advertisement(lambda frame: frame.dst == visitor.mac)
    assert (heard.dst, heard.sequence, heard.ttl) == (visitor.home, 0, 1)
    return heard


def test_the_operator_revokes_a_visitor(lab):
    agent = lab.serve(advertise={"interval_sec": 600})
    visitor, other = lab.visitor(), lab.visitor()
    visitor.register()
    other.register()
    assert agent.visitors()[visitor.home]["revocation"] is True
    agent.revoke(visitor.home)
    lab.wait_gone(visitor.home)
    # the box has agreed to decide, and wants mobiles to know
    hears_of_lost_registration(lab, visitor)
    assert visitor.home not in {binding["home_address"] for binding in lab.box.bindings()}
    assert visitor.home not in lab.fa.ip("route") + lab.fa.ip("rule") + lab.fa.ip("neigh")
    counted = agent.status()["revocation"]
    assert (counted["acknowledged"], counted["unacknowledged"], counted["mobiles_informed"]) == (1, 0, 1)
    other.hears_and_speaks()
    with pytest.raises(LabError, match="no visitor has this home address"):
        agent.revoke(visitor.home)


def test_whom_the_operator_revokes_stays_away_until_he_may_come_back(lab):
    agent = lab.serve()
    visitor, other = lab.visitor(), lab.visitor()
    visitor.register()
    agent.revoke(visitor.home)
    lab.wait_gone(visitor.home)
    assert visitor.insist().code == 65
    banned, = agent.status()["banned"]
    assert banned["home_address"] == visitor.home and 200 < banned["for_sec"] <= 300
    other.register()
    agent.revoke(visitor.home, 100000)
    assert 99000 < agent.status()["banned"][0]["for_sec"] <= 100000
    agent.revoke(visitor.home, 0)
    assert agent.status()["banned"] == []
    assert visitor.insist().code == 0
    visitor.hears_and_speaks()
    with pytest.raises(LabError, match='"10.0.0" is not an IPv4 address'):
        agent.revoke("10.0.0")
    with pytest.raises(LabError, match='"soon" is no number of seconds'):
        agent.revoke(visitor.home, "soon")
    with pytest.raises(LabError, match="exit status 2: usage"):
        agent.revoke()


def test_a_command_that_is_not_understood_as_a_whole_revokes_nobody(lab):
    agent = lab.serve()
    visitor = lab.visitor()
    visitor.register()
    for rest, answer in ((b" junk", "no number of seconds"), (b" 10 junk", "more than an address"),
                         (b"junk", "no IPv4 address"), (b"\0junk", "no such command")):
        assert answer in agent.say(b"revoke " + visitor.home.encode() + rest)
    assert visitor.home in agent.visitors()
    assert agent.status()["banned"] == []
    visitor.hears_and_speaks()


def test_the_home_agent_revokes_a_visitor(lab):
    agent = lab.serve(advertise={"interval_sec": 600})
    visitor = lab.visitor()
    visitor.register()
    lab.box.ctl("revoke", visitor.home)
    hears_of_lost_registration(lab, visitor)
    lab.wait_gone(visitor.home)
    wait_until(lambda: agent.status()["revocation"]["received"] == 1, "a revocation")
    visitor.register()
    visitor.hears_and_speaks()


def test_a_mobile_that_has_gone_elsewhere_is_no_visitor_any_more(lab):
    agent = lab.serve(advertise={"interval_sec": 600})
    visitor = lab.visitor()
    visitor.register()
    elsewhere = visitor.request(flags=mip.D | mip.T, care_of=plan.EXTERNAL_GATEWAY)
    with lab.fa.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mobile:
        mobile.bind((plan.EXTERNAL_GATEWAY, 5434))
        mobile.sendto(elsewhere, (plan.X_HA, mip.PORT))
    lab.wait_gone(visitor.home)
    # nobody is here to be told
    counted = agent.status()["revocation"]
    assert (counted["received"], counted["mobiles_informed"]) == (1, 0)


def test_a_visitor_is_told_without_revocation_too(lab):
    agent = lab.serve(advertise={"interval_sec": 600}, revocation={"offer": False})
    visitor = lab.visitor()
    visitor.register()
    assert agent.visitors()[visitor.home]["revocation"] is False
    agent.revoke(visitor.home)
    assert hears_of_lost_registration(lab, visitor).flags == R | F | M | G | T
    lab.wait_gone(visitor.home)
    # the home agent has not been told
    assert visitor.home in {binding["home_address"] for binding in lab.box.bindings()}


def test_who_leaves_gives_back_all_bindings(lab):
    lab.serve()
    visitors = [lab.visitor() for _ in range(3)]
    for visitor in visitors:
        visitor.register()
    lab.leave()
    assert lab.advertisement(lambda frame: frame.packet[26:28] == b"\0\0").lifetime == 0
    bound = {binding["home_address"] for binding in lab.box.bindings()}
    assert bound.isdisjoint(visitor.home for visitor in visitors)


@pytest.mark.parametrize("spoil", ["key", "stale", "direction"])
def test_a_revocation_that_is_not_the_home_agents_changes_nothing(lab, spoil):
    agent = lab.serve()
    visitor = lab.visitor()
    visitor.register()
    stamp = mip.ntp_now() >> 32
    message = mip.revocation(visitor.home, plan.X_HA, CARE_OF, stamp + (-1000 if spoil == "stale" else 1000),
                             flags=0 if spoil == "direction" else 0x8000)
    key = mip.Association(300, bytes(16)) if spoil == "key" else plan.FA_ASSOCIATION
    lab.impersonate(plan.X_HA, mip.authenticate(message, key, mip.FA_HA))
    wait_until(lambda: agent.status()["revocation"]["refused"] == 1, "the revocation is refused")
    visitor.hears_and_speaks()


def delivers(lab, visitor, kind, inner=None):
    """What the visitor encapsulates for the foreign agent arrives inside."""
    inner = inner or lab.datagram(visitor.home, plan.CORRESPONDENT, b"delivered")
    visitor.send(tunnel.encapsulate(kind, visitor.home, FA_ADDRESS, inner))
    frame = lab.internal.expect_ip(lambda ip: ip.src == visitor.home, "the mobile's packet, inside")
    assert frame.packet[20:] == bytes(inner)[20:]


@pytest.mark.parametrize("kind", ["ip-in-ip", "gre", "minimal"])
def test_encapsulating_delivery(lab, kind):
    agent = lab.serve(tunnels={"udp": kind == "gre", "udp_forced": kind == "gre"})
    visitor = lab.visitor()
    visitor.register(kind, lifetime=60, foreign=mip.extension(ENCAPSULATING_DELIVERY))
    said = agent.visitors()[visitor.home]
    assert (said["reverse"], said["encapsulating_delivery"]) == (True, True)
    delivers(lab, visitor, kind)
    delivers(lab, visitor, "ip-in-ip")
    there = lab.datagram(plan.CORRESPONDENT, visitor.home)
    lab.internal.send(there)
    visitor.expect(lambda ip: ip.src == plan.CORRESPONDENT, "a packet from inside")
    assert agent.visitors()[visitor.home]["from_mobile_packets"] == 2


def test_what_is_not_encapsulated_is_routed_then(lab):
    agent = lab.serve()
    visitor = lab.visitor()
    visitor.register(foreign=mip.extension(ENCAPSULATING_DELIVERY))
    # there is no route but through the tunnel
    visitor.send(lab.datagram(visitor.home, plan.CORRESPONDENT))
    frame = visitor.expect(lambda ip: ip.proto == 1, "ICMP")
    assert (frame.ip[ICMP].type, frame.ip[ICMP].code) == (3, 0)
    # and in the other style again, all goes through it
    visitor.register()
    visitor.hears_and_speaks()
    assert agent.visitors()[visitor.home]["from_mobile_packets"] == 1


def test_deliveries_of_others_are_refused(lab):
    agent = lab.serve()
    direct, visitor = lab.visitor(), lab.visitor()
    direct.register()
    visitor.register(foreign=mip.extension(ENCAPSULATING_DELIVERY))
    forged = lab.datagram(direct.home, plan.CORRESPONDENT, b"forged")
    visitor.send(tunnel.encapsulate("ip-in-ip", visitor.home, FA_ADDRESS, forged))
    direct.send(tunnel.encapsulate("ip-in-ip", direct.home, FA_ADDRESS, forged))
    visitor.send(tunnel.encapsulate("gre", visitor.home, FA_ADDRESS, forged))
    wait_until(lambda: sum(agent.status()["traffic"]["refused_deliveries"].values()) == 2, "two refusals")
    counted = agent.status()["traffic"]
    assert counted["refused_deliveries"]["inner-not-ours"] == counted["refused_deliveries"]["wrong-kind"] == 1
    assert counted["strangers_to_agent"] == 1
    delivers(lab, visitor, "ip-in-ip")


def test_a_delivery_that_does_not_fit_into_the_tunnel_is_answered(lab):
    agent = lab.serve(tunnels={"udp": True, "udp_forced": True})
    visitor = lab.visitor()
    visitor.register(lifetime=60, foreign=mip.extension(ENCAPSULATING_DELIVERY))
    fits = plan.MTU - tunnel.OVERHEAD["udp"]
    inner = lab.datagram(visitor.home, plan.CORRESPONDENT, bytes(fits + 1 - 28))
    inner.flags, inner.chksum = "DF", None
    visitor.send(tunnel.encapsulate("ip-in-ip", visitor.home, FA_ADDRESS, IP(bytes(inner))))
    frame = visitor.expect(lambda ip: ip.proto == 1, "ICMP")
    assert (frame.ip[ICMP].type, frame.ip[ICMP].code, frame.ip[ICMP].nexthopmtu) == (3, 4, fits)
    assert frame.ip.src == FA_ADDRESS and agent.status()["traffic"]["too_big_packets"] == 1
    inner = lab.datagram(visitor.home, plan.CORRESPONDENT, bytes(fits - 28))
    delivers(lab, visitor, "ip-in-ip", inner)


@pytest.mark.parametrize("style", ["direct", "encapsulating"])
def test_a_neighbour_cannot_send_from_a_visitors_address(lab, style):
    agent = lab.serve()
    foreign = mip.extension(ENCAPSULATING_DELIVERY) if style == "encapsulating" else b""
    visitor, mallory = lab.visitor(), lab.visitor()
    visitor.register(foreign=foreign)
    mallory.register(foreign=foreign)
    speaks = (lambda whom: delivers(lab, whom, "ip-in-ip")) if foreign else Visitor.hears_and_speaks
    forged = lab.datagram(visitor.home, plan.CORRESPONDENT, b"forged")
    mallory.send(tunnel.encapsulate("ip-in-ip", visitor.home, FA_ADDRESS, forged) if foreign else forged)
    speaks(visitor)
    said = agent.visitors()
    assert (said[visitor.home]["forged_packets"], said[mallory.home]["forged_packets"]) == (1, 0)
    assert said[visitor.home]["from_mobile_packets"] == 1
    assert lab.internal.leftover(lambda ip: b"forged" in bytes(ip)) == []
    # what he had before he left counts
    agent.revoke(visitor.home)
    assert agent.status()["traffic"]["forged_packets"] == 1
    speaks(mallory)


def test_what_others_have_to_say_about_packets_stays(lab):
    lab.serve()
    lab.fa.run("tc", "filter", "add", "dev", "visitors", "ingress", "pref", "9", "protocol", "arp", "u32",
               "match", "u32", "0", "0")
    lab.leave()
    left = lab.fa.run("tc", "filter", "show", "dev", "visitors", "ingress")
    lab.fa.run("tc", "filter", "del", "dev", "visitors", "ingress", "pref", "9")
    assert "u32" in left and "homeport" not in left


def test_visitors_speak_to_one_another_through_their_home_agent(lab):
    agent = lab.serve()
    one, two = lab.visitor(), lab.visitor()
    one.register()
    two.register()
    there = lab.datagram(one.home, two.home, b"neighbour")
    one.send(there)
    frame = two.expect(lambda ip: ip.src == one.home, "the neighbour's packet")
    assert frame.packet[20:] == bytes(there)[20:]
    assert agent.visitors()[one.home]["from_mobile_packets"] == 1


def is_told_what_fits(lab, visitor, fits):
    """A packet that is a byte too long is answered by the foreign agent; one that fits arrives inside."""
    for length in (fits + 1, fits):
        packet = lab.datagram(visitor.home, plan.CORRESPONDENT, bytes(length - 28))
        packet.flags, packet.chksum = "DF", None
        visitor.send(IP(bytes(packet)))
        if length > fits:
            frame = visitor.expect(lambda ip: ip.proto == 1, "ICMP")
            assert (frame.ip[ICMP].type, frame.ip[ICMP].code, frame.ip[ICMP].nexthopmtu) == (3, 4, fits)
            assert frame.ip.src == FA_ADDRESS
    lab.internal.expect_ip(lambda ip: ip.src == visitor.home and len(ip) == fits, "the packet that fits")


def test_the_tunnel_follows_the_route(lab):
    lab.serve()
    lab.fa.ip("route", "add", plan.X_HA + "/32", "dev", "uplink", "mtu", "1300")
    try:
        visitor = lab.visitor()
        visitor.register()
        is_told_what_fits(lab, visitor, 1280)
    finally:
        lab.fa.ip("route", "del", plan.X_HA + "/32")


@pytest.mark.parametrize("kind", ["ip-in-ip", "gre", "udp"])
def test_the_tunnel_follows_what_routers_say(lab, kind):
    lab.serve(tunnels={"udp": kind == "udp", "udp_forced": kind == "udp"})
    visitor = lab.visitor()
    visitor.register("ip-in-ip" if kind == "udp" else kind, lifetime=60)
    inner = lab.datagram(visitor.home, plan.CORRESPONDENT, bytes(1300))
    try:
        lab.complain(1300, tunnel.encapsulate(kind, CARE_OF, plan.X_HA, inner))
        wait_until(lambda: "mtu 1300" in lab.fa.ip("route", "get", plan.X_HA), "the kernel knows")
        is_told_what_fits(lab, visitor, 1300 - tunnel.OVERHEAD[kind])
    finally:
        lab.fa.ip("route", "flush", "cache")
