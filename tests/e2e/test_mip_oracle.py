# SPDX-License-Identifier: BSD-3-Clause
"""The registration oracle of these tests, against vectors computed elsewhere."""

import mip

REQUEST = "012207080a0100070a010001ac100509e4a1b2c312345678"
AUTHENTICATOR = "201400000100fd37ab51020b9100603e1722303d7b14"
WITH_NAI = ("012207080a0100070a010001ac100509e4a1b2c312345678830f6d6e31406578616d706c652e636f6d9006000000000000"
            "201400000100bfb81dc9b4936f22386b9e349194f9a4")
ACCEPTED = ("030007080a0100070a010001e4a1b2c312345678830f6d6e31406578616d706c652e636f6d2c0600000000006e95020000"
            "2014000001004dd31e0e2f13ab2d7258d22317e1e5b9")
FOREIGN_AUTHENTICATOR = "22140000012cb59c2751033b25cc545f186bcd465c2b"
MISMATCH = "038500000a0100070a010001e4a1b30012345678201400000100a8c3622b65ef02325d74224218a8b360"

MN_HA = mip.Association()
FA_HA = mip.Association(spi=300, key=bytes(range(16, 32)))


def request():
    return mip.request("10.1.0.7", "10.1.0.1", "172.16.5.9", 0xe4a1b2c312345678, lifetime=1800)


def test_request_is_the_vector():
    assert request().hex() == REQUEST
    assert mip.authenticate(request(), MN_HA).hex() == REQUEST + AUTHENTICATOR


def test_request_with_name_and_udp_tunnel_is_the_vector():
    message = request() + mip.extension(mip.NAI, b"mn1@example.com") + mip.udp_request()
    assert mip.authenticate(message, MN_HA).hex() == WITH_NAI


def test_foreign_agents_authenticator_is_the_vector():
    message = mip.authenticate(request(), MN_HA)
    assert mip.authenticate(message, FA_HA, mip.FA_HA).hex() == REQUEST + AUTHENTICATOR + FOREIGN_AUTHENTICATOR


def test_replies_are_taken_apart():
    accepted = mip.parse(bytes.fromhex(ACCEPTED))
    assert (accepted.code, accepted.lifetime, accepted.home, accepted.agent) == (0, 1800, "10.1.0.7", "10.1.0.1")
    assert accepted.kinds() == [mip.NAI, mip.UDP_REPLY, mip.TNC, mip.MN_HA]
    assert accepted.is_authentic(MN_HA)
    mismatch = mip.parse(bytes.fromhex(MISMATCH))
    assert mismatch.code == 133 and mismatch.is_authentic(MN_HA)


def test_a_changed_octet_is_noticed():
    raw = bytearray.fromhex(ACCEPTED)
    raw[3] ^= 1
    assert not mip.parse(bytes(raw)).is_authentic(MN_HA)
