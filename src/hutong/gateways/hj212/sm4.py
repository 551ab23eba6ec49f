"""SM4 of HJ 212-2025: ECB without padding; what is left over after whole blocks stays plain."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hutong.kernel.errors import Invalid

BLOCK = 16


class Sm4:
    """Keys are 32 hex digits, or 16 characters."""

    def __init__(self, key: str) -> None:
        try:
            raw = bytes.fromhex(key) if len(key) == 2 * BLOCK else key.encode("ascii")
        except ValueError:
            raw = b""
        if len(raw) != BLOCK:
            raise Invalid("sm4_key", "is no key of SM4", "give 32 hex digits or 16 characters")
        self._cipher = Cipher(algorithms.SM4(raw), modes.ECB())

    def decrypt(self, data: bytes) -> bytes:
        whole = len(data) - len(data) % BLOCK
        step = self._cipher.decryptor()
        return step.update(data[:whole]) + step.finalize() + data[whole:]

    def encrypt(self, data: bytes) -> bytes:
        whole = len(data) - len(data) % BLOCK
        step = self._cipher.encryptor()
        return step.update(data[:whole]) + step.finalize() + data[whole:]
