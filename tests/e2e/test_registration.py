# SPDX-License-Identifier: BSD-3-Clause
"""Registration as mobiles on the wire see it (RFC 5944 section 3.8, RFC 5265 section 4.3)."""

import time

import mip
import plan
import pytest
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw


def bindings(rig):
    """Home addresses that have a binding."""
    return {binding["home_address"] for binding in rig.box.bindings()}


def remaining(rig, mobile):
    """Seconds that the only binding of a mobile has left."""
    return rig.box.binding(mobile.home)["care_of"][0]["remaining_sec"]


def test_accepted_with_a_co_located_care_of_address(rig):
    mobile = rig.x_mobile()
    reply = mobile.exchange(lifetime=300)
    assert (reply.code, reply.home, reply.agent) == (0, mobile.home, plan.X_HA)
    assert 0 < reply.lifetime <= 300
    assert reply.get(mip.TNC) is None, "the x-HA never proves an inside"
    assert mobile.home in bindings(rig)


def test_registrations_are_counted_by_their_outcome(rig):
    before = rig.box.ask("/homeport/stats")["x_ha"]
    mobile = rig.x_mobile()
    mobile.exchange()
    mobile.exchange()
    mobile.exchange(identification=1)
    service = rig.box.binding(mobile.home)["service"]
    mobile.deregister()
    after = rig.box.ask("/homeport/stats")["x_ha"]
    counted = {name: count - before.get(name, 0) for name, count in after.items() if count != before.get(name, 0)}
    expected = {"requests": 4, "accepted_first": 1, "accepted_renewal": 1, "accepted_deregistration": 1,
                "denied_renewal": 1, "denied_code_133": 1}
    assert {name: counted.get(name) for name in expected} == expected
    assert (service["accepted"], service["denied"], service["denied_code"]) == (2, 1, 133)
    assert service["accepted_time"] >= int(time.time()) - 60 and service["served_sec"] <= 60


def test_lifetime_is_cut_to_the_maximum_and_never_raised(rig):
    mobile = rig.x_mobile()
    assert mobile.exchange(lifetime=0xffff).lifetime == plan.LIFETIME_MAX
    assert mobile.exchange(lifetime=17).lifetime == 17


def test_a_repeated_request_does_not_extend_the_lifetime(rig, eventually):
    mobile = rig.x_mobile()
    message = mobile.request(lifetime=100)
    assert mobile.exchange(message).code == 0
    eventually(lambda: remaining(rig, mobile) <= 98, "lifetime running down")
    mobile.send(message)
    mobile.reply()
    assert remaining(rig, mobile) <= 98


def test_one_care_of_address_too_many_is_answered_135(rig):
    home = rig.x_mobile().home
    mobiles = [rig.x_mobile(home) for _ in range(plan.SIMULTANEOUS_MAX + 1)]
    codes = [mobile.exchange(flags=mip.S | mip.D | mip.T).code for mobile in mobiles]
    assert codes == [0] * plan.SIMULTANEOUS_MAX + [135]
    assert mobiles[0].exchange(flags=mip.S | mip.D | mip.T).code == 0, "a renewal is not one more"
    assert len(rig.box.binding(home)["care_of"]) == plan.SIMULTANEOUS_MAX


def test_deregistration_deletes_all_bindings(rig):
    mobile = rig.x_mobile()
    mobile.register()
    mobile.deregister()
    assert mobile.home not in bindings(rig)


def test_deregistration_of_one_care_of_address_keeps_the_other(rig):
    first = rig.x_mobile()
    second = rig.x_mobile(first.home)
    assert first.exchange(flags=mip.S | mip.D | mip.T).code == 0
    assert second.exchange(flags=mip.S | mip.D | mip.T).code == 0
    assert second.exchange(lifetime=0).code == 0
    assert [care_of["care_of_address"] for care_of in rig.box.binding(first.home)["care_of"]] == [first.care_of]


def test_a_binding_expires_by_itself_and_nothing_is_sent(rig, eventually):
    mobile = rig.x_mobile()
    assert mobile.exchange(lifetime=1).lifetime == 1
    assert mobile.home in bindings(rig)
    eventually(lambda: mobile.home not in bindings(rig), "binding expired")
    rig.nothing_forwarded()


