# SPDX-License-Identifier: BSD-3-Clause
"""A mobile with two interfaces, `wlan0` in a hotspot without an address and `eth0` in the public network: moves between
the foreign agent and a co-located care-of address under 1,000 packets a second each way, every lost one counted."""

import time

import pytest
from lab.namespace import wait_until
from test_mobile_handover import ADDRESSES, TwoLinks, a_while, care_of, track, wait_carrier
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
        streams = lab.streams()
        a_while(mobile)
        lab.plug()
        wait_carrier(mobile, "eth0")
        wait_until(lambda: care_of(lab) == [ADDRESSES["eth0"]], "the old care-of address given back")
        a_while(mobile)
        for report in lab.finish(streams):
            assert report["sent"] > 500 and report["lost"] == []


def test_from_a_cut_cable_to_the_foreign_agent(lab):
    lab.plug()
    with lab.foreign_agent(HOTSPOT), lab.visiting_mobile(HOTSPOT, prefer_the_cable) as mobile:
        wait_carrier(mobile, "eth0")
        wait_until(lambda: track(mobile, "wlan0")["care_of_address"] == HOTSPOT.agent, "the agent is heard")
        streams = lab.streams()
        a_while(mobile)
        cut = time.monotonic()
        lab.pull()
        wait_until(lambda: track(mobile, "wlan0").get("carries") and care_of(lab) == [HOTSPOT.agent],
                   "the Wi-Fi carrying, and the home agent knowing it")
        accepted = time.monotonic()
        a_while(mobile)
        for report in lab.finish(streams):
            # what left a moment before the cut may have been under way
            assert all(cut - 0.5 <= sent <= accepted for sent in report["lost"])
        assert care_of(lab) == [HOTSPOT.agent]
