# SPDX-License-Identifier: BSD-3-Clause
"""A mobile with two interfaces, `wlan0` in a hotspot without an address and `eth0` in the public network: moves between
the foreign agent and a co-located care-of address under 1,000 packets a second each way, every lost one counted."""

import pytest
from lab.namespace import wait_until
from test_mobile_handover import TwoLinks, care_of, plug_under_traffic, pull_under_traffic, track, wait_carrier
from visit_lab import HOTSPOT, VisitLab, VisitNetworks, wait_foreign


class VisitAndCable(VisitLab, TwoLinks):
    """Both."""


def prefer_the_cable(text):
    return text.replace('[ "wlan0" ]', '[ "eth0", "wlan0" ]')


@pytest.fixture(scope="module")
def lab():
    with VisitNetworks() as networks:
        yield VisitAndCable(networks)


@pytest.fixture(autouse=True)
def pulled(lab):
    yield
    lab.pull()


def test_from_the_foreign_agent_to_the_cable_nothing_is_lost(lab):
    with lab.foreign_agent(HOTSPOT), lab.visiting_mobile(HOTSPOT, prefer_the_cable) as mobile:
        wait_foreign(mobile, "x-ha", HOTSPOT)
        wait_carrier(mobile, "wlan0")
        plug_under_traffic(lab, mobile)


def test_from_a_cut_cable_to_the_foreign_agent(lab):
    lab.plug()
    with lab.foreign_agent(HOTSPOT), lab.visiting_mobile(HOTSPOT, prefer_the_cable) as mobile:
        wait_carrier(mobile, "eth0")
        wait_until(lambda: track(mobile, "wlan0")["care_of_address"] == HOTSPOT.agent, "the agent is heard")
        pull_under_traffic(lab, mobile, lambda: care_of(lab) == [HOTSPOT.agent])
        assert care_of(lab) == [HOTSPOT.agent]
