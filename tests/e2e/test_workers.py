# SPDX-License-Identifier: BSD-3-Clause
"""Three workers: whichever of them a packet lands on, the result is the same."""

import mip
import plan
import pytest
import tunnel
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw

WORKERS = 3
FLOWS = 48


def spread(rig, mobile, count=FLOWS):
    """Packets of many flows to a mobile: the kernel hashes them to the workers' queues."""
    return [IP(bytes(IP(src=f"10.3.{flow}.{flow + 1}", dst=mobile.home, id=flow) /
                     UDP(sport=40000 + flow, dport=41000 + flow) / Raw(b"flow"))) for flow in range(count)]




@pytest.mark.parametrize("kind", list(tunnel.KINDS))
def test_flows_to_the_mobile_on_every_worker(wide_rig, kind):
    rig = wide_rig
    mobile = rig.x_mobile()
    if tunnel.is_udp(kind):
        mobile.care_of = "192.168.1.10"
        mobile.behind_nat(mobile.source, rig.nat_port())
    mobile.register(kind)
    packets = spread(rig, mobile)
    with rig.drops_exactly({}):
        for packet in packets:
            rig.internal.send(packet)
        expected = {tunnel.same_but_id(mobile.expected(packet), bytes(mobile.expected(packet)))[0][20:]
                    for packet in packets}
        got = {mobile.receive().packet[20:] for _ in packets}
    assert got == expected


@pytest.mark.parametrize("kind", list(tunnel.KINDS))
def test_flows_from_many_mobiles_on_every_worker(wide_rig, kind):
    rig = wide_rig
    mobiles = [rig.x_mobile() for _ in range(6)]
    for mobile in mobiles:
        if tunnel.is_udp(kind):
            mobile.care_of = "192.168.1.10"
            mobile.behind_nat(mobile.source, rig.nat_port())
        mobile.register(kind)
    packets = [(mobile, rig.datagram(mobile.home, plan.CORRESPONDENT, f"flow {flow}".encode()))
               for mobile in mobiles for flow in range(8)]
    with rig.drops_exactly({}):
        for mobile, packet in packets:
            mobile.send_through_tunnel(packet)
        got = sorted((frame.ip.src, bytes(frame.ip[UDP].payload)) for frame in
                     [rig.internal.expect_ip(lambda ip: ip.dst == plan.CORRESPONDENT, "packet") for _ in packets])
    assert got == sorted((mobile.home, bytes(packet[UDP].payload)) for mobile, packet in packets)


def test_all_workers_take_part(wide_rig):
    rig = wide_rig
    mobile = rig.x_mobile()
    mobile.register()
    before = rig.packets_by_worker()
    assert len(before) == WORKERS
    for packet in spread(rig, mobile):
        rig.internal.send(packet)
    for _ in range(FLOWS):
        mobile.receive()
    after = rig.packets_by_worker()
    assert all(after[worker] > before[worker] for worker in before), f"before {before}, after {after}"


def test_registrations_on_any_worker(wide_rig):
    rig = wide_rig
    for _ in range(12):
        mobile = rig.x_mobile()
        mobile.port = rig.nat_port()
        assert mobile.exchange().code == 0
        mobile.kind = "ip-in-ip"
        mobile.expect_tunnelled(rig.to_mobile(mobile))


def test_a_move_is_seen_by_all_workers_at_once(wide_rig):
    rig = wide_rig
    mobile = rig.x_mobile()
    for care_of in ("192.0.2.231", "192.0.2.232", "192.0.2.233"):
        mobile.care_of = mobile.source = care_of
        mobile.register()
        packets = spread(rig, mobile)
        for packet in packets:
            rig.internal.send(packet)
        for _ in packets:
            mobile.receive()
        rig.nothing_forwarded()


def test_simultaneous_bindings_on_every_worker(wide_rig):
    rig = wide_rig
    first = rig.x_mobile()
    second = rig.x_mobile(first.home)
    for mobile in (first, second):
        mobile.register(flags=mip.S | mip.D | mip.T)
    packets = spread(rig, first)
    for packet in packets:
        rig.internal.send(packet)
    for mobile in (first, second):
        for _ in packets:
            mobile.receive()
    rig.nothing_forwarded()


def test_spoofed_sources_are_counted_once_each(wide_rig):
    rig = wide_rig
    mobile = rig.x_mobile()
    mobile.register()
    with rig.drops_exactly({"tunnel-wrong-source": FLOWS}):
        for flow in range(FLOWS):
            rig.external.send(tunnel.encapsulate("ip-in-ip", f"192.0.3.{flow + 1}", plan.X_HA,
                                                 rig.datagram(mobile.home, plan.CORRESPONDENT)))
    rig.nothing_forwarded()
