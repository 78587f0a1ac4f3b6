# SPDX-License-Identifier: BSD-3-Clause
"""The tests' own ESP agrees with scapy's: neither knows of lib/."""

import esp
import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.ipsec import ESP, SecurityAssociation
from scapy.packet import Raw

CRYPT = {esp.AES_GCM16: "AES-GCM", esp.CHACHA20: "CHACHA20-POLY1305", esp.AES_CBC: "AES-CBC", esp.NULL: "NULL"}
AUTH = {esp.SHA1_96: "HMAC-SHA1-96", esp.SHA256_128: "SHA2-256-128", esp.SHA512_256: "SHA2-512-256",
        esp.NO_INTEGRITY: None}
SPI, SEQ, HIGH = 0x12345678, 77, 5
INNER = IP(bytes(IP(src="10.8.0.7", dst="10.1.0.20") / UDP(sport=1, dport=2) / Raw(b"oracle")))


def scapys(association):
    return SecurityAssociation(ESP, SPI, crypt_algo=CRYPT[association.suite.encryption],
                               crypt_key=association.encryption_key, auth_algo=AUTH[association.suite.integrity],
                               auth_key=association.integrity_key or None,
                               tunnel_header=IP(src="1.1.1.1", dst="2.2.2.2"),
                               esn_en=association.esn, esn=HIGH if association.esn else 0)


# scapy leaves the high half of the sequence number out of ESP's HMAC, so ESN is compared for AEAD alone.
@pytest.mark.parametrize("suite, esn", [(name, False) for name in esp.SUITES] +
                         [(name, True) for name, suite in esp.SUITES.items() if suite.is_aead])
def test_esp_agrees_with_scapy(suite, esn):
    ours = esp.Association(suite, "oracle", esn, SPI)
    theirs = scapys(ours)
    seq = SEQ | (HIGH << 32 if esn else 0)
    sealed = theirs.encrypt(INNER, seq_num=SEQ)
    assert ours.open(bytes(sealed)[20:], HIGH) == (bytes(INNER), seq, esp.IP_IN_IP)
    opened = theirs.decrypt(IP(bytes(IP(src="1.1.1.1", dst="2.2.2.2", proto=50) / Raw(ours.seal(INNER, seq)))))
    assert bytes(opened) == bytes(INNER)
