# SPDX-License-Identifier: BSD-3-Clause
"""A scripted VPN client: its IKE is done by a fake charon (fake_charon.py), its ESP by esp.py. It may sit directly
on a link, or behind an x-HA tunnel of a ScriptedMobile."""

import itertools
import struct

import esp
import fake_charon
import mip
import plan
import tunnel
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw

_spis = itertools.count(0xc0000001)
ESP_PROTOCOL, NAT_PORT = 50, 4500


def one_hop(packet):
    """The bytes of a packet after the box has forwarded it."""
    packet = IP(bytes(packet))
    packet.ttl -= 1
    del packet.chksum
    return bytes(packet)


class VpnClient:
    """A client at the outer address `address` with a tunnel inner address; `up()` installs its SAs in the box."""

    def __init__(self, rig, address, tia, suite="aes128gcm16", esn=False, port=None, carrier=None):
        self.rig, self.link, self.address, self.tia = rig, rig.external, address, tia
        self.suite, self.esn, self.port, self.carrier = suite, esn, port, carrier
        self.inside = [fake_charon.selector(plan.INSIDE)]
        self.to_box = self.from_box = None

    # IKE

    @property
    def charon(self):
        return self.rig.charon

    def up(self, lifetime=fake_charon.Lifetime(), window=64, inbound_lifetime=None):
        """Installs both SAs and the policies, as charon does."""
        seed = next(_spis)
        self.to_box = esp.Association(self.suite, ("in", seed), self.esn,
                                      self.charon.get_spi(self.address, plan.GATEWAY))
        self.from_box = esp.Association(self.suite, ("out", seed), self.esn, seed)
        self.add(self.to_box, fake_charon.INBOUND | fake_charon.UPDATE, inbound_lifetime or lifetime, window)
        self.add(self.from_box, 0, lifetime, window)
        for direction in (fake_charon.IN, fake_charon.FORWARD, fake_charon.OUT):
            self.policies(fake_charon.ADD_POLICY, direction)
        return self

    def add(self, association, flags, lifetime=fake_charon.Lifetime(), window=64):
        """Adds one SA."""
        inward = flags & fake_charon.INBOUND
        ends = (self.address, plan.GATEWAY) if inward else (plan.GATEWAY, self.address)
        ports = (self.port or 0, NAT_PORT) if inward else (NAT_PORT, self.port or 0)
        here, there = [fake_charon.selector(self.tia)], self.inside
        self.charon.request(fake_charon.ADD_SA, fake_charon.add_sa(
            *ends, association, here if inward else there, there if inward else here,
            flags | (fake_charon.UDP if self.port else 0), ports=ports if self.port else (0, 0), lifetime=lifetime,
            window=window))

    def policies(self, request, direction):
        """Adds or deletes the policies of one direction."""
        outward = direction == fake_charon.OUT
        spi = self.from_box.spi if outward else self.to_box.spi
        ends = (plan.GATEWAY, self.address) if outward else (self.address, plan.GATEWAY)
        for net in self.inside:
            sides = (net, fake_charon.selector(self.tia))
            sides = sides if outward else sides[::-1]
            self.charon.request(request, fake_charon.policy(direction, spi, *ends, *sides))

    def down(self):
        """Deletes everything, in charon's order."""
        for direction in (fake_charon.OUT, fake_charon.IN, fake_charon.FORWARD):
            self.policies(fake_charon.DEL_POLICY, direction)
        self.charon.request(fake_charon.DEL_SA, fake_charon.sa_id(self.address, plan.GATEWAY, self.to_box.spi))
        self.charon.request(fake_charon.DEL_SA, fake_charon.sa_id(plan.GATEWAY, self.address, self.from_box.spi))

    def rekey(self):
        """New SAs take over, in charon's order; returns the old ones (to the box, from the box), the inbound one still
        installed."""
        old = self.to_box, self.from_box
        seed = next(_spis)
        self.to_box = esp.Association(self.suite, ("in", seed), self.esn,
                                      self.charon.get_spi(self.address, plan.GATEWAY))
        self.add(self.to_box, fake_charon.INBOUND | fake_charon.UPDATE)
        self.policies(fake_charon.ADD_POLICY, fake_charon.IN)
        self.from_box = esp.Association(self.suite, ("out", seed), self.esn, seed)
        self.add(self.from_box, 0)
        self.policies(fake_charon.ADD_POLICY, fake_charon.OUT)
        new, self.from_box = self.from_box, old[1]
        self.policies(fake_charon.DEL_POLICY, fake_charon.OUT)
        self.from_box = new
        self.charon.request(fake_charon.DEL_SA, fake_charon.sa_id(plan.GATEWAY, self.address, old[1].spi))
        return old

    def move(self, address, port=None):
        """MOBIKE: both SAs get other addresses."""
        ports = (port or NAT_PORT, NAT_PORT)
        self.charon.update_sa((self.address, plan.GATEWAY), self.to_box.spi, (address, plan.GATEWAY), ports,
                              bool(port))
        self.charon.update_sa((plan.GATEWAY, self.address), self.from_box.spi, (plan.GATEWAY, address), ports[::-1],
                              bool(port))
        self.address, self.port = address, port

    # ESP

    def outer(self, sealed, **header):
        """The bytes of an ESP packet in the headers that lead it to the gateway."""
        packet = IP(src=self.address, dst=plan.GATEWAY, proto=ESP_PROTOCOL, **header)
        if self.port:
            packet.proto = 17
            packet /= UDP(sport=self.port, dport=NAT_PORT, chksum=0)
        return IP(bytes(packet / Raw(sealed)))

    def send(self, inner, **seal):
        """Seals a packet and sends it on its way."""
        self.send_sealed(self.to_box.seal(inner, **seal))

    def send_sealed(self, sealed, **header):
        packet = self.outer(sealed, **header)
        if self.carrier is not None:
            self.carrier.send_through_tunnel(packet)
        else:
            self.link.send(packet)

    def is_for_me(self, ip):
        if ip.src != plan.GATEWAY or ip.dst != self.address:
            return False
        if self.port:
            return ip.proto == 17 and ip[UDP].sport == NAT_PORT and ip[UDP].dport == self.port
        return ip.proto == ESP_PROTOCOL

    def receive_outer(self):
        """The next ESP packet for this client, as bytes from the IP header that the gateway gave it."""
        if self.carrier is not None:
            return bytes(tunnel.decapsulate(self.carrier.kind, self.carrier.receive().packet))
        return self.link.expect_ip(self.is_for_me, f"ESP to {self.address}").packet

    def receive(self, seq_high=0):
        """What was sealed in the next ESP packet for this client."""
        return self.open(self.receive_outer(), seq_high)

    def open(self, packet, seq_high=0):
        """Opens a packet of the gateway; fails unless each of its bytes is as it should be."""
        assert tunnel.checksums_hold(packet) and self.is_for_me(IP(packet))
        at = 28 if self.port else 20
        if self.port:
            assert struct.unpack("!H", packet[26:28])[0] == 0, "RFC 3948 section 2.1: no UDP checksum"
        inner, self.from_box.seq, next_header = self.from_box.open(packet[at:], seq_high)
        assert next_header == esp.IP_IN_IP
        return IP(inner)


