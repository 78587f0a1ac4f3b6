# SPDX-License-Identifier: BSD-3-Clause
"""Three workers: an SA has one owner, whichever worker its packets land on."""

import esp
import fake_charon
import plan
import pytest
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw
from vpn_peers import one_hop

configure = plan.add_vpn
FLOWS = 48


def spread(dst, count=FLOWS):
    """Packets of many flows: the kernel hashes them to the workers' queues."""
    return [IP(bytes(IP(src=f"10.3.{flow}.{flow + 1}", dst=dst, id=flow) /
                     UDP(sport=40000 + flow, dport=41000 + flow) / Raw(b"flow"))) for flow in range(count)]


def receive_all(client, count):
    """What came, sealed once each; sequence numbers are 1 to count."""
    first = client.from_box.seq
    opened, numbers = [], []
    for _ in range(count):
        opened.append(bytes(client.receive()))
        numbers.append(client.from_box.seq)
    assert sorted(numbers) == list(range(min(numbers), min(numbers) + count)) and min(numbers) > first
    return sorted(opened)


@pytest.mark.parametrize("suite", ["aes256gcm16", "aes128-sha256"])
def test_flows_to_a_client_on_every_worker(wide_rig, suite):
    rig = wide_rig
    client = rig.vpn_client(suite=suite).up()
    packets = spread(client.tia)
    with rig.drops_exactly({}):
        for packet in packets:
            rig.internal.send(packet)
        assert receive_all(client, FLOWS) == sorted(one_hop(packet) for packet in packets)


def test_flows_from_a_client_on_every_worker(wide_rig):
    """The same SA in and out of UDP, from many ports: every worker meets it, and its window is one."""
    rig = wide_rig
    client = rig.vpn_client(port=4500).up(window=1024)
    packets = [rig.datagram(client.tia, plan.CORRESPONDENT, f"flow {flow}".encode()) for flow in range(FLOWS)]
    with rig.drops_exactly({"esp-replay": FLOWS}):
        sealed = [client.to_box.seal(packet) for packet in packets]
        for _ in range(2):
            for number, packet in enumerate(sealed):
                client.port = 20000 + number
                client.send_sealed(packet)
        got = sorted(rig.internal.expect_ip(lambda ip: ip.src == client.tia, "packet").packet for _ in packets)
    assert got == sorted(one_hop(packet) for packet in packets)


def test_many_clients(wide_rig):
    rig = wide_rig
    suites = list(esp.SUITES)
    clients = [rig.vpn_client(suite=suites[n % len(suites)], esn=bool(n & 1),
                              port=rig.nat_port() if n & 2 else None).up() for n in range(40)]
    with rig.drops_exactly({}):
        for client in clients:
            for payload in (b"one", b"two"):
                client.send(rig.datagram(client.tia, plan.CORRESPONDENT, payload))
        got = [rig.internal.expect_ip(lambda ip: ip.dst == plan.CORRESPONDENT, "packet").ip for _ in range(80)]
        assert sorted(ip.src for ip in got) == sorted(2 * [client.tia for client in clients])
        for client in clients:
            for packet in spread(client.tia, 3):
                rig.internal.send(packet)
        for client in clients:
            receive_all(client, 3)


def test_a_rekey_is_seen_by_all_workers_at_once(wide_rig):
    rig = wide_rig
    client = rig.vpn_client().up()
    for _ in range(3):
        client.rekey()
        packets = spread(client.tia)
        for packet in packets:
            rig.internal.send(packet)
        assert len(receive_all(client, FLOWS)) == FLOWS
    rig.nothing_forwarded()


def test_moves_of_each_layer_under_traffic(wide_rig):
    """No packet is of two minds: each is as before a move or as after it."""
    rig = wide_rig
    client = rig.vpn_client().up()
    mobile = rig.inner_mobile(client)
    mobile.register()
    ways = [("192.0.2.230", None), ("192.0.2.231", 30001), ("192.0.2.232", None), ("192.0.2.233", 30002)]
    seen = {}
    for address, port in ways:
        old = client.address, client.port
        for number, packet in enumerate(spread(mobile.home)):
            rig.internal.send(packet)
            if number == FLOWS // 2:
                client.move(address, port)
        new = client.address, client.port
        for _ in range(FLOWS):
            frame = rig.external.expect_ip(lambda ip: ip.src == plan.GATEWAY, "ESP")
            way = next(way for way in (old, new) if frame.ip.dst == way[0])
            client.address, client.port = way
            carried = client.open(frame.packet)
            assert (carried.src, carried.dst, carried.proto) == (plan.I_HA, client.tia, 4)
            seen[way] = seen.get(way, 0) + 1
        client.address, client.port = new
    assert set(ways) <= set(seen)
    rig.nothing_forwarded()
    assert rig.charon.query_sa(plan.GATEWAY, client.address, client.from_box.spi).packets == client.from_box.seq


def test_hard_lifetime_is_exact(wide_rig):
    """The owner stops at the limit, not about there."""
    rig = wide_rig
    client = rig.vpn_client().up(fake_charon.Lifetime(hard_packets=20))
    for packet in spread(client.tia):
        rig.internal.send(packet)
    receive_all(client, 20)
    rig.settle()
    assert rig.external.leftover() == []
