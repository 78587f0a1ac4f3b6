# SPDX-License-Identifier: BSD-3-Clause
"""The life of a security association: rekey, MOBIKE, NAT, lifetimes, and a charon that goes and comes back."""

import fake_charon
import plan
import pytest
from fake_charon import FakeCharon, IkeError, Lifetime
from vpn_peers import one_hop

configure = plan.add_vpn


def goes_in(rig, client, **seal):
    """A packet of the client's gets inside."""
    packet = rig.datagram(client.tia, plan.CORRESPONDENT)
    client.send(packet, **seal)
    assert rig.internal.expect_ip(lambda ip: ip.src == client.tia, "opened packet").packet == one_hop(packet)


def comes_out(rig, client):
    """A packet for the client reaches it."""
    packet = rig.datagram(plan.CORRESPONDENT, client.tia)
    rig.internal.send(packet)
    assert bytes(client.receive()) == one_hop(packet)


def goes_both_ways(rig, client):
    goes_in(rig, client)
    comes_out(rig, client)



def test_greeting(rig):
    assert rig.charon.gateways == [plan.GATEWAY] and rig.charon.box_epoch != 0


def test_spis_are_new_each_time(rig):
    spis = [rig.charon.get_spi("192.0.2.9", plan.GATEWAY) for _ in range(20)]
    assert len(set(spis)) == 20 and min(spis) > 255
    for spi in spis:
        rig.charon.request(fake_charon.DEL_SA, fake_charon.sa_id("192.0.2.9", plan.GATEWAY, spi))
    again = [rig.charon.get_spi("192.0.2.9", plan.GATEWAY) for _ in range(20)]
    assert not set(spis) & set(again)


def test_an_spi_without_keys_opens_nothing(rig):
    client = rig.vpn_client().up()
    client.to_box.spi = rig.charon.get_spi(client.address, plan.GATEWAY)
    with rig.drops_exactly({"esp-no-sa": 1}):
        client.send(rig.datagram(client.tia, plan.CORRESPONDENT))


def test_rekey(rig):
    client = rig.vpn_client().up()
    goes_both_ways(rig, client)
    old_to_box, old_from_box = client.rekey()
    comes_out(rig, client)
    assert client.from_box.seq == 1 and client.from_box.spi != old_from_box.spi
    new, client.to_box = client.to_box, old_to_box
    goes_in(rig, client)  # the client may be late
    client.to_box = new
    goes_in(rig, client)
    rig.charon.request(fake_charon.DEL_SA, fake_charon.sa_id(client.address, plan.GATEWAY, old_to_box.spi))
    client.to_box = old_to_box
    with rig.drops_exactly({"esp-no-sa": 1}):
        client.send(rig.datagram(client.tia, plan.CORRESPONDENT))
    client.to_box = new
    goes_both_ways(rig, client)


def test_down(rig):
    client = rig.vpn_client().up()
    goes_both_ways(rig, client)
    client.down()
    with rig.drops_exactly({"esp-no-sa": 1}):
        client.send(rig.datagram(client.tia, plan.CORRESPONDENT))
    rig.internal.send(rig.datagram(plan.CORRESPONDENT, client.tia))
    rig.settle()
    assert rig.external.leftover() == []
    client.down()  # what is gone may be deleted again
    client.up()
    goes_both_ways(rig, client)


@pytest.mark.parametrize("path", [(None, "nat"), ("nat", None), ("nat", "nat"), (None, None)])
def test_mobike(rig, path):
    """RFC 4555: both SAs get other addresses; sequence numbers and windows go on."""
    before, after = (rig.nat_port() if kind else None for kind in path)
    client = rig.vpn_client(port=before).up()
    goes_both_ways(rig, client)
    old = client.address
    client.move(f"192.0.2.{250 + len(old) % 3}", after)
    comes_out(rig, client)
    assert client.from_box.seq == 2
    goes_in(rig, client)
    with rig.drops_exactly({"esp-replay": 1}):
        client.send(rig.datagram(client.tia, plan.CORRESPONDENT), seq=1)
    assert rig.charon.take_in() == []
    client.down()


def test_a_nat_that_changes_its_port_is_reported(rig):
    """RFC 3948; charon decides what follows. The box itself believes no packet (RFC 4555 section 3.5)."""
    client = rig.vpn_client(port=rig.nat_port()).up()
    goes_both_ways(rig, client)
    registered, moved = client.port, rig.nat_port()
    client.port = moved
    goes_in(rig, client)
    mapping = rig.charon.expect(fake_charon.Mapping, "mapping")
    assert mapping == (client.to_box.spi, plan.GATEWAY, client.address, moved)
    client.port = registered
    comes_out(rig, client)
    client.move(client.address, moved)
    goes_both_ways(rig, client)


def test_forgeries_and_replays_report_no_mapping(rig):
    client = rig.vpn_client(port=rig.nat_port()).up()
    goes_in(rig, client)
    client.port = rig.nat_port()
    sealed = client.to_box.seal(rig.datagram(client.tia, plan.CORRESPONDENT), seq=1)
    client.send_sealed(sealed)
    client.send_sealed(client.to_box.seal(b"", seq=77)[:-1] + b"!")
    rig.settle()
    late = client.to_box.seal(rig.datagram(client.tia, plan.CORRESPONDENT), seq=9)
    honest = client.port
    client.port = rig.nat_port()
    client.send_sealed(late)
    mapping = rig.charon.expect(fake_charon.Mapping, "mapping of the newest packet")
    assert mapping.new_port == client.port != honest


def ends(rig, spis, is_hard):
    """charon hears once of the end of each of these SAs."""
    def is_one(end):
        return end.is_hard == is_hard and end.spi in spis
    assert {rig.charon.expect(fake_charon.Expire, "end of an SA", is_one).spi for _ in spis} == spis


