# SPDX-License-Identifier: BSD-3-Clause
"""The box or its charon dies, and stock clients come back."""

import signal

import pytest
from lab import vpn
from lab.namespace import wait_until
from lab.topology import STREET
from vpn_lab import vpn_lab

PERSISTENT = {"child": {"dpd_action": "restart", "close_action": "start", "start_action": "start"}, "dpd_delay": "1s",
              "keyingtries": 0}


@pytest.fixture(scope="module")
def lab(pki):
    with vpn_lab(pki, dpd_delay="2s") as running:
        yield running


@pytest.fixture(autouse=True)
def explain(lab):
    """The logs, should the test fail."""
    yield
    print(lab.box.log()[-3000:], lab.gateway.log()[-3000:], sep="\n--- charon\n")


@pytest.fixture
def client(lab):
    with lab.client(STREET, config=vpn.client(**PERSISTENT)) as running:
        running.wait_established()
        lab.wait_both_ways(running)
        yield running


def kill(process):
    process.signal(signal.SIGKILL)
    process.wait()


def test_charon_is_killed(lab, client):
    """Traffic goes on under the installed SAs; a new charon gets the clients back by their own DPD."""
    with lab.pinging(client.virtual_ip()):
        kill(lab.gateway.process)
    first = client.sas()[-1]["initiator-spi"]
    lab.restart_gateway()
    wait_until(lambda: client.child() and client.sas()[-1]["initiator-spi"] != first, "a new IKE_SA", 30)
    lab.wait_both_ways(client)


def test_charon_stops_and_starts(lab, client):
    assert lab.gateway.stop() == 0
    lab.restart_gateway()
    lab.wait_both_ways(client)


def test_the_box_is_killed(lab, client):
    """The box comes back with other keys' worth of nothing: charon makes new SAs, nobody needs to dial again."""
    kill(lab.box.process)
    lab.box.start()
    lab.wait_both_ways(client, 60)
    assert lab.gateway.process.status() is None


def test_the_box_stops_and_starts(lab, client):
    assert lab.box.stop() == 0
    lab.box.start()
    lab.wait_both_ways(client, 60)


def test_both_are_killed(lab, client):
    kill(lab.box.process)
    kill(lab.gateway.process)
    lab.box.start()
    lab.restart_gateway()
    lab.wait_both_ways(client, 60)
