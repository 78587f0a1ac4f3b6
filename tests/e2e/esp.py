# SPDX-License-Identifier: BSD-3-Clause
"""ESP (RFC 4303) as the far end of the box's security associations does it: an oracle that shares nothing with lib/.
test_vpn_oracle.py holds it against scapy's."""

import dataclasses
import hashlib
import hmac
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

IP_IN_IP, DUMMY = 4, 59
AES_CBC, NULL, AES_GCM16, CHACHA20 = 12, 11, 20, 28  # IKEv2 transform numbers
AEAD = {AES_GCM16: AESGCM, CHACHA20: ChaCha20Poly1305}
SHA1_96, SHA256_128, SHA512_256, NO_INTEGRITY = 2, 12, 14, 1024
DIGESTS = {SHA1_96: (hashlib.sha1, 12), SHA256_128: (hashlib.sha256, 16), SHA512_256: (hashlib.sha512, 32)}


class EspError(Exception):
    """The packet is not what it should be."""


@dataclasses.dataclass(frozen=True)
class Suite:
    """Algorithms by their IKEv2 numbers, and sizes in octets."""

    encryption: int
    key_size: int  # without salt
    integrity: int = NO_INTEGRITY

    @property
    def is_aead(self):
        return self.encryption in AEAD

    @property
    def salt_size(self):
        return 4 if self.is_aead else 0

    @property
    def integrity_key_size(self):
        return 0 if self.is_aead else DIGESTS[self.integrity][0]().digest_size

    @property
    def iv_size(self):
        return {AES_CBC: 16, NULL: 0}.get(self.encryption, 8)

    @property
    def icv_size(self):
        return 16 if self.is_aead else DIGESTS[self.integrity][1]

    @property
    def align(self):
        return 16 if self.encryption == AES_CBC else 4


SUITES = {
    "aes128gcm16": Suite(AES_GCM16, 16),
    "aes192gcm16": Suite(AES_GCM16, 24),
    "aes256gcm16": Suite(AES_GCM16, 32),
    "chacha20poly1305": Suite(CHACHA20, 32),
    "aes128-sha1": Suite(AES_CBC, 16, SHA1_96),
    "aes256-sha1": Suite(AES_CBC, 32, SHA1_96),
    "aes128-sha256": Suite(AES_CBC, 16, SHA256_128),
    "aes256-sha256": Suite(AES_CBC, 32, SHA256_128),
    "aes128-sha512": Suite(AES_CBC, 16, SHA512_256),
    "aes256-sha512": Suite(AES_CBC, 32, SHA512_256),
    "null-sha1": Suite(NULL, 0, SHA1_96),
    "null-sha256": Suite(NULL, 0, SHA256_128),
    "null-sha512": Suite(NULL, 0, SHA512_256),
}


class Association:
    """One direction: keys, SPI, the last sequence number that was sealed."""

    def __init__(self, suite, seed, esn=False, spi=0):
        self.suite, self.esn, self.spi, self.seq = SUITES[suite], esn, spi, 0
        material = hashlib.shake_256(repr((suite, seed)).encode()).digest(128)
        self.encryption_key = material[:self.suite.key_size + self.suite.salt_size]
        self.integrity_key = material[64:64 + self.suite.integrity_key_size]

    def seal(self, inner, seq=None, next_header=IP_IN_IP, padding=None, pad_len=None):
        """An ESP packet, from SPI to ICV. Without `seq` it is the next one; `padding` may be anything, and so may the
        length that is said of it."""
        if seq is None:
            self.seq = seq = self.seq + 1
        data = bytes(inner)
        if padding is None:
            padding = bytes(range(1, 1 + -(len(data) + 2) % self.suite.align))
        data += padding + bytes([len(padding) if pad_len is None else pad_len, next_header])
        header = struct.pack("!II", self.spi, seq & 0xffffffff)
        iv = hashlib.sha256(struct.pack("!Q", seq)).digest()[:self.suite.iv_size]
        if self.suite.is_aead:
            key, salt = self.encryption_key[:-4], self.encryption_key[-4:]
            sealed = AEAD[self.suite.encryption](key).encrypt(salt + iv, data, self._associated(header, seq))
            return header + iv + sealed
        if self.suite.encryption == AES_CBC:
            cipher = Cipher(algorithms.AES(self.encryption_key), modes.CBC(iv)).encryptor()
            data = cipher.update(data) + cipher.finalize()
        return header + iv + data + self._icv(header + iv + data, seq)

    def open(self, packet, seq_high=0):
        """(inner packet, sequence number, next header) of an ESP packet; EspError unless all of it is right.
        `seq_high`: the high half of its sequence number, with ESN."""
        spi, low = struct.unpack("!II", packet[:8])
        if spi != self.spi:
            raise EspError(f"SPI {spi:#x} instead of {self.spi:#x}")
        seq = (seq_high << 32 if self.esn else 0) | low
        header, iv = packet[:8], packet[8:8 + self.suite.iv_size]
        body = packet[8 + self.suite.iv_size:]
        if self.suite.is_aead:
            key, salt = self.encryption_key[:-4], self.encryption_key[-4:]
            try:
                data = AEAD[self.suite.encryption](key).decrypt(salt + iv, body, self._associated(header, seq))
            except InvalidTag as error:
                raise EspError("wrong ICV") from error
        else:
            data, icv = body[:-self.suite.icv_size], body[-self.suite.icv_size:]
            if icv != self._icv(packet[:-self.suite.icv_size], seq):
                raise EspError("wrong ICV")
            if self.suite.encryption == AES_CBC:
                cipher = Cipher(algorithms.AES(self.encryption_key), modes.CBC(iv)).decryptor()
                data = cipher.update(data) + cipher.finalize()
        pad_len, next_header = data[-2], data[-1]
        if len(data) % self.suite.align:
            raise EspError("not a multiple of the block")
        payload, padding = data[:len(data) - 2 - pad_len], data[len(data) - 2 - pad_len:-2]
        if padding != bytes(range(1, 1 + pad_len)) or pad_len >= self.suite.align:
            raise EspError(f"padding {padding.hex()}")
        return payload, seq, next_header

    def _associated(self, header, seq):
        """RFC 4106 section 5: with ESN the high half stands between SPI and sequence number."""
        return header[:4] + struct.pack("!Q", seq) if self.esn else header

    def _icv(self, data, seq):
        """RFC 4303 section 2.2.1: with ESN the high half is authenticated behind the packet."""
        digest, size = DIGESTS[self.suite.integrity]
        tail = struct.pack("!I", seq >> 32) if self.esn else b""
        return hmac.new(self.integrity_key, data + tail, digest).digest()[:size]