@pytest.mark.parametrize("unit", ["packets", "bytes"])
def test_soft_and_hard_lifetimes(rig, unit):
    """RFC 4301 section 4.4.2.1: charon hears of the soft end; at the hard one nothing is sealed or opened any more."""
    size = len(rig.datagram(plan.CORRESPONDENT, "10.8.0.1"))
    each = 1 if unit == "packets" else size
    client = rig.vpn_client().up(Lifetime(**{f"soft_{unit}": 3 * each, f"hard_{unit}": 5 * each}))
    for _ in range(4):
        goes_both_ways(rig, client)
    spis = {client.to_box.spi, client.from_box.spi}
    ends(rig, spis, is_hard=False)
    goes_both_ways(rig, client)
    rig.settle()
    before = rig.drops()
    for _ in range(2):
        client.send(rig.datagram(client.tia, plan.CORRESPONDENT))
        rig.internal.send(rig.datagram(plan.CORRESPONDENT, client.tia))
    rig.settle()
    # once the SAs are gone, which may be so already, the correspondent is told that there is no way
    assert rig.external.leftover() == rig.internal.leftover(lambda ip: ip.src != plan.INTERNAL_PORT) == []
    after = rig.drops()
    assert {name for name in after if after[name] != before.get(name, 0)} <= \
        {"esp-lifetime", "esp-no-sa", "esp-no-policy", "ip-unreachable"}
    ends(rig, spis, is_hard=True)


def test_lifetimes_in_seconds(rig):
    # further apart than the second in which the box looks at every SA
    client = rig.vpn_client().up(Lifetime(soft_sec=1, hard_sec=4))
    spis = {client.to_box.spi, client.from_box.spi}
    ends(rig, spis, is_hard=False)
    ends(rig, spis, is_hard=True)


def test_refusals(rig):
    client = rig.vpn_client().up()
    charon = rig.charon
    body = bytearray(fake_charon.add_sa(client.address, plan.GATEWAY, client.to_box,
                                     [fake_charon.selector(client.tia)], client.inside, fake_charon.INBOUND))
    for change, statuses in (({80: 21}, {fake_charon.NOT_SUPPORTED}),            # an unknown cipher
                             ({84: 7}, {fake_charon.NOT_SUPPORTED, fake_charon.FAILED}),  # a wrong key size
                             ({}, {fake_charon.DUPLICATE, fake_charon.FAILED})):
        wrong = bytearray(body)
        for place, value in change.items():
            wrong[place] = value
        with pytest.raises(IkeError) as refused:
            charon.request(fake_charon.ADD_SA, bytes(wrong))
        assert refused.value.status in statuses
    nobody = fake_charon.sa_id(client.address, plan.GATEWAY, 0x7777)
    charon.request(fake_charon.DEL_SA, nobody)
    for call in (lambda: charon.query_sa(client.address, plan.GATEWAY, 0x7777),
                 lambda: charon.update_sa((client.address, plan.GATEWAY), 0x7777, ("192.0.2.9", plan.GATEWAY),
                                          (4500, 4500), False)):
        with pytest.raises(IkeError) as refused:
            call()
        assert refused.value.status == fake_charon.UNKNOWN
    goes_both_ways(rig, client)


def test_the_newer_sa_of_a_tia_wins(rig):
    """INITIAL_CONTACT, or a client that came back: another peer, the same TIA."""
    first = rig.vpn_client().up()
    second = rig.vpn_client(tia=first.tia).up()
    comes_out(rig, second)
    first.down()
    goes_both_ways(rig, second)


# what follows ends other tests' SAs: it stands last


def test_charon_comes_back_with_what_it_knows(rig):
    kept, gone = rig.vpn_client().up(), rig.vpn_client().up()
    rig.charon.close()
    goes_both_ways(rig, kept)
    rig.charon = FakeCharon(rig.ike_socket, epoch=1)
    for client in (kept, gone):
        goes_both_ways(rig, client)
    rig.charon.request(fake_charon.SYNC_BEGIN)
    for ends, spi in (((kept.address, plan.GATEWAY), kept.to_box.spi),
                      ((plan.GATEWAY, kept.address), kept.from_box.spi)):
        rig.charon.request(fake_charon.SYNC_SA, fake_charon.sa_id(*ends, spi))
    with pytest.raises(IkeError) as refused:
        rig.charon.request(fake_charon.SYNC_SA, fake_charon.sa_id("192.0.2.9", plan.GATEWAY, 0x7777))
    assert refused.value.status == fake_charon.UNKNOWN
    rig.charon.request(fake_charon.SYNC_END)
    goes_both_ways(rig, kept)
    with rig.drops_exactly({"esp-no-sa": 1}):
        gone.send(rig.datagram(gone.tia, plan.CORRESPONDENT))


def test_traffic_goes_on_without_charon_and_a_new_one_takes_over(rig):
    client = rig.vpn_client().up()
    rig.charon.close()
    goes_both_ways(rig, client)
    rig.charon = FakeCharon(rig.ike_socket, epoch=2)
    goes_both_ways(rig, client)
    again = rig.vpn_client(tia=client.tia).up()
    goes_both_ways(rig, again)


def test_flush(rig):
    client = rig.vpn_client().up()
    goes_both_ways(rig, client)
    rig.charon.request(fake_charon.FLUSH_POLICIES)
    rig.charon.request(fake_charon.FLUSH_SAS)
    with rig.drops_exactly({"esp-no-sa": 1}):
        client.send(rig.datagram(client.tia, plan.CORRESPONDENT))
    client.up()
    goes_both_ways(rig, client)
