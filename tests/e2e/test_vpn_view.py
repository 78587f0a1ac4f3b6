# SPDX-License-Identifier: BSD-3-Clause
"""What homeportctl shows of the VPN gateway, and the trace of packets that are opened and sealed."""

import plan
from test_trace import lines, trace

configure = plan.add_vpn


def spi_text(association):
    return f"{association.spi:08x}"


def delivered(rig, client):
    return rig.internal.expect_udp(client.tia, plan.CORRESPONDENT, 40001)


def test_security_associations_are_listed(rig):
    client = rig.vpn_client().up()
    client.send(rig.datagram(client.tia, plan.CORRESPONDENT))
    delivered(rig, client)
    mine = {sa["direction"]: sa for sa in rig.box.ctl("sas")["sas"] if sa["tia"] == client.tia}
    assert set(mine) == {"in", "out"}
    inbound = mine["in"]
    assert inbound["spi"] == spi_text(client.to_box) and inbound["state"] == "active"
    assert (inbound["peer_address"], inbound["packets"], inbound["bytes"]) == (client.address, 1, 36)
    assert (mine["out"]["spi"], mine["out"]["state"]) == (spi_text(client.from_box), "current")


def test_one_is_shown_with_its_other_direction(rig):
    client = rig.vpn_client().up()
    for association, other in ((client.to_box, client.from_box), (client.from_box, client.to_box)):
        for text in (spi_text(association), hex(association.spi), str(association.spi)):
            assert [sa["spi"] for sa in rig.box.ctl("sa", text)["sas"]] == [spi_text(association), spi_text(other)]


def test_summary_counts_tunnels(rig):
    before = rig.box.ctl("vpn")
    rig.vpn_client().up()
    after = rig.box.ctl("vpn")
    assert [after[key] - before[key] for key in ("tunnels", "inbound", "outbound", "sas")] == [1, 1, 1, 2]
    assert after["address"] == plan.GATEWAY and after["charon"]["connected"] == 1


def test_packets_are_followed_through_security_associations(rig):
    client = rig.vpn_client(port=rig.nat_port()).up()
    with trace(rig, client.address, "--count", "1") as process:
        client.send(rig.datagram(client.tia, plan.CORRESPONDENT))
        delivered(rig, client)
        opened, = lines(process)
    assert f"open [{client.tia}:40000 > {plan.CORRESPONDENT}:40001 udp 36] admit " in opened
    assert opened.endswith("send internal")
    with trace(rig, client.tia, "--count", "1") as process:
        rig.internal.send(rig.datagram(plan.CORRESPONDENT, client.tia))
        client.receive()
        sealed, = lines(process)
    assert f"push [{plan.GATEWAY}:4500 > {client.address}:{client.port} udp " in sealed
    assert "seal" in sealed and sealed.endswith("send external")


def test_a_replay_is_explained(rig):
    client = rig.vpn_client().up()
    packet = client.to_box.seal(rig.datagram(client.tia, plan.CORRESPONDENT))
    client.send_sealed(packet)
    delivered(rig, client)
    with trace(rig, client.address, "--count", "1") as process:
        client.send_sealed(packet)
        line, = lines(process)
    assert f" external {client.address} > {plan.GATEWAY} esp " in line
    assert " open drop esp-replay: " in line