class InnerMobile:
    """A mobile of the i-HA whose care-of address is a client's tunnel inner address: registration and data go through
    ESP. The mobile's tunnel is `kind` (tunnel.KINDS)."""

    def __init__(self, client, home):
        self.client, self.home, self.kind = client, home, None

    def request(self, kind="ip-in-ip", lifetime=300, extensions=b""):
        """An authenticated Registration Request; the TIA is the care-of address."""
        _, flag, encapsulation = tunnel.KINDS[kind]
        if tunnel.is_udp(kind):  # no NAT between TIA and i-HA: forced
            extensions = mip.udp_request(0x80, encapsulation) + extensions
        return mip.authenticate(mip.request(self.home, plan.I_HA, self.client.tia, mip.ntp_now(), mip.D | mip.T | flag,
                                            lifetime) + extensions, mip.Association())

    def send_request(self, message):
        self.client.send(IP(src=self.client.tia, dst=plan.I_HA) / UDP(sport=434, dport=mip.PORT) / Raw(message))

    def register(self, kind="ip-in-ip", lifetime=300):
        """Registers with the i-HA through the VPN; returns the reply, which came sealed."""
        self.send_request(self.request(kind, lifetime))
        inner = self.client.receive()
        assert (inner.src, inner.dst, inner[UDP].sport, inner[UDP].dport) == (plan.I_HA, self.client.tia, 434, 434)
        assert tunnel.checksums_hold(bytes(inner))
        reply = mip.parse(bytes(inner)[28:])
        assert reply.is_authentic(mip.Association()) and reply.code == 0, f"code {reply.code}"
        self.kind = kind
        return reply

    def send(self, inner):
        """Sends a packet of the home address through the i-HA's tunnel, through ESP."""
        self.client.send(tunnel.encapsulate(self.kind, self.client.tia, plan.I_HA, inner))

    def receive(self):
        """What the i-HA's tunnel carried in the next ESP packet."""
        carried = self.client.receive()
        assert (carried.src, carried.dst) == (plan.I_HA, self.client.tia)
        return tunnel.decapsulate(self.kind, bytes(carried))