@pytest.mark.parametrize("algorithm", sorted(plan.SPECIAL_ALGORITHMS))
def test_every_algorithm_authenticates(rig, algorithm):
    mobile = rig.x_mobile(plan.SPECIAL_ALGORITHMS[algorithm], association=plan.special_association(algorithm))
    assert mobile.exchange().code == 0


def test_wrong_key_is_answered_131(rig):
    mobile = rig.x_mobile()
    honest = mobile.association
    mobile.association = mip.Association(key=b"not the right key")
    before = rig.box.ask("/homeport/stats")["violations"]
    mobile.send(mobile.request())
    reply = mobile.reply()
    assert reply.code == 131 and reply.lifetime == 0
    assert reply.is_authentic(honest), "RFC 5944: a 131 reply is authenticated itself"
    assert mobile.home not in bindings(rig)
    violation = [entry for entry in rig.box.ctl("security") if entry["home_address"] == mobile.home]
    assert [(entry["reason"], entry["source"], entry["count"]) for entry in violation] == \
        [("bad-authenticator", mobile.source, 1)]
    after = rig.box.ask("/homeport/stats")["violations"]
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == \
        {"all": 1, "bad_authenticator": 1}


def test_unknown_spi_is_answered_131(rig):
    mobile = rig.x_mobile()
    honest = mobile.association
    mobile.association = mip.Association(spi=9999)
    mobile.send(mobile.request())
    reply = mobile.reply()
    assert reply.code == 131 and reply.is_authentic(honest)


def test_replayed_request_is_answered_133(rig):
    mobile = rig.x_mobile()
    message = mobile.request()
    assert mobile.exchange(message).code == 0
    mobile.exchange()
    mobile.send(message)
    reply = mobile.reply()
    assert reply.code == 133 and reply.is_authentic(mobile.association)


def test_clock_far_off_is_answered_133_with_the_boxs_time(rig):
    mobile = rig.x_mobile()
    reply = mobile.exchange(identification=mip.ntp_now(-100))
    assert reply.code == 133
    assert abs((reply.identification >> 32) - (mip.ntp_now() >> 32)) <= 2
    assert mobile.home not in bindings(rig)


def test_nonces_go_round(rig):
    mobile = rig.x_mobile(plan.NONCE_HOME)
    first = mobile.exchange(identification=0x1234567800000001)
    assert first.code == 133, "the first nonce can only be guessed"
    second = mobile.exchange(identification=(first.identification >> 32) << 32 | 2)
    assert second.code == 0
    third = mobile.exchange(identification=(second.identification >> 32) << 32 | 3)
    assert third.code == 0
    assert mobile.exchange(identification=(second.identification >> 32) << 32 | 4).code == 133, "used before"


@pytest.mark.parametrize("tail", [bytes([mip.NAI]), bytes([mip.NAI, 200]) + b"short"])
def test_truncated_extension_is_answered_134(rig, tail):
    mobile = rig.x_mobile()
    message = mobile.request() + tail
    mobile.send(message)
    reply = mobile.reply()
    assert reply.code == 134 and reply.is_authentic(mobile.association)


def test_udp_tunnel_request_with_reserved_bits_is_answered_134(rig):
    mobile = rig.x_mobile()
    assert mobile.exchange(extensions=mip.udp_request(reserved3=1)).code == 134


def test_udp_tunnel_request_without_d_is_answered_134(rig):
    mobile = rig.x_mobile()
    assert mobile.exchange(flags=mip.T, extensions=mip.udp_request()).code == 134


def test_unknown_home_agent_address_is_answered_136(rig):
    mobile = rig.x_mobile()
    reply = mobile.exchange(agent="198.51.100.99")
    assert reply.code == 136 and reply.agent == plan.X_HA


def test_home_agent_discovery_by_subnet_broadcast_is_answered_136(rig):
    mobile = rig.x_mobile()
    mobile.send(mobile.request(agent="203.0.113.255"), destination="203.0.113.255")
    reply = mobile.reply(source=plan.X_HA)
    assert reply.code == 136 and reply.agent == plan.X_HA and reply.is_authentic(mobile.association)


