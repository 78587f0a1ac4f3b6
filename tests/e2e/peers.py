# SPDX-License-Identifier: BSD-3-Clause
"""A scripted mobile: registers, opens what the box sends it, and sends through its tunnel."""

import mip
import plan
import tunnel
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw


class ScriptedMobile:
    """One mobile node with a co-located care-of address. Fields may be changed between registrations."""

    def __init__(self, link, home, agent, care_of, association=None, nai=None):
        self.link, self.home, self.agent, self.care_of = link, home, agent, care_of
        self.association = association or mip.Association()
        self.nai = nai
        self.source, self.port = care_of, mip.PORT  # what the box sees; a NAT makes them differ
        self.kind = None

    # registration

    def request(self, flags=mip.D | mip.T, lifetime=300, extensions=b"", identification=None, **fields):
        """An authenticated Registration Request."""
        message = mip.request(fields.get("home", self.home), fields.get("agent", self.agent),
                              fields.get("care_of", self.care_of),
                              mip.ntp_now() if identification is None else identification, flags, lifetime)
        if self.nai is not None:
            message += mip.extension(mip.NAI, self.nai.encode())
        return mip.authenticate(message + extensions, self.association)

    def send(self, message, destination=None):
        """Sends a message to the home agent's registration port."""
        self.link.send(IP(src=self.source, dst=destination or self.agent) /
                       UDP(sport=self.port, dport=mip.PORT) / Raw(message))

    def reply(self, source=None):
        """The next message from the home agent, taken apart. Its sender and ports are checked."""
        frame = self.link.expect_ip(lambda ip: ip.dst == self.source and ip.proto == 17 and
                                    ip[UDP].dport == self.port and not is_tunnel_data(ip),
                                    f"registration reply to {self.source}:{self.port}")
        assert frame.ip.src == (source or self.agent) and frame.ip[UDP].sport == mip.PORT
        assert tunnel.checksums_hold(frame.packet)
        return mip.parse(frame.packet[28:])

    def exchange(self, message=None, **fields):
        """Sends a request and returns the reply, whose authenticator and identification are checked."""
        message = message or self.request(**fields)
        self.send(message)
        reply = self.reply()
        assert reply.is_authentic(self.association), "the reply's authenticator is wrong"
        assert reply.identification & 0xffffffff == mip.parse(message).identification & 0xffffffff
        return reply

    def register(self, kind="ip-in-ip", flags=mip.D | mip.T, lifetime=300, extensions=b"", udp_flags=0):
        """Registers with the encapsulation `kind`; fails unless it is granted."""
        _, flag, encapsulation = tunnel.KINDS[kind]
        if tunnel.is_udp(kind):
            extensions = mip.udp_request(udp_flags, encapsulation) + extensions
        reply = self.exchange(flags=flags | flag, lifetime=lifetime, extensions=extensions)
        assert reply.code == 0, f"code {reply.code}"
        if tunnel.is_udp(kind):
            assert reply.get(mip.UDP_REPLY)[1] == 0, "the UDP tunnel was declined"
        self.kind = kind
        return reply

    def deregister(self):
        """Deletes all of its bindings."""
        reply = self.exchange(lifetime=0, care_of=self.home)
        assert reply.code == 0 and reply.lifetime == 0
        return reply

    # traffic

    def behind_nat(self, address, port):
        """From now on a NAT shows the box this address and port."""
        self.source, self.port = address, port
        return self

    def send_through_tunnel(self, inner, **outer):
        """Sends a packet to the home agent in the tunnel that was registered."""
        self.link.send(self.in_tunnel(inner, **outer))

    def in_tunnel(self, inner, **outer):
        return tunnel.encapsulate(self.kind, self.source, self.agent, inner, (self.port, mip.PORT), outer)

    def expected(self, inner, **outer):
        """What must arrive here when the box tunnels `inner` (as it left the last hop, TTL not yet lowered)."""
        inner = IP(bytes(inner))
        inner.ttl -= 1
        del inner.chksum
        inner = IP(bytes(inner))
        if not self.kind.startswith("minimal"):
            outer.setdefault("ttl", plan.BOX_TTL)
        return tunnel.encapsulate(self.kind, self.agent, self.source, inner, (mip.PORT, self.port), outer)

    def is_from_tunnel(self, ip):
        """Whether a packet is the box's tunnel to this mobile."""
        if ip.src != self.agent or ip.dst != self.source:
            return False
        if tunnel.is_udp(self.kind):
            return ip.proto == 17 and ip[UDP].dport == self.port and is_tunnel_data(ip)
        return ip.proto == tunnel.KINDS[self.kind][0]

    def receive(self):
        """The next packet out of the tunnel, as a frame (outermost header first)."""
        return self.link.expect_ip(self.is_from_tunnel, f"{self.kind} tunnel packet to {self.source}")

    def expect_tunnelled(self, inner, **outer):
        """Fails unless the box's next tunnel packet is byte for byte what it must be (but for its ID)."""
        ours, theirs = tunnel.same_but_id(self.expected(inner, **outer), self.receive().packet)
        assert theirs.hex() == ours.hex()


def is_tunnel_data(ip):
    """Whether a UDP packet is MIP Tunnel Data (RFC 3519) rather than a message."""
    payload = bytes(ip)[28:]
    return ip.proto == 17 and payload[:1] == bytes([mip.TUNNEL_DATA])
