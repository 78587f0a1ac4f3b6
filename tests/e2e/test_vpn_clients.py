# SPDX-License-Identifier: BSD-3-Clause
"""Stock strongSwan clients against the box and its charon: authentication, suites, rekeys, moves, many at once."""

import pytest
from invariants import Invariants
from lab import vpn
from lab.namespace import wait_until
from lab.topology import CAFE, OFFICE_HOST, OUTSIDE, STREET
from lab.transfer import Transfer
from vpn_lab import vpn_lab

CLIENTS = 200


@pytest.fixture(scope="module")
def lab(pki):
    with vpn_lab(pki, clients=CLIENTS) as running:
        yield running


@pytest.fixture(autouse=True)
def explain(lab):
    """The logs, should the test fail."""
    yield
    print(lab.box.log()[-2000:], lab.gateway.log()[-3000:], sep="\n--- charon\n")


@pytest.mark.parametrize("access", [CAFE, STREET], ids=["behind-nat", "public"])
@pytest.mark.parametrize("auth", ["psk", "pubkey", "eap-mschapv2"])
def test_authentication(lab, auth, access):
    with lab.client(access, auth=auth) as client:
        lab.goes_both_ways(client)
        client.terminate()
        wait_until(lambda: not lab.gateway.sas(), "the gateway's SA gone")


@pytest.mark.parametrize("suite", [name.strip().removesuffix("-esn-noesn") for name in vpn.ESP_PROPOSALS.split(",")])
def test_suites(lab, suite):
    with lab.client(CAFE, suite=suite) as client:
        for size in ("56", "1300", "1700"):
            lab.goes_both_ways(client, "-s", size)


def test_a_wrong_secret_gets_nothing(lab):
    with lab.client(STREET, config=vpn.client().replace(vpn.SECRET, "another secret")) as client:
        with pytest.raises(Exception, match="AUTHENTICATION_FAILED|failed"):
            client.initiate()
        assert client.virtual_ip() is None and not lab.gateway.sas()


def test_rekeys_of_both_sides_lose_nothing(lab):
    with lab.client(CAFE) as client, lab.pinging(client.virtual_ip()):
        for charon, name in ((client, "home"), (lab.gateway, "secret")):
            for what in ({"child": "net"}, {"ike": name}, {"child": "net"}):
                before = (client.sas()[-1]["uniqueid"], client.child()["uniqueid"])
                charon.rekey(**what)
                wait_until(lambda seen=before: client.child() and
                           (client.sas()[-1]["uniqueid"], client.child()["uniqueid"]) != seen, f"new SA of {what}")


def test_the_box_asks_for_a_rekey_in_time(lab):
    """Lifetimes in packets: the box counts, charon negotiates, nothing is lost."""
    lab.gateway.config = vpn.gateway(clients=CLIENTS, child={"rekey_packets": 150, "life_packets": 400,
                                                             "rand_packets": 0})
    lab.gateway.load()
    try:
        with lab.client(STREET) as client, lab.pinging(client.virtual_ip(), 0.005):
            for _ in range(2):
                first = client.child()["uniqueid"]
                wait_until(lambda seen=first: client.child() and client.child()["uniqueid"] != seen, "a rekey")
    finally:
        lab.gateway.config = vpn.gateway(clients=CLIENTS)
        lab.gateway.load()


def test_tcp_survives_moves(lab):
    """MOBIKE out of NAT and into it; strangers see ESP and IKE, and nothing else."""
    with lab.client(CAFE) as client, Invariants([lab.networks.namespaces[name] for name in OUTSIDE]) as invariants:
        transfer = Transfer(lab.networks.office, lab.networks.mobile, client.virtual_ip(), "mobike",
                            bytes_per_sec=500_000)
        for access in (STREET, CAFE, STREET):
            wait_until(lambda seen=transfer.received(): transfer.received() > seen, "data")
            lab.networks.move(access)
            wait_until(lambda host=access.address: [sa["local-host"] for sa in client.sas()] == [host], "MOBIKE", 20)
            wait_until(lambda seen=transfer.received(): transfer.received() > seen, "data after the move", 30)
        assert transfer.finish()["state"] == "done" and not transfer.has_failed()
        invariants.check()
        assert invariants.seen()["esp-in-udp",] > 0


def test_a_large_transfer(lab):
    with lab.client(STREET) as client:
        transfer = Transfer(lab.networks.office, lab.networks.mobile, client.virtual_ip(), "large")
        wait_until(lambda: transfer.received() > 20 << 20 or transfer.has_failed(), "20 MB", 60)
        assert transfer.finish()["state"] == "done"


def test_a_client_that_disappears_is_noticed(lab):
    """Dead peer detection."""
    lab.gateway.config = vpn.gateway(clients=CLIENTS, dpd_delay="1s")
    lab.gateway.load()
    try:
        with lab.client(STREET, config=vpn.client()) as client:
            client.initiate()
            address = client.virtual_ip()
            client.process.signal(9)
            client.process.wait()
            wait_until(lambda: not lab.gateway.sas(), "the gateway's SA gone", 20)
            said = lab.networks.office.run("sh", "-c", f"ping -c 1 -W 1 {address} || true")
            assert "100% packet loss" in said
    finally:
        lab.gateway.config = vpn.gateway(clients=CLIENTS)
        lab.gateway.load()


def test_many_clients_at_once(lab):
    with lab.client(STREET, config=vpn.crowd(CLIENTS)) as crowd:
        def addresses():
            return [sa["local-vips"][0] for sa in crowd.sas() if sa["state"] == "ESTABLISHED" and sa.get("child-sas")]
        wait_until(lambda: len(addresses()) == CLIENTS, f"{CLIENTS} clients", 90, every=0.5)
        assert len(set(addresses())) == CLIENTS
        for address in addresses()[::20]:
            said = lab.ping(OFFICE_HOST, "-I", address, source="mobile")
            assert " 0% packet loss" in said, said
            assert " 0% packet loss" in lab.ping(address)