def test_mobile_unknown_to_this_agent_gets_no_answer(rig):
    stranger = rig.x_mobile(plan.STRANGER_HOME)
    with rig.drops_exactly({"reg-no-association": 1}):
        stranger.send(stranger.request())
    rig.nothing_forwarded()


def test_critical_vendor_extension_is_answered_140(rig):
    mobile = rig.x_mobile()
    vendor = mip.long_extension(mip.CVSE, 0, bytes.fromhex("0000000900010000"))
    assert mobile.exchange(extensions=vendor).code == 140


def test_critical_vendor_extension_of_the_foreign_agent_is_answered_141(rig):
    mobile = rig.x_mobile(care_of=plan.FOREIGN_AGENT)
    vendor = mip.long_extension(mip.CVSE, 0, bytes.fromhex("0000000900010000"))
    message = mip.authenticate(mobile.request(flags=mip.T) + vendor, plan.FA_ASSOCIATION, mip.FA_HA)
    assert mobile.exchange(message).code == 141


def test_normal_vendor_extension_is_skipped(rig):
    mobile = rig.x_mobile()
    assert mobile.exchange(extensions=mip.extension(mip.NVSE, bytes.fromhex("0000000000090001"))).code == 0


def test_unknown_skippable_extension_is_skipped(rig):
    mobile = rig.x_mobile()
    assert mobile.exchange(extensions=mip.extension(250, b"anything")).code == 0


def test_zero_care_of_address_is_refused(rig):
    mobile = rig.x_mobile()
    assert mobile.exchange(care_of="0.0.0.0").code == 134


def test_through_a_foreign_agent_with_its_own_authenticator(rig):
    mobile = rig.x_mobile(care_of=plan.FOREIGN_AGENT)
    message = mip.authenticate(mobile.request(flags=mip.T), plan.FA_ASSOCIATION, mip.FA_HA)
    reply = mobile.exchange(message)
    assert reply.code == 0
    assert reply.kinds()[-2:] == [mip.MN_HA, mip.FA_HA]
    assert reply.is_authentic(plan.FA_ASSOCIATION, mip.FA_HA)


def test_foreign_agent_without_its_authenticator_is_answered_132(rig):
    mobile = rig.x_mobile(care_of=plan.FOREIGN_AGENT)
    assert mobile.exchange(flags=mip.T).code == 132


def test_wrong_foreign_agent_authenticator_is_answered_132(rig):
    mobile = rig.x_mobile(care_of=plan.FOREIGN_AGENT)
    forged = mip.Association(spi=plan.FA_ASSOCIATION.spi, key=b"forged")
    assert mobile.exchange(mip.authenticate(mobile.request(flags=mip.T), forged, mip.FA_HA)).code == 132


def test_name_is_echoed_and_an_address_assigned(rig):
    mobile = rig.x_mobile("0.0.0.0", nai=plan.DYNAMIC_NAI)
    reply = mobile.exchange()
    assert reply.code == 0
    assert reply.get(mip.NAI) == plan.DYNAMIC_NAI.encode()
    assert plan.is_in_pool(reply.home) and reply.home in bindings(rig)
    again = mobile.exchange()
    assert again.home == reply.home, "the same name keeps its address"


@pytest.mark.parametrize("form", ["rfc", "short"])
def test_dynamic_home_agent_is_answered_in_the_form_it_was_asked(rig, form):
    mobile = rig.x_mobile()

    def dynamic(subtype, address):
        octets = mip.packed(address)
        if form == "rfc":
            return bytes([mip.DYNAMIC_HA, subtype, 0, 4]) + octets
        return bytes([mip.DYNAMIC_HA, 5, subtype]) + octets

    message = mip.request(mobile.home, "255.255.255.255", mobile.care_of, mip.ntp_now(), lifetime=60)
    mobile.send(mip.authenticate(message + dynamic(1, plan.X_HA), mobile.association))
    frame = mobile.link.expect_ip(lambda ip: ip.dst == mobile.care_of and UDP in ip, "reply")
    assert frame.packet[28:30] == bytes([mip.REPLY, 0])
    assert frame.packet[28 + 8:28 + 12] == mip.packed(plan.X_HA)


