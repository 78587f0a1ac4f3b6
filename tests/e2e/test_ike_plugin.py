# SPDX-License-Identifier: BSD-3-Clause
"""charon with our plugin, between a box that is none and a mobile's charon that knows nothing of it."""

import os
import re
import shutil
import signal
import socket
import struct

import pytest
from ike_fake_box import FakeBox
from ike_wire import (FORWARD, IN, INBOUND, MAGIC, OUT, UDP, UPDATE, Expire, Mapping, SaId, Selector, Status, Type,
                      Use, message)
from lab.charon import HOMEPORT_PLUGIN, PLUGINS, Charon, homeport_plugin
from lab.namespace import LabError, Network, wait_until

GATEWAY, MOBILE, TIA = "198.51.100.3", "203.0.113.7", "10.8.0.1"
GATEWAY_BYTES, MOBILE_BYTES = socket.inet_aton(GATEWAY), socket.inet_aton(MOBILE)
NEW_PORT = struct.pack("!H", 4501)
LOCAL_NET = Selector(0x0A010000, 0x0A01FFFF, 0, 65535, 0)
TIA_HOST = Selector(0x0A080001, 0x0A080001, 0, 65535, 0)

SECRETS = """
secrets {
    ike-both {
        id-1 = mobile.example
        id-2 = gateway.example
        secret = only-a-test-0123456789
    }
}
"""
GATEWAY_CONNECTIONS = SECRETS + """
connections {
    vpn {
        version = 2
        local_addrs = 198.51.100.3
        pools = tia
        proposals = aes256gcm16-prfsha256-ecp256
        local { auth = psk
            id = gateway.example }
        remote { auth = psk
            id = mobile.example }
        children {
            net {
                local_ts = 10.1.0.0/16
                esp_proposals = aes256gcm16
                replay_window = 128
                rekey_time = 1h
            }
        }
    }
}
pools { tia { addrs = 10.8.0.0/24 } }
"""
MOBILE_CONNECTIONS = SECRETS + """
connections {
    home {
        version = 2
        local_addrs = 203.0.113.7
        remote_addrs = 198.51.100.3
        vips = 0.0.0.0
        proposals = aes256gcm16-prfsha256-ecp256
        local { auth = psk
            id = mobile.example }
        remote { auth = psk
            id = gateway.example }
        children {
            net {
                remote_ts = 10.1.0.0/16
                esp_proposals = aes256gcm16
                rekey_time = 0
            }
        }
    }
}
"""


class Parties:
    """A fake box, charon beside it, and a mobile at the other end of a cable."""

    def __init__(self, network):
        outside, inside, mobile = (network.namespace(name) for name in ("box", "charon", "mobile"))
        network.cable(outside, "out", mobile, "eth0")
        outside.ip("addr", "add", GATEWAY + "/24", "dev", "out")
        outside.ip("route", "add", "203.0.113.0/24", "dev", "out")
        mobile.ip("addr", "add", MOBILE + "/24", "dev", "eth0")
        mobile.ip("route", "add", "198.51.100.0/24", "dev", "eth0")
        self.box = FakeBox(outside, network.directory / "ike.sock", GATEWAY)
        network.on_close(self.box.close)
        self.gateway = Charon(inside, "gateway", GATEWAY_CONNECTIONS, "gateway", ike_socket=self.box.path)
        self.mobile = Charon(mobile, "roamer", MOBILE_CONNECTIONS)

    def negotiate(self):
        try:
            self.mobile.initiate()
        except LabError as error:
            raise LabError(f"{error}\n{self.gateway.log()[-6000:]}\n{self.mobile.log()[-3000:]}") from error

    def inbound(self):
        """The inbound SAs that the box has now."""
        return [sa for sa in self.box.sas.values() if sa.flags & INBOUND]


def forget(charon, connection):
    """Ends its IKE SAs, whether or not the other side still answers."""
    charon.swanctl("--terminate", "--ike", connection, "--force", "--timeout", "1", check=False)
    wait_until(lambda: not charon.sas(), f"{charon.name} to forget {connection}")


