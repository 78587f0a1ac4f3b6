# SPDX-License-Identifier: BSD-3-Clause
"""What must not get through the VPN gateway (RFC 4301 section 5.2, RFC 4303 section 3.4, RFC 5265 section 3.1)."""

import fake_charon
import plan
import pytest
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw

SUITES = ("aes256gcm16", "chacha20poly1305", "aes128-sha256", "null-sha1")


def configure(config):
    plan.add_vpn(config, replay_window=32)  # no larger than each SA's own


@pytest.fixture(scope="module")
def client(rig):
    """One client for many wrong packets."""
    return rig.vpn_client().up()


def to_inside(rig, client, **fields):
    return rig.datagram(client.tia, plan.CORRESPONDENT, **fields)


def nothing_inside(rig):
    rig.settle()
    assert rig.internal.leftover() == [], "it got inside"


def still_works(rig, client):
    client.send(to_inside(rig, client))
    rig.internal.expect_ip(lambda ip: ip.src == client.tia, "opened packet")


@pytest.mark.parametrize("suite", SUITES)
def test_a_changed_octet_anywhere_is_noticed(rig, suite):
    client = rig.vpn_client(suite=suite).up()
    sealed = client.to_box.seal(to_inside(rig, client))
    places = range(4, len(sealed), 3)
    with rig.drops_exactly({"esp-integrity": len(places)}):
        for place in places:
            broken = bytearray(sealed)
            broken[place] ^= 0x40 if place >= 8 else 0x02
            client.send_sealed(bytes(broken))
    nothing_inside(rig)
    client.send_sealed(sealed)
    rig.internal.expect_ip(lambda ip: ip.src == client.tia, "the right one, not taken for a replay")


@pytest.mark.parametrize("suite", SUITES)
def test_every_short_packet(rig, suite):
    client = rig.vpn_client(suite=suite).up()
    sealed = client.to_box.seal(to_inside(rig, client))
    before = rig.drops()
    for size in range(8, len(sealed)):
        client.send_sealed(sealed[:size])
    rig.settle()
    after = rig.drops()
    new = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    assert set(new) <= {"esp-short", "esp-integrity"} and sum(new.values()) == len(sealed) - 8
    nothing_inside(rig)


def test_shorter_than_an_esp_header(rig, client):
    with rig.drops_exactly({"esp-short": 8}):
        for size in range(8):
            rig.external.send(client.outer(client.to_box.seal(b"")[:size]))


@pytest.mark.parametrize("padding", [b"\0", b"\2\1", b"\1\2\3\5\5", b"\xff" * 6])
def test_wrong_padding(rig, client, padding):
    inner = to_inside(rig, client)
    padding += bytes(-(len(inner) + len(padding) + 2) % 4)
    with rig.drops_exactly({"esp-padding": 1}):
        client.send(inner, padding=padding)
    nothing_inside(rig)


def test_padding_longer_than_the_packet(rig, client):
    with rig.drops_exactly({"esp-padding": 3}):
        for said in (31, 200, 255):
            client.send(bytes(range(1, 31)), padding=b"", pad_len=said)
    nothing_inside(rig)


def test_dummies_and_other_next_headers(rig, client):
    inner = to_inside(rig, client)
    with rig.drops_exactly({"esp-dummy": 2, "esp-inner-invalid": 3}):
        client.send(inner, next_header=59)
        client.send(b"\xff" * 90, next_header=59)
        for number in (17, 41, 0):
            client.send(inner, next_header=number)
    nothing_inside(rig)


@pytest.mark.parametrize("inner", [b"", b"\x45", bytes(20), b"\x60" + bytes(39),
                                   bytes(IP(src="10.8.0.250", dst="10.1.0.20", chksum=0)),
                                   bytes(IP(src="10.8.0.250", dst="10.1.0.20", len=500))],
                         ids=["nothing", "one-octet", "zeros", "ipv6", "checksum", "length"])
def test_what_is_sealed_must_be_a_packet(rig, client, inner):
    with rig.drops_exactly({"esp-inner-invalid": 1}):
        client.send(inner)
    nothing_inside(rig)
    still_works(rig, client)


