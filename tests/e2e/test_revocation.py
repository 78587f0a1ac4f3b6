# SPDX-License-Identifier: BSD-3-Clause
"""Registration revocation, RFC 3543, both ways."""

import time

import mip
import plan
import pytest
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw


def stamp():
    """Low 32 bits of a timestamp, as revocation IDs are."""
    return int(time.time() + 2208988800) & 0xffffffff


def support(inform=False):
    """The Revocation Support extension."""
    return mip.extension(mip.REVOCATION_SUPPORT, bytes([0x80 if inform else 0, 0]) + stamp().to_bytes(4, "big"))


@pytest.fixture
def direct(rig):
    """A mobile with a co-located care-of address that negotiated revocation with the home agent."""
    mobile = rig.x_mobile()
    reply = mobile.exchange(extensions=support())
    assert reply.code == 0
    assert reply.get(mip.REVOCATION_SUPPORT) is not None
    assert reply.kinds().index(mip.REVOCATION_SUPPORT) < reply.kinds().index(mip.MN_HA)
    mobile.kind = "ip-in-ip"
    return mobile


@pytest.fixture
def relayed(rig):
    """A mobile behind a foreign agent that negotiated revocation."""
    mobile = rig.x_mobile(care_of=plan.FOREIGN_AGENT)
    reply = mobile.exchange(mip.authenticate(mobile.request(flags=mip.T) + support(), plan.FA_ASSOCIATION, mip.FA_HA))
    assert reply.code == 0
    kinds = reply.kinds()
    assert kinds.index(mip.MN_HA) < kinds.index(mip.REVOCATION_SUPPORT) < kinds.index(mip.FA_HA)
    mobile.kind = "ip-in-ip"
    return mobile


def send(rig, source, message):
    """Sends a revocation message to the x-HA."""
    rig.external.send(IP(src=source, dst=plan.X_HA) / UDP(sport=434, dport=434) / Raw(message))


def next_message(rig, destination, kind):
    """The next message of this type from the x-HA, taken apart."""
    frame = rig.external.expect_ip(lambda ip: ip.dst == destination and ip.proto == 17 and
                                   bytes(ip)[28] == kind, f"message of type {kind}")
    assert frame.ip.src == plan.X_HA and frame.ip[UDP].sport == 434
    return mip.parse(frame.packet[28:])


def is_bound(rig, mobile):
    return any(binding["home_address"] == mobile.home for binding in rig.box.bindings())


def test_the_operator_revokes(rig, relayed):
    assert is_bound(rig, relayed)
    rig.box.ctl("revoke", relayed.home)
    message = next_message(rig, plan.FOREIGN_AGENT, mip.REVOCATION)
    assert (message.home, message.agent) == (relayed.home, plan.X_HA)
    assert message.raw[12:16] == mip.packed(plan.FOREIGN_AGENT)
    assert message.code & 0x8000, "A: direction"
    assert message.is_authentic(plan.FA_ASSOCIATION, mip.FA_HA)
    assert abs(message.revocation_id - stamp()) < 10
    assert not is_bound(rig, relayed)
    with rig.drops_exactly({}):
        send(rig, plan.FOREIGN_AGENT, mip.authenticate(mip.revocation_ack(relayed.home, message.revocation_id),
                                                       plan.FA_ASSOCIATION, mip.FA_HA))
    rig.nothing_forwarded()


def test_revocation_is_repeated_until_it_is_acknowledged(rig, relayed):
    rig.box.ctl("revoke", relayed.home)
    first = next_message(rig, plan.FOREIGN_AGENT, mip.REVOCATION)
    second = next_message(rig, plan.FOREIGN_AGENT, mip.REVOCATION)
    assert second.revocation_id > first.revocation_id, "each with a timestamp of its own"
    assert second.is_authentic(plan.FA_ASSOCIATION, mip.FA_HA)
    send(rig, plan.FOREIGN_AGENT, mip.authenticate(mip.revocation_ack(relayed.home, second.revocation_id),
                                                   plan.FA_ASSOCIATION, mip.FA_HA))


def test_the_operator_revokes_a_direct_mobile(rig, direct):
    rig.box.ctl("revoke", direct.home)
    message = next_message(rig, direct.care_of, mip.REVOCATION)
    assert message.is_authentic(direct.association)
    send(rig, direct.care_of, mip.authenticate(mip.revocation_ack(direct.home, message.revocation_id),
                                               direct.association))
    assert not is_bound(rig, direct)


def test_the_foreign_agent_revokes(rig, relayed):
    revocation_id = stamp() + 1
    send(rig, plan.FOREIGN_AGENT, mip.authenticate(
        mip.revocation(relayed.home, plan.X_HA, plan.FOREIGN_AGENT, revocation_id, flags=0), plan.FA_ASSOCIATION,
        mip.FA_HA))
    ack = next_message(rig, plan.FOREIGN_AGENT, mip.REVOCATION_ACK)
    assert (ack.home, ack.revocation_id) == (relayed.home, revocation_id)
    assert ack.is_authentic(plan.FA_ASSOCIATION, mip.FA_HA)
    assert not is_bound(rig, relayed)


@pytest.mark.parametrize("spoil", ["key", "stale"])
def test_a_revocation_that_is_forged_or_stale_changes_nothing(rig, relayed, spoil):
    association = mip.Association(300, b"forged") if spoil == "key" else plan.FA_ASSOCIATION
    revocation_id = stamp() - 1000 if spoil == "stale" else stamp() + 1
    with rig.drops_exactly({"revocation-invalid": 1}):
        send(rig, plan.FOREIGN_AGENT, mip.authenticate(
            mip.revocation(relayed.home, plan.X_HA, plan.FOREIGN_AGENT, revocation_id, flags=0), association,
            mip.FA_HA))
    assert is_bound(rig, relayed)
    rig.nothing_forwarded()