@pytest.fixture(scope="module")
def lasting():
    with Network() as network:
        parties = Parties(network)
        parties.box.start()
        parties.gateway.start()
        parties.mobile.start()
        yield parties


@pytest.fixture
def parties(lasting):
    """One negotiated pair of SAs; afterwards the mobile takes its leave."""
    lasting.box.answers.clear()
    lasting.box.start()
    lasting.box.forget()
    lasting.negotiate()
    lasting.box.wait(lambda: len(lasting.box.of_type(Type.ADD_POLICY)) == 3, "three policies")
    yield lasting
    assert lasting.gateway.process.status() is None, lasting.gateway.log()[-3000:]
    lasting.box.answers.clear()
    forget(lasting.mobile, "home")
    wait_until(lambda: not lasting.gateway.sas(), "charon to see that")


def test_what_charon_asks_at_first(parties):
    kinds = [kind for kind, _ in parties.box.requests]
    assert kinds == [Type.GET_SPI, Type.ADD_SA, Type.ADD_SA] + 3 * [Type.ADD_POLICY]
    inbound, outbound = parties.box.of_type(Type.ADD_SA)
    assert (inbound.src, inbound.dst) == (MOBILE_BYTES, GATEWAY_BYTES)
    assert (outbound.src, outbound.dst) == (GATEWAY_BYTES, MOBILE_BYTES)
    assert inbound.flags & (INBOUND | UPDATE | UDP) == INBOUND | UPDATE | UDP
    assert outbound.flags & (INBOUND | UPDATE | UDP) == UDP
    for sa in (inbound, outbound):
        assert (sa.encryption, sa.integrity, sa.encryption_key_size, sa.integrity_key_size) == (20, 0, 36, 0)
        assert sa.encryption_key[:36] != bytes(36) and sa.encryption_key[36:] == bytes(28)
        assert sa.peer.rstrip(b"\0") == b"mobile.example"
        assert sa.replay_window == 128
        assert sa.hard_sec > sa.soft_sec > 3000
        assert (sa.src_port, sa.dst_port) == (struct.pack("!H", 4500), struct.pack("!H", 4500))
        assert (sa.src_selector_count, sa.dst_selector_count) == (1, 1)
    assert Selector.unpack(inbound.src_selectors[:16]) == TIA_HOST
    assert Selector.unpack(inbound.dst_selectors[:16]) == LOCAL_NET
    assert outbound.src_selectors == inbound.dst_selectors
    policies = {policy.direction: policy for policy in parties.box.of_type(Type.ADD_POLICY)}
    assert {way: policy.spi for way, policy in policies.items()} == {
        IN: inbound.spi, FORWARD: inbound.spi, OUT: outbound.spi}
    assert Selector.unpack(policies[OUT].dst_selector) == TIA_HOST
    assert (policies[OUT].src, policies[OUT].dst) == (GATEWAY_BYTES, MOBILE_BYTES)


def test_expiry_has_charon_rekey(parties):
    old = parties.inbound()[0]
    parties.box.forget()
    parties.box.tell(Type.EXPIRE, Expire(old.spi, old.dst, 0))
    parties.box.wait(lambda: old.spi not in parties.box.sas, "the old SA to go")
    kinds = [kind for kind, _ in parties.box.requests]
    come = [kinds.index(kind) for kind in (Type.GET_SPI, Type.ADD_SA, Type.ADD_POLICY, Type.DEL_POLICY, Type.DEL_SA)]
    assert come == sorted(come)
    new = [policy for policy in parties.box.of_type(Type.ADD_POLICY) if policy.direction == OUT]
    gone = [policy for policy in parties.box.of_type(Type.DEL_POLICY) if policy.direction == OUT]
    assert [policy.spi in parties.box.sas for policy in new + gone] == [True, False]
    assert len(parties.inbound()) == 1


def test_hard_expiry_ends_the_child(parties):
    old = parties.inbound()[0]
    parties.box.forget()
    parties.box.tell(Type.EXPIRE, Expire(old.spi, old.dst, 1))
    parties.box.wait_for(Type.DEL_SA, 2)