REPLAYS = [  # window, numbers in order, those that are dropped
    (64, (1, 1, 2, 2, 1), (1, 3, 4)),
    (64, (100, 37, 36, 37, 99, 99, 100), (2, 3, 5, 6)),
    (64, (1000, 1, 1001, 937, 938), (1, 3)),
    (32, (40, 8, 9, 9), (1, 3)),
    (1024, (5000, 3977, 3976, 4999), (2,)),
    (64, (0xfffffffe, 0xfffffffd, 0, 1), (2, 3)),  # with the last number of all the SA would end
    (64, (0,), (0,)),
]


@pytest.mark.parametrize("window, numbers, dropped", REPLAYS)
def test_replays(rig, window, numbers, dropped):
    """RFC 4303 section 3.4.3 and appendix A2, without ESN."""
    client = rig.vpn_client().up(window=window)
    inner = to_inside(rig, client)
    for place, seq in enumerate(numbers):
        with rig.drops_exactly({"esp-replay": 1} if place in dropped else {}):
            client.send(inner, seq=seq)
        assert len(rig.internal.leftover()) == (place not in dropped), f"number {seq} at place {place}"
        rig.internal.forget()


def test_a_forged_packet_does_not_move_the_window(rig):
    client = rig.vpn_client().up()
    forged = bytearray(client.to_box.seal(to_inside(rig, client), seq=5000))
    forged[-1] ^= 1
    with rig.drops_exactly({"esp-integrity": 1}):
        client.send_sealed(bytes(forged))
    still_works(rig, client)


@pytest.mark.parametrize("src, dst", [("10.8.0.249", plan.CORRESPONDENT), (plan.CORRESPONDENT, "10.1.0.21"),
                                      ("203.0.113.9", plan.CORRESPONDENT), ("10.8.0.249", plan.I_HA),
                                      (plan.I_HA, plan.CORRESPONDENT), (None, "203.0.113.9"), (None, "8.8.8.8"),
                                      (None, plan.X_HA)])
def test_inner_addresses_that_are_not_the_sas(rig, client, src, dst):
    before = rig.drops()
    client.send(rig.datagram(src or client.tia, dst))
    nothing_inside(rig)
    new = {name for name, count in rig.drops().items() if count != before.get(name, 0)}
    assert new == {"esp-selector"}
    assert rig.external.leftover() == []
    still_works(rig, client)


@pytest.mark.parametrize("dst, proto, port, reason", [
    (plan.GATEWAY, 50, 0, "esp-nested"), (plan.GATEWAY, 17, 500, "esp-nested"),
    (plan.GATEWAY, 17, 4500, "esp-nested"), (plan.X_HA, 17, 434, "reg-internal-to-x-ha"),
    (plan.X_HA, 4, 0, "tunnel-wrong-source")])
def test_no_gateway_or_x_ha_inside_an_sa(rig, dst, proto, port, reason):
    client = rig.vpn_client()
    client.inside = [fake_charon.selector("0.0.0.0/0")]
    client.up()
    mobile = rig.x_mobile()
    mobile.register()
    body = UDP(sport=port, dport=port) / Raw(mobile.request()) if port else \
        rig.datagram(mobile.home, plan.CORRESPONDENT)
    with rig.drops_exactly({reason: 1}):
        client.send(IP(src=client.tia, dst=dst, proto=proto) / body)
    rig.nothing_forwarded()


@pytest.mark.parametrize("link", ["external", "internal"])
@pytest.mark.parametrize("dst", [plan.CORRESPONDENT, plan.I_HA, "8.8.8.8", plan.EXTERNAL_PORT])
def test_plain_packets_with_a_tia_as_source(rig, client, link, dst):
    with rig.drops_exactly({"esp-plain": 1}):
        getattr(rig, link).send_from_stranger(bytes(rig.datagram(client.tia, dst)))
    rig.nothing_forwarded()


def test_plain_registration_with_a_tia_as_source(rig, client):
    mobile = rig.inner_mobile(client)
    with rig.drops_exactly({"esp-plain": 1}):
        rig.external.send_from_stranger(bytes(IP(src=client.tia, dst=plan.I_HA) / UDP(sport=434, dport=434) /
                                              Raw(mobile.request())))
    assert mobile.home not in {binding["home_address"] for binding in rig.box.bindings()}
    rig.nothing_forwarded()