# silence: registrations that must not be answered, each counted for what it is


def _without_auth(mobile):
    return mip.request(mobile.home, mobile.agent, mobile.care_of, mip.ntp_now())


def _unknown_extension(mobile):
    return mobile.request(extensions=mip.extension(99, b"?"))


def _foreign_auth_of_a_stranger(mobile):
    return mip.authenticate(mobile.request(), mip.Association(spi=777), mip.FA_HA)


@pytest.mark.parametrize("message, reason", [
    (_without_auth, "reg-no-auth"),
    (_unknown_extension, "reg-unknown-extension"),
    (_foreign_auth_of_a_stranger, "reg-fa-no-association"),
    (lambda mobile: mobile.request()[:20], "reg-malformed"),
    (lambda mobile: b"", "udp-short"),
    (lambda mobile: b"\x63" + mobile.request()[1:], "reg-malformed"),
])
def test_silently_discarded(rig, message, reason):
    mobile = rig.x_mobile()
    with rig.drops_exactly({reason: 1}):
        mobile.send(message(mobile))
    rig.nothing_forwarded()
    assert mobile.home not in bindings(rig)


def test_wrong_udp_checksum_is_discarded(rig):
    mobile = rig.x_mobile()
    with rig.drops_exactly({"udp-checksum": 1}):
        rig.external.send(IP(src=mobile.source, dst=plan.X_HA) /
                          UDP(sport=434, dport=434, chksum=0x1234) / Raw(mobile.request()))
    rig.nothing_forwarded()


def test_udp_length_beyond_the_packet_is_discarded(rig):
    mobile = rig.x_mobile()
    with rig.drops_exactly({"udp-short": 1}):
        rig.external.send(IP(src=mobile.source, dst=plan.X_HA) /
                          UDP(sport=434, dport=434, len=900, chksum=0) / Raw(mobile.request()))
    rig.nothing_forwarded()


# origin decides trust


def test_i_ha_proves_the_inside_to_a_trusted_source(rig):
    mobile = rig.i_mobile()
    reply = mobile.exchange()
    assert reply.code == 0
    assert reply.get(mip.TNC) == bytes(2)
    order = reply.kinds()
    assert order.index(mip.TNC) < order.index(mip.MN_HA), "TNC is authenticated"


def test_i_ha_proves_the_inside_in_denials_too(rig):
    reply = rig.i_mobile().exchange(agent="10.1.0.99")
    assert reply.code == 136 and reply.get(mip.TNC) == bytes(2)


def test_i_ha_ignores_an_untrusted_source(rig):
    mobile = rig.i_mobile(care_of=plan.UNTRUSTED_INSIDE)
    with rig.drops_exactly({"reg-untrusted-source": 1}):
        mobile.send(mobile.request())
    rig.nothing_forwarded()
    assert plan.UNTRUSTED_INSIDE in rig.box.log(), "RFC 5265 section 4.3: such requests are logged"


@pytest.mark.parametrize("source", ["192.0.2.9", "10.4.0.9"])
def test_i_ha_cannot_be_reached_from_outside_whatever_the_source(rig, source):
    mobile = rig.i_mobile(care_of=source)
    mobile.link = rig.external
    with rig.drops_exactly({"reg-external-to-i-ha": 1}):
        mobile.send(mobile.request())
    rig.nothing_forwarded()
    assert mobile.home not in bindings(rig)


def test_x_ha_ignores_registrations_from_inside(rig):
    mobile = rig.x_mobile(care_of="10.4.0.77")
    mobile.link = rig.internal
    with rig.drops_exactly({"reg-internal-to-x-ha": 1}):
        mobile.send(mobile.request())
    rig.nothing_forwarded()


def test_port_434_of_another_address_is_no_agent(rig):
    mobile = rig.x_mobile()
    with rig.drops_exactly({"reg-no-agent": 1}):
        mobile.send(mobile.request(), destination=plan.EXTERNAL_PORT)