def test_use_is_told(parties):
    parties.box.use = Use(1234, 7, 1)
    assert "1234 bytes" in parties.gateway.swanctl("--list-sas")


def test_a_mapping_moves_both_sas(parties):
    """The peer's NAT has another port for it."""
    inbound, outbound = parties.box.of_type(Type.ADD_SA)
    parties.box.tell(Type.MAPPING, Mapping(inbound.spi, GATEWAY_BYTES, MOBILE_BYTES, NEW_PORT))
    moves = {move.spi: move for move in parties.box.wait_for(Type.UPDATE_SA, 2)}
    for sa in (inbound, outbound):
        assert (moves[sa.spi].src, moves[sa.spi].dst) == (sa.src, sa.dst)
        assert moves[sa.spi].is_udp == 1
    assert (moves[inbound.spi].new_src, moves[inbound.spi].new_src_port) == (MOBILE_BYTES, NEW_PORT)
    assert (moves[outbound.spi].new_dst, moves[outbound.spi].new_dst_port) == (MOBILE_BYTES, NEW_PORT)


def test_a_move_that_the_box_refuses_ends_in_a_rekey(parties):
    inbound = parties.inbound()[0]
    parties.box.forget()
    parties.box.answers[Type.UPDATE_SA] = Status.UNKNOWN
    parties.box.tell(Type.MAPPING, Mapping(inbound.spi, GATEWAY_BYTES, MOBILE_BYTES, NEW_PORT))
    parties.box.wait_for(Type.GET_SPI)


def test_a_new_box_has_every_sa_rekeyed(parties):
    old = parties.inbound()[0]
    parties.box.stop()
    parties.box.forget()
    parties.box.start(epoch=parties.box.epoch + 1)
    parties.box.wait(lambda: parties.inbound() and len(parties.box.of_type(Type.ADD_POLICY)) == 3, "new SAs")
    assert not parties.box.of_type(Type.SYNC_BEGIN)
    assert parties.inbound()[0].spi != old.spi
    parties.box.wait(lambda: old.spi in [sa.spi for sa in parties.box.of_type(Type.DEL_SA)], "its deletion")


def test_the_same_box_is_told_what_there_is(parties):
    sas = {sa.spi for sa in parties.box.sas.values()}
    parties.box.stop()
    parties.box.forget()
    parties.box.start()
    parties.box.wait_for(Type.SYNC_END)
    kinds = [kind for kind, _ in parties.box.requests]
    assert kinds == [Type.HELLO, Type.SYNC_BEGIN, Type.SYNC_SA, Type.SYNC_SA, Type.SYNC_END]
    assert {sa.spi for sa in parties.box.of_type(Type.SYNC_SA)} == sas


def test_what_the_box_does_not_know_is_rekeyed(parties):
    old = parties.inbound()[0]
    parties.box.stop()
    parties.box.forget()
    parties.box.answers[Type.SYNC_SA] = lambda sa: Status.UNKNOWN if sa.spi == old.spi else Status.OK
    parties.box.start()
    parties.box.wait_for(Type.ADD_SA, 2)
    assert old.spi not in [sa.spi for sa in parties.inbound() if sa is not old]


def test_what_was_deleted_without_a_box_is_not_named(parties):
    parties.box.stop()
    forget(parties.gateway, "vpn")
    parties.box.forget()
    parties.box.start()
    parties.box.wait_for(Type.SYNC_END)
    assert not parties.box.of_type(Type.SYNC_SA)


def test_an_unanswered_request_has_both_compare(parties):
    old = parties.inbound()[0]
    parties.box.forget()
    parties.box.answers[Type.GET_SPI] = None
    parties.box.tell(Type.EXPIRE, Expire(old.spi, old.dst, 0))
    parties.box.wait_for(Type.GET_SPI)
    parties.box.wait_for(Type.SYNC_END)
    assert "no answer to a request" in parties.gateway.log()