def test_plain_registration_to_the_i_ha_from_outside(rig):
    mobile = rig.i_mobile()
    mobile.link = rig.external
    rig.settle()
    before = rig.drops()
    mobile.source = "192.0.2.250"
    mobile.send(mobile.request())
    rig.nothing_forwarded()
    assert rig.drops() != before
    assert mobile.home not in {binding["home_address"] for binding in rig.box.bindings()}


def test_plain_packets_from_outside_to_the_inside(rig):
    with rig.drops_exactly({"ip-external-to-internal": 1}):
        rig.external.send(rig.datagram("192.0.2.77", plan.CORRESPONDENT))
    mobile = rig.x_mobile()
    mobile.register()
    with rig.drops_exactly({"ip-external-to-internal": 1}):
        mobile.send_through_tunnel(rig.datagram(mobile.home, plan.CORRESPONDENT))
    nothing_inside(rig)


def test_plain_packets_from_outside_to_a_tia(rig, client):
    rig.settle()
    before = rig.drops()
    rig.external.send(rig.datagram("192.0.2.77", client.tia))
    rig.nothing_forwarded()
    assert rig.drops() != before


def test_to_a_tia_without_an_sa(rig):
    rig.settle()
    before = rig.drops()
    rig.internal.send(rig.datagram(plan.CORRESPONDENT, "10.8.0.248"))
    rig.settle()
    assert rig.external.leftover() == [] and rig.drops() != before


def test_unknown_spis(rig):
    spis = [0, 1, 255, 256, 0xffffffff] + [n * 0x01010101 for n in range(1, 200)]
    with rig.drops_exactly({"esp-no-sa": len(spis)}):
        for spi in spis:
            rig.external.send(IP(src="192.0.2.77", dst=plan.GATEWAY, proto=50) /
                              Raw(spi.to_bytes(4, "big") + bytes(60)))
    rig.nothing_forwarded()


def test_the_spi_of_an_outbound_sa_opens_nothing(rig, client):
    with rig.drops_exactly({"esp-no-sa": 1}):
        client.send_sealed(client.from_box.seal(to_inside(rig, client), seq=9))
    nothing_inside(rig)


def test_esp_and_ike_from_inside(rig, client):
    with rig.drops_exactly({"esp-wrong-side": 4}):
        rig.internal.send(IP(src=plan.CORRESPONDENT, dst=plan.GATEWAY, proto=50) /
                          Raw(client.to_box.seal(to_inside(rig, client))))
        for port in (500, 4500):
            rig.internal.send(IP(src=plan.CORRESPONDENT, dst=plan.GATEWAY) / UDP(sport=port, dport=port) /
                              Raw(bytes(32)))
        rig.internal.send(IP(src=plan.CORRESPONDENT, dst=plan.GATEWAY) / UDP(sport=4500, dport=4500) /
                          Raw(client.to_box.seal(to_inside(rig, client))))
    assert not [event for event in rig.charon.take_in() if isinstance(event, fake_charon.Datagram)]
    rig.nothing_forwarded()


def test_esp_to_another_address_of_the_box(rig, client):
    sealed = client.to_box.seal(to_inside(rig, client))
    for dst in (plan.EXTERNAL_PORT, plan.X_HA):
        with rig.drops_exactly({"local-protocol": 1}):
            rig.external.send(IP(src=client.address, dst=dst, proto=50) / Raw(sealed))
            rig.settle()
            rig.external.forget()
    nothing_inside(rig)


def test_other_protocols_to_the_gateway(rig):
    before = rig.drops()
    for packet in (IP(dst=plan.GATEWAY) / UDP(sport=1, dport=434) / Raw(bytes(40)),
                   IP(dst=plan.GATEWAY, proto=4) / IP(dst="10.1.0.20") / UDP(),
                   IP(dst=plan.GATEWAY, proto=47) / Raw(bytes(40))):
        packet.src = "192.0.2.77"
        rig.external.send(packet)
    nothing_inside(rig)
    new = {name: count - before.get(name, 0) for name, count in rig.drops().items() if count != before.get(name, 0)}
    assert sum(count for name, count in new.items() if not name.startswith("punt")) == 3