def test_late_and_doubled_replies_are_ignored(parties):
    for request_id in (1, 2, 3, 0xFFFFFFFF):
        for status in (Status.OK, Status.FAILED):
            parties.box.say(message(Type.REPLY, request_id, status))
    parties.box.use = Use(4321, 7, 1)
    assert "4321 bytes" in parties.gateway.swanctl("--list-sas")


def test_garbage_is_ignored(parties):
    expire = message(Type.EXPIRE, content=Expire(parties.inbound()[0].spi, GATEWAY_BYTES, 0).pack())
    for data in (b"x", bytes(16), os.urandom(64), expire[:-1], expire + b"x", message(99),
                 struct.pack("=I", MAGIC + 1) + expire[4:], message(Type.DATAGRAM_IN, content=bytes(12)),
                 message(Type.DATAGRAM_IN, content=bytes(12) + struct.pack("=I", 9) + b"short"),
                 message(Type.DATAGRAM_IN, content=bytes(12) + struct.pack("=I", 20000) + bytes(20000)),
                 message(Type.REPLY, 0, 0), message(Type.REPLY, 1, 77), message(Type.REPLY, 1, 0, bytes(3))):
        parties.box.say(data)
    parties.box.use = Use(5555, 7, 1)
    assert "5555 bytes" in parties.gateway.swanctl("--list-sas")
    assert "that is not valid" in parties.gateway.log()


def test_a_refused_sa_leaves_no_child(parties):
    parties.box.answers[Type.ADD_SA] = Status.FULL
    parties.box.forget()
    old = parties.inbound()[0]
    parties.box.tell(Type.EXPIRE, Expire(old.spi, old.dst, 0))
    parties.box.wait_for(Type.ADD_SA)
    parties.box.wait(lambda: parties.box.of_type(Type.DEL_SA), "charon to take back what it was refused")
    assert SaId(old.src, old.dst, old.spi) not in parties.box.of_type(Type.DEL_SA)


def test_a_box_of_another_user_is_refused(parties):
    parties.box.stop()
    parties.box.forget()
    parties.box.start(uid=65534)
    wait_until(lambda: "held by another user" in parties.gateway.log(), "charon to complain")
    assert not parties.box.requests
    parties.box.stop()
    parties.box.start()
    parties.box.wait_for(Type.SYNC_END)


def test_a_hung_box_does_not_hang_charon(parties):
    """As when it is stopped: it accepts and says nothing."""
    parties.box.stop()
    parties.box.answers = dict.fromkeys(Type)
    parties.box.start()
    parties.box.forget()
    parties.box.wait_for(Type.HELLO, 2)
    assert "vpn" in parties.gateway.swanctl("--list-sas")
    parties.box.answers.clear()
    parties.box.wait_for(Type.SYNC_END)


def test_a_second_kernel_is_complained_of(huge_pages):
    """Ours is loaded second: charon would program the kernel."""
    with Network() as network:
        charon = Charon(network.namespace("late"), "late", SECRETS, "gateway", ike_socket="/nowhere")
        settings = charon.directory / "strongswan.conf"
        settings.write_text(settings.read_text().replace(" homeport ", " kernel-netlink socket-default homeport "))
        charon.start()
        assert "kernel-ipsec of another plugin" in charon.log()


def test_a_plugin_for_another_version_is_not_loaded(huge_pages):
    with Network() as network:
        charon = Charon(network.namespace("other"), "other", SECRETS, "gateway", ike_socket="/nowhere")
        folder = shutil.copytree(PLUGINS, charon.directory / "plugins")
        text = homeport_plugin().read_bytes()
        version = re.search(rb"\0(\d+\.\d+\.\d+)\0", text)[1]
        (folder / HOMEPORT_PLUGIN).write_bytes(text.replace(version + b"\0", version[:-1] + b"x\0"))
        charon.launch()
        assert charon.process.wait() != 0
        assert f"homeport: built for strongSwan {version[:-1].decode()}x, which this is not" in charon.log()


def test_charon_ends_when_told_to(lasting):
    lasting.gateway.process.signal(signal.SIGTERM)
    assert lasting.gateway.process.wait() == 0
